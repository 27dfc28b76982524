//===- Passes.h - the pipeline's own passes --------------------*- C++ -*-===//
//
// edge-verify-stage, see Passes.td.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_PASSES_H
#define EDGEC_COMPILER_PASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace edgec {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "compiler/Passes.h.inc"
} // namespace edgec

#endif // EDGEC_COMPILER_PASSES_H
