//===- MatrixCost.h - how long a matrix unit takes -------------*- C++ -*-===//
#ifndef EDGEC_PASSES_SCHEDULE_MATRIXCOST_H
#define EDGEC_PASSES_SCHEDULE_MATRIXCOST_H

#include "dialects/schedule/Schedule.h"

namespace edgec::schedule {

/// A product in tiles: `blocks` of positions by panels of channels, each
/// `blockTiles` x `panelTiles` tiles of sums.
struct MatrixWork {
  int64_t batch = 1;
  int64_t blocks = 1, blockTiles = 1;
  /// positions of a tile; of all blocks' positions so many are results
  int64_t rows = 1, outputs = 1;
  int64_t channels = 1, panelTiles = 1;
  /// products per block and panel, and the bytes of lhs that one takes
  int64_t steps = 1, stepBytes = 64;
  int64_t lhsBytes = 0;
  /// elementwise operators applied to each output
  int64_t epilogueOperators = 0;
};

/// Predicted cycles of the whole kernel on one core.
double matrixCycles(const MatrixWork &work, MachineAttr machine);

} // namespace edgec::schedule

#endif // EDGEC_PASSES_SCHEDULE_MATRIXCOST_H
