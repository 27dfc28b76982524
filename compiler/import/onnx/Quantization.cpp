//===- Quantization.cpp - scales and zero points of ONNX tensors ----------===//
#include "compiler/import/onnx/Quantization.h"
#include "compiler/import/IntegerArithmetic.h"
#include "compiler/import/onnx/Fused.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace edgec;
using namespace edgec::onnx;
using llvm::ArrayRef;
using llvm::SmallVector;
using mlir::Value;

namespace quant = mlir::quant;

std::optional<int64_t> Quantization::knownZeroPoint() const {
  if (!isKnown() || !llvm::all_equal(zeroPoints))
    return std::nullopt;
  return zeroPoints.front();
}

bool onnx::checkStored(NodeImport &n, mlir::Type element,
                       llvm::StringRef what) {
  if (element.isSignlessInteger(8) || element.isUnsignedInteger(8) ||
      element.isSignlessInteger(16) || element.isUnsignedInteger(16))
    return true;
  n.error() << what << " is of " << element
            << ", which is not supported; int8, uint8, int16 and uint16 are";
  return false;
}

//===-- reading
//-------------------------------------------------------------===//

namespace {
/// How scale and zero point lie over a tensor.
enum class Spread { whole, axis, blocks };
} // namespace

/// Nothing after an error.
static std::optional<Spread> findSpread(NodeImport &n,
                                        const QuantizationInputs &inputs,
                                        ArrayRef<int64_t> shape, int64_t axis) {
  ArrayRef<int64_t> scales = n.shape(inputs.scale);
  if (n.type(inputs.scale).getNumElements() == 1 && scales.size() <= 1)
    return Spread::whole;
  if (inputs.block > 1 || scales.size() > 1) {
    SmallVector<int64_t> wanted(shape);
    if (inputs.block >= 1)
      wanted[axis] = llvm::divideCeil(wanted[axis], inputs.block);
    if (ArrayRef<int64_t>(wanted) == scales)
      return Spread::blocks;
    n.error() << "the scale (input " << inputs.scale << ") of shape "
              << shapeText(scales) << " should have the shape "
              << shapeText(wanted) << ", one for each block of "
              << std::max<int64_t>(inputs.block, 1) << " along axis " << axis
              << " of the tensor of shape " << shapeText(shape);
    return std::nullopt;
  }
  if (scales[0] == shape[axis])
    return Spread::axis;
  n.error() << "the scale (input " << inputs.scale << ") of shape "
            << shapeText(scales)
            << " should be one number, or one for each slice along axis "
            << axis << " of the tensor of shape " << shapeText(shape);
  return std::nullopt;
}

/// A value of the scale's shape so that it broadcasts to the tensor.
static Value spread(NodeImport &n, Value value, Spread how,
                    ArrayRef<int64_t> shape, int64_t axis, int64_t block) {
  if (how == Spread::whole)
    return n.reshape(value, {});
  if (how == Spread::axis) {
    SmallVector<int64_t> wide(shape.size() - axis, 1);
    wide[0] = shape[axis];
    return n.reshape(value, wide);
  }
  if (block <= 1)
    return value;
  SmallVector<int64_t> parts(shape), whole(shape);
  parts[axis] = llvm::divideCeil(shape[axis], block);
  whole[axis] = parts[axis] * block;
  parts.insert(parts.begin() + axis + 1, 1);
  SmallVector<int64_t> repeated(parts);
  repeated[axis + 1] = block;
  value = n.reshape(n.broadcast(n.reshape(value, parts), repeated), whole);
  return sliceAlong(n, value, axis, 0, shape[axis]);
}

/// False after an error.
static bool checkZeroPoint(NodeImport &n, const QuantizationInputs &inputs,
                           mlir::Type element) {
  if (!n.hasInput(inputs.zeroPoint))
    return true;
  auto type = n.type(inputs.zeroPoint);
  if (type.getElementType() != element) {
    n.error() << "the zero point (input " << inputs.zeroPoint << ") is of "
              << type.getElementType() << ", but the quantized tensor of "
              << element;
    return false;
  }
  ArrayRef<int64_t> scales = n.shape(inputs.scale);
  bool bothOne =
      type.getNumElements() == 1 && n.type(inputs.scale).getNumElements() == 1;
  if (type.getShape() != scales && !bothOne) {
    n.error() << "the zero point (input " << inputs.zeroPoint << ") of shape "
              << shapeText(type.getShape())
              << " should have the scale's shape, " << shapeText(scales);
    return false;
  }
  return true;
}

/// Every constant scale is finite and positive.
static bool checkScales(NodeImport &n, unsigned index, const Numbers &scales) {
  for (double scale : scales.reals) {
    // As a float, which is what is computed with.
    if (std::isfinite(float(scale)) && float(scale) > 0)
      continue;
    n.error() << "the scale (input " << index << ") is " << scale
              << ", but should be a finite number above 0; the model is "
                 "damaged, quantize it again";
    return false;
  }
  return true;
}

