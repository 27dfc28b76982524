//===- Reduce.cpp - sums, means, products and extremes over dimensions ---===//
//
// Where the last dimension stays (a global average pooling of channels-last
// images), vectors run along it and each lane folds its own column, several
// vectors at once. Where the last dimension vanishes, vectors run along that,
// and their lanes are folded at the end.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Edge.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "passes/kernel/Epilogue.h"
#include "passes/kernel/IterationSpace.h"
#include "passes/kernel/KernelTable.h"
#include "passes/kernel/LaneReduction.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// Neighbouring vectors that are folded at once where the last dimension stays.
static constexpr int64_t groupVectors = 4;

namespace {

/// A loop over elements that are folded into one.
struct ReducedLoop {
  int64_t size, stride;
};

/// The reduction of one kernel as loops.
struct ReduceShape {
  explicit ReduceShape(schedule::KernelOp kernel);

  BlockArgument input;
  Reduction reduction{Reduction::sum, {}};
  bool mean = false;
  /// The input seen from the result: the dimensions that stay.
  Layout kept;
  SmallVector<ReducedLoop> loops;
  int64_t count = 1;
  IterationSpace space;

  /// Whether vectors run along the innermost of `loops`.
  bool alongReduced() const {
    return !loops.empty() && loops.back().stride == 1;
  }
  GroupedLoops grouped(int64_t lanes) const {
    return GroupedLoops(space.outer(), space.inner(), groupVectors, lanes);
  }
};

class ReduceEmitter : public StreamingEmitter {
public:
  StringRef name() const override { return "reduce"; }
  bool takesParts(schedule::KernelOp) const override { return true; }
  bool matches(schedule::KernelOp kernel) const override;
  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr tiling) const override;
  LogicalResult emit(KernelBuilder &k) const override;
};

} // namespace

//===-- the shape
//-----------------------------------------------------------===//

static bool isReduction(Operation *op) {
  return isa_and_nonnull<edge::ReduceSumOp, edge::ReduceMeanOp,
                         edge::ReduceMaxOp, edge::ReduceMinOp,
                         edge::ReduceProdOp>(op);
}

static Reduction::Kind reductionKind(Operation *op) {
  return llvm::TypeSwitch<Operation *, Reduction::Kind>(op)
      .Case([](edge::ReduceMaxOp) { return Reduction::maximum; })
      .Case([](edge::ReduceMinOp) { return Reduction::minimum; })
      .Case([](edge::ReduceProdOp) { return Reduction::product; })
      .Default([](Operation *) { return Reduction::sum; });
}

ReduceShape::ReduceShape(schedule::KernelOp kernel) {
  Operation *op = kernel.getAnchor();
  input = cast<BlockArgument>(op->getOperand(0));
  reduction = {reductionKind(op), elementOf(input.getType())};
  mean = isa<edge::ReduceMeanOp>(op);
  Layout layout = getOperandLayout(kernel, input.getArgNumber());
  auto axes = cast<DenseI64ArrayAttr>(op->getAttr("axes")).asArrayRef();
  Layout result = getResultLayout(kernel, 0);
  bool keepDims = result.shape.size() == layout.shape.size();
  kept.shape = result.shape;
  kept.offset = layout.offset;
  kept.allocated = layout.allocated;
  for (size_t d = 0; d < layout.shape.size(); ++d) {
    int64_t size = layout.shape[d], stride = layout.strides[d];
    bool reduced = llvm::is_contained(axes, int64_t(d));
    if (!reduced || keepDims)
      kept.strides.push_back(reduced ? 0 : stride);
    if (!reduced || size == 1)
      continue;
    count *= size;
    if (!loops.empty() && loops.back().stride == stride * size)
      loops.back() = {loops.back().size * size, stride};
    else
      loops.push_back({size, stride});
  }
  space = IterationSpace::get(kernel, kept);
}

bool ReduceEmitter::matches(schedule::KernelOp kernel) const {
  Operation *anchor = kernel.getAnchor();
  if (!isReduction(anchor))
    return false;
  Type element = elementOf(anchor->getOperand(0).getType());
  if (!isa<BlockArgument>(anchor->getOperand(0)) ||
      !isEmittableElement(element) ||
      elementOf(anchor->getResult(0).getType()) != element)
    return false;
  if (element.isInteger(1))
    return isa<edge::ReduceMaxOp, edge::ReduceMinOp>(anchor);
  return isa<FloatType>(element) || !isa<edge::ReduceMeanOp>(anchor);
}

