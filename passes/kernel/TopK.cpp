//===- TopK.cpp - the first elements of a sorted line --------------------===//
//
// The results of a line hold a heap of the k best elements so far, the worst of
// them at the root: an element that is better takes the root's place. In the
// end the heap is sorted in place. N log k steps at worst, no memory besides.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Selection.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/Heap.h"
#include "passes/kernel/KernelTable.h"
#include "passes/kernel/SingleOperator.h"
#include "passes/kernel/TotalOrder.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

namespace {

class TopKEmitter : public SingleOperatorEmitter<edge::TopKOp> {
public:
  StringRef name() const override { return "top_k"; }
  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr) const override {
    return SplitLoops(lines(kernel)).extent();
  }
  LogicalResult emit(KernelBuilder &k) const override;
  int64_t flops(schedule::KernelOp kernel) const override {
    auto x = cast<RankedTensorType>(kernel.getInputs()[0].getType());
    return 8 * x.getNumElements();
  }

private:
  /// The shape without the axis.
  static SmallVector<int64_t> lines(schedule::KernelOp kernel) {
    auto op = cast<edge::TopKOp>(kernel.getAnchor());
    Layout result = getResultLayout(kernel, 0);
    result.shape[op.getAxis()] = 1;
    return result.shape;
  }
};

} // namespace

/// The results of one line, from these addresses on, as a heap.
static Heap heapOf(KernelBuilder &k, edge::TopKOp op, Index valuesAt,
                   Index indicesAt) {
  size_t axis = op.getAxis();
  int64_t valueStride = k.resultLayout(0).strides[axis],
          indexStride = k.resultLayout(1).strides[axis];
  TotalOrder order{elementOf(op.getX().getType()), op.getLargest()};
  auto valueAt = [=, &k](Index i) {
    return k.add(valuesAt, k.mul(i, valueStride));
  };
  auto indexAt = [=, &k](Index i) {
    return k.add(indicesAt, k.mul(i, indexStride));
  };
  return Heap{k,
              [=, &k](Index i) -> HeapItem {
                return {k.loadScalar(k.resultBuffer(0), valueAt(i)),
                        loadIndex(k, k.resultBuffer(1), indexAt(i))};
              },
              [=, &k](const HeapItem &item, Index i) {
                k.storeScalar(item[0], k.resultBuffer(0), valueAt(i));
                storeIndex(k, item[1], k.resultBuffer(1), indexAt(i));
              },
              [=, &k](const HeapItem &a, const HeapItem &b) {
                return order.precedes(k, a[0], a[1], b[0], b[1]);
              },
              int64_t(op.getK())};
}

LogicalResult TopKEmitter::emit(KernelBuilder &k) const {
  auto op = cast<edge::TopKOp>(k.kernel.getAnchor());
  Layout source = k.layoutOf(op.getX());
  int64_t kept = op.getK(), size = source.shape[op.getAxis()];
  SplitLoops(lines(k.kernel)).emit(k, [&](ArrayRef<Index> position) {
    Index from = k.address(source, position);
    Heap heap = heapOf(k, op, k.address(k.resultLayout(0), position),
                       k.address(k.resultLayout(1), position));
    auto read = [&](Index i) -> HeapItem {
      Index at = k.add(from, k.mul(i, source.strides[op.getAxis()]));
      return {k.loadScalar(k.bufferOf(op.getX()), at), k.value(i)};
    };
    k.loop(0, kept, 1, [&](Index i) { heap.store(read(i), i); });
    heap.build(kept);
    k.loop(kept, size, 1, [&](Index i) {
      HeapItem item = read(i);
      ifTrue(k, heap.precedes(item, heap.load(0)),
             [&] { heap.sink(item, 0, kept); });
    });
    heap.sort(kept);
  });
  return success();
}

const KernelEmitter &kernel::topKEmitter() {
  static const TopKEmitter emitter;
  return emitter;
}
