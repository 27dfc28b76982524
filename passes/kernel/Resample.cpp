//===- Resample.cpp - weighted sums of neighbours along one dimension -----===//
//
// The table says which elements a result needs. All dimensions behind the
// resampled one lie in a row (where the layouts allow), so vectors run along
// them, and a row of the table is read once for all:
//
//   for outer, o: first, w = table[o]
//     for v in inner: result[outer, o, v] = sum over t: w[t] * x[outer, first +
//     t, v]
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Spatial.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "passes/kernel/Epilogue.h"
#include "passes/kernel/IterationSpace.h"
#include "passes/kernel/KernelTable.h"
#include "passes/kernel/ScalarMath.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// Rows of more weights are loops.
static constexpr int64_t mostUnrolledTaps = 8;
/// Neighbouring vectors that share a row of the table.
static constexpr int64_t groupVectors = 4;

namespace {

/// Outer loops, one of them along the table's rows, and the run of elements
/// that vectors walk.
struct ResampleShape {
  explicit ResampleShape(schedule::KernelOp kernel);

  unsigned input, table;
  Layout source, result;
  size_t axis;
  int64_t taps, columns;
  SmallVector<int64_t> outer;
  int64_t inner = 1;

  /// Missing indices (of joined dimensions) are 0.
  SmallVector<Index> position(ArrayRef<Index> outerIndices, Index at) const {
    SmallVector<Index> position(result.shape.size(), Index(0));
    llvm::copy(outerIndices, position.begin());
    if (outer.size() < position.size())
      position.back() = at;
    return position;
  }
};

class ResampleEmitter : public StreamingEmitter {
public:
  StringRef name() const override { return "resample"; }
  bool takesParts(schedule::KernelOp) const override { return true; }

  bool matches(schedule::KernelOp kernel) const override {
    auto op = dyn_cast_or_null<edge::ResampleOp>(kernel.getAnchor());
    if (!op || !isa<BlockArgument>(op.getX()) ||
        !isa<BlockArgument>(op.getTable()))
      return false;
    return isEmittableElement(
        cast<ShapedType>(op.getX().getType()).getElementType());
  }

  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr) const override {
    return SplitLoops(ResampleShape(kernel).outer).extent();
  }

  LogicalResult emit(KernelBuilder &k) const override;

  int64_t flops(schedule::KernelOp kernel) const override {
    ResampleShape shape(kernel);
    return 2 * shape.taps * Layout::dense(shape.result.shape).allocated;
  }
};

/// Writes one kernel.
class ResampleWriter {
public:
  explicit ResampleWriter(KernelBuilder &k)
      : k(k), shape(k.kernel), math(k, k.b.getF32Type()) {}

  void write();

private:
  void writeRow(ArrayRef<Index> outer);
  SmallVector<Value> copy(Index from, ArrayRef<int64_t> widths);
  SmallVector<Value> sum(Index from, Index row, ArrayRef<int64_t> widths);
  Value weight(Index at, int64_t lanes);

  KernelBuilder &k;
  ResampleShape shape;
  ScalarMath math;
};

} // namespace

ResampleShape::ResampleShape(schedule::KernelOp kernel) {
  auto op = cast<edge::ResampleOp>(kernel.getAnchor());
  input = cast<BlockArgument>(op.getX()).getArgNumber();
  table = cast<BlockArgument>(op.getTable()).getArgNumber();
  source = getOperandLayout(kernel, input);
  result = getResultLayout(kernel, 0);
  axis = op.getAxis();
  taps = op.getTaps();
  columns = cast<RankedTensorType>(op.getTable().getType()).getDimSize(1);
  size_t rank = result.shape.size();
  outer.assign(result.shape.begin(), result.shape.end());
  if (axis + 1 == rank)
    return;
  bool joins = collapsible(kernel, axis + 1, rank - 1);
  for (size_t d = axis + 1; d + 1 < rank; ++d)
    joins &= source.shape[d] == 1 ||
             source.strides[d] == source.strides[d + 1] * source.shape[d + 1];
  size_t kept = joins ? axis + 1 : rank - 1;
  for (size_t d = kept; d < rank; ++d)
    inner *= outer[d];
  outer.resize(kept);
}

