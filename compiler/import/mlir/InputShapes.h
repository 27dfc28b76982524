//===- InputShapes.h - fix the dynamic dimensions of a function -*- C++ -*-===//
//
// What -shape does to a model that comes as MLIR.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_MLIR_INPUTSHAPES_H
#define EDGEC_COMPILER_IMPORT_MLIR_INPUTSHAPES_H

#include "compiler/import/Import.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace edgec {

/// Gives the arguments, found by their `edge.name`, the shapes of the options,
/// reports those that stay dynamic, and infers the shapes that follow.
mlir::LogicalResult fixShapes(mlir::func::FuncOp model,
                              const ImportOptions &options);

} // namespace edgec

#endif // EDGEC_COMPILER_IMPORT_MLIR_INPUTSHAPES_H
