//===- QuantizeOptions.h - what a caller decides about it ------*- C++ -*-===//
//
// Post-training quantization: a float model becomes one that computes on
// integers, with ranges from samples of its inputs. docs/quantization.md is its
// manual.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_QUANTIZE_QUANTIZEOPTIONS_H
#define EDGEC_COMPILER_QUANTIZE_QUANTIZEOPTIONS_H

#include "compiler/quantize/Calibrator.h"
#include "compiler/quantize/LayerPrecision.h"
#include <functional>
#include <optional>

namespace edgec {

struct QuantizationReport;

struct QuantizeOptions {
  /// What layers may be computed on or kept as, one or several, each once.
  /// Without a bound a layer gets the first that is for it; with one, the
  /// precisions are chosen layer by layer.
  std::vector<LayerPrecision> precisions = {LayerPrecision::int8};
  /// A folder of .npy files, or one such file (SampleSet.h).
  std::string calibrationPath;
  /// Not given: each is tried, and the one whose outputs are nearest to those
  /// of the float model is taken.
  std::optional<Calibrator> calibrator = Calibrator();
  /// A JSON file with exceptions for single layers (Overrides.h); empty: none.
  std::string overridesPath;
  /// Move the mean error that rounded weights cause into the biases.
  bool correctBiases = true;
  /// Balance the ranges of consecutive layers' channels before all else.
  bool equalize = false;
  /// Make integers also of layers that are predicted to become slower by it,
  /// for the size of their weights. With a bound for error or size, or where an
  /// accelerator may take the layers, predictions do not keep any back.
  bool quantizeSlowLayers = false;
  /// Of the layers, only those in fewer bits with which the outputs stay within
  /// this relative error, or the weights within this size; not both. Errors
  /// are measured on the samples of `calibrationPath`.
  std::optional<double> maxError;
  std::optional<int64_t> maxSizeBytes;
  /// Samples, with or without labels, on which the result is compared with the
  /// float model; empty: no comparison.
  std::string evaluationPath;
  /// Called once, when the quantized model is known.
  std::function<void(const QuantizationReport &)> onReport;
};

} // namespace edgec

#endif // EDGEC_COMPILER_QUANTIZE_QUANTIZEOPTIONS_H
