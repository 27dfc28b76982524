//===- EdgeProduct.cpp - result types of products of two values -----------===//
//
// As EdgeInfer.cpp for the core operators: one function each, whose errors
// carry the documented labels.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Product.h"
#include "dialects/edge/ProductShape.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace edgec::edge;

#define GET_OP_CLASSES
#include "dialects/edge/EdgeProduct.cpp.inc"

static RankedTensorType tensorType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

static bool isByte(Type element) {
  return element.isSignlessInteger(8) || element.isUnsignedInteger(8);
}

/// Whether a byte type has the number.
static bool holds(Type element, int64_t value) {
  int64_t least = element.isUnsignedInteger() ? 0 : -128;
  return value >= least && value < least + 256;
}

LogicalResult
IntegerMatMulOp::inferReturnTypes(MLIRContext *context,
                                  std::optional<Location> loc, Adaptor adaptor,
                                  SmallVectorImpl<Type> &results) {
  RankedTensorType lhs = tensorType(adaptor.getLhs()),
                   rhs = tensorType(adaptor.getRhs());
  FailureOr<SmallVector<int64_t>> shape = inferProductShape(loc, lhs, rhs);
  if (failed(shape))
    return failure();
  if (!isByte(lhs.getElementType()) || !isByte(rhs.getElementType()))
    return emitOptionalError(loc, "C4: the elements of ", lhs, " and ", rhs,
                             " must be i8 or ui8");
  int64_t lhsZero = adaptor.getLhsZeroPoint(),
          rhsZero = adaptor.getRhsZeroPoint();
  if (!holds(lhs.getElementType(), lhsZero) ||
      !holds(rhs.getElementType(), rhsZero)) {
    return emitOptionalError(loc, "C5: the zero points ", lhsZero, " and ",
                             rhsZero, " are not numbers of ", lhs, " and ",
                             rhs);
  }
  return inferTensor(loc, *shape, IntegerType::get(context, 32), results);
}
