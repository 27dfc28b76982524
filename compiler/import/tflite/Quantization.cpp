//===- Quantization.cpp - arithmetic of quantized TFLite operators --------===//
#include "compiler/import/tflite/Quantization.h"
#include "compiler/import/tflite/GraphImport.h"
#include "compiler/import/tflite/SubgraphImport.h"
#include "dialects/edge/Integer.h"
#include "targets/evaluator/HostTensor.h"
#include <cmath>

using namespace edgec;
using namespace edgec::tflite;
using llvm::ArrayRef;
using mlir::Value;

bool tflite::computesOnQuantized(const Model &model,
                                 const schema::SubGraph &graph,
                                 const schema::Operator &op) {
  auto isComputed = [&](int32_t index) {
    const schema::Tensor &tensor = *graph.tensors()->Get(index);
    return isQuantized(tensor) && model.data(tensor).empty();
  };
  return llvm::any_of(list(op.inputs()),
                      [&](int32_t i) { return i >= 0 && isComputed(i); }) ||
         llvm::any_of(list(op.outputs()), isComputed);
}

bool tflite::computesOnQuantized(const SubgraphImport &subgraph,
                                 const schema::Operator &op) {
  return computesOnQuantized(subgraph.model(),
                             subgraph.model().subgraph(subgraph.index), op);
}

Requantize tflite::requantizeFlavour(const OperatorImport &n) {
  Requantize asked = n.subgraph.graph.requantize();
  return asked == Requantize::asReference ? Requantize::doubleRounding : asked;
}

//===-- scales
//-------------------------------------------------------------===//

int64_t Quantization::quantize(float real) const {
  // With a tiny scale beyond all integers.
  constexpr float most = 0x1p40F;
  float steps = std::round(real / scale());
  return zeroPoint() + int64_t(std::clamp(steps, -most, most));
}

/// Of a tensor that is described as `what`.
static Quantization quantizationOf(OperatorImport &n,
                                   const schema::Tensor &tensor,
                                   const std::string &what,
                                   bool mayBePerChannel) {
  static constexpr float one = 1.0F;
  Quantization result;
  result.element = elementType(tensor.type(), n.builder.getContext());
  unsigned width = result.element ? result.element.getIntOrFloatBitWidth() : 0;
  // Weights were unpacked to bytes, as the reference kernels do it.
  if (width == 4 && !n.subgraph.model().data(tensor).empty()) {
    result.element = n.builder.getI8Type();
    width = 8;
  }
  bool fits = isQuantized(tensor) && (width == 8 || width == 16 || width == 32);
  if (!fits) {
    n.error() << what << " of type " << elementTypeName(tensor.type())
              << (isQuantized(tensor)
                      ? " should be of 8, 16 or 32 bits; other widths are not "
                        "supported"
                      : " should be quantized; convert the model again");
    result.element = n.builder.getI8Type();
  } else {
    const schema::Quantization &quantization = *tensor.quantization();
    result.scales = list(quantization.scale());
    ArrayRef<int64_t> points = list(quantization.zero_point());
    for (size_t i = 0; i < result.scales.size(); ++i) {
      result.zeroPoints.push_back(points.size() == 1  ? points[0]
                                  : i < points.size() ? points[i]
                                                      : 0);
    }
    result.dimension = quantization.dimension();
    if (result.isPerChannel() && !mayBePerChannel)
      n.error() << what << " has " << result.scales.size()
                << " scales, but should have one";
  }
  if (result.scales.empty()) {
    result.scales = one;
    result.zeroPoints.assign(1, 0);
  }
  evaluator::IntegerRange range = evaluator::integerRange(result.element);
  result.low = range.low;
  result.high = range.high;
  return result;
}

Quantization tflite::inputQuantization(OperatorImport &n, unsigned index,
                                       bool mayBePerChannel) {
  const schema::Tensor &tensor = n.subgraph.tensor(n.op.inputs()->Get(index));
  return quantizationOf(n, tensor, "input " + std::to_string(index),
                        mayBePerChannel);
}

Quantization tflite::resultQuantization(OperatorImport &n, unsigned index) {
  return quantizationOf(n, n.declared(index), "result " + std::to_string(index),
                        false);
}

int64_t tflite::storedZero(OperatorImport &n, unsigned index) {
  return n.isQuantized ? inputQuantization(n, index).zeroPoint() : 0;
}

