//===- IntegerArithmetic.cpp - what quantized operators become ------------===//
#include "compiler/import/IntegerArithmetic.h"
#include "dialects/edge/Integer.h"

using namespace edgec;
using llvm::ArrayRef;
using llvm::SmallVector;
using mlir::Value;

static mlir::RankedTensorType typeOf(Value value) {
  return mlir::cast<mlir::RankedTensorType>(value.getType());
}

Value edgec::wordConstant(OpMaker &m, ArrayRef<int32_t> numbers) {
  SmallVector<int64_t> shape;
  if (numbers.size() != 1)
    shape.push_back(int64_t(numbers.size()));
  auto type = mlir::RankedTensorType::get(shape, m.builder.getI32Type());
  return edge::ConstantOp::create(m.builder, m.loc, type,
                                  mlir::DenseElementsAttr::get(type, numbers));
}

Value edgec::centered(OpMaker &m, Value x, int64_t zeroPoint) {
  x = m.cast(x, m.builder.getI32Type());
  if (zeroPoint == 0)
    return x;
  return m.make<edge::SubOp>({x, wordConstant(m, int32_t(zeroPoint))});
}

Value edgec::convolveIntegers(OpMaker &m, Value input, Value filter, Value bias,
                              const Window &window, int64_t groups,
                              ZeroPoints zeros) {
  auto plane = [&](Value x, Value taps, Value start, const Window &w) {
    SmallVector<Value, 3> operands = {x, taps};
    if (start)
      operands.push_back(start);
    return m.make<edge::IntegerConv2DOp>(
        operands, {m.attr("strides", w.strides), m.attr("pads", w.pads()),
                   m.attr("dilations", w.dilations), m.attr("groups", groups),
                   m.attr("input_zero_point", zeros.input),
                   m.attr("filter_zero_point", zeros.filter),
                   m.attr("pad_value", zeros.input)});
  };
  return convolveByPlanes(m, input, filter, bias, window, zeros.input, plane);
}

Value edgec::multiplyIntegers(OpMaker &m, Value input, Value filter, Value bias,
                              ZeroPoints zeros) {
  if (!input || !filter)
    return nullptr;
  SmallVector<int64_t> shape(typeOf(input).getShape());
  int64_t depth = shape.back(), units = typeOf(filter).getDimSize(0);
  int64_t rows = typeOf(input).getNumElements() / depth;
  Value sums = convolveIntegers(m, m.reshape(input, {rows, 1, 1, depth}),
                                m.reshape(filter, {units, 1, 1, depth}), bias,
                                Window::ones(2), 1, zeros);
  shape.back() = units;
  return m.reshape(sums, shape);
}

/// A factor's numbers less their zero point in a type that holds them.
static Value centeredAs(OpMaker &m, Value x, int64_t zeroPoint,
                        mlir::Type element) {
  x = m.cast(x, element);
  if (!x || zeroPoint == 0)
    return x;
  return m.make<edge::SubOp>({x, m.scalarLike(x, double(zeroPoint))});
}

/// Whole numbers below 2^24 are exact in float32, however they are added, and
/// every machine multiplies floats fast; longer sums are of 16-bit numbers.
Value edgec::multiplyBatches(OpMaker &m, Value lhs, Value rhs,
                             ZeroPoints zeros) {
  if (!lhs || !rhs)
    return nullptr;
  constexpr int64_t mostProducts = (int64_t(1) << 24) / (255 * 255);
  bool isShort = typeOf(lhs).getShape().back() < mostProducts;
  mlir::Type element = isShort ? mlir::Type(m.builder.getF32Type())
                               : m.builder.getIntegerType(16);
  Value left = centeredAs(m, lhs, zeros.input, element),
        right = centeredAs(m, rhs, zeros.filter, element);
  Value product = m.make<edge::MatMulOp>({left, right});
  mlir::Type word = m.builder.getI32Type();
  if (product && !isShort)
    product.setType(typeOf(product).clone(word));
  return m.cast(product, word);
}

NumberRange edgec::numberRange(mlir::Type element) {
  int64_t bits = element.getIntOrFloatBitWidth();
  if (element.isUnsignedInteger())
    return {0, (int64_t(1) << bits) - 1};
  return {-(int64_t(1) << (bits - 1)), (int64_t(1) << (bits - 1)) - 1};
}

Value edgec::requantize(OpMaker &m, Value x, Value factor, int64_t zeroPoint,
                        mlir::Type element) {
  if (!x || m.failed())
    return nullptr;
  NumberRange range = numberRange(element);
  return edge::RequantizeOp::create(m.builder, m.loc, typeOf(x).clone(element),
                                    x, factor, uint64_t(range.low),
                                    uint64_t(range.high), uint64_t(zeroPoint));
}
