//===- PlannedKernel.h - a kernel on its way to a launch -------*- C++ -*-===//
#ifndef EDGEC_PASSES_KERNEL_PLANNEDKERNEL_H
#define EDGEC_PASSES_KERNEL_PLANNEDKERNEL_H

#include "passes/kernel/RowChain.h"
#include <vector>

namespace edgec::kernel {

/// Everything that decides a kernel's code, as numbers: attributes, types and
/// operator names are unique objects, so their addresses compare them.
using StructuralKey = std::vector<uintptr_t>;

/// An operand of a function: of which kernel, and how it is packed.
struct PlannedOperand {
  schedule::KernelOp kernel;
  unsigned number;
  const std::optional<Packing> *packing;
};

/// One kernel, or several that run as one.
struct PlannedKernel {
  /// At least one stage; all have tilings.
  RowChain chain;
  /// per stage and operand; none for those that stay as they are
  llvm::SmallVector<llvm::SmallVector<std::optional<Packing>>> packings;

  PlannedKernel(schedule::KernelOp kernel, const KernelEmitter *emitter);

  bool isChain() const { return chain.stages.size() > 1; }
  const KernelEmitter *emitter() const { return chain.last().emitter; }
  /// The program's kernel whose results these are.
  schedule::KernelOp kernel() const { return chain.last().original; }
  schedule::TilingAttr tiling() const { return chain.last().tiling(); }

  /// Those of all stages in order, without the links.
  llvm::SmallVector<PlannedOperand> operands() const;
  /// Buffers that the function needs while it runs.
  llvm::SmallVector<mlir::RankedTensorType> scratch() const;
  /// Operands whose buffer may be the first result's as well.
  llvm::SmallVector<int64_t> inPlaceOperands() const;
  /// Length of the loop that the range splits.
  int64_t extent() const;
  /// Whether the range goes over the results' columns.
  bool splitsColumns() const;
  /// Short names, joined by '_', and names of the model's nodes.
  std::string name() const;
  std::string layers() const;
  int64_t flops() const;
  int64_t cycles() const;
  /// Planned kernels of equal keys have the same code.
  StructuralKey key() const;
};

/// Kernels that read row by row what another one computes for them alone join
/// it, where the tensor between them takes at least `leastBytes`, or
/// `leastPanelBytes` where they do so for a panel of channels by itself.
/// Returns how many chains there are.
int64_t joinChains(std::vector<PlannedKernel> &kernels,
                   schedule::MachineAttr machine, int64_t leastBytes,
                   int64_t leastPanelBytes);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_PLANNEDKERNEL_H
