//===- Trigonometry.cpp - angles and remainders in f64 -------------------===//
//
// sin and cos subtract the nearest multiple of pi/2 in three parts (Cody and
// Waite), exactly up to 2^20 multiples, and choose between two polynomials;
// the others follow. All coefficients are the published ones of FreeBSD's msun
// (Sun Microsystems, 1993). f32 goes through f64: these functions are rare, and
// half a unit in the last place comes for free.
//
//===----------------------------------------------------------------------===//
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/DoubleMath.h"
#include <limits>

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

static constexpr double halfPi = 1.57079632679489655800e+00,
                        halfPiLow = 6.12323399573676603587e-17;

//===-- sine and cosine --------------------------------------------------===//

DoubleMath::Quarter DoubleMath::reduceAngle(Value x) const {
  Value k = round(mul(x, c(0.63661977236758138)));
  Value r = fma(k, c(-1.57079632673412561417e+00), x);
  r = fma(k, c(-6.07710050630396597660e-11), r);
  r = fma(k, c(-2.02226624879595063154e-21), r);
  // Past the exact multiples the angle is lost, but not the bounds of sin.
  r = clamp(r, -0.7854, 0.7854);
  Value z = mul(r, r);
  Value sine =
      polynomial(z, {-1.66666666666666324348e-01, 8.33333333332248946124e-03,
                     -1.98412698298579493134e-04, 2.75573137070700676789e-06,
                     -2.50507602534068634195e-08, 1.58969099521155010221e-10});
  sine = fma(mul(r, z), sine, r);
  Value cosine =
      polynomial(z, {4.16666666666666019037e-02, -1.38888888888741095749e-03,
                     2.48015872894767294178e-05, -2.75573143513906633035e-07,
                     2.08757232129817482790e-09, -1.13596475577881948265e-11});
  Value half = mul(z, c(0.5));
  // 1 - z/2 with what its rounding loses
  Value main = sub(c(1.0), half);
  Value lost = sub(sub(c(1.0), main), half);
  cosine = add(main, fma(mul(z, z), cosine, lost));
  return {k, sine, cosine};
}

Value DoubleMath::sin(Value x) const {
  Quarter q = reduceAngle(x);
  Value result = select(isOdd(q.k), q.cosine, q.sine);
  // k = 2, 3 modulo 4: bit 1 becomes the sign
  Value flip = left(maskBits(bits(add(q.k, c(0x1.8p52))), 2), 62);
  return real(arith::XOrIOp::create(b, loc, bits(result), flip));
}

Value DoubleMath::cos(Value x) const {
  Quarter q = reduceAngle(x);
  Value result = select(isOdd(q.k), q.sine, q.cosine);
  Value flip = left(maskBits(bits(add(q.k, c(0x1.8p52 + 1))), 2), 62);
  return real(arith::XOrIOp::create(b, loc, bits(result), flip));
}

Value DoubleMath::tan(Value x) const {
  Quarter q = reduceAngle(x);
  Value odd = isOdd(q.k);
  return div(select(odd, neg(q.cosine), q.sine), select(odd, q.sine, q.cosine));
}

//===-- inverses ---------------------------------------------------------===//

/// (asin s - s) / s for z = s^2 <= 1/4.
Value DoubleMath::arcsineSeries(Value z) const {
  Value p =
      polynomial(z, {1.66666666666666657415e-01, -3.25565818622400915405e-01,
                     2.01212532134862925881e-01, -4.00555345006794114027e-02,
                     7.91534994289814532176e-04, 3.47933107596021167570e-05});
  Value q =
      polynomial(z, {1, -2.40339491173441421878e+00, 2.02094576023350569471e+00,
                     -6.88283971605453293030e-01, 7.70381505559019352791e-02});
  return div(mul(z, p), q);
}

