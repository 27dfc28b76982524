//===- MixedPrecision.h - which layers are worth fewer bits ----*- C++ -*-===//
//
// Ranks what single layers could be computed on, or kept as, by the error that
// each causes alone and by the time, or the bytes, that it saves, and takes as
// much of it as an error, or as little as a size, allows.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_QUANTIZE_MIXEDPRECISION_H
#define EDGEC_COMPILER_QUANTIZE_MIXEDPRECISION_H

#include "compiler/quantize/Calibration.h"
#include "compiler/quantize/QuantizationReport.h"
#include "compiler/quantize/QuantizeOptions.h"

namespace edgec {

/// A layer and what it may be computed on or kept as, in the order of
/// preference.
struct LayerChoice {
  mlir::Operation *layer = nullptr;
  llvm::SmallVector<LayerPrecision> precisions;
};

/// What each layer is, in the order of the choices; none: on floats.
using PrecisionState = std::vector<std::optional<LayerPrecision>>;

/// One layer goes from one precision to another.
struct PrecisionStep {
  /// Index of the choice.
  size_t layer = 0;
  std::optional<LayerPrecision> from;
  LayerPrecision to = LayerPrecision::int8;
  /// Of the outputs, when the layer alone is in `to`.
  SignalError error;
  /// Of the layer on floats and in `to`, as the cost model predicts.
  int64_t floatCycles = 0, cycles = 0;
  /// The last point of the frontier that it goes on from, and its own.
  size_t base = 0, point = 0;
};

/// The outcome: steps of which those in `taken`, in this order, are made.
struct MixedPrecision {
  std::vector<PrecisionStep> steps;
  std::vector<size_t> taken;
  /// The model on floats, and one entry for each step.
  std::vector<FrontierPoint> frontier;

  PrecisionState state(size_t layers) const;
  size_t point() const { return taken.empty() ? 0 : steps[taken.back()].point; }
};

/// Decides for the layers by what is predicted and measured of single ones, and
/// gives back what the model does not bear then: `assign` brings it into a
/// state, and `check` says whether it keeps the bound there, and notes what it
/// really has. Fails after a diagnostic.
mlir::FailureOr<MixedPrecision> choosePrecision(
    mlir::ModuleOp module, llvm::ArrayRef<LayerChoice> layers,
    llvm::function_ref<void(const PrecisionState &)> assign,
    llvm::function_ref<mlir::FailureOr<bool>(FrontierPoint &)> check,
    const QuantizeOptions &options, const SampleSet &samples,
    const HostCompiler &compiler);

} // namespace edgec

#endif // EDGEC_COMPILER_QUANTIZE_MIXEDPRECISION_H
