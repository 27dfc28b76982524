//===- TosaOperators.h - the table of TOSA operators ------------*- C++ -*-===//
//
// One row per operator, in the files of their families, as for ONNX.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_MLIR_TOSAOPERATORS_H
#define EDGEC_COMPILER_IMPORT_MLIR_TOSAOPERATORS_H

#include "dialects/edge/Edge.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/Builders.h"

namespace edgec::tosa {

struct TosaOperator {
  llvm::StringLiteral name;
  /// The value that replaces the op's result, built where the op stands; null
  /// after an error at the op.
  mlir::Value (*convert)(mlir::Operation *op, mlir::OpBuilder &builder);
};

llvm::ArrayRef<TosaOperator> contractionOperators();
llvm::ArrayRef<TosaOperator> elementwiseOperators();
llvm::ArrayRef<TosaOperator> indexingOperators();
llvm::ArrayRef<TosaOperator> shapeOperators();
llvm::ArrayRef<TosaOperator> spatialOperators();
/// Of operators on integers for which hasIntegerForm holds; they come before
/// the rows of the same name.
llvm::ArrayRef<TosaOperator> integerOperators();

struct ConvolutionWindow {
  llvm::SmallVector<int64_t, 4> strides, pads, dilations;
  int64_t groups;
};
/// The sums of a convolution of bytes, for which hasIntegerForm holds.
mlir::Value convolveIntegers(mlir::Operation *op, mlir::OpBuilder &builder,
                             mlir::RankedTensorType type, mlir::Value filter,
                             mlir::Value bias, const ConvolutionWindow &window);

/// An edge op in the place of `op`, with its location.
template <typename OpT>
mlir::Value replacement(mlir::OpBuilder &builder, mlir::Operation *op,
                        mlir::Type type, mlir::ValueRange operands,
                        llvm::ArrayRef<mlir::NamedAttribute> attributes = {}) {
  return OpT::create(builder, op->getLoc(), mlir::TypeRange(type), operands,
                     attributes)
      ->getResult(0);
}

inline mlir::NamedAttribute list(mlir::OpBuilder &builder, llvm::StringRef name,
                                 llvm::ArrayRef<int64_t> elements) {
  return builder.getNamedAttr(name, builder.getDenseI64ArrayAttr(elements));
}

} // namespace edgec::tosa

#endif // EDGEC_COMPILER_IMPORT_MLIR_TOSAOPERATORS_H
