//===- VectorMath.cpp - elementary functions without a library -----------===//
//
// exp reduces x = n ln2 + r with a magic number (adding 1.5 * 2^23 rounds to
// the nearest integer and leaves it in the low bits) and a ln2 in two parts,
// the first so short that n times it is exact; then r + r^2 P(r), and 2^n by
// adding n to the exponent field. tanh and erf are e^u - 1 in disguise, which
// the same parts give without cancellation, so neither has branches. All
// coefficients are minimax fits of our own, rounded to f32 one after another.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/VectorMath.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "passes/kernel/DoubleMath.h"
#include "passes/kernel/TableExponential.h"
#include "llvm/TargetParser/Triple.h"
#include <limits>

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

static constexpr float infinity = std::numeric_limits<float>::infinity();
static constexpr float notANumber = std::numeric_limits<float>::quiet_NaN();
/// Added to |x| < 2^22 it leaves x rounded to the nearest even integer.
static constexpr float magic = 12582912.0f;
static constexpr int32_t magicBits = 0x4b400000;
static constexpr float ln2High = 0.693359375f, ln2Low = -2.12194440e-4f;
static constexpr int32_t oneBits = 0x3f800000;
static constexpr float smallestNormal = 1.17549435e-38f;

MathTarget MathTarget::get(schedule::MachineAttr machine) {
  llvm::Triple triple(machine.getTriple());
  // x86 has vectors that long with AVX-512 only.
  return {machine.getHasFma(), triple.isAArch64() || triple.isARM(),
          triple.isX86() && machine.getVectorBits() == 512};
}

static bool isDouble(Value x) {
  return getElementTypeOrSelf(x.getType()).isF64();
}

namespace {
/// Arithmetic on values of one type: the notation of this file.
class Lanes {
public:
  Lanes(OpBuilder &b, Location loc, Type type, const MathTarget &target)
      : b(b), loc(loc), type(type), target(target) {}

  Type withElement(Type element) const {
    if (auto vector = dyn_cast<VectorType>(type))
      return vector.clone(element);
    return element;
  }
  Type i32() const { return withElement(b.getI32Type()); }
  Type f64() const { return withElement(b.getF64Type()); }

  Value constant(Type type, TypedAttr element) const {
    if (auto vector = dyn_cast<VectorType>(type))
      return arith::ConstantOp::create(
          b, loc, SplatElementsAttr::get(vector, Attribute(element)));
    return arith::ConstantOp::create(b, loc, element);
  }
  Value c(float value) const {
    return constant(type, b.getFloatAttr(getElementTypeOrSelf(type), value));
  }
  Value c(double value) const {
    return constant(f64(), b.getF64FloatAttr(value));
  }
  Value c(int32_t value) const {
    return constant(i32(), b.getI32IntegerAttr(value));
  }

  Value add(Value x, Value y) const {
    return arith::AddFOp::create(b, loc, x, y);
  }
  Value sub(Value x, Value y) const {
    return arith::SubFOp::create(b, loc, x, y);
  }
  Value mul(Value x, Value y) const {
    return arith::MulFOp::create(b, loc, x, y);
  }
  Value div(Value x, Value y) const {
    return arith::DivFOp::create(b, loc, x, y);
  }
  Value neg(Value x) const { return arith::NegFOp::create(b, loc, x); }
  Value fma(Value x, Value y, Value z) const {
    if (!target.hasFma)
      return add(mul(x, y), z);
    if (isa<VectorType>(x.getType()))
      return vector::FMAOp::create(b, loc, x, y, z);
    return LLVM::FMAOp::create(b, loc, x, y, z);
  }
  /// z - x * y
  Value fnma(Value x, Value y, Value z) const {
    return target.hasFma ? fma(neg(x), y, z) : sub(z, mul(x, y));
  }
  /// Coefficients from the highest power down; of x's element type. Even and
  /// odd powers are summed apart, which halves the time until the result.
  template <typename T>
  Value polynomial(Value x, ArrayRef<T> coefficients) const {
    Value square = mul(x, x);
    Value sums[2];
    for (auto [i, coefficient] : llvm::enumerate(coefficients)) {
      Value &sum = sums[(coefficients.size() - 1 - i) % 2];
      sum = sum ? fma(sum, square, c(coefficient)) : c(coefficient);
    }
    return fma(sums[1], x, sums[0]);
  }
  Value abs(Value x) const { return LLVM::FAbsOp::create(b, loc, x); }
  Value copySign(Value magnitude, Value sign) const {
    return LLVM::CopySignOp::create(b, loc, magnitude, sign);
  }
  Value sqrt(Value x) const { return LLVM::SqrtOp::create(b, loc, x); }

