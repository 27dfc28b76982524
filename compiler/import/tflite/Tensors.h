//===- Tensors.h - types and constants of TFLite tensors --------*- C++ -*-===//
//
// What a tensor of the file is in MLIR: its type, with !quant.uniform where it
// is quantized, and its constant data as an attribute. Plain data stays in the
// mapped file; sparse and 4-bit data is decoded, float16 and quantized weights
// are converted to float32 where an operator computes with floats.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_TFLITE_TENSORS_H
#define EDGEC_COMPILER_IMPORT_TFLITE_TENSORS_H

#include "compiler/import/tflite/Model.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"

namespace edgec::tflite {

using ErrorFunction = llvm::function_ref<mlir::InFlightDiagnostic()>;

/// "float32", "int8", ...
std::string elementTypeName(schema::ElementType type);

/// The MLIR element type, or null for types that have none here (strings,
/// complex numbers, resources).
mlir::Type elementType(schema::ElementType type, mlir::MLIRContext *context);

/// Whether the tensor's integers stand for real numbers.
bool isQuantized(const schema::Tensor &tensor);

/// The dimension that a quantized tensor's scales go along. A list has only
/// one: some converters give biases their filter's.
int32_t quantizedDimension(const schema::Tensor &tensor);

/// The tensor's type: quantized tensors have quant types. Their scales are
/// checked (GraphImport::checkScales).
mlir::FailureOr<mlir::RankedTensorType> tensorType(const schema::Tensor &tensor,
                                                   mlir::MLIRContext *context,
                                                   ErrorFunction error);

/// The type of what is stored: quantized elements become plain integers.
mlir::RankedTensorType storedType(mlir::RankedTensorType type);

/// Reads constants. Decoding makes a constant larger than its bytes in the
/// file, so the sum of what is decoded is bounded.
class ConstantReader {
public:
  explicit ConstantReader(const Model &model);

  /// The constant data as it is stored: of a quantized tensor the integers.
  mlir::FailureOr<mlir::ElementsAttr> read(const schema::Tensor &tensor,
                                           mlir::MLIRContext *context,
                                           ErrorFunction error);
  /// The same numbers as float32, from float16 or from quantized integers.
  mlir::FailureOr<mlir::ElementsAttr> toFloat(mlir::ElementsAttr stored,
                                              mlir::RankedTensorType type,
                                              llvm::StringRef name,
                                              ErrorFunction error);

private:
  /// `sizeBytes` zeros, if that is within what may be decoded.
  std::shared_ptr<std::string> allocate(uint64_t sizeBytes,
                                        ErrorFunction error);

  const Model &model;
  uint64_t remainingBytes;
};

/// The bytes behind an attribute of `makeElements`.
llvm::ArrayRef<char> rawBytes(mlir::ElementsAttr elements);

/// Decodes the elements of a sparse tensor into `dense`, which holds zeros; the
/// reason if they contradict the tensor's shape.
std::optional<std::string> decodeSparse(const schema::Tensor &tensor,
                                        llvm::StringRef stored,
                                        unsigned elementBytes,
                                        llvm::MutableArrayRef<char> dense);

} // namespace edgec::tflite

#endif // EDGEC_COMPILER_IMPORT_TFLITE_TENSORS_H