int64_t ReduceEmitter::extent(schedule::KernelOp kernel,
                              schedule::TilingAttr tiling) const {
  ReduceShape shape(kernel);
  if (shape.alongReduced())
    return SplitLoops(shape.space.sizes).extent();
  return shape.grouped(tiling.getLanes()).extent();
}

//===-- code
//----------------------------------------------------------------===//

/// Folds the loops but the innermost, which `innermost` folds from an address
/// on.
static SmallVector<Value>
foldLoops(KernelBuilder &k, Reduction reduction, ArrayRef<ReducedLoop> loops,
          Index address, ArrayRef<int64_t> widths,
          function_ref<SmallVector<Value>(Index)> innermost) {
  if (loops.size() <= 1)
    return innermost(address);
  ReducedLoop loop = loops.front();
  return reduceLoop(k, reduction, loop.size, widths, [&](Index i) {
    return foldLoops(k, reduction, loops.drop_front(),
                     k.add(address, k.mul(i, loop.stride)), widths, innermost);
  });
}

static void finish(KernelBuilder &k, const ReduceShape &shape, Value vector,
                   ArrayRef<Index> position, int64_t lanes) {
  if (shape.mean) {
    vector = arith::DivFOp::create(
        k.b, k.loc, vector,
        k.splat(computedNumber(shape.reduction.element, double(shape.count)),
                lanes));
  }
  vector = emitEpilogue(k, vector, position, lanes);
  k.store(vector, k.resultBuffer(), k.address(k.resultLayout(), position),
          lanes);
}

/// One result from vectors along the dimension that vanishes.
static void emitAlongReduced(KernelBuilder &k, const ReduceShape &shape) {
  Value buffer = k.bufferOf(shape.input);
  int64_t size = shape.loops.back().size;
  SmallVector<int64_t> widths = runWidths(k, shape.reduction, size);
  SplitLoops(shape.space.sizes).emit(k, [&](ArrayRef<Index> indices) {
    SmallVector<Index> position = shape.space.position(indices);
    SmallVector<Value> partials =
        foldLoops(k, shape.reduction, shape.loops,
                  k.address(shape.kept, position), widths, [&](Index address) {
                    return reduceRun(
                        k, shape.reduction, size, [&](Index at, int64_t lanes) {
                          return k.load(buffer, k.add(address, at), lanes);
                        });
                  });
    Value scalar = reducePartials(k, shape.reduction, partials);
    finish(k, shape, k.splat(scalar, 1), position, 1);
  });
}

/// Neighbouring vectors of results, each lane folding its own elements.
static void emitAlongKept(KernelBuilder &k, const ReduceShape &shape) {
  Value buffer = k.bufferOf(shape.input);
  int64_t stride = innerStride(shape.kept);
  ReducedLoop last =
      shape.loops.empty() ? ReducedLoop{1, 0} : shape.loops.back();
  shape.grouped(k.lanes()).emit(k, [&](ArrayRef<Index> outer, Index start,
                                       ArrayRef<int64_t> widths) {
    SmallVector<Index> indices(outer);
    indices.push_back(start);
    Index base = k.address(shape.kept, shape.space.position(indices));
    auto loadAll = [&](Index address) {
      SmallVector<Value> vectors;
      for (auto [v, lanes] : llvm::enumerate(widths)) {
        vectors.push_back(loadStrided(k, buffer,
                                      address + int64_t(v) * k.lanes() * stride,
                                      stride, lanes));
      }
      return vectors;
    };
    SmallVector<Value> folded = foldLoops(
        k, shape.reduction, shape.loops, base, widths, [&](Index address) {
          return reduceLoop(
              k, shape.reduction, last.size, widths, [&](Index i) {
                return loadAll(k.add(address, k.mul(i, last.stride)));
              });
        });
    for (auto [v, lanes] : llvm::enumerate(widths)) {
      indices.back() = start + int64_t(v) * k.lanes();
      finish(k, shape, folded[v], shape.space.position(indices), lanes);
    }
  });
}

LogicalResult ReduceEmitter::emit(KernelBuilder &k) const {
  ReduceShape shape(k.kernel);
  if (shape.alongReduced())
    emitAlongReduced(k, shape);
  else
    emitAlongKept(k, shape);
  return success();
}

const KernelEmitter &kernel::reduceEmitter() {
  static const ReduceEmitter emitter;
  return emitter;
}
