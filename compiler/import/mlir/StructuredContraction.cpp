//===- StructuredContraction.cpp - matrix products in linalg --------------===//
//
// Whatever its name and its layouts, an operation that sums the products of two
// operands' elements is one batched matrix product between transposes, which
// fold into constants or cancel.
//
//   (b, m, n, k) -> sum a[b, k, m] * w[n, k]:
//     edge.matmul [b, m, k] [k, n] -> [b, m, n]
//
//===----------------------------------------------------------------------===//
#include "compiler/import/mlir/StructuredOperators.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace edgec;
using namespace edgec::structured;
using mlir::RankedTensorType;
using mlir::Value;

bool structured::isSumOfProducts(mlir::linalg::LinalgOp op) {
  std::optional<Combiner> combiner = findCombiner(op);
  if (!combiner || combiner->name != "arith.addf" || op.getNumDpsInputs() != 2)
    return false;
  auto product = combiner->element.getDefiningOp<mlir::arith::MulFOp>();
  Value a = op.getMatchingBlockArgument(op.getDpsInputOperand(0));
  Value b = op.getMatchingBlockArgument(op.getDpsInputOperand(1));
  return product && product->getBlock() == op.getBlock() &&
         ((product.getLhs() == a && product.getRhs() == b) ||
          (product.getLhs() == b && product.getRhs() == a));
}

bool structured::isFloat32(mlir::Operation *op) {
  return llvm::all_of(op->getOperandTypes(), [](mlir::Type type) {
    auto tensor = mlir::dyn_cast<RankedTensorType>(type);
    return tensor && tensor.getElementType().isF32();
  });
}

Value structured::convertContraction(Conversion &c, mlir::linalg::LinalgOp op) {
  if (!isSumOfProducts(op) || !isFloat32(op))
    return nullptr;
  auto lhs = plainLoops(op.getMatchingIndexingMap(op.getDpsInputOperand(0)));
  auto rhs = plainLoops(op.getMatchingIndexingMap(op.getDpsInputOperand(1)));
  auto out = plainLoops(op.getMatchingIndexingMap(op.getDpsInitOperand(0)));
  if (!lhs || !rhs || !out)
    return nullptr;
  Loops batch, rows, columns, summed;
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop) {
    bool inLhs = llvm::is_contained(*lhs, loop),
         inRhs = llvm::is_contained(*rhs, loop),
         inOut = llvm::is_contained(*out, loop);
    if (inLhs && inRhs)
      (inOut ? batch : summed).push_back(loop);
    else if (inLhs && inOut)
      rows.push_back(loop);
    else if (inRhs && inOut)
      columns.push_back(loop);
    else
      return nullptr;
  }
  if (summed.empty())
    return nullptr;
  llvm::SmallVector<Loops> left{batch, rows, summed},
      right{batch, summed, columns}, result{batch, rows, columns};
  if (batch.empty())
    for (auto *groups : {&left, &right, &result})
      groups->erase(groups->begin());
  Value product = c.make<edge::MatMulOp>(
      {gatherLoops(c, op.getDpsInputOperand(0)->get(), *lhs, left),
       gatherLoops(c, op.getDpsInputOperand(1)->get(), *rhs, right)});
  if (!product)
    return nullptr;
  product = scatterLoops(c, product, result, *out, op.getStaticLoopRanges());
  return addInit(c, op, "arith.addf", product);
}
