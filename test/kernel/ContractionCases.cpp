//===- ContractionCases.cpp - convolutions and matrix products -----------===//
//
// The parameters are cycled with different periods instead of crossed: after a
// few dozen rows every two of them have met, remainders of all register tiles
// included.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Blocks.h"
#include "test/kernel/Cases.h"
#include <cmath>

using namespace mlir;
using namespace edgec;
using namespace edgec::test;

std::string edgec::test::text(Shape shape) {
  return llvm::join(
      llvm::map_range(shape, [](int64_t d) { return std::to_string(d); }), "x");
}

std::string edgec::test::text(const Conv &conv) {
  return std::to_string(conv.filters) + " filters " + text(conv.kernel) +
         " strides " + text(conv.strides) + " pads " + text(conv.pads) +
         " dilations " + text(conv.dilations) + " groups " +
         std::to_string(conv.groups) + (conv.bias ? " bias" : "");
}

Value edgec::test::conv2d(GraphWriter &graph, Value x, const Conv &conv) {
  int64_t channels = shapeOf(x)[3] / conv.groups;
  double size =
      std::sqrt(3.0 / double(channels * conv.kernel[0] * conv.kernel[1]));
  Value filter = graph.constant(
      {conv.filters, conv.kernel[0], conv.kernel[1], channels}, {-size, size});
  Value bias = conv.bias ? graph.constant({conv.filters}) : Value();
  return graph.add<edge::Conv2DOp>(x, filter, bias, conv.strides, conv.pads,
                                   conv.dilations, conv.groups);
}

template <typename T>
static T cycle(std::initializer_list<T> choices, int64_t row) {
  return *(choices.begin() + row % int64_t(choices.size()));
}

using Pair = std::array<int64_t, 2>;

/// The smallest input size on which a convolution has at least one output.
static int64_t atLeast(int64_t size, int64_t kernel, int64_t dilation,
                       int64_t pads) {
  return std::max(size, (kernel - 1) * dilation + 1 - pads);
}

static Case convCase(std::vector<int64_t> shape, Conv conv) {
  for (int d : {0, 1})
    shape[d + 1] = atLeast(shape[d + 1], conv.kernel[d], conv.dilations[d],
                           conv.pads[d] + conv.pads[d + 2]);
  return {"conv2d " + text(shape) + " " + text(conv), [=](GraphWriter &graph) {
            graph.output(conv2d(graph, graph.input(shape), conv));
          }};
}

