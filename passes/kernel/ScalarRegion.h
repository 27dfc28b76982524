//===- ScalarRegion.h - arith and math on vectors --------------*- C++ -*-===//
//
// A generic operator's region says what happens to one element; its kernel
// computes neighbouring elements as vectors. One table says which operations
// there are and how each is written so that no input traps and none becomes a
// call of libm.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_SCALARREGION_H
#define EDGEC_PASSES_KERNEL_SCALARREGION_H

#include "passes/kernel/KernelBuilder.h"

namespace edgec::kernel {

/// Whether the table has the operation for its types.
bool isEmittableScalar(mlir::Operation *op);

/// The operation on vectors that stand for its operands; `lanes` as for
/// KernelBuilder::load. Not for tensor.extract.
mlir::Value emitScalar(KernelBuilder &k, mlir::Operation *op,
                       llvm::ArrayRef<mlir::Value> operands, int64_t lanes);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_SCALARREGION_H
