//===- Sample.cpp - an image's values at positions of the run -------------===//
//
// Each position is brought inside and split into neighbours and weights once,
// in scalar arithmetic; then vectors run along the channels, which lie in a row
// behind each neighbour:
//
//   for n, p: for each neighbour: address, weight
//     for v in channels: result[n, p, v] = sum of weight * x[address + v]
//
// A neighbour outside of the image has the weight 0 and the nearest address.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Spatial.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/IterationSpace.h"
#include "passes/kernel/KernelTable.h"
#include "passes/kernel/ScalarMath.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// Positions further outside are all the same; up to here halves of elements
/// are exact.
static double farOutside(int64_t size) {
  return std::max(double(1 << 22), 2 * double(size));
}

/// Neighbouring vectors that share the addresses.
static constexpr int64_t groupVectors = 4;

namespace {

struct SampleShape {
  explicit SampleShape(schedule::KernelOp kernel)
      : op(cast<edge::SampleOp>(kernel.getAnchor())),
        source(getOperandLayout(kernel,
                                cast<BlockArgument>(op.getX()).getArgNumber())),
        result(getResultLayout(kernel, 0)), rank(source.shape.size() - 2) {}

  SplitLoops loops() const {
    return SplitLoops({result.shape[0], result.shape[1]});
  }
  int64_t channels() const { return result.shape[2]; }

  edge::SampleOp op;
  Layout source, result;
  size_t rank;
};

class SampleEmitter : public StreamingEmitter {
public:
  StringRef name() const override { return "sample"; }

  bool matches(schedule::KernelOp kernel) const override {
    auto op = dyn_cast_or_null<edge::SampleOp>(kernel.getAnchor());
    return op && isa<BlockArgument>(op.getX()) &&
           isa<BlockArgument>(op.getPositions()) &&
           isEmittableElement(elementOf(op.getX().getType()));
  }

  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr) const override {
    return SampleShape(kernel).loops().extent();
  }

  LogicalResult emit(KernelBuilder &k) const override;
};

/// Where along one dimension a position reads, in elements of the buffer.
struct Neighbour {
  Index offset;
  Number weight;
};

/// Writes one kernel.
class SampleWriter {
public:
  explicit SampleWriter(KernelBuilder &k)
      : k(k), shape(k.kernel), math(k, k.b.getF32Type()) {}

  void write();

private:
  SmallVector<Neighbour> neighbours(size_t dimension, Number position);
  Neighbour neighbourAt(size_t dimension, Number whole, Number weight);
  Number bringInside(size_t dimension, Number position);
  Number mirror(size_t dimension, Number position);
  SmallVector<Neighbour> combine(ArrayRef<Neighbour> outer,
                                 ArrayRef<Neighbour> inner);
  void writeChannels(ArrayRef<Index> outer, ArrayRef<Neighbour> all);

  int64_t size(size_t dimension) const {
    return shape.source.shape[1 + dimension];
  }
  double low() { return shape.op.getAlignCorners() ? 0.0 : -0.5; }
  double high(size_t dimension) { return double(size(dimension) - 1) - low(); }
  bool reflects() { return shape.op.getPadding() == "reflection"; }

  KernelBuilder &k;
  SampleShape shape;
  ScalarMath math;
};

} // namespace

void SampleWriter::write() {
  Value positions = k.bufferOf(shape.op.getPositions());
  Layout layout = k.layoutOf(shape.op.getPositions());
  shape.loops().emit(k, [&](ArrayRef<Index> outer) {
    SmallVector<Neighbour> all = {
        {k.mul(outer[0], shape.source.strides[0]) + shape.source.offset,
         math.constant(1.0)}};
    for (size_t d = 0; d < shape.rank; ++d) {
      int64_t last = int64_t(shape.rank - 1 - d);
      Index at = k.address(layout, {outer[0], outer[1], last});
      all = combine(all, neighbours(d, math.load(positions, at)));
    }
    writeChannels(outer, all);
  });
}

