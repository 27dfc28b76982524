//===- Import.h - the front doors of the compiler --------------*- C++ -*-===//
//
// Reads a model file and gives its graph in the edge dialect. The format is
// told by the file's content, never by its name. Every problem of the input is
// a diagnostic at the model's own location; nothing here exits, aborts or
// asserts on what a file contains.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_IMPORT_H
#define EDGEC_COMPILER_IMPORT_IMPORT_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Error.h"
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace edgec {

/// The shape that the user gave for one input: `-shape=INPUT=1x3x224x224`, or
/// with ranges of sizes: `-shape=INPUT=1..8x3x224x224`.
struct InputShape {
  std::string input;
  /// The sizes; of a range, the largest.
  std::vector<int64_t> dimensions;
  /// Per dimension the smallest size; empty if none is a range.
  std::vector<int64_t> least = {};

  bool isFixed() const { return least.empty(); }
};

class ImportExtensions;

/// How integer results are rounded when they are rescaled.
enum class Requantize {
  /// as the format's reference does; TFLite: doubleRounding
  asReference,
  doubleRounding,
  singleRounding,
  /// a float product to the nearest whole number, ties to even
  halfEven,
};

struct ImportOptions {
  /// Fixes dynamic dimensions; an input that the model lacks is an error. With
  /// ranges, the model is imported once for each combination of sizes.
  std::vector<InputShape> shapes;
  /// The name of the model's symbol, made a C identifier; empty: from the path.
  std::string modelName;
  /// Operators beyond our tables, or null.
  std::shared_ptr<const ImportExtensions> extensions;
  /// Called for each operator of the model, as the model calls it ("Conv",
  /// "com.microsoft.Gelu", "tosa.conv2d"), before any of them is imported.
  std::function<void(llvm::StringRef op, mlir::Location where)> onOperator;
  /// Of operators on quantized integers.
  Requantize requantize = Requantize::asReference;
  /// The signature of a TFLite model to compile; empty: its first graph.
  std::string signature;
};

/// Reads `INPUT=1x3x224x224` or `INPUT=1..8x3x224x224`; the error says what is
/// wrong with it.
llvm::Expected<InputShape> parseInputShape(llvm::StringRef text);

/// A C identifier that resembles `name`:
/// other characters become '_', and a leading digit is preceded by "model_".
std::string makeIdentifier(llvm::StringRef name);

/// Imports the model at `path` ("-" is standard input). The module holds one
/// public function of edge ops, named `modelName`, whose arguments and results
/// carry the model's own names as `edge.name`; with ranges of sizes that of the
/// largest, and one for each other combination, marked by `edge.variant_of`.
/// Loads the dialects it needs into `context`. Constants of 1 KB and more are
/// `dense_resource` attributes over the mapped file: their data need not be
/// aligned, and they stay valid as long as `context` does. Not to be called
/// twice at once on one context.
mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>>
importModel(llvm::StringRef path, const ImportOptions &options,
            mlir::MLIRContext &context);

} // namespace edgec

#endif // EDGEC_COMPILER_IMPORT_IMPORT_H
