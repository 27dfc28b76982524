//===- FusionCases.cpp - neighbours that meet in or around a kernel ------===//
//
// What one operator alone cannot show: epilogues, values with several users,
// halos that a producer of every family has to write, buffers used in place,
// and the patterns of real networks.
//
//===----------------------------------------------------------------------===//
#include "test/kernel/Cases.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::test;

static const Conv padded{16, {3, 3}, {1, 1}, {1, 1, 1, 1}};

static Conv pointwise(int64_t filters) { return {filters, {1, 1}}; }

static Conv depthwise(int64_t channels,
                      std::array<int64_t, 2> strides = {1, 1}) {
  return {channels, {3, 3}, strides, {1, 1, 1, 1}, {1, 1}, channels};
}

static Value relu(GraphWriter &graph, Value x) {
  return graph.add<edge::ReluOp>(x);
}

static Value batchNorm(GraphWriter &graph, Value x) {
  int64_t c = shapeOf(x).back();
  return graph.add<edge::BatchNormOp>(
      x, graph.constant({c}, {0.5, 1.5}), graph.constant({c}),
      graph.constant({c}), graph.constant({c}, {0.5, 2.0}),
      llvm::APFloat(1e-5f), int64_t(shapeOf(x).size()) - 1);
}

static Value globalMean(GraphWriter &graph, Value x) {
  return graph.add<edge::ReduceMeanOp>(x, ArrayRef<int64_t>{1, 2}, true);
}

/// A producer of each family in front of a padded convolution, which reads the
/// halo that the producer wrote.
static std::vector<Case> haloCases() {
  using Producer = std::function<Value(GraphWriter &, Value)>;
  const std::pair<const char *, Producer> producers[] = {
      {"elementwise", [](GraphWriter &g, Value x) { return relu(g, x); }},
      {"binary",
       [](GraphWriter &g, Value x) {
         return g.add<edge::AddOp>(x, g.input(shapeOf(x)));
       }},
      {"convolution",
       [](GraphWriter &g, Value x) { return conv2d(g, x, padded); }},
      {"pointwise",
       [](GraphWriter &g, Value x) { return conv2d(g, x, pointwise(17)); }},
      {"strided",
       [](GraphWriter &g, Value x) {
         return conv2d(g, x, {24, {3, 3}, {2, 2}, {1, 1, 1, 1}});
       }},
      {"depthwise",
       [](GraphWriter &g, Value x) {
         return conv2d(g, x, depthwise(shapeOf(x)[3]));
       }},
      {"grouped",
       [](GraphWriter &g, Value x) {
         return conv2d(g, x, {24, {3, 3}, {1, 1}, {1, 1, 1, 1}, {1, 1}, 4});
       }},
      {"max pool",
       [](GraphWriter &g, Value x) {
         return g.add<edge::MaxPool2DOp>(
             x, ArrayRef<int64_t>{3, 3}, ArrayRef<int64_t>{1, 1},
             ArrayRef<int64_t>{1, 1, 1, 1}, ArrayRef<int64_t>{1, 1});
       }},
      {"average pool",
       [](GraphWriter &g, Value x) {
         return g.add<edge::AvgPool2DOp>(
             x, ArrayRef<int64_t>{2, 2}, ArrayRef<int64_t>{2, 2},
             ArrayRef<int64_t>{0, 0, 0, 0}, ArrayRef<int64_t>{0, 0}, false);
       }},
      {"concat",
       [](GraphWriter &g, Value x) {
         return g.add<edge::ConcatOp>(ValueRange{relu(g, x), x}, 3);
       }},
      {"transpose",
       [](GraphWriter &g, Value x) {
         return g.add<edge::TransposeOp>(x, ArrayRef<int64_t>{0, 2, 1, 3});
       }},
      {"slice",
       [](GraphWriter &g, Value x) {
         return g.add<edge::SliceOp>(x, ArrayRef<int64_t>{0, 1, 0, 0},
                                     ArrayRef<int64_t>{1, shapeOf(x)[1] - 2,
                                                       shapeOf(x)[2],
                                                       shapeOf(x)[3]},
                                     ArrayRef<int64_t>{1, 1, 1, 1});
       }},
      {"pad",
       [](GraphWriter &g, Value x) {
         return g.add<edge::PadOp>(x, ArrayRef<int64_t>{0, 1, 0, 0},
                                   ArrayRef<int64_t>{0, 0, 2, 0},
                                   llvm::APFloat(0.5f));
       }},
      {"softmax",
       [](GraphWriter &g, Value x) { return g.add<edge::SoftmaxOp>(x, 3); }},
      {"reduction",
       [](GraphWriter &g, Value x) {
         return g.add<edge::ReduceSumOp>(x, ArrayRef<int64_t>{3}, true);
       }},
      {"matmul",
       [](GraphWriter &g, Value x) {
         return g.add<edge::MatMulOp>(x, g.input({shapeOf(x)[3], 9}));
       }},
      {"fully connected",
       [](GraphWriter &g, Value x) {
         return g.add<edge::FullyConnectedOp>(
             x, g.constant({18, shapeOf(x)[3]}), g.constant({18}));
       }},
      {"reshape",
       [](GraphWriter &g, Value x) {
         Shape s = shapeOf(x);
         return g.reshape(relu(g, x), {s[0], s[2], s[1], s[3]});
       }},
      {"broadcast",
       [](GraphWriter &g, Value x) {
         return g.broadcast(globalMean(g, x), shapeOf(x));
       }},
      {"function input", [](GraphWriter &, Value x) { return x; }},
  };
  std::vector<Case> cases;
  for (auto [name, produce] : producers)
    for (const Conv &conv :
         {padded, Conv{9, {5, 3}, {2, 1}, {2, 0, 1, 3}, {1, 1}, 1, false}})
      cases.push_back({std::string(name) + " before conv2d " + text(conv),
                       [=, produce = produce](GraphWriter &g) {
                         Value x = g.input({1, 8, 7, 16});
                         g.output(conv2d(g, produce(g, x), conv));
                       }});
  return cases;
}

