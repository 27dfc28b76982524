//===- Heap.h - sorting in place -------------------------------*- C++ -*-===//
//
// A binary heap whose items lie wherever its user's load and store put them,
// the one that comes last in the order at the root. Sorting takes N log N steps
// whatever the items are, and no memory besides.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_HEAP_H
#define EDGEC_PASSES_KERNEL_HEAP_H

#include "passes/kernel/KernelBuilder.h"
#include <functional>

namespace edgec::kernel {

/// The values that make up an item, an index for example.
using HeapItem = llvm::SmallVector<mlir::Value, 2>;

struct Heap {
  KernelBuilder &k;
  std::function<HeapItem(Index)> load;
  std::function<void(const HeapItem &, Index)> store;
  /// Whether the first item comes before the second one in the order. No two
  /// items are equal.
  std::function<mlir::Value(const HeapItem &, const HeapItem &)> precedes;
  /// Never more items than this.
  int64_t capacity;

  /// Puts the item at `hole` or, while something that comes later is there,
  /// below it, in a heap of `size` items.
  void sink(const HeapItem &item, Index hole, Index size) const;
  /// Makes a heap of any items.
  void build(Index size) const;
  /// Makes an ordered list of a heap.
  void sort(Index size) const;

private:
  mlir::Value moveUp(const HeapItem &item, mlir::Value hole, Index child,
                     Index size) const;
};

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_HEAP_H
