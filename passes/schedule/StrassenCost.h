//===- StrassenCost.h - how long Strassen's method takes -------*- C++ -*-===//
#ifndef EDGEC_PASSES_SCHEDULE_STRASSENCOST_H
#define EDGEC_PASSES_SCHEDULE_STRASSENCOST_H

#include "dialects/schedule/Schedule.h"

namespace edgec::schedule {

/// A matrix of `rows` x `depth` times a constant one of `depth` x `channels`.
struct StrassenWork {
  int64_t rows = 1, depth = 2, channels = 1;
  /// vectors of a panel; 0: as many as are best
  int64_t panelVectors = 0;
  /// Rows are copied beside their combinations before they are read, in place
  /// of being read where they lie, `lhsColumnBytes` apart.
  bool copiesRows = false;
  int64_t lhsColumnBytes = 0;
  /// elementwise operators applied to each output
  int64_t epilogueOperators = 0;
};

/// Predicted cycles of the whole kernel on one core. Of `tiling`, `columns` is
/// rows per register tile and `rows` pairs of register tiles per block.
double strassenCycles(const StrassenWork &work, TilingAttr tiling,
                      MachineAttr machine);

/// Blocks and register tiles that are worth a thought, with their cycles; none
/// where there are not enough rows and channels for a pair of each.
llvm::SmallVector<TilingAttr> strassenTilings(const StrassenWork &work,
                                              MachineAttr machine);

} // namespace edgec::schedule

#endif // EDGEC_PASSES_SCHEDULE_STRASSENCOST_H
