//===- ExactQuotient.cpp - whole numbers of x / scale ---------------------===//
//
// With high = 1 / s rounded down and low = 1 / s - high rounded to nearest,
//
//   q' = fma(x, high, x * low)          (N. Brisebarre and J.-M. Muller,
//                                       "Correctly rounded multiplication by
//                                       arbitrary precision constants", 2008)
//
// is compared with q = x / s, both rounded to float32. What is wanted is equal
// whole numbers, round_even(clamp(q')) = round_even(clamp(q)):
//
//  1. high + low differs from 1 / s by less than 2^-47 of it, x * low is
//  rounded
//     by less than 2^-47 of the quotient, and the sum by half a unit in the
//     last place. So q' is nearer than one unit to the real quotient, as q is
//     (half a unit), wherever nothing is denormal: that is from 1/4 on, because
//     s lies between 2^-60 and 2^60. What is smaller becomes 0 either way.
//  2. Two floats round to different whole numbers only if one of those halfway
//     lies between them or is one of them. So the real quotient is nearer than
//     one unit to n + 1/2. Neighbours of x move the quotient by half a unit at
//     least: x is at most two floats, and one for the rounding of the product,
//     from (n + 1/2) * s.
//  3. Between the bounds there are at most 255 such n. All floats that are so
//     near, and some more, are tried out here.
//
// Beyond the bounds both are clamped, infinities too: low is positive, so that
// both terms of the sum have one sign. A NaN stays one.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/ExactQuotient.h"
#include "mlir/IR/BuiltinAttributes.h"
#include <cmath>

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

static float quotient(float x, TwoPartReciprocal reciprocal) {
  volatile float small = x * reciprocal.low;
  return std::fma(x, reciprocal.high, small);
}

/// Whether both ways agree on all floats around those that lie halfway between
/// whole numbers.
static bool agree(float divisor, TwoPartReciprocal reciprocal, int64_t least,
                  int64_t most) {
  constexpr int around = 8;
  auto round = [&](float q) {
    return std::nearbyint(std::fmin(std::fmax(q, float(least)), float(most)));
  };
  for (int64_t n = least; n < most; ++n) {
    auto x = float((double(n) + 0.5) * double(divisor));
    for (int i = 0; i < around; ++i)
      x = std::nextafter(x, -HUGE_VALF);
    for (int i = 0; i <= 2 * around; ++i, x = std::nextafter(x, HUGE_VALF)) {
      volatile float q = x / divisor;
      if (round(q) != round(quotient(x, reciprocal)))
        return false;
    }
  }
  return true;
}

std::optional<TwoPartReciprocal>
kernel::findReciprocal(float divisor, int64_t least, int64_t most) {
  constexpr int64_t mostNumbers = 256;
  if (!(divisor >= 0x1p-60F && divisor <= 0x1p60F) || most < least ||
      most - least >= mostNumbers || std::abs(least) > mostNumbers ||
      std::abs(most) > mostNumbers)
    return std::nullopt;
  double exact = 1.0 / double(divisor);
  auto high = float(exact);
  if (double(high) > exact)
    high = std::nextafter(high, 0.0F);
  auto low =
      float(std::fma(-double(high), double(divisor), 1.0) / double(divisor));
  // Of a power of two: zero times infinity is no number.
  if (!(low > 0))
    return std::nullopt;
  for (float candidate :
       {low, std::nextafter(low, HUGE_VALF), std::nextafter(low, 0.0F)}) {
    TwoPartReciprocal reciprocal{high, candidate};
    if (agree(divisor, reciprocal, least, most))
      return reciprocal;
  }
  return std::nullopt;
}

std::optional<TwoPartReciprocal> kernel::findReciprocal(edge::DivOp op) {
  Value result = op->getResult(0);
  auto constant = op->getOperand(1).getDefiningOp<edge::ConstantOp>();
  auto value =
      constant ? dyn_cast<DenseElementsAttr>(constant.getValue()) : nullptr;
  if (!value || !value.isSplat() || !value.getElementType().isF32() ||
      !result.hasOneUse())
    return std::nullopt;
  auto requantize = dyn_cast<edge::RequantizeOp>(*result.user_begin());
  if (!requantize || requantize.getFactor())
    return std::nullopt;
  auto zero = int64_t(requantize.getZeroPoint());
  return findReciprocal(value.getSplatValue<float>(),
                        int64_t(requantize.getLow()) - zero,
                        int64_t(requantize.getHigh()) - zero);
}
