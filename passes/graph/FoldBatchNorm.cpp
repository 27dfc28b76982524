//===- FoldBatchNorm.cpp - batch normalisation as mul and add ------------===//
//
// At inference a batch normalisation is one multiplication and one addition
// per channel. Written so, it folds into a neighbouring convolution
// (FoldScaleAndBias.cpp), or joins a kernel's epilogue.
//
//   edge.batch_norm %x, %scale, %offset, %mean, %variance
// becomes
//   edge.add (edge.mul %x, %s), %t      s = scale / sqrt(variance + epsilon), t
//   = offset - mean * s
//
// Between a dequantization and a quantization nothing folds, and the last digit
// may decide how a number is rounded: there s and t are computed in float32, in
// the order in which ONNX Runtime does (core/providers/cpu/nn/batch_norm.h).
//
//===----------------------------------------------------------------------===//
#include "passes/graph/ConstantData.h"
#include "passes/graph/Passes.h"
#include <cmath>

using namespace mlir;

namespace edgec {
#define GEN_PASS_DEF_FOLDBATCHNORM
#include "passes/graph/Passes.h.inc"

namespace {
/// The factor and the addend, one per channel.
struct ScaleAndOffset {
  Value scale, offset;
};

struct FoldBatchNorm : impl::FoldBatchNormBase<FoldBatchNorm> {
  void runOnOperation() override {
    bool isRefused = false;
    getOperation().walk([&](edge::BatchNormOp op) {
      if (failed(checkElementTypes(op))) {
        isRefused = true;
        return;
      }
      rewrite(op);
      ++numFolded;
    });
    if (isRefused)
      signalPassFailure();
  }

  LogicalResult checkElementTypes(edge::BatchNormOp op);

  void rewrite(edge::BatchNormOp op);
};
} // namespace

LogicalResult FoldBatchNorm::checkElementTypes(edge::BatchNormOp op) {
  auto elementType = [](Value value) {
    return cast<RankedTensorType>(value.getType()).getElementType();
  };
  Type element = elementType(op.getX());
  for (Value operand : op->getOperands()) {
    if (isa<FloatType>(element) && elementType(operand) == element)
      continue;
    return op.emitError("batch_norm of ")
           << op.getX().getType() << " with a parameter of "
           << operand.getType()
           << ": all must have one float element type; insert edge.cast or "
              "edge.dequantize";
  }
  return success();
}

/// Whether a value is a dequantization's, moved about at most.
static bool isDequantized(Value value) {
  Operation *op = value.getDefiningOp();
  while (isa_and_nonnull<edge::TransposeOp, edge::ReshapeOp, edge::MulOp,
                         edge::SubOp>(op))
    op = op->getOperand(0).getDefiningOp();
  auto cast = dyn_cast_or_null<edge::CastOp>(op);
  return cast && isa<IntegerType>(cast.getX().getType().getElementType());
}

/// Computed in double where they fold into a convolution: the difference of
/// offset and mean * s cancels.
static std::optional<ScaleAndOffset> computeNow(edge::BatchNormOp op,
                                                OpBuilder &builder) {
  auto scale = ConstantData::get(op.getScale());
  auto offset = ConstantData::get(op.getOffset());
  auto mean = ConstantData::get(op.getMean());
  auto variance = ConstantData::get(op.getVariance());
  for (const auto *data : {&scale, &offset, &mean, &variance})
    if (!*data || !(*data)->isFloat32())
      return std::nullopt;
  float epsilon = op.getEpsilon().convertToFloat();
  bool isIsland = isDequantized(op.getX());
  auto factor = [&](int64_t c) -> double {
    if (isIsland) {
      float inverse = 1 / std::sqrt(variance->getFloat(c) + epsilon);
      return inverse * scale->getFloat(c);
    }
    return scale->getFloat(c) /
           std::sqrt(variance->getFloat(c) + double(epsilon));
  };
  auto addend = [&](int64_t c) -> double {
    double shift = mean->getFloat(c) * factor(c);
    return offset->getFloat(c) - (isIsland ? double(float(shift)) : shift);
  };
  RankedTensorType type = scale->getType();
  auto factors = makeFloatConstant(type, [&](MutableArrayRef<float> out) {
    for (size_t c = 0; c < out.size(); ++c)
      out[c] = factor(c);
  });
  auto addends = makeFloatConstant(type, [&](MutableArrayRef<float> out) {
    for (size_t c = 0; c < out.size(); ++c)
      out[c] = addend(c);
  });
  return ScaleAndOffset{
      edge::ConstantOp::create(builder, op.getLoc(), type, factors),
      edge::ConstantOp::create(builder, op.getLoc(), type, addends)};
}

static ScaleAndOffset computeLater(edge::BatchNormOp op, OpBuilder &builder) {
  Location loc = op.getLoc();
  auto element = cast<FloatType>(op.getX().getType().getElementType());
  auto scalar = RankedTensorType::get({}, element);
  APFloat rounded = op.getEpsilon();
  bool isInexact = false;
  rounded.convert(element.getFloatSemantics(), APFloat::rmNearestTiesToEven,
                  &isInexact);
  Value epsilon = edge::ConstantOp::create(
      builder, loc, scalar, DenseElementsAttr::get(scalar, rounded));
  Value sum = edge::AddOp::create(builder, loc, op.getVariance(), epsilon);
  Value deviation = edge::SqrtOp::create(builder, loc, sum);
  Value scale = edge::DivOp::create(builder, loc, op.getScale(), deviation);
  Value shift = edge::MulOp::create(builder, loc, op.getMean(), scale);
  return {scale, edge::SubOp::create(builder, loc, op.getOffset(), shift)};
}

/// [C] as [C, 1, ..., 1] with as many ones as dimensions follow the channels,
/// so that it broadcasts along them.
static Value alignChannels(Value value, edge::BatchNormOp op,
                           OpBuilder &builder) {
  auto type = cast<RankedTensorType>(op.getType());
  SmallVector<int64_t> shape(type.getRank() - op.getAxis(), 1);
  shape.front() = type.getDimSize(op.getAxis());
  auto aligned = cast<RankedTensorType>(value.getType()).clone(shape);
  if (auto constant = value.getDefiningOp<edge::ConstantOp>()) {
    return edge::ConstantOp::create(
        builder, op.getLoc(), aligned,
        reshapeConstant(constant.getValue(), shape));
  }
  return edge::ReshapeOp::create(builder, op.getLoc(), aligned, value);
}

void FoldBatchNorm::rewrite(edge::BatchNormOp op) {
  OpBuilder builder(op);
  auto now = computeNow(op, builder);
  ScaleAndOffset parts = now ? *now : computeLater(op, builder);
  Value product =
      edge::MulOp::create(builder, op.getLoc(), op.getType(), op.getX(),
                          alignChannels(parts.scale, op, builder));
  Value sum = edge::AddOp::create(builder, op.getLoc(), op.getType(), product,
                                  alignChannels(parts.offset, op, builder));
  op.replaceAllUsesWith(sum);
  op.erase();
}

} // namespace edgec
