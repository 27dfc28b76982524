//===- LowerTosa.cpp - TOSA operators that upstream writes in linalg ------===//
//
// Operators without a counterpart in edge go the way that MLIR itself has for
// them, tosa-to-linalg, and then through the linalg door. Which they are stands
// in the lists below; nothing else is touched.
//
//   tosa.table  =>  linalg.generic { tensor.extract }  =>  edge.generic
//
//===----------------------------------------------------------------------===//
#include "compiler/import/mlir/Passes.h"
#include "mlir/Conversion/TosaToArith/TosaToArith.h"
#include "mlir/Conversion/TosaToLinalg/TosaToLinalg.h"
#include "mlir/Conversion/TosaToTensor/TosaToTensor.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Tosa/Transforms/Passes.h"
#include "mlir/Transforms/DialectConversion.h"

using namespace edgec;
using mlir::LogicalResult;
using mlir::Operation;
using mlir::success;

/// Whatever their element types.
static constexpr llvm::StringLiteral always[] = {
    "tosa.apply_scale", "tosa.clz",        "tosa.logical_right_shift",
    "tosa.reduce_all",  "tosa.reduce_any", "tosa.resize",
    "tosa.table",
};

/// Where the elements are integers that TosaInteger.cpp has no form for; the
/// rows of convertTosa are for floats.
static constexpr llvm::StringLiteral onIntegers[] = {
    "tosa.avg_pool2d",     "tosa.clamp",
    "tosa.conv2d",         "tosa.depthwise_conv2d",
    "tosa.matmul",         "tosa.max_pool2d",
    "tosa.negate",         "tosa.pad",
    "tosa.reduce_max",     "tosa.reduce_min",
    "tosa.reduce_product", "tosa.reduce_sum",
    "tosa.rescale",
};

llvm::ArrayRef<llvm::StringLiteral> edgec::tosaInLinalg() { return always; }

bool edgec::isTosaInLinalgOnIntegers(llvm::StringRef name) {
  return llvm::is_contained(onIntegers, name);
}

bool edgec::isTosaInLinalg(Operation *op) {
  llvm::StringRef name = op->getName().getStringRef();
  if (hasIntegerForm(op))
    return false;
  if (llvm::is_contained(always, name))
    return true;
  return isTosaInLinalgOnIntegers(name) &&
         mlir::getElementTypeOrSelf(op->getOperand(0).getType())
             .isSignlessInteger();
}

LogicalResult edgec::lowerTosa(mlir::func::FuncOp function) {
  if (!llvm::any_of(function.getBody().front(),
                    [](Operation &op) { return isTosaInLinalg(&op); }))
    return success();
  mlir::MLIRContext *context = function.getContext();
  context->loadDialect<mlir::linalg::LinalgDialect, mlir::math::MathDialect,
                       mlir::tensor::TensorDialect>();
  mlir::TypeConverter types;
  mlir::tosa::populateTosaTypeConversion(types);
  mlir::RewritePatternSet patterns(context);
  mlir::tosa::populateTosaToLinalgConversionPatterns(types, &patterns);
  mlir::tosa::populateTosaToLinalgNamedConversionPatterns(types, &patterns, {});
  mlir::tosa::populateTosaToTensorConversionPatterns(types, &patterns);
  mlir::tosa::populateTosaToArithConversionPatterns(&patterns);
  mlir::tosa::populateTosaRescaleToArithConversionPatterns(&patterns);
  mlir::ConversionTarget target(*context);
  target.markUnknownOpDynamicallyLegal(
      [](Operation *op) { return !isTosaInLinalg(op); });
  return mlir::applyPartialConversion(function, target, std::move(patterns));
}
