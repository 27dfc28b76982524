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

bool schedule::wantsRoom(int64_t pixelBytes) {
  // A line of room is an eighth of the shortest of the one kind, a twelfth of
  // the other.
  constexpr int64_t few = 8, leastLines = 12;
  bool isEven =
      pixelBytes % (2 * lineBytes) == 0 && pixelBytes >= leastLines * lineBytes;
  return setsOfPixels(pixelBytes) <= few || isEven;
}

bool schedule::sharesFewSets(int64_t apart) { return setsOfPixels(apart) <= 2; }

int64_t schedule::conflictingLines(int64_t rows, int64_t columns,
                                   int64_t rowBytes, int64_t columnBytes,
                                   MachineAttr machine) {
  // A little more than its ways still does well, as replacement is not exact
  // LRU.
  int64_t ways = machine.getL1Bytes() / wayBytes + 2;
  int64_t used[setCount] = {};
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < columns; ++c)
      ++used[(r * rowBytes + c * columnBytes) % wayBytes / lineBytes];
  int64_t conflicting = 0;
  for (int64_t lines : used)
    conflicting += std::max<int64_t>(lines - ways, 0);
  return conflicting;
}