bool tflite::checkSameScale(OperatorImport &n, unsigned input,
                            unsigned result) {
  Quantization from = inputQuantization(n, input),
               to = resultQuantization(n, result);
  if (n.failed())
    return false;
  if (from.element == to.element && from.scale() == to.scale() &&
      from.zeroPoint() == to.zeroPoint())
    return true;
  n.error() << "input and results have different scales, which is not "
               "supported";
  return false;
}

//===-- factors
//------------------------------------------------------------===//

FixedPointFactor tflite::fixedPoint(double factor) {
  if (factor == 0)
    return {};
  if (!std::isfinite(factor))
    return {INT32_MAX, 30};
  int shift;
  double fraction = std::frexp(factor, &shift);
  auto multiplier = int64_t(std::round(fraction * double(int64_t(1) << 31)));
  if (multiplier == int64_t(1) << 31) {
    multiplier /= 2;
    ++shift;
  }
  // Smaller ones are zero for every 32-bit number.
  if (shift < -31)
    return {};
  if (shift > 30)
    return {INT32_MAX, 30};
  return {int32_t(multiplier), shift};
}

Value tflite::integers(OperatorImport &n, ArrayRef<int32_t> numbers) {
  return wordConstant(n, numbers);
}

/// Where all are the same, one is enough.
static llvm::SmallVector<int32_t> shortened(ArrayRef<int32_t> numbers) {
  bool same = llvm::all_equal(numbers);
  return llvm::SmallVector<int32_t>(same ? numbers.take_front() : numbers);
}

Value tflite::rescale(OperatorImport &n, Value x,
                      ArrayRef<FixedPointFactor> factors) {
  llvm::SmallVector<int32_t> multipliers, left, right;
  for (FixedPointFactor factor : factors) {
    multipliers.push_back(factor.multiplier);
    left.push_back(std::max(factor.shift, 0));
    right.push_back(std::max(-factor.shift, 0));
  }
  if (llvm::any_of(left, [](int32_t shift) { return shift > 0; }))
    x = n.make<edge::ShiftLeftOp>({x, integers(n, shortened(left))});
  bool single = requantizeFlavour(n) == Requantize::singleRounding;
  auto rounding = edge::RoundingAttr::get(
      n.builder.getContext(), single ? edge::Rounding::single_rounding
                                     : edge::Rounding::double_rounding);
  return n.make<edge::RescaleOp>(
      {x, integers(n, shortened(multipliers)), integers(n, shortened(right))},
      {n.builder.getNamedAttr("rounding", rounding)});
}

/// The float product, rounded to the nearest, ties to even.
static Value rescaleReal(OperatorImport &n, Value x, ArrayRef<double> factors) {
  llvm::SmallVector<float> numbers(factors.begin(), factors.end());
  llvm::SmallVector<int64_t> shape;
  if (numbers.size() != 1)
    shape.push_back(int64_t(numbers.size()));
  Value product = n.make<edge::MulOp>(
      {n.cast(x, n.builder.getF32Type()), n.constantOf(numbers, shape)});
  return n.cast(n.make<edge::RoundEvenOp>({product}), n.builder.getI32Type());
}

Value tflite::rescale(OperatorImport &n, Value x, ArrayRef<double> factors) {
  if (requantizeFlavour(n) == Requantize::halfEven)
    return rescaleReal(n, x, factors);
  llvm::SmallVector<FixedPointFactor> fixed;
  for (double factor : factors)
    fixed.push_back(fixedPoint(factor));
  return rescale(n, x, fixed);
}

Value tflite::rescaleWide(OperatorImport &n, Value x,
                          ArrayRef<double> factors) {
  llvm::SmallVector<int64_t> multipliers, halves, shifts;
  for (double real : factors) {
    FixedPointFactor factor = fixedPoint(real);
    multipliers.push_back(factor.multiplier < 0x7FFF0000
                              ? (int64_t(factor.multiplier) + (1 << 15)) >> 16
                              : 0x7FFF);
    int64_t shift = std::max(15 - factor.shift, 1);
    shifts.push_back(shift);
    halves.push_back(int64_t(1) << (shift - 1));
  }
  auto constant = [&](ArrayRef<int64_t> numbers) -> Value {
    if (llvm::all_equal(numbers))
      numbers = numbers.take_front();
    llvm::SmallVector<int64_t> shape;
    if (numbers.size() != 1)
      shape.push_back(int64_t(numbers.size()));
    auto type = mlir::RankedTensorType::get(shape, n.builder.getI64Type());
    return edge::ConstantOp::create(
        n.builder, n.loc, type, mlir::DenseElementsAttr::get(type, numbers));
  };
  Value product = n.make<edge::MulOp>({x, constant(multipliers)});
  Value sum = n.make<edge::AddOp>({product, constant(halves)});
  Value result = n.make<edge::ShiftRightOp>({sum, constant(shifts)});
  return n.cast(result, n.builder.getI32Type());
}

