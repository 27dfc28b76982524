//===- MatmulOperators.cpp - MatMul and Gemm ------------------------------===//
//
// Gemm with constant weights becomes a fully_connected, whose filter is [N, K];
// without transB the constant is transposed, which the graph stage folds.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Einsum.h"
#include "compiler/import/onnx/Fused.h"
#include "compiler/import/onnx/Operators.h"

using namespace edgec;
using namespace edgec::onnx;
using mlir::Value;

Value onnx::makeMatMul(NodeImport &n, Value lhs, Value rhs) {
  return makeMatMul(n, lhs, rhs, [&](Value left, Value right) {
    return n.make<edge::MatMulOp>({left, right});
  });
}

Value onnx::makeMatMul(NodeImport &n, Value lhs, Value rhs,
                       Multiplication multiply) {
  if (!lhs || !rhs)
    return nullptr;
  auto shapeOf = [](Value value) {
    return mlir::cast<mlir::RankedTensorType>(value.getType()).getShape();
  };
  size_t lhsRank = shapeOf(lhs).size(), rhsRank = shapeOf(rhs).size();
  if (lhsRank == 0 || rhsRank == 0) {
    n.error() << "a scalar operand has no matrix product";
    return nullptr;
  }
  if (lhsRank == 1)
    lhs = n.reshape(lhs, {1, shapeOf(lhs)[0]});
  if (rhsRank == 1)
    rhs = n.reshape(rhs, {shapeOf(rhs)[0], 1});
  Value result = multiply(lhs, rhs);
  if (!result || (lhsRank > 1 && rhsRank > 1))
    return result;
  // The added dimension vanishes from the result.
  llvm::SmallVector<int64_t> shape(shapeOf(result));
  if (rhsRank == 1)
    shape.pop_back();
  if (lhsRank == 1)
    shape.erase(shape.end() - (rhsRank == 1 ? 1 : 2));
  return n.reshape(result, shape);
}

static void importMatMul(NodeImport &n) {
  n.set(0, makeMatMul(n, n.operand(0), n.operand(1)));
}

/// A constant, or what stored constants stand for.
static bool isWeight(NodeImport &n, unsigned index, Value value) {
  if (n.constant(index))
    return true;
  auto real = value ? value.getDefiningOp<edge::DequantizeOp>() : nullptr;
  auto stored = real ? real.getX().getDefiningOp<edge::BitcastOp>() : nullptr;
  return stored && stored.getX().getDefiningOp<edge::ConstantOp>();
}

static Value scale(NodeImport &n, Value value, float factor) {
  if (factor == 1.0F)
    return value;
  return n.make<edge::MulOp>({value, n.scalarLike(value, factor)});
}

/// alpha * A' * B' + beta * C
Value onnx::makeGemm(NodeImport &n) {
  float alpha = n.real("alpha", 1.0F), beta = n.real("beta", 1.0F);
  bool transA = n.flag("transA", false), transB = n.flag("transB", false);
  // Whether C may broadcast was said before opset 7; since then it may.
  if (n.opset < 7)
    n.ignore({"broadcast"});
  if (n.rank(0) != 2 || n.rank(1) != 2) {
    n.error() << "A and B must be matrices, not of shapes "
              << shapeText(n.shape(0)) << " and " << shapeText(n.shape(1));
    return nullptr;
  }
  int64_t k = n.shape(0)[transA ? 0 : 1], kOfB = n.shape(1)[transB ? 1 : 0];
  if (k != kOfB) {
    n.error() << "A of shape " << shapeText(n.shape(0)) << " and B of shape "
              << shapeText(n.shape(1))
              << " have different inner dimensions: " << k << " and " << kOfB;
    return nullptr;
  }
  Value a = n.operand(0), b = n.operand(1);
  if (transA)
    a = n.transpose(a, {1, 0});
  if (!isWeight(n, 1, b)) {
    b = transB ? n.transpose(b, {1, 0}) : b;
    Value product = scale(n, n.make<edge::MatMulOp>({a, b}), alpha);
    if (n.hasInput(2) && beta != 0)
      product = n.make<edge::AddOp>({product, scale(n, n.operand(2), beta)});
    return product;
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
  return product;
}

static void importGemm(NodeImport &n) { n.set(0, makeGemm(n)); }

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
      {"Einsum", {12, 12}, 1, anyNumber, importEinsum, nullptr, types::numbers},
  };
  return rows;
}
