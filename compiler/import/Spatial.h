//===- Spatial.h - windows of any rank as edge ops --------------*- C++ -*-===//
//
// The edge dialect has convolutions and pools over two dimensions. Here those
// over any number are composed of them, and transposed convolutions of
// convolutions, for every front door. All tensors are channels-last:
// activations [N, spatial..., C], filters [O, spatial..., I].
//
//   conv over [N, 3, H, W, C], window 2x3x3
// becomes
//   conv2d (slice %x, d in [0, 2)), %f[0] + conv2d (slice %x, d in [1, 3)),
//   %f[1]
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_SPATIAL_H
#define EDGEC_COMPILER_IMPORT_SPATIAL_H

#include "compiler/import/OpMaker.h"

namespace edgec {

/// A window over spatial dimensions, one number per dimension in each list.
struct Window {
  llvm::SmallVector<int64_t> size, strides, dilations;
  /// Zeros before and after the input.
  llvm::SmallVector<int64_t> before, after;
  /// Positions past `after` that ceil mode adds.
  llvm::SmallVector<int64_t> overhang;

  /// Size 1, stride 1, no pads, in every dimension.
  static Window ones(size_t rank);
  size_t rank() const { return size.size(); }
  /// Elements from a window's first to its last.
  int64_t reach(size_t dimension) const {
    return (size[dimension] - 1) * dilations[dimension] + 1;
  }
  /// [before..., after...]
  llvm::SmallVector<int64_t> pads() const;
  /// Only the dimensions [first, last).
  Window slice(size_t first, size_t last) const;
};

/// A convolution over two or more dimensions; `bias` may be null.
mlir::Value convolve(OpMaker &m, mlir::Value input, mlir::Value filter,
                     mlir::Value bias, const Window &window, int64_t groups);

/// A convolution over the last two dimensions of a window: input, filter, bias
/// (or null), window.
using PlaneConvolution = llvm::function_ref<mlir::Value(
    mlir::Value, mlir::Value, mlir::Value, const Window &)>;

/// One over any number of dimensions as a sum of those over two; around the
/// input lies `padValue`.
mlir::Value convolveByPlanes(OpMaker &m, mlir::Value input, mlir::Value filter,
                             mlir::Value bias, const Window &window,
                             int64_t padValue, PlaneConvolution plane);

/// What a transposed convolution is beside its operands.
struct TransposedWindow {
  llvm::SmallVector<int64_t> strides, dilations;
  /// Elements cut off before the result, and its sizes; what lies past the
  /// last window is zero (plus bias).
  llvm::SmallVector<int64_t> before, sizes;
};

/// The sum of filter copies, scaled by the input's elements and placed
/// `strides` apart: `result[y * stride + k * dilation - before] += input[y] *
/// filter[k]`. The filter is [C, O / groups, spatial...], as frameworks store
/// it. Becomes one convolution that computes all strides * strides neighbours
/// of a result as channels, whose filter is reordered at compile time.
mlir::Value convolveTransposed(OpMaker &m, mlir::Value input,
                               mlir::Value filter, mlir::Value bias,
                               const TransposedWindow &window, int64_t groups);

/// Pools over two or more dimensions.
mlir::Value poolMaximum(OpMaker &m, mlir::Value input, const Window &window);
mlir::Value poolAverage(OpMaker &m, mlir::Value input, const Window &window,
                        bool countPads);

/// [N, C, H, W] with `block` * `block` pixels taken from, or put into, the
/// channels; channels-last. `blockFirst`: the position in the block is the
/// slower part of the channel number.
mlir::Value depthToSpace(OpMaker &m, mlir::Value input, int64_t block,
                         bool blockFirst);
mlir::Value spaceToDepth(OpMaker &m, mlir::Value input, int64_t block);

/// Box of `size` elements from `offset` on, `stride` apart, along one
/// dimension.
mlir::Value sliceAlong(OpMaker &m, mlir::Value x, int64_t axis, int64_t offset,
                       int64_t size, int64_t stride = 1);
/// Zeros, or another number, around one dimension.
mlir::Value padAlong(OpMaker &m, mlir::Value x, int64_t axis, int64_t low,
                     int64_t high, int64_t value = 0);

} // namespace edgec

#endif // EDGEC_COMPILER_IMPORT_SPATIAL_H
