//===- ResizeTable.cpp - the weights of a resize --------------------------===//
//
// A neighbour at distance d has the weight of the mode's function at d * s, s
// the widening by antialias. Neighbours that lie outside are added to those at
// the border, so that a row's elements always lie in the input side by side.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/ResizeTable.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace edgec::edge;
using llvm::StringRef;

static double linearWeight(double distance) {
  return std::max(0.0, 1.0 - std::abs(distance));
}

/// R. Keys, Cubic convolution interpolation (1981).
static double cubicWeight(double distance, double a) {
  double d = std::abs(distance);
  if (d <= 1)
    return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((d - 5) * d + 8) * d * a - 4 * a : 0.0;
}

static int64_t clampTo(double position, int64_t last) {
  return int64_t(std::clamp(position, 0.0, double(last)));
}

static double roundBy(double position, StringRef rounding) {
  if (rounding == "floor")
    return std::floor(position);
  if (rounding == "ceil")
    return std::ceil(position);
  return rounding == "round_prefer_ceil" ? std::floor(position + 0.5)
                                         : std::ceil(position - 0.5);
}

std::vector<double>
edgec::edge::resizePositions(const ResizedDimension &dimension,
                             StringRef coordinates) {
  double s = dimension.scale, size = double(dimension.input), length = s * size,
         last = size - 1;
  double span = dimension.roiEnd - dimension.roiStart;
  std::vector<double> positions;
  for (int64_t i = 0; i < dimension.output; ++i) {
    double o = double(i), p = (o + 0.5) / s - 0.5;
    if (coordinates == "asymmetric")
      p = o / s;
    else if (coordinates == "tf_half_pixel_for_nn")
      p = (o + 0.5) / s;
    else if (coordinates == "pytorch_half_pixel" && length == 1)
      p = -0.5;
    else if (coordinates == "half_pixel_symmetric")
      p += size / 2 * (1 - double(dimension.output) / length);
    else if (coordinates == "align_corners")
      p = length == 1 ? 0.0 : o * last / (length - 1);
    else if (coordinates == "tf_crop_and_resize")
      p = (length == 1 ? span * last / 2 : o * span * last / (length - 1)) +
          dimension.roiStart * last;
    positions.push_back(std::isnan(p) ? 0.0 : p);
  }
  return positions;
}

/// Neighbours on one side of a position.
static int64_t reachOf(StringRef mode, bool antialias, double scale) {
  double support = mode == "cubic" ? 2 : 1;
  if (antialias && scale < 1)
    support = std::min(support / scale, 1e9);
  return -int64_t(std::floor(-support) + 1) + 1;
}

int64_t edgec::edge::mostTaps(int64_t input, int64_t output, StringRef mode,
                              bool antialias) {
  if (mode == "nearest")
    return 0;
  // A scale is rounded to f32, perhaps downwards.
  double scale = double(output) / double(input) * (1 - 0x1p-20);
  return std::min(input, 2 * reachOf(mode, antialias, scale));
}

/// One row of weights, `out` holds zeros.
static void writeWeights(double position, int64_t input, double scale,
                         const Interpolation &how, int64_t taps, float *out) {
  double widening = how.antialias ? std::min(scale, 1.0) : 1.0;
  int64_t reach = reachOf(how.mode, how.antialias, scale);
  double start = std::floor(position) + 1 - double(reach);
  int64_t first = clampTo(start, input - taps);
  std::vector<double> weights(taps, 0.0);
  double sum = 0;
  for (int64_t i = 0; i < 2 * reach; ++i) {
    double neighbour = start + double(i);
    if (how.excludeOutside && (neighbour < 0 || neighbour > double(input - 1)))
      continue;
    double distance = (neighbour - position) * widening;
    double weight = how.mode == "cubic"
                        ? cubicWeight(distance, how.cubicCoefficient)
                        : linearWeight(distance);
    int64_t tap = clampTo(neighbour, input - 1) - first;
    weights[std::clamp<int64_t>(tap, 0, taps - 1)] += weight;
    sum += weight;
  }
  if (sum == 0 || !(how.antialias || how.excludeOutside))
    sum = 1;
  out[0] = float(first);
  for (int64_t t = 0; t < taps; ++t)
    out[2 + t] = float(weights[t] / sum);
}

ResampleTable edgec::edge::interpolationTable(llvm::ArrayRef<double> positions,
                                              int64_t input, double scale,
                                              const Interpolation &how) {
  bool nearest = how.mode == "nearest";
  int64_t taps =
      nearest ? 0
              : std::min(input, 2 * reachOf(how.mode, how.antialias, scale));
  ResampleTable table{nearest ? 1 : 2 + taps, {}};
  table.elements.resize(positions.size() * table.columns);
  for (auto [i, position] : llvm::enumerate(positions)) {
    float *out = table.elements.data() + i * table.columns;
    if (nearest)
      *out = float(clampTo(roundBy(position, how.rounding), input - 1));
    else
      writeWeights(position, input, scale, how, taps, out);
  }
  return table;
}

ResampleTable edgec::edge::resizeTable(const ResizedDimension &dimension,
                                       StringRef coordinates,
                                       const Interpolation &how) {
  std::vector<double> positions = resizePositions(dimension, coordinates);
  ResampleTable table =
      interpolationTable(positions, dimension.input, dimension.scale, how);
  if (coordinates != "tf_crop_and_resize")
    return table;
  if (table.columns == 1) {
    std::vector<float> weighted;
    for (float first : table.elements)
      weighted.insert(weighted.end(), {first, 0.0f, 1.0f});
    table = {3, weighted};
  }
  for (auto [i, position] : llvm::enumerate(positions)) {
    if (position >= 0 && position <= double(dimension.input - 1))
      continue;
    float *row = table.elements.data() + i * table.columns;
    std::fill_n(row, table.columns, 0.0f);
    row[1] = dimension.extrapolation;
  }
  return table;
}
