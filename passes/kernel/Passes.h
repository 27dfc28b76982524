//===- Passes.h - the kernel stage -----------------------------*- C++ -*-===//
#ifndef EDGEC_PASSES_KERNEL_PASSES_H
#define EDGEC_PASSES_KERNEL_PASSES_H

#include "mlir/Pass/Pass.h"
#include <memory>

namespace edgec {
#define GEN_PASS_DECL
#include "passes/kernel/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "passes/kernel/Passes.h.inc"
} // namespace edgec

#endif // EDGEC_PASSES_KERNEL_PASSES_H
