//===- TensorStatistics.h - which values a tensor takes --------*- C++ -*-===//
//
// What calibration remembers of one tensor over all samples: its extremes from
// a first pass, and a histogram between them from a second. Its memory depends
// on neither the tensor's size nor the number of samples.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_QUANTIZE_TENSORSTATISTICS_H
#define EDGEC_COMPILER_QUANTIZE_TENSORSTATISTICS_H

#include "llvm/ADT/ArrayRef.h"
#include <cstdint>
#include <vector>

namespace edgec {

/// The real numbers that a quantized tensor can stand for.
struct NumberRange {
  double low = 0, high = 0;

  /// The same with 0 in it, so that padding and rectifiers are exact.
  NumberRange withZero() const {
    return {std::min(low, 0.0), std::max(high, 0.0)};
  }
  NumberRange unite(NumberRange other) const {
    return {std::min(low, other.low), std::max(high, other.high)};
  }
};

class TensorStatistics {
public:
  static constexpr int64_t binCount = 2048;

  /// `channels`: the size of the last dimension.
  explicit TensorStatistics(int64_t channels) : channelSums(channels) {}

  /// The first pass: one call per sample.
  void addExtremes(llvm::ArrayRef<float> values);

  /// The second pass, over the same samples.
  void addToHistogram(llvm::ArrayRef<float> values);

  /// Of all finite values.
  NumberRange extremes() const { return range; }
  /// The mean over the samples of their least and of their largest value.
  NumberRange meanExtremes() const;

  int64_t samples() const { return sampleCount; }
  int64_t values() const { return valueCount; }
  /// NaNs and infinities.
  int64_t nonFinite() const { return nonFiniteCount; }
  /// Exact zeros; they are not in the histogram.
  int64_t zeros() const { return zeroCount; }
  /// The mean of each element of the last dimension.
  std::vector<double> channelMeans() const;

  /// Empty before the second pass.
  llvm::ArrayRef<int64_t> histogram() const { return bins; }
  double binWidth() const { return (range.high - range.low) / binCount; }
  /// The middle of a bin.
  double center(int64_t bin) const {
    return range.low + (double(bin) + 0.5) * binWidth();
  }

private:
  NumberRange range, extremeSums;
  int64_t sampleCount = 0, valueCount = 0, nonFiniteCount = 0, zeroCount = 0;
  std::vector<double> channelSums;
  std::vector<int64_t> bins;
};

} // namespace edgec

#endif // EDGEC_COMPILER_QUANTIZE_TENSORSTATISTICS_H
