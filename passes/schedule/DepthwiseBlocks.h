//===- DepthwiseBlocks.h - channels that share the near cache --*- C++ -*-===//
//
// A depthwise convolution goes through an image channel by channel; how many
// of them it takes along decides what it finds in the first-level cache again.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_SCHEDULE_DEPTHWISEBLOCKS_H
#define EDGEC_PASSES_SCHEDULE_DEPTHWISEBLOCKS_H

#include "passes/schedule/CostModel.h"

namespace edgec::schedule {

/// What a register tile of rows x columns outputs finds where.
struct DepthwiseTraffic {
  /// vectors of channels that go through all rows and columns before the next
  /// ones do; 1: each tile goes through all channels
  int64_t vectors = 1;
  /// lines that come from or go to the second-level cache per line of outputs
  double lines = 0;
};

/// The block of channels with which least passes between the two caches, or
/// none where `cyclesPerLine` of arithmetic per line of outputs take longer.
DepthwiseTraffic chooseDepthwiseBlock(const DepthwiseWork &work, int64_t rows,
                                      int64_t columns, double cyclesPerLine,
                                      MachineAttr machine);

} // namespace edgec::schedule

#endif // EDGEC_PASSES_SCHEDULE_DEPTHWISEBLOCKS_H
