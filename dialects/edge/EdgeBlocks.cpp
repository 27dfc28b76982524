//===- EdgeBlocks.cpp - products with weights in blocks -------------------===//
//
// As EdgeInfer.cpp for the core operators: result types, whose errors carry the
// documented labels.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Blocks.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace edgec::edge;

#define GET_OP_CLASSES
#include "dialects/edge/EdgeBlocks.cpp.inc"

static RankedTensorType tensorType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

LogicalResult BlockProductOp::inferReturnTypes(MLIRContext *,
                                               std::optional<Location> loc,
                                               Adaptor adaptor,
                                               SmallVectorImpl<Type> &results) {
  RankedTensorType x = tensorType(adaptor.getX()),
                   filter = tensorType(adaptor.getFilter()),
                   scales = tensorType(adaptor.getScales());
  if (x.getRank() < 1 || filter.getRank() != 2 ||
      filter.getDimSize(1) != x.getShape().back()) {
    return emitOptionalError(
        loc, "C1: the filter ", filter,
        " must be [N, K] with K the last dimension of x, which is ", x);
  }
  if (scales.getRank() != 2 || scales.getDimSize(0) < 1 ||
      filter.getDimSize(1) % scales.getDimSize(0) != 0 ||
      scales.getDimSize(1) != filter.getDimSize(0)) {
    return emitOptionalError(loc, "C2: the scales ", scales,
                             " must be [B, N] with B a divisor of K, the "
                             "filter [N, K] is ",
                             filter);
  }
  if (!x.getElementType().isF32() ||
      !filter.getElementType().isSignlessInteger(8) ||
      !scales.getElementType().isF32()) {
    return emitOptionalError(loc,
                             "C3: the elements must be f32, i8 and f32, "
                             "of ",
                             x, ", ", filter, " and ", scales);
  }
  SmallVector<int64_t> shape(x.getShape());
  shape.back() = filter.getDimSize(0);
  return inferTensor(loc, shape, x.getElementType(), results);
}
