//===- RandomGraph.cpp - graphs that nobody thought of -------------------===//
//
// Fusion, layouts, halos and the arena interact; random graphs reach
// combinations of users and producers that a table does not list. Values are
// kept near 1 so that errors neither vanish nor explode over many operators:
// weights are scaled to the size of their sums, and nothing grows without
// bound.
//
//===----------------------------------------------------------------------===//
#include "test/kernel/RandomGraph.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::test;

namespace {
class Generator {
public:
  Generator(GraphWriter &graph, uint64_t seed) : graph(graph), random(seed) {}
  void run(int64_t operators);

private:
  /// An earlier value; recent ones are more likely.
  Value any();
  /// A value of this shape, an earlier one if there is any.
  Value ofShape(Shape shape);

  Value step();
  Value convolution(Value x);
  Value depthwise(Value x);
  Value pool(Value x);
  Value unary(Value x);
  Value binary(Value x);
  Value reduction(Value x);
  Value concat(Value x);
  Value slice(Value x);
  Value pad(Value x);
  Value transpose(Value x);
  Value reshape(Value x);
  Value matrix(Value x);
  Value softmax(Value x) {
    return graph.add<edge::SoftmaxOp>(x, random.below(4));
  }

  GraphWriter &graph;
  Random random;
  SmallVector<Value> values;
};
} // namespace

Value Generator::any() {
  int64_t back = std::min(random.below(int64_t(values.size())),
                          random.below(int64_t(values.size())));
  return values[values.size() - 1 - back];
}

Value Generator::ofShape(Shape shape) {
  SmallVector<Value> fitting;
  for (Value value : values)
    if (shapeOf(value) == shape)
      fitting.push_back(value);
  if (fitting.empty())
    return graph.input(shape);
  return fitting[random.below(int64_t(fitting.size()))];
}

Value Generator::convolution(Value x) {
  Conv conv;
  conv.filters = random.pick<int64_t>({1, 3, 8, 12, 16, 17, 24});
  conv.kernel = {random.pick<int64_t>({1, 1, 3, 3, 5}),
                 random.pick<int64_t>({1, 3, 3, 2})};
  if (random.below(3) == 0)
    conv.kernel = {1, 1};
  conv.dilations = {1 + random.below(5) / 4, 1 + random.below(5) / 4};
  if (shapeOf(x)[3] % 2 == 0 && conv.filters % 2 == 0 && random.below(4) == 0)
    conv.groups = 2;
  conv.bias = random.below(3) != 0;
  for (int d : {0, 1}) {
    int64_t reach = (conv.kernel[d] - 1) * conv.dilations[d];
    conv.pads[d] = random.below(reach + 1);
    conv.pads[d + 2] = reach - conv.pads[d];
    // Never larger than the input, whatever its size.
    conv.strides[d] = shapeOf(x)[d + 1] > 3 ? 1 + random.below(4) / 3 : 1;
  }
  return conv2d(graph, x, conv);
}

Value Generator::depthwise(Value x) {
  Conv conv;
  conv.filters = conv.groups = shapeOf(x)[3];
  conv.pads = {1, 1, 1, 1};
  if (shapeOf(x)[1] > 3 && random.below(3) == 0)
    conv.strides = {2, 2};
  return conv2d(graph, x, conv);
}

Value Generator::pool(Value x) {
  int64_t pads[] = {random.below(2), random.below(2), random.below(2),
                    random.below(2)};
  int64_t window[] = {2, 2},
          strides[] = {1 + random.below(2), 1 + random.below(2)};
  for (int d : {0, 1})
    if (shapeOf(x)[d + 1] < 2)
      pads[d] = 1;
  if (random.below(2))
    return graph.add<edge::MaxPool2DOp>(x, window, strides, pads,
                                        ArrayRef<int64_t>{1, 1});
  return graph.add<edge::AvgPool2DOp>(
      x, window, strides, pads, ArrayRef<int64_t>{0, 0}, random.below(2) == 1);
}

Value Generator::unary(Value x) {
  const char *name = random.pick({"relu", "relu", "sigmoid", "tanh", "silu",
                                  "hard_swish", "abs", "neg", "erf", "floor"});
  // A step function turns a rounding error into a difference of 1.
  if (StringRef(name) == "floor")
    return graph.add<edge::ClampOp>(x, llvm::APFloat(-0.5f),
                                    llvm::APFloat(1.0f));
  return graph.named(name, x, x.getType());
}

Value Generator::binary(Value x) {
  SmallVector<int64_t> shape(shapeOf(x));
  for (size_t d = 0; d < shape.size(); ++d)
    if (random.below(4) == 0)
      shape[d] = 1;
  Value other = random.below(2) ? ofShape(shapeOf(x)) : ofShape(shape);
  if (random.below(4) == 0)
    other = graph.constant({shapeOf(x).back()});
  switch (random.below(5)) {
  case 0:
    return graph.add<edge::AddOp>(x, other);
  case 1:
    return graph.add<edge::SubOp>(other, x);
  case 2:
    return graph.add<edge::MaxOp>(x, other);
  case 3:
    return graph.add<edge::MinOp>(x, other);
  default:
    // A factor within (0, 1), so that products stay small.
    return graph.add<edge::MulOp>(x, graph.add<edge::SigmoidOp>(other));
  }
}

