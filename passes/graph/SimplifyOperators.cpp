//===- SimplifyOperators.cpp - cheaper operators of the same meaning -----===//
//
// A product with a constant matrix is a fully connected layer, a pooling with
// one window is a reduction, and so on: fewer kinds of operators for the
// kernel stage, each with the data where its emitter wants it.
//
//   edge.matmul %x, %constant  becomes  edge.fully_connected %x, %transposed
//
//===----------------------------------------------------------------------===//
#include "passes/graph/ApplyPatterns.h"
#include "passes/graph/ConstantData.h"
#include "passes/graph/Passes.h"

using namespace mlir;

namespace edgec {
#define GEN_PASS_DEF_SIMPLIFYOPERATORS
#include "passes/graph/Passes.h.inc"

namespace {

struct MatMulByConstant : OpRewritePattern<edge::MatMulOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(edge::MatMulOp op,
                                PatternRewriter &rewriter) const override {
    auto constant = op.getRhs().getDefiningOp<edge::ConstantOp>();
    if (!constant)
      return rewriter.notifyMatchFailure(op, "rhs is not a constant");
    auto type = cast<RankedTensorType>(op.getRhs().getType());
    auto resultType = cast<RankedTensorType>(op.getType());
    auto lhsType = cast<RankedTensorType>(op.getLhs().getType());
    // Columns stay neighbours where weights are not packed.
    if (!type.getElementType().isF32() &&
        !isa<quant::QuantizedType>(type.getElementType()))
      return rewriter.notifyMatchFailure(op, "rhs is no f32");
    // Scales per column would have to follow.
    if (isa<quant::UniformQuantizedPerAxisType>(type.getElementType()))
      return rewriter.notifyMatchFailure(op, "rhs has a scale per column");
    if (llvm::any_of(type.getShape().drop_back(2),
                     [](int64_t size) { return size != 1; }) ||
        lhsType.getRank() != resultType.getRank())
      return rewriter.notifyMatchFailure(op, "rhs has batch dimensions");
    ElementsAttr matrix =
        reshapeConstant(constant.getValue(), type.getShape().take_back(2));
    ElementsAttr filter = matrix ? transposeConstant(matrix, {1, 0}) : nullptr;
    if (!filter)
      return rewriter.notifyMatchFailure(op, "rhs cannot be read");
    Value weights = edge::ConstantOp::create(rewriter, constant.getLoc(),
                                             filter.getType(), filter);
    rewriter.replaceOpWithNewOp<edge::FullyConnectedOp>(
        op, op.getType(), op.getLhs(), weights, Value());
    return success();
  }
};

/// One window that starts at the first and ends at the last element.
static bool coversInput(RankedTensorType input, RankedTensorType result,
                        ArrayRef<int64_t> window, ArrayRef<int64_t> pads) {
  for (int d : {0, 1}) {
    if (result.getDimSize(d + 1) != 1 ||
        window[d] < input.getDimSize(d + 1) + pads[d])
      return false;
  }
  return true;
}

struct GlobalAvgPool : OpRewritePattern<edge::AvgPool2DOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(edge::AvgPool2DOp op,
                                PatternRewriter &rewriter) const override {
    bool padded =
        llvm::any_of(op.getPads(), [](int64_t pad) { return pad != 0; });
    if (op.getDilations() != ArrayRef<int64_t>{1, 1} ||
        !coversInput(op.getInput().getType(), op.getResult().getType(),
                     op.getWindow(), op.getPads()))
      return rewriter.notifyMatchFailure(op, "the window does not cover all");
    if (padded && op.getCountIncludePad())
      return rewriter.notifyMatchFailure(op, "the mean counts pads");
    rewriter.replaceOpWithNewOp<edge::ReduceMeanOp>(
        op, op.getType(), op.getInput(), ArrayRef<int64_t>{1, 2}, true);
    return success();
  }
};

struct GlobalMaxPool : OpRewritePattern<edge::MaxPool2DOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(edge::MaxPool2DOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getDilations() != ArrayRef<int64_t>{1, 1} ||
        !coversInput(op.getInput().getType(), op.getResult().getType(),
                     op.getWindow(), op.getPads()))
      return rewriter.notifyMatchFailure(op, "the window does not cover all");
    rewriter.replaceOpWithNewOp<edge::ReduceMaxOp>(
        op, op.getType(), op.getInput(), ArrayRef<int64_t>{1, 2}, true);
    return success();
  }
};

/// A window of one element at every position.
template <typename PoolOp> struct IdentityPool : OpRewritePattern<PoolOp> {
  using OpRewritePattern<PoolOp>::OpRewritePattern;

  LogicalResult matchAndRewrite(PoolOp op,
                                PatternRewriter &rewriter) const override {
    auto isOne = [](int64_t size) { return size == 1; };
    if (op.getInput().getType() != op.getType() ||
        !llvm::all_of(op.getWindow(), isOne) ||
        !llvm::all_of(op.getStrides(), isOne))
      return rewriter.notifyMatchFailure(op, "not of one element each");
    rewriter.replaceOp(op, op.getInput());
    return success();
  }
};

/// Every one of these reductions of a single element is that element.
template <typename ReduceOp> struct ReduceOne : OpRewritePattern<ReduceOp> {
  using OpRewritePattern<ReduceOp>::OpRewritePattern;

  LogicalResult matchAndRewrite(ReduceOp op,
                                PatternRewriter &rewriter) const override {
    auto from = cast<RankedTensorType>(op.getX().getType());
    auto to = cast<RankedTensorType>(op.getType());
    if (from.getNumElements() != to.getNumElements() ||
        from.getElementType() != to.getElementType())
      return rewriter.notifyMatchFailure(op, "more than one element");
    rewriter.replaceOpWithNewOp<edge::ReshapeOp>(op, to, op.getX());
    return success();
  }
};

/// Binary operators broadcast by themselves.
struct DropBroadcast : RewritePattern {
  explicit DropBroadcast(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!op->hasTrait<edge::ElementwiseTrait>() || op->getNumOperands() != 2)
      return failure();
    ArrayRef<int64_t> shape =
        cast<RankedTensorType>(op->getResult(0).getType()).getShape();
    for (OpOperand &operand : op->getOpOperands()) {
      auto broadcast = operand.get().getDefiningOp<edge::BroadcastOp>();
      if (!broadcast)
        continue;
      Value other = op->getOperand(1 - operand.getOperandNumber());
      auto joint = edge::broadcastShapes(
          cast<RankedTensorType>(other.getType()).getShape(),
          cast<RankedTensorType>(broadcast.getX().getType()).getShape());
      if (failed(joint) || ArrayRef<int64_t>(*joint) != shape)
        continue;
      rewriter.modifyOpInPlace(op, [&] { operand.set(broadcast.getX()); });
      return success();
    }
    return failure();
  }
};

struct SimplifyOperators : impl::SimplifyOperatorsBase<SimplifyOperators> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<MatMulByConstant, GlobalAvgPool, GlobalMaxPool, DropBroadcast,
                 IdentityPool<edge::MaxPool2DOp>,
                 IdentityPool<edge::AvgPool2DOp>, ReduceOne<edge::ReduceSumOp>,
                 ReduceOne<edge::ReduceMeanOp>, ReduceOne<edge::ReduceMaxOp>,
                 ReduceOne<edge::ReduceMinOp>, ReduceOne<edge::ReduceProdOp>>(
        &getContext());
    numSimplified += applyPatternsAndCount(getOperation(), std::move(patterns));
  }
};
} // namespace
} // namespace edgec
