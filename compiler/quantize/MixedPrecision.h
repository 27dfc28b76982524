//===- MixedPrecision.h - which layers are worth to be integers *- C++ -*-===//
//
// Ranks layers by the error that each causes alone and by the time, or the
// bytes, that it saves, and takes as many of them as an error, or as few as a
// size, allows.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_QUANTIZE_MIXEDPRECISION_H
#define EDGEC_COMPILER_QUANTIZE_MIXEDPRECISION_H

#include "compiler/quantize/Calibration.h"
#include "compiler/quantize/QuantizationReport.h"
#include "compiler/quantize/QuantizeOptions.h"

namespace edgec {

/// What a layer costs and gains as integers.
struct LayerRank {
  mlir::Operation *layer = nullptr;
  /// Of the outputs, when it alone is on integers.
  SignalError error;
  /// Predicted by the cost model.
  int64_t floatCycles = 0, integerCycles = 0;
  int64_t floatBytes = 0, integerBytes = 0;

  int64_t savedCycles() const { return floatCycles - integerCycles; }
  int64_t savedBytes() const { return floatBytes - integerBytes; }
};

/// The outcome: an order of layers, of which the first `taken` are integers.
struct MixedPrecision {
  std::vector<LayerRank> ranks;
  size_t taken = 0;
  /// The ranks beyond these gain nothing.
  size_t worth = 0;
  /// One entry more than layers: none of them, the first, the first two, ...
  std::vector<FrontierPoint> frontier;
};

/// Decides for `layers`, whose data have ranges, by what is predicted and
/// measured of single layers; the caller sees whether the model then keeps the
/// bound. Fails after a diagnostic.
mlir::FailureOr<MixedPrecision>
choosePrecision(mlir::ModuleOp module, llvm::ArrayRef<mlir::Operation *> layers,
                const QuantizeOptions &options, const SampleSet &samples,
                const HostCompiler &compiler);

} // namespace edgec

#endif // EDGEC_COMPILER_QUANTIZE_MIXEDPRECISION_H
