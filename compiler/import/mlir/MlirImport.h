//===- MlirImport.h - from MLIR text or bytecode to edge --------*- C++ -*-===//
//
// The file holds one function in the edge dialect, in TOSA, in linalg on
// tensors (with tensor, arith and math) or in a mixture of them. See
// compiler/import/Import.h for the result.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_MLIR_MLIRIMPORT_H
#define EDGEC_COMPILER_IMPORT_MLIR_MLIRIMPORT_H

#include "compiler/import/Import.h"
#include "compiler/import/MappedFile.h"
#include "compiler/import/OperatorList.h"

namespace edgec {

/// `path` names the file in diagnostics; options.modelName must be an
/// identifier and becomes the function's name.
mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>>
importMlir(const MappedFile &file, llvm::StringRef path,
           const ImportOptions &options, mlir::MLIRContext &context);

/// The tables of the conversions, one door for TOSA and one for linalg.
std::vector<OperatorDoor> describeMlirOperators();

} // namespace edgec

#endif // EDGEC_COMPILER_IMPORT_MLIR_MLIRIMPORT_H
