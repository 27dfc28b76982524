//===- Compact.cpp - what is found moves to the front --------------------===//
//
// non_zero and compress: one thread walks over the operand and keeps count of
// what it has written; what is behind that becomes zero.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Selection.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/KernelTable.h"
#include "passes/kernel/SingleOperator.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

namespace {
template <typename Op> class CompactEmitter : public SingleOperatorEmitter<Op> {
public:
  int64_t extent(schedule::KernelOp, schedule::TilingAttr) const override {
    return 1;
  }
  /// Sequential, whatever the cost.
  int64_t flops(schedule::KernelOp kernel) const override {
    return cast<RankedTensorType>(kernel.getInputs()[0].getType())
        .getNumElements();
  }
};

class NonZeroEmitter : public CompactEmitter<edge::NonZeroOp> {
public:
  StringRef name() const override { return "non_zero"; }
  LogicalResult emit(KernelBuilder &k) const override;
};

class CompressEmitter : public CompactEmitter<edge::CompressOp> {
public:
  StringRef name() const override { return "compress"; }
  LogicalResult emit(KernelBuilder &k) const override;
};
} // namespace

LogicalResult NonZeroEmitter::emit(KernelBuilder &k) const {
  auto op = cast<edge::NonZeroOp>(k.kernel.getAnchor());
  Layout source = k.layoutOf(op.getX()), result = k.resultLayout(0);
  int64_t bound = result.shape[1];
  Value positions = k.resultBuffer(0);
  Value count = k.loop(
      0, bound, 1, ValueRange{k.constantIndex(0)},
      [&](Index flat, ArrayRef<Value> found) -> SmallVector<Value> {
        SmallVector<Index> at = unflatten(k, flat, source.shape);
        Value x = k.loadScalar(k.bufferOf(op.getX()), k.address(source, at));
        Value isFound = isNotZero(k, x);
        ifTrue(k, isFound, [&] {
          for (auto [d, index] : llvm::enumerate(at))
            storeIndex(k, k.value(index), positions,
                       k.address(result, {Index(int64_t(d)), Index(found[0])}));
        });
        return {countUp(k, found[0], isFound)};
      })[0];
  TypedAttr zero = storedNumber(k.elementIn(positions), 0);
  for (int64_t d = 0; d < result.shape[0]; ++d) {
    k.tiles(Index(count), bound, k.lanes(), [&](Index at, int64_t lanes) {
      k.store(k.splat(zero, lanes), positions, k.address(result, {d, at}),
              lanes);
    });
  }
  storeIndex(k, count, k.resultBuffer(1), k.resultLayout(1).offset);
  return success();
}

LogicalResult CompressEmitter::emit(KernelBuilder &k) const {
  auto op = cast<edge::CompressOp>(k.kernel.getAnchor());
  Slices x(k, k.bufferOf(op.getX()), k.layoutOf(op.getX()), op.getAxis()),
      selected(k, k.resultBuffer(0), k.resultLayout(0), op.getAxis());
  Layout condition = k.layoutOf(op.getCondition());
  int64_t size = condition.shape[0];
  Value count = k.loop(
      0, size, 1, ValueRange{k.constantIndex(0)},
      [&](Index i, ArrayRef<Value> found) -> SmallVector<Value> {
        Value holds = isNotZero(k, k.loadScalar(k.bufferOf(op.getCondition()),
                                                k.address(condition, {i})));
        ifTrue(k, holds,
               [&] { copyBox(k, x.at(i), selected.at(Index(found[0]))); });
        return {countUp(k, found[0], holds)};
      })[0];
  selected.zeroFrom(Index(count), size);
  storeIndex(k, count, k.resultBuffer(1), k.resultLayout(1).offset);
  return success();
}

const KernelEmitter &kernel::nonZeroEmitter() {
  static const NonZeroEmitter emitter;
  return emitter;
}

const KernelEmitter &kernel::compressEmitter() {
  static const CompressEmitter emitter;
  return emitter;
}
