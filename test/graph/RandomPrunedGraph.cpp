//===- RandomPrunedGraph.cpp - networks of floats with zeros --------------===//
#include "test/graph/RandomPrunedGraph.h"
#include "dialects/edge/Edge.h"
#include "passes/graph/ConstantData.h"
#include "test/graph/ZeroChannels.h"
#include <random>

using namespace mlir;
using namespace edgec;

namespace {

class PrunedNetwork {
public:
  PrunedNetwork(MLIRContext &context, unsigned seed)
      : loc(UnknownLoc::get(&context)), b(&context), random(seed) {}

  OwningOpRef<ModuleOp> build(int size);

private:
  int64_t below(int64_t count) { return int64_t(random() % uint64_t(count)); }
  bool isOneOf(int64_t many) { return below(many) == 0; }
  float number() {
    return std::uniform_real_distribution<float>(-0.6f, 0.6f)(random);
  }

  RankedTensorType image(int64_t channels) {
    return RankedTensorType::get({1, 4, 4, channels}, b.getF32Type());
  }
  static int64_t channelsOf(Value value) {
    return cast<RankedTensorType>(value.getType()).getShape().back();
  }

  Value constant(ArrayRef<int64_t> shape,
                 llvm::function_ref<float(int64_t)> numberAt) {
    auto type = RankedTensorType::get(shape, b.getF32Type());
    ElementsAttr elements =
        makeFloatConstant(type, [&](MutableArrayRef<float> out) {
          for (int64_t i = 0; i < type.getNumElements(); ++i)
            out[i] = numberAt(i);
        });
    return edge::ConstantOp::create(b, loc, type, elements);
  }

  Value filter(ArrayRef<int64_t> shape);
  Value bias(int64_t outputs);
  Value convolve(Value input, int64_t outputs);
  Value connect(Value input, int64_t outputs);
  Value activate(Value x);
  Value pool(Value x);
  Value gate(Value x);
  Value layer();

  Location loc;
  OpBuilder b;
  std::mt19937 random;
  SmallVector<Value> values;
};

} // namespace

/// [outputs, ..., inputs]
Value PrunedNetwork::filter(ArrayRef<int64_t> shape) {
  ZeroChannels zeros(shape, [&](int64_t many) { return isOneOf(many); });
  return constant(shape, [&](int64_t i) {
    return !zeros.hold(i) ? number() : isOneOf(2) ? 0.0f : -0.0f;
  });
}

Value PrunedNetwork::bias(int64_t outputs) {
  if (isOneOf(3))
    return Value();
  return constant({outputs}, [&](int64_t) { return number(); });
}

/// Of all channels, or depthwise if `outputs` is 0.
Value PrunedNetwork::convolve(Value input, int64_t outputs) {
  int64_t inputs = channelsOf(input), side = isOneOf(2) ? 3 : 1;
  bool isDepthwise = outputs == 0;
  outputs = isDepthwise ? inputs : outputs;
  int64_t pad = side / 2;
  Value weights = filter({outputs, side, side, isDepthwise ? 1 : inputs});
  return edge::Conv2DOp::create(
      b, loc, image(outputs), input, weights, bias(outputs),
      ArrayRef<int64_t>{1, 1}, ArrayRef<int64_t>{pad, pad, pad, pad},
      ArrayRef<int64_t>{1, 1}, isDepthwise ? inputs : 1);
}

Value PrunedNetwork::connect(Value input, int64_t outputs) {
  SmallVector<int64_t> shape(
      cast<RankedTensorType>(input.getType()).getShape());
  Value weights = filter({outputs, shape.back()});
  shape.back() = outputs;
  return edge::FullyConnectedOp::create(
      b, loc, RankedTensorType::get(shape, b.getF32Type()), input, weights,
      bias(outputs));
}

Value PrunedNetwork::activate(Value x) {
  switch (below(8)) {
  case 0:
    return edge::ClampOp::create(b, loc, x.getType(), x, APFloat(0.0f),
                                 APFloat(6.0f));
  case 1:
    return edge::HardSwishOp::create(b, loc, x);
  case 2:
    return edge::GeluOp::create(b, loc, x);
  case 3:
    return edge::SigmoidOp::create(b, loc, x);
  case 4:
    return edge::TanhOp::create(b, loc, x);
  case 5:
    return edge::MulOp::create(b, loc, x, bias(channelsOf(x)) ?: x);
  default:
    return edge::ReluOp::create(b, loc, x);
  }
}

Value PrunedNetwork::pool(Value x) {
  SmallVector<int64_t> three(2, 3), one(2, 1), pads(4, 1);
  if (isOneOf(2))
    return edge::MaxPool2DOp::create(b, loc, x, three, one, pads, one);
  return edge::AvgPool2DOp::create(b, loc, x, three, one, pads,
                                   ArrayRef<int64_t>{0, 0}, isOneOf(2));
}

/// Each channel times a function of all channels' means.
Value PrunedNetwork::gate(Value x) {
  int64_t channels = channelsOf(x);
  Value mean =
      edge::ReduceMeanOp::create(b, loc, x, ArrayRef<int64_t>{1, 2}, true);
  Value few = edge::ReluOp::create(b, loc, connect(mean, 1 + below(4)));
  Value factors = edge::SigmoidOp::create(b, loc, connect(few, channels));
  return edge::MulOp::create(b, loc, x, factors);
}

Value PrunedNetwork::layer() {
  Value x = values[below(int64_t(values.size()))];
  switch (below(8)) {
  case 0:
    return activate(convolve(x, 0));
  case 1:
    for (Value y : values)
      if (y != x && channelsOf(y) == channelsOf(x))
        return edge::AddOp::create(b, loc, x, y);
    return edge::AddOp::create(b, loc, x, x);
  case 2:
    return pool(x);
  case 3:
    return gate(x);
  case 4:
    return activate(connect(x, 1 + below(9)));
  default:
    return activate(convolve(x, 1 + below(9)));
  }
}

OwningOpRef<ModuleOp> PrunedNetwork::build(int size) {
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  b.setInsertionPointToEnd(module->getBody());
  Type input = image(3);
  auto function =
      func::FuncOp::create(b, loc, "random", b.getFunctionType({input}, {}));
  Block *body = function.addEntryBlock();
  b.setInsertionPointToEnd(body);
  values.push_back(body->getArgument(0));
  for (int i = 0; i < size; ++i)
    values.push_back(layer());
  Value last = values.back();
  auto row = RankedTensorType::get({1, 16 * channelsOf(last)}, b.getF32Type());
  Value first = connect(edge::ReshapeOp::create(b, loc, row, last), 3);
  Value second = convolve(values[values.size() / 2], 2);
  func::ReturnOp::create(b, loc, ValueRange{first, second});
  function.setFunctionType(
      b.getFunctionType({input}, {first.getType(), second.getType()}));
  return module;
}

OwningOpRef<ModuleOp> test::makeRandomPrunedGraph(MLIRContext &context,
                                                  unsigned seed, int size) {
  return PrunedNetwork(context, seed).build(size);
}
