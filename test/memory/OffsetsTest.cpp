//===- OffsetsTest.cpp - places in the arena ------------------------------===//
//
// Random lifetimes: no two buffers that live at once share a byte, offsets are
// aligned, the same input gives the same plan, and the arena stays near the
// bytes that are alive at once.
//
//===----------------------------------------------------------------------===//
#include "passes/memory/MemoryPlan.h"

#include "gtest/gtest.h"
#include <random>

using namespace edgec;

static Buffer buffer(int64_t size, int64_t first, int64_t last) {
  Buffer result;
  result.sizeBytes = size;
  result.first = first;
  result.last = last;
  return result;
}

static bool overlap(const Buffer &a, const Buffer &b) {
  bool inTime = a.first <= b.last && b.first <= a.last;
  bool inSpace =
      a.offset < b.offset + b.sizeBytes && b.offset < a.offset + a.sizeBytes;
  return inTime && inSpace;
}

TEST(Offsets, BuffersOfDifferentTimesShareBytes) {
  std::vector<Buffer> buffers = {buffer(100, 0, 1), buffer(100, 1, 2),
                                 buffer(100, 2, 3)};
  EXPECT_EQ(assignOffsets(buffers), 256);
  EXPECT_EQ(buffers[0].offset, buffers[2].offset);
}

TEST(Offsets, OutputsTakeNoRoom) {
  std::vector<Buffer> buffers = {buffer(64, 0, 1), buffer(640, 1, 1)};
  buffers[1].output = 0;
  EXPECT_EQ(assignOffsets(buffers), 64);
}

TEST(Offsets, NoBuffersNoArena) {
  std::vector<Buffer> buffers;
  EXPECT_EQ(assignOffsets(buffers), 0);
}

TEST(Offsets, RandomLifetimes) {
  std::mt19937 random(7);
  int64_t needed = 0, used = 0;
  for (int round = 0; round < 200; ++round) {
    std::vector<Buffer> buffers;
    std::vector<int64_t> live(40, 0);
    int count = 1 + random() % 40;
    for (int i = 0; i < count; ++i) {
      int64_t first = random() % 40;
      int64_t last = std::min<int64_t>(39, first + random() % 5);
      buffers.push_back(buffer(1 + random() % 5000, first, last));
      for (int64_t step = first; step <= last; ++step)
        live[step] += alignBuffer(buffers.back().sizeBytes);
    }
    int64_t arena = assignOffsets(buffers);
    for (size_t a = 0; a < buffers.size(); ++a) {
      EXPECT_EQ(buffers[a].offset % bufferAlignment, 0);
      EXPECT_LE(buffers[a].offset + buffers[a].sizeBytes, arena);
      for (size_t b = a + 1; b < buffers.size(); ++b)
        EXPECT_FALSE(overlap(buffers[a], buffers[b])) << "round " << round;
    }
    std::vector<Buffer> again = buffers;
    EXPECT_EQ(assignOffsets(again), arena);
    for (size_t a = 0; a < buffers.size(); ++a)
      EXPECT_EQ(again[a].offset, buffers[a].offset);
    int64_t lowest = *std::max_element(live.begin(), live.end());
    EXPECT_GE(arena, lowest);
    needed += lowest;
    used += arena;
  }
  EXPECT_LT(static_cast<double>(used), 1.06 * static_cast<double>(needed));
}
