//===- Heap.cpp - sorting in place ---------------------------------------===//
//
// An item sinks through as many levels as there can be; where nothing below it
// comes later, the remaining ones change nothing.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/Heap.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "passes/kernel/SingleOperator.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// If the later child of the hole comes after the item, it moves into the hole;
/// returns where the hole is then.
Value Heap::moveUp(const HeapItem &item, Value hole, Index child,
                   Index size) const {
  HeapItem left = load(child);
  Index other = k.minimum(child + 1, size + -1);
  HeapItem right = load(other);
  Value rightIsLater = precedes(left, right);
  auto pick = [&](Value yes, Value no) -> Value {
    return arith::SelectOp::create(k.b, k.loc, rightIsLater, yes, no);
  };
  HeapItem later;
  for (auto [a, b] : llvm::zip_equal(right, left))
    later.push_back(pick(a, b));
  Value at = pick(k.value(other), k.value(child));
  Value moves = precedes(item, later);
  ifTrue(k, moves, [&] { store(later, Index(hole)); });
  return arith::SelectOp::create(k.b, k.loc, moves, at, hole);
}

void Heap::sink(const HeapItem &item, Index hole, Index size) const {
  int64_t levels = llvm::Log2_64(capacity);
  SmallVector<Value> found = k.loop(
      0, levels, 1, ValueRange{k.value(hole)},
      [&](Index, ArrayRef<Value> carried) -> SmallVector<Value> {
        Value at = carried[0];
        Index child = k.mul(Index(at), 2) + 1;
        Value hasChild =
            arith::CmpIOp::create(k.b, k.loc, arith::CmpIPredicate::slt,
                                  k.value(child), k.value(size));
        return {choose(
            k, hasChild, [&] { return moveUp(item, at, child, size); }, at)};
      });
  store(item, Index(found[0]));
}

void Heap::build(Index size) const {
  Index parents = k.div(size, 2);
  k.loop(0, parents, 1, [&](Index step) {
    Index i(Value(arith::SubIOp::create(k.b, k.loc, k.value(parents + -1),
                                        k.value(step))));
    sink(load(i), i, size);
  });
}

void Heap::sort(Index size) const {
  // size - 1 steps; a loop from 1 needs no difference that may be negative.
  k.loop(1, size, 1, [&](Index step) {
    Index last(
        Value(arith::SubIOp::create(k.b, k.loc, k.value(size), k.value(step))));
    HeapItem item = load(last);
    store(load(0), last);
    sink(item, 0, last);
  });
}
