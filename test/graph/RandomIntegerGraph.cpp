//===- RandomIntegerGraph.cpp - quantized networks with zeros -------------===//
#include "test/graph/RandomIntegerGraph.h"
#include "dialects/edge/Integer.h"
#include "passes/graph/ConstantData.h"
#include "test/graph/ZeroChannels.h"
#include <cstring>
#include <random>

using namespace mlir;
using namespace edgec;

namespace {

class NetworkBuilder {
public:
  NetworkBuilder(MLIRContext &context, unsigned seed)
      : loc(UnknownLoc::get(&context)), b(&context), random(seed) {}

  OwningOpRef<ModuleOp> build(int size);

private:
  /// In [low, high].
  int64_t number(int64_t low, int64_t high) {
    return low + int64_t(random() % uint64_t(high - low + 1));
  }
  bool isOneOf(int64_t many) { return number(1, many) == 1; }

  RankedTensorType image(int64_t channels, Type element) {
    return RankedTensorType::get({1, 4, 4, channels}, element);
  }
  static int64_t channelsOf(Value value) {
    return cast<RankedTensorType>(value.getType()).getShape().back();
  }

  template <typename T>
  Value constant(ArrayRef<int64_t> shape, Type element,
                 llvm::function_ref<int64_t(int64_t)> numberAt) {
    auto type = RankedTensorType::get(shape, element);
    ElementsAttr elements = makeConstant(type, [&](MutableArrayRef<char> out) {
      for (int64_t i = 0; i < type.getNumElements(); ++i) {
        auto value = T(numberAt(i));
        std::memcpy(out.data() + i * sizeof(T), &value, sizeof(T));
      }
    });
    return edge::ConstantOp::create(b, loc, type, elements);
  }

  Value filter(ArrayRef<int64_t> shape);
  Value convolve(Value input, int64_t outputs);
  Value requantize(Value sums);
  Value add(Value x, Value y);
  Value table(Value x);
  Value layer();

  Location loc;
  OpBuilder b;
  std::mt19937 random;
  SmallVector<Value> values;
};

} // namespace

/// [outputs, height, width, inputs]
Value NetworkBuilder::filter(ArrayRef<int64_t> shape) {
  ZeroChannels zeros(shape, [&](int64_t many) { return isOneOf(many); });
  return constant<int8_t>(shape, b.getI8Type(), [&](int64_t i) {
    return zeros.hold(i) ? 0 : number(-9, 9);
  });
}

/// Of all channels, or depthwise if `outputs` is 0.
Value NetworkBuilder::convolve(Value input, int64_t outputs) {
  int64_t inputs = channelsOf(input), side = isOneOf(2) ? 3 : 1;
  bool isDepthwise = outputs == 0;
  outputs = isDepthwise ? inputs : outputs;
  Value weights = filter({outputs, side, side, isDepthwise ? 1 : inputs});
  Value bias = constant<int32_t>({outputs}, b.getI32Type(),
                                 [&](int64_t) { return number(-2000, 2000); });
  int64_t pad = side / 2, zero = number(-128, 127);
  return edge::IntegerConv2DOp::create(
      b, loc, image(outputs, b.getI32Type()), input, weights,
      isOneOf(4) ? Value() : bias, ArrayRef<int64_t>{1, 1},
      ArrayRef<int64_t>{pad, pad, pad, pad}, ArrayRef<int64_t>{1, 1},
      isDepthwise ? inputs : 1, isOneOf(2) ? zero : 0, /*filter_zero_point=*/0,
      zero);
}

Value NetworkBuilder::requantize(Value sums) {
  int64_t channels = channelsOf(sums);
  Type i32 = b.getI32Type();
  auto type = cast<RankedTensorType>(sums.getType());
  Value multiplier = constant<int32_t>({channels}, i32, [&](int64_t) {
    return number(int64_t(1) << 30, INT32_MAX);
  });
  Value shift =
      constant<int32_t>({channels}, i32, [&](int64_t) { return number(1, 7); });
  auto scalar = [&](int64_t value) {
    return constant<int32_t>({}, i32, [&](int64_t) { return value; });
  };
  Value scaled =
      edge::RescaleOp::create(b, loc, type, sums, multiplier, shift,
                              isOneOf(2) ? edge::Rounding::double_rounding
                                         : edge::Rounding::single_rounding);
  int64_t low = number(-128, 100);
  Value moved =
      edge::AddOp::create(b, loc, type, scaled, scalar(isOneOf(2) ? low : 3));
  Value bounded = edge::MaxOp::create(b, loc, type, moved, scalar(low));
  bounded = edge::MinOp::create(b, loc, type, bounded, scalar(127));
  return edge::CastOp::create(b, loc, image(channels, b.getI8Type()), bounded);
}

Value NetworkBuilder::add(Value x, Value y) {
  auto type = image(channelsOf(x), b.getI32Type());
  Value a = edge::CastOp::create(b, loc, type, x);
  Value c = edge::CastOp::create(b, loc, type, y);
  return requantize(edge::AddOp::create(b, loc, type, a, c));
}

Value NetworkBuilder::table(Value x) {
  Value numbers = constant<int8_t>({256}, b.getI8Type(), [&](int64_t i) {
    return std::min<int64_t>(i / 3, 60);
  });
  return edge::LookupOp::create(b, loc, x.getType(), x, numbers);
}

Value NetworkBuilder::layer() {
  Value x = values[random() % values.size()];
  switch (number(0, 5)) {
  case 0:
    return requantize(convolve(x, 0));
  case 1:
    for (Value y : values)
      if (y != x && channelsOf(y) == channelsOf(x))
        return add(x, y);
    return add(x, x);
  case 2:
    return table(x);
  default:
    return requantize(convolve(x, number(1, 7)));
  }
}

OwningOpRef<ModuleOp> NetworkBuilder::build(int size) {
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  b.setInsertionPointToEnd(module->getBody());
  Type input = image(3, b.getI8Type()), output = image(2, b.getI32Type());
  auto function = func::FuncOp::create(
      b, loc, "random", b.getFunctionType({input}, {output, output}));
  Block *body = function.addEntryBlock();
  b.setInsertionPointToEnd(body);
  values.push_back(body->getArgument(0));
  for (int i = 0; i < size; ++i)
    values.push_back(layer());
  Value first = convolve(values.back(), 2);
  Value second = convolve(values[values.size() / 2], 2);
  func::ReturnOp::create(b, loc, ValueRange{first, second});
  return module;
}

OwningOpRef<ModuleOp> test::makeRandomIntegerGraph(MLIRContext &context,
                                                   unsigned seed, int size) {
  return NetworkBuilder(context, seed).build(size);
}
