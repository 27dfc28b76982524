//===- Passes.h - the fuse stage -------------------------------*- C++ -*-===//
//
// The pass that cuts the graph into kernels. See Passes.td for what it needs
// and leaves.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_FUSE_PASSES_H
#define EDGEC_PASSES_FUSE_PASSES_H

#include "dialects/edge/Edge.h"
#include "dialects/schedule/Schedule.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace edgec {
#define GEN_PASS_DECL
#include "passes/fuse/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "passes/fuse/Passes.h.inc"
} // namespace edgec

#endif // EDGEC_PASSES_FUSE_PASSES_H
