//===- Window.h - strides and pads of ONNX conv and pool --------*- C++ -*-===//
//
// ONNX gives a window by kernel_shape, strides, dilations, pads or auto_pad,
// each optional. Here they become one struct of two dimensions: a 1-D window is
// a 2-D window of height 1.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_ONNX_WINDOW_H
#define EDGEC_COMPILER_IMPORT_ONNX_WINDOW_H

#include "compiler/import/onnx/NodeImport.h"

namespace edgec::onnx {

struct Window {
  using Pair = std::array<int64_t, 2>;
  Pair size = {1, 1}, strides = {1, 1}, dilations = {1, 1};
  /// Zeros before and after the input in each dimension.
  Pair before = {0, 0}, after = {0, 0};
  /// Positions past `after` that ceil mode adds.
  Pair overhang = {0, 0};

  int64_t reach(unsigned dimension) const {
    return (size[dimension] - 1) * dilations[dimension] + 1;
  }
  /// [top, left, bottom, right]
  std::array<int64_t, 4> pads() const {
    return {before[0], before[1], after[0], after[1]};
  }
};

/// Reads the node's window over operand 0, of shape [N, C, spatial...] with one
/// or two spatial dimensions. `filterSize` is what a convolution's filter says;
/// without it kernel_shape is required. None after an error.
std::optional<Window>
readWindow(NodeImport &n, std::optional<llvm::ArrayRef<int64_t>> filterSize);

/// [N, C, L] or [N, C, H, W] to [N, H, W, C] with H = 1 for the former.
mlir::Value toChannelsLast(NodeImport &n, mlir::Value value);
/// The way back, to `rank` dimensions (3 or 4).
mlir::Value toChannelsFirst(NodeImport &n, mlir::Value value, int64_t rank);

} // namespace edgec::onnx

#endif // EDGEC_COMPILER_IMPORT_ONNX_WINDOW_H
