//===- Offsets.cpp - places in the arena ----------------------------------===//
//
// Two buffers may share bytes if no step needs both. The largest buffers are
// placed first, each in the tightest gap among those it overlaps in time. How
// good that is depends on the order, so a few orders are tried and the
// smallest arena wins; most models then reach the bytes that are alive at once.
//
//===----------------------------------------------------------------------===//
#include "passes/memory/MemoryPlan.h"

#include "llvm/ADT/STLExtras.h"
#include <tuple>

using namespace edgec;

/// Places `buffers` in the order of `indices`; returns the arena's size.
static int64_t place(std::vector<Buffer> &buffers,
                     llvm::ArrayRef<size_t> indices) {
  llvm::SmallVector<const Buffer *> placed;
  int64_t arenaBytes = 0;
  for (size_t index : indices) {
    Buffer &buffer = buffers[index];
    int64_t size = alignBuffer(buffer.sizeBytes);
    // Placed buffers that are alive at the same time, by offset.
    llvm::SmallVector<const Buffer *> neighbours;
    for (const Buffer *other : placed)
      if (other->first <= buffer.last && buffer.first <= other->last)
        neighbours.push_back(other);
    llvm::sort(neighbours, [](const Buffer *a, const Buffer *b) {
      return std::tie(a->offset, a->first) < std::tie(b->offset, b->first);
    });
    int64_t best = -1, bestGap = INT64_MAX, end = 0;
    for (const Buffer *other : neighbours) {
      int64_t gap = other->offset - end;
      if (gap >= size && gap < bestGap) {
        best = end;
        bestGap = gap;
      }
      end = std::max(end, other->offset + alignBuffer(other->sizeBytes));
    }
    buffer.offset = best >= 0 ? best : end;
    arenaBytes = std::max(arenaBytes, buffer.offset + size);
    placed.push_back(&buffer);
  }
  return arenaBytes;
}

int64_t edgec::assignOffsets(std::vector<Buffer> &buffers) {
  llvm::SmallVector<size_t> bySize, byTime, byArea;
  for (size_t index = 0; index < buffers.size(); ++index)
    if (buffers[index].output < 0)
      bySize.push_back(index);
  byTime = byArea = bySize;
  // Ties keep the buffers' order, so that equal input gives equal offsets.
  auto sortDescending = [&](llvm::SmallVector<size_t> &order, auto keyOf) {
    llvm::sort(order, [&](size_t a, size_t b) {
      int64_t keyA = keyOf(buffers[a]), keyB = keyOf(buffers[b]);
      return keyA != keyB ? keyA > keyB : a < b;
    });
  };
  sortDescending(bySize, [](const Buffer &b) { return b.sizeBytes; });
  sortDescending(byTime, [](const Buffer &b) { return -b.first; });
  sortDescending(byArea, [](const Buffer &b) {
    return b.sizeBytes * (b.last - b.first + 1);
  });

  int64_t best = INT64_MAX;
  const llvm::SmallVector<size_t> *bestOrder = nullptr;
  for (const auto *order : {&bySize, &byArea, &byTime}) {
    int64_t arenaBytes = place(buffers, *order);
    if (arenaBytes < best) {
      best = arenaBytes;
      bestOrder = order;
    }
  }
  return place(buffers, *bestOrder);
}
