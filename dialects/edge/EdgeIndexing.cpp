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

#include "dialects/edge/EdgeIndexingEnums.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/edge/EdgeIndexing.cpp.inc"

static RankedTensorType tensorType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

static bool isInteger(RankedTensorType type) {
  return isa<IntegerType>(type.getElementType());
}

/// C1: axis; C2: indices.
static LogicalResult checkAxisAndIndices(std::optional<Location> loc,
                                         int64_t axis, int64_t rank,
                                         RankedTensorType indices) {
  if (axis < 0 || axis >= rank)
    return emitOptionalError(loc, "C1: axis ", axis, " outside [0, ", rank,
                             ")");
  if (!isInteger(indices))
    return emitOptionalError(loc, "C2: indices must be integers, not ",
                             indices.getElementType());
  return success();
}

/// C3 of the operators on single elements.
static LogicalResult checkElementIndices(std::optional<Location> loc,
                                         RankedTensorType x,
                                         RankedTensorType indices,
                                         int64_t axis) {
  bool fits = x.getRank() == indices.getRank();
  for (int64_t d = 0; fits && d < x.getRank(); ++d)
    fits = d == axis || indices.getDimSize(d) <= x.getDimSize(d);
  if (fits)
    return success();
  return emitOptionalError(loc, "C3: indices ", indices, " do not fit in ", x,
                           " along axis ", axis);
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

LogicalResult GatherOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &results) {
  RankedTensorType x = tensorType(adaptor.getX()),
                   indices = tensorType(adaptor.getIndices());
  int64_t axis = adaptor.getAxis();
  if (failed(checkAxisAndIndices(loc, axis, x.getRank(), indices)))
    return failure();
  SmallVector<int64_t> shape(x.getShape().take_front(axis));
  llvm::append_range(shape, indices.getShape());
  llvm::append_range(shape, x.getShape().drop_front(axis + 1));
  return inferTensor(loc, shape, x.getElementType(), results);
}

LogicalResult
GatherElementsOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                   Adaptor adaptor,
                                   SmallVectorImpl<Type> &results) {
  RankedTensorType x = tensorType(adaptor.getX()),
                   indices = tensorType(adaptor.getIndices());
  int64_t axis = adaptor.getAxis();
  if (failed(checkAxisAndIndices(loc, axis, x.getRank(), indices)) ||
      failed(checkElementIndices(loc, x, indices, axis)))
    return failure();
  return inferTensor(loc, indices.getShape(), x.getElementType(), results);
}

LogicalResult GatherNdOp::inferReturnTypes(MLIRContext *,
                                           std::optional<Location> loc,
                                           Adaptor adaptor,
                                           SmallVectorImpl<Type> &results) {
  RankedTensorType x = tensorType(adaptor.getX()),
                   indices = tensorType(adaptor.getIndices());
  int64_t batch = adaptor.getBatchDims();
  if (batch < 0 || batch >= indices.getRank() || batch > x.getRank())
    return emitOptionalError(loc, "C1: batch_dims ", batch, " does not fit ", x,
                             " and ", indices);
  if (!isInteger(indices))
    return emitOptionalError(loc, "C2: indices must be integers, not ",
                             indices.getElementType());
  if (x.getShape().take_front(batch) != indices.getShape().take_front(batch))
    return emitOptionalError(loc, "C3: the first ", batch, " dimensions of ", x,
                             " and ", indices, " differ");
  int64_t count = indices.getShape().back();
  if (count < 1 || count > x.getRank() - batch) {
    return emitOptionalError(loc, "C4: ", count,
                             " indices per slice, where 1 to ",
                             x.getRank() - batch, " dimensions are there");
  }
  SmallVector<int64_t> shape(indices.getShape().drop_back());
  llvm::append_range(shape, x.getShape().drop_front(batch + count));
  return inferTensor(loc, shape, x.getElementType(), results);
}

