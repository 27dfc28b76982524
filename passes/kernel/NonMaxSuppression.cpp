//===- NonMaxSuppression.cpp - boxes that do not overlap better ones -----===//
//
// For each batch and class, by one thread: the boxes whose score is high enough
// are sorted, and taken one after the other unless they overlap with one that
// was taken before. What was taken stands in the rows of the result.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Selection.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/Heap.h"
#include "passes/kernel/KernelTable.h"
#include "passes/kernel/SingleOperator.h"
#include "passes/kernel/TotalOrder.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

namespace {
class NonMaxSuppressionEmitter
    : public SingleOperatorEmitter<edge::NonMaxSuppressionOp> {
public:
  StringRef name() const override { return "non_max_suppression"; }
  int64_t extent(schedule::KernelOp, schedule::TilingAttr) const override {
    return 1;
  }
  /// The candidates of one class.
  RankedTensorType scratch(schedule::KernelOp kernel,
                           schedule::TilingAttr) const override {
    auto op = cast<edge::NonMaxSuppressionOp>(kernel.getAnchor());
    auto boxes = cast<RankedTensorType>(op.getBoxes().getType());
    return RankedTensorType::get({boxes.getDimSize(1)},
                                 IntegerType::get(kernel.getContext(), 64));
  }
  LogicalResult emit(KernelBuilder &k) const override;
};

struct Corners {
  Value top, left, bottom, right;
};

class Suppression {
public:
  explicit Suppression(KernelBuilder &k);
  void write();

private:
  template <typename Op> Value make(Value a, Value b) {
    return Op::create(k.b, k.loc, a, b);
  }
  Value scalar(Value operand) {
    return k.loadScalar(k.bufferOf(operand), k.layoutOf(operand).offset);
  }
  Value score(Index batch, Index kind, Index box) {
    return k.loadScalar(k.bufferOf(op.getScores()),
                        k.address(scores, {batch, kind, box}));
  }
  Corners corners(Index batch, Index box);
  Value overlaps(const Corners &a, const Corners &b);
  Value findCandidates(Index batch, Index kind);
  Value suppressClass(Index batch, Index kind, Value count);

  KernelBuilder &k;
  edge::NonMaxSuppressionOp op;
  Layout boxes, scores, selected;
  Type real;
  Value most, iouThreshold, scoreThreshold, zero;
};
} // namespace

Suppression::Suppression(KernelBuilder &k)
    : k(k), op(cast<edge::NonMaxSuppressionOp>(k.kernel.getAnchor())),
      boxes(k.layoutOf(op.getBoxes())), scores(k.layoutOf(op.getScores())),
      selected(k.resultLayout(0)) {
  Value bound = op.getMaxBoxes();
  most = loadIndex(k, k.bufferOf(bound), k.layoutOf(bound).offset);
  most = clampIndex(k, most, 0, op.getBound());
  iouThreshold = scalar(op.getIouThreshold());
  scoreThreshold = scalar(op.getScoreThreshold());
  real = iouThreshold.getType();
  zero = scalarConstant(k, k.b.getFloatAttr(real, 0));
}

Corners Suppression::corners(Index batch, Index box) {
  SmallVector<Value> x;
  for (int64_t i = 0; i < 4; ++i)
    x.push_back(k.loadScalar(k.bufferOf(op.getBoxes()),
                             k.address(boxes, {batch, box, i})));
  if (!op.getCenter()) {
    return {make<arith::MinimumFOp>(x[0], x[2]),
            make<arith::MinimumFOp>(x[1], x[3]),
            make<arith::MaximumFOp>(x[0], x[2]),
            make<arith::MaximumFOp>(x[1], x[3])};
  }
  Value half = scalarConstant(k, k.b.getFloatAttr(real, 0.5));
  Value width = make<arith::MulFOp>(x[2], half),
        height = make<arith::MulFOp>(x[3], half);
  return {make<arith::SubFOp>(x[1], height), make<arith::SubFOp>(x[0], width),
          make<arith::AddFOp>(x[1], height), make<arith::AddFOp>(x[0], width)};
}

/// Whether the shared area is more than the threshold's part of the joint one,
/// which saves the division.
Value Suppression::overlaps(const Corners &a, const Corners &b) {
  auto area = [&](Value top, Value left, Value bottom, Value right) {
    Value height = make<arith::SubFOp>(bottom, top),
          width = make<arith::SubFOp>(right, left);
    return make<arith::MulFOp>(make<arith::MaximumFOp>(height, zero),
                               make<arith::MaximumFOp>(width, zero));
  };
  Value shared = area(make<arith::MaximumFOp>(a.top, b.top),
                      make<arith::MaximumFOp>(a.left, b.left),
                      make<arith::MinimumFOp>(a.bottom, b.bottom),
                      make<arith::MinimumFOp>(a.right, b.right));
  Value both = make<arith::AddFOp>(area(a.top, a.left, a.bottom, a.right),
                                   area(b.top, b.left, b.bottom, b.right));
  Value joint = make<arith::SubFOp>(both, shared);
  Value part = make<arith::DivFOp>(shared, joint);
  auto larger = [&](Value x, Value y) -> Value {
    return arith::CmpFOp::create(k.b, k.loc, arith::CmpFPredicate::OGT, x, y);
  };
  // Without an area there is no part: 0.
  part = arith::SelectOp::create(k.b, k.loc, larger(joint, zero), part, zero);
  return larger(part, iouThreshold);
}

