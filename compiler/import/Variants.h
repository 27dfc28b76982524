//===- Variants.h - one model for several sizes ----------------*- C++ -*-===//
//
// A model with ranges of sizes is one module with a public function for each
// combination of sizes. That of the largest bears the model's name; the others
// say whose variant they are:
//
//   func.func @m(%x: tensor<8x4xf32> {edge.name = "x"}) ...
//   func.func @m.1(%x: tensor<7x4xf32> {edge.name = "x"}) ...
//     attributes {edge.variant_of = @m}
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_VARIANTS_H
#define EDGEC_COMPILER_IMPORT_VARIANTS_H

#include "compiler/import/Import.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/ArrayRef.h"

namespace edgec {

/// Moves what `variant` holds into `model`, renamed by `number`. `sizes` are
/// its shapes, for messages. Fails with a diagnostic if the interfaces differ
/// in more than sizes, or if a tensor is larger than the model's.
mlir::LogicalResult addVariant(mlir::ModuleOp model, mlir::ModuleOp variant,
                               size_t number, llvm::ArrayRef<InputShape> sizes);

/// Bytes of the large constants of a model.
int64_t constantBytes(mlir::ModuleOp model);

/// Lets errors pass and drops the rest, which the first import has said.
class QuietWarnings {
public:
  explicit QuietWarnings(mlir::MLIRContext &context)
      : handler(&context, [](mlir::Diagnostic &diagnostic) {
          return mlir::success(diagnostic.getSeverity() !=
                               mlir::DiagnosticSeverity::Error);
        }) {}

private:
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace edgec

#endif // EDGEC_COMPILER_IMPORT_VARIANTS_H
