//===- FoldPads.cpp - edge.pad into windows ------------------------------===//
//
// Convolutions and poolings have pads of their own, which cost nothing; a
// separate edge.pad copies the tensor.
//
//   edge.conv2d (edge.pad %x {low = [0, 1, 1, 0], high = [0, 1, 1, 0]}), %f
// becomes
//   edge.conv2d %x, %f {pads = [1, 1, 1, 1]}
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Integer.h"
#include "passes/graph/ApplyPatterns.h"
#include "passes/graph/Passes.h"

using namespace mlir;

namespace edgec {
#define GEN_PASS_DEF_FOLDPADS
#include "passes/graph/Passes.h.inc"

/// The window's pads enlarged by those of `pad`; none when it pads more than
/// the height and width.
static std::optional<SmallVector<int64_t>> joinPads(edge::PadOp pad,
                                                    ArrayRef<int64_t> pads) {
  ArrayRef<int64_t> low = pad.getLow(), high = pad.getHigh();
  if (low[0] != 0 || high[0] != 0 || low[3] != 0 || high[3] != 0)
    return std::nullopt;
  return SmallVector<int64_t>{pads[0] + low[1], pads[1] + low[2],
                              pads[2] + high[1], pads[3] + high[2]};
}

static bool isNotNegative(Value value) {
  Operation *op = value.getDefiningOp();
  if (auto clamp = dyn_cast_or_null<edge::ClampOp>(op))
    return !clamp.getMin().isNegative();
  if (auto pool = dyn_cast_or_null<edge::MaxPool2DOp>(op))
    return isNotNegative(pool.getInput());
  return isa_and_nonnull<edge::ReluOp, edge::SigmoidOp, edge::AbsOp,
                         edge::ExpOp, edge::SoftmaxOp, edge::HardSigmoidOp>(op);
}

namespace {
/// What the patterns share: finding the pad, and replacing the input.
template <typename WindowOp> struct FoldPad : OpRewritePattern<WindowOp> {
  using OpRewritePattern<WindowOp>::OpRewritePattern;

  LogicalResult matchAndRewrite(WindowOp op,
                                PatternRewriter &rewriter) const override {
    auto pad = op.getInput().template getDefiningOp<edge::PadOp>();
    if (!pad)
      return rewriter.notifyMatchFailure(op, "no pad in front");
    auto pads = joinPads(pad, op.getPads());
    if (!pads || !isLegal(op, pad, *pads))
      return rewriter.notifyMatchFailure(op, "the window has no such pads");
    rewriter.modifyOpInPlace(op, [&] {
      op.getInputMutable().assign(pad.getX());
      op.setPads(*pads);
      setCounting(op);
    });
    return success();
  }

private:
  static void setCounting(edge::AvgPool2DOp op) {
    if (llvm::any_of(op.getPads(), [](int64_t pad) { return pad != 0; }))
      op.setCountIncludePad(true);
  }
  static void setCounting(Operation *) {}

  static bool isLegal(edge::Conv2DOp, edge::PadOp pad, ArrayRef<int64_t>) {
    return pad.getValue().isZero();
  }

  static bool isLegal(edge::IntegerConv2DOp op, edge::PadOp pad,
                      ArrayRef<int64_t>) {
    return pad.getValue().convertToFloat() == float(int64_t(op.getPadValue()));
  }

  /// A window must not lie in the padding altogether.
  static bool fitsWindow(ArrayRef<int64_t> pads, ArrayRef<int64_t> window,
                         ArrayRef<int64_t> dilations,
                         ArrayRef<int64_t> overhang) {
    for (int d : {0, 1}) {
      int64_t reach = (window[d] - 1) * dilations[d] + 1;
      if (pads[d] >= reach || pads[d + 2] + overhang[d] >= reach)
        return false;
    }
    return true;
  }

  static bool isLegal(edge::MaxPool2DOp op, edge::PadOp pad,
                      ArrayRef<int64_t> pads) {
    // Pads of the pooling never win. Neither do those of minus infinity, or
    // zeros around values that are not negative.
    const APFloat &value = pad.getValue();
    bool neverWins =
        value.isNegative() && (value.isInfinity() || value.isLargest());
    if (!neverWins && !(value.isZero() && isNotNegative(pad.getX())))
      return false;
    return fitsWindow(pads, op.getWindow(), op.getDilations(), {0, 0});
  }

  static bool isLegal(edge::AvgPool2DOp op, edge::PadOp pad,
                      ArrayRef<int64_t> pads) {
    bool hasPads =
        llvm::any_of(op.getPads(), [](int64_t pad) { return pad != 0; });
    return pad.getValue().isZero() && (op.getCountIncludePad() || !hasPads) &&
           fitsWindow(pads, op.getWindow(), op.getDilations(),
                      op.getOverhang());
  }
};

/// A pad in front of the layout change goes behind it, to the windows.
struct PadBehindTranspose : OpRewritePattern<edge::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(edge::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto pad = op.getX().getDefiningOp<edge::PadOp>();
    if (!pad || !pad->hasOneUse() ||
        !llvm::all_of(op->getUsers(), [](Operation *user) {
          return isa<edge::Conv2DOp, edge::MaxPool2DOp, edge::AvgPool2DOp>(
              user);
        }))
      return rewriter.notifyMatchFailure(op, "not between pad and windows");
    SmallVector<int64_t> low, high;
    for (int64_t source : op.getPermutation()) {
      low.push_back(pad.getLow()[source]);
      high.push_back(pad.getHigh()[source]);
    }
    Value moved = edge::TransposeOp::create(rewriter, op.getLoc(), pad.getX(),
                                            op.getPermutation());
    rewriter.replaceOpWithNewOp<edge::PadOp>(op, op.getType(), moved, low, high,
                                             pad.getValue());
    return success();
  }
};

struct FoldPads : impl::FoldPadsBase<FoldPads> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FoldPad<edge::Conv2DOp>, FoldPad<edge::IntegerConv2DOp>,
                 FoldPad<edge::MaxPool2DOp>, FoldPad<edge::AvgPool2DOp>,
                 PadBehindTranspose>(&getContext());
    numFolded += applyPatternsAndCount(getOperation(), std::move(patterns));
  }
};
} // namespace
} // namespace edgec
