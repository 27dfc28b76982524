//===- Gather.cpp - results read by index --------------------------------===//
//
// gather, gather_elements, gather_nd and reverse_sequence: the first dimensions
// of the result decide, with the indices, where a slice over its last ones lies
// in the operand. Threads split the former, vectors copy the latter.
//
//   gather axis 0: result [i..., b...] = x[indices[i...], b...]
//     one loop over i..., a copy of b...
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Indexing.h"
#include "passes/kernel/KernelTable.h"
#include "passes/kernel/SingleOperator.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

namespace {

/// How many leading dimensions of the result and of the operand the indices
/// decide about.
struct IndexedRanks {
  size_t result, source;
};

class GatherEmitter
    : public SingleOperatorEmitter<edge::GatherOp, edge::GatherElementsOp,
                                   edge::GatherNdOp, edge::ReverseSequenceOp> {
public:
  StringRef name() const override { return "gather"; }
  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr) const override;
  LogicalResult emit(KernelBuilder &k) const override;
};

} // namespace

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

static IndexedRanks indexedRanks(Operation *anchor) {
  return llvm::TypeSwitch<Operation *, IndexedRanks>(anchor)
      .Case([](edge::GatherOp op) {
        size_t axis = op.getAxis();
        return IndexedRanks{axis + shapeOf(op.getIndices()).size(), axis + 1};
      })
      .Case([](edge::GatherElementsOp op) {
        size_t rank = shapeOf(op.getX()).size();
        return IndexedRanks{rank, rank};
      })
      .Case([](edge::GatherNdOp op) {
        ArrayRef<int64_t> indices = shapeOf(op.getIndices());
        return IndexedRanks{indices.size() - 1,
                            size_t(op.getBatchDims() + indices.back())};
      })
      .Case([](edge::ReverseSequenceOp op) {
        size_t rank = std::max(op.getBatchAxis(), op.getTimeAxis()) + 1;
        return IndexedRanks{rank, rank};
      });
}

static Value indexAt(KernelBuilder &k, Value indices,
                     ArrayRef<Index> position) {
  return loadIndex(k, k.bufferOf(indices),
                   k.address(k.layoutOf(indices), position));
}

/// The indexed dimensions of the operand for those of the result.
static SmallVector<Index> sourcePosition(KernelBuilder &k, edge::GatherOp op,
                                         ArrayRef<Index> outer) {
  size_t axis = op.getAxis();
  Value index = indexAt(k, op.getIndices(), outer.drop_front(axis));
  SmallVector<Index> position(outer.take_front(axis));
  position.push_back(resolveIndex(k, index, shapeOf(op.getX())[axis]));
  return position;
}

static SmallVector<Index> sourcePosition(KernelBuilder &k,
                                         edge::GatherElementsOp op,
                                         ArrayRef<Index> outer) {
  Value index = indexAt(k, op.getIndices(), outer);
  SmallVector<Index> position(outer);
  position[op.getAxis()] =
      resolveIndex(k, index, shapeOf(op.getX())[op.getAxis()]);
  return position;
}

static SmallVector<Index> sourcePosition(KernelBuilder &k, edge::GatherNdOp op,
                                         ArrayRef<Index> outer) {
  SmallVector<Index> position(outer.take_front(op.getBatchDims()));
  SmallVector<Index> at(outer);
  at.push_back(0);
  for (int64_t i = 0; i < shapeOf(op.getIndices()).back(); ++i) {
    at.back() = Index(i);
    Value index = indexAt(k, op.getIndices(), at);
    position.push_back(
        resolveIndex(k, index, shapeOf(op.getX())[position.size()]));
  }
  return position;
}

/// Behind the length an index is its own mirror image.
static SmallVector<Index> sourcePosition(KernelBuilder &k,
                                         edge::ReverseSequenceOp op,
                                         ArrayRef<Index> outer) {
  int64_t time = op.getTimeAxis(), size = shapeOf(op.getX())[time];
  Value length = indexAt(k, op.getLengths(), outer[op.getBatchAxis()]);
  length = clampIndex(k, length, 0, size);
  Value index = k.value(outer[time]);
  Value mirrored = arith::SubIOp::create(
      k.b, k.loc, addIndex(k, length, k.constantIndex(-1)), index);
  Value reversed = arith::CmpIOp::create(k.b, k.loc, arith::CmpIPredicate::slt,
                                         index, length);
  SmallVector<Index> position(outer);
  position[time] = Index(
      Value(arith::SelectOp::create(k.b, k.loc, reversed, mirrored, index)));
  return position;
}

int64_t GatherEmitter::extent(schedule::KernelOp kernel,
                              schedule::TilingAttr) const {
  IndexedRanks ranks = indexedRanks(kernel.getAnchor());
  return SplitLoops(shapeOf(kernel.getResult(0)).take_front(ranks.result))
      .extent();
}

LogicalResult GatherEmitter::emit(KernelBuilder &k) const {
  Operation *anchor = k.kernel.getAnchor();
  IndexedRanks ranks = indexedRanks(anchor);
  Value x = anchor->getOperand(0);
  Layout source = k.layoutOf(x), result = k.resultLayout();
  auto pad = [](SmallVector<Index> position, size_t rank) {
    position.resize(rank, Index(0));
    return position;
  };
  SplitLoops loops(ArrayRef(result.shape).take_front(ranks.result));
  loops.emit(k, [&](ArrayRef<Index> outer) {
    SmallVector<Index> position =
        llvm::TypeSwitch<Operation *, SmallVector<Index>>(anchor)
            .Case<edge::GatherOp, edge::GatherElementsOp, edge::GatherNdOp,
                  edge::ReverseSequenceOp>(
                [&](auto op) { return sourcePosition(k, op, outer); });
    Index from = k.address(source, pad(position, source.shape.size()));
    Index to =
        k.address(result, pad(SmallVector<Index>(outer), result.shape.size()));
    copyBox(k, {k.bufferOf(x), innerDimensions(source, ranks.source), from},
            {k.resultBuffer(), innerDimensions(result, ranks.result), to});
  });
  return success();
}

const KernelEmitter &kernel::gatherEmitter() {
  static const GatherEmitter emitter;
  return emitter;
}
