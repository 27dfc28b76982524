//===- Passes.h - attaching a machine --------------------------*- C++ -*-===//
//
// The one pass of this folder: edge-attach-machine, see Passes.td.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_MACHINES_PASSES_H
#define EDGEC_TARGETS_MACHINES_PASSES_H

#include "dialects/schedule/Schedule.h"
#include "mlir/Pass/Pass.h"

namespace edgec {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "targets/machines/Passes.h.inc"
} // namespace edgec

#endif // EDGEC_TARGETS_MACHINES_PASSES_H