std::vector<Case> edgec::test::convolutionCases() {
  std::vector<Case> cases;
  // Pointwise: every remainder of rows and of columns.
  for (int64_t row = 0; row < 20; ++row) {
    Conv conv;
    conv.kernel = {1, 1};
    conv.filters =
        cycle<int64_t>({1, 3, 8, 12, 16, 17, 32, 33, 48, 65, 96}, row);
    conv.strides = cycle<Pair>({{1, 1}, {1, 1}, {2, 2}, {1, 1}, {1, 3}}, row);
    conv.bias = row % 3 != 0;
    cases.push_back(convCase(
        {cycle<int64_t>({1, 1, 2}, row), cycle<int64_t>({1, 7, 4, 5}, row),
         cycle<int64_t>({1, 2, 3, 5, 6, 7, 13, 14, 15, 29}, row),
         cycle<int64_t>({1, 3, 4, 8, 16, 33, 64}, row)},
        conv));
  }
  // Windows, strides, dilations, pads and groups.
  for (int64_t row = 0; row < 48; ++row) {
    Conv conv;
    conv.kernel = cycle<Pair>(
        {{3, 3}, {3, 3}, {5, 5}, {1, 7}, {7, 1}, {2, 2}, {3, 2}}, row);
    conv.strides = cycle<Pair>({{1, 1}, {2, 2}, {1, 1}, {2, 1}, {3, 3}}, row);
    conv.dilations =
        cycle<Pair>({{1, 1}, {1, 1}, {1, 1}, {2, 2}, {1, 3}, {1, 1}}, row);
    conv.pads = cycle<std::array<int64_t, 4>>(
        {{1, 1, 1, 1}, {0, 0, 0, 0}, {1, 0, 2, 1}, {2, 2, 2, 2}}, row);
    conv.groups = cycle<int64_t>({1, 1, 1, 2, 1, 4, 3}, row / 2);
    conv.filters =
        conv.groups * cycle<int64_t>({1, 2, 5, 8, 16, 17, 24, 32, 40}, row);
    conv.bias = row % 4 != 1;
    int64_t channels = conv.groups * cycle<int64_t>({1, 3, 4, 8, 17}, row);
    cases.push_back(
        convCase({row % 9 == 8 ? 2 : 1, cycle<int64_t>({5, 1, 8, 3}, row),
                  cycle<int64_t>({4, 7, 9, 14, 1, 6, 23}, row), channels},
                 conv));
  }
  // First layers of real networks: 3 channels, large strides and windows.
  cases.push_back(convCase({1, 31, 33, 3}, {64, {7, 7}, {2, 2}, {3, 3, 3, 3}}));
  cases.push_back(convCase({1, 23, 23, 3}, {32, {3, 3}, {2, 2}, {0, 0, 1, 1}}));
  cases.push_back(
      convCase({1, 27, 27, 3}, {16, {11, 11}, {4, 4}, {2, 2, 2, 2}}));
  cases.push_back(
      convCase({1, 49, 10, 1}, {64, {10, 4}, {2, 2}, {4, 1, 5, 1}}));
  // Typical inner layers.
  cases.push_back(
      convCase({1, 14, 14, 64}, {64, {3, 3}, {1, 1}, {1, 1, 1, 1}}));
  cases.push_back(convCase({1, 7, 7, 96}, {160, {3, 3}, {1, 1}, {1, 1, 1, 1}}));
  cases.push_back(
      convCase({1, 14, 14, 48}, {96, {3, 3}, {2, 2}, {1, 1, 1, 1}}));
  cases.push_back(
      convCase({1, 28, 28, 16}, {24, {3, 3}, {1, 1}, {1, 1, 1, 1}}));
  // Panels that are a good part of a cache, for few positions.
  Conv deep;
  deep.filters = 80;
  deep.pads = {1, 1, 1, 1};
  cases.push_back(convCase({1, 7, 7, 256}, deep));
  return cases;
}

std::vector<Case> edgec::test::depthwiseCases() {
  std::vector<Case> cases;
  for (int64_t row = 0; row < 36; ++row) {
    Conv conv;
    conv.kernel =
        cycle<Pair>({{3, 3}, {3, 3}, {5, 5}, {3, 1}, {7, 7}, {1, 1}}, row);
    conv.strides = cycle<Pair>({{1, 1}, {2, 2}, {1, 1}, {1, 2}, {3, 2}}, row);
    conv.dilations = cycle<Pair>(
        {{1, 1}, {1, 1}, {1, 1}, {2, 2}, {1, 1}, {2, 1}, {1, 1}}, row);
    conv.pads = cycle<std::array<int64_t, 4>>(
        {{1, 1, 1, 1}, {0, 0, 0, 0}, {0, 1, 2, 3}, {2, 2, 2, 2}}, row);
    conv.groups = cycle<int64_t>({1, 3, 8, 16, 17, 32, 24, 5, 40, 96, 7}, row);
    // A multiplier above 1 is a grouped convolution of one input channel.
    conv.filters = conv.groups * (row % 8 == 7 ? 2 : 1);
    conv.bias = row % 5 != 0;
    cases.push_back(
        convCase({row % 9 == 4 ? 2 : 1, cycle<int64_t>({6, 1, 9, 4}, row),
                  cycle<int64_t>({5, 1, 7, 8, 14, 3, 17}, row), conv.groups},
                 conv));
  }
  cases.push_back(convCase({1, 28, 28, 64},
                           {64, {3, 3}, {1, 1}, {1, 1, 1, 1}, {1, 1}, 64}));
  cases.push_back(convCase({1, 14, 14, 144},
                           {144, {3, 3}, {2, 2}, {1, 1, 1, 1}, {1, 1}, 144}));
  // More channels than go through an image together: in equal blocks, and with
  // a rest that ends within a vector.
  cases.push_back(convCase({1, 7, 7, 640},
                           {640, {3, 3}, {1, 1}, {1, 1, 1, 1}, {1, 1}, 640}));
  cases.push_back(convCase({2, 9, 6, 603},
                           {603, {5, 5}, {1, 1}, {2, 2, 2, 2}, {1, 1}, 603}));
  cases.push_back(convCase({1, 10, 11, 595},
                           {595, {3, 3}, {2, 2}, {1, 1, 1, 1}, {1, 1}, 595}));
  return cases;
}

