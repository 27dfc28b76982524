//===- LaneReduction.h - folding vectors into one value --------*- C++ -*-===//
//
// Reductions and softmax fold many vectors into few, and the lanes of a vector
// into one. Sums are taken in blocks, each from zero, so that the error grows
// with the root of their length at worst, and in several accumulators, so that
// one addition need not wait for the last.
//
// Which elements a partial sum has, and the order in which partial sums are
// added, do not depend on the machine's vectors: element i of a run goes to
// partial sum i modulo runPartials, and the upper half of them is added to the
// lower until one is left. So every target rounds alike.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_LANEREDUCTION_H
#define EDGEC_PASSES_KERNEL_LANEREDUCTION_H

#include "passes/kernel/KernelBuilder.h"

namespace edgec::kernel {

/// Additions in a row before a sum is put aside; the rounding error of random
/// terms grows with the square root of this and of the number of blocks.
constexpr int64_t longestChain = 64;

/// A commutative and associative operation on a tensor's elements.
struct Reduction {
  enum Kind { sum, product, maximum, minimum };
  Kind kind;
  /// As the edge dialect has it; i1 has maximum and minimum only.
  mlir::Type element;
  /// Whether a NaN must come through maximum and minimum, which costs.
  bool keepsNaN = true;

  /// In the computed form.
  mlir::TypedAttr identity() const;
  mlir::Value combine(KernelBuilder &k, mlir::Value x, mlir::Value y) const;
};

/// sums + body(zeros): a block of the reductions that `sums` are, of numbers of
/// the type `element`.
llvm::SmallVector<mlir::Value>
addFromZero(KernelBuilder &k, mlir::Type element,
            llvm::ArrayRef<mlir::Value> sums,
            llvm::function_ref<
                llvm::SmallVector<mlir::Value>(llvm::ArrayRef<mlir::Value>)>
                body);

/// Folds leaf(i) for i in [0, count): one vector for each of `widths`.
llvm::SmallVector<mlir::Value>
reduceLoop(KernelBuilder &k, Reduction reduction, int64_t count,
           llvm::ArrayRef<int64_t> widths,
           llvm::function_ref<llvm::SmallVector<mlir::Value>(Index)> leaf);

/// Partial results of a run: two of the longest vectors, so that additions need
/// not wait. Of 64-bit elements half as many.
constexpr int64_t runPartials = 32;

/// The widths of the vectors that hold the partial results of a run of `size`
/// elements. Those that would hold nothing are left out.
llvm::SmallVector<int64_t> runWidths(KernelBuilder &k, Reduction reduction,
                                     int64_t size);

/// Folds `size` neighbouring elements, read by leaf(start, lanes), each of them
/// once, into partial results: vectors of runWidths().
llvm::SmallVector<mlir::Value>
reduceRun(KernelBuilder &k, Reduction reduction, int64_t size,
          llvm::function_ref<mlir::Value(Index, int64_t)> leaf);

/// Folds the partial results of a run: the result is a scalar.
mlir::Value reducePartials(KernelBuilder &k, Reduction reduction,
                           llvm::ArrayRef<mlir::Value> partials);

/// The first `width` elements; past the vector's own they are undefined.
mlir::Value resizeVector(KernelBuilder &k, mlir::Value vector, int64_t width);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_LANEREDUCTION_H
