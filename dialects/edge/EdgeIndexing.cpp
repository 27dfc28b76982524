//===- EdgeIndexing.cpp - result types of operators with indices ---------===//
//
// As EdgeInfer.cpp for the core operators: one function each, whose errors
// carry the documented labels.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Indexing.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace edgec::edge;

#define GET_OP_CLASSES
#include "dialects/edge/EdgeIndexing.cpp.inc"

static RankedTensorType tensorType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

LogicalResult GatherOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &results) {
  RankedTensorType x = tensorType(adaptor.getX()),
                   indices = tensorType(adaptor.getIndices());
  int64_t axis = adaptor.getAxis();
  if (axis < 0 || axis >= x.getRank())
    return emitOptionalError(loc, "C1: axis ", axis, " outside [0, ",
                             x.getRank(), ")");
  if (!isa<IntegerType>(indices.getElementType()))
    return emitOptionalError(loc, "C2: indices must be integers, not ",
                             indices.getElementType());
  SmallVector<int64_t> shape(x.getShape().take_front(axis));
  llvm::append_range(shape, indices.getShape());
  llvm::append_range(shape, x.getShape().drop_front(axis + 1));
  return inferTensor(loc, shape, x.getElementType(), results);
}
