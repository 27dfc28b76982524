//===- ConvertStructured.cpp - linalg, tensor, arith, math to edge --------===//
//
//   %r = linalg.matmul ins(%a, %b) outs(%zero)   =>   %r = edge.matmul %a, %b
//
// One walk from top to bottom, as for TOSA. What stands in the regions of an
// operation is its own affair.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/mlir/Passes.h"
#include "compiler/import/mlir/StructuredOperators.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace edgec {
#define GEN_PASS_DEF_CONVERTSTRUCTURED
#include "compiler/import/mlir/Passes.h.inc"
} // namespace edgec

using namespace edgec;
using mlir::failure;
using mlir::LogicalResult;
using mlir::Operation;
using mlir::success;

using Convert = structured::Converted (*)(structured::Conversion &);

static bool isScalarDialect(Operation *op) {
  return mlir::isa_and_nonnull<mlir::arith::ArithDialect,
                               mlir::math::MathDialect>(op->getDialect());
}

/// Of arith and math: the same on every element, one result, no region.
static bool isElementwise(Operation *op) {
  return isScalarDialect(op) && op->getNumResults() == 1 &&
         op->getNumRegions() == 0 && op->getNumOperands() > 0;
}

static Convert findConversion(Operation *op) {
  for (const structured::StructuredOperator &row :
       structured::tensorOperators())
    if (row.name == op->getName().getStringRef())
      return row.convert;
  if (mlir::isa<mlir::linalg::LinalgOp>(op))
    return structured::convertLoops;
  return isElementwise(op) ? structured::convertElementwise : nullptr;
}

static bool isPack(Operation *op) {
  return mlir::isa<mlir::linalg::PackOp, mlir::linalg::UnPackOp>(op);
}

bool edgec::isStructured(Operation *op) {
  return isPack(op) || findConversion(op);
}

/// Packing is a pad, a reshape and a transpose, as upstream writes it.
static LogicalResult lowerPacks(mlir::Block &block) {
  bool ok = true;
  for (Operation &op : llvm::make_early_inc_range(block)) {
    mlir::IRRewriter rewriter(&op);
    bool isLowered = true;
    if (auto pack = mlir::dyn_cast<mlir::linalg::PackOp>(op))
      isLowered = succeeded(mlir::linalg::lowerPack(rewriter, pack));
    else if (auto unpack = mlir::dyn_cast<mlir::linalg::UnPackOp>(op))
      isLowered = succeeded(mlir::linalg::lowerUnPack(rewriter, unpack));
    if (isLowered)
      continue;
    ok = false;
    op.emitError() << "its tiles are not known; pack with constant tiles and "
                      "static shapes";
  }
  return success(ok);
}

/// Values in the place of the operation's results.
static void replaceResults(Operation *op,
                           const structured::Converted &converted,
                           structured::Scalars &scalars) {
  for (auto [result, value] : llvm::zip_equal(op->getResults(), converted)) {
    if (mlir::isa<mlir::TensorType>(result.getType()))
      result.replaceAllUsesWith(value);
    else
      scalars[result] = value;
  }
}

/// What conversions made and did not use, and constants that were folded in.
static void eraseUnused(mlir::Block &block) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (mlir::isOpTriviallyDead(&op))
      op.erase();
}

/// Every operation that is to be converted, so that all are reported.
static LogicalResult checkShapes(mlir::Block &block) {
  bool ok = true;
  for (Operation &op : block) {
    if (!isStructured(&op))
      continue;
    for (mlir::Type type : op.getResultTypes()) {
      auto tensor = mlir::dyn_cast<mlir::TensorType>(type);
      if (!tensor || tensor.hasStaticShape())
        continue;
      ok = false;
      op.emitError() << "its result " << type
                     << " has no static shape; write the model for inputs of "
                        "static shape";
    }
  }
  return success(ok);
}

mlir::FailureOr<int64_t> edgec::convertStructured(mlir::func::FuncOp function) {
  if (failed(checkShapes(function.getBody().front())) ||
      failed(lowerPacks(function.getBody().front())))
    return failure();
  mlir::OpBuilder builder(function.getContext());
  structured::Scalars scalars;
  llvm::SmallVector<Operation *> replaced;
  mlir::Block &block = function.getBody().front();
  bool ok = true;
  for (Operation &op : llvm::make_early_inc_range(block)) {
    Convert convert = findConversion(&op);
    if (!convert)
      continue;
    builder.setInsertionPoint(&op);
    structured::Conversion conversion(builder, &op, scalars);
    structured::Converted values = convert(conversion);
    if (values.size() != op.getNumResults() ||
        llvm::is_contained(values, mlir::Value())) {
      ok = false;
      // Something to go on with: only the first fault is to be reported.
      for (mlir::Value result : op.getResults()) {
        if (!mlir::isa<mlir::TensorType>(result.getType()))
          scalars[result] =
              conversion.splatOf(conversion.typeOf(result.getType()), 0.0);
      }
      continue;
    }
    replaceResults(&op, values, scalars);
    replaced.push_back(&op);
  }
  if (!ok)
    return failure();
  for (Operation *op : llvm::reverse(replaced))
    op->erase();
  eraseUnused(block);
  return static_cast<int64_t>(replaced.size());
}

namespace {
struct ConvertStructured
    : edgec::impl::ConvertStructuredBase<ConvertStructured> {
  void runOnOperation() override {
    if (!getOperation().getBody().hasOneBlock())
      return;
    auto count = convertStructured(getOperation());
    if (failed(count))
      return signalPassFailure();
    numConverted += *count;
  }
};
} // namespace
