//===- Spatial.cpp - operators that read images between their pixels -----===//
//
// Values between elements, from the formulas of the operators' documentation:
// resampling by a table, the table itself, and sampling at positions. Regions
// and windows are in Regions.cpp.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Spatial.h"
#include "targets/evaluator/Operators.h"
#include <cmath>

using namespace mlir;
using namespace edgec;
using namespace edgec::evaluator;

static int64_t nearestInside(double position, int64_t size) {
  if (!(position > 0))
    return 0;
  return position >= double(size - 1) ? size - 1 : int64_t(position);
}

//===-- resample
//-----------------------------------------------------------===//

static HostTensor resample(edge::ResampleOp op, const HostTensor &x,
                           const HostTensor &table) {
  HostTensor result(resultType(op));
  int64_t axis = op.getAxis(), columns = table.shape()[1], i = 0;
  int64_t taps = columns == 1 ? 1 : columns - 2, size = x.shape()[axis];
  auto strides = denseStrides(x.shape());
  forEachPosition(result.shape(), [&](ArrayRef<int64_t> position) {
    const double *row = table.reals.data() + position[axis] * columns;
    SmallVector<int64_t> from(position);
    from[axis] = nearestInside(row[0], size - taps + 1);
    int64_t first = linearise(from, strides);
    if (!x.isFloat()) {
      // Sums of longer numbers wrap around, as they do in the result.
      uint64_t sum = columns == 1 ? uint64_t(x.integers[first])
                                  : uint64_t(int64_t(row[1]));
      for (int64_t t = 0; columns > 1 && t < taps; ++t)
        sum += uint64_t(int64_t(row[2 + t])) *
               uint64_t(x.integers[first + t * strides[axis]]);
      result.integers[i++] = wrapTo(x.elementType(), int64_t(sum));
      return;
    }
    double sum = columns == 1 ? x.reals[first] : row[1];
    for (int64_t t = 0; columns > 1 && t < taps; ++t)
      sum += row[2 + t] * x.reals[first + t * strides[axis]];
    result.reals[i++] = sum;
  });
  return result;
}

//===-- resize_table
//-------------------------------------------------------===//

static double keys(double distance, double a) {
  double d = std::abs(distance);
  if (d <= 1)
    return (a + 2) * d * d * d - (a + 3) * d * d + 1;
  if (d < 2)
    return a * d * d * d - 5 * a * d * d + 8 * a * d - 4 * a;
  return 0;
}

static double positionOf(edge::ResizeTableOp op, int64_t index, double scale,
                         const std::vector<double> &roi) {
  StringRef by = op.getCoordinates();
  double o = double(index), size = double(op.getInputSize());
  double length = scale * size;
  if (by == "asymmetric")
    return o / scale;
  if (by == "tf_half_pixel_for_nn")
    return (o + 0.5) / scale;
  if (by == "align_corners")
    return length == 1 ? 0 : o * (size - 1) / (length - 1);
  if (by == "tf_crop_and_resize") {
    double step = length == 1 ? 0.5 : o / (length - 1);
    double start = length == 1 ? 0 : roi[0];
    double offset = length == 1 ? roi[0] : 0;
    return (start + offset + step * (roi[1] - roi[0])) * (size - 1);
  }
  if (by == "pytorch_half_pixel" && length == 1)
    return -0.5;
  double position = (o + 0.5) / scale - 0.5;
  if (by == "half_pixel_symmetric")
    position += size / 2 * (1 - double(op.getOutputSize()) / length);
  return position;
}

static double roundAs(StringRef rounding, double position) {
  double below = std::floor(position), rest = position - below;
  if (rounding == "floor" || rest == 0)
    return below;
  if (rounding == "ceil")
    return below + 1;
  bool up = rounding == "round_prefer_ceil" ? rest >= 0.5 : rest > 0.5;
  return below + up;
}

/// The weights of every element of the input, then those that the row holds.
static void fillRow(edge::ResizeTableOp op, double position, double scale,
                    int64_t taps, double *row) {
  double widening = op.getAntialias() ? std::min(scale, 1.0) : 1.0;
  double support = (op.getMode() == "cubic" ? 2 : 1) / widening;
  double lowest = std::floor(-support) + 1;
  int64_t size = op.getInputSize();
  int64_t first = nearestInside(std::floor(position) + lowest, size - taps + 1);
  std::vector<double> weights(size, 0.0);
  double sum = 0;
  for (int64_t i = 0; i < int64_t(2 - 2 * lowest); ++i) {
    double neighbour = std::floor(position) + lowest + double(i);
    bool inside = neighbour >= 0 && neighbour <= double(size - 1);
    if (!inside && op.getExcludeOutside())
      continue;
    double distance = (neighbour - position) * widening;
    double weight =
        op.getMode() == "cubic"
            ? keys(distance, op.getCubicCoefficient().convertToDouble())
            : std::max(0.0, 1 - std::abs(distance));
    weights[nearestInside(neighbour, size)] += weight;
    sum += weight;
  }
  bool normalised = op.getAntialias() || op.getExcludeOutside();
  row[0] = double(first);
  for (int64_t t = 0; t < taps; ++t)
    row[2 + t] = weights[first + t] / (normalised && sum != 0 ? sum : 1);
}

