//===- CacheSets.cpp - lines that share a set of the near cache -----------===//
#include "passes/schedule/CacheSets.h"
#include <algorithm>
#include <numeric>

using namespace edgec;

static constexpr int64_t setCount = schedule::wayBytes / schedule::lineBytes;

/// Sets in which pixels begin.
static int64_t setsOfPixels(int64_t pixelBytes) {
  int64_t apart = std::gcd(pixelBytes, schedule::wayBytes);
  return std::min(schedule::wayBytes / std::max<int64_t>(apart, 1), setCount);
}

double schedule::linesPerSet(double pixels, double lines, int64_t pixelBytes) {
  double sets = double(setsOfPixels(pixelBytes)) * std::max(lines, 1.0);
  return pixels * lines / std::min(sets, double(setCount));
}

bool schedule::sharesFewSets(int64_t pixelBytes) {
  constexpr int64_t few = 8;
  return setsOfPixels(pixelBytes) <= few;
}
