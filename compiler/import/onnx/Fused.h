//===- Fused.h - importers that fused operators share -----------*- C++ -*-===//
//
// Parts of standard operators that those of com.microsoft are made of.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_ONNX_FUSED_H
#define EDGEC_COMPILER_IMPORT_ONNX_FUSED_H

#include "compiler/import/onnx/NodeImport.h"
#include "compiler/import/onnx/Window.h"

namespace edgec::onnx {

/// The box of size `size` at `offset` along one dimension.
mlir::Value sliceAlong(NodeImport &n, mlir::Value x, int64_t axis,
                       int64_t offset, int64_t size);

/// What Conv's attributes say.
struct ConvolutionForm {
  Window window;
  int64_t groups;
};
/// Those of a convolution of input 0 by the inputs `filter` and `bias`, which
/// may be absent, once their shapes fit.
std::optional<ConvolutionForm> readConvolution(NodeImport &n, unsigned filter,
                                               unsigned bias);
/// Conv of the node's first three operands.
mlir::Value makeConv(NodeImport &n);
/// alpha * A' * B' + beta * C, as Gemm's attributes say.
mlir::Value makeGemm(NodeImport &n);
/// A product of matrices.
using Multiplication =
    llvm::function_ref<mlir::Value(mlir::Value, mlir::Value)>;
/// MatMul of two values; a vector is a row on the left, a column on the right.
mlir::Value makeMatMul(NodeImport &n, mlir::Value lhs, mlir::Value rhs);
mlir::Value makeMatMul(NodeImport &n, mlir::Value lhs, mlir::Value rhs,
                       Multiplication multiply);

/// x - m - ln(sum(e^(x - m))) along the axis, m the largest x.
mlir::Value makeLogSoftmax(NodeImport &n, mlir::Value x, int64_t axis);

/// Exporters write it in the standard domain too.
void importSimplifiedLayerNormalization(NodeImport &n);

// FusedContraction.cpp
void importFusedConv(NodeImport &n);
void importFusedGemm(NodeImport &n);
void importFusedMatMul(NodeImport &n);

} // namespace edgec::onnx

#endif // EDGEC_COMPILER_IMPORT_ONNX_FUSED_H