  Value compare(arith::CmpFPredicate predicate, Value x, Value y) const {
    return arith::CmpFOp::create(b, loc, predicate, x, y);
  }
  Value less(Value x, Value y) const {
    return compare(arith::CmpFPredicate::OLT, x, y);
  }
  Value equal(Value x, Value y) const {
    return compare(arith::CmpFPredicate::OEQ, x, y);
  }
  Value select(Value condition, Value x, Value y) const {
    return arith::SelectOp::create(b, loc, condition, x, y);
  }
  /// maxps(bound, x) gives x when that is NaN, and so does this.
  Value atLeast(Value x, Value bound) const {
    if (target.hasMaximum)
      return arith::MaximumFOp::create(b, loc, x, bound);
    return select(less(x, bound), bound, x);
  }
  Value atMost(Value x, Value bound) const {
    if (target.hasMaximum)
      return arith::MinimumFOp::create(b, loc, x, bound);
    return select(less(bound, x), bound, x);
  }
  Value clamp(Value x, float low, float high) const {
    return atMost(atLeast(x, c(low)), c(high));
  }

  Value bits(Value x) const {
    return arith::BitcastOp::create(b, loc, i32(), x);
  }
  Value real(Value bits) const {
    return arith::BitcastOp::create(b, loc, type, bits);
  }
  Value addInt(Value x, Value y) const {
    return arith::AddIOp::create(b, loc, x, y);
  }
  Value subInt(Value x, Value y) const {
    return arith::SubIOp::create(b, loc, x, y);
  }
  Value shiftLeft(Value x, int32_t count) const {
    return arith::ShLIOp::create(b, loc, x, c(count));
  }
  Value shiftRight(Value x, int32_t count) const {
    return arith::ShRSIOp::create(b, loc, x, c(count));
  }
  Value both(Value x, Value y) const {
    return arith::AndIOp::create(b, loc, x, y);
  }

  /// x = n ln2 + r, |r| <= ln2 / 2; negated: -x.
  struct Reduced {
    /// magic + n: n in the low bits
    Value rounded;
    /// e^r - 1, 0.6 ulp; negated: 1 - e^r
    Value expm1;
  };
  Reduced reduce(Value x, bool isNegated = false) const;
  /// e^x or e^-x; see emitBoundedExp.
  Value boundedExp(Value x, bool isNegated) const;
  /// 1 for n = 0, and so on, for -126 <= n <= 127.
  Value powerOfTwo(Value n) const {
    return real(addInt(shiftLeft(n, 23), c(oneBits)));
  }
  /// 2^k * (1 + x) for |k| <= 252.
  Value scaleOnePlus(Value x, Value k) const;
  Value expm1(Value x) const;
  bool hasTable() const {
    return target.hasTables && takesExponentialTable(type);
  }

  OpBuilder &b;
  Location loc;
  Type type;
  const MathTarget &target;
};
} // namespace

