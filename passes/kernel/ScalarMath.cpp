//===- ScalarMath.cpp - short names for arithmetic on numbers -------------===//
//
// Rounding goes through integers: floor and round are instructions only on some
// machines and calls on the others.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/ScalarMath.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace edgec::kernel;

Number ScalarMath::constant(double value) const {
  return {this,
          arith::ConstantOp::create(k.b, k.loc, k.b.getFloatAttr(type, value))};
}

Number ScalarMath::number(Value value) const {
  auto from = cast<FloatType>(value.getType());
  FloatType to = type;
  if (from == to)
    return {this, value};
  if (from.getWidth() < to.getWidth())
    return {this, arith::ExtFOp::create(k.b, k.loc, type, value)};
  return {this, arith::TruncFOp::create(k.b, k.loc, type, value)};
}

Number ScalarMath::number(Index index) const {
  if (index.isConstant())
    return constant(double(index.constant));
  Value integer =
      arith::IndexCastOp::create(k.b, k.loc, k.b.getI64Type(), k.value(index));
  return {this, arith::SIToFPOp::create(k.b, k.loc, type, integer)};
}

Number ScalarMath::load(Value buffer, Index at) const {
  return number(k.loadScalar(buffer, at));
}

void ScalarMath::store(Number number, Value buffer, Index at) const {
  k.storeScalar(toFloat(number), buffer, at);
}

Index ScalarMath::toIndex(Number number) const {
  Value integer =
      arith::FPToSIOp::create(k.b, k.loc, k.b.getI64Type(), number.value);
  Value index =
      arith::IndexCastOp::create(k.b, k.loc, k.b.getIndexType(), integer);
  return index;
}

Value ScalarMath::toFloat(Number number) const {
  if (type.isF32())
    return number.value;
  return arith::TruncFOp::create(k.b, k.loc, k.b.getF32Type(), number.value);
}

template <typename Op> static Number binary(Number a, Number b) {
  KernelBuilder &k = a.math->k;
  return {a.math, Op::create(k.b, k.loc, a.value, b.value)};
}

static Number compare(arith::CmpFPredicate predicate, Number a, Number b) {
  KernelBuilder &k = a.math->k;
  return {a.math,
          arith::CmpFOp::create(k.b, k.loc, predicate, a.value, b.value)};
}

namespace edgec::kernel {

Number operator+(Number a, Number b) { return binary<arith::AddFOp>(a, b); }
Number operator-(Number a, Number b) { return binary<arith::SubFOp>(a, b); }
Number operator*(Number a, Number b) { return binary<arith::MulFOp>(a, b); }
Number operator/(Number a, Number b) { return binary<arith::DivFOp>(a, b); }
Number operator+(Number a, double b) { return a + a.math->constant(b); }
Number operator-(Number a, double b) { return a - a.math->constant(b); }
Number operator-(double a, Number b) { return b.math->constant(a) - b; }
Number operator*(Number a, double b) { return a * a.math->constant(b); }
Number operator/(Number a, double b) { return a / a.math->constant(b); }

Number operator<(Number a, Number b) {
  return compare(arith::CmpFPredicate::OLT, a, b);
}
Number operator<=(Number a, Number b) {
  return compare(arith::CmpFPredicate::OLE, a, b);
}
Number operator==(Number a, Number b) {
  return compare(arith::CmpFPredicate::OEQ, a, b);
}
Number operator<(Number a, double b) { return a < a.math->constant(b); }
Number operator<=(Number a, double b) { return a <= a.math->constant(b); }
Number operator&&(Number a, Number b) { return binary<arith::AndIOp>(a, b); }
Number operator||(Number a, Number b) { return binary<arith::OrIOp>(a, b); }

Number select(Number condition, Number a, Number b) {
  KernelBuilder &k = a.math->k;
  return {a.math, arith::SelectOp::create(k.b, k.loc, condition.value, a.value,
                                          b.value)};
}

Number absolute(Number a) { return select(a < 0.0, 0.0 - a, a); }
Number smaller(Number a, Number b) { return select(a < b, a, b); }
Number larger(Number a, Number b) { return select(b < a, a, b); }

Number clamp(Number a, Number low, Number high) {
  return smaller(larger(a, low), high);
}

Number clamp(Number a, double low, double high) {
  return clamp(a, a.math->constant(low), a.math->constant(high));
}

Number truncate(Number a) {
  KernelBuilder &k = a.math->k;
  Value integer =
      arith::FPToSIOp::create(k.b, k.loc, k.b.getI64Type(), a.value);
  return {a.math, arith::SIToFPOp::create(k.b, k.loc, a.math->type, integer)};
}

Number floor(Number a) {
  Number whole = truncate(a);
  return select(a < whole, whole - 1.0, whole);
}

Number ceil(Number a) {
  Number whole = truncate(a);
  return select(whole < a, whole + 1.0, whole);
}

Number roundEven(Number a) {
  Number below = floor(a), rest = a - below;
  Number half = below * 0.5;
  Number isEven = half == truncate(half);
  Number down = (rest < 0.5) || ((rest == a.math->constant(0.5)) && isEven);
  return select(down, below, below + 1.0);
}

Number cubicWeight(Number distance, double a) {
  Number d = absolute(distance);
  Number inner = (d * (a + 2) - (a + 3)) * d * d + 1.0;
  Number outer = ((d - 5.0) * d + 8.0) * d * a - 4 * a;
  Number zero = d.math->constant(0.0);
  return select(d <= 1.0, inner, select(d < 2.0, outer, zero));
}

Number linearWeight(Number distance) {
  Number zero = distance.math->constant(0.0);
  return larger(1.0 - absolute(distance), zero);
}

} // namespace edgec::kernel
