//===- SplitChoice.cpp - what threads divide a contraction by -------------===//
//
// Each thread reads all of the operand that is not divided, so the larger one
// should be. With few tiles of either kind, what matters more is that threads
// have as many: 3 panels for two of them take as long as 4.
//
//===----------------------------------------------------------------------===//
#include "passes/schedule/SplitChoice.h"

#include "llvm/Support/MathExtras.h"
#include <algorithm>

using namespace edgec::schedule;
using llvm::divideCeil;

/// The part of `total` that the busier one of two threads has if they share
/// tiles of `size`: the first has one more if their number is odd.
static double busierPart(int64_t total, int64_t size) {
  int64_t tiles = divideCeil(total, size);
  int64_t first = std::min(total, (tiles + 1) / 2 * size);
  return double(std::max(first, total - first)) / double(total);
}

Split edgec::schedule::chooseSplit(const ContractionWork &work, int64_t rows,
                                   int64_t columns, int64_t channels,
                                   int64_t cycles, MachineAttr machine) {
  double weightBytes = double(work.elementBits * work.runs * work.run) / 8 *
                       double(work.groups * work.channels);
  int64_t rowTiles = work.height > 1 ? divideCeil(work.height, rows)
                                     : divideCeil(work.width, columns);
  int64_t columnTiles =
      work.groups > 1 ? work.groups : divideCeil(work.channels, channels);
  if (columnTiles < 2 || rowTiles >= 4 * machine.getCores())
    return Split::rows;
  bool byColumns =
      columnTiles > rowTiles || weightBytes > double(work.lhsBytes);
  // By rows, a kernel can also be computed beside the next one.
  if (!byColumns)
    return Split::rows;
  if (rowTiles < 2 || work.groups > 1)
    return Split::columns;

  double ofRows = work.height > 1 ? busierPart(work.height, rows)
                                  : busierPart(work.width, columns);
  double ofColumns = busierPart(work.channels, channels);
  double reading = weightBytes / (machine.getMemoryBytesPerCycle() / 100.0);
  double rowsTime = std::max(double(cycles) * ofRows, reading),
         columnsTime = std::max(double(cycles), reading) * ofColumns;
  constexpr double clearly = 0.93;
  return rowsTime < columnsTime * clearly ? Split::rows : Split::columns;
}
