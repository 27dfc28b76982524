//===- Lookup.cpp - functions of 8-bit numbers by their tables -----------===//
//
// One element at a time: the table's 256 entries stay in the first-level cache.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Integer.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/Epilogue.h"
#include "passes/kernel/KernelTable.h"
#include "passes/kernel/SingleOperator.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// Elements whose loads are written before their stores.
static constexpr int64_t unroll = 8;

namespace {

class LookupEmitter : public SingleOperatorEmitter<edge::LookupOp> {
public:
  StringRef name() const override { return "lookup"; }
  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr) const override {
    return SplitLoops(space(kernel).outer()).extent();
  }
  LogicalResult emit(KernelBuilder &k) const override;

private:
  static IterationSpace space(schedule::KernelOp kernel) {
    Layout result = getResultLayout(kernel, 0);
    return IterationSpace::get(result.shape,
                               {getOperandLayout(kernel, 0), result});
  }
};

} // namespace

LogicalResult LookupEmitter::emit(KernelBuilder &k) const {
  auto op = cast<edge::LookupOp>(k.kernel.getAnchor());
  IterationSpace space = LookupEmitter::space(k.kernel);
  Layout source = k.layoutOf(op.getX()), result = k.resultLayout(),
         table = k.layoutOf(op.getTable());
  bool isUnsigned = isUnsignedElement(elementOf(op.getX().getType()));
  int64_t zero = table.offset + (isUnsigned ? 0 : 128);
  int64_t from = innerStride(source), to = innerStride(result);
  auto entryAt = [&](Index at) {
    Value x = k.loadScalar(k.bufferOf(op.getX()), at);
    Type index = k.b.getIndexType();
    Value number =
        isUnsigned
            ? arith::IndexCastUIOp::create(k.b, k.loc, index, x).getResult()
            : arith::IndexCastOp::create(k.b, k.loc, index, x).getResult();
    Index entry(
        arith::AddIOp::create(k.b, k.loc, number, k.constantIndex(zero)));
    return k.loadScalar(k.bufferOf(op.getTable()), entry, Form::stored);
  };
  SplitLoops(space.outer()).emit(k, [&](ArrayRef<Index> outer) {
    SmallVector<Index> first(outer);
    first.push_back(0);
    SmallVector<Index> position = space.position(first);
    Index in = k.address(source, position), out = k.address(result, position);
    k.tiles(0, space.inner(), unroll, [&](Index i, int64_t count) {
      SmallVector<Value> entries;
      for (int64_t j = 0; j < count; ++j)
        entries.push_back(entryAt(k.add(in, k.mul(i + j, from))));
      for (int64_t j = 0; j < count; ++j)
        k.storeScalar(entries[j], k.resultBuffer(),
                      k.add(out, k.mul(i + j, to)));
    });
  });
  return success();
}

const KernelEmitter &kernel::lookupEmitter() {
  static const LookupEmitter emitter;
  return emitter;
}
