//===- Logic.cpp - comparisons, bits, choices ----------------------------===//
//
// Operators whose result is a truth value, a choice, or bits. A truth value is
// the integer 0 or 1, so that logic is arithmetic on bits like any other.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Edge.h"
#include "targets/evaluator/Operators.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace edgec;
using namespace edgec::evaluator;

/// Calls body(i, a, b) for element i of the result and the elements of both
/// operands that meet there.
static void
forEachPair(const HostTensor &lhs, const HostTensor &rhs,
            ArrayRef<int64_t> shape,
            llvm::function_ref<void(int64_t, int64_t, int64_t)> body) {
  auto lhsStrides = broadcastStrides(lhs.shape(), shape);
  auto rhsStrides = broadcastStrides(rhs.shape(), shape);
  int64_t i = 0;
  forEachPosition(shape, [&](ArrayRef<int64_t> position) {
    body(i++, linearise(position, lhsStrides), linearise(position, rhsStrides));
  });
}

template <typename T> static bool holds(Operation *op, T a, T b) {
  if (isa<edge::EqualOp>(op))
    return a == b;
  return isa<edge::LessOp>(op) ? a < b : a <= b;
}

static HostTensor compare(Operation *op, const HostTensor &lhs,
                          const HostTensor &rhs) {
  HostTensor result(resultType(op));
  bool isUnsigned = lhs.elementType().isUnsignedInteger();
  forEachPair(lhs, rhs, result.shape(), [&](int64_t i, int64_t a, int64_t b) {
    if (lhs.isFloat()) {
      result.integers[i] = holds(op, lhs.reals[a], rhs.reals[b]);
    } else if (isUnsigned) {
      result.integers[i] =
          holds(op, uint64_t(lhs.integers[a]), uint64_t(rhs.integers[b]));
    } else {
      result.integers[i] = holds(op, lhs.integers[a], rhs.integers[b]);
    }
  });
  return result;
}

static HostTensor test(Operation *op, const HostTensor &x) {
  HostTensor result(resultType(op));
  auto isInf = dyn_cast<edge::IsInfOp>(op);
  llvm::transform(x.reals, result.integers.begin(), [&](double value) {
    if (!isInf)
      return int64_t(std::isnan(value));
    bool wanted = value < 0 ? isInf.getNegative() : isInf.getPositive();
    return int64_t(std::isinf(value) && wanted);
  });
  return result;
}

/// One operation on the bits of two integers of `width` bits; a shift by the
/// width or more leaves nothing but the sign.
static int64_t combineBits(Operation *op, int64_t a, int64_t b, unsigned width,
                           bool isUnsigned) {
  return llvm::TypeSwitch<Operation *, int64_t>(op)
      .Case([&](edge::AndOp) { return a & b; })
      .Case([&](edge::OrOp) { return a | b; })
      .Case([&](edge::XorOp) { return a ^ b; })
      .Case([&](edge::ShiftLeftOp) {
        return uint64_t(b) < width ? int64_t(uint64_t(a) << b) : 0;
      })
      .Default([&](Operation *) {
        if (isUnsigned)
          return uint64_t(b) < width ? int64_t(uint64_t(a) >> b) : 0;
        return a >> (uint64_t(b) < width ? b : 63);
      });
}

static HostTensor bits(Operation *op, const HostTensor &lhs,
                       const HostTensor &rhs) {
  HostTensor result(resultType(op));
  Type element = lhs.elementType();
  forEachPair(lhs, rhs, result.shape(), [&](int64_t i, int64_t a, int64_t b) {
    result.integers[i] = wrapTo(
        result.elementType(), combineBits(op, lhs.integers[a], rhs.integers[b],
                                          element.getIntOrFloatBitWidth(),
                                          element.isUnsignedInteger()));
  });
  return result;
}

static HostTensor complement(Operation *op, const HostTensor &x) {
  HostTensor result(resultType(op));
  llvm::transform(x.integers, result.integers.begin(), [&](int64_t value) {
    return wrapTo(result.elementType(), ~value);
  });
  return result;
}

static HostTensor select(edge::SelectOp op, Operands operands) {
  HostTensor result(resultType(op));
  const HostTensor &condition = *operands[0];
  auto strides = broadcastStrides(condition.shape(), result.shape());
  int64_t i = 0;
  forEachPosition(result.shape(), [&](ArrayRef<int64_t> position) {
    bool first = condition.integers[linearise(position, strides)];
    const HostTensor &source = *operands[first ? 1 : 2];
    int64_t from =
        linearise(position, broadcastStrides(source.shape(), result.shape()));
    if (result.isFloat())
      result.reals[i++] = source.reals[from];
    else
      result.integers[i++] = source.integers[from];
  });
  return result;
}

Result edgec::evaluator::evaluateLogic(Operation *op, Operands operands) {
  if (isa<edge::EqualOp, edge::LessOp, edge::LessEqualOp>(op))
    return compare(op, *operands[0], *operands[1]);
  if (isa<edge::IsNanOp, edge::IsInfOp>(op))
    return test(op, *operands[0]);
  if (auto selectOp = dyn_cast<edge::SelectOp>(op)) {
    Type element = resultType(op).getElementType();
    if (operands[1]->elementType() != element ||
        operands[2]->elementType() != element)
      return undefinedOn(op, "differently quantized");
    return select(selectOp, operands);
  }
  if (!isa<edge::AndOp, edge::OrOp, edge::XorOp, edge::ShiftLeftOp,
           edge::ShiftRightOp, edge::NotOp>(op))
    return std::nullopt;
  if (!isa<IntegerType>(operands[0]->elementType()) ||
      !isa<IntegerType>(resultType(op).getElementType()))
    return undefinedOn(op, "float or quantized");
  if (isa<edge::NotOp>(op))
    return complement(op, *operands[0]);
  return bits(op, *operands[0], *operands[1]);
}
