//===- Regions.cpp - regions of interest and positions of maxima ---------===//
#include "dialects/edge/Spatial.h"
#include "targets/evaluator/Operators.h"
#include <cmath>

using namespace mlir;
using namespace edgec;
using namespace edgec::evaluator;

//===-- roi_align
//----------------------------------------------------------===//

namespace {
/// Along one dimension: the region, its bins, and the points in them.
struct RegionAxis {
  int64_t size;
  double start, bin;
  int64_t points;

  RegionAxis(edge::RoiAlignOp op, double low, double high, int64_t size,
             int64_t bins)
      : size(size) {
    double scale = op.getSpatialScale().convertToDouble();
    double offset = op.getHalfPixel() ? 0.5 : 0.0;
    start = low * scale - offset;
    double length = high * scale - offset - start;
    if (!op.getHalfPixel())
      length = std::max(length, 1.0);
    bin = length / double(bins);
    double wanted = op.getSamplingRatio() > 0 ? double(op.getSamplingRatio())
                                              : std::ceil(bin);
    points = wanted > 0 ? int64_t(std::min(wanted, double(size))) : 0;
  }
  double point(int64_t b, int64_t i) const {
    return start + double(b) * bin + (double(i) + 0.5) * bin / double(points);
  }
};

/// The two elements around a position, and how far it is from the first.
struct Between {
  bool outside;
  int64_t low, high;
  double rest;

  Between(double position, int64_t size) {
    outside = !(position >= -1 && position <= double(size));
    double inside = outside ? 0 : std::max(position, 0.0);
    low = std::min(int64_t(inside), size - 1);
    high = std::min(low + 1, size - 1);
    rest = low == high ? 0 : inside - double(low);
  }
};
} // namespace

/// The pooled value of one bin; `image` is channel c of the region's image.
static double poolBin(edge::RoiAlignOp op, const RegionAxis &rows,
                      const RegionAxis &columns, int64_t binY, int64_t binX,
                      const double *image, int64_t rowStride,
                      int64_t columnStride) {
  double sum = 0;
  std::optional<double> largest;
  for (int64_t iy = 0; iy < rows.points; ++iy) {
    for (int64_t ix = 0; ix < columns.points; ++ix) {
      Between y(rows.point(binY, iy), rows.size),
          x(columns.point(binX, ix), columns.size);
      bool outside = y.outside || x.outside;
      for (int corner = 0; corner < 4; ++corner) {
        bool lower = corner & 2, right = corner & 1;
        double weight = outside ? 0
                                : (lower ? y.rest : 1 - y.rest) *
                                      (right ? x.rest : 1 - x.rest);
        double value = weight * image[(lower ? y.high : y.low) * rowStride +
                                      (right ? x.high : x.low) * columnStride];
        sum += value;
        largest = largest ? std::max(*largest, value) : value;
      }
    }
  }
  if (op.getMode() == "max")
    return largest.value_or(0.0);
  return sum / double(std::max<int64_t>(1, rows.points * columns.points));
}

static HostTensor roiAlign(edge::RoiAlignOp op, Operands operands) {
  const HostTensor &x = *operands[0], &rois = *operands[1],
                   &batch = *operands[2];
  HostTensor result(resultType(op));
  auto strides = denseStrides(x.shape());
  int64_t i = 0;
  forEachPosition(result.shape(), [&](ArrayRef<int64_t> position) {
    const double *roi = rois.reals.data() + position[0] * 4;
    RegionAxis rows(op, roi[1], roi[3], x.shape()[1], result.shape()[1]);
    RegionAxis columns(op, roi[0], roi[2], x.shape()[2], result.shape()[2]);
    int64_t n =
        std::clamp<int64_t>(batch.integers[position[0]], 0, x.shape()[0] - 1);
    result.reals[i++] = poolBin(op, rows, columns, position[1], position[2],
                                x.reals.data() + n * strides[0] + position[3],
                                strides[1], strides[2]);
  });
  return result;
}

//===-- arg_max_pool
//-------------------------------------------------------===//

template <typename T>
static HostTensor argMaxPool(edge::ArgMaxPoolOp op, const HostTensor &x) {
  HostTensor result(resultType(op));
  auto strides = denseStrides(x.shape());
  size_t rank = op.getWindow().size();
  int64_t i = 0;
  forEachPosition(result.shape(), [&](ArrayRef<int64_t> position) {
    std::optional<T> largest;
    forEachPosition(op.getWindow(), [&](ArrayRef<int64_t> tap) {
      SmallVector<int64_t> from(position);
      int64_t index = 0;
      for (size_t d = 0; d < rank; ++d) {
        from[1 + d] = position[1 + d] * op.getStrides()[d] +
                      tap[d] * op.getDilations()[d] - op.getPads()[d];
        if (from[1 + d] < 0 || from[1 + d] >= x.shape()[1 + d])
          return;
        index += from[1 + d] * op.getIndexStrides()[d];
      }
      T value = x.values<T>()[linearise(from, strides)];
      if (largest && !(value > *largest))
        return;
      largest = value;
      result.integers[i] = index;
    });
    ++i;
  });
  return result;
}

Result edgec::evaluator::evaluateRegions(Operation *op, Operands operands) {
  if (auto align = dyn_cast<edge::RoiAlignOp>(op))
    return roiAlign(align, operands);
  auto pool = dyn_cast<edge::ArgMaxPoolOp>(op);
  if (!pool)
    return std::nullopt;
  return operands[0]->isFloat() ? argMaxPool<double>(pool, *operands[0])
                                : argMaxPool<int64_t>(pool, *operands[0]);
}