/// Leaves the boxes with good scores in the scratch list, the best first;
/// returns how many there are.
Value Suppression::findCandidates(Index batch, Index kind) {
  int64_t size = scores.shape[2];
  Value list = k.scratchBuffer();
  Value found = k.loop(
      0, size, 1, ValueRange{k.constantIndex(0)},
      [&](Index box, ArrayRef<Value> count) -> SmallVector<Value> {
        Value isGood =
            arith::CmpFOp::create(k.b, k.loc, arith::CmpFPredicate::OGT,
                                  score(batch, kind, box), scoreThreshold);
        ifTrue(k, isGood,
               [&] { storeIndex(k, k.value(box), list, Index(count[0])); });
        return {countUp(k, count[0], isGood)};
      })[0];
  TotalOrder order{elementOf(op.getScores().getType()), /*descending=*/true};
  Heap heap{
      k, [&](Index i) -> HeapItem { return {loadIndex(k, list, i)}; },
      [&](const HeapItem &item, Index i) { storeIndex(k, item[0], list, i); },
      [&](const HeapItem &a, const HeapItem &b) {
        return order.precedes(k, score(batch, kind, Index(a[0])), a[0],
                              score(batch, kind, Index(b[0])), b[0]);
      },
      size};
  heap.build(Index(found));
  heap.sort(Index(found));
  return found;
}

/// Appends the selected boxes of one class to the `count` rows that there are.
Value Suppression::suppressClass(Index batch, Index kind, Value count) {
  Value candidates = findCandidates(batch, kind);
  Value rows = k.resultBuffer(0);
  Value no = scalarConstant(k, k.b.getBoolAttr(false));
  Value end = addIndex(k, count, most);
  auto compare = [&](arith::CmpIPredicate predicate, Value a, Value b) {
    return arith::CmpIOp::create(k.b, k.loc, predicate, a, b).getResult();
  };
  auto isFree = [&](Value box, Value taken) {
    Corners own = corners(batch, Index(box));
    Value hit =
        k.loop(Index(count), Index(taken), 1, ValueRange{no},
               [&](Index row, ArrayRef<Value> known) -> SmallVector<Value> {
                 Value other =
                     loadIndex(k, rows, k.address(selected, {row, 2}));
                 Value hits = overlaps(corners(batch, Index(other)), own);
                 return {make<arith::OrIOp>(known[0], hits)};
               })[0];
    return compare(arith::CmpIPredicate::eq, hit, no);
  };
  return k.loop(
      0, Index(candidates), 1, ValueRange{count},
      [&](Index i, ArrayRef<Value> taken) -> SmallVector<Value> {
        Value box = loadIndex(k, k.scratchBuffer(), i);
        Value hasRoom = compare(arith::CmpIPredicate::slt, taken[0], end);
        Value keeps =
            choose(k, hasRoom, [&] { return isFree(box, taken[0]); }, no);
        ifTrue(k, keeps, [&] {
          Value row[] = {k.value(batch), k.value(kind), box};
          for (auto [column, value] : llvm::enumerate(row))
            storeIndex(k, value, rows,
                       k.address(selected, {Index(taken[0]), int64_t(column)}));
        });
        return {countUp(k, taken[0], keeps)};
      })[0];
}

void Suppression::write() {
  int64_t classes = scores.shape[1];
  Value count =
      k.loop(0, scores.shape[0] * classes, 1, ValueRange{k.constantIndex(0)},
             [&](Index flat, ArrayRef<Value> found) -> SmallVector<Value> {
               return {suppressClass(k.div(flat, classes), k.rem(flat, classes),
                                     found[0])};
             })[0];
  Slices(k, k.resultBuffer(0), selected, 0)
      .zeroFrom(Index(count), selected.shape[0]);
  storeIndex(k, count, k.resultBuffer(1), k.resultLayout(1).offset);
}

LogicalResult NonMaxSuppressionEmitter::emit(KernelBuilder &k) const {
  Suppression(k).write();
  return success();
}

const KernelEmitter &kernel::nonMaxSuppressionEmitter() {
  static const NonMaxSuppressionEmitter emitter;
  return emitter;
}
