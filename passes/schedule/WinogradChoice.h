//===- WinogradChoice.h - where Winograd's method is used ------*- C++ -*-===//
#ifndef EDGEC_PASSES_SCHEDULE_WINOGRADCHOICE_H
#define EDGEC_PASSES_SCHEDULE_WINOGRADCHOICE_H

namespace edgec::schedule {

/// Where 3x3 convolutions are computed by Winograd's method, in tiles of 2x2 or
/// 4x4 outputs. Its filters are stored transformed, 1.8 or 4 times as large, or
/// as they are, to be transformed in each run.
enum class WinogradChoice {
  /// In tiles of 2x2, which round no more than a direct sum, where the cost
  /// model says that it saves most time per byte of growth, as long as the
  /// artifact stays small (GrowthBudget.h).
  automatic,
  /// Nowhere.
  off,
  /// Wherever the cost model predicts it to be faster, whatever it costs in
  /// bytes and rounding.
  on,
  /// Wherever it suits, in tiles of 2x2 outputs.
  tile2,
  /// Wherever it suits, in tiles of 4x4 outputs.
  tile4,
  /// The same, with filters that are stored as they are and transformed in each
  /// run.
  tile2InRun,
  tile4InRun
};

} // namespace edgec::schedule

#endif // EDGEC_PASSES_SCHEDULE_WINOGRADCHOICE_H
