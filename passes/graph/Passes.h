//===- Passes.h - the graph stage ------------------------------*- C++ -*-===//
//
// Passes that rewrite the imported graph into the one worth scheduling. See
// Passes.td for what each pass needs and leaves, and for their order.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_GRAPH_PASSES_H
#define EDGEC_PASSES_GRAPH_PASSES_H

#include "dialects/edge/Edge.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include "passes/graph/QdqReference.h"
#include "llvm/Support/CommandLine.h"

namespace edgec {
#define GEN_PASS_DECL
#include "passes/graph/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "passes/graph/Passes.h.inc"
} // namespace edgec

#endif // EDGEC_PASSES_GRAPH_PASSES_H
