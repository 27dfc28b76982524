//===- OnnxImport.h - from an ONNX model to the edge dialect ----*- C++ -*-===//
//
// See compiler/import/Import.h for what the module looks like.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_ONNX_ONNXIMPORT_H
#define EDGEC_COMPILER_IMPORT_ONNX_ONNXIMPORT_H

#include "compiler/import/Import.h"
#include "compiler/import/MappedFile.h"
#include "compiler/import/OperatorList.h"

namespace edgec::onnx {

/// `path` names the model in diagnostics and its folder for external data;
/// options.modelName must be a C identifier.
mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>>
importOnnx(const MappedFile &file, llvm::StringRef path,
           const ImportOptions &options, mlir::MLIRContext &context);

/// The tables of operators, one door per domain.
std::vector<OperatorDoor> describeOperators();

} // namespace edgec::onnx

#endif // EDGEC_COMPILER_IMPORT_ONNX_ONNXIMPORT_H
