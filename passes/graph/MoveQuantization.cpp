//===- MoveQuantization.cpp - quantizations pass what only moves data -----===//
//
// Whether integers or the real numbers that they stand for are moved about
// makes no difference. Dequantizations sink and quantizations rise until they
// stand at operators that compute:
//
//   edge.transpose (edge.dequantize %q)
// becomes
//   edge.dequantize (edge.transpose %q)
//
// so that operators between a dequantization and a quantization of the same
// type are left with integers, and both vanish.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Indexing.h"
#include "dialects/edge/Spatial.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "passes/graph/ConstantData.h"
#include "passes/graph/QuantizedValue.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace edgec;

//===-- where the scales of a dimension go -------------------------------===//

/// The dimension of `to` that is dimension `axis` of `from`, elements in
/// order; -1 when it is split or merged.
static int64_t axisAfterReshape(ArrayRef<int64_t> from, ArrayRef<int64_t> to,
                                int64_t axis) {
  int64_t before = 1, seen = 1;
  for (int64_t size : from.take_front(axis))
    before *= size;
  for (auto [d, size] : llvm::enumerate(to)) {
    if (seen == before && size == from[axis])
      return int64_t(d);
    seen *= size;
  }
  return -1;
}

/// The dimension of the result that is dimension `axis` of operand 0 with all
/// its slices; -1 when there is none.
static int64_t axisAfter(Operation *op, int64_t axis) {
  return llvm::TypeSwitch<Operation *, int64_t>(op)
      .Case([&](edge::ReshapeOp reshape) {
        return axisAfterReshape(shapeOf(reshape.getX()), shapeOf(reshape),
                                axis);
      })
      .Case([&](edge::TransposeOp transpose) {
        return int64_t(llvm::find(transpose.getPermutation(), axis) -
                       transpose.getPermutation().begin());
      })
      .Case([&](edge::SliceOp slice) -> int64_t {
        bool whole = slice.getSizes()[axis] == shapeOf(slice.getX())[axis] &&
                     slice.getStrides()[axis] == 1;
        return whole ? axis : -1;
      })
      .Default([](Operation *) { return int64_t(-1); });
}

/// The quantized element with its scales along another dimension; null when
/// the operator does not keep them together.
static Type elementAfter(Operation *op, Type element) {
  auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(element);
  if (!perAxis)
    return element;
  int64_t axis = axisAfter(op, perAxis.getQuantizedDimension());
  if (axis < 0)
    return nullptr;
  return quant::UniformQuantizedPerAxisType::get(
      perAxis.getFlags(), perAxis.getStorageType(), perAxis.getExpressedType(),
      perAxis.getScales(), perAxis.getZeroPoints(), int32_t(axis),
      perAxis.getStorageTypeMin(), perAxis.getStorageTypeMax());
}

//===-- down -------------------------------------------------------------===//

/// Operators whose result's elements are elements of their first operand, the
/// largest or the least of some among them.
static bool movesFirst(Operation *op) {
  if (auto resample = dyn_cast<edge::ResampleOp>(op))
    return resample.getTaps() == 0;
  return isa<edge::ReshapeOp, edge::TransposeOp, edge::SliceOp,
             edge::BroadcastOp, edge::GatherOp, edge::MaxPool2DOp,
             edge::ReduceMaxOp, edge::ReduceMinOp, edge::PadOp>(op);
}

/// Whether pads are a number that is stored exactly; `stored` is set to it.
static bool padsAreStored(edge::PadOp pad, Type element, int64_t &stored) {
  std::optional<Scales> scales = getScales(element);
  if (!scales->isWhole())
    return false;
  float value = pad.getValue().convertToFloat();
  stored = scales->quantize(value);
  return float(stored - scales->zeroPoint()) * scales->scale() == value;
}

/// A constant that is transposed or reshaped, now: what fuses wants to see the
/// weights. Null for other operators and values.
static Value foldMove(PatternRewriter &rewriter, Operation *op, Value x) {
  auto constant = x.getDefiningOp<edge::ConstantOp>();
  if (!constant)
    return nullptr;
  ElementsAttr moved;
  if (auto transpose = dyn_cast<edge::TransposeOp>(op))
    moved = transposeConstant(constant.getValue(), transpose.getPermutation());
  else if (isa<edge::ReshapeOp>(op))
    moved = reshapeConstant(constant.getValue(), shapeOf(op->getResult(0)));
  if (!moved)
    return nullptr;
  return edge::ConstantOp::create(rewriter, constant.getLoc(), moved.getType(),
                                  moved);
}

namespace {
/// op(dequantize(q)) becomes dequantize(op(q)).
struct SinkDequantize : RewritePattern {
  explicit SinkDequantize(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!movesFirst(op))
      return failure();
    auto stored = storedBehind(op->getOperand(0));
    if (!stored)
      return rewriter.notifyMatchFailure(op, "moves no dequantized numbers");
    Type element = elementAfter(op, stored->element);
    auto pad = dyn_cast<edge::PadOp>(op);
    int64_t value = 0;
    if (!element || (pad && !padsAreStored(pad, element, value)))
      return rewriter.notifyMatchFailure(op, "the scales cannot follow");
    Value integers = foldMove(rewriter, op, stored->integers);
    if (!integers) {
      Operation *moved = rewriter.clone(*op);
      moved->setOperand(0, stored->integers);
      integers = moved->getResult(0);
      auto type = cast<RankedTensorType>(integers.getType());
      integers.setType(type.clone(elementOf(stored->integers)));
      if (pad)
        cast<edge::PadOp>(moved).setValue(APFloat(float(value)));
    }
    rewriter.replaceOp(op, makeReal(rewriter, op->getLoc(), integers, element));
    return success();
  }
};

