//===- DoubleMath.cpp - arithmetic and exponentials of f64 ---------------===//
//
// The methods are those of VectorMath.cpp with longer polynomials. exp is the
// Taylor series to the 13th power on |r| <= ln2 / 2, where what is left out is
// below 2^-57; the coefficients of log and erf are the published ones of
// FreeBSD's msun (Sun Microsystems, 1993).
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/DoubleMath.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <limits>

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

static constexpr double infinity = std::numeric_limits<double>::infinity();
static constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();
/// Added to |x| < 2^51 it leaves x rounded to the nearest even integer, and
/// that integer in the low bits.
static constexpr double magic = 0x1.8p52;
static constexpr double ln2High = 6.93147180369123816490e-01,
                        ln2Low = 1.90821492927058770002e-10;
static constexpr int64_t oneBits = 0x3ff0000000000000;

//===-- arithmetic -------------------------------------------------------===//

static Type withElementOf(Type type, Type element) {
  if (auto vector = dyn_cast<VectorType>(type))
    return vector.clone(element);
  return element;
}

Value DoubleMath::constant(Type element, TypedAttr value) const {
  if (auto vector = dyn_cast<VectorType>(withElementOf(type, element)))
    return arith::ConstantOp::create(
        b, loc, SplatElementsAttr::get(vector, Attribute(value)));
  return arith::ConstantOp::create(b, loc, value);
}

Value DoubleMath::c(double value) const {
  return constant(b.getF64Type(), b.getF64FloatAttr(value));
}
Value DoubleMath::c(int64_t bits) const {
  return constant(b.getI64Type(), b.getI64IntegerAttr(bits));
}
Value DoubleMath::add(Value x, Value y) const {
  return arith::AddFOp::create(b, loc, x, y);
}
Value DoubleMath::sub(Value x, Value y) const {
  return arith::SubFOp::create(b, loc, x, y);
}
Value DoubleMath::mul(Value x, Value y) const {
  return arith::MulFOp::create(b, loc, x, y);
}
Value DoubleMath::div(Value x, Value y) const {
  return arith::DivFOp::create(b, loc, x, y);
}
Value DoubleMath::neg(Value x) const {
  return arith::NegFOp::create(b, loc, x);
}
Value DoubleMath::fma(Value x, Value y, Value z) const {
  return emitMultiplyAdd(b, loc, x, y, z, target);
}
Value DoubleMath::abs(Value x) const { return LLVM::FAbsOp::create(b, loc, x); }
Value DoubleMath::sqrt(Value x) const {
  return LLVM::SqrtOp::create(b, loc, x);
}
Value DoubleMath::copySign(Value magnitude, Value sign) const {
  return LLVM::CopySignOp::create(b, loc, magnitude, sign);
}
Value DoubleMath::compare(arith::CmpFPredicate predicate, Value x,
                          Value y) const {
  return arith::CmpFOp::create(b, loc, predicate, x, y);
}
Value DoubleMath::less(Value x, Value y) const {
  return compare(arith::CmpFPredicate::OLT, x, y);
}
Value DoubleMath::equal(Value x, Value y) const {
  return compare(arith::CmpFPredicate::OEQ, x, y);
}
Value DoubleMath::select(Value condition, Value x, Value y) const {
  return arith::SelectOp::create(b, loc, condition, x, y);
}
Value DoubleMath::both(Value x, Value y) const {
  return arith::AndIOp::create(b, loc, x, y);
}
Value DoubleMath::clamp(Value x, double low, double high) const {
  x = emitAtLeast(b, loc, x, c(low), target);
  return emitAtMost(b, loc, x, c(high), target);
}
Value DoubleMath::polynomial(Value x, ArrayRef<double> coefficients) const {
  Value sum = c(coefficients.back());
  for (double coefficient : llvm::reverse(coefficients.drop_back()))
    sum = fma(sum, x, c(coefficient));
  return sum;
}
Value DoubleMath::bits(Value x) const {
  return arith::BitcastOp::create(b, loc, withElementOf(type, b.getI64Type()),
                                  x);
}
Value DoubleMath::real(Value bits) const {
  return arith::BitcastOp::create(b, loc, type, bits);
}
Value DoubleMath::left(Value bits, int64_t count) const {
  return arith::ShLIOp::create(b, loc, bits, c(count));
}
Value DoubleMath::right(Value bits, int64_t count) const {
  return arith::ShRUIOp::create(b, loc, bits, c(count));
}
Value DoubleMath::maskBits(Value bits, int64_t mask) const {
  return arith::AndIOp::create(b, loc, bits, c(mask));
}
Value DoubleMath::eitherBits(Value x, Value y) const {
  return arith::OrIOp::create(b, loc, x, y);
}
Value DoubleMath::addBits(Value x, Value y) const {
  return arith::AddIOp::create(b, loc, x, y);
}
Value DoubleMath::round(Value x) const {
  return sub(add(x, c(magic)), c(magic));
}
Value DoubleMath::truncate(Value x) const {
  Value near = round(x);
  return select(less(x, near), sub(near, c(1.0)), near);
}
Value DoubleMath::isOdd(Value x) const {
  Value low = maskBits(bits(add(x, c(magic))), 1);
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, low,
                               c(int64_t(0)));
}
Value DoubleMath::powerOfTwo(Value n) const {
  return real(addBits(left(bits(add(n, c(magic))), 52), c(oneBits)));
}

