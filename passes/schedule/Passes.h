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
#include "passes/schedule/StrassenChoice.h"
#include "passes/schedule/TilingGuide.h"
#include "passes/schedule/WinogradChoice.h"

namespace edgec {
#define GEN_PASS_DECL
#include "passes/schedule/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "passes/schedule/Passes.h.inc"
/// edge-choose-tiles where `guide` has the last word; it must outlive the pass.
std::unique_ptr<mlir::Pass> createChooseTiles(ChooseTilesOptions options,
                                              schedule::TilingGuide *guide);
} // namespace edgec

#endif // EDGEC_PASSES_SCHEDULE_PASSES_H
