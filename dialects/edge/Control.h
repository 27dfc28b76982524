//===- Control.h - operators that decide what runs --------------*- C++ -*-===//
//
// The family of EdgeControl.td: branches and loops whose bodies are functions.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_DIALECTS_EDGE_CONTROL_H
#define EDGEC_DIALECTS_EDGE_CONTROL_H

#include "dialects/edge/Edge.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/SymbolTable.h"

#define GET_OP_CLASSES
#include "dialects/edge/EdgeControl.h.inc"

namespace edgec::edge {

/// Whether `op` runs functions instead of computing something itself.
inline bool isControl(mlir::Operation *op) {
  return mlir::isa_and_nonnull<IfOp, LoopOp>(op);
}

/// The functions that a control operator runs, each once.
llvm::SmallVector<mlir::func::FuncOp> calledFunctions(mlir::Operation *op);

} // namespace edgec::edge

#endif // EDGEC_DIALECTS_EDGE_CONTROL_H
