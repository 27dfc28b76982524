//===- QuantizedValue.cpp - integers behind real numbers ------------------===//
#include "passes/graph/QuantizedValue.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include <cmath>

using namespace mlir;
using namespace edgec;

Type edgec::elementOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getElementType();
}

ArrayRef<int64_t> edgec::shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

int64_t Scales::quantize(float real) const {
  float quotient = real / scale();
  double rounded = std::nearbyint(double(quotient)) + double(zeroPoint());
  if (std::isnan(rounded) || rounded <= double(low))
    return low;
  return rounded >= double(high) ? high : int64_t(rounded);
}

std::optional<Scales> edgec::getScales(Type element) {
  Scales result;
  if (auto whole = dyn_cast<quant::UniformQuantizedType>(element)) {
    result.scales.push_back(float(whole.getScale()));
    result.zeroPoints.push_back(whole.getZeroPoint());
  } else if (auto axis =
                 dyn_cast<quant::UniformQuantizedPerAxisType>(element)) {
    for (double scale : axis.getScales())
      result.scales.push_back(float(scale));
    llvm::append_range(result.zeroPoints, axis.getZeroPoints());
    result.axis = axis.getQuantizedDimension();
  } else {
    return std::nullopt;
  }
  auto quantized = cast<quant::QuantizedType>(element);
  result.low = quantized.getStorageTypeMin();
  result.high = quantized.getStorageTypeMax();
  return result;
}

Type edgec::storageOf(Type element) {
  auto quantized = cast<quant::QuantizedType>(element);
  return IntegerType::get(
      element.getContext(), quantized.getStorageTypeIntegralWidth(),
      quantized.isSigned() ? IntegerType::Signless : IntegerType::Unsigned);
}

std::optional<Stored> edgec::storedBehind(Value real) {
  auto dequantize = real.getDefiningOp<edge::DequantizeOp>();
  if (!dequantize || !elementOf(real).isF32())
    return std::nullopt;
  auto bitcast = dequantize.getX().getDefiningOp<edge::BitcastOp>();
  Type element = elementOf(dequantize.getX());
  if (!bitcast || !getScales(element))
    return std::nullopt;
  return Stored{bitcast.getX(), element};
}

std::optional<Stored> edgec::wholeBehind(Value real) {
  std::optional<Stored> stored = storedBehind(real);
  if (stored && !isa<quant::UniformQuantizedType>(stored->element))
    return std::nullopt;
  return stored;
}

Value edgec::makeReal(OpBuilder &builder, Location loc, Value integers,
                      Type element) {
  auto type = cast<RankedTensorType>(integers.getType());
  Value quantized =
      edge::BitcastOp::create(builder, loc, type.clone(element), integers);
  return edge::DequantizeOp::create(
      builder, loc, type.clone(builder.getF32Type()), quantized);
}

Value edgec::makeStored(OpBuilder &builder, Location loc, Value real,
                        Type element) {
  auto type = cast<RankedTensorType>(real.getType());
  Value quantized =
      edge::QuantizeOp::create(builder, loc, type.clone(element), real);
  return edge::BitcastOp::create(builder, loc, type.clone(storageOf(element)),
                                 quantized);
}

Value edgec::makeFloats(OpBuilder &builder, Location loc,
                        ArrayRef<float> numbers, ArrayRef<int64_t> shape) {
  if (llvm::all_equal(numbers)) {
    numbers = numbers.take_front();
    shape = {};
  }
  auto type = RankedTensorType::get(shape, builder.getF32Type());
  return edge::ConstantOp::create(builder, loc, type,
                                  DenseElementsAttr::get(type, numbers));
}

Value edgec::makeInteger(OpBuilder &builder, Location loc, Type element,
                         int64_t number) {
  auto type = RankedTensorType::get({}, element);
  APInt bits(element.getIntOrFloatBitWidth(), uint64_t(number),
             /*isSigned=*/false, /*implicitTrunc=*/true);
  return edge::ConstantOp::create(builder, loc, type,
                                  DenseElementsAttr::get(type, bits));
}

Value edgec::makeCast(OpBuilder &builder, Location loc, Value value,
                      Type element) {
  if (elementOf(value) == element)
    return value;
  auto type = cast<RankedTensorType>(value.getType());
  return edge::CastOp::create(builder, loc, type.clone(element), value);
}

Value edgec::makeReshape(OpBuilder &builder, Location loc, Value value,
                         ArrayRef<int64_t> shape) {
  if (shapeOf(value) == shape)
    return value;
  auto type = cast<RankedTensorType>(value.getType());
  return edge::ReshapeOp::create(builder, loc, type.clone(shape), value);
}
