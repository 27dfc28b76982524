//===- Softmax.cpp - exponentials normalised along one dimension ---------===//
//
// Three passes over a row that stays in cache: the maximum; the exponentials,
// stored while they are summed; the scaling, with the epilogue. Vectors run
// along the axis where that is the last dimension, else along the last
// dimension with one row per lane. Exponentials wait in the result's buffer,
// or, where the epilogue leaves other elements (bytes, of quantized models), a
// row of them on the stack.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Edge.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "passes/kernel/Epilogue.h"
#include "passes/kernel/IterationSpace.h"
#include "passes/kernel/KernelTable.h"
#include "passes/kernel/LaneReduction.h"
#include "passes/kernel/MatrixUnit.h"
#include "passes/kernel/VectorMath.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// Neighbouring vectors at once where the last dimension is not the axis.
static constexpr int64_t groupVectors = 2;
/// Most exponentials that wait on the stack.
static constexpr int64_t mostWaiting = 4096;

static Reduction sumOf(Type element) { return {Reduction::sum, element}; }
/// A NaN makes its exponential NaN, and with it the whole sum.
static Reduction maximumOf(Type element) {
  return {Reduction::maximum, element, /*keepsNaN=*/false};
}

namespace {

struct SoftmaxShape {
  explicit SoftmaxShape(schedule::KernelOp kernel);

  BlockArgument input;
  Type resultElement;
  size_t axis;
  int64_t size;
  /// both with the axis
  Layout source, result;
  /// All dimensions but the axis.
  IterationSpace space;

  /// Whether the elements of a row are neighbours.
  bool alongAxis() const {
    return source.strides[axis] == 1 && result.strides[axis] == 1 &&
           llvm::all_of(ArrayRef(result.shape).drop_front(axis + 1),
                        [](int64_t size) { return size == 1; });
  }
  /// Whether the result's buffer holds exponentials exactly.
  bool inPlace() const { return resultElement == elementOf(input.getType()); }
  GroupedLoops grouped(int64_t lanes) const {
    return GroupedLoops(space.outer(), space.inner(), groupVectors, lanes);
  }
};

class SoftmaxEmitter : public StreamingEmitter {
public:
  StringRef name() const override { return "softmax"; }
  bool takesParts(schedule::KernelOp) const override { return true; }

  bool matches(schedule::KernelOp kernel) const override {
    auto op = dyn_cast_or_null<edge::SoftmaxOp>(kernel.getAnchor());
    if (!op || !isa<BlockArgument>(op.getX()))
      return false;
    Type element = elementOf(op.getX().getType());
    if (!element.isF32() && !element.isF64())
      return false;
    SoftmaxShape shape(kernel);
    return shape.inPlace() || (shape.alongAxis() && shape.size <= mostWaiting);
  }

  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr tiling) const override {
    SoftmaxShape shape(kernel);
    if (shape.alongAxis())
      return SplitLoops(shape.space.sizes).extent();
    return shape.grouped(tiling.getLanes()).extent();
  }

  std::optional<RowTiles> rowTiles(schedule::KernelOp kernel,
                                   schedule::TilingAttr tiling) const override {
    SoftmaxShape shape(kernel);
    int64_t rows = shape.result.shape.empty()
                       ? 0
                       : ShapedType::getNumElements(shape.result.shape) /
                             std::max<int64_t>(shape.size, 1);
    if (!shape.alongAxis() || extent(kernel, tiling) != rows)
      return std::nullopt;
    return RowTiles{rows, 1};
  }

  std::optional<RowReads> rowReads(schedule::KernelOp kernel,
                                   unsigned operand) const override {
    SoftmaxShape shape(kernel);
    if (!shape.alongAxis() || operand != shape.input.getArgNumber())
      return std::nullopt;
    return RowReads{ShapedType::getNumElements(shape.source.shape) /
                    std::max<int64_t>(shape.size, 1)};
  }

  LogicalResult emit(KernelBuilder &k) const override;

  /// An exponential, an addition, a maximum and a product per element.
  int64_t flops(schedule::KernelOp kernel) const override {
    return 16 * cast<RankedTensorType>(kernel.getResult(0).getType())
                    .getNumElements();
  }
};

} // namespace

static Layout withoutAxis(Layout layout, size_t axis) {
  layout.shape[axis] = 1;
  return layout;
}

SoftmaxShape::SoftmaxShape(schedule::KernelOp kernel) {
  auto op = cast<edge::SoftmaxOp>(kernel.getAnchor());
  input = cast<BlockArgument>(op.getX());
  resultElement = elementOf(kernel.getResult(0).getType());
  axis = op.getAxis();
  source = getOperandLayout(kernel, input.getArgNumber());
  result = getResultLayout(kernel, 0);
  size = result.shape[axis];
  SmallVector<Layout> layouts{withoutAxis(source, axis),
                              withoutAxis(result, axis)};
  for (BlockArgument argument : epilogueOperands(kernel)) {
    layouts.push_back(
        withoutAxis(getOperandLayout(kernel, argument.getArgNumber())
                        .broadcastTo(result.shape),
                    axis));
  }
  space = IterationSpace::get(layouts.front().shape, layouts);
  if (innerStride(layouts[1]) != 1)
    space.endInScalars();
}

