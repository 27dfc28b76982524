//===- LayerLoss.h - where a quantized model goes wrong --------*- C++ -*-===//
//
// How much of the error of each value its layer adds to what it reads, and what
// may help.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_QUANTIZE_LAYERLOSS_H
#define EDGEC_COMPILER_QUANTIZE_LAYERLOSS_H

#include "compiler/quantize/RangeAssignment.h"

namespace edgec {

/// One entry for each of `values` that is computed, not moved, and rounded.
/// Numbers of 8 bits carry at most 48 decibels, so nothing is measured against
/// more.
std::vector<LayerError> layerLosses(llvm::ArrayRef<mlir::Value> values,
                                    llvm::ArrayRef<SignalError> errors,
                                    const RangeAssignment &ranges,
                                    const LayerNames &names);

/// The layer whose result `value` is but for the elementwise operators that its
/// kernel computes along; else the operation that defines it.
mlir::Operation *layerBehind(mlir::Value value);

} // namespace edgec

#endif // EDGEC_COMPILER_QUANTIZE_LAYERLOSS_H
