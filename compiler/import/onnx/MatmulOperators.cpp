//===- MatmulOperators.cpp - MatMul and Gemm ------------------------------===//
//
// Gemm with constant weights becomes a fully_connected, whose filter is [N, K];
// without transB the constant is transposed, which the graph stage folds.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Operators.h"

using namespace edgec;
using namespace edgec::onnx;
using mlir::Value;

/// A 1-D operand is a row on the left and a column on the right; the added
/// dimension vanishes from the result.
static void importMatMul(NodeImport &n) {
  Value lhs = n.operand(0), rhs = n.operand(1);
  int64_t lhsRank = n.rank(0), rhsRank = n.rank(1);
  if (lhsRank == 0 || rhsRank == 0) {
    n.error() << "a scalar operand has no matrix product";
    return;
  }
  if (lhsRank == 1)
    lhs = n.reshape(lhs, {1, n.shape(0)[0]});
  if (rhsRank == 1)
    rhs = n.reshape(rhs, {n.shape(1)[0], 1});
  Value result = n.make<edge::MatMulOp>({lhs, rhs});
  if (!result || (lhsRank > 1 && rhsRank > 1))
    return n.set(0, result);
  auto type = mlir::cast<mlir::RankedTensorType>(result.getType());
  llvm::SmallVector<int64_t> shape(type.getShape());
  if (rhsRank == 1)
    shape.pop_back();
  if (lhsRank == 1)
    shape.erase(shape.end() - (rhsRank == 1 ? 1 : 2));
  n.set(0, n.reshape(result, shape));
}

static Value scale(NodeImport &n, Value value, float factor) {
  if (factor == 1.0F)
    return value;
  return n.make<edge::MulOp>({value, n.splat(factor)});
}

/// alpha * A' * B' + beta * C
static void importGemm(NodeImport &n) {
  float alpha = n.real("alpha", 1.0F), beta = n.real("beta", 1.0F);
  bool transA = n.flag("transA", false), transB = n.flag("transB", false);
  // Whether C may broadcast was said before opset 7; since then it may.
  if (n.opset < 7)
    n.ignore({"broadcast"});
  if (n.rank(0) != 2 || n.rank(1) != 2) {
    n.error() << "A and B must be matrices, not of shapes "
              << shapeText(n.shape(0)) << " and " << shapeText(n.shape(1));
    return;
  }
  int64_t k = n.shape(0)[transA ? 0 : 1], kOfB = n.shape(1)[transB ? 1 : 0];
  if (k != kOfB) {
    n.error() << "A of shape " << shapeText(n.shape(0)) << " and B of shape "
              << shapeText(n.shape(1))
              << " have different inner dimensions: " << k << " and " << kOfB;
    return;
  }
  Value a = n.operand(0), b = n.operand(1);
  if (transA)
    a = n.transpose(a, {1, 0});
  if (!n.constant(1)) {
    b = transB ? n.transpose(b, {1, 0}) : b;
    Value product = scale(n, n.make<edge::MatMulOp>({a, b}), alpha);
    if (n.hasInput(2) && beta != 0)
      product = n.make<edge::AddOp>({product, scale(n, n.operand(2), beta)});
    return n.set(0, product);
  }
  b = transB ? b : n.transpose(b, {1, 0});
  int64_t columns = n.shape(1)[transB ? 0 : 1];
  bool isBias = n.hasInput(2) && alpha == 1.0F && beta == 1.0F &&
                n.type(2).getNumElements() == columns && n.rank(2) >= 1 &&
                n.shape(2).back() == columns;
  llvm::SmallVector<Value, 3> operands = {a, b};
  if (isBias)
    operands.push_back(n.reshape(n.operand(2), {columns}));
  Value product = scale(n, n.make<edge::FullyConnectedOp>(operands), alpha);
  if (n.hasInput(2) && !isBias && beta != 0)
    product = n.make<edge::AddOp>({product, scale(n, n.operand(2), beta)});
  n.set(0, product);
}

llvm::ArrayRef<Operator> onnx::matmulOperators() {
  static constexpr Operator rows[] = {
      {"MatMul", {1, 13}, 2, 2, importMatMul, nullptr, types::numbers},
      {"Gemm",
       {1, 13},
       2,
       3,
       importGemm,
       nullptr,
       types::numbers,
       "C with attribute broadcast before 7"},
  };
  return rows;
}
