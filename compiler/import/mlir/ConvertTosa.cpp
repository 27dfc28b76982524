//===- ConvertTosa.cpp - TOSA 1.0 to edge ---------------------------------===//
//
//   %r = tosa.add %a, %b : ...    =>    %r = edge.add %a, %b : ...
//
// One walk from top to bottom: operands are converted before their users, so no
// conversion framework is needed. Nothing is changed unless all can be.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/mlir/Passes.h"
#include "compiler/import/mlir/TosaOperators.h"

namespace edgec {
#define GEN_PASS_DEF_CONVERTTOSA
#include "compiler/import/mlir/Passes.h.inc"
} // namespace edgec

using namespace edgec;
using mlir::failure;
using mlir::LogicalResult;
using mlir::Operation;
using mlir::success;

static const tosa::TosaOperator *findOperator(Operation *op) {
  llvm::StringRef name = op->getName().getStringRef();
  if (hasIntegerForm(op)) {
    for (const tosa::TosaOperator &row : tosa::integerOperators())
      if (row.name == name)
        return &row;
  }
  for (auto rows : {tosa::contractionOperators(), tosa::elementwiseOperators(),
                    tosa::indexingOperators(), tosa::shapeOperators(),
                    tosa::spatialOperators()}) {
    for (const tosa::TosaOperator &row : rows)
      if (row.name == name)
        return &row;
  }
  return nullptr;
}

bool edgec::isTosaOperator(Operation *op) {
  llvm::StringRef name = op->getName().getStringRef();
  return name == "tosa.const_shape" || findOperator(op);
}

static llvm::StringRef remedyFor(llvm::StringRef name) {
  if (name == "tosa.rescale")
    return "; make its multiplier, shift and zero points constants";
  if (name == "tosa.cond_if" || name == "tosa.while_loop")
    return "; control flow is not supported yet, export without it";
  if (name.ends_with("_shape"))
    return "; only constant shapes are, fold the shape arithmetic first";
  return "; write it with supported operators";
}

static bool isStatic(mlir::Type type) {
  auto tensor = mlir::dyn_cast<mlir::RankedTensorType>(type);
  return tensor && tensor.hasStaticShape();
}

/// One operator: it has a row, and its result a static shape.
static LogicalResult checkOperator(Operation *op) {
  llvm::StringRef name = op->getName().getStringRef();
  llvm::StringRef dialect = op->getName().getDialectNamespace();
  if (dialect != "tosa" || name == "tosa.const_shape")
    return success();
  if (!findOperator(op))
    return op->emitError() << "'" << name << "' is not supported yet"
                           << remedyFor(name);
  for (mlir::Type type : op->getResultTypes()) {
    if (!isStatic(type)) {
      return op->emitError()
             << "its result " << type
             << " has no static shape; run tosa-infer-shapes on "
                "a model with static inputs";
    }
  }
  return success();
}

/// Every operator without a counterpart, and every type that is not static.
static LogicalResult checkFunction(mlir::func::FuncOp function) {
  if (!function.getBody().hasOneBlock())
    return function.emitError() << "a model is one function of one block";
  bool ok = true;
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes())) {
    if (mlir::isa<mlir::TensorType>(type) && !isStatic(type)) {
      ok = false;
      function.emitError() << "argument " << index << " is " << type
                           << "; give it a static shape in the file";
    }
  }
  for (Operation &op : function.getBody().front())
    ok &= succeeded(checkOperator(&op));
  return success(ok);
}

mlir::FailureOr<int64_t> edgec::convertTosa(mlir::func::FuncOp function) {
  if (failed(checkFunction(function)))
    return failure();
  mlir::OpBuilder builder(function.getContext());
  llvm::SmallVector<Operation *> replaced;
  bool ok = true;
  for (Operation &op : llvm::make_early_inc_range(function.getBody().front())) {
    bool isShape = op.getName().getStringRef() == "tosa.const_shape";
    const tosa::TosaOperator *row = findOperator(&op);
    if (isShape || row)
      replaced.push_back(&op);
    if (!row)
      continue;
    builder.setInsertionPoint(&op);
    mlir::Value value = row->convert(&op, builder);
    ok &= value != nullptr;
    if (value)
      op.getResult(0).replaceAllUsesWith(value);
  }
  if (!ok)
    return failure();
  for (Operation *op : llvm::reverse(replaced))
    op->erase();
  // Zero points and shifts have lost their only users.
  for (Operation &op : llvm::make_early_inc_range(function.getBody().front()))
    if (mlir::isa<edge::ConstantOp>(op) && op.use_empty())
      op.erase();
  return static_cast<int64_t>(replaced.size());
}

namespace {
struct ConvertTosa : edgec::impl::ConvertTosaBase<ConvertTosa> {
  void runOnOperation() override {
    auto count = convertTosa(getOperation());
    if (failed(count))
      return signalPassFailure();
    numConverted += *count;
  }
};
} // namespace
