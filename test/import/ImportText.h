//===- ImportText.h - import a model and look at the result -----*- C++ -*-===//
//
// What the tests of the importer compare: the module as text, or the errors
// with their locations, one per line.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TEST_IMPORT_IMPORTTEXT_H
#define EDGEC_TEST_IMPORT_IMPORTTEXT_H

#include "compiler/import/onnx/OnnxImport.h"
#include "dialects/edge/Edge.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/raw_ostream.h"

namespace edgec::test {

struct Imported {
  /// Empty after a failure.
  std::string module;
  std::string errors;
};

/// Collects the errors of `run`, which imports into the context it is given.
template <typename Run> Imported collect(Run run) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  Imported result;
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &d) {
    llvm::raw_string_ostream stream(result.errors);
    stream << d.getLocation() << ": " << d << "\n";
    return mlir::success();
  });
  auto module = run(context);
  if (mlir::succeeded(module)) {
    llvm::raw_string_ostream stream(result.module);
    mlir::OpPrintingFlags flags;
    flags.enableDebugInfo(true, /*prettyForm=*/false).useLocalScope();
    (*module)->print(stream, flags);
  }
  return result;
}

inline Imported importBytes(llvm::StringRef bytes,
                            std::vector<InputShape> shapes = {}) {
  ImportOptions options;
  options.shapes = std::move(shapes);
  options.modelName = "model";
  return collect([&](mlir::MLIRContext &context) {
    return onnx::importOnnx(MappedFile::view(bytes), "model.onnx", options,
                            context);
  });
}

inline Imported importPath(llvm::StringRef path, ImportOptions options = {}) {
  return collect([&](mlir::MLIRContext &context) {
    return importModel(path, options, context);
  });
}

} // namespace edgec::test

#endif // EDGEC_TEST_IMPORT_IMPORTTEXT_H