//===-- exponentials -----------------------------------------------------===//

DoubleMath::Reduced DoubleMath::reduce(Value x) const {
  Value n = round(mul(x, c(1.4426950408889634)));
  Value r = fma(n, c(-ln2High), x);
  r = fma(n, c(-ln2Low), r);
  // (e^r - 1 - r) / r^2
  SmallVector<double> coefficients;
  double factorial = 1;
  for (int power = 2; power <= 13; ++power) {
    factorial *= power;
    coefficients.push_back(1 / factorial);
  }
  return {n, fma(mul(r, r), polynomial(r, coefficients), r)};
}

/// 2^exponent e^x. In two steps: 2^n itself may not be a number when the
/// product is.
Value DoubleMath::scaledExp(Value x, double exponent) const {
  Reduced reduced = reduce(clamp(x, -746.0, 711.0));
  Value n = add(reduced.n, c(exponent));
  Value half = round(mul(n, c(0.5)));
  Value first = powerOfTwo(half);
  return mul(fma(first, reduced.expm1, first), powerOfTwo(sub(n, half)));
}

Value DoubleMath::exp(Value x) const { return scaledExp(x, 0); }
Value DoubleMath::halfExp(Value x) const { return scaledExp(x, -1); }

/// 2^n (e^r - 1) + (2^n - 1) never cancels.
Value DoubleMath::expm1(Value x) const {
  Reduced reduced = reduce(x);
  Value scale = powerOfTwo(reduced.n);
  return fma(scale, reduced.expm1, sub(scale, c(1.0)));
}

Value DoubleMath::tanh(Value x) const {
  x = clamp(x, -20.0, 20.0);
  Value e = expm1(add(x, x));
  return div(e, add(e, c(2.0)));
}

/// The series for |x| < 1, where the difference of exponentials cancels.
Value DoubleMath::sinh(Value x) const {
  Value magnitude = abs(x), square = mul(x, x);
  SmallVector<double> coefficients;
  double factorial = 1;
  for (int power = 3; power <= 19; power += 2) {
    factorial *= power * (power - 1);
    coefficients.push_back(1 / factorial);
  }
  Value near = fma(mul(x, square), polynomial(square, coefficients), x);
  Value half = halfExp(magnitude);
  Value far = copySign(sub(half, div(c(0.25), half)), x);
  return select(less(magnitude, 1.0), near, far);
}

Value DoubleMath::cosh(Value x) const {
  Value half = halfExp(abs(x));
  return add(half, div(c(0.25), half));
}

//===-- logarithms -------------------------------------------------------===//

