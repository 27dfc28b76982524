//===- Constant.h - the elements of an ONNX tensor --------------*- C++ -*-===//
//
// A constant is its bytes: little-endian, row-major, and wherever possible a
// view into the mapped model or its external data, never a copy. This is also
// the form that the attribute of an edge.constant takes over.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_ONNX_CONSTANT_H
#define EDGEC_COMPILER_IMPORT_ONNX_CONSTANT_H

#include "compiler/import/Elements.h"
#include "compiler/import/MappedFile.h"
#include "compiler/import/onnx/OnnxModel.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringMap.h"

namespace edgec::onnx {

using ErrorFunction = llvm::function_ref<mlir::InFlightDiagnostic()>;

struct Constant {
  std::string name;
  DataType type = DataType::Undefined;
  llvm::SmallVector<int64_t, 4> shape;
  llvm::StringRef bytes;
  std::shared_ptr<const void> owner;
  /// 4-bit integers are read as bytes; what the file holds of them.
  DataType packed = DataType::Undefined;
};

/// The MLIR element type, or null for types that have none here (strings).
mlir::Type elementType(DataType type, mlir::MLIRContext *context);

/// Dense below 1 KB, else a resource that keeps the constant's owner alive.
mlir::ElementsAttr makeElements(const Constant &constant,
                                mlir::RankedTensorType type);

/// A constant of a type without elements.
Constant emptyConstant(mlir::RankedTensorType type);

/// Finds the bytes of tensors in the model file and in the files beside it.
class TensorSource {
public:
  /// `path` is the model's own; "-" has no folder and so no external data.
  TensorSource(MappedFile model, llvm::StringRef path)
      : model(std::move(model)), modelPath(path) {}

  /// Checks type, shape and size; `error` starts a diagnostic at the tensor.
  mlir::FailureOr<Constant> load(const Tensor &tensor, ErrorFunction error);

private:
  mlir::LogicalResult loadExternal(const Tensor &tensor, uint64_t sizeBytes,
                                   Constant &result, ErrorFunction error);
  mlir::FailureOr<MappedFile> openExternal(llvm::StringRef location,
                                           ErrorFunction error);

  MappedFile model;
  std::string modelPath;
  llvm::StringMap<MappedFile> opened;
};

} // namespace edgec::onnx

#endif // EDGEC_COMPILER_IMPORT_ONNX_CONSTANT_H
