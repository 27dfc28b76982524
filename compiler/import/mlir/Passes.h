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
/// Whether convertTosa does.
bool isTosaOperator(mlir::Operation *op);

/// Rewrites in linalg what of TOSA has no operator in edge.
mlir::LogicalResult lowerTosa(mlir::func::FuncOp function);
/// Whether lowerTosa rewrites the operation.
bool isTosaInLinalg(mlir::Operation *op);
/// Whether an operation of TOSA on integers has operators of edge.
bool hasIntegerForm(mlir::Operation *op);
/// The names of those that it rewrites whatever their types, and whether it
/// rewrites the others of a name where they are on integers.
llvm::ArrayRef<llvm::StringLiteral> tosaInLinalg();
bool isTosaInLinalgOnIntegers(llvm::StringRef name);

/// Makes functions of the regions of control flow, and edge operators of it.
mlir::LogicalResult outlineControl(mlir::func::FuncOp function);
/// Whether outlineControl replaces the operation.
bool isControlFlow(mlir::Operation *op);

/// Everything above for the model and the functions beside it, in order; or
/// errors at all operations that nothing knows.
mlir::LogicalResult convertModel(mlir::func::FuncOp model);

} // namespace edgec

#endif // EDGEC_COMPILER_IMPORT_MLIR_PASSES_H