static Case matmulCase(std::vector<int64_t> lhs, std::vector<int64_t> rhs,
                       bool constantRhs) {
  return {"matmul " + text(lhs) + " by " + text(rhs) +
              (constantRhs ? " constant" : ""),
          [=](GraphWriter &graph) {
            Value b = constantRhs ? graph.constant(rhs) : graph.input(rhs);
            graph.output(graph.add<edge::MatMulOp>(graph.input(lhs), b));
          }};
}

static Case connectedCase(std::vector<int64_t> shape, int64_t units,
                          bool bias) {
  return {"fully_connected " + text(shape) + " to " + std::to_string(units) +
              (bias ? " bias" : ""),
          [=](GraphWriter &graph) {
            Value b = bias ? graph.constant({units}) : Value();
            graph.output(graph.add<edge::FullyConnectedOp>(
                graph.input(shape), graph.constant({units, shape.back()}), b));
          }};
}

/// Weights that take less memory: halves, bytes, and numbers of 4 bits.
static Case narrowCase(std::vector<int64_t> input, std::vector<int64_t> filter,
                       const std::string &name, int64_t most) {
  return {
      "weights of " + name + " up to " + std::to_string(most) + ", " +
          text(input) + " with " + text(filter),
      [=](GraphWriter &graph) {
        OpBuilder &b = graph.builder;
        Type element = name == "f16"    ? Type(b.getF16Type())
                       : name == "bf16" ? Type(b.getBF16Type())
                                        : Type(b.getI8Type());
        auto type = RankedTensorType::get(filter, element);
        SmallVector<Attribute> numbers;
        for (int64_t i = 0; i < type.getNumElements(); ++i) {
          int64_t number = graph.random.below(2 * most + 1) - most;
          numbers.push_back(
              isa<FloatType>(element)
                  ? Attribute(b.getFloatAttr(element, double(number) / 256))
                  : b.getIntegerAttr(element, number));
        }
        Value weights = edge::ConstantOp::create(
            b, b.getUnknownLoc(), type, DenseElementsAttr::get(type, numbers));
        Value x = graph.input(input);
        if (filter.size() == 2)
          x = graph.add<edge::FullyConnectedOp>(x, weights, Value());
        else
          x = graph.add<edge::Conv2DOp>(
              x, weights, Value(), ArrayRef<int64_t>{1, 1},
              ArrayRef<int64_t>{1, 1, 1, 1}, ArrayRef<int64_t>{1, 1},
              input[3] / filter[3]);
        x = graph.add<edge::MulOp>(x, graph.constant({filter[0]}));
        graph.output(graph.add<edge::AddOp>(x, graph.constant({filter[0]})));
      }};
}

/// Weights whose blocks have scales, of bytes or numbers of 4 bits.
static Case blockCase(std::vector<int64_t> input, int64_t units, int64_t block,
                      int64_t most) {
  return {"blocks of " + std::to_string(block) + " weights up to " +
              std::to_string(most) + ", " + text(input) + " to " +
              std::to_string(units),
          [=](GraphWriter &graph) {
            OpBuilder &b = graph.builder;
            int64_t depth = input.back();
            auto type = RankedTensorType::get({units, depth}, b.getI8Type());
            SmallVector<int8_t> numbers;
            for (int64_t i = 0; i < type.getNumElements(); ++i)
              numbers.push_back(
                  int8_t(graph.random.below(2 * most + 1) - most));
            Value weights = edge::ConstantOp::create(
                b, b.getUnknownLoc(), type,
                DenseElementsAttr::get(type, ArrayRef<int8_t>(numbers)));
            Value y = graph.add<edge::BlockProductOp>(
                graph.input(input), weights,
                graph.constant({depth / block, units}, {-0.1, 0.1}));
            graph.output(graph.add<edge::AddOp>(y, graph.constant({units})));
          }};
}

