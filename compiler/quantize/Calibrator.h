//===- Calibrator.h - from a tensor's values to its range ------*- C++ -*-===//
//
// A calibrator decides which part of the values that came up the 256 numbers of
// a quantized tensor stand for: a wider range rounds everything more coarsely,
// a narrower one cuts off the largest values.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_QUANTIZE_CALIBRATOR_H
#define EDGEC_COMPILER_QUANTIZE_CALIBRATOR_H

#include "compiler/quantize/TensorStatistics.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>

namespace edgec {

struct Calibrator {
  enum class Kind {
    /// every value that came up
    minmax,
    /// the mean of the samples' extremes
    average,
    /// the part of the values in percent, the rest cut off on both sides
    percentile,
    /// the range whose 256 numbers tell most of the values' distribution
    entropy,
    /// the range with the least mean squared error
    mse,
  };
  Kind kind = Kind::minmax;
  double percent = 99.99;

  /// "minmax", "percentile", "percentile:99.9".
  static llvm::Expected<Calibrator> parse(llvm::StringRef text);
  std::string text() const;
  /// Whether the second pass over the samples is needed.
  bool needsHistogram() const {
    return kind != Kind::minmax && kind != Kind::average;
  }
  bool operator==(const Calibrator &other) const {
    return kind == other.kind && percent == other.percent;
  }
};

/// All of them, with their defaults.
llvm::ArrayRef<Calibrator> allCalibrators();

/// The range of a tensor; 0 lies in it.
NumberRange calibrate(const TensorStatistics &statistics,
                      const Calibrator &calibrator);

} // namespace edgec

#endif // EDGEC_COMPILER_QUANTIZE_CALIBRATOR_H
