//===- Passes.h - the code stage for CPUs ----------------------*- C++ -*-===//
//
// Passes that take kernels and the host program to the LLVM dialect; see
// Passes.td for what each needs and leaves.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_CPU_PASSES_H
#define EDGEC_TARGETS_CPU_PASSES_H

#include "dialects/rt/Rt.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Pass/Pass.h"

namespace edgec {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "targets/cpu/Passes.h.inc"

/// Adds the code stage: kernels (func, scf, vector, arith, memref) and the
/// rt.program become LLVM dialect, by upstream passes wherever there are any.
/// `parallelCycles` is edge-share-kernels' option, its default if not given.
void buildCpuLowering(mlir::OpPassManager &passes,
                      std::optional<int64_t> parallelCycles = std::nullopt);

} // namespace edgec

#endif // EDGEC_TARGETS_CPU_PASSES_H
