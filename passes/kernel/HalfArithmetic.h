//===- HalfArithmetic.h - kernels that compute on f16 ----------*- C++ -*-===//
//
// f16 is f32 in registers (ElementTypes.h), except in kernels that compute on
// it: products of f16, and elementwise operators of a function that asks for
// it (edge.arithmetic), where the machine can. Vectors then have twice as many
// lanes, and f16 is the computed form. Long sums are put aside as f32, and
// operators that need more digits widen for themselves.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_HALFARITHMETIC_H
#define EDGEC_PASSES_KERNEL_HALFARITHMETIC_H

#include "passes/kernel/KernelBuilder.h"
#include "passes/kernel/OperatorTable.h"

namespace edgec::kernel {

bool computesHalves(schedule::KernelOp kernel, schedule::MachineAttr machine);

/// The same of the kernel that `k` writes: no vectors of f32 have as many
/// lanes.
inline bool computesHalves(const KernelBuilder &k) {
  return k.lanes() > k.machine.getFloatLanes();
}

/// computedType() in this kernel.
mlir::Type computedType(const KernelBuilder &k, mlir::Type element);

/// Between the stored and the computed form, with the machine's instructions
/// where it has them. What is f32 may be stored as f16, too.
mlir::Value emitWiden(KernelBuilder &k, mlir::Value stored, mlir::Type element);
mlir::Value emitNarrow(KernelBuilder &k, mlir::Value computed,
                       mlir::Type element);

/// A value or vector of f16 as f32, and of f32 as f16; others stay.
mlir::Value toFloat32(KernelBuilder &k, mlir::Value value);
mlir::Value toFloat16(KernelBuilder &k, mlir::Value value);

/// What `emit` computes for operands in the computed form of this kernel.
mlir::Value emitOperator(KernelBuilder &k, EmitVector *emit,
                         const VectorOperands &operands);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_HALFARITHMETIC_H
