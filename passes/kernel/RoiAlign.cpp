//===- RoiAlign.cpp - regions of interest, resized ------------------------===//
//
// A region's bins are the range that threads share. For a group of channels, a
// bin's points are visited one by one; each is four weighted vectors:
//
//   for r, oy, ox: for v in channels: for iy, ix in points:
//     acc[v] += w[c] * x[batch, corner c of the point, v], c in 0..3
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Spatial.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/IterationSpace.h"
#include "passes/kernel/KernelTable.h"
#include "passes/kernel/ScalarMath.h"
#include <limits>

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// Beyond it, coordinates are all the same: outside.
static constexpr double far = 1 << 26;
/// Neighbouring vectors that share a point's address and weights.
static constexpr int64_t groupVectors = 4;

namespace {

class RoiAlignEmitter : public StreamingEmitter {
public:
  StringRef name() const override { return "roi_align"; }

  bool matches(schedule::KernelOp kernel) const override {
    auto op = dyn_cast_or_null<edge::RoiAlignOp>(kernel.getAnchor());
    return op && llvm::all_of(op->getOperands(), [](Value operand) {
             return isa<BlockArgument>(operand);
           });
  }

  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr) const override {
    return loops(kernel).extent();
  }

  static SplitLoops loops(schedule::KernelOp kernel) {
    auto op = cast<edge::RoiAlignOp>(kernel.getAnchor());
    return SplitLoops(op.getType().getShape().drop_back());
  }

  LogicalResult emit(KernelBuilder &k) const override;
};

/// One dimension of a bin.
struct BinAxis {
  int64_t size;
  /// where its first point lies, and the step between points
  Number first, step;
  Index points;
};

/// The two elements around a point, as offsets into the buffer.
struct Between {
  Number outside;
  Index low, high;
  Number rest;
};

/// Writes one kernel.
class RoiAlignWriter {
public:
  explicit RoiAlignWriter(KernelBuilder &k)
      : k(k), op(cast<edge::RoiAlignOp>(k.kernel.getAnchor())),
        source(k.layoutOf(op.getX())), result(k.resultLayout()),
        math(k, k.b.getF32Type()), element(elementOf(op.getX().getType())),
        numbers(k, cast<FloatType>(computedType(element))),
        isMax(op.getMode() == "max") {}

  void write();

private:
  BinAxis binAxis(Index region, Index bin, int64_t low, size_t dimension);
  Between between(const BinAxis &axis, Index point, int64_t stride);
  SmallVector<Value> addPoint(const Between &y, const Between &x, Index base,
                              ArrayRef<int64_t> widths, ArrayRef<Value> sums);
  void writeBin(ArrayRef<Index> outer);
  Value finish(Value sum, const BinAxis &rows, const BinAxis &columns,
               int64_t lanes);

  KernelBuilder &k;
  edge::RoiAlignOp op;
  Layout source, result;
  ScalarMath math;
  Type element;
  /// of x's element
  ScalarMath numbers;
  bool isMax;
};

} // namespace

void RoiAlignWriter::write() {
  RoiAlignEmitter::loops(k.kernel).emit(
      k, [&](ArrayRef<Index> outer) { writeBin(outer); });
}

/// `low` is the number of the coordinate in the region: 0 for x, 1 for y.
BinAxis RoiAlignWriter::binAxis(Index region, Index bin, int64_t low,
                                size_t dimension) {
  Value rois = k.bufferOf(op.getRois());
  Layout layout = k.layoutOf(op.getRois());
  double scale = op.getSpatialScale().convertToDouble();
  auto coordinate = [&](int64_t at) {
    Number number = math.load(rois, k.address(layout, {region, at}));
    return clamp(number * scale - (op.getHalfPixel() ? 0.5 : 0.0), -far, far);
  };
  Number start = coordinate(low), length = coordinate(low + 2) - start;
  if (!op.getHalfPixel())
    length = larger(length, math.constant(1.0));
  int64_t size = source.shape[dimension];
  Number width = length / double(result.shape[dimension]);
  Number points = op.getSamplingRatio() > 0
                      ? math.constant(double(op.getSamplingRatio()))
                      : ceil(width);
  points = clamp(points, 0.0, double(size));
  Number step = width / larger(points, math.constant(1.0));
  Number first = start + math.number(bin) * width + step * 0.5;
  return {size, first, step, math.toIndex(points)};
}

