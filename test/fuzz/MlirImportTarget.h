//===- MlirImportTarget.h - what is fuzzed ----------------------*- C++ -*-===//
//
// One function that imports bytes as a model in MLIR, text or bytecode, and
// checks what every import promises; the libFuzzer target and the regression
// test both call it. Bytes that begin as bytecode does are read as such.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TEST_FUZZ_MLIRIMPORTTARGET_H
#define EDGEC_TEST_FUZZ_MLIRIMPORTTARGET_H

#include "compiler/import/mlir/MlirImport.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include <cstdlib>

namespace edgec::test {

/// Whether the bytes are a model. Ends the process if the import fails without
/// an error or gives a module that does not verify.
inline bool importMlirFuzzed(llvm::StringRef bytes) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  bool reported = false;
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &) {
    reported = true;
    return mlir::success();
  });
  ImportOptions options;
  options.modelName = "model";
  auto module =
      importMlir(MappedFile::view(bytes), "no/model.mlir", options, context);
  bool good = mlir::succeeded(module) ? mlir::succeeded(mlir::verify(**module))
                                      : reported;
  if (!good)
    abort();
  return mlir::succeeded(module);
}

} // namespace edgec::test

#endif // EDGEC_TEST_FUZZ_MLIRIMPORTTARGET_H
