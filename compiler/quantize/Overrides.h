//===- Overrides.h - exceptions for single layers --------------*- C++ -*-===//
//
// What -quantize-overrides=FILE.json says, by the names of the model's nodes
// and inputs:
//
//   {"layers": {
//      "conv1": {"keep": "float"},
//      "conv2": {"calibrator": "percentile:99.9"},
//      "conv3": {"precision": "int16x8"},
//      "image": {"range": [0, 1]}}}
//
// "keep" leaves a layer's weights and arithmetic as they are; "precision" gives
// it this one of those that -quantize lists; "calibrator" and
// "range" are for the values that a node, or an input, gives to the layers
// behind it.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_QUANTIZE_OVERRIDES_H
#define EDGEC_COMPILER_QUANTIZE_OVERRIDES_H

#include "compiler/quantize/Calibrator.h"
#include "compiler/quantize/LayerNames.h"
#include "compiler/quantize/LayerPrecision.h"
#include "passes/quantize/Quantizable.h"
#include "llvm/ADT/MapVector.h"
#include <optional>

namespace edgec {

struct Overrides {
  /// Layers that stay float, in the order of the file.
  llvm::SmallVector<mlir::Operation *> keepFloat;
  /// The only precision that a layer may have.
  llvm::DenseMap<mlir::Operation *, LayerPrecision> precisions;
  /// Of one value of a group, for the whole group.
  llvm::DenseMap<mlir::Value, Calibrator> calibrators;
  llvm::DenseMap<mlir::Value, NumberRange> ranges;

  bool needHistogram() const;
};

/// Reads the file at `path` for a model whose values that can be integers are
/// `groups`, to be quantized to `precisions`. Every problem is a diagnostic at
/// the file: its syntax, an unknown name (with the one that is spelled most
/// like it), a range that is none, a precision that -quantize does not list or
/// that the layer cannot have, an exception that says nothing.
mlir::FailureOr<Overrides>
readOverrides(llvm::StringRef path, mlir::func::FuncOp model,
              const LayerNames &names, llvm::ArrayRef<ValueGroup> groups,
              llvm::ArrayRef<LayerPrecision> precisions);

} // namespace edgec

#endif // EDGEC_COMPILER_QUANTIZE_OVERRIDES_H