Value Generator::reduction(Value x) {
  SmallVector<int64_t> axes;
  for (int64_t d = 0; d < 4; ++d)
    if (random.below(2))
      axes.push_back(d);
  if (axes.empty())
    axes.push_back(3);
  if (random.below(2))
    return graph.add<edge::ReduceMeanOp>(x, axes, true);
  return graph.add<edge::ReduceMaxOp>(x, axes, true);
}

Value Generator::concat(Value x) {
  SmallVector<Value> inputs = {x};
  int64_t axis = random.pick<int64_t>({3, 3, 1, 2});
  SmallVector<int64_t> shape(shapeOf(x));
  shape[axis] = 1 + random.below(5);
  inputs.push_back(random.below(2) ? ofShape(shapeOf(x)) : ofShape(shape));
  return graph.add<edge::ConcatOp>(inputs, axis);
}

Value Generator::slice(Value x) {
  SmallVector<int64_t> offsets, sizes, strides;
  for (int64_t size : shapeOf(x)) {
    int64_t stride = size > 4 && random.below(4) == 0 ? 2 : 1;
    int64_t offset = random.below(3) ? 0 : random.below(size);
    offsets.push_back(offset);
    sizes.push_back(1 + (random.below(2) ? size - 1 - offset
                                         : random.below(size - offset)) /
                            stride);
    strides.push_back(stride);
  }
  return graph.add<edge::SliceOp>(x, offsets, sizes, strides);
}

Value Generator::pad(Value x) {
  SmallVector<int64_t> low = {0, random.below(3), random.below(2), 0};
  SmallVector<int64_t> high = {0, random.below(2), random.below(3),
                               random.below(3) / 2};
  return graph.add<edge::PadOp>(x, low, high,
                                llvm::APFloat(random.below(2) ? 0.0f : 0.5f));
}

Value Generator::transpose(Value x) {
  int64_t permutation[] = {0, 1, 2, 3};
  for (int64_t i = 3; i > 1; --i)
    std::swap(permutation[i], permutation[1 + random.below(i)]);
  return graph.add<edge::TransposeOp>(x, permutation);
}

Value Generator::reshape(Value x) {
  Shape s = shapeOf(x);
  if (random.below(2))
    return graph.reshape(x, {s[0], s[2], s[1], s[3]});
  return graph.reshape(x, {s[0], s[1] * s[2], 1, s[3]});
}

Value Generator::matrix(Value x) {
  int64_t depth = shapeOf(x).back();
  int64_t units = random.pick<int64_t>({1, 5, 16, 19});
  double size = 1.5 / std::sqrt(double(depth));
  if (random.below(2))
    return graph.add<edge::FullyConnectedOp>(
        x, graph.constant({units, depth}, {-size, size}),
        random.below(2) ? graph.constant({units}) : Value());
  return graph.add<edge::MatMulOp>(x,
                                   graph.input({depth, units}, {-size, size}));
}

Value Generator::step() {
  using Step = Value (Generator::*)(Value);
  constexpr std::pair<Step, int64_t> steps[] = {
      {&Generator::convolution, 8}, {&Generator::depthwise, 4},
      {&Generator::pool, 3},        {&Generator::unary, 8},
      {&Generator::binary, 8},      {&Generator::reduction, 2},
      {&Generator::concat, 3},      {&Generator::slice, 2},
      {&Generator::pad, 2},         {&Generator::transpose, 2},
      {&Generator::reshape, 2},     {&Generator::matrix, 2},
      {&Generator::softmax, 1}};
  int64_t total = 0;
  for (auto [step, weight] : steps)
    total += weight;
  int64_t chosen = random.below(total);
  for (auto [step, weight] : steps)
    if ((chosen -= weight) < 0)
      return (this->*step)(any());
  llvm_unreachable("a number below the sum of all weights");
}

void Generator::run(int64_t operators) {
  values.push_back(graph.input({1, 4 + random.below(8), 3 + random.below(9),
                                random.pick<int64_t>({1, 3, 8, 16, 17})}));
  for (int64_t i = 0; i < operators; ++i) {
    Value value = step();
    int64_t size = 1;
    for (int64_t d : shapeOf(value))
      size *= d;
    // Too large a value ends its branch.
    if (size <= 8192)
      values.push_back(value);
  }
  // Everything computed is an output or leads to one; some values are both.
  for (Value value : values)
    if (value.use_empty() || random.below(10) == 0)
      graph.output(value);
}

Case edgec::test::randomGraph(uint64_t seed, int64_t operators) {
  return {"random graph " + std::to_string(seed),
          [=](GraphWriter &graph) { Generator(graph, seed).run(operators); }};
}
