//===- TotalOrder.h - which element comes first when sorting ---*- C++ -*-===//
//
// Sorting kernels compare elements with their indices, so that no two are equal
// and the order is that of a stable sort. A NaN is larger than every number.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_TOTALORDER_H
#define EDGEC_PASSES_KERNEL_TOTALORDER_H

#include "passes/kernel/KernelBuilder.h"

namespace edgec::kernel {

struct TotalOrder {
  /// as the edge dialect has it
  mlir::Type element;
  bool descending;

  /// Scalars in the computed form: whether a is before b, and whether they are
  /// equal.
  mlir::Value before(KernelBuilder &k, mlir::Value a, mlir::Value b) const;
  mlir::Value equal(KernelBuilder &k, mlir::Value a, mlir::Value b) const;
  /// before, or equal with the lower index
  mlir::Value precedes(KernelBuilder &k, mlir::Value a, mlir::Value indexA,
                       mlir::Value b, mlir::Value indexB) const;
};

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_TOTALORDER_H
