//===- RealFactorTest.cpp - fixed-point factors as floats -----------------===//
//
// Floats are only used where they are proved to give the numbers of the
// fixed-point factor. Here what is proved is tried out on all numbers.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/RealRequantize.h"
#include "gtest/gtest.h"
#include <cmath>
#include <random>

using namespace edgec;
using namespace edgec::kernel;

namespace {

/// As edge.rescale is defined.
int64_t rescale(int64_t x, const RescaledNumbers &by) {
  if (by.rounding == edge::Rounding::single_rounding) {
    auto sum = __int128(x) * by.multiplier + (__int128(1) << (30 + by.shift));
    return int64_t(sum >> (31 + by.shift));
  }
  int64_t high = (x * by.multiplier + (int64_t(1) << 30)) >> 31;
  double quotient = std::ldexp(double(high), -int(by.shift));
  return int64_t(std::round(quotient));
}

void expectFactor(const RescaledNumbers &numbers, bool isSymmetric,
                  bool isFused, RealFactor by) {
  for (int64_t x = numbers.x.low; x <= numbers.x.high; ++x) {
    auto number = float(x);
    float offset = isSymmetric ? std::copysign(by.offset, number) : by.offset;
    volatile float product = number * by.factor;
    float sum =
        isFused ? std::fma(number, by.factor, offset) : product + offset;
    int64_t real =
        int64_t(std::nearbyint(sum)) + (isSymmetric ? numbers.zeroPoint : 0);
    int64_t exact = rescale(x, numbers) + numbers.zeroPoint;
    ASSERT_EQ(std::clamp(real, numbers.least, numbers.most),
              std::clamp(exact, numbers.least, numbers.most))
        << x << " * " << numbers.multiplier << " >> " << numbers.shift;
  }
}

TEST(RealFactor, RoundsAsTheFixedPointFactor) {
  std::mt19937_64 random(1); // NOLINT(bugprone-random-generator-seed)
  int wanted = 0, found = 0;
  for (int i = 0; i < 400; ++i) {
    RescaledNumbers numbers{};
    numbers.multiplier = int64_t((1U << 30) + random() % (1U << 30));
    numbers.shift = int64_t(1 + random() % 12);
    numbers.rounding = i % 2 ? edge::Rounding::double_rounding
                             : edge::Rounding::single_rounding;
    int64_t reach = int64_t(1) << (8 + numbers.shift);
    numbers.x = {-reach + int64_t(random() % 1000), reach};
    numbers.zeroPoint = int64_t(random() % 256) - 128;
    bool isRelu = random() % 2;
    numbers.least = isRelu ? numbers.zeroPoint : -128;
    numbers.most = 127;
    bool isFused = random() % 4 != 0;
    bool isSymmetric = i % 2 && !isRelu;
    auto by = findRealFactor(numbers, isSymmetric, isFused);
    wanted += numbers.shift <= 6;
    found += by && numbers.shift <= 6;
    if (by)
      expectFactor(numbers, isSymmetric, isFused, *by);
    if (HasFatalFailure())
      return;
  }
  EXPECT_GE(found, wanted * 95 / 100);
}

TEST(RealFactor, TakesNoFactorAndRefusesTheRest) {
  RescaledNumbers none{
      0, 3, edge::Rounding::double_rounding, {-1000, 1000}, -128, 127, 5};
  auto by = findRealFactor(none, /*isSymmetric=*/false, /*isFused=*/true);
  ASSERT_TRUE(by);
  expectFactor(none, false, true, *by);
  // Halves away from zero on both sides need an offset with the sign of x.
  RescaledNumbers both{
      1500000000, 6, edge::Rounding::double_rounding, {-20000, 20000}, -128,
      127,        0};
  EXPECT_FALSE(findRealFactor(both, /*isSymmetric=*/false, /*isFused=*/true));
  EXPECT_TRUE(findRealFactor(both, /*isSymmetric=*/true, /*isFused=*/true));
  // Results of 16 bits are too many to try.
  both.least = -32768;
  both.most = 32767;
  EXPECT_FALSE(findRealFactor(both, /*isSymmetric=*/true, /*isFused=*/true));
  both.multiplier = -5;
  EXPECT_FALSE(findRealFactor(both, /*isSymmetric=*/true, /*isFused=*/true));
}

} // namespace