/// A negated x costs nothing: what is odd in r changes its sign.
Lanes::Reduced Lanes::reduce(Value x, bool isNegated) const {
  float sign = isNegated ? -1.0f : 1.0f;
  Value rounded = fma(x, c(sign * 1.44269504f), c(magic));
  Value n = sub(rounded, c(magic));
  Value r = fma(n, c(-sign * ln2High), x);
  r = fma(n, c(-sign * ln2Low), r);
  // (e^r - 1 - r) / r^2, relative error of e^r 2^-28
  Value p =
      polynomial<float>(r, {0.00138403988f, sign * 0.00836934894f,
                            0.0416680835f, sign * 0.166665152f, 0.49999994f});
  Value square = mul(r, r);
  return {rounded, isNegated ? fnma(square, p, r) : fma(square, p, r)};
}

/// In two steps: 2^k itself may not be a number when the product is.
Value Lanes::scaleOnePlus(Value x, Value k) const {
  Value half = shiftRight(k, 1);
  Value first = powerOfTwo(half);
  return mul(fma(first, x, first), powerOfTwo(subInt(k, half)));
}

/// Needs -87.3 <= x <= 87. 2^n (e^r - 1) + (2^n - 1) never cancels.
Value Lanes::expm1(Value x) const {
  Reduced reduced = reduce(x);
  Value scale = powerOfTwo(bits(reduced.rounded));
  return fma(scale, reduced.expm1, sub(scale, c(1.0f)));
}

Value Lanes::boundedExp(Value x, bool isNegated) const {
  x = isNegated ? clamp(x, -88.3f, 87.3f) : clamp(x, -87.3f, 88.3f);
  if (hasTable())
    return emitTableExponential(b, loc, x, isNegated);
  Reduced reduced = reduce(x, isNegated);
  // The magic number's own bits leave at the top.
  Value scale = powerOfTwo(bits(reduced.rounded));
  return isNegated ? fnma(scale, reduced.expm1, scale)
                   : fma(scale, reduced.expm1, scale);
}

//===-- exponentials
//--------------------------------------------------------===//

Value kernel::emitExp(OpBuilder &b, Location loc, Value x,
                      const MathTarget &target) {
  if (isDouble(x))
    return DoubleMath(b, loc, x.getType(), target).exp(x);
  Lanes v(b, loc, x.getType(), target);
  x = v.clamp(x, -104.0f, 89.0f);
  if (v.hasTable())
    return emitTableExponential(b, loc, x, /*isNegated=*/false);
  auto reduced = v.reduce(x);
  Value k = v.subInt(v.bits(reduced.rounded), v.c(magicBits));
  return v.scaleOnePlus(reduced.expm1, k);
}

Value kernel::emitBoundedExp(OpBuilder &b, Location loc, Value x,
                             const MathTarget &target) {
  if (isDouble(x))
    return DoubleMath(b, loc, x.getType(), target).exp(x);
  return Lanes(b, loc, x.getType(), target).boundedExp(x, /*isNegated=*/false);
}

Value kernel::emitSigmoid(OpBuilder &b, Location loc, Value x,
                          const MathTarget &target) {
  if (isDouble(x))
    return DoubleMath(b, loc, x.getType(), target).sigmoid(x);
  Lanes v(b, loc, x.getType(), target);
  Value one = v.c(1.0f);
  return v.div(one, v.add(one, v.boundedExp(x, /*isNegated=*/true)));
}

Value kernel::emitSilu(OpBuilder &b, Location loc, Value x,
                       const MathTarget &target) {
  if (isDouble(x))
    return DoubleMath(b, loc, x.getType(), target).silu(x);
  Lanes v(b, loc, x.getType(), target);
  return v.div(x, v.add(v.c(1.0f), v.boundedExp(x, /*isNegated=*/true)));
}

/// tanh x = (e^2x - 1) / (e^2x + 1).
Value kernel::emitTanh(OpBuilder &b, Location loc, Value x,
                       const MathTarget &target) {
  if (isDouble(x))
    return DoubleMath(b, loc, x.getType(), target).tanh(x);
  Lanes v(b, loc, x.getType(), target);
  x = v.clamp(x, -9.02f, 9.02f);
  Value e = v.expm1(v.add(x, x));
  return v.div(e, v.add(e, v.c(2.0f)));
}

