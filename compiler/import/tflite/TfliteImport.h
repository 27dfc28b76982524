//===- TfliteImport.h - from a TFLite model to the edge dialect -*- C++ -*-===//
//
// See compiler/import/Import.h for what the module looks like, and
// docs/tflite.md for what is read of a file and what is refused.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_TFLITE_TFLITEIMPORT_H
#define EDGEC_COMPILER_IMPORT_TFLITE_TFLITEIMPORT_H

#include "compiler/import/Import.h"
#include "compiler/import/MappedFile.h"
#include "compiler/import/OperatorList.h"

namespace edgec::tflite {

/// `path` names the model in diagnostics; options.modelName must be a C
/// identifier.
mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>>
importTflite(const MappedFile &file, llvm::StringRef path,
             const ImportOptions &options, mlir::MLIRContext &context);

/// The tables of operators, builtin and custom.
std::vector<OperatorDoor> describeOperators();

} // namespace edgec::tflite

#endif // EDGEC_COMPILER_IMPORT_TFLITE_TFLITEIMPORT_H