/// Above 1/2 by asin x = pi/2 - 2 asin sqrt((1 - x) / 2); NaN past 1, where
/// the root is.
Value DoubleMath::asin(Value x) const {
  Value a = abs(x);
  Value isLarge = less(c(0.5), a);
  Value z = select(isLarge, mul(sub(c(1.0), a), c(0.5)), mul(x, x));
  Value s = select(isLarge, sqrt(z), a);
  Value arc = fma(s, arcsineSeries(z), s);
  Value large = sub(c(halfPi), sub(add(arc, arc), c(halfPiLow)));
  return copySign(select(isLarge, large, arc), x);
}

Value DoubleMath::acos(Value x) const {
  Value a = abs(x);
  Value isLarge = less(c(0.5), a), isNegative = less(x, 0.0);
  Value z = select(isLarge, mul(sub(c(1.0), a), c(0.5)), mul(x, x));
  Value s = select(isLarge, sqrt(z), x);
  Value arc = fma(s, arcsineSeries(z), s);
  Value small = sub(c(halfPi), sub(arc, c(halfPiLow)));
  Value twice = add(arc, arc);
  Value large = select(isNegative,
                       sub(c(2 * halfPi), sub(twice, c(2 * halfPiLow))), twice);
  return select(isLarge, large, small);
}

/// About infinity, 1 and 0, whichever is nearest in angle.
Value DoubleMath::atan(Value x) const {
  Value a = abs(x), one = c(1.0);
  Value isFar = less(c(2.414213562373095), a),
        isMiddle = less(c(0.41421356237309503), a);
  Value above = select(isFar, c(-1.0), select(isMiddle, sub(a, one), a));
  Value below = select(isFar, a, select(isMiddle, add(a, one), one));
  Value t = div(above, below);
  Value base =
      select(isFar, c(halfPi), select(isMiddle, c(halfPi / 2), c(0.0)));
  Value low =
      select(isFar, c(halfPiLow), select(isMiddle, c(halfPiLow / 2), c(0.0)));
  Value z = mul(t, t);
  Value series =
      polynomial(z, {3.33333333333329318027e-01, -1.99999999998764832476e-01,
                     1.42857142725034663711e-01, -1.11111104054623557880e-01,
                     9.09088713343650656196e-02, -7.69187620504482999495e-02,
                     6.66107313738753120669e-02, -5.83357013379057348645e-02,
                     4.97687799461593236017e-02, -3.65315727442169155270e-02,
                     1.62858201153657823623e-02});
  Value correction = sub(mul(mul(t, z), series), low);
  return copySign(sub(base, sub(correction, t)), x);
}

//===-- remainders -------------------------------------------------------===//

/// Subtracts multiples of |y| whose factors have 26 bits, so that every product
/// and difference is exact, while any lane is not below |y|.
Value DoubleMath::rem(Value x, Value y) const {
  constexpr int64_t highBits = ~int64_t(0x7ffffff);
  Value a = abs(x), d = abs(y);
  Value infinite = c(std::numeric_limits<double>::infinity());
  Value valid = both(less(a, infinite), less(c(0.0), d));
  // Of an infinite y the rest is x; multiples of it are no numbers.
  Value divides = both(valid, less(d, infinite));
  Value left = select(divides, a, c(0.0));
  Value divisor = select(divides, d, c(1.0));
  Value high = real(maskBits(bits(divisor), highBits));
  Value low = sub(divisor, high);
  auto loop = scf::WhileOp::create(
      b, loc, TypeRange(type), ValueRange(left),
      [&](OpBuilder &, Location, ValueRange carried) {
        Value open = compare(arith::CmpFPredicate::OGE, carried[0], divisor);
        if (isa<VectorType>(type))
          open = vector::ReductionOp::create(b, loc, vector::CombiningKind::OR,
                                             open);
        scf::ConditionOp::create(b, loc, open, carried);
      },
      [&](OpBuilder &, Location, ValueRange carried) {
        // A quotient past the largest number needs a larger divisor; quotients
        // reach 2^2098, so it may need one twice.
        Value raised = divisor, upper = high, lower = low;
        for (int step = 0; step < 2; ++step) {
          Value huge = compare(arith::CmpFPredicate::OGE,
                               div(carried[0], raised), c(0x1p1000));
          Value factor = select(huge, c(0x1p600), c(1.0));
          raised = mul(raised, factor);
          upper = mul(upper, factor);
          lower = mul(lower, factor);
        }
        Value q = div(carried[0], raised);
        q = real(maskBits(bits(q), highBits));
        q = select(less(q, 0x1p51), truncate(q), q);
        Value rest = sub(carried[0], mul(q, upper));
        rest = sub(rest, mul(q, lower));
        // The rounded quotient may be one too large.
        rest = select(less(rest, 0.0), add(rest, raised), rest);
        scf::YieldOp::create(b, loc, rest);
      });
  Value result = copySign(loop.getResult(0), x);
  result = select(both(valid, equal(d, infinite)), x, result);
  return select(valid, result, c(std::numeric_limits<double>::quiet_NaN()));
}

