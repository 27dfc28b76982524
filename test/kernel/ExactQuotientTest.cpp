//===- ExactQuotientTest.cpp - quotients by a scale as products -----------===//
//
// Products are only used where they are proved to round as the quotient does.
// Here what is proved is tried out, on far more numbers than the proof looks
// at.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/ExactQuotient.h"
#include "llvm/ADT/bit.h"
#include "gtest/gtest.h"
#include <cmath>
#include <random>

using namespace edgec;
using namespace edgec::kernel;

namespace {

/// As ONNX defines a quantization: a NaN gives the least number.
float clampedWhole(float quotient, int64_t least, int64_t most) {
  float bounded = quotient > float(least) ? quotient : float(least);
  return std::nearbyint(std::fmin(bounded, float(most)));
}

void expectQuotient(float x, float scale, TwoPartReciprocal by, int64_t least,
                    int64_t most) {
  volatile float small = x * by.low;
  float product = std::fma(x, by.high, small);
  ASSERT_EQ(clampedWhole(product, least, most),
            clampedWhole(x / scale, least, most))
      << std::hexfloat << x << " / " << scale;
}

TEST(ExactQuotient, RoundsAsTheDivision) {
  std::mt19937_64 random(1); // NOLINT(bugprone-random-generator-seed)
  for (int i = 0; i < 300; ++i) {
    float scale = std::ldexp(1 + float(random() % (1 << 23)) * 0x1p-23F,
                             int(random() % 24) - 18);
    int64_t least = -int64_t(random() % 256), most = least + 255;
    auto by = findReciprocal(scale, least, most);
    int exponent;
    if (std::frexp(scale, &exponent) == 0.5F)
      continue;
    ASSERT_TRUE(by) << std::hexfloat << scale;
    // Any bits: infinities, NaN and denormal numbers among them.
    for (int j = 0; j < 20000; ++j)
      expectQuotient(llvm::bit_cast<float>(uint32_t(random())), scale, *by,
                     least, most);
    for (int j = 0; j < 20000; ++j)
      expectQuotient(std::ldexp(float(int32_t(random())), -23) * scale, scale,
                     *by, least, most);
    // Around what lies halfway between two numbers.
    for (int64_t n = least - 2; n <= most + 2; ++n) {
      float x = (float(n) + 0.5F) * scale;
      for (int step = 0; step < 40; ++step)
        x = std::nextafter(x, -HUGE_VALF);
      for (int step = 0; step < 80; ++step, x = std::nextafter(x, HUGE_VALF))
        expectQuotient(x, scale, *by, least, most);
    }
    if (HasFatalFailure())
      return;
  }
}

TEST(ExactQuotient, IsNotClaimedWhereItIsNotProved) {
  // Powers of two have an exact reciprocal; zero times infinity is a NaN.
  EXPECT_FALSE(findReciprocal(0.25F, 0, 255));
  EXPECT_FALSE(findReciprocal(1e-30F, 0, 255));
  EXPECT_FALSE(findReciprocal(1e30F, 0, 255));
  EXPECT_FALSE(findReciprocal(-0.3F, 0, 255));
  EXPECT_FALSE(findReciprocal(NAN, 0, 255));
  // More numbers than are tried out.
  EXPECT_FALSE(findReciprocal(0.3F, -32768, 32767));
}

} // namespace
