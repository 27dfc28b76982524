//===- Passes.h - the memory stage -----------------------------*- C++ -*-===//
//
// Passes that give every tensor a static address. See Passes.td for what each
// pass needs and leaves.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_MEMORY_PASSES_H
#define EDGEC_PASSES_MEMORY_PASSES_H

#include "dialects/rt/Rt.h"
#include "mlir/Pass/Pass.h"

namespace edgec {
#define GEN_PASS_DECL
#include "passes/memory/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "passes/memory/Passes.h.inc"
} // namespace edgec

#endif // EDGEC_PASSES_MEMORY_PASSES_H