/// -ln(erfc(z)) / z for z >= 0 as a polynomial in z, times -1. The fit's weight
/// is the error that it makes in erf, 2^-24.2 relative; past its range it grows
/// faster than the function, so that erf reaches 1 all the same.
static constexpr float erfcExponent[] = {
    -3.49970212e-05f, 0.000344726694f, -0.00116417138f, -0.000306446222f,
    0.0193786658f,    -0.102829039f,   -0.636615157f,   -1.12837923f};

/// erf |x| = 1 - erfc |x| = -(e^u - 1), u = ln(erfc |x|); 1 from 4 on.
Value kernel::emitErf(OpBuilder &b, Location loc, Value x,
                      const MathTarget &target) {
  if (isDouble(x))
    return DoubleMath(b, loc, x.getType(), target).erf(x);
  Lanes v(b, loc, x.getType(), target);
  Value magnitude = v.atMost(v.abs(x), v.c(4.0f));
  Value u = v.mul(magnitude, v.polynomial<float>(magnitude, erfcExponent));
  return v.copySign(v.expm1(u), x);
}

/// x Phi(x) = max(x, 0) - |x| erfc(|x| / sqrt 2) / 2: no cancellation on the
/// negative side.
Value kernel::emitGelu(OpBuilder &b, Location loc, Value x,
                       const MathTarget &target) {
  if (isDouble(x))
    return DoubleMath(b, loc, x.getType(), target).gelu(x);
  Lanes v(b, loc, x.getType(), target);
  Value magnitude = v.atMost(v.abs(x), v.c(16.0f));
  Value z = v.mul(magnitude, v.c(0.707106781f));
  Value u = v.mul(z, v.polynomial<float>(z, erfcExponent));
  Value erfc = emitBoundedExp(b, loc, u, target);
  return v.fma(v.mul(magnitude, v.c(-0.5f)), erfc, v.atLeast(x, v.c(0.0f)));
}

Value kernel::emitGeluTanh(OpBuilder &b, Location loc, Value x,
                           const MathTarget &target) {
  if (isDouble(x))
    return DoubleMath(b, loc, x.getType(), target).geluTanh(x);
  Lanes v(b, loc, x.getType(), target);
  constexpr float slope = -2.0f * 0.797884561f;
  Value u = v.fma(v.mul(x, x), v.c(slope * 0.044715f), v.c(slope));
  Value e = emitBoundedExp(b, loc, v.mul(u, x), target);
  return v.div(x, v.add(v.c(1.0f), e));
}

Value kernel::emitNegativeExpm1(OpBuilder &b, Location loc, Value x,
                                const MathTarget &target) {
  if (isDouble(x))
    return DoubleMath(b, loc, x.getType(), target).negativeExpm1(x);
  Lanes v(b, loc, x.getType(), target);
  return v.expm1(v.clamp(x, -87.3f, 0.0f));
}

Value kernel::emitElu(OpBuilder &b, Location loc, Value x, float alpha,
                      const MathTarget &target) {
  if (isDouble(x))
    return DoubleMath(b, loc, x.getType(), target).elu(x, alpha);
  Lanes v(b, loc, x.getType(), target);
  Value negative = v.mul(emitNegativeExpm1(b, loc, x, target), v.c(alpha));
  return v.select(v.less(v.c(0.0f), x), x, negative);
}

//===-- logarithms
//----------------------------------------------------------===//

