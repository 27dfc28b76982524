//===- RowSpace.h - kernels that compute whole rows ------------*- C++ -*-===//
#ifndef EDGEC_PASSES_KERNEL_ROWSPACE_H
#define EDGEC_PASSES_KERNEL_ROWSPACE_H

#include "passes/kernel/IterationSpace.h"

namespace edgec::kernel {

/// The rows (last dimension) of a kernel's first result, each of which is
/// computed from the same row of `input`, a block argument, and the epilogue's
/// operands.
struct RowSpace {
  RowSpace(schedule::KernelOp kernel, mlir::Value input);

  mlir::Value input;
  /// both with the row
  Layout source, result;
  /// of a row, in elements
  int64_t size;
  /// All dimensions but the row's.
  IterationSpace space;
};

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_ROWSPACE_H