/// x = 2^k m, sqrt(1/2) <= m < sqrt 2; f = m - 1, s = f / (2 + f):
/// ln m = f - (f^2/2 - s (f^2/2 + R(s^2))).
Value DoubleMath::log(Value x) const {
  constexpr int64_t sqrtHalf = 0x3fe6a09e667f3bcd;
  Value isSmall = less(x, 0x1p-1022);
  Value normal = select(isSmall, mul(x, c(0x1p54)), x);
  Value offset = addBits(bits(normal), c(oneBits - sqrtHalf));
  // The biased exponent, as the last digits of a number of 2^52.
  Value exponent =
      real(eitherBits(right(offset, 52), c(int64_t(0x4330000000000000))));
  Value k = sub(exponent, c(0x1p52 + 1023));
  k = sub(k, select(isSmall, c(54.0), c(0.0)));
  Value mantissa =
      real(addBits(maskBits(offset, 0xfffffffffffff), c(sqrtHalf)));
  Value f = sub(mantissa, c(1.0));
  Value s = div(f, add(f, c(2.0)));
  Value z = mul(s, s);
  Value r =
      mul(z, polynomial(z, {6.666666666666735130e-01, 3.999999999940941908e-01,
                            2.857142874366239149e-01, 2.222219843214978396e-01,
                            1.818357216161805012e-01, 1.531383769920937332e-01,
                            1.479819860511658591e-01}));
  Value half = mul(mul(f, f), c(0.5));
  Value rest = fma(s, add(half, r), mul(k, c(ln2Low)));
  Value result = fma(k, c(ln2High), sub(f, sub(half, rest)));
  // inf and NaN stay; the rest of the line has its own values
  result = select(less(x, infinity), result, x);
  result = select(less(x, 0.0), c(notANumber), result);
  return select(equal(x, c(0.0)), c(-infinity), result);
}

/// What 1 + x rounds away comes back as its share of the derivative.
Value DoubleMath::log1p(Value x) const {
  Value sum = add(x, c(1.0));
  Value lost = div(sub(x, sub(sum, c(1.0))), sum);
  // Of infinity nothing is lost.
  lost = select(less(sum, infinity), lost, c(0.0));
  return add(log(sum), lost);
}

Value DoubleMath::asinh(Value x) const {
  Value magnitude = abs(x), square = mul(x, x);
  Value root = sqrt(add(square, c(1.0)));
  Value near = log1p(add(magnitude, div(square, add(root, c(1.0)))));
  // From 2^28 on the square root is x itself.
  Value far = add(log(magnitude), c(0.6931471805599453));
  return copySign(select(less(magnitude, 0x1p28), near, far), x);
}

Value DoubleMath::acosh(Value x) const {
  Value t = sub(x, c(1.0));
  Value root = sqrt(mul(t, add(t, c(2.0))));
  Value near = log1p(add(t, root));
  Value far = add(log(x), c(0.6931471805599453));
  Value result = select(less(x, 0x1p28), near, far);
  return select(less(x, 1.0), c(notANumber), result);
}

Value DoubleMath::atanh(Value x) const {
  Value magnitude = abs(x);
  Value twice = add(magnitude, magnitude);
  Value result = mul(log1p(div(twice, sub(c(1.0), magnitude))), c(0.5));
  result = select(less(c(1.0), magnitude), c(notANumber), result);
  return copySign(result, x);
}

/// 2^-52 (1 + |y ln x|) relative; the special cases are those of C's pow.
Value DoubleMath::pow(Value x, Value y) const {
  Value zero = c(0.0), one = c(1.0), magnitude = abs(x);
  Value result = exp(mul(y, log(magnitude)));
  Value unit = both(equal(magnitude, one), equal(abs(y), c(infinity)));
  result = select(unit, one, result);
  result = select(equal(x, one), one, result);
  result = select(equal(y, zero), one, result);
  auto isWhole = [&](Value value) {
    return equal(emitRoundEven(b, loc, value, target), value);
  };
  Value half = mul(y, c(0.5));
  Value signedPower = select(isWhole(y), copySign(result, x), result);
  result = select(isWhole(half), result, signedPower);
  Value negative = both(less(x, 0.0), less(c(-infinity), x));
  Value noInteger =
      compare(arith::CmpFPredicate::ONE, y, emitRoundEven(b, loc, y, target));
  return select(both(negative, noInteger), c(notANumber), result);
}

