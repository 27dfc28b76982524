//===- QuantizationReport.h - what quantizing a model did ------*- C++ -*-===//
//
// For people as text, for programs as JSON: the ranges, which layers compute on
// integers, and, where the result was compared with the float model, how far it
// is off and where that comes from.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_QUANTIZE_QUANTIZATIONREPORT_H
#define EDGEC_COMPILER_QUANTIZE_QUANTIZATIONREPORT_H

#include "compiler/quantize/Calibrator.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>
#include <limits>
#include <optional>

namespace edgec {

/// The power of a signal over that of its error, and what else tells of them.
struct SignalError {
  double signal = 0, noise = 0, largest = 0;

  /// Equal infinities and NaNs are no error; one against something else is an
  /// infinite one.
  void add(double got, double want) {
    bool isSame = got == want || (std::isnan(got) && std::isnan(want));
    double error = isSame ? 0 : std::abs(got - want);
    if (!std::isfinite(error))
      error = std::numeric_limits<double>::infinity();
    if (std::isfinite(want))
      signal += want * want;
    noise += error * error;
    largest = std::max(largest, error);
  }
  /// Decibels, at most 200; of nothing but zeros without error too.
  double decibels() const;
  /// Norm of the error over norm of the signal.
  double relative() const;
};

/// A value that is an integer in the quantized model.
struct TensorReport {
  std::string name;
  NumberRange seen, chosen;
  /// "given" where the overrides gave the range.
  std::string calibrator;
};

/// A convolution, a fully connected layer or a product of two values.
struct LayerReport {
  std::string name, op;
  /// On integers, or with weights in fewer bits.
  bool isInteger = false;
  /// As -quantize names it; "float32" for floats.
  std::string type;
  /// Why it is on floats, or not the first of several precisions.
  std::string reason;
};

/// A value of the quantized model beside that of the float model.
struct LayerError {
  std::string name;
  SignalError error;
  /// Decibels lost against the worst of the values that it is computed from.
  double loss = 0;
  std::string advice;
};

struct Accuracy {
  int64_t rows = 0;
  /// Rows whose label has the largest result, or is among the five largest.
  int64_t top1 = 0, top5 = 0;
};

/// The quantized model beside the float model on one set of samples.
struct Evaluation {
  int64_t samples = 0;
  /// Of all float outputs together.
  SignalError outputs;
  /// Elements of outputs of integers, and those that differ.
  int64_t integers = 0, differing = 0;
  /// Rows of the first output whose largest element is the same.
  int64_t rows = 0, sameLargest = 0;
  /// With labels.
  std::optional<Accuracy> quantized, reference;
  /// In the order of the model.
  std::vector<LayerError> layers;
};

/// A calibrator and what it does to the outputs, on the calibration's samples.
struct CalibratorTrial {
  std::string calibrator;
  SignalError outputs;
};

/// A combination of layers on integers, or in fewer bits, and on floats.
struct FrontierPoint {
  int64_t integerLayers = 0;
  /// The layer that changes beyond the point before, and what it becomes.
  std::string added, addedType;
  /// Predicted for the target.
  int64_t cycles = 0, clockMegahertz = 0, sizeBytes = 0;
  /// Measured on the calibration's samples, of the outputs.
  SignalError error;
  bool isTaken = false;
};

struct QuantizationReport {
  /// The precisions that were allowed, with commas between: "int8,int4w".
  std::string type;
  /// Empty where no data have ranges.
  std::string calibrator;
  int64_t samples = 0;
  std::vector<TensorReport> tensors;
  std::vector<LayerReport> layers;
  /// How many of them stay on floats because they would become slower.
  int64_t slowLayers = 0;
  /// With -calibrator=auto.
  std::vector<CalibratorTrial> trials;
  /// With a bound for error or size.
  std::vector<FrontierPoint> frontier;
  std::optional<Evaluation> evaluation;

  llvm::json::Value json() const;
  void print(llvm::raw_ostream &stream) const;
};

} // namespace edgec

#endif // EDGEC_COMPILER_QUANTIZE_QUANTIZATIONREPORT_H
