//===- LaneProducts.h - multiply-adds by lane ------------------*- C++ -*-===//
//
// Where a multiply-add takes one factor from a lane of a register (NEON, by
// element), a product loads some steps' elements of each output as one vector.
// Those stay in registers while rows of weights pass by, which lie in a row in
// memory and come several to an instruction.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_LANEPRODUCTS_H
#define EDGEC_PASSES_KERNEL_LANEPRODUCTS_H

#include "passes/kernel/KernelBuilder.h"
#include <optional>

namespace edgec::kernel {

/// sums[i][v] + the sum over u of elements[i][u] * weight(u, v), of steps u and
/// `vectors` vectors v. `weight` is asked in the order in which they are used:
/// all vectors of step 0, then those of step 1 ... Without `sums` they begin as
/// products: zeros would take an instruction each.
llvm::SmallVector<mlir::Value>
multiplyByLanes(KernelBuilder &k, llvm::ArrayRef<mlir::Value> elements,
                int64_t vectors,
                llvm::function_ref<mlir::Value(int64_t, int64_t)> weight,
                llvm::ArrayRef<mlir::Value> sums);

/// sums + parts, of floats; the sums may be wider.
llvm::SmallVector<mlir::Value> addSums(KernelBuilder &k,
                                       llvm::ArrayRef<mlir::Value> sums,
                                       llvm::ArrayRef<mlir::Value> parts);

/// The same index, of which LLVM knows only that it may depend on `tile`. All
/// tiles of a panel read the same weights, and LLVM would load what fits no
/// registers before the loop over tiles, and spill it there. No instruction.
Index hideFromLoops(KernelBuilder &k, Index index, Index tile);

/// Weights that one instruction loads in fours, where the machine has such: the
/// pointer that it moves on by itself is carried from one load to the next.
class WeightStream {
public:
  /// Weights of `type` (f32, f16 or i8) from `first` on, in a buffer that is
  /// not shifted, for the register tile whose inputs begin at `tile`.
  WeightStream(KernelBuilder &k, mlir::Type type, mlir::Value buffer,
               Index first, Index tile);
  /// Those from where another stream was.
  WeightStream(KernelBuilder &k, mlir::Type type, mlir::Value position)
      : k(&k), element(type), pointer(position) {}
  /// The next vector.
  mlir::Value next();
  /// Goes on `vectors` vectors further, or back, from there.
  void skip(int64_t vectors);
  /// A pointer to what was not loaded yet.
  mlir::Value position() const { return pointer; }
  mlir::Type type() const { return element; }

private:
  void loadGroup();

  KernelBuilder *k;
  mlir::Type element;
  mlir::Value pointer;
  /// what was loaded and not taken yet, the next one last
  llvm::SmallVector<mlir::Value> loaded;
};

/// Writes `count` steps from `first` on, added to `sums`. Their weights come
/// from `weights` if there are any.
using StepsWriter = llvm::function_ref<llvm::SmallVector<mlir::Value>(
    Index first, int64_t count, llvm::ArrayRef<mlir::Value> sums,
    std::optional<WeightStream> &weights)>;

/// A loop over `length` steps, `unroll` to an iteration. Without `sums`, which
/// steps by lanes allow, the first iteration stands before the loop.
llvm::SmallVector<mlir::Value>
loopOverSteps(KernelBuilder &k, int64_t length, int64_t unroll,
              llvm::ArrayRef<mlir::Value> sums,
              std::optional<WeightStream> weights, StepsWriter steps);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_LANEPRODUCTS_H
