//===- Passes.h - the quantize stage ---------------------------*- C++ -*-===//
//
// See Passes.td for what each pass needs and leaves.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_QUANTIZE_PASSES_H
#define EDGEC_PASSES_QUANTIZE_PASSES_H

#include "dialects/edge/Edge.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include "passes/quantize/Precision.h"
#include "llvm/Support/CommandLine.h"

namespace edgec {
#define GEN_PASS_DECL
#include "passes/quantize/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "passes/quantize/Passes.h.inc"
} // namespace edgec

#endif // EDGEC_PASSES_QUANTIZE_PASSES_H
