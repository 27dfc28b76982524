//===- TensorStatistics.cpp - which values a tensor takes -----------------===//
//
// See TensorStatistics.h.
//
//===----------------------------------------------------------------------===//
#include "compiler/quantize/TensorStatistics.h"
#include <algorithm>
#include <cmath>
#include <limits>

using namespace edgec;

void TensorStatistics::addExtremes(llvm::ArrayRef<float> values) {
  float low = std::numeric_limits<float>::infinity(), high = -low;
  int64_t bad = 0;
  for (float value : values) {
    if (!std::isfinite(value)) {
      ++bad;
      continue;
    }
    low = std::min(low, value);
    high = std::max(high, value);
  }
  nonFiniteCount += bad;
  valueCount += int64_t(values.size());
  if (low > high)
    return;
  NumberRange found{low, high};
  range = sampleCount == 0 ? found : range.unite(found);
  extremeSums.low += low;
  extremeSums.high += high;
  ++sampleCount;
  if (bad > 0)
    return;
  size_t channels = channelSums.size();
  for (size_t i = 0; i + channels <= values.size(); i += channels)
    for (size_t c = 0; c < channels; ++c)
      channelSums[c] += values[i + c];
}

void TensorStatistics::addToHistogram(llvm::ArrayRef<float> values) {
  bins.resize(binCount);
  double width = binWidth();
  double perWidth = width > 0 ? 1 / width : 0;
  for (float value : values) {
    if (value == 0) {
      ++zeroCount;
      continue;
    }
    if (!std::isfinite(value))
      continue;
    auto bin = int64_t((double(value) - range.low) * perWidth);
    ++bins[std::clamp<int64_t>(bin, 0, binCount - 1)];
  }
}

NumberRange TensorStatistics::meanExtremes() const {
  auto count = double(std::max<int64_t>(1, sampleCount));
  return {extremeSums.low / count, extremeSums.high / count};
}

std::vector<double> TensorStatistics::channelMeans() const {
  std::vector<double> means = channelSums;
  double rows = double(valueCount) / double(channelSums.size());
  for (double &mean : means)
    mean = rows > 0 ? mean / rows : 0;
  return means;
}
