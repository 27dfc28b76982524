//===- Window.h - strides and pads of ONNX conv and pool --------*- C++ -*-===//
//
// ONNX gives a window by kernel_shape, strides, dilations, pads or auto_pad,
// each optional. Here they become one struct of two or more dimensions: a 1-D
// window is a 2-D window of height 1.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_ONNX_WINDOW_H
#define EDGEC_COMPILER_IMPORT_ONNX_WINDOW_H

#include "compiler/import/Spatial.h"
#include "compiler/import/onnx/NodeImport.h"

namespace edgec::onnx {

/// Reads the node's window over operand 0, of shape [N, C, spatial...] with one
/// or more spatial dimensions. `filterSize` is what a convolution's filter
/// says; without it kernel_shape is required. None after an error.
std::optional<Window>
readWindow(NodeImport &n, std::optional<llvm::ArrayRef<int64_t>> filterSize);

/// The same before auto_pad and ceil_mode, for operators that define them
/// otherwise: pads as the attribute says.
std::optional<Window>
readWindowAttributes(NodeImport &n,
                     std::optional<llvm::ArrayRef<int64_t>> filterSize);

/// [N, C, L] or [N, C, D, H, W] to [N, spatial..., C], with H = 1 for the
/// former.
mlir::Value toChannelsLast(NodeImport &n, mlir::Value value);
/// The way back, to `rank` dimensions.
mlir::Value toChannelsFirst(NodeImport &n, mlir::Value value, int64_t rank);
/// [H, W] of [N, C, H, W], and [1, L] of [N, C, L]: one number per
/// dimension of the window.
llvm::SmallVector<int64_t> spatialShape(llvm::ArrayRef<int64_t> shape);

} // namespace edgec::onnx

#endif // EDGEC_COMPILER_IMPORT_ONNX_WINDOW_H