static HostTensor resizeTable(edge::ResizeTableOp op, const HostTensor &scale,
                              const HostTensor &roi) {
  HostTensor result(resultType(op));
  int64_t columns = result.shape()[1], size = op.getInputSize();
  bool crops = op.getCoordinates() == "tf_crop_and_resize";
  for (int64_t o = 0; o < result.shape()[0]; ++o) {
    double position = positionOf(op, o, scale.reals[0], roi.reals);
    double *row = result.reals.data() + o * columns;
    if (crops && (position < 0 || position > double(size - 1))) {
      row[1] = op.getExtrapolation().convertToDouble();
    } else if (op.getMode() == "nearest") {
      row[0] = double(nearestInside(roundAs(op.getRounding(), position), size));
      if (crops)
        row[2] = 1;
    } else {
      fillRow(op, position, scale.reals[0], columns - 2, row);
    }
  }
  return result;
}

//===-- sample
//-------------------------------------------------------------===//

/// The image mirrored at low and high; a position far outside or not a number
/// stays outside.
static double mirror(double position, double low, double high) {
  double range = high - low;
  if (!(range > 0))
    return low;
  double away = std::fmod(std::abs(position - low), 2 * range);
  return away <= range ? low + away : high - (away - range);
}

namespace {
/// One dimension of the sampled image.
struct SampledDimension {
  int64_t size;
  StringRef padding;
  double low, high;

  SampledDimension(int64_t size, edge::SampleOp op)
      : size(size), padding(op.getPadding()),
        low(op.getAlignCorners() ? 0.0 : -0.5),
        high(double(size) - (op.getAlignCorners() ? 1.0 : 0.5)) {}

  /// Far outside, and not numbers, all the same.
  double limit(double position) const {
    double far = std::max(double(1 << 22), 2 * double(size));
    return position >= -far ? std::min(position, far) : -far;
  }
  double bringInside(double position) const {
    if (padding == "zeros" || (position >= low && position <= high))
      return position;
    return padding == "border" ? std::clamp(position, 0.0, double(size - 1))
                               : mirror(position, low, high);
  }
  /// The element that a whole position reads, -1 for none.
  int64_t element(double position) const {
    if (padding == "zeros")
      return position < 0 || position > double(size - 1) ? -1
                                                         : int64_t(position);
    if (padding == "reflection" && (position < low || position > high))
      position = mirror(position, low, high);
    return nearestInside(position, size);
  }
};

/// The elements along one dimension that a position reads, with weights.
struct Neighbour {
  int64_t element;
  double weight;
};
} // namespace

static SmallVector<Neighbour> neighbours(edge::SampleOp op,
                                         const SampledDimension &dimension,
                                         double position) {
  position = dimension.limit(position);
  if (op.getMode() == "nearest") {
    double whole = dimension.bringInside(roundEven(position));
    return {{dimension.element(whole), 1.0}};
  }
  position = dimension.bringInside(position);
  double below = std::floor(position),
         a = op.getCubicCoefficient().convertToDouble();
  bool cubic = op.getMode() == "cubic";
  SmallVector<Neighbour> result;
  for (int64_t i = cubic ? -1 : 0; i < (cubic ? 3 : 2); ++i) {
    double distance = below + double(i) - position;
    result.push_back({dimension.element(below + double(i)),
                      cubic ? keys(distance, a) : 1 - std::abs(distance)});
  }
  return result;
}

/// The weighted sum over dimension `d` and the later ones.
static double sumOver(ArrayRef<SmallVector<Neighbour>> dimensions,
                      ArrayRef<int64_t> strides, const double *x) {
  if (dimensions.empty())
    return *x;
  double sum = 0;
  for (const Neighbour &neighbour : dimensions.front()) {
    if (neighbour.element >= 0) {
      sum += neighbour.weight *
             sumOver(dimensions.drop_front(), strides.drop_front(),
                     x + neighbour.element * strides.front());
    }
  }
  return sum;
}

static HostTensor sample(edge::SampleOp op, const HostTensor &x,
                         const HostTensor &positions) {
  HostTensor result(resultType(op));
  auto strides = denseStrides(x.shape());
  int64_t rank = positions.shape()[2], count = positions.shape()[1];
  int64_t channels = x.shape().back(), i = 0;
  for (int64_t n = 0; n < x.shape()[0]; ++n) {
    for (int64_t p = 0; p < count; ++p) {
      const double *position = positions.reals.data() + (n * count + p) * rank;
      SmallVector<SmallVector<Neighbour>> dimensions;
      for (int64_t d = 0; d < rank; ++d) {
        dimensions.push_back(neighbours(op,
                                        SampledDimension(x.shape()[1 + d], op),
                                        position[rank - 1 - d]));
      }
      for (int64_t c = 0; c < channels; ++c) {
        result.reals[i++] =
            sumOver(dimensions, ArrayRef<int64_t>(strides).slice(1, rank),
                    x.reals.data() + n * strides[0] + c);
      }
    }
  }
  return result;
}

Result edgec::evaluator::evaluateSpatial(Operation *op, Operands operands) {
  if (auto resampleOp = dyn_cast<edge::ResampleOp>(op))
    return resample(resampleOp, *operands[0], *operands[1]);
  if (auto tableOp = dyn_cast<edge::ResizeTableOp>(op))
    return resizeTable(tableOp, *operands[0], *operands[1]);
  if (auto sampleOp = dyn_cast<edge::SampleOp>(op))
    return sample(sampleOp, *operands[0], *operands[1]);
  return evaluateRegions(op, operands);
}
