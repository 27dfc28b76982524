//===- UnusedConstants.h - giving memory back ------------------*- C++ -*-===//
//
// MLIR keeps the data of a dense_resource until its context dies. A model's
// filters pass through up to three forms (as in the file, rearranged, packed),
// so without help the compiler would hold three models at its end.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_UNUSEDCONSTANTS_H
#define EDGEC_COMPILER_UNUSEDCONSTANTS_H

#include "mlir/IR/BuiltinOps.h"

namespace edgec {

/// Frees the data of every dense_resource constant that no operation of
/// `modules`, the only ones of their context, refers to any more.
void releaseUnusedConstants(llvm::ArrayRef<mlir::ModuleOp> modules);

} // namespace edgec

#endif // EDGEC_COMPILER_UNUSEDCONSTANTS_H
