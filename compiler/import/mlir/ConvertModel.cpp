//===- ConvertModel.cpp - all of a module to edge -------------------------===//
//
// The order of the conversions: control flow first, which makes functions of
// regions, then TOSA, what of it upstream can write in linalg before the rest,
// then linalg and what comes with it. What no conversion knows is reported
// before anything is changed.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/mlir/Passes.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"

using namespace edgec;
using mlir::failure;
using mlir::LogicalResult;
using mlir::Operation;
using mlir::success;

static llvm::StringRef remedyFor(Operation *op) {
  llvm::StringRef name = op->getName().getStringRef();
  if (name.starts_with("tosa.variable"))
    return "keep the state in inputs and outputs of the model";
  if (name == "tosa.custom")
    return "write it with operators of TOSA or linalg";
  if (name.starts_with("tosa.") && name.ends_with("_shape"))
    return "only constant shapes are, fold the shape arithmetic first";
  if (name.starts_with("tosa."))
    return "write it with supported operators";
  if (name == "func.call")
    return "inline the function first, mlir-opt -inline does";
  return "a model is of the dialects edge, tosa and linalg, with tensor, "
         "arith, "
         "math and scf";
}

/// An operation of a block that becomes edge operators.
static bool isKnown(Operation &op) {
  return op.getName().getDialectNamespace() == "edge" ||
         op.hasTrait<mlir::OpTrait::IsTerminator>() || isTosaOperator(&op) ||
         isTosaInLinalg(&op) || isStructured(&op) || isControlFlow(&op);
}

/// Every operation that no conversion knows, those in branches and loops too;
/// what computes inside of an operation of linalg is that one's affair.
static LogicalResult checkOperators(mlir::Block &block) {
  bool ok = true;
  for (Operation &op : block) {
    if (isControlFlow(&op)) {
      for (mlir::Region &region : op.getRegions())
        for (mlir::Block &inner : region)
          ok &= succeeded(checkOperators(inner));
    }
    if (isKnown(op))
      continue;
    ok = false;
    op.emitError() << "'" << op.getName() << "' is not supported yet; "
                   << remedyFor(&op);
  }
  return success(ok);
}

LogicalResult edgec::convertModel(mlir::func::FuncOp model) {
  auto module = model->getParentOfType<mlir::ModuleOp>();
  llvm::SmallVector<mlir::func::FuncOp> given(
      module.getOps<mlir::func::FuncOp>());
  bool ok = true;
  for (mlir::func::FuncOp function : given)
    ok &= succeeded(checkOperators(function.getBody().front()));
  if (!ok)
    return failure();
  for (mlir::func::FuncOp function : given)
    if (failed(outlineControl(function)))
      return failure();
  for (auto function : module.getOps<mlir::func::FuncOp>())
    ok &= succeeded(lowerTosa(function)) && succeeded(convertTosa(function)) &&
          succeeded(convertStructured(function));
  return success(ok);
}
