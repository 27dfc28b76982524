//===- OneHot.cpp - one value at the index, another one elsewhere --------===//
//
// The slice behind each position of the dimensions before the axis is filled
// with "off"; then each index sets one element to "on".
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Indexing.h"
#include "passes/kernel/KernelTable.h"
#include "passes/kernel/SingleOperator.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

namespace {
class OneHotEmitter : public SingleOperatorEmitter<edge::OneHotOp> {
public:
  StringRef name() const override { return "one_hot"; }
  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr) const override {
    auto op = cast<edge::OneHotOp>(kernel.getAnchor());
    return SplitLoops(op.getType().getShape().take_front(op.getAxis()))
        .extent();
  }
  LogicalResult emit(KernelBuilder &k) const override;
};
} // namespace

LogicalResult OneHotEmitter::emit(KernelBuilder &k) const {
  auto op = cast<edge::OneHotOp>(k.kernel.getAnchor());
  Layout result = k.resultLayout(), indices = k.layoutOf(op.getIndices()),
         values = k.layoutOf(op.getValues());
  size_t axis = op.getAxis();
  Value buffer = k.bufferOf(op.getValues());
  Value off = k.loadScalar(buffer, values.offset),
        on = k.loadScalar(buffer, values.offset + values.strides[0]);
  SplitLoops loops(ArrayRef(result.shape).take_front(axis));
  loops.emit(k, [&](ArrayRef<Index> outer) {
    SmallVector<Index> first(outer);
    first.resize(result.shape.size(), Index(0));
    fillBox(k, off,
            {k.resultBuffer(), innerDimensions(result, axis),
             k.address(result, first)});
    auto setOne = [&](ArrayRef<Index> inner) {
      SmallVector<Index> from(outer), to(outer);
      from.append(inner.begin(), inner.end());
      Value index =
          loadIndex(k, k.bufferOf(op.getIndices()), k.address(indices, from));
      index = countFromEnd(k, index, op.getDepth());
      to.push_back(Index(index));
      to.append(inner.begin(), inner.end());
      ifTrue(k, isInside(k, index, op.getDepth()), [&] {
        k.storeScalar(on, k.resultBuffer(), k.address(result, to));
      });
    };
    forPositions(k, ArrayRef(indices.shape).drop_front(axis), setOne);
  });
  return success();
}

const KernelEmitter &kernel::oneHotEmitter() {
  static const OneHotEmitter emitter;
  return emitter;
}
