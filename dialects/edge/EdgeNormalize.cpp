//===- EdgeNormalize.cpp - result types of normalisations -----------------===//
//
// As EdgeInfer.cpp for the core operators: one function each, whose errors
// carry the documented labels.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Normalize.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace edgec::edge;

#define GET_OP_CLASSES
#include "dialects/edge/EdgeNormalize.cpp.inc"

static LogicalResult checkEpsilon(std::optional<Location> loc,
                                  const llvm::APFloat &epsilon) {
  if (epsilon.isNaN() || epsilon.isNegative())
    return emitOptionalError(loc, "C3: an epsilon of ",
                             epsilon.convertToFloat(), " should be 0 or more");
  return success();
}

LogicalResult NormalizeOp::inferReturnTypes(MLIRContext *,
                                            std::optional<Location> loc,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &results) {
  auto type = cast<RankedTensorType>(adaptor.getX().getType());
  if (type.getRank() == 0)
    return emitOptionalError(loc, "C1: ", type, " has no row to normalize");
  if (!isa<FloatType>(type.getElementType()))
    return emitOptionalError(loc, "C2: elements of type ",
                             type.getElementType(), " should be floats");
  if (failed(checkEpsilon(loc, adaptor.getEpsilon())))
    return failure();
  results.push_back(type);
  return success();
}

LogicalResult LayerNormOp::inferReturnTypes(MLIRContext *,
                                            std::optional<Location> loc,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &results) {
  auto type = cast<RankedTensorType>(adaptor.getX().getType());
  if (type.getRank() == 0 || !type.getElementType().isF32())
    return emitOptionalError(loc, "C1: ", type, " has no row of f32");
  for (Value operand : {adaptor.getScale(), adaptor.getBias()}) {
    auto factors = cast<RankedTensorType>(operand.getType());
    if (factors.getShape() != type.getShape().take_back() ||
        !factors.getElementType().isF32()) {
      return emitOptionalError(loc, "C2: ", factors, " should have the ",
                               type.getShape().back(),
                               " elements of a row, of f32");
    }
  }
  if (failed(checkEpsilon(loc, adaptor.getEpsilon())))
    return failure();
  results.push_back(type);
  return success();
}
