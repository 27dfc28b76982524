//===- Quantization.h - scales and zero points of ONNX tensors --*- C++ -*-===//
//
// ONNX gives what stored integers stand for as inputs of the operators that
// convert them: scale * (q - zero point), one of each per tensor, per slice
// along an axis, or per block of one. Where they are constant, as converters
// write them, they go into the type of edge.quantize and edge.dequantize, which
// edge-fuse-quantization turns into integer arithmetic; otherwise the
// conversions are written out.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_ONNX_QUANTIZATION_H
#define EDGEC_COMPILER_IMPORT_ONNX_QUANTIZATION_H

#include "compiler/import/onnx/NodeImport.h"

namespace edgec::onnx {

/// Where a node has the scale and the zero point of a tensor.
struct QuantizationInputs {
  unsigned scale, zeroPoint;
  /// What several scales lie along, and how many slices share one.
  int64_t axis = 0, block = 1;
};

/// What the stored numbers of a tensor stand for.
struct Quantization {
  /// f32, broadcasting to the tensor; the zero point is null where it is 0.
  mlir::Value scale, zeroPoint;
  /// The elements that are stored.
  mlir::Type element;
  /// Where both are constant: one number, or one per slice along `axis`.
  llvm::SmallVector<float> scales;
  llvm::SmallVector<int64_t> zeroPoints;
  int64_t axis = 0;

  bool isKnown() const { return !scales.empty(); }
  /// The one zero point, if it is known.
  std::optional<int64_t> knownZeroPoint() const;
};

/// The quantization of a tensor of this shape. Faults are reported: a scale
/// that is not finite and positive, a zero point of another type or shape,
/// scales that do not fit the shape.
std::optional<Quantization> readQuantization(NodeImport &n,
                                             QuantizationInputs inputs,
                                             llvm::ArrayRef<int64_t> shape,
                                             mlir::Type element);

/// The real numbers (f32) that x stands for.
mlir::Value dequantize(NodeImport &n, mlir::Value x, const Quantization &q);
/// The numbers next to x (f32), halves to even, that are stored for it.
mlir::Value quantize(NodeImport &n, mlir::Value x, const Quantization &q);
/// The same of x * scale of x (i32 or f32) that is known by its product with
/// 1 / scale of the result.
mlir::Value requantize(NodeImport &n, mlir::Value x, mlir::Value factor,
                       const Quantization &q);

/// False after an error: elements other than integers of 8 or 16 bits.
bool checkStored(NodeImport &n, mlir::Type element, llvm::StringRef what);

} // namespace edgec::onnx

#endif // EDGEC_COMPILER_IMPORT_ONNX_QUANTIZATION_H
