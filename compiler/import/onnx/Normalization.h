//===- Normalization.h - the pieces of layer norms --------------*- C++ -*-===//
//
// Shared by the standard norms and the fused ones of com.microsoft. Halves are
// widened to float32 before and narrowed after.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_ONNX_NORMALIZATION_H
#define EDGEC_COMPILER_IMPORT_ONNX_NORMALIZATION_H

#include "compiler/import/onnx/NodeImport.h"

namespace edgec::onnx {

/// float16 and bfloat16 as float32, others as they are.
mlir::Value widen(NodeImport &n, mlir::Value value);
/// In the element type of input `index`.
mlir::Value narrow(NodeImport &n, mlir::Value value, unsigned index);

struct Normalized {
  mlir::Value mean, inverseDeviation, result;
};

/// (x - mean) / sqrt(variance + epsilon) over `axes`.
Normalized normalize(NodeImport &n, mlir::Value x, llvm::ArrayRef<int64_t> axes,
                     float epsilon);

/// x / sqrt(mean(x * x) + epsilon) over `axes`; `inverse` becomes the factor.
mlir::Value normalizeRootMeanSquare(NodeImport &n, mlir::Value x,
                                    llvm::ArrayRef<int64_t> axes, float epsilon,
                                    mlir::Value *inverse = nullptr);

} // namespace edgec::onnx

#endif // EDGEC_COMPILER_IMPORT_ONNX_NORMALIZATION_H