/// x = 2^e m with 2/3 <= m < 4/3; y = ln m = f - f^2/2 + f^3 P(f), f = m - 1.
Value kernel::emitLog(OpBuilder &b, Location loc, Value x,
                      const MathTarget &target) {
  if (isDouble(x))
    return DoubleMath(b, loc, x.getType(), target).log(x);
  Lanes v(b, loc, x.getType(), target);
  constexpr int32_t twoThirds = 0x3f2aaaab;
  Value zero = v.c(0.0f);
  Value denormal = v.less(x, v.c(smallestNormal));
  Value normal = v.select(denormal, v.mul(x, v.c(8388608.0f)), x);
  Value offset = v.subInt(v.bits(normal), v.c(twoThirds));
  Value e = arith::SIToFPOp::create(b, loc, v.type, v.shiftRight(offset, 23));
  e = v.sub(e, v.select(denormal, v.c(23.0f), zero));
  Value mantissa = v.addInt(v.both(offset, v.c(0x7fffff)), v.c(twoThirds));
  Value f = v.sub(v.real(mantissa), v.c(1.0f));
  // relative error of ln m 2^-27.6
  Value p = v.polynomial<float>(f, {-0.129463553f, 0.139925718f, -0.121729687f,
                                    0.140044376f, -0.166812077f, 0.200104773f,
                                    -0.249997839f, 0.333332151f});
  Value square = v.mul(f, f);
  Value y = v.fma(e, v.c(ln2Low), v.mul(v.mul(square, f), p));
  y = v.add(v.fma(square, v.c(-0.5f), y), f);
  y = v.fma(e, v.c(ln2High), y);
  // inf and NaN stay; the rest of the line has its own values
  y = v.select(v.less(x, v.c(infinity)), y, x);
  y = v.select(v.less(x, zero), v.c(notANumber), y);
  return v.select(v.equal(x, zero), v.c(-infinity), y);
}

/// max(x, 0) + ln(1 + u), u = e^-|x|; what 1 + u rounds away comes back as
/// c / (1 + u).
Value kernel::emitSoftplus(OpBuilder &b, Location loc, Value x,
                           const MathTarget &target) {
  if (isDouble(x))
    return DoubleMath(b, loc, x.getType(), target).softplus(x);
  Lanes v(b, loc, x.getType(), target);
  Value one = v.c(1.0f);
  Value u = emitBoundedExp(b, loc, v.neg(v.abs(x)), target);
  Value sum = v.add(one, u);
  Value lost = v.div(v.sub(u, v.sub(sum, one)), sum);
  Value log = v.add(emitLog(b, loc, sum, target), lost);
  return v.add(v.atLeast(x, v.c(0.0f)), log);
}

//===-- rounding
//------------------------------------------------------------===//

Value kernel::emitSqrt(OpBuilder &b, Location loc, Value x,
                       const MathTarget &target) {
  return Lanes(b, loc, x.getType(), target).sqrt(x);
}

Value kernel::emitRsqrt(OpBuilder &b, Location loc, Value x,
                        const MathTarget &target) {
  Lanes v(b, loc, x.getType(), target);
  return v.div(v.c(1.0f), v.sqrt(x));
}

/// |x| + 2^23 (of f64: 2^52) has no room for a fraction; numbers that large
/// have none either.
Value kernel::emitRoundEven(OpBuilder &b, Location loc, Value x,
                            const MathTarget &target) {
  Lanes v(b, loc, x.getType(), target);
  Value limit = v.c(isDouble(x) ? 0x1p52f : 0x1p23f);
  Value magnitude = v.abs(x);
  Value rounded = v.sub(v.add(magnitude, limit), limit);
  return v.select(v.less(magnitude, limit), v.copySign(rounded, x), x);
}

Value kernel::emitFloor(OpBuilder &b, Location loc, Value x,
                        const MathTarget &target) {
  Lanes v(b, loc, x.getType(), target);
  Value near = emitRoundEven(b, loc, x, target);
  Value below = v.sub(near, v.c(1.0f));
  return v.select(v.less(x, near), below, near);
}

Value kernel::emitCeil(OpBuilder &b, Location loc, Value x,
                       const MathTarget &target) {
  Lanes v(b, loc, x.getType(), target);
  Value near = emitRoundEven(b, loc, x, target);
  Value above = v.copySign(v.add(near, v.c(1.0f)), x);
  return v.select(v.less(near, x), above, near);
}

