//===- IntegerOperators.cpp - division, shifts, powers of integers -------===//
//
// Whatever the processor does with a division by zero or a shift by more than
// the width, kernels do not: each form here is defined for all operands, and
// gives the same on every machine.
//
//===----------------------------------------------------------------------===//
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/OperatorTable.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

using Predicate = arith::CmpIPredicate;

Value VectorOperands::integer(int64_t value) const {
  auto type = cast<VectorType>(x[0].getType());
  return arith::ConstantOp::create(
      b, loc,
      SplatElementsAttr::get(
          type, Attribute(b.getIntegerAttr(type.getElementType(), value))));
}

Value kernel::emitIntegerSign(const VectorOperands &v) {
  Value one = arith::MinSIOp::create(v.b, v.loc, v.x[0], v.integer(1));
  return arith::MaxSIOp::create(v.b, v.loc, one, v.integer(-1));
}

Value kernel::emitIntegerAbs(const VectorOperands &v) {
  Value negative = arith::SubIOp::create(v.b, v.loc, v.integer(0), v.x[0]);
  return arith::MaxSIOp::create(v.b, v.loc, v.x[0], negative);
}

//===-- division ---------------------------------------------------------===//

namespace {
/// A divisor that no processor traps on, and where it was another.
struct SafeDivisor {
  Value divisor, wasZero, wasMinusOne;
};
} // namespace

static SafeDivisor safeDivisor(const VectorOperands &v, bool isSigned) {
  SafeDivisor safe;
  safe.wasZero = v.compare(Predicate::eq, v.x[1], v.integer(0));
  safe.divisor = v.select(safe.wasZero, v.integer(1), v.x[1]);
  if (!isSigned)
    return safe;
  safe.wasMinusOne = v.compare(Predicate::eq, v.x[1], v.integer(-1));
  safe.divisor = v.select(safe.wasMinusOne, v.integer(1), safe.divisor);
  return safe;
}

Value kernel::emitSignedDivision(const VectorOperands &v) {
  SafeDivisor safe = safeDivisor(v, /*isSigned=*/true);
  Value quotient = arith::DivSIOp::create(v.b, v.loc, v.x[0], safe.divisor);
  Value negated = arith::SubIOp::create(v.b, v.loc, v.integer(0), v.x[0]);
  quotient = v.select(safe.wasMinusOne, negated, quotient);
  return v.select(safe.wasZero, v.integer(0), quotient);
}

Value kernel::emitUnsignedDivision(const VectorOperands &v) {
  SafeDivisor safe = safeDivisor(v, /*isSigned=*/false);
  Value quotient = arith::DivUIOp::create(v.b, v.loc, v.x[0], safe.divisor);
  return v.select(safe.wasZero, v.integer(0), quotient);
}

/// The rest of a division by 1 is the 0 that those by 0 and -1 shall have.
Value kernel::emitSignedRem(const VectorOperands &v) {
  SafeDivisor safe = safeDivisor(v, /*isSigned=*/true);
  return arith::RemSIOp::create(v.b, v.loc, v.x[0], safe.divisor);
}

Value kernel::emitUnsignedRem(const VectorOperands &v) {
  SafeDivisor safe = safeDivisor(v, /*isSigned=*/false);
  return arith::RemUIOp::create(v.b, v.loc, v.x[0], safe.divisor);
}

Value kernel::emitFloorMod(const VectorOperands &v) {
  Value rest = emitSignedRem(v);
  Value signs = arith::XOrIOp::create(v.b, v.loc, rest, v.x[1]);
  Value differ = v.compare(Predicate::slt, signs, v.integer(0));
  Value some = v.compare(Predicate::ne, rest, v.integer(0));
  Value moved = arith::AddIOp::create(v.b, v.loc, rest, v.x[1]);
  Value wrong = arith::AndIOp::create(v.b, v.loc, differ, some);
  return v.select(wrong, moved, rest);
}

//===-- shifts -----------------------------------------------------------===//

static int64_t widthOf(const VectorOperands &v) {
  return cast<VectorType>(v.x[0].getType()).getElementTypeBitWidth();
}

/// At most the width less one; a negative count is a large one.
static Value boundedCount(const VectorOperands &v) {
  return arith::MinUIOp::create(v.b, v.loc, v.x[1], v.integer(widthOf(v) - 1));
}

static Value zeroPastWidth(const VectorOperands &v, Value shifted) {
  Value inside = v.compare(Predicate::ule, v.x[1], v.integer(widthOf(v) - 1));
  return v.select(inside, shifted, v.integer(0));
}

Value kernel::emitShiftLeft(const VectorOperands &v) {
  return zeroPastWidth(
      v, arith::ShLIOp::create(v.b, v.loc, v.x[0], boundedCount(v)));
}

Value kernel::emitSignedShiftRight(const VectorOperands &v) {
  return arith::ShRSIOp::create(v.b, v.loc, v.x[0], boundedCount(v));
}

Value kernel::emitUnsignedShiftRight(const VectorOperands &v) {
  return zeroPastWidth(
      v, arith::ShRUIOp::create(v.b, v.loc, v.x[0], boundedCount(v)));
}

//===-- powers -----------------------------------------------------------===//

/// By squaring, while any lane has a bit of its exponent left.
static Value emitNaturalPow(const VectorOperands &v, Value exponent) {
  Type type = v.x[0].getType();
  SmallVector<Value> inits = {v.integer(1), v.x[0], exponent};
  SmallVector<Type> types(3, type);
  Value zero = v.integer(0), one = v.integer(1);
  auto isSet = [&](OpBuilder &b, Location loc, Value bits) -> Value {
    return arith::CmpIOp::create(b, loc, Predicate::ne, bits, zero);
  };
  auto loop = scf::WhileOp::create(
      v.b, v.loc, types, inits,
      [&](OpBuilder &b, Location loc, ValueRange carried) {
        Value left = vector::ReductionOp::create(
            b, loc, vector::CombiningKind::OR, carried[2]);
        Value none =
            arith::ConstantOp::create(b, loc, b.getZeroAttr(left.getType()));
        Value more = arith::CmpIOp::create(b, loc, Predicate::ne, left, none);
        scf::ConditionOp::create(b, loc, more, carried);
      },
      [&](OpBuilder &b, Location loc, ValueRange carried) {
        Value low = arith::AndIOp::create(b, loc, carried[2], one);
        Value product = arith::MulIOp::create(b, loc, carried[0], carried[1]);
        Value power = arith::SelectOp::create(b, loc, isSet(b, loc, low),
                                              product, carried[0]);
        Value square = arith::MulIOp::create(b, loc, carried[1], carried[1]);
        Value rest = arith::ShRUIOp::create(b, loc, carried[2], one);
        scf::YieldOp::create(b, loc, ValueRange{power, square, rest});
      });
  return loop.getResult(0);
}

/// 1^-n is 1, (-1)^-n alternates, all others truncate to 0.
Value kernel::emitIntegerPow(const VectorOperands &v) {
  bool isUnsigned = isUnsignedElement(v.operandElement());
  if (isUnsigned)
    return emitNaturalPow(v, v.x[1]);
  Value negative = v.compare(Predicate::slt, v.x[1], v.integer(0));
  Value unit = v.compare(Predicate::eq, emitIntegerAbs(v), v.integer(1));
  Value odd = arith::AndIOp::create(v.b, v.loc, v.x[1], v.integer(1));
  Value exponent = v.select(negative, odd, v.x[1]);
  Value power = emitNaturalPow(v, exponent);
  Value inverse = v.select(unit, power, v.integer(0));
  return v.select(negative, inverse, power);
}