//===-- for both precisions ----------------------------------------------===//

static Type wideType(OpBuilder &b, Type type) {
  if (auto vector = dyn_cast<VectorType>(type))
    return vector.clone(b.getF64Type());
  return b.getF64Type();
}

/// `f` on f64 values made of `x`; the result in the type of the first.
static Value
inDouble(OpBuilder &b, Location loc, ArrayRef<Value> x,
         const MathTarget &target,
         function_ref<Value(const DoubleMath &, ArrayRef<Value>)> f) {
  Type type = x[0].getType(), wide = wideType(b, type);
  SmallVector<Value> operands(x);
  if (type != wide)
    for (Value &operand : operands)
      operand = arith::ExtFOp::create(b, loc, wide, operand);
  Value result = f(DoubleMath(b, loc, wide, target), operands);
  return type == wide
             ? result
             : arith::TruncFOp::create(b, loc, type, result).getResult();
}

#define IN_DOUBLE(NAME, METHOD)                                                \
  Value kernel::NAME(OpBuilder &b, Location loc, Value x,                      \
                     const MathTarget &target) {                               \
    return inDouble(b, loc, x, target,                                         \
                    [](const DoubleMath &v, ArrayRef<Value> x) {               \
                      return v.METHOD(x[0]);                                   \
                    });                                                        \
  }
IN_DOUBLE(emitSin, sin)
IN_DOUBLE(emitCos, cos)
IN_DOUBLE(emitTan, tan)
IN_DOUBLE(emitAsin, asin)
IN_DOUBLE(emitAcos, acos)
IN_DOUBLE(emitAtan, atan)
IN_DOUBLE(emitSinh, sinh)
IN_DOUBLE(emitCosh, cosh)
IN_DOUBLE(emitAsinh, asinh)
IN_DOUBLE(emitAcosh, acosh)
IN_DOUBLE(emitAtanh, atanh)
#undef IN_DOUBLE

Value kernel::emitRem(OpBuilder &b, Location loc, Value x, Value y,
                      const MathTarget &target) {
  return inDouble(
      b, loc, {x, y}, target,
      [](const DoubleMath &v, ArrayRef<Value> x) { return v.rem(x[0], x[1]); });
}

/// The remainder, and y once more where the signs differ.
Value kernel::emitMod(OpBuilder &b, Location loc, Value x, Value y,
                      const MathTarget &target) {
  return inDouble(
      b, loc, {x, y}, target, [](const DoubleMath &v, ArrayRef<Value> x) {
        Value rest = v.rem(x[0], x[1]);
        Value opposite = v.compare(arith::CmpFPredicate::OLT,
                                   v.copySign(v.c(1.0), rest), v.c(0.0));
        Value isNegative = v.less(x[1], 0.0);
        Value differ = arith::XOrIOp::create(v.b, v.loc, opposite, isNegative);
        Value some = v.compare(arith::CmpFPredicate::ONE, rest, v.c(0.0));
        return v.select(v.both(differ, some), v.add(rest, x[1]), rest);
      });
}
