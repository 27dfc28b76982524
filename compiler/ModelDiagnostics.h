//===- ModelDiagnostics.h - what MLIR says, at the model's places -*- C++
//-*-===//
//
// Listens to one context while a model is compiled: errors are kept, warnings
// and remarks are handed on, all in the words and places of the model.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_MODELDIAGNOSTICS_H
#define EDGEC_COMPILER_MODELDIAGNOSTICS_H

#include "compiler/Compiler.h"
#include "mlir/IR/Diagnostics.h"

namespace edgec {

class ModelDiagnostics {
public:
  /// `options` must outlive this; its callbacks are called when set.
  ModelDiagnostics(mlir::MLIRContext &context, llvm::StringRef path,
                   const CompileOptions &options);

  /// Every error so far.
  std::vector<CompileProblem> problems() const { return errors; }

private:
  void receive(mlir::Diagnostic &diagnostic);

  std::string path;
  const CompileOptions &options;
  std::vector<CompileProblem> errors;
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace edgec

#endif // EDGEC_COMPILER_MODELDIAGNOSTICS_H
