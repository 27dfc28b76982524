//===- EdgeSoftmax.cpp - softmax of bytes by a table ----------------------===//
//
// The result's type, and the table as ONNX Runtime's QLinearSoftmax has it
// (onnxruntime/contrib_ops/cpu/quantization/qlinear_softmax.cc).
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Softmax.h"
#include "mlir/IR/Builders.h"
#include <cmath>

using namespace mlir;
using namespace edgec::edge;

#define GET_OP_CLASSES
#include "dialects/edge/EdgeSoftmax.cpp.inc"

static RankedTensorType tensorType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

LogicalResult
LookupSoftmaxOp::inferReturnTypes(MLIRContext *context,
                                  std::optional<Location> loc, Adaptor adaptor,
                                  SmallVectorImpl<Type> &results) {
  RankedTensorType x = tensorType(adaptor.getX()),
                   table = tensorType(adaptor.getExponentials()),
                   factor = tensorType(adaptor.getFactor());
  Type element = x.getElementType();
  if ((!element.isSignlessInteger(8) && !element.isUnsignedInteger(8)) ||
      x.getRank() == 0)
    return emitOptionalError(
        loc, "C1: x must be of i8 or ui8 and have a dimension, is ", x);
  if (table.getDimSize(0) != 256 || !table.getElementType().isF32())
    return emitOptionalError(
        loc, "C2: the exponentials must be 256 numbers of f32, are ", table);
  if (factor.getNumElements() != 1 || !factor.getElementType().isF32())
    return emitOptionalError(
        loc, "C3: the factor must be one number of f32, is ", factor);
  results.push_back(x.clone(Float32Type::get(context)));
  return success();
}

double edgec::edge::largestExponent(int64_t rowSize) {
  constexpr double margin = 5;
  float largest = std::numeric_limits<float>::max() / float(rowSize);
  return std::max(0.0, double(std::log(largest)) - margin);
}

SmallVector<float> edgec::edge::tabulateExponentials(float scale,
                                                     int64_t rowSize) {
  double shift = largestExponent(rowSize) / double(scale);
  SmallVector<float> exponentials;
  for (int i = 0; i < 256; ++i)
    exponentials.push_back(
        float(std::exp((double(i) - 255 + shift) * double(scale))));
  return exponentials;
}