/// Each elementwise operator behind a convolution, a depthwise one, a matrix
/// product, a pool and a reduction.
static std::vector<Case> epilogueCases() {
  using Epilogue = std::function<Value(GraphWriter &, Value)>;
  std::vector<std::pair<std::string, Epilogue>> epilogues = {
      {"relu6",
       [](GraphWriter &g, Value x) {
         return g.add<edge::ClampOp>(x, llvm::APFloat(0.0f),
                                     llvm::APFloat(6.0f));
       }},
      {"residual then relu",
       [](GraphWriter &g, Value x) {
         return relu(g, g.add<edge::AddOp>(x, g.input(shapeOf(x))));
       }},
      {"itself times its sigmoid",
       [](GraphWriter &g, Value x) {
         return g.add<edge::MulOp>(x, g.add<edge::SigmoidOp>(x));
       }},
      {"per channel scale and offset",
       [](GraphWriter &g, Value x) {
         int64_t c = shapeOf(x).back();
         return g.add<edge::AddOp>(g.add<edge::MulOp>(x, g.constant({c})),
                                   g.constant({c}));
       }},
      {"scalar",
       [](GraphWriter &g, Value x) {
         return g.add<edge::SubOp>(g.scalar(0.75f), x);
       }},
      {"per position factor",
       [](GraphWriter &g, Value x) {
         SmallVector<int64_t> shape(shapeOf(x));
         shape.back() = 1;
         return g.add<edge::MulOp>(x, g.input(shape));
       }},
      {"per channel input",
       [](GraphWriter &g, Value x) {
         SmallVector<int64_t> shape(shapeOf(x).size(), 1);
         shape.back() = shapeOf(x).back();
         return g.add<edge::DivOp>(x, g.input(shape, {0.5, 2.0}));
       }},
      {"hard swish in pieces",
       [](GraphWriter &g, Value x) {
         Value three = g.scalar(3.0f);
         Value sixth = g.scalar(1.0f / 6.0f);
         Value gate =
             g.add<edge::ClampOp>(g.add<edge::AddOp>(x, three),
                                  llvm::APFloat(0.0f), llvm::APFloat(6.0f));
         return g.add<edge::MulOp>(g.add<edge::MulOp>(x, gate), sixth);
       }},
  };
  for (const char *name :
       {"tanh", "sigmoid", "gelu", "silu", "hard_swish", "exp"})
    epilogues.push_back(
        {name, [=](GraphWriter &g, Value x) {
           SmallVector<NamedAttribute> attributes;
           if (StringRef(name) == "gelu")
             attributes.push_back(g.builder.getNamedAttr(
                 "approximate", g.builder.getStringAttr("none")));
           return g.named(name, x, x.getType(), attributes);
         }});

  using Anchor = std::function<Value(GraphWriter &)>;
  const std::pair<const char *, Anchor> anchors[] = {
      {"conv2d",
       [](GraphWriter &g) { return conv2d(g, g.input({1, 6, 7, 5}), padded); }},
      {"pointwise",
       [](GraphWriter &g) {
         return conv2d(g, g.input({1, 5, 5, 8}), pointwise(19));
       }},
      {"depthwise",
       [](GraphWriter &g) {
         return conv2d(g, g.input({1, 6, 7, 18}), depthwise(18));
       }},
      {"fully connected",
       [](GraphWriter &g) {
         return g.add<edge::FullyConnectedOp>(g.input({3, 12}),
                                              g.constant({21, 12}, {-0.4, 0.4}),
                                              g.constant({21}));
       }},
      {"matmul",
       [](GraphWriter &g) {
         return g.add<edge::MatMulOp>(g.input({2, 5, 6}), g.input({2, 6, 11}));
       }},
      {"max pool",
       [](GraphWriter &g) {
         return g.add<edge::MaxPool2DOp>(
             g.input({1, 6, 6, 10}), ArrayRef<int64_t>{2, 2},
             ArrayRef<int64_t>{2, 2}, ArrayRef<int64_t>{0, 0, 0, 0},
             ArrayRef<int64_t>{1, 1});
       }},
      {"reduction",
       [](GraphWriter &g) { return globalMean(g, g.input({1, 5, 4, 23})); }},
      {"softmax",
       [](GraphWriter &g) {
         return g.add<edge::SoftmaxOp>(g.input({3, 14}), 1);
       }},
      {"transpose",
       [](GraphWriter &g) {
         return g.add<edge::TransposeOp>(g.input({1, 9, 4, 5}),
                                         ArrayRef<int64_t>{0, 2, 3, 1});
       }},
      {"concat",
       [](GraphWriter &g) {
         return g.add<edge::ConcatOp>(
             ValueRange{g.input({1, 3, 3, 5}), g.input({1, 3, 3, 9})}, 3);
       }},
  };
  std::vector<Case> cases;
  for (auto [anchorName, anchor] : anchors)
    for (auto [epilogueName, epilogue] : epilogues)
      cases.push_back(
          {std::string(anchorName) + " then " + epilogueName,
           [=, anchor = anchor, epilogue = epilogue](GraphWriter &g) {
             g.output(epilogue(g, anchor(g)));
           }});
  return cases;
}

