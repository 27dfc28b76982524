//===- Cumulate.cpp - running sums and products --------------------------===//
//
// Along a known axis the running value stays in registers, one line per lane.
// An axis that is known at run time only gets one loop over all elements that
// finds the value before in the result.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Selection.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "passes/kernel/AxisLoops.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/KernelTable.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

namespace {
class CumulateEmitter : public SingleOperatorEmitter<edge::CumulateOp> {
public:
  StringRef name() const override { return "cumulate"; }
  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr tiling) const override {
    auto op = cast<edge::CumulateOp>(kernel.getAnchor());
    return op.getAxis() ? loops(kernel, op).extent(tiling.getLanes()) : 1;
  }
  LogicalResult emit(KernelBuilder &k) const override;
  int64_t flops(schedule::KernelOp kernel) const override {
    return cast<RankedTensorType>(kernel.getResult(0).getType())
        .getNumElements();
  }

private:
  static AxisLoops loops(schedule::KernelOp kernel, edge::CumulateOp op) {
    unsigned x = cast<BlockArgument>(op.getX()).getArgNumber();
    return AxisLoops(getOperandLayout(kernel, x), getResultLayout(kernel, 0),
                     *op.getAxis());
  }
};
} // namespace

static Reduction reductionOf(edge::CumulateOp op) {
  return {op.getKind() == edge::Accumulate::sum ? Reduction::sum
                                                : Reduction::product,
          elementOf(op.getType())};
}

static void emitKnownAxis(KernelBuilder &k, edge::CumulateOp op,
                          const AxisLoops &lines) {
  Reduction reduction = reductionOf(op);
  Value x = k.bufferOf(op.getX());
  lines.emit(k, [&](const AxisLoops::Group &group) {
    SmallVector<Value> running;
    for (int64_t lanes : group.widths)
      running.push_back(k.splat(reduction.identity(), lanes));
    k.loop(
        0, lines.size(), 1, running,
        [&](Index step, ArrayRef<Value> known) -> SmallVector<Value> {
          Index i = op.getReverse() ? Index(mirrorIndex(k, lines.size(), step))
                                    : step;
          SmallVector<Value> next;
          for (size_t v = 0; v < group.count(); ++v) {
            next.push_back(reduction.combine(k, known[v], group.load(x, v, i)));
            group.store(op.getExclusive() ? known[v] : next[v],
                        k.resultBuffer(), v, i);
          }
          return next;
        });
  });
}

static Value select(KernelBuilder &k, Value condition, Value yes, Value no) {
  return arith::SelectOp::create(k.b, k.loc, condition, yes, no);
}

static Value equals(KernelBuilder &k, Value x, Value y) {
  return arith::CmpIOp::create(k.b, k.loc, arith::CmpIPredicate::eq, x, y);
}

/// choices[axis]
static Value chooseAt(KernelBuilder &k, Value axis, ArrayRef<Value> choices) {
  Value chosen = choices[0];
  for (auto [d, choice] : llvm::enumerate(choices.drop_front()))
    chosen = select(k, equals(k, axis, k.constantIndex(int64_t(d) + 1)), choice,
                    chosen);
  return chosen;
}

static void emitRunTimeAxis(KernelBuilder &k, edge::CumulateOp op) {
  Reduction reduction = reductionOf(op);
  Layout source = k.layoutOf(op.getX()), result = k.resultLayout();
  int64_t rank = result.shape.size();
  Value operand = op.getRunTimeAxis();
  Value axis = loadIndex(k, k.bufferOf(operand), k.layoutOf(operand).offset);
  axis = k.value(resolveIndex(k, axis, rank));
  /// From an element to the one before it along the axis.
  auto stepOf = [&](const Layout &layout) {
    SmallVector<Value> steps;
    for (int64_t stride : layout.strides)
      steps.push_back(k.constantIndex(op.getReverse() ? stride : -stride));
    return chooseAt(k, axis, steps);
  };
  Value sourceStep = stepOf(source), resultStep = stepOf(result);
  SmallVector<Value> ends;
  for (int64_t size : result.shape)
    ends.push_back(k.constantIndex(op.getReverse() ? size - 1 : 0));
  Value first = chooseAt(k, axis, ends);
  int64_t count = Layout::dense(result.shape).allocated;
  k.loop(0, count, 1, [&](Index step) {
    Index flat = op.getReverse() ? Index(mirrorIndex(k, count, step)) : step;
    SmallVector<Index> position = unflatten(k, flat, result.shape);
    SmallVector<Value> along;
    for (Index index : position)
      along.push_back(k.value(index));
    Value isFirst = equals(k, chooseAt(k, axis, along), first);
    Value zero = k.constantIndex(0);
    // The first element of a line reads itself, and nothing of it is used.
    auto before = [&](Index address, Value distance) {
      return Index(
          addIndex(k, k.value(address), select(k, isFirst, zero, distance)));
    };
    Index from = k.address(source, position), to = k.address(result, position);
    Value sum = k.loadScalar(k.resultBuffer(), before(to, resultStep));
    Value identity = scalarConstant(k, reduction.identity());
    sum = select(k, isFirst, identity, sum);
    Value x = k.loadScalar(k.bufferOf(op.getX()),
                           op.getExclusive() ? before(from, sourceStep) : from);
    if (op.getExclusive())
      x = select(k, isFirst, identity, x);
    k.storeScalar(reduction.combine(k, sum, x), k.resultBuffer(), to);
  });
}

LogicalResult CumulateEmitter::emit(KernelBuilder &k) const {
  auto op = cast<edge::CumulateOp>(k.kernel.getAnchor());
  if (op.getAxis())
    emitKnownAxis(k, op, loops(k.kernel, op));
  else
    emitRunTimeAxis(k, op);
  return success();
}

const KernelEmitter &kernel::cumulateEmitter() {
  static const CumulateEmitter emitter;
  return emitter;
}
