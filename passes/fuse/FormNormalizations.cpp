//===- FormNormalizations.cpp - a row's statistics as one operator --------===//
//
// Layer normalisation comes as seven operators, which would be five passes over
// a tensor in memory:
//
//   %m = edge.reduce_mean %x            %c = edge.sub %x, %m
//   %v = edge.reduce_mean (edge.mul %c, %c)
//   %d = edge.rsqrt (edge.add %v, epsilon)
//   edge.mul %c, %d                     becomes     edge.normalize %x
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Normalize.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "passes/fuse/Passes.h"
#include "passes/graph/NormalizedRows.h"

using namespace mlir;

namespace edgec {
#define GEN_PASS_DEF_FORMNORMALIZATIONS
#include "passes/fuse/Passes.h.inc"

namespace {
struct FormNormalizations : impl::FormNormalizationsBase<FormNormalizations> {
  void runOnOperation() override {
    SmallVector<edge::MulOp> products;
    getOperation().walk([&](edge::MulOp op) { products.push_back(op); });
    bool isAnyFormed = false;
    for (edge::MulOp product : products) {
      auto found = findNormalizedRows(product);
      if (!found)
        continue;
      replace(product, found->x, found->epsilon);
      isAnyFormed = true;
    }
    if (isAnyFormed)
      eraseDead();
  }

private:
  void replace(edge::MulOp product, Value x, float epsilon) {
    OpBuilder builder(product);
    product.replaceAllUsesWith(
        edge::NormalizeOp::create(builder, product.getLoc(), product.getType(),
                                  x, llvm::APFloat(epsilon))
            .getResult());
    ++numFormed;
  }

  /// What computed the statistics.
  void eraseDead() {
    for (Block &block : getOperation().getBody()) {
      for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
        if (isOpTriviallyDead(&op))
          op.erase();
    }
  }
};
} // namespace

} // namespace edgec
