//===- Alternatives.h - one model made in several ways ---------*- C++ -*-===//
//
// An artifact can hold a model more than once: without its accelerators for
// runs in which one fails, before it was quantized, or as other files of the
// same interface (fewer channels, an earlier exit, another precision). A run
// chooses. In the module each is a public function with
// edge.alternative_of.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_ALTERNATIVES_H
#define EDGEC_COMPILER_ALTERNATIVES_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace edgec {

/// Another way to make the model.
struct AlternativeRequest {
  /// What a run calls it.
  std::string label;
  /// A model file with the same inputs and outputs; empty: the model itself
  /// before it is quantized or computed in another precision.
  std::string path;
};

/// A model on its way to become an alternative.
struct AlternativeModel {
  std::string label;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  /// The model as it is: on f32, whatever the precision is.
  bool isUnchanged = false;
};

/// The label of the alternative without accelerators.
inline constexpr llvm::StringLiteral cpuAlternative("cpu");

/// Refuses labels that are empty, reserved or there twice.
llvm::Error checkAlternatives(llvm::ArrayRef<AlternativeRequest> requests,
                              bool isChanged);

/// Moves the model of `other` into `module`. Fails with a diagnostic if the
/// interfaces differ or the model is compiled for a range of sizes.
mlir::LogicalResult addAlternative(mlir::ModuleOp module,
                                   AlternativeModel other);

/// Adds the model (its functions hold kernels) once more, for the processor
/// alone.
mlir::LogicalResult addCpuAlternative(mlir::ModuleOp module);

/// Takes that back if no region was formed: it would be the same.
void dropEqualCpuAlternative(mlir::ModuleOp module);

} // namespace edgec

#endif // EDGEC_COMPILER_ALTERNATIVES_H
