//===- StrassenChoice.h - where Strassen's method is used ------*- C++ -*-===//
#ifndef EDGEC_PASSES_SCHEDULE_STRASSENCHOICE_H
#define EDGEC_PASSES_SCHEDULE_STRASSENCHOICE_H

namespace edgec::schedule {

/// Where products by constant matrices are computed by Strassen's method: seven
/// products of halves instead of eight. Its weights are stored in seven
/// combinations, 1.75 times as large.
enum class StrassenChoice {
  /// Where the cost model says that it saves most time per byte of growth, as
  /// long as the artifact stays small (GrowthBudget.h).
  automatic,
  /// Nowhere.
  off,
  /// Wherever the cost model predicts it to be faster, whatever it costs in
  /// bytes and rounding.
  on,
  /// Wherever it suits.
  always
};

} // namespace edgec::schedule

#endif // EDGEC_PASSES_SCHEDULE_STRASSENCHOICE_H