/// A concatenation of parts of one quantization.
struct SinkBelowConcat : OpRewritePattern<edge::ConcatOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(edge::ConcatOp op,
                                PatternRewriter &rewriter) const override {
    SmallVector<Value> parts;
    Type element;
    for (Value operand : op->getOperands()) {
      auto stored = wholeBehind(operand);
      if (!stored || (element && stored->element != element))
        return rewriter.notifyMatchFailure(op, "parts of several kinds");
      element = stored->element;
      parts.push_back(stored->integers);
    }
    auto type = cast<RankedTensorType>(op.getType());
    Operation *moved = rewriter.clone(*op);
    moved->setOperands(parts);
    moved->getResult(0).setType(type.clone(elementOf(parts[0])));
    rewriter.replaceOp(
        op, makeReal(rewriter, op.getLoc(), moved->getResult(0), element));
    return success();
  }
};

//===-- up ---------------------------------------------------------------===//

/// A slice is worth quantizing what it drops, up to this share of it.
constexpr int64_t slicedShare = 2;

bool isWorthQuantizing(Operation *op) {
  if (isa<edge::ReshapeOp, edge::TransposeOp, edge::ConcatOp,
          edge::BroadcastOp>(op))
    return true;
  auto slice = dyn_cast<edge::SliceOp>(op);
  return slice &&
         cast<RankedTensorType>(slice.getX().getType()).getNumElements() <=
             slicedShare *
                 cast<RankedTensorType>(slice.getType()).getNumElements();
}

/// quantize(op(x)) becomes op(quantize(x)).
struct RaiseQuantize : OpRewritePattern<edge::BitcastOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(edge::BitcastOp op,
                                PatternRewriter &rewriter) const override {
    auto quantize = op.getX().getDefiningOp<edge::QuantizeOp>();
    Operation *moving = quantize ? quantize.getX().getDefiningOp() : nullptr;
    if (!moving || !moving->hasOneUse() || !quantize->hasOneUse() ||
        !elementOf(quantize.getX()).isF32() || !isWorthQuantizing(moving) ||
        !isa<quant::UniformQuantizedType>(elementOf(quantize)))
      return rewriter.notifyMatchFailure(op, "nothing to pass");
    Operation *moved = rewriter.clone(*moving);
    for (OpOperand &operand : moved->getOpOperands()) {
      rewriter.setInsertionPoint(moved);
      operand.set(makeStored(rewriter, quantize.getLoc(), operand.get(),
                             elementOf(quantize)));
    }
    moved->getResult(0).setType(op.getType());
    rewriter.replaceOp(op, moved);
    return success();
  }
};

/// relu(transpose(x)) becomes transpose(relu(x)) in front of a quantization,
/// which then finds its bounds beside what computes x.
struct RaiseBound : RewritePattern {
  explicit RaiseBound(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!isa<edge::ReluOp, edge::ClampOp>(op) || !op->hasOneUse() ||
        !isa<edge::QuantizeOp, edge::ReluOp, edge::ClampOp>(
            *op->getUsers().begin()))
      return failure();
    Operation *moving = op->getOperand(0).getDefiningOp();
    if (!isa_and_nonnull<edge::TransposeOp, edge::ReshapeOp, edge::SliceOp>(
            moving) ||
        !moving->hasOneUse() || !isWorthQuantizing(moving))
      return rewriter.notifyMatchFailure(op, "nothing to pass");
    Operation *bounded = rewriter.clone(*op);
    bounded->setOperand(0, moving->getOperand(0));
    bounded->getResult(0).setType(moving->getOperand(0).getType());
    Operation *moved = rewriter.clone(*moving);
    moved->setOperand(0, bounded->getResult(0));
    rewriter.replaceOp(op, moved);
    return success();
  }
};

/// quantize(dequantize(q)) of one type is q.
struct CancelPair : OpRewritePattern<edge::BitcastOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(edge::BitcastOp op,
                                PatternRewriter &rewriter) const override {
    auto quantize = op.getX().getDefiningOp<edge::QuantizeOp>();
    auto stored = quantize ? storedBehind(quantize.getX()) : std::nullopt;
    if (!stored || stored->element != elementOf(quantize))
      return rewriter.notifyMatchFailure(op, "no pair of one type");
    rewriter.replaceOp(op, stored->integers);
    return success();
  }
};
} // namespace

void edgec::populateMoveQuantization(RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  patterns.add<CancelPair>(context, /*benefit=*/2);
  patterns.add<SinkBelowConcat, RaiseQuantize>(context);
  patterns.add<SinkDequantize, RaiseBound>(context);
}
