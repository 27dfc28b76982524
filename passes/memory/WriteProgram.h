//===- WriteProgram.h - a memory plan as calls ------------------*- C++ -*-===//
#ifndef EDGEC_PASSES_MEMORY_WRITEPROGRAM_H
#define EDGEC_PASSES_MEMORY_WRITEPROGRAM_H

#include "mlir/IR/Builders.h"
#include "passes/memory/MemoryPlan.h"
#include "llvm/ADT/StringMap.h"

namespace edgec {

/// Writes the steps of a model's plan where `builder` stands. `weightsOffsets`
/// says where each rt.weights lies. Fails with a diagnostic if branches and
/// loops make the program too long.
mlir::LogicalResult
writeProgram(mlir::OpBuilder &builder, const MemoryPlan &plan,
             const llvm::StringMap<int64_t> &weightsOffsets);

} // namespace edgec

#endif // EDGEC_PASSES_MEMORY_WRITEPROGRAM_H