/// Bytes are the same on every processor: their exponentials come from one
/// form of the arithmetic, not from a table where there is one.
static Value emitExponential(KernelBuilder &k, const SoftmaxShape &shape,
                             Value x, Value largest) {
  Value difference = arith::SubFOp::create(k.b, k.loc, x, largest);
  MathTarget target = MathTarget::get(k.machine);
  target.hasTables &= shape.inPlace();
  return emitBoundedExp(k.b, k.loc, difference, target);
}

static Value emitReciprocal(KernelBuilder &k, Value x, int64_t lanes) {
  Type element = getElementTypeOrSelf(x.getType());
  return arith::DivFOp::create(k.b, k.loc,
                               k.splat(FloatAttr::get(element, 1.0), lanes), x);
}

/// Scales an exponential, for `position`.
static void emitScaled(KernelBuilder &k, const SoftmaxShape &shape, Value x,
                       Value factor, ArrayRef<Index> position, int64_t lanes) {
  Value scaled = arith::MulFOp::create(k.b, k.loc, x, factor);
  k.store(emitEpilogue(k, scaled, position, lanes), k.resultBuffer(),
          k.address(shape.result, position), lanes);
}

/// A row after the other, vectors along it.
static void emitRows(KernelBuilder &k, const SoftmaxShape &shape) {
  Value source = k.bufferOf(shape.input);
  Reduction sum = sumOf(k.elementIn(source)),
            maximum = maximumOf(k.elementIn(source));
  Value waiting = shape.inPlace()
                      ? k.resultBuffer()
                      : allocateOnStack(k, shape.size, k.elementIn(source));
  SplitLoops(shape.space.sizes).emit(k, [&](ArrayRef<Index> indices) {
    SmallVector<Index> position = shape.space.position(indices);
    Index from = k.address(shape.source, position);
    Index to = shape.inPlace() ? k.address(shape.result, position) : Index(0);
    auto load = [&](Index at, int64_t lanes) {
      return k.load(source, k.add(from, at), lanes);
    };
    Value largest =
        reducePartials(k, maximum, reduceRun(k, maximum, shape.size, load));
    SmallVector<Value> sums =
        reduceRun(k, sum, shape.size, [&](Index at, int64_t lanes) -> Value {
          Value e = emitExponential(k, shape, load(at, lanes),
                                    k.splat(largest, lanes));
          k.store(e, waiting, k.add(to, at), lanes);
          return e;
        });
    Value total = k.splat(reducePartials(k, sum, sums), 1);
    Value factor = vector::ExtractOp::create(
        k.b, k.loc, emitReciprocal(k, total, 1), int64_t(0));
    forVectors(k, shape.size, 4, [&](Index at, ArrayRef<int64_t> widths) {
      for (auto [v, lanes] : llvm::enumerate(widths)) {
        position[shape.axis] = at + int64_t(v) * k.lanes();
        Value x = k.load(waiting, k.add(to, position[shape.axis]), lanes);
        emitScaled(k, shape, x, k.splat(factor, lanes), position, lanes);
      }
    });
  });
}

/// As many rows at once as lanes, vectors across them.
static void emitColumns(KernelBuilder &k, const SoftmaxShape &shape) {
  Value source = k.bufferOf(shape.input);
  Reduction sum = sumOf(k.elementIn(source)),
            maximum = maximumOf(k.elementIn(source));
  int64_t stride = innerStride(withoutAxis(shape.source, shape.axis));
  shape.grouped(k.lanes()).emit(k, [&](ArrayRef<Index> outer, Index start,
                                       ArrayRef<int64_t> widths) {
    auto positionOf = [&](size_t v, Index i) {
      SmallVector<Index> indices(outer);
      indices.push_back(start + int64_t(v) * k.lanes());
      SmallVector<Index> position = shape.space.position(indices);
      position[shape.axis] = i;
      return position;
    };
    auto load = [&](size_t v, Index i) {
      return loadStrided(k, source, k.address(shape.source, positionOf(v, i)),
                         stride, widths[v]);
    };
    SmallVector<Value> largest =
        reduceLoop(k, maximum, shape.size, widths, [&](Index i) {
          SmallVector<Value> vectors;
          for (size_t v = 0; v < widths.size(); ++v)
            vectors.push_back(load(v, i));
          return vectors;
        });
    SmallVector<Value> sums =
        reduceLoop(k, sum, shape.size, widths, [&](Index i) {
          SmallVector<Value> vectors;
          for (size_t v = 0; v < widths.size(); ++v) {
            Value e = emitExponential(k, shape, load(v, i), largest[v]);
            k.store(e, k.resultBuffer(),
                    k.address(shape.result, positionOf(v, i)), widths[v]);
            vectors.push_back(e);
          }
          return vectors;
        });
    SmallVector<Value> factors;
    for (auto [total, lanes] : llvm::zip_equal(sums, widths))
      factors.push_back(emitReciprocal(k, total, lanes));
    k.loop(0, shape.size, 1, [&](Index i) {
      for (size_t v = 0; v < widths.size(); ++v) {
        SmallVector<Index> position = positionOf(v, i);
        Value x = k.load(k.resultBuffer(), k.address(shape.result, position),
                         widths[v]);
        emitScaled(k, shape, x, factors[v], position, widths[v]);
      }
    });
  });
}

LogicalResult SoftmaxEmitter::emit(KernelBuilder &k) const {
  SoftmaxShape shape(k.kernel);
  if (shape.alongAxis())
    emitRows(k, shape);
  else
    emitColumns(k, shape);
  return success();
}

const KernelEmitter &kernel::softmaxEmitter() {
  static const SoftmaxEmitter emitter;
  return emitter;
}
