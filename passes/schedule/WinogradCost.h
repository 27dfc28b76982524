//===- WinogradCost.h - how long Winograd's method takes -------*- C++ -*-===//
#ifndef EDGEC_PASSES_SCHEDULE_WINOGRADCOST_H
#define EDGEC_PASSES_SCHEDULE_WINOGRADCOST_H

#include "dialects/schedule/Schedule.h"

namespace edgec::schedule {

/// A 3x3 convolution of `tiles` tiles of `outputs` x `outputs`.
struct WinogradWork {
  int64_t outputs = 4, tiles = 1, inputs = 1, channels = 1;
  /// vectors of a panel; 0: as many as are best
  int64_t panelVectors = 0;
  /// the convolution's input and result
  int64_t imageBytes = 0;
  /// elementwise operators applied to each output
  int64_t epilogueOperators = 0;
  /// Of bytes: inputs at points are i16, two to a word, and either each of them
  /// or each word is one step of the products.
  bool ofBytes = false, inPairs = false;
  /// Filters are stored as they are and transformed in the run.
  bool filtersInRun = false;

  int64_t points() const { return (outputs + 2) * (outputs + 2); }
  /// Elements of 32 bits that a tile's inputs take at a point.
  int64_t inputWords() const { return ofBytes ? (inputs + 1) / 2 : inputs; }
};

/// Lanes of i16 in which bytes are brought to points: those of a register, or
/// of half of one where a tile's columns would not fit into wider ones.
int64_t winogradInputLanes(MachineAttr machine);

/// Whether filters that are transformed in the run stay in registers, instead
/// of going through the second-level cache: those of a single vector.
inline bool transformsInRegisters(TilingAttr tiling) {
  return tiling.getFiltersInRun() && tiling.getVectors() == 1;
}

/// Of how many inputs a panel's filters are transformed at once in the run, a
/// divisor of all: as many as the second-level cache has room for beside
/// images, or the first one for taps; 0 where that would be few.
int64_t filterInputsInRun(int64_t points, int64_t inputs, TilingAttr tiling,
                          MachineAttr machine);

/// Predicted cycles of the whole kernel on one core. Of `tiling`, `columns` is
/// tiles per register tile and `rows` register tiles per block.
double winogradCycles(const WinogradWork &work, TilingAttr tiling,
                      MachineAttr machine);

/// Blocks and register tiles that are worth a thought, with their cycles.
llvm::SmallVector<TilingAttr> winogradTilings(const WinogradWork &work,
                                              MachineAttr machine);

} // namespace edgec::schedule

#endif // EDGEC_PASSES_SCHEDULE_WINOGRADCOST_H
