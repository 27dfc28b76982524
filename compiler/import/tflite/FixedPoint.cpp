//===- FixedPoint.cpp - functions of fixed-point numbers ------------------===//
#include "compiler/import/tflite/FixedPoint.h"
#include <algorithm>

using namespace edgec::tflite;

int32_t fixedpoint::multiply(int32_t a, int32_t b) {
  if (a == INT32_MIN && b == INT32_MIN)
    return INT32_MAX;
  return int32_t((int64_t(a) * b + (int64_t(1) << 30)) >> 31);
}

int32_t fixedpoint::divideByPowerOfTwo(int32_t x, int exponent) {
  if (exponent == 0)
    return x;
  int64_t half = int64_t(1) << (exponent - 1), wide = x;
  return int32_t(wide >= 0 ? (wide + half) >> exponent
                           : -((-wide + half) >> exponent));
}

/// e^x for x in [-1/4, 0): the first terms of the series around -1/8.
static int32_t expNearZero(int32_t x) {
  using namespace fixedpoint;
  constexpr int32_t expOfMinusEighth = 1895147668, third = 715827883;
  int32_t t = x + (1 << 28);
  int32_t t2 = multiply(t, t), t3 = multiply(t2, t), t4 = multiply(t2, t2);
  int32_t sum = multiply(divideByPowerOfTwo(t4, 2) + t3, third) + t2;
  int32_t terms = t + divideByPowerOfTwo(sum, 1);
  return expOfMinusEighth + multiply(expOfMinusEighth, terms);
}

int32_t fixedpoint::expOnNegative(int32_t x, int integerBits) {
  if (x == 0)
    return INT32_MAX;
  int fractionBits = 31 - integerBits;
  int32_t quarter = 1 << (fractionBits - 2);
  // x is a multiple of -1/4 and something in [-1/4, 0).
  int32_t near = (x & (quarter - 1)) - quarter;
  int32_t result = expNearZero(near * (1 << integerBits));
  int32_t quarters = near - x;
  // e^(-2^k) for k = -2 .. 4
  constexpr int32_t powers[] = {1672461947, 1302514674, 790015084, 290630308,
                                39332535,   720401,     242};
  for (int k = 0; k < integerBits + 2; ++k)
    if (quarters & (1 << (fractionBits - 2 + k)))
      result = multiply(result, powers[k]);
  return result;
}

/// 2 / (1 + a) in 29 fraction bits for a in [0, 1]: three steps of Newton's
/// iteration from 48/17 - 32/17 * (1 + a) / 2.
static int32_t twiceReciprocal(int32_t a) {
  using fixedpoint::multiply;
  auto half = int32_t((int64_t(a) + INT32_MAX + 1) / 2);
  int32_t x = 1515870810 + multiply(half, -1010580540);
  for (int step = 0; step < 3; ++step) {
    int32_t rest = (1 << 29) - multiply(half, x);
    int64_t change = int64_t(multiply(x, rest)) * 4;
    x += int32_t(std::clamp<int64_t>(change, INT32_MIN, INT32_MAX));
  }
  return x;
}

static int32_t saturate(int64_t x) {
  return int32_t(std::clamp<int64_t>(x, INT32_MIN, INT32_MAX));
}

int32_t fixedpoint::logistic(int32_t x) {
  if (x == 0)
    return 1 << 30;
  int32_t power = expOnNegative(x > 0 ? -x : x, 4);
  int32_t positive = saturate(int64_t(twiceReciprocal(power)) * 2);
  return x > 0 ? positive : INT32_MAX - positive;
}

int32_t fixedpoint::tanh(int32_t x) {
  if (x == 0)
    return 0;
  // (1 - e^-2|x|) / (1 + e^-2|x|), the doubling a matter of integer bits.
  int32_t power = expOnNegative(x > 0 ? -x : x, 5);
  int32_t size = saturate(int64_t(twiceReciprocal(power) - (1 << 29)) * 4);
  return x > 0 ? size : -size;
}