void ResampleWriter::write() {
  SplitLoops(shape.outer).emit(k, [&](ArrayRef<Index> outer) {
    writeRow(outer);
  });
}

void ResampleWriter::writeRow(ArrayRef<Index> outer) {
  Index row = k.mul(outer[shape.axis], shape.columns);
  int64_t size = shape.source.shape[shape.axis];
  int64_t last = size - std::max<int64_t>(1, shape.taps);
  Index first(0);
  if (last > 0) {
    Number number = math.load(k.operandBuffer(shape.table), row);
    first = math.toIndex(clamp(number, 0.0, double(last)));
  }
  SmallVector<Index> from = shape.position(outer, 0);
  from[shape.axis] = first;
  Index base = k.address(shape.source, from);
  forVectors(
      k, shape.inner, groupVectors, [&](Index at, ArrayRef<int64_t> widths) {
        Index address = k.add(base, at);
        SmallVector<Value> vectors =
            shape.taps ? sum(address, row, widths) : copy(address, widths);
        for (auto [v, lanes] : llvm::enumerate(widths)) {
          SmallVector<Index> position =
              shape.position(outer, at + int64_t(v) * k.lanes());
          k.store(emitEpilogue(k, vectors[v], position, lanes),
                  k.resultBuffer(), k.address(shape.result, position), lanes);
        }
      });
}

SmallVector<Value> ResampleWriter::copy(Index from, ArrayRef<int64_t> widths) {
  SmallVector<Value> vectors;
  for (auto [v, lanes] : llvm::enumerate(widths))
    vectors.push_back(k.load(k.operandBuffer(shape.input),
                             from + int64_t(v) * k.lanes(), lanes));
  return vectors;
}

/// A number of the table as the elements are computed with.
Value ResampleWriter::weight(Index at, int64_t lanes) {
  Value number = k.loadScalar(k.operandBuffer(shape.table), at);
  Type type = computedType(k.elementIn(k.operandBuffer(shape.input)));
  if (type.isF64())
    number = arith::ExtFOp::create(k.b, k.loc, type, number);
  else if (isa<IntegerType>(type))
    number = arith::FPToSIOp::create(k.b, k.loc, type, number);
  return k.splat(number, lanes);
}

/// sum + factor * x
static Value addProduct(KernelBuilder &k, Value factor, Value x, Value sum) {
  if (isa<FloatType>(getElementTypeOrSelf(x)))
    return k.fma(factor, x, sum);
  Value product = arith::MulIOp::create(k.b, k.loc, factor, x);
  return arith::AddIOp::create(k.b, k.loc, sum, product);
}

SmallVector<Value> ResampleWriter::sum(Index from, Index row,
                                       ArrayRef<int64_t> widths) {
  int64_t step = shape.source.strides[shape.axis];
  SmallVector<Value> sums;
  for (int64_t lanes : widths)
    sums.push_back(weight(row + 1, lanes));
  auto addTap = [&](Index tap, ArrayRef<Value> sums) {
    Index address = k.add(from, k.mul(tap, step));
    SmallVector<Value> next;
    for (auto [v, lanes] : llvm::enumerate(widths)) {
      Value factor = weight(k.add(row + 2, tap), lanes);
      Value x = k.load(k.operandBuffer(shape.input),
                       address + int64_t(v) * k.lanes(), lanes);
      next.push_back(addProduct(k, factor, x, sums[v]));
    }
    return next;
  };
  if (shape.taps > mostUnrolledTaps)
    return k.loop(0, shape.taps, 1, sums, addTap);
  for (int64_t tap = 0; tap < shape.taps; ++tap)
    sums = addTap(tap, sums);
  return sums;
}

LogicalResult ResampleEmitter::emit(KernelBuilder &k) const {
  ResampleWriter(k).write();
  return success();
}

const KernelEmitter &kernel::resampleEmitter() {
  static const ResampleEmitter emitter;
  return emitter;
}
