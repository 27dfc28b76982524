//===- TfliteImportTarget.h - what is fuzzed --------------------*- C++ -*-===//
//
// One function that imports bytes as a TFLite model and checks what every
// import promises; the libFuzzer target and the regression test both call it.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TEST_FUZZ_TFLITEIMPORTTARGET_H
#define EDGEC_TEST_FUZZ_TFLITEIMPORTTARGET_H

#include "compiler/import/tflite/TfliteImport.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include <cstdlib>
#include <cstring>
#include <memory>

namespace edgec::test {

/// Whether the bytes are a model. Ends the process if the import fails without
/// an error or gives a module that does not verify.
inline bool importFuzzedTflite(llvm::StringRef bytes) {
  // A mapped file begins at a page; a FlatBuffer needs 16 bytes.
  size_t size = (bytes.size() + 15) / 16 * 16;
  std::unique_ptr<void, decltype(&free)> copy(aligned_alloc(16, size + 16),
                                              &free);
  memcpy(copy.get(), bytes.data(), bytes.size());
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  bool reported = false;
  mlir::ScopedDiagnosticHandler handler(
      &context, [&](mlir::Diagnostic &diagnostic) {
        reported |= diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error;
        return mlir::success();
      });
  ImportOptions options;
  options.modelName = "model";
  auto file = MappedFile::view(
      llvm::StringRef(static_cast<const char *>(copy.get()), bytes.size()));
  auto module = tflite::importTflite(file, "no/model.tflite", options, context);
  bool good = mlir::succeeded(module) ? mlir::succeeded(mlir::verify(**module))
                                      : reported;
  if (!good)
    abort();
  return mlir::succeeded(module);
}

} // namespace edgec::test

#endif // EDGEC_TEST_FUZZ_TFLITEIMPORTTARGET_H
