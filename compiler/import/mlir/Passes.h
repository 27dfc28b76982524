//===- Passes.h - the import stage -----------------------------*- C++ -*-===//
//
// See Passes.td for what the pass needs and leaves.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_MLIR_PASSES_H
#define EDGEC_COMPILER_IMPORT_MLIR_PASSES_H

#include "dialects/edge/Edge.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Pass/Pass.h"

namespace edgec {

#define GEN_PASS_DECL
#include "compiler/import/mlir/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "compiler/import/mlir/Passes.h.inc"

/// What the pass does, for the importer: the number of operators replaced.
mlir::FailureOr<int64_t> convertTosa(mlir::func::FuncOp function);
/// The same for linalg, tensor, arith and math.
mlir::FailureOr<int64_t> convertStructured(mlir::func::FuncOp function);
/// Whether convertStructured knows operations of this name.
bool isStructured(mlir::Operation *op);

} // namespace edgec

#endif // EDGEC_COMPILER_IMPORT_MLIR_PASSES_H
