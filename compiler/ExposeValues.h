//===- ExposeValues.h - values of a model as its outputs -------*- C++ -*-===//
//
// What a compiled model computes on the way can be looked at when it is an
// output: edge-compare looks at kernels, calibration at layers.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_EXPOSEVALUES_H
#define EDGEC_COMPILER_EXPOSEVALUES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace edgec {

/// Appends each of `values` that is not returned yet to the results of `model`,
/// named `prefix` and the result's index. Gives the index of each value's
/// result.
llvm::SmallVector<unsigned> exposeValues(mlir::func::FuncOp model,
                                         mlir::ValueRange values,
                                         llvm::StringRef prefix);

/// The model's function: the public one that is no variant; null without one.
mlir::func::FuncOp modelFunction(mlir::ModuleOp module);

} // namespace edgec

#endif // EDGEC_COMPILER_EXPOSEVALUES_H