LogicalResult
ReverseSequenceOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                    Adaptor adaptor,
                                    SmallVectorImpl<Type> &results) {
  RankedTensorType x = tensorType(adaptor.getX()),
                   lengths = tensorType(adaptor.getLengths());
  int64_t batch = adaptor.getBatchAxis(), time = adaptor.getTimeAxis();
  auto isInside = [&](int64_t axis) { return axis >= 0 && axis < x.getRank(); };
  if (!isInside(batch) || !isInside(time) || batch == time) {
    return emitOptionalError(loc, "C1: axes ", batch, " and ", time,
                             " must be two of the ", x.getRank(),
                             " dimensions of ", x);
  }
  if (!isInteger(lengths) ||
      lengths.getShape() != ArrayRef<int64_t>{x.getDimSize(batch)})
    return emitOptionalError(loc, "C2: lengths must be ", x.getDimSize(batch),
                             " integers, not ", lengths);
  results.push_back(x);
  return success();
}

LogicalResult TriluOp::inferReturnTypes(MLIRContext *,
                                        std::optional<Location> loc,
                                        Adaptor adaptor,
                                        SmallVectorImpl<Type> &results) {
  RankedTensorType x = tensorType(adaptor.getX()),
                   diagonal = tensorType(adaptor.getDiagonal());
  if (x.getRank() < 2)
    return emitOptionalError(loc, "C1: no matrices in ", x);
  if (!isInteger(diagonal) || diagonal.getNumElements() != 1)
    return emitOptionalError(loc, "C2: the diagonal must be one integer, not ",
                             diagonal);
  results.push_back(x);
  return success();
}

LogicalResult OneHotOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &results) {
  RankedTensorType indices = tensorType(adaptor.getIndices()),
                   values = tensorType(adaptor.getValues());
  int64_t axis = adaptor.getAxis();
  if (failed(checkAxisAndIndices(loc, axis, indices.getRank() + 1, indices)))
    return failure();
  if (values.getShape() != ArrayRef<int64_t>{2})
    return emitOptionalError(loc, "C3: the values off and on must be [2], not ",
                             values);
  if (adaptor.getDepth() < 1)
    return emitOptionalError(loc, "C4: a depth of ", adaptor.getDepth(),
                             " is not positive");
  SmallVector<int64_t> shape(indices.getShape());
  shape.insert(shape.begin() + axis, adaptor.getDepth());
  return inferTensor(loc, shape, values.getElementType(), results);
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

LogicalResult
ScatterElementsOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                    Adaptor adaptor,
                                    SmallVectorImpl<Type> &results) {
  RankedTensorType x = tensorType(adaptor.getX()),
                   indices = tensorType(adaptor.getIndices()),
                   updates = tensorType(adaptor.getUpdates());
  int64_t axis = adaptor.getAxis();
  if (failed(checkAxisAndIndices(loc, axis, x.getRank(), indices)) ||
      failed(checkElementIndices(loc, x, indices, axis)))
    return failure();
  if (updates.getShape() != indices.getShape() ||
      updates.getElementType() != x.getElementType())
    return emitOptionalError(loc, "C4: updates ", updates, " do not fit ", x,
                             " and indices ", indices);
  results.push_back(x);
  return success();
}

LogicalResult ScatterNdOp::inferReturnTypes(MLIRContext *,
                                            std::optional<Location> loc,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &results) {
  RankedTensorType x = tensorType(adaptor.getX()),
                   indices = tensorType(adaptor.getIndices()),
                   updates = tensorType(adaptor.getUpdates());
  int64_t count = indices.getRank() ? indices.getShape().back() : 0;
  if (count < 1 || count > x.getRank()) {
    return emitOptionalError(loc, "C1: ", count,
                             " indices per slice, where 1 to ", x.getRank(),
                             " dimensions are there");
  }
  if (!isInteger(indices))
    return emitOptionalError(loc, "C2: indices must be integers, not ",
                             indices.getElementType());
  SmallVector<int64_t> shape(indices.getShape().drop_back());
  llvm::append_range(shape, x.getShape().drop_front(count));
  if (updates.getShape() != ArrayRef(shape) ||
      updates.getElementType() != x.getElementType())
    return emitOptionalError(loc, "C3: updates ", updates, " do not fit ", x,
                             " and indices ", indices);
  results.push_back(x);
  return success();
}
