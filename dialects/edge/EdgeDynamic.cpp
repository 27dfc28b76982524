//===- EdgeDynamic.cpp - operators with offsets of the run ----------------===//
//
// Verifiers: result shapes cannot be inferred, for the run decides which part
// they are of.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Dynamic.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace edgec::edge;

#include "dialects/edge/EdgeDynamicEnums.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/edge/EdgeDynamic.cpp.inc"

static RankedTensorType tensorType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

/// A list of i32 or i64 of this length; absent ones are.
static bool isList(Value value, int64_t length) {
  if (!value)
    return true;
  RankedTensorType type = tensorType(value);
  return type.getRank() == 1 && type.getDimSize(0) == length &&
         (type.getElementType().isSignlessInteger(32) ||
          type.getElementType().isSignlessInteger(64));
}

static LogicalResult verifyResult(Operation *op) {
  RankedTensorType x = tensorType(op->getOperand(0)),
                   result = tensorType(op->getResult(0));
  if (x.getRank() == result.getRank() &&
      x.getElementType() == result.getElementType())
    return success();
  return op->emitOpError("C2: the result ")
         << result << " must have the rank and element type of " << x;
}

LogicalResult DynamicSliceOp::verify() {
  RankedTensorType starts = tensorType(getStarts());
  int64_t count = starts.getRank() == 1 ? starts.getDimSize(0) : -1;
  if (count < 0 || count > tensorType(getX()).getRank() ||
      !isList(getStarts(), count) || !isList(getAxes(), count) ||
      !isList(getSteps(), count)) {
    return emitOpError("C1: starts, axes and steps must be lists of one "
                       "length, at most x's rank, of i32 or i64");
  }
  return verifyResult(*this);
}

LogicalResult DynamicPadOp::verify() {
  RankedTensorType pads = tensorType(getPads());
  int64_t count = pads.getRank() == 1 ? pads.getDimSize(0) : -1;
  if (count < 0 || count % 2 != 0 || count / 2 > tensorType(getX()).getRank() ||
      !isList(getPads(), count) || !isList(getAxes(), count / 2)) {
    return emitOpError("C1: pads must be a list of two for each axis, at most "
                       "x's rank of them, of i32 or i64");
  }
  if (failed(verifyResult(*this)))
    return failure();
  if (getValue() && (tensorType(getValue()).getNumElements() != 1 ||
                     tensorType(getValue()).getElementType() !=
                         tensorType(getX()).getElementType()))
    return emitOpError("C3: the value must be one element of x's type, found ")
           << getValue().getType();
  return success();
}