//===-- erf --------------------------------------------------------------===//

/// Three intervals: about 0, about 1, and by way of erfc beyond 1.25.
Value DoubleMath::erf(Value x) const {
  Value a = abs(x), z = mul(x, x);
  Value p =
      polynomial(z, {1.28379167095512558561e-01, -3.25042107247001499370e-01,
                     -2.84817495755985104766e-02, -5.77027029648944159157e-03,
                     -2.37630166566501626084e-05});
  Value q =
      polynomial(z, {1, 3.97917223959155352819e-01, 6.50222499887672944485e-02,
                     5.08130628187576562776e-03, 1.32494738004321644526e-04,
                     -3.96022827877536812320e-06});
  Value near = fma(a, div(p, q), a);

  Value s = sub(a, c(1.0));
  p = polynomial(s, {-2.36211856075265944077e-03, 4.14856118683748331666e-01,
                     -3.72207876035701323847e-01, 3.18346619901161753674e-01,
                     -1.10894694282396677476e-01, 3.54783043256182359371e-02,
                     -2.16637559486879084300e-03});
  q = polynomial(s, {1, 1.06420880400844228286e-01, 5.40397917702171048937e-01,
                     7.18286544141962662868e-02, 1.26171219808761642112e-01,
                     1.36370839120290507362e-02, 1.19844998467991074170e-02});
  Value middle = add(c(8.45062911510467529297e-01), div(p, q));

  Value bounded = clamp(a, 0.5, 6.0);
  Value inverse = div(c(1.0), mul(bounded, bounded));
  Value p1 = polynomial(
      inverse, {-9.86494403484714822705e-03, -6.93858572707181764372e-01,
                -1.05586262253232909814e+01, -6.23753324503260060396e+01,
                -1.62396669462573470355e+02, -1.84605092906711035994e+02,
                -8.12874355063065934246e+01, -9.81432934416914548592e+00});
  Value q1 = polynomial(
      inverse, {1, 1.96512716674392571292e+01, 1.37657754143519042600e+02,
                4.34565877475229228821e+02, 6.45387271733267880336e+02,
                4.29008140027567833386e+02, 1.08635005541779435134e+02,
                6.57024977031928170135e+00, -6.04244152148580987438e-02});
  Value p2 = polynomial(
      inverse, {-9.86494292470009928597e-03, -7.99283237680523006574e-01,
                -1.77579549177547519889e+01, -1.60636384855821916062e+02,
                -6.37566443368389627722e+02, -1.02509513161107724954e+03,
                -4.83519191608651397019e+02});
  Value q2 = polynomial(
      inverse, {1, 3.03380607434824582924e+01, 3.25792512996573918826e+02,
                1.53672958608443695994e+03, 3.19985821950859553908e+03,
                2.55305040643316442583e+03, 4.74528541206955367215e+02,
                -2.24409524465858183362e+01});
  Value isFirst = less(a, 1 / 0.35);
  Value ratio = div(select(isFirst, p1, p2), select(isFirst, q1, q2));
  // e^(-a^2) with a^2 in two parts: the first of half the digits is exact.
  Value high = real(maskBits(bits(bounded), int64_t(0xffffffff00000000)));
  Value first = exp(sub(mul(neg(high), high), c(0.5625)));
  Value rest = fma(sub(high, bounded), add(high, bounded), ratio);
  Value far = sub(c(1.0), div(mul(first, exp(rest)), bounded));

  Value result = select(less(a, 1.25), middle, far);
  result = select(less(a, 0.84375), near, result);
  // A NaN is in none of the intervals.
  result = select(compare(arith::CmpFPredicate::UNO, x, x), x, result);
  return copySign(result, x);
}