std::vector<Case> edgec::test::matrixCases() {
  std::vector<Case> cases;
  for (int64_t most : {127, 7}) {
    cases.push_back(blockCase({1, 64}, 10, 32, most));
    cases.push_back(blockCase({7, 96}, 35, 32, most));
    cases.push_back(blockCase({2, 3, 256}, 70, 128, most));
    cases.push_back(blockCase({1, 3, 4, 64}, 17, 64, most));
    cases.push_back(blockCase({5, 12}, 3, 1, most));
    cases.push_back(blockCase({3, 640}, 33, 320, most));
    cases.push_back(blockCase({40}, 16, 20, most));
  }
  for (auto [name, most] : {std::pair("f16", 255), std::pair("bf16", 200),
                            std::pair("i8", 127), std::pair("i8", 7)}) {
    cases.push_back(narrowCase({1, 65}, {10, 65}, name, most));
    cases.push_back(narrowCase({7, 100}, {35, 100}, name, most));
    cases.push_back(narrowCase({3, 17}, {1, 17}, name, most));
    cases.push_back(narrowCase({1, 7, 6, 5}, {70, 3, 3, 5}, name, most));
    cases.push_back(narrowCase({1, 4, 9, 16}, {34, 3, 2, 8}, name, most));
    // Positions enough for panels to be unpacked: with an end, and without.
    cases.push_back(narrowCase({1, 6, 9, 16}, {34, 3, 2, 8}, name, most));
    cases.push_back(narrowCase({1, 5, 8, 16}, {128, 1, 1, 16}, name, most));
  }
  for (int64_t row = 0; row < 24; ++row) {
    int64_t m = cycle<int64_t>({1, 2, 5, 7, 13, 14, 15, 29}, row);
    int64_t n = cycle<int64_t>({1, 3, 8, 15, 16, 17, 33, 64, 100}, row);
    int64_t k = cycle<int64_t>({1, 2, 7, 16, 33, 100}, row / 2);
    cases.push_back(matmulCase({m, k}, {k, n}, row % 2));
    cases.push_back(connectedCase({n, k}, m * 3, row % 3));
  }
  // Batches that match, repeat on either side, or are missing.
  cases.push_back(matmulCase({3, 5, 7}, {3, 7, 9}, false));
  cases.push_back(matmulCase({3, 5, 7}, {1, 7, 9}, false));
  // Several tiles per batch, and threads that begin inside of one.
  cases.push_back(matmulCase({3, 37, 12}, {3, 12, 40}, false));
  cases.push_back(matmulCase({2, 2, 31, 6}, {2, 1, 6, 24}, false));
  cases.push_back(matmulCase({1, 5, 7}, {3, 7, 16}, false));
  cases.push_back(matmulCase({2, 1, 5, 7}, {3, 7, 9}, false));
  cases.push_back(matmulCase({2, 3, 4, 8}, {8, 17}, true));
  cases.push_back(matmulCase({2, 3, 4, 8}, {2, 3, 8, 17}, true));
  cases.push_back(matmulCase({4, 8}, {2, 3, 8, 17}, false));
  cases.push_back(matmulCase({1, 12, 20, 16}, {1, 12, 16, 20}, false));
  // Classifiers.
  cases.push_back(connectedCase({1, 512}, 1000, true));
  cases.push_back(connectedCase({1, 1, 1, 300}, 127, true));
  cases.push_back(connectedCase({2, 3, 65}, 10, true));
  cases.push_back(connectedCase({64}, 31, false));
  // Weights come from memory.
  cases.push_back(connectedCase({1, 1031}, 133, true));
  return cases;
}
