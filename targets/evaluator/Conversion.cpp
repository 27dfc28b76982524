//===- Conversion.cpp - cast, bitcast, quantize, dequantize --------------===//
//
// Between floats, integers and quantized numbers. These operators are exact
// where the target type is, so rounding and saturation are written out here.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Edge.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "targets/evaluator/Operators.h"
#include <cmath>

using namespace mlir;
using namespace edgec;
using namespace edgec::evaluator;

/// `value`, a whole number, within `range`. Compares as doubles before it
/// converts, because the conversion of a larger number is undefined.
static int64_t saturate(double value, IntegerRange range) {
  if (std::isnan(value))
    return 0;
  if (value <= double(range.low))
    return range.low;
  if (value >= double(range.high))
    return range.high;
  return int64_t(value);
}

/// One rounding: an integer beyond 2^53 would lose bits on its way to double.
static double toReal(int64_t value, bool isUnsigned, FloatType real) {
  if (real.isF32())
    return isUnsigned ? float(uint64_t(value)) : float(value);
  return roundTo(real, isUnsigned ? double(uint64_t(value)) : double(value));
}

/// As saturate(), of numbers whose upper half an int64_t shows as negative.
static int64_t saturateToUnsigned64(double value) {
  if (!(value > 0))
    return 0;
  return value >= 0x1p64 ? -1 : int64_t(uint64_t(value));
}

static HostTensor cast(const HostTensor &x, RankedTensorType type) {
  HostTensor result(type);
  Type to = type.getElementType();
  auto real = dyn_cast<FloatType>(to);
  for (int64_t i = 0; i < x.size(); ++i) {
    if (real) {
      result.reals[i] = x.isFloat()
                            ? roundTo(real, x.reals[i])
                            : toReal(x.integers[i],
                                     x.elementType().isUnsignedInteger(), real);
    } else if (to.isInteger(1)) {
      result.integers[i] = x.isFloat() ? x.reals[i] != 0.0 : x.integers[i] != 0;
    } else if (x.isFloat() && to.isUnsignedInteger(64)) {
      result.integers[i] = saturateToUnsigned64(std::trunc(x.reals[i]));
    } else if (x.isFloat()) {
      result.integers[i] = saturate(std::trunc(x.reals[i]), integerRange(to));
    } else {
      result.integers[i] = wrapTo(to, x.integers[i]);
    }
  }
  return result;
}

namespace {
/// Scale and zero point of each element of a quantized tensor.
class Quantization {
public:
  explicit Quantization(RankedTensorType type) {
    Type element = type.getElementType();
    if (auto whole = dyn_cast<quant::UniformQuantizedType>(element)) {
      scales.push_back(whole.getScale());
      zeroPoints.push_back(whole.getZeroPoint());
      return;
    }
    auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(element);
    if (!perAxis)
      return;
    llvm::append_range(scales, perAxis.getScales());
    llvm::append_range(zeroPoints, perAxis.getZeroPoints());
    int64_t axis = perAxis.getQuantizedDimension();
    count = type.getDimSize(axis);
    inner = denseStrides(type.getShape())[axis];
  }
  /// False for a kind of quantized type without uniform scales.
  bool isKnown() const { return !scales.empty(); }
  double scale(int64_t i) const { return scales[i / inner % count]; }
  int64_t zeroPoint(int64_t i) const { return zeroPoints[i / inner % count]; }

private:
  SmallVector<double> scales;
  SmallVector<int64_t> zeroPoints;
  int64_t count = 1, inner = 1;
};
} // namespace

Result edgec::evaluator::evaluateConversion(Operation *op, Operands operands) {
  if (!isa<edge::CastOp, edge::BitcastOp, edge::QuantizeOp, edge::DequantizeOp>(
          op))
    return std::nullopt;
  const HostTensor &x = *operands[0];
  if (isa<edge::BitcastOp>(op))
    return fromBytes(resultType(op), toBytes(x));
  if (isa<edge::CastOp>(op))
    return cast(x, resultType(op));

  bool quantizes = isa<edge::QuantizeOp>(op);
  HostTensor result(resultType(op));
  Quantization quantization(quantizes ? result.type : x.type);
  if (!quantization.isKnown())
    return undefinedOn(op, "this kind of quantized");
  for (int64_t i = 0; i < x.size(); ++i) {
    double scale = quantization.scale(i);
    int64_t zeroPoint = quantization.zeroPoint(i);
    if (!quantizes) {
      result.reals[i] = double(x.integers[i] - zeroPoint) * scale;
      continue;
    }
    // The quotient is one of the real type's numbers before it is whole.
    double quotient =
        roundTo(cast<FloatType>(x.elementType()),
                roundTo(cast<FloatType>(x.elementType()), x.reals[i]) / scale);
    double rounded = roundEven(quotient);
    result.integers[i] = saturate(rounded + double(zeroPoint),
                                  integerRange(result.elementType()));
  }
  return result;
}