/// The numbers of scale and zero point, if both are constant.
static void readNumbers(NodeImport &n, const QuantizationInputs &inputs,
                        Spread how, Quantization &q) {
  const Constant *scale = n.constant(inputs.scale),
                 *zero = n.constant(inputs.zeroPoint);
  if (!scale || (n.hasInput(inputs.zeroPoint) && !zero))
    return;
  auto scales = Numbers::from(*scale);
  if (!scales || !scales->isReal() || !checkScales(n, inputs.scale, *scales) ||
      how == Spread::blocks)
    return;
  auto points = zero ? Numbers::from(*zero) : std::nullopt;
  if (zero && !points)
    return;
  q.scales.assign(scales->reals.begin(), scales->reals.end());
  if (points)
    q.zeroPoints.assign(points->integers.begin(), points->integers.end());
  else
    q.zeroPoints.assign(q.scales.size(), 0);
}

std::optional<Quantization> onnx::readQuantization(NodeImport &n,
                                                   QuantizationInputs inputs,
                                                   ArrayRef<int64_t> shape,
                                                   mlir::Type element) {
  if (!mlir::isa<mlir::FloatType>(n.type(inputs.scale).getElementType())) {
    n.error() << "the scale (input " << inputs.scale << ") is of "
              << n.type(inputs.scale).getElementType()
              << ", but should be a float";
    return std::nullopt;
  }
  int64_t axis = inputs.axis;
  // One number lies along no axis.
  if (n.type(inputs.scale).getNumElements() != 1 || n.rank(inputs.scale) > 1)
    axis = n.normalizeAxis(axis, int64_t(shape.size()));
  if (n.failed() || !checkZeroPoint(n, inputs, element))
    return std::nullopt;
  std::optional<Spread> how = findSpread(n, inputs, shape, axis);
  if (!how)
    return std::nullopt;
  Quantization q;
  q.element = element;
  q.axis = axis;
  auto read = [&](unsigned index) {
    return spread(n, n.cast(n.operand(index), n.builder.getF32Type()), *how,
                  shape, axis, inputs.block);
  };
  q.scale = read(inputs.scale);
  if (n.hasInput(inputs.zeroPoint))
    q.zeroPoint = read(inputs.zeroPoint);
  readNumbers(n, inputs, *how, q);
  return n.failed() ? std::nullopt : std::optional(q);
}

//===-- conversions
//---------------------------------------------------------===//

/// The type of numbers with known scales; null for those that have none.
static mlir::Type quantizedType(NodeImport &n, const Quantization &q) {
  unsigned width = q.element.getIntOrFloatBitWidth();
  if (!q.isKnown() || width > 32)
    return nullptr;
  bool isSigned = !q.element.isUnsignedInteger();
  unsigned flags = isSigned ? unsigned(quant::QuantizationFlags::Signed) : 0;
  NumberRange range = numberRange(q.element);
  mlir::Type storage = n.builder.getIntegerType(width);
  mlir::Type real = n.builder.getF32Type();
  auto error = [&] { return mlir::emitError(n.loc); };
  if (q.scales.size() == 1) {
    return quant::UniformQuantizedType::getChecked(error, flags, storage, real,
                                                   q.scales[0], q.zeroPoints[0],
                                                   range.low, range.high);
  }
  SmallVector<double> scales(q.scales.begin(), q.scales.end());
  return quant::UniformQuantizedPerAxisType::getChecked(
      error, flags, storage, real, scales, q.zeroPoints, int32_t(q.axis),
      range.low, range.high);
}

static Value bitcast(NodeImport &n, Value x, mlir::Type element) {
  auto type = mlir::cast<mlir::RankedTensorType>(x.getType());
  return edge::BitcastOp::create(n.builder, n.loc, type.clone(element), x);
}

Value onnx::dequantize(NodeImport &n, Value x, const Quantization &q) {
  if (!x)
    return nullptr;
  mlir::Type real = n.builder.getF32Type();
  auto type = mlir::cast<mlir::RankedTensorType>(x.getType());
  if (mlir::Type quantized = quantizedType(n, q);
      quantized && type.getNumElements() > 0)
    return edge::DequantizeOp::create(n.builder, n.loc, type.clone(real),
                                      bitcast(n, x, quantized));
  x = n.cast(x, real);
  if (q.zeroPoint)
    x = n.make<edge::SubOp>({x, q.zeroPoint});
  return n.make<edge::MulOp>({x, q.scale});
}

Value onnx::quantize(NodeImport &n, Value x, const Quantization &q) {
  if (!x)
    return nullptr;
  auto type = mlir::cast<mlir::RankedTensorType>(x.getType());
  if (mlir::Type quantized = quantizedType(n, q);
      quantized && type.getNumElements() > 0) {
    Value stored =
        edge::QuantizeOp::create(n.builder, n.loc, type.clone(quantized), x);
    return bitcast(n, stored, q.element);
  }
  return requantize(n, n.make<edge::DivOp>({x, q.scale}), nullptr, q);
}

Value onnx::requantize(NodeImport &n, Value x, Value factor,
                       const Quantization &q) {
  if (auto zero = q.zeroPoint ? q.knownZeroPoint() : 0)
    return edgec::requantize(n, x, factor, *zero, q.element);
  // What is added to a whole number keeps how its halves were rounded.
  x = n.cast(x, n.builder.getF32Type());
  if (factor)
    x = n.make<edge::MulOp>({x, factor});
  x = n.make<edge::AddOp>({n.make<edge::RoundEvenOp>({x}), q.zeroPoint});
  return edgec::requantize(n, x, nullptr, 0, q.element);
}