Between RoiAlignWriter::between(const BinAxis &axis, Index point,
                                int64_t stride) {
  Number position = axis.first + math.number(point) * axis.step;
  Number last = math.constant(double(axis.size - 1));
  Number outside = (position < -1.0) || (last + 1.0 < position);
  Number inside = clamp(position, 0.0, double(axis.size));
  Number low = smaller(truncate(inside), last);
  Number high = smaller(low + 1.0, last);
  Number rest = select(low == high, math.constant(0.0), inside - low);
  return {outside, k.mul(math.toIndex(low), stride),
          k.mul(math.toIndex(high), stride), rest};
}

SmallVector<Value> RoiAlignWriter::addPoint(const Between &y, const Between &x,
                                            Index base,
                                            ArrayRef<int64_t> widths,
                                            ArrayRef<Value> sums) {
  SmallVector<Value> next(sums);
  Number outside = y.outside || x.outside;
  for (int corner = 0; corner < 4; ++corner) {
    bool lower = corner & 2, right = corner & 1;
    Number weight =
        (lower ? y.rest : 1.0 - y.rest) * (right ? x.rest : 1.0 - x.rest);
    weight = select(outside, math.constant(0.0), weight);
    Index address =
        k.add(base, k.add(lower ? y.high : y.low, right ? x.high : x.low));
    for (auto [v, lanes] : llvm::enumerate(widths)) {
      Value factor = k.splat(numbers.number(weight.value).value, lanes);
      Value vector = k.load(k.bufferOf(op.getX()),
                            address + int64_t(v) * k.lanes(), lanes);
      if (!isMax) {
        next[v] = k.fma(factor, vector, next[v]);
        continue;
      }
      Value product = arith::MulFOp::create(k.b, k.loc, factor, vector);
      Value above = arith::CmpFOp::create(k.b, k.loc, arith::CmpFPredicate::OGT,
                                          product, next[v]);
      next[v] = arith::SelectOp::create(k.b, k.loc, above, product, next[v]);
    }
  }
  return next;
}

/// The mean, or the maximum of at least one point.
Value RoiAlignWriter::finish(Value sum, const BinAxis &rows,
                             const BinAxis &columns, int64_t lanes) {
  Number count = math.number(k.mul(rows.points, columns.points));
  if (!isMax) {
    Number divisor = larger(count, math.constant(1.0));
    return arith::DivFOp::create(
        k.b, k.loc, sum, k.splat(numbers.number(divisor.value).value, lanes));
  }
  Value empty = k.splat((count == math.constant(0.0)).value, lanes);
  return arith::SelectOp::create(
      k.b, k.loc, empty, k.splat(computedNumber(element, 0.0), lanes), sum);
}

void RoiAlignWriter::writeBin(ArrayRef<Index> outer) {
  BinAxis rows = binAxis(outer[0], outer[1], 1, 1);
  BinAxis columns = binAxis(outer[0], outer[2], 0, 2);
  Value batch = k.loadScalar(k.bufferOf(op.getBatch()),
                             k.address(k.layoutOf(op.getBatch()), {outer[0]}));
  Index image(arith::IndexCastOp::create(k.b, k.loc, k.b.getIndexType(), batch)
                  .getResult());
  image = k.minimum(k.maximum(image, 0), source.shape[0] - 1);
  Index base = k.mul(image, source.strides[0]) + source.offset;
  double first = isMax ? -std::numeric_limits<double>::infinity() : 0.0;
  forVectors(
      k, result.shape[3], groupVectors,
      [&](Index at, ArrayRef<int64_t> widths) {
        SmallVector<Value> sums;
        for (int64_t lanes : widths)
          sums.push_back(k.splat(computedNumber(element, first), lanes));
        sums = k.loop(
            0, rows.points, 1, sums, [&](Index iy, ArrayRef<Value> carried) {
              Between y = between(rows, iy, source.strides[1]);
              return k.loop(
                  0, columns.points, 1, SmallVector<Value>(carried),
                  [&](Index ix, ArrayRef<Value> inner) {
                    Between x = between(columns, ix, source.strides[2]);
                    return addPoint(y, x, k.add(base, at), widths, inner);
                  });
            });
        for (auto [v, lanes] : llvm::enumerate(widths)) {
          SmallVector<Index> position(outer);
          position.push_back(at + int64_t(v) * k.lanes());
          Value value = finish(sums[v], rows, columns, lanes);
          k.store(emitEpilogue(k, value, position, lanes), k.resultBuffer(),
                  k.address(result, position), lanes);
        }
      });
}

LogicalResult RoiAlignEmitter::emit(KernelBuilder &k) const {
  RoiAlignWriter(k).write();
  return success();
}

const KernelEmitter &kernel::roiAlignEmitter() {
  static const RoiAlignEmitter emitter;
  return emitter;
}
