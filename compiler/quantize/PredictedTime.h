//===- PredictedTime.h - what layers cost on the target --------*- C++ -*-===//
//
// The cost model's cycles of a model as it is now, ranges and exceptions
// included, shared out to its layers.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_QUANTIZE_PREDICTEDTIME_H
#define EDGEC_COMPILER_QUANTIZE_PREDICTEDTIME_H

#include "compiler/quantize/Calibration.h"

namespace edgec {

/// Cycles on one core of the machine that the model is compiled for.
struct PredictedTime {
  int64_t cycles = 0;
  /// Of each layer, with its share of kernels that compute several, and with
  /// the kernels of no layer that make its data, conversions among them.
  std::vector<int64_t> layers;
};

/// A copy of `module` whose `layers`, and what their data come from, have names
/// by which addShares finds them in what the stages make of it.
mlir::OwningOpRef<mlir::ModuleOp>
cloneWithMarkedLayers(mlir::ModuleOp module,
                      llvm::ArrayRef<mlir::Operation *> layers);

/// Adds `cycles` of a kernel in equal parts to the layers that are marked among
/// its `names`; if there is none, to those whose data are.
void addShares(llvm::ArrayRef<llvm::StringRef> names, int64_t cycles,
               std::vector<int64_t> &layerCycles);

/// Takes a copy of the module as far as its kernels' tilings. Failure after a
/// diagnostic.
mlir::FailureOr<PredictedTime>
predictTime(mlir::ModuleOp module, llvm::ArrayRef<mlir::Operation *> layers,
            const HostCompiler &compiler);

} // namespace edgec

#endif // EDGEC_COMPILER_QUANTIZE_PREDICTEDTIME_H