//===-- sums
//---------------------------------------------------------------===//

Value tflite::sumProducts(OperatorImport &n, Value x, Value filter, Value bias,
                          ZeroPoints zeros, bool wide) {
  if (!wide)
    return multiplyIntegers(n, x, filter, bias, zeros);
  mlir::Type element = n.builder.getI64Type();
  x = n.cast(centered(n, x, zeros.input), element);
  filter = n.cast(centered(n, filter, zeros.filter), element);
  if (!x || !filter)
    return nullptr;
  llvm::SmallVector<int64_t> shape(n.shapeOf(x));
  int64_t depth = shape.back(), units = n.shapeOf(filter)[0];
  int64_t rows = 1;
  for (int64_t size : ArrayRef<int64_t>(shape).drop_back())
    rows *= size;
  Value sums = convolve(n, n.reshape(x, {rows, 1, 1, depth}),
                        n.reshape(filter, {units, 1, 1, depth}), bias,
                        Window::ones(2), 1);
  shape.back() = units;
  return n.reshape(sums, shape);
}

Value tflite::rescaleSums(OperatorImport &n, Value sums,
                          ArrayRef<double> factors) {
  if (!sums)
    return nullptr;
  return n.elementOf(sums).isInteger(64) ? rescaleWide(n, sums, factors)
                                         : rescale(n, sums, factors);
}

//===-- results
//------------------------------------------------------------===//

Bounds tflite::activationBounds(OperatorImport &n, const Quantization &result,
                                schema::Activation activation) {
  Bounds bounds{result.low, result.high};
  auto atLeast = [&](float real) {
    bounds.low = std::max(bounds.low, result.quantize(real));
  };
  auto atMost = [&](float real) {
    bounds.high = std::min(bounds.high, result.quantize(real));
  };
  switch (activation) {
  case schema::Activation::NONE:
    break;
  case schema::Activation::RELU:
    atLeast(0);
    break;
  case schema::Activation::RELU6:
    atLeast(0);
    atMost(6);
    break;
  case schema::Activation::RELU_N1_TO_1:
    atLeast(-1);
    atMost(1);
    break;
  default:
    n.error() << "the fused activation " << activationName(activation)
              << " is not supported on quantized tensors";
  }
  return bounds;
}

Value tflite::keepWithin(OperatorImport &n, Value x, Bounds bounds) {
  x = n.make<edge::MaxOp>({x, integers(n, int32_t(bounds.low))});
  return n.make<edge::MinOp>({x, integers(n, int32_t(bounds.high))});
}

Value tflite::narrow(OperatorImport &n, Value x, Bounds bounds,
                     const Quantization &result) {
  return n.cast(keepWithin(n, x, bounds), result.element);
}

Value tflite::finish(OperatorImport &n, Value x, Bounds bounds,
                     const Quantization &result) {
  if (result.zeroPoint() != 0)
    x = n.make<edge::AddOp>({x, integers(n, int32_t(result.zeroPoint()))});
  return narrow(n, x, bounds, result);
}

Value tflite::tabulate(OperatorImport &n, Value x, const Quantization &input,
                       mlir::Type element,
                       llvm::function_ref<int64_t(int64_t)> function) {
  if (input.element.getIntOrFloatBitWidth() != 8) {
    n.error()
        << "the input should be of 8 bits; other widths are not supported";
    return nullptr;
  }
  evaluator::HostTensor table(mlir::RankedTensorType::get({256}, element));
  for (int64_t i = 0; i < 256; ++i)
    table.integers[i] = function(input.low + i);
  Value entries = edge::ConstantOp::create(n.builder, n.loc, table.type,
                                           SubgraphImport::toElements(table));
  return n.make<edge::LookupOp>({x, entries});
}
