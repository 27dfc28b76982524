//===- IterationSpace.h - loops over a result's elements -------*- C++ -*-===//
//
// What elementwise kernels, moves and reductions share: the result's shape with
// as few dimensions as the strides of all tensors in play allow, cut into the
// range that threads share, loops, and vectors along the last dimension.
//
//   result 1x56x56x64 with a halo, operands dense or per channel
//     -> 3 dimensions: 56 rows, 56 columns, 64 channels
//   the same without halo, operands alike -> 1 dimension of 200704
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_ITERATIONSPACE_H
#define EDGEC_PASSES_KERNEL_ITERATIONSPACE_H

#include "passes/kernel/KernelEmitter.h"

namespace edgec::kernel {

/// The elements of one shape as a nest of loops.
class IterationSpace {
public:
  /// Joins neighbouring dimensions where every layout's strides continue; all
  /// layouts have the shape (see Layout::broadcastTo).
  static IterationSpace get(llvm::ArrayRef<int64_t> shape,
                            llvm::ArrayRef<Layout> layouts);
  /// That of a kernel's first result, for its epilogue's operands and `more`,
  /// such that vectors along the last dimension can be stored.
  static IterationSpace get(schedule::KernelOp kernel,
                            llvm::ArrayRef<Layout> more = {});

  /// Appends a dimension of one element: for results whose neighbours along
  /// the last one are not neighbours in memory, so that vectors cannot hold
  /// them.
  void endInScalars();

  /// At least one dimension.
  size_t rank() const { return sizes.size(); }
  /// Length of the innermost dimension: what vectors run along.
  int64_t inner() const { return sizes.back(); }
  /// Lengths of all the others.
  llvm::ArrayRef<int64_t> outer() const {
    return llvm::ArrayRef(sizes).drop_back();
  }

  /// The position in the original shape: the joined index goes to the last of
  /// the joined dimensions.
  llvm::SmallVector<Index> position(llvm::ArrayRef<Index> indices) const;

  llvm::SmallVector<int64_t> sizes;

private:
  size_t originalRank = 0;
  /// per dimension, which original one carries the index; the original rank
  /// for the dimension that endInScalars added
  llvm::SmallVector<size_t> carriers;
};

/// How a nest of loops is split: the leading ones are flattened into the
/// kernel's range until that has enough parts, the others run inside.
struct SplitLoops {
  llvm::SmallVector<int64_t> flattened, inside;

  explicit SplitLoops(llvm::ArrayRef<int64_t> sizes);
  int64_t extent() const;
  /// Runs body(indices), one per loop, for the kernel's range.
  void emit(KernelBuilder &k,
            llvm::function_ref<void(llvm::ArrayRef<Index>)> body) const;
};

/// Loops whose innermost dimension is cut into groups of neighbouring vectors,
/// the groups being a loop like the others.
struct GroupedLoops {
  llvm::SmallVector<int64_t> outer;
  int64_t inner, groupVectors, lanes;

  GroupedLoops(llvm::ArrayRef<int64_t> outer, int64_t inner,
               int64_t groupVectors, int64_t lanes);
  int64_t extent() const { return loops().extent(); }
  /// body(outer indices, start, widths of the group's vectors), for the
  /// kernel's range.
  void emit(KernelBuilder &k,
            llvm::function_ref<void(llvm::ArrayRef<Index>, Index,
                                    llvm::ArrayRef<int64_t>)>
                body) const;

private:
  int64_t groupElements() const { return groupVectors * lanes; }
  SplitLoops loops() const;
};

/// Runs over [0, size) in vectors: body(start, widths) computes neighbouring
/// vectors of those widths, up to `unroll` at a time.
void forVectors(KernelBuilder &k, int64_t size, int64_t unroll,
                llvm::function_ref<void(Index, llvm::ArrayRef<int64_t>)> body);

/// One index per size from the index of the flattened loop nest.
llvm::SmallVector<Index> unflatten(KernelBuilder &k, Index flat,
                                   llvm::ArrayRef<int64_t> sizes);

/// Emitters whose time goes into reading and writing: one schedule serves all.
class StreamingEmitter : public KernelEmitter {
public:
  schedule::TilingAttr schedule(schedule::KernelOp kernel,
                                schedule::MachineAttr machine) const override;
};

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_ITERATIONSPACE_H
