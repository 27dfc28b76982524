//===- ResizeTable.cpp - a resize's weights for a scale of the run --------===//
//
// One row of the table per result element, in double precision as at compile
// time. A row's neighbours are visited one by one: each adds its weight to the
// column of the element that it reads, which at the border is that of others.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Spatial.h"
#include "passes/kernel/KernelTable.h"
#include "passes/kernel/ScalarMath.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// Positions further outside than any dimension is long are all the same.
static constexpr double far = 1 << 26;

namespace {

class ResizeTableEmitter : public KernelEmitter {
public:
  StringRef name() const override { return "resize_table"; }

  bool matches(schedule::KernelOp kernel) const override {
    auto op = dyn_cast_or_null<edge::ResizeTableOp>(kernel.getAnchor());
    return op && isa<BlockArgument>(op.getScale()) &&
           isa<BlockArgument>(op.getRoi());
  }

  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr) const override {
    return cast<edge::ResizeTableOp>(kernel.getAnchor()).getOutputSize();
  }

  LogicalResult emit(KernelBuilder &k) const override;
};

/// Writes one kernel.
class TableWriter {
public:
  explicit TableWriter(KernelBuilder &k)
      : k(k), math(k, k.b.getF64Type()),
        op(cast<edge::ResizeTableOp>(k.kernel.getAnchor())),
        size(double(op.getInputSize())),
        columns(cast<RankedTensorType>(op.getResult().getType()).getDimSize(1)),
        crops(op.getCoordinates() == "tf_crop_and_resize") {}

  void write();

private:
  Number position(Number o);
  Number cropPosition(Number o, Number length, Number isOne);
  Number rounded(Number position);
  void writeRow(Index row, Number position);
  Number writeWeights(Index row, Number position);
  void scaleWeights(Index row, Number sum);
  Number constant(double value) { return math.constant(value); }

  KernelBuilder &k;
  ScalarMath math;
  edge::ResizeTableOp op;
  double size;
  int64_t columns;
  bool crops;
  Number scale;
};

} // namespace

void TableWriter::write() {
  scale = math.load(k.bufferOf(op.getScale()), 0);
  k.loop(k.begin, k.end, 1, [&](Index o) {
    writeRow(k.mul(o, columns), position(math.number(o)));
  });
}

/// (roi0 + o * (roi1 - roi0) / (L - 1)) * (size - 1)
Number TableWriter::cropPosition(Number o, Number length, Number isOne) {
  Number start = math.load(k.bufferOf(op.getRoi()), 0);
  Number span = math.load(k.bufferOf(op.getRoi()), 1) - start;
  Number step = select(isOne, constant(0.5), o / (length - 1.0));
  return (start + step * span) * (size - 1);
}

Number TableWriter::position(Number o) {
  StringRef by = op.getCoordinates();
  Number length = scale * size, isOne = length == constant(1.0);
  if (by == "asymmetric")
    return o / scale;
  if (by == "tf_half_pixel_for_nn")
    return (o + 0.5) / scale;
  if (by == "align_corners")
    return select(isOne, constant(0.0), o * (size - 1) / (length - 1.0));
  if (crops)
    return cropPosition(o, length, isOne);
  Number position = (o + 0.5) / scale - 0.5;
  if (by == "pytorch_half_pixel")
    return select(isOne, constant(-0.5), position);
  if (by == "half_pixel_symmetric")
    return position +
           (1.0 - constant(double(op.getOutputSize())) / length) * (size / 2);
  return position;
}

Number TableWriter::rounded(Number position) {
  Number below = floor(position), rest = position - below;
  StringRef rounding = op.getRounding();
  if (rounding == "floor")
    return below;
  double limit = rounding == "ceil" ? 0.0 : 0.5;
  Number down = rounding == "round_prefer_ceil" ? rest < limit : rest <= limit;
  return select(down, below, below + 1.0);
}

void TableWriter::writeRow(Index row, Number exact) {
  Value table = k.resultBuffer();
  Number position = clamp(exact, -far, far);
  if (op.getMode() == "nearest") {
    math.store(clamp(rounded(position), 0.0, size - 1), table, row);
    if (crops) {
      math.store(constant(0.0), table, row + 1);
      math.store(constant(1.0), table, row + 2);
    }
  } else {
    k.fill(table, row, columns);
    Number sum = writeWeights(row, position);
    if (op.getAntialias() || op.getExcludeOutside())
      scaleWeights(row, sum);
  }
  if (!crops)
    return;
  Number outside = (position < 0.0) || (constant(size - 1) < position);
  for (int64_t column = 0; column < columns; ++column) {
    double value = column == 1 ? op.getExtrapolation().convertToDouble() : 0.0;
    Number inside = math.load(table, row + column);
    math.store(select(outside, constant(value), inside), table, row + column);
  }
}

/// Returns the sum of the weights.
Number TableWriter::writeWeights(Index row, Number position) {
  bool cubic = op.getMode() == "cubic";
  int64_t taps = columns - 2;
  Number one = constant(1.0);
  Number widening = op.getAntialias() ? smaller(scale, one) : one;
  // A scale that is not positive would reach everywhere.
  Number support = clamp(constant(cubic ? 2.0 : 1.0) / widening, 1.0, far);
  Number start = floor(position) + floor(0.0 - support) + 1.0;
  Number first = clamp(start, 0.0, size - double(taps));
  math.store(first, k.resultBuffer(), row);
  // As many neighbours as the smallest scale of this output size has.
  double scaleBound = double(op.getOutputSize()) / size * (1 - 0x1p-20);
  int64_t neighbours = cubic ? 4 : 2;
  if (op.getAntialias() && scaleBound < 1)
    neighbours = 2 * (int64_t(double(neighbours) / 2 / scaleBound) + 1);
  SmallVector<Value> sum = k.loop(
      0, neighbours, 1, constant(0.0).value,
      [&](Index i, ArrayRef<Value> sums) -> SmallVector<Value> {
        Number neighbour = start + math.number(i);
        Number distance = (neighbour - position) * widening;
        Number weight =
            cubic ? cubicWeight(distance,
                                op.getCubicCoefficient().convertToDouble())
                  : linearWeight(distance);
        if (op.getExcludeOutside()) {
          Number inside =
              (constant(0.0) <= neighbour) && (neighbour <= size - 1);
          weight = select(inside, weight, constant(0.0));
        }
        Number tap = clamp(neighbour, 0.0, size - 1) - first;
        Index at =
            k.add(row + 2, math.toIndex(clamp(tap, 0.0, double(taps - 1))));
        Number before = math.load(k.resultBuffer(), at);
        math.store(before + weight, k.resultBuffer(), at);
        return {(math.number(sums[0]) + weight).value};
      });
  return math.number(sum[0]);
}

void TableWriter::scaleWeights(Index row, Number sum) {
  Number divisor = select(sum == constant(0.0), constant(1.0), sum);
  k.loop(0, columns - 2, 1, [&](Index tap) {
    Index at = k.add(row + 2, tap);
    Number weight = math.load(k.resultBuffer(), at);
    math.store(weight / divisor, k.resultBuffer(), at);
  });
}

LogicalResult ResizeTableEmitter::emit(KernelBuilder &k) const {
  TableWriter(k).write();
  return success();
}

const KernelEmitter &kernel::resizeTableEmitter() {
  static const ResizeTableEmitter emitter;
  return emitter;
}
