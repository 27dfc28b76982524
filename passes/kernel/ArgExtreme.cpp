//===- ArgExtreme.cpp - where the largest or smallest element is ---------===//
//
// The best value so far and its index stay in registers; a NaN beats every
// number and nothing beats a NaN but, if the last is asked for, a later one.
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

/// What both operators say.
struct ArgForm {
  explicit ArgForm(Operation *anchor) {
    if (auto op = dyn_cast<edge::ArgMaxOp>(anchor)) {
      read(op);
      largest = true;
    } else {
      read(cast<edge::ArgMinOp>(anchor));
      largest = false;
    }
  }

  BlockArgument x;
  size_t axis;
  bool largest, last;

private:
  template <typename Op> void read(Op op) {
    x = cast<BlockArgument>(op.getX());
    axis = op.getAxis();
    last = op.getSelectLast();
  }
};

class ArgExtremeEmitter
    : public SingleOperatorEmitter<edge::ArgMaxOp, edge::ArgMinOp> {
public:
  StringRef name() const override { return "arg_extreme"; }
  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr tiling) const override {
    return loops(kernel).extent(tiling.getLanes());
  }
  LogicalResult emit(KernelBuilder &k) const override;
  /// A comparison and two selections per element.
  int64_t flops(schedule::KernelOp kernel) const override {
    auto x = cast<RankedTensorType>(kernel.getInputs()[0].getType());
    return 4 * x.getNumElements();
  }

private:
  static AxisLoops loops(schedule::KernelOp kernel) {
    ArgForm form(kernel.getAnchor());
    return AxisLoops(getOperandLayout(kernel, form.x.getArgNumber()),
                     insertDimension(getResultLayout(kernel, 0), form.axis),
                     form.axis);
  }
};

} // namespace

static Value emitFloatBeats(KernelBuilder &k, const ArgForm &form, Value x,
                            Value best) {
  auto compare = [&](arith::CmpFPredicate predicate, Value a, Value b) {
    return arith::CmpFOp::create(k.b, k.loc, predicate, a, b).getResult();
  };
  using P = arith::CmpFPredicate;
  // True for a NaN, too.
  P predicate = form.largest ? (form.last ? P::UGE : P::UGT)
                             : (form.last ? P::ULE : P::ULT);
  Value beats = compare(predicate, x, best);
  Value open = compare(P::ORD, best, best);
  if (form.last)
    open = arith::OrIOp::create(k.b, k.loc, open, compare(P::UNO, x, x));
  return arith::AndIOp::create(k.b, k.loc, beats, open);
}

static Value emitIntegerBeats(KernelBuilder &k, const ArgForm &form, Value x,
                              Value best, bool isUnsigned) {
  using P = arith::CmpIPredicate;
  P isSigned = form.largest ? (form.last ? P::sge : P::sgt)
                            : (form.last ? P::sle : P::slt);
  P unsignedP = form.largest ? (form.last ? P::uge : P::ugt)
                             : (form.last ? P::ule : P::ult);
  return arith::CmpIOp::create(k.b, k.loc, isUnsigned ? unsignedP : isSigned, x,
                               best);
}

LogicalResult ArgExtremeEmitter::emit(KernelBuilder &k) const {
  ArgForm form(k.kernel.getAnchor());
  Value x = k.bufferOf(form.x);
  Type element = k.elementIn(x);
  Type integer = computedType(k.elementIn(k.resultBuffer()));
  AxisLoops lines = loops(k.kernel);
  lines.emit(k, [&](const AxisLoops::Group &group) {
    size_t count = group.count();
    // The best values, then their indices.
    SmallVector<Value> carried;
    for (size_t v = 0; v < count; ++v)
      carried.push_back(group.load(x, v, 0));
    for (size_t v = 0; v < count; ++v)
      carried.push_back(
          k.splat(k.b.getIntegerAttr(integer, 0), group.widths[v]));
    carried = k.loop(
        1, lines.size(), 1, carried,
        [&](Index i, ArrayRef<Value> known) -> SmallVector<Value> {
          Value number =
              arith::IndexCastOp::create(k.b, k.loc, integer, k.value(i));
          SmallVector<Value> next(known);
          for (size_t v = 0; v < count; ++v) {
            Value candidate = group.load(x, v, i), best = known[v];
            Value beats = isa<FloatType>(element)
                              ? emitFloatBeats(k, form, candidate, best)
                              : emitIntegerBeats(k, form, candidate, best,
                                                 isUnsignedElement(element));
            next[v] =
                arith::SelectOp::create(k.b, k.loc, beats, candidate, best);
            next[count + v] = arith::SelectOp::create(
                k.b, k.loc, beats, k.splat(number, group.widths[v]),
                known[count + v]);
          }
          return next;
        });
    for (size_t v = 0; v < count; ++v)
      group.store(carried[count + v], k.resultBuffer(), v, 0);
  });
  return success();
}

const KernelEmitter &kernel::argExtremeEmitter() {
  static const ArgExtremeEmitter emitter;
  return emitter;
}
