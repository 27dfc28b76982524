//===- EdgeSelection.cpp - result types of operators that search ---------===//
//
// As EdgeInfer.cpp for the core operators: one function each, whose errors
// carry the documented labels.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Selection.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace edgec::edge;

#include "dialects/edge/EdgeSelectionEnums.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/edge/EdgeSelection.cpp.inc"

static RankedTensorType tensorType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

static bool isOneInteger(RankedTensorType type) {
  return isa<IntegerType>(type.getElementType()) && type.getNumElements() == 1;
}

/// C1
static LogicalResult checkAxis(std::optional<Location> loc, int64_t axis,
                               int64_t rank) {
  if (axis >= 0 && axis < rank)
    return success();
  return emitOptionalError(loc, "C1: axis ", axis, " outside [0, ", rank, ")");
}

static Type indexType(MLIRContext *context) {
  return IntegerType::get(context, 64);
}

/// Appends an i64 tensor.
static LogicalResult inferIndices(std::optional<Location> loc,
                                  MLIRContext *context, ArrayRef<int64_t> shape,
                                  SmallVectorImpl<Type> &results) {
  return inferTensor(loc, shape, indexType(context), results);
}

//===----------------------------------------------------------------------===//
// Along one dimension
//===----------------------------------------------------------------------===//

static LogicalResult inferArg(MLIRContext *context, std::optional<Location> loc,
                              Value x, int64_t axis,
                              SmallVectorImpl<Type> &results) {
  RankedTensorType type = tensorType(x);
  if (failed(checkAxis(loc, axis, type.getRank())))
    return failure();
  SmallVector<int64_t> shape(type.getShape());
  shape.erase(shape.begin() + axis);
  return inferIndices(loc, context, shape, results);
}

LogicalResult ArgMaxOp::inferReturnTypes(MLIRContext *context,
                                         std::optional<Location> loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &results) {
  return inferArg(context, loc, adaptor.getX(), adaptor.getAxis(), results);
}

LogicalResult ArgMinOp::inferReturnTypes(MLIRContext *context,
                                         std::optional<Location> loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &results) {
  return inferArg(context, loc, adaptor.getX(), adaptor.getAxis(), results);
}

LogicalResult TopKOp::inferReturnTypes(MLIRContext *context,
                                       std::optional<Location> loc,
                                       Adaptor adaptor,
                                       SmallVectorImpl<Type> &results) {
  RankedTensorType type = tensorType(adaptor.getX());
  int64_t axis = adaptor.getAxis(), k = adaptor.getK();
  if (failed(checkAxis(loc, axis, type.getRank())))
    return failure();
  if (k < 1 || k > type.getDimSize(axis))
    return emitOptionalError(loc, "C2: k of ", k, " outside [1, ",
                             type.getDimSize(axis), "]");
  SmallVector<int64_t> shape(type.getShape());
  shape[axis] = k;
  results.push_back(RankedTensorType::get(shape, type.getElementType()));
  return inferIndices(loc, context, shape, results);
}

LogicalResult CumulateOp::inferReturnTypes(MLIRContext *,
                                           std::optional<Location> loc,
                                           Adaptor adaptor,
                                           SmallVectorImpl<Type> &results) {
  RankedTensorType type = tensorType(adaptor.getX());
  if (failed(checkAxis(loc, adaptor.getAxis().value_or(0), type.getRank())))
    return failure();
  Value axis = adaptor.getRunTimeAxis();
  if (bool(axis) == adaptor.getAxis().has_value())
    return emitOptionalError(
        loc, "C2: needs either an attribute or an operand for the axis");
  if (axis && !isOneInteger(tensorType(axis)))
    return emitOptionalError(loc, "C2: the axis must be one integer, not ",
                             axis.getType());
  results.push_back(type);
  return success();
}

LogicalResult DetOp::inferReturnTypes(MLIRContext *,
                                      std::optional<Location> loc,
                                      Adaptor adaptor,
                                      SmallVectorImpl<Type> &results) {
  RankedTensorType type = tensorType(adaptor.getX());
  if (type.getRank() < 2 ||
      type.getShape().back() != type.getShape().drop_back().back())
    return emitOptionalError(loc, "C1: no square matrices in ", type);
  if (!isa<FloatType>(type.getElementType()))
    return emitOptionalError(loc, "C2: the elements must be floats, not ",
                             type.getElementType());
  return inferTensor(loc, type.getShape().drop_back(2), type.getElementType(),
                     results);
}