Value kernel::emitSign(OpBuilder &b, Location loc, Value x,
                       const MathTarget &target) {
  Lanes v(b, loc, x.getType(), target);
  Value zero = v.c(0.0f);
  Value rest = v.select(v.less(x, zero), v.c(-1.0f), x);
  return v.select(v.less(zero, x), v.c(1.0f), rest);
}

//===-- powers
//--------------------------------------------------------------===//

/// x^n for a small n by squaring.
static Value emitIntegerPower(const Lanes &v, Value x, unsigned n) {
  Value result;
  for (Value square = x;; square = v.mul(square, square)) {
    if (n & 1)
      result = result ? v.mul(result, square) : square;
    n >>= 1;
    if (n == 0)
      return result;
  }
}

/// The powers that need no logarithm, or null.
static Value emitConstantPower(const Lanes &v, Value x, float y) {
  float magnitude = std::fabs(y);
  Value result;
  if (y == 0.0f)
    return v.c(1.0f);
  if (magnitude == 0.5f)
    result = v.sqrt(x);
  else if (magnitude <= 8.0f && magnitude == std::floor(magnitude))
    result = emitIntegerPower(v, x, unsigned(magnitude));
  else
    return nullptr;
  return y < 0 ? v.div(v.c(1.0f), result) : result;
}

/// A constant number that f32 holds.
static std::optional<float> matchConstant(Value value) {
  Attribute attribute;
  if (!matchPattern(value, m_Constant(&attribute)))
    return std::nullopt;
  if (auto splat = dyn_cast<SplatElementsAttr>(attribute))
    attribute = splat.getSplatValue<Attribute>();
  auto real = dyn_cast<FloatAttr>(attribute);
  if (!real ||
      double(float(real.getValueAsDouble())) != real.getValueAsDouble())
    return std::nullopt;
  return float(real.getValueAsDouble());
}

/// log2 of x > 0 in f64, relative error 2^-38: ln m = 2 atanh(s),
/// s = (m - 1) / (m + 1), sqrt 1/2 <= m < sqrt 2.
static Value emitWideLog2(const Lanes &v, Value x) {
  OpBuilder &b = v.b;
  constexpr int32_t sqrtHalf = 0x3f3504f3;
  Value denormal = v.less(x, v.c(smallestNormal));
  Value normal = v.select(denormal, v.mul(x, v.c(8388608.0f)), x);
  Value offset = v.subInt(v.bits(normal), v.c(sqrtHalf));
  Value exponent =
      v.subInt(v.shiftRight(offset, 23), v.select(denormal, v.c(23), v.c(0)));
  Value mantissa =
      v.real(v.addInt(v.both(offset, v.c(0x7fffff)), v.c(sqrtHalf)));
  Value m = arith::ExtFOp::create(b, v.loc, v.f64(), mantissa);
  Value s = v.div(v.sub(m, v.c(1.0)), v.add(m, v.c(1.0)));
  Value p =
      v.polynomial<double>(v.mul(s, s), {1.0 / 15, 1.0 / 13, 1.0 / 11, 1.0 / 9,
                                         1.0 / 7, 1.0 / 5, 1.0 / 3, 1.0});
  Value e = arith::SIToFPOp::create(b, v.loc, v.f64(), exponent);
  return v.fma(v.mul(s, v.c(2.0 * 1.4426950408889634)), p, e);
}

