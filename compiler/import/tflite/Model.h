//===- Model.h - an intact TFLite file --------------------------*- C++ -*-===//
//
// A FlatBuffer is read where it lies, so everything in it is checked before
// anything is used: first its structure (every offset, vector and string), then
// every index from one table into another, every shape and every buffer. Behind
// readModel the importer may follow any of them.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_TFLITE_MODEL_H
#define EDGEC_COMPILER_IMPORT_TFLITE_MODEL_H

#include "compiler/import/MappedFile.h"
#include "compiler/import/tflite/schema_generated.h"
#include "mlir/IR/Diagnostics.h"

namespace edgec::tflite {

/// Starts a diagnostic at the file.
using FileError = llvm::function_ref<mlir::InFlightDiagnostic()>;

/// Bounds on what one file may hold; no model known to us comes near them.
struct Limits {
  static constexpr uint64_t verifiedBytes = (uint64_t(1) << 31) - 2;
  static constexpr unsigned tables = 1'000'000;
  static constexpr unsigned nesting = 16;
  static constexpr uint64_t operands = 1'000'000;
  static constexpr unsigned rank = 8;
};

/// What an operator code stands for.
struct OperatorKind {
  schema::Builtin code = schema::Builtin::CUSTOM;
  /// Of a custom operator.
  llvm::StringRef customName;
  int version = 1;

  bool isCustom() const { return code == schema::Builtin::CUSTOM; }
  /// "CONV_2D", the custom operator's name, or "operator 300".
  std::string name() const;
};

class Model {
public:
  Model(MappedFile file, const schema::Model *root)
      : mapped(std::move(file)), root(root) {}

  const MappedFile &file() const { return mapped; }
  const schema::Model *operator->() const { return root; }

  const schema::SubGraph &subgraph(unsigned index) const {
    return *root->subgraphs()->Get(index);
  }
  OperatorKind kind(const schema::Operator &op) const;
  /// The constant data of a tensor; empty if it has none.
  llvm::StringRef data(const schema::Tensor &tensor) const;
  llvm::StringRef customOptions(const schema::Operator &op) const;

private:
  friend class ModelChecks;
  /// `inside`, or the part of the file that offset and size name.
  llvm::StringRef bytes(const flatbuffers::Vector<uint8_t> *inside,
                        uint64_t offset, uint64_t sizeBytes) const;

  MappedFile mapped;
  const schema::Model *root;
};

/// A string of the file; empty where it has none.
llvm::StringRef text(const flatbuffers::String *string);

/// The elements of a vector of the file; none where it is absent.
template <typename T>
llvm::ArrayRef<T> list(const flatbuffers::Vector<T> *vector) {
  return vector ? llvm::ArrayRef<T>(vector->data(), vector->size())
                : llvm::ArrayRef<T>();
}

/// The number of elements of a vector that may be absent.
template <typename T> unsigned count(const flatbuffers::Vector<T> *vector) {
  return vector ? vector->size() : 0;
}

mlir::FailureOr<Model> readModel(const MappedFile &file, FileError error);

} // namespace edgec::tflite

#endif // EDGEC_COMPILER_IMPORT_TFLITE_MODEL_H
