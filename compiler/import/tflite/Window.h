//===- Window.h - strides and pads of TFLite conv and pool ------*- C++ -*-===//
#ifndef EDGEC_COMPILER_IMPORT_TFLITE_WINDOW_H
#define EDGEC_COMPILER_IMPORT_TFLITE_WINDOW_H

#include "compiler/import/tflite/OperatorImport.h"
#include <array>

namespace edgec::tflite {

/// A window over [N, H, W, C]; every pair is height, width.
struct Window {
  using Pair = std::array<int64_t, 2>;
  Pair size = {1, 1}, strides = {1, 1}, dilations = {1, 1};
  Pair before = {0, 0}, after = {0, 0};

  int64_t reach(unsigned dimension) const {
    return (size[dimension] - 1) * dilations[dimension] + 1;
  }
  /// [top, left, bottom, right]
  std::array<int64_t, 4> pads() const {
    return {before[0], before[1], after[0], after[1]};
  }
};

/// Checks strides and dilations and computes the pads over an input of shape
/// [N, H, W, C]: SAME gives as many positions as strides fit, the odd zero at
/// the end; VALID gives none. False after an error.
bool padWindow(OperatorImport &n, Window &window, llvm::ArrayRef<int64_t> shape,
               schema::Padding padding);

} // namespace edgec::tflite

#endif // EDGEC_COMPILER_IMPORT_TFLITE_WINDOW_H
