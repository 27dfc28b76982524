//===- Rotary.h - rotating pairs of channels by position --------*- C++ -*-===//
//
// Shared by the RotaryEmbedding of the standard and that of com.microsoft,
// which differ in the order of their inputs.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_ONNX_ROTARY_H
#define EDGEC_COMPILER_IMPORT_ONNX_ROTARY_H

#include "compiler/import/onnx/NodeImport.h"

namespace edgec::onnx {

struct RotaryInputs {
  /// [B or 1, L, turned / 2]
  mlir::Value cosines, sines;
  /// Heads of an input without a dimension for them.
  int64_t heads = 0;
  /// How many elements of each head are turned; 0 for all.
  int64_t turned = 0;
  bool interleaved = false;
};

/// Input 0, of [B, L, heads * size] or [B, heads, L, size], turned.
mlir::Value embedRotary(NodeImport &n, const RotaryInputs &inputs);

/// The first elements of the last dimension turned; the factors broadcast.
mlir::Value rotate(NodeImport &n, mlir::Value x, mlir::Value cosines,
                   mlir::Value sines, bool interleaved);

/// Rows of a table at computed places.
mlir::Value rowsAt(NodeImport &n, unsigned table, mlir::Value places);

void importRotaryEmbedding(NodeImport &n);

} // namespace edgec::onnx

#endif // EDGEC_COMPILER_IMPORT_ONNX_ROTARY_H
