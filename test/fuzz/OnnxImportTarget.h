//===- OnnxImportTarget.h - what is fuzzed ----------------------*- C++ -*-===//
//
// One function that imports bytes as an ONNX model and checks what every import
// promises; the libFuzzer target and the regression test both call it.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TEST_FUZZ_ONNXIMPORTTARGET_H
#define EDGEC_TEST_FUZZ_ONNXIMPORTTARGET_H

#include "compiler/import/onnx/OnnxImport.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include <cstdlib>

namespace edgec::test {

/// Whether the bytes are a model. Ends the process if the import fails without
/// an error or gives a module that does not verify.
inline bool importFuzzed(llvm::StringRef bytes) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  bool reported = false;
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &) {
    reported = true;
    return mlir::success();
  });
  ImportOptions options;
  options.modelName = "model";
  options.shapes = {{"z", {2, 3}}};
  // Of the seeds only one has this input (field 1 of its message), which is
  // dynamic.
  if (!bytes.contains("\x0a\x01z"))
    options.shapes.clear();
  auto module = onnx::importOnnx(MappedFile::view(bytes), "no/model.onnx",
                                 options, context);
  bool good = mlir::succeeded(module) ? mlir::succeeded(mlir::verify(**module))
                                      : reported;
  if (!good)
    abort();
  return mlir::succeeded(module);
}

} // namespace edgec::test

#endif // EDGEC_TEST_FUZZ_ONNXIMPORTTARGET_H