/// The image mirrored at its borders.
Number SampleWriter::mirror(size_t d, Number position) {
  double range = high(d) - low();
  if (range <= 0)
    return math.constant(low());
  Number away = absolute(position - low());
  away = away - truncate(away / (2 * range)) * (2 * range);
  // The quotient may have been rounded up.
  away = select(away < 0.0, away + 2 * range, away);
  return select(away <= range, away + low(), 2 * range + low() - away);
}

Number SampleWriter::bringInside(size_t d, Number position) {
  if (shape.op.getPadding() == "zeros")
    return position;
  Number inside = (math.constant(low()) <= position) && (position <= high(d));
  Number moved = reflects() ? mirror(d, position)
                            : clamp(position, 0.0, double(size(d) - 1));
  return select(inside, position, moved);
}

Neighbour SampleWriter::neighbourAt(size_t d, Number whole, Number weight) {
  double last = double(size(d) - 1);
  if (reflects())
    whole = bringInside(d, whole);
  if (shape.op.getPadding() == "zeros") {
    Number outside = (whole < 0.0) || (math.constant(last) < whole);
    weight = select(outside, math.constant(0.0), weight);
  }
  Index element = math.toIndex(clamp(whole, 0.0, last));
  return {k.mul(element, shape.source.strides[1 + d]), weight};
}

SmallVector<Neighbour> SampleWriter::neighbours(size_t d, Number exact) {
  double far = farOutside(size(d));
  Number position = clamp(exact, -far, far);
  StringRef mode = shape.op.getMode();
  if (mode == "nearest") {
    Number whole = roundEven(position);
    return {neighbourAt(d, bringInside(d, whole), math.constant(1.0))};
  }
  position = bringInside(d, position);
  Number below = floor(position);
  bool cubic = mode == "cubic";
  SmallVector<Neighbour> result;
  for (int64_t i = cubic ? -1 : 0; i < (cubic ? 3 : 2); ++i) {
    Number whole = below + double(i), distance = whole - position;
    Number weight =
        cubic ? cubicWeight(distance,
                            shape.op.getCubicCoefficient().convertToDouble())
              : linearWeight(distance);
    result.push_back(neighbourAt(d, whole, weight));
  }
  return result;
}

SmallVector<Neighbour> SampleWriter::combine(ArrayRef<Neighbour> outer,
                                             ArrayRef<Neighbour> inner) {
  SmallVector<Neighbour> all;
  for (const Neighbour &a : outer) {
    for (const Neighbour &b : inner)
      all.push_back({k.add(a.offset, b.offset), a.weight * b.weight});
  }
  return all;
}

void SampleWriter::writeChannels(ArrayRef<Index> outer,
                                 ArrayRef<Neighbour> all) {
  Value x = k.bufferOf(shape.op.getX());
  Type element = elementOf(shape.op.getX().getType());
  ScalarMath numbers(k, cast<FloatType>(computedType(element)));
  forVectors(
      k, shape.channels(), groupVectors,
      [&](Index at, ArrayRef<int64_t> widths) {
        for (auto [v, lanes] : llvm::enumerate(widths)) {
          Index channel = at + int64_t(v) * k.lanes();
          Value sum = k.splat(computedNumber(element, 0.0), lanes);
          for (const Neighbour &neighbour : all) {
            Value vector = k.load(x, k.add(neighbour.offset, channel), lanes);
            sum = k.fma(
                k.splat(numbers.number(neighbour.weight.value).value, lanes),
                vector, sum);
          }
          SmallVector<Index> position = {outer[0], outer[1], channel};
          k.store(emitEpilogue(k, sum, position, lanes), k.resultBuffer(),
                  k.address(shape.result, position), lanes);
        }
      });
}

LogicalResult SampleEmitter::emit(KernelBuilder &k) const {
  SampleWriter(k).write();
  return success();
}

const KernelEmitter &kernel::sampleEmitter() {
  static const SampleEmitter emitter;
  return emitter;
}