/// 2^p for p in f64, |p| <= 160.
static Value emitWideExp2(const Lanes &v, Value p) {
  OpBuilder &b = v.b;
  Value round = v.c(6755399441055744.0);
  Value rounded = v.add(p, round);
  Value n = v.sub(rounded, round);
  Value r = v.mul(v.sub(p, n), v.c(0.6931471805599453));
  Value expm1 =
      v.polynomial<double>(r, {1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120,
                               1.0 / 24, 1.0 / 6, 0.5, 1.0, 0.0});
  // The low bits of the magic sum, as in reduce().
  Value bits = arith::BitcastOp::create(b, v.loc, v.withElement(b.getI64Type()),
                                        rounded);
  Value k = arith::TruncIOp::create(b, v.loc, v.i32(), bits);
  return v.scaleOnePlus(arith::TruncFOp::create(b, v.loc, v.type, expm1), k);
}

/// 2^(y log2 |x|) in f64, for the product's error grows with its size; then the
/// special cases of C's pow, sign last.
Value kernel::emitPow(OpBuilder &b, Location loc, Value x, Value y,
                      const MathTarget &target) {
  Lanes v(b, loc, x.getType(), target);
  if (std::optional<float> exponent = matchConstant(y)) {
    if (Value result = emitConstantPower(v, x, *exponent))
      return result;
  }
  if (isDouble(x))
    return DoubleMath(b, loc, x.getType(), target).pow(x, y);

  Value zero = v.c(0.0f), one = v.c(1.0f), infinite = v.c(infinity);
  Value magnitude = v.abs(x);
  Value finite = v.both(v.less(zero, magnitude), v.less(magnitude, infinite));
  Value log = emitWideLog2(v, v.select(finite, magnitude, one));
  Value outer = v.select(v.equal(magnitude, zero), v.c(-infinity), magnitude);
  Value outerLog = arith::ExtFOp::create(b, loc, v.f64(), outer);
  log = v.select(finite, log, outerLog);

  Value wideY = arith::ExtFOp::create(b, loc, v.f64(), y);
  Value p = v.mul(wideY, log);
  Value invalid = v.compare(arith::CmpFPredicate::UNO, p, p);
  Value bounded = v.select(v.less(p, v.c(-160.0)), v.c(-160.0), p);
  bounded = v.select(v.less(v.c(160.0), bounded), v.c(160.0), bounded);
  bounded = v.select(invalid, v.c(0.0), bounded);
  Value result = emitWideExp2(v, bounded);
  result = v.select(invalid, v.c(notANumber), result);
  // 1 to any power, +-1 to +-inf, anything to the power 0
  Value unit = v.both(v.equal(magnitude, one), v.equal(v.abs(y), infinite));
  result = v.select(unit, one, result);
  result = v.select(v.equal(x, one), one, result);
  result = v.select(v.equal(y, zero), one, result);

  Value half = v.mul(y, v.c(0.5f));
  Value whole = v.equal(emitRoundEven(b, loc, y, target), y);
  Value even = v.equal(emitRoundEven(b, loc, half, target), half);
  Value signedPower = v.select(whole, v.copySign(result, x), result);
  result = v.select(even, result, signedPower);
  Value negative = v.both(v.less(x, zero), v.less(v.c(-infinity), x));
  Value noInteger =
      v.compare(arith::CmpFPredicate::ONE, y, emitRoundEven(b, loc, y, target));
  return v.select(v.both(negative, noInteger), v.c(notANumber), result);
}

//===-- the small vocabulary
//------------------------------------------------===//

Value kernel::emitMultiplyAdd(OpBuilder &b, Location loc, Value x, Value y,
                              Value z, const MathTarget &target) {
  return Lanes(b, loc, x.getType(), target).fma(x, y, z);
}

Value kernel::emitAtLeast(OpBuilder &b, Location loc, Value x, Value bound,
                          const MathTarget &target) {
  return Lanes(b, loc, x.getType(), target).atLeast(x, bound);
}

Value kernel::emitAtMost(OpBuilder &b, Location loc, Value x, Value bound,
                         const MathTarget &target) {
  return Lanes(b, loc, x.getType(), target).atMost(x, bound);
}

Value kernel::emitConstant(OpBuilder &b, Location loc, Type type, float value) {
  MathTarget any;
  return Lanes(b, loc, type, any).c(value);
}
