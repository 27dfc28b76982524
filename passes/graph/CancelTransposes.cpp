//===- CancelTransposes.cpp - NCHW models become NHWC --------------------===//
//
// The importer puts a pair of transposes around each convolution of an NCHW
// model. Each of them sinks (SinkTranspose.cpp) until it meets its inverse and
// both vanish: sinking only ever moves down, so it comes to an end, and it
// needs no search for a layout. Two more places take transposes up: the
// weights behind a flattening, and reshapes.
//
//===----------------------------------------------------------------------===//
#include "passes/graph/ApplyPatterns.h"
#include "passes/graph/ConstantData.h"
#include "passes/graph/Passes.h"
#include "passes/graph/SinkTranspose.h"

using namespace mlir;

namespace edgec {
#define GEN_PASS_DEF_CANCELTRANSPOSES
#include "passes/graph/Passes.h.inc"

namespace {

/// Moving only dimensions of size 1 leaves the elements in order.
struct TransposeToReshape : OpRewritePattern<edge::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(edge::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    if (!keepsElementOrder(
            op.getPermutation(),
            cast<RankedTensorType>(op.getX().getType()).getShape()))
      return rewriter.notifyMatchFailure(op, "data moves");
    rewriter.replaceOpWithNewOp<edge::ReshapeOp>(op, op.getType(), op.getX());
    return success();
  }
};

/// fully_connected(reshape(transpose(x))) with constant weights: the weights'
/// columns take x's order, once and at compile time.
struct TransposeToWeights : OpRewritePattern<edge::FullyConnectedOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(edge::FullyConnectedOp op,
                                PatternRewriter &rewriter) const override {
    auto reshape = op.getInput().getDefiningOp<edge::ReshapeOp>();
    auto transpose =
        reshape ? reshape.getX().getDefiningOp<edge::TransposeOp>() : nullptr;
    auto weights = op.getFilter().getDefiningOp<edge::ConstantOp>();
    if (!transpose || !weights)
      return rewriter.notifyMatchFailure(op, "no transpose was flattened");
    ArrayRef<int64_t> permutation = transpose.getPermutation();
    auto flatType = cast<RankedTensorType>(reshape.getType());
    ArrayRef<int64_t> shape =
        cast<RankedTensorType>(transpose.getType()).getShape();
    auto first = findFlattened(permutation, shape, flatType.getShape());
    if (!first)
      return rewriter.notifyMatchFailure(op, "not a flattening of all that "
                                             "the transpose moves");
    // Columns in the order of the transposed tensor, then in x's order.
    int64_t rows = cast<RankedTensorType>(weights.getType()).getDimSize(0);
    SmallVector<int64_t> columns{rows}, order(permutation.size() - *first + 1);
    columns.append(shape.begin() + *first, shape.end());
    for (size_t d = *first; d < permutation.size(); ++d)
      order[permutation[d] - *first + 1] = d - *first + 1;
    ElementsAttr view = reshapeConstant(weights.getValue(), columns);
    ElementsAttr moved = view ? transposeConstant(view, order) : nullptr;
    if (!moved)
      return rewriter.notifyMatchFailure(op, "the weights cannot be read");
    moved = reshapeConstant(
        moved, cast<RankedTensorType>(weights.getType()).getShape());
    Value input = edge::ReshapeOp::create(rewriter, reshape.getLoc(), flatType,
                                          transpose.getX());
    Value filter = edge::ConstantOp::create(rewriter, weights.getLoc(),
                                            moved.getType(), moved);
    rewriter.modifyOpInPlace(op, [&] {
      op.getInputMutable().assign(input);
      op.getFilterMutable().assign(filter);
    });
    return success();
  }

private:
  /// The dimension from which on everything is flattened into the last one,
  /// if the transpose moves nothing before it.
  static std::optional<size_t> findFlattened(ArrayRef<int64_t> permutation,
                                             ArrayRef<int64_t> shape,
                                             ArrayRef<int64_t> flat) {
    int64_t product = 1;
    size_t first = shape.size();
    while (first > 0 && product < flat.back())
      product *= shape[--first];
    if (product != flat.back())
      return std::nullopt;
    for (size_t d = 0; d < first; ++d)
      if (permutation[d] != int64_t(d))
        return std::nullopt;
    return first;
  }
};

/// transpose(reshape(transpose(x))): when the reshape merges what lies apart in
/// x, the inner transpose cannot sink, but the outer one can rise to meet it.
struct RaiseOverReshape : OpRewritePattern<edge::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(edge::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto reshape = op.getX().getDefiningOp<edge::ReshapeOp>();
    auto inner =
        reshape ? reshape.getX().getDefiningOp<edge::TransposeOp>() : nullptr;
    if (!inner || !inner->hasOneUse() || !reshape->hasOneUse())
      return rewriter.notifyMatchFailure(op, "no transpose to meet");
    SmallVector<int64_t> place = invertPermutation(op.getPermutation());
    SmallVector<DimensionGroup> groups =
        groupDimensions(cast<RankedTensorType>(inner.getType()).getShape(),
                        cast<RankedTensorType>(reshape.getType()).getShape());
    for (const DimensionGroup &group : groups) {
      for (size_t d = group.toBegin + 1; d < group.toEnd; ++d)
        if (place[d] != place[d - 1] + 1)
          return rewriter.notifyMatchFailure(op, "tears a group apart");
    }
    llvm::sort(groups, [&](const auto &a, const auto &b) {
      return place[a.toBegin] < place[b.toBegin];
    });
    // Joined with the inner one at once: on its own it would sink again.
    SmallVector<int64_t> permutation;
    for (const DimensionGroup &group : groups) {
      llvm::append_range(permutation,
                         inner.getPermutation().slice(
                             group.fromBegin, group.fromEnd - group.fromBegin));
    }
    Value raised = edge::TransposeOp::create(rewriter, op.getLoc(),
                                             inner.getX(), permutation);
    rewriter.replaceOpWithNewOp<edge::ReshapeOp>(op, op.getType(), raised);
    return success();
  }
};

struct Sink : RewritePattern {
  explicit Sink(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    return sinkTranspose(op, rewriter);
  }
};

struct CancelTransposes : impl::CancelTransposesBase<CancelTransposes> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<TransposeToReshape, TransposeToWeights, RaiseOverReshape>(
        &getContext(), 2);
    patterns.add<Sink>(&getContext());
    numSunk += applyPatternsAndCount(getOperation(), std::move(patterns));
    getOperation().walk([&](edge::TransposeOp) { ++numLeft; });
  }
};
} // namespace
} // namespace edgec