//===----------------------------------------------------------------------===//
// As many as there are
//===----------------------------------------------------------------------===//

LogicalResult NonZeroOp::inferReturnTypes(MLIRContext *context,
                                          std::optional<Location> loc,
                                          Adaptor adaptor,
                                          SmallVectorImpl<Type> &results) {
  RankedTensorType type = tensorType(adaptor.getX());
  if (type.getRank() == 0)
    return emitOptionalError(loc, "C1: ", type, " has no dimension");
  if (failed(inferIndices(loc, context, {type.getRank(), type.getNumElements()},
                          results)))
    return failure();
  return inferIndices(loc, context, {}, results);
}

LogicalResult CompressOp::inferReturnTypes(MLIRContext *context,
                                           std::optional<Location> loc,
                                           Adaptor adaptor,
                                           SmallVectorImpl<Type> &results) {
  RankedTensorType type = tensorType(adaptor.getX()),
                   condition = tensorType(adaptor.getCondition());
  int64_t axis = adaptor.getAxis();
  if (failed(checkAxis(loc, axis, type.getRank())))
    return failure();
  if (!isa<IntegerType>(condition.getElementType()) ||
      condition.getRank() != 1 ||
      condition.getDimSize(0) > type.getDimSize(axis)) {
    return emitOptionalError(loc, "C2: the condition must be at most ",
                             type.getDimSize(axis), " integers, not ",
                             condition);
  }
  SmallVector<int64_t> shape(type.getShape());
  shape[axis] = condition.getDimSize(0);
  if (failed(inferTensor(loc, shape, type.getElementType(), results)))
    return failure();
  return inferIndices(loc, context, {}, results);
}

LogicalResult UniqueOp::inferReturnTypes(MLIRContext *context,
                                         std::optional<Location> loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &results) {
  RankedTensorType type = tensorType(adaptor.getX());
  if (failed(checkAxis(loc, adaptor.getAxis(), type.getRank())))
    return failure();
  results.push_back(type);
  int64_t size = type.getDimSize(adaptor.getAxis());
  for (int i = 0; i < 3; ++i)
    results.push_back(RankedTensorType::get({size}, indexType(context)));
  return inferIndices(loc, context, {}, results);
}

LogicalResult NonMaxSuppressionOp::inferReturnTypes(
    MLIRContext *context, std::optional<Location> loc, Adaptor adaptor,
    SmallVectorImpl<Type> &results) {
  RankedTensorType boxes = tensorType(adaptor.getBoxes()),
                   scores = tensorType(adaptor.getScores());
  bool fits = boxes.getRank() == 3 && scores.getRank() == 3 &&
              boxes.getDimSize(2) == 4 &&
              boxes.getDimSize(0) == scores.getDimSize(0) &&
              boxes.getDimSize(1) == scores.getDimSize(2);
  if (!fits)
    return emitOptionalError(loc, "C1: boxes ", boxes, " and scores ", scores,
                             " are not [B, N, 4] and [B, C, N]");
  Type element = boxes.getElementType();
  if (!isa<FloatType>(element) || scores.getElementType() != element) {
    return emitOptionalError(loc,
                             "C2: boxes and scores must be floats of one "
                             "type, not ",
                             boxes, " and ", scores);
  }
  auto isThreshold = [&](Value value) {
    return tensorType(value).getElementType() == element &&
           tensorType(value).getNumElements() == 1;
  };
  if (!isOneInteger(tensorType(adaptor.getMaxBoxes())) ||
      !isThreshold(adaptor.getIouThreshold()) ||
      !isThreshold(adaptor.getScoreThreshold())) {
    return emitOptionalError(loc,
                             "C3: max_boxes must be one integer and the "
                             "thresholds one ",
                             element, " each");
  }
  int64_t bound = adaptor.getBound();
  if (bound < 1 || bound > boxes.getDimSize(1))
    return emitOptionalError(loc, "C4: bound ", bound, " outside [1, ",
                             boxes.getDimSize(1), "]");
  // Below 2^40 each, so that the product of two does not overflow.
  SmallVector<Type> rows;
  if (failed(inferTensor(loc, {scores.getDimSize(0), scores.getDimSize(1)},
                         element, rows)))
    return failure();
  int64_t lists = cast<RankedTensorType>(rows[0]).getNumElements();
  if (failed(inferTensor(loc, {lists, bound, 3}, indexType(context), rows)))
    return failure();
  if (failed(inferIndices(loc, context, {lists * bound, 3}, results)))
    return failure();
  return inferIndices(loc, context, {}, results);
}
