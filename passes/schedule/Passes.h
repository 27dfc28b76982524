//===- Passes.h - the schedule stage ---------------------------*- C++ -*-===//
//
// Passes that decide how each kernel runs on the module's machine. See
// Passes.td for what each pass needs and leaves.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_SCHEDULE_PASSES_H
#define EDGEC_PASSES_SCHEDULE_PASSES_H

#include "dialects/edge/Edge.h"
#include "dialects/schedule/Schedule.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include "passes/schedule/WinogradChoice.h"

namespace edgec {
#define GEN_PASS_DECL
#include "passes/schedule/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "passes/schedule/Passes.h.inc"
} // namespace edgec

#endif // EDGEC_PASSES_SCHEDULE_PASSES_H