static std::vector<Case> networkCases() {
  return {
      {"conv, batch norm, relu",
       [](GraphWriter &g) {
         g.output(
             relu(g, batchNorm(g, conv2d(g, g.input({1, 6, 6, 4}), padded))));
       }},
      {"batch norm before conv",
       [](GraphWriter &g) {
         g.output(
             conv2d(g, relu(g, batchNorm(g, g.input({1, 6, 6, 4}))), padded));
       }},
      {"batch norm alone along axis 1",
       [](GraphWriter &g) {
         Value x = g.input({2, 5, 3, 4});
         g.output(g.add<edge::BatchNormOp>(
             x, g.constant({5}, {0.5, 1.5}), g.constant({5}), g.constant({5}),
             g.constant({5}, {0.5, 2.0}), llvm::APFloat(1e-3f), 1));
       }},
      {"NCHW border around conv",
       [](GraphWriter &g) {
         Value x = g.add<edge::TransposeOp>(g.input({1, 3, 9, 8}),
                                            ArrayRef<int64_t>{0, 2, 3, 1});
         Value y = relu(g, conv2d(g, x, padded));
         g.output(g.add<edge::TransposeOp>(y, ArrayRef<int64_t>{0, 3, 1, 2}));
       }},
      {"residual block",
       [](GraphWriter &g) {
         Value x = relu(g, conv2d(g, g.input({1, 8, 8, 8}), padded));
         Value y = conv2d(g, relu(g, conv2d(g, x, padded)), padded);
         g.output(relu(g, g.add<edge::AddOp>(y, x)));
       }},
      {"sums that no second-level cache holds: panels inside of tiles",
       [](GraphWriter &g) {
         Value x = g.input({1, 57, 61, 6});
         Value sum = g.input({1, 57, 61, 104});
         Value y = conv2d(g, x, {104, {3, 3}, {1, 1}, {1, 1, 1, 1}});
         g.output(relu(g, g.add<edge::AddOp>(y, sum)));
         g.output(
             relu(g, g.add<edge::AddOp>(conv2d(g, x, pointwise(104)), sum)));
       }},
      {"inverted residual with squeeze and excitation",
       [](GraphWriter &g) {
         Value x = conv2d(g, g.input({1, 8, 8, 3}),
                          {8, {3, 3}, {1, 1}, {1, 1, 1, 1}});
         Value y = g.add<edge::HardSwishOp>(conv2d(g, x, pointwise(24)));
         y = g.add<edge::HardSwishOp>(conv2d(g, y, depthwise(24)));
         Value s = relu(g, conv2d(g, globalMean(g, y), pointwise(6)));
         s = g.add<edge::HardSigmoidOp>(conv2d(g, s, pointwise(24)),
                                        llvm::APFloat(0.2f),
                                        llvm::APFloat(0.5f));
         y = conv2d(g, g.add<edge::MulOp>(y, s), pointwise(8));
         g.output(g.add<edge::AddOp>(x, y));
       }},
      {"room between pixels read by all kinds of kernels",
       [](GraphWriter &g) {
         Value x = relu(g, conv2d(g, g.input({1, 6, 7, 4}), pointwise(256)));
         Value y = g.add<edge::HardSwishOp>(conv2d(g, x, depthwise(256)));
         Value s = conv2d(g, globalMean(g, y), pointwise(256));
         y = g.add<edge::AddOp>(g.add<edge::MulOp>(y, s), x);
         Value z = conv2d(g, y, depthwise(256, {2, 2}));
         g.output(conv2d(g, y, {8, {3, 3}, {1, 1}, {1, 1, 1, 1}}));
         g.output(conv2d(g, relu(g, z), pointwise(8)));
         g.output(g.add<edge::MaxPool2DOp>(
             z, ArrayRef<int64_t>{2, 2}, ArrayRef<int64_t>{1, 1},
             ArrayRef<int64_t>{0, 0, 0, 0}, ArrayRef<int64_t>{1, 1}));
       }},
      {"inception: branches joined",
       [](GraphWriter &g) {
         Value x = relu(g, conv2d(g, g.input({1, 7, 7, 3}), padded));
         Value a = conv2d(g, x, pointwise(5));
         Value b = conv2d(g, conv2d(g, x, pointwise(6)),
                          {7, {3, 3}, {1, 1}, {1, 1, 1, 1}});
         Value c = g.add<edge::MaxPool2DOp>(
             x, ArrayRef<int64_t>{3, 3}, ArrayRef<int64_t>{1, 1},
             ArrayRef<int64_t>{1, 1, 1, 1}, ArrayRef<int64_t>{1, 1});
         g.output(relu(g, g.add<edge::ConcatOp>(ValueRange{a, b, c}, 3)));
       }},
      {"value that is both an output and read with a halo",
       [](GraphWriter &g) {
         Value x = relu(g, conv2d(g, g.input({1, 6, 5, 3}), padded));
         g.output(x);
         g.output(conv2d(g, x, padded));
         g.output(conv2d(g, x, {8, {5, 5}, {1, 1}, {2, 2, 2, 2}}));
       }},
      {"the same value returned twice",
       [](GraphWriter &g) {
         Value x = relu(g, g.input({3, 5}));
         g.output(x);
         g.output(x);
       }},
      {"input returned as it is",
       [](GraphWriter &g) { g.output(g.input({3, 5}), Tolerance::exact()); }},
      {"constant returned",
       [](GraphWriter &g) {
         g.output(g.constant({3, 5}), Tolerance::exact());
       }},
      {"padded max pool before conv with explicit pad",
       [](GraphWriter &g) {
         Value x = g.add<edge::PadOp>(
             relu(g, g.input({1, 7, 7, 5})), ArrayRef<int64_t>{0, 1, 1, 0},
             ArrayRef<int64_t>{0, 2, 1, 0}, llvm::APFloat(0.0f));
         g.output(conv2d(g, x, {11, {3, 3}, {2, 2}}));
       }},
      {"attention head",
       [](GraphWriter &g) {
         Value x = g.input({1, 9, 16});
         auto project = [&](int64_t units) {
           return g.add<edge::FullyConnectedOp>(
               x, g.constant({units, 16}, {-0.4, 0.4}), g.constant({units}));
         };
         Value q = project(8), k = project(8), v = project(12);
         k = g.add<edge::TransposeOp>(k, ArrayRef<int64_t>{0, 2, 1});
         Value scores =
             g.add<edge::MulOp>(g.add<edge::MatMulOp>(q, k), g.scalar(0.35f));
         g.output(g.add<edge::MatMulOp>(g.add<edge::SoftmaxOp>(scores, 2), v));
       }},
      {"layer norm in pieces",
       [](GraphWriter &g) {
         Value x = g.input({2, 5, 24});
         Value mean = g.add<edge::ReduceMeanOp>(x, ArrayRef<int64_t>{2}, true);
         Value centred = g.add<edge::SubOp>(x, mean);
         Value variance = g.add<edge::ReduceMeanOp>(
             g.add<edge::MulOp>(centred, centred), ArrayRef<int64_t>{2}, true);
         Value scale = g.add<edge::RsqrtOp>(
             g.add<edge::AddOp>(variance, g.scalar(1e-5f)));
         Value y = g.add<edge::MulOp>(g.add<edge::MulOp>(centred, scale),
                                      g.constant({24}));
         g.output(g.add<edge::AddOp>(y, g.constant({24})));
       }},
      {"classifier",
       [](GraphWriter &g) {
         Value x = relu(g, conv2d(g, g.input({1, 8, 8, 3}), padded));
         x = g.reshape(globalMean(g, x), {1, 16});
         x = g.add<edge::FullyConnectedOp>(x, g.constant({10, 16}),
                                           g.constant({10}));
         g.output(g.add<edge::SoftmaxOp>(x, 1));
       }},
      {"flattened feature map",
       [](GraphWriter &g) {
         Value x = relu(g, conv2d(g, g.input({1, 6, 6, 3}), padded));
         x = g.reshape(x, {1, 6 * 6 * 16});
         g.output(g.add<edge::FullyConnectedOp>(
             x, g.constant({10, 6 * 6 * 16}, {-0.1, 0.1}), g.constant({10})));
       }},
      {"channel shuffle",
       [](GraphWriter &g) {
         Value x = relu(g, conv2d(g, g.input({1, 5, 4, 3}), padded));
         x = g.reshape(x, {1, 5, 4, 4, 4});
         x = g.add<edge::TransposeOp>(x, ArrayRef<int64_t>{0, 1, 2, 4, 3});
         x = g.reshape(x, {1, 5, 4, 16});
         g.output(conv2d(g, x, depthwise(16, {2, 2})));
       }},
  };
}

std::vector<Case> edgec::test::fusionCases() {
  std::vector<Case> cases = haloCases();
  llvm::append_range(cases, epilogueCases());
  llvm::append_range(cases, networkCases());
  return cases;
}
