//===- Epilogue.h - elementwise operators on one vector --------*- C++ -*-===//
//
// Every kernel ends in elementwise operators, and some consist of nothing else.
// OperatorTable.h says how each of them computes a vector; here one walk
// applies a region's operators to the vector that an anchor has left in a
// register. (emitEpilogue itself is declared with the emitters, in
// KernelEmitter.h.)
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_EPILOGUE_H
#define EDGEC_PASSES_KERNEL_EPILOGUE_H

#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/KernelEmitter.h"

namespace edgec::kernel {

/// Whether the table has the operator for its element types.
bool isEmittableOperator(mlir::Operation *op);

/// Whether emitEpilogue can write everything after the anchor (the whole region
/// when there is none): the kernel has one result, its operators are in the
/// table, their other operands broadcast to the result.
bool isEmittableEpilogue(schedule::KernelOp kernel);

/// Whether some operator of the region needs a polynomial: such a region hides
/// its latencies by itself.
bool isExpensiveEpilogue(schedule::KernelOp kernel);

/// Loads `lanes` elements along the last dimension of `position` from a buffer
/// whose layout was broadcast to the result's shape: a vector, one element in
/// every lane, or element by element where they lie apart.
mlir::Value loadBroadcast(KernelBuilder &k, mlir::Value buffer,
                          const Layout &layout, llvm::ArrayRef<Index> position,
                          int64_t lanes);

/// Loads `lanes` elements that lie `stride` apart; 0: one for all lanes.
mlir::Value loadStrided(KernelBuilder &k, mlir::Value buffer, Index address,
                        int64_t stride, int64_t lanes,
                        Form form = Form::computed);

/// The stride of the last dimension that has more than one element; 0 without.
int64_t innerStride(const Layout &layout);

/// The block arguments that the region's elementwise operators read.
llvm::SmallVector<mlir::BlockArgument>
epilogueOperands(schedule::KernelOp kernel);

/// Vectors that are known already, by the values in the region they stand for.
using KnownVectors = llvm::DenseMap<mlir::Value, mlir::Value>;

/// The region's result at one vector: applies every elementwise operator.
/// `known` must hold what they read from the anchor and the block arguments.
mlir::Value emitRegion(KernelBuilder &k, KnownVectors &known, int64_t lanes);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_EPILOGUE_H
