//===- QuantizeDynamically.cpp - scales that the run computes -------------===//
//
//   %y = edge.fully_connected %x, %f, %b {edge.dynamic_range}
// becomes, row by row of %x,
//   %m = edge.reduce_max (edge.abs %x)           the row's largest magnitude
//   %s = edge.max (%m / 127), least               its scale
//   %q = edge.cast (edge.clamp (edge.round_even (%x / %s)))        i8
//   %w = edge.integer_conv2d %q, %f.i8            sums of i32
//   %y = (edge.cast %w) * (%s * scales of %f) + %b
//
// so that nothing has to be known of the data, and weights take a quarter of
// their bytes. Rows are symmetric: their zero point would cost the sum of each
// filter, and a scale of its own makes up for it.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Integer.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "passes/quantize/Passes.h"
#include "passes/quantize/Quantizable.h"
#include "passes/quantize/Weights.h"
#include <limits>

using namespace mlir;

namespace edgec {
#define GEN_PASS_DEF_QUANTIZEDYNAMICALLY
#include "passes/quantize/Passes.h.inc"
} // namespace edgec

using namespace edgec;

static Value makeSplat(ImplicitLocOpBuilder &builder, float number) {
  auto type = RankedTensorType::get({}, builder.getF32Type());
  return edge::ConstantOp::create(builder, type,
                                  DenseElementsAttr::get(type, number));
}

/// Each row's scale, [rows, 1, 1, 1].
static Value makeRowScales(ImplicitLocOpBuilder &builder, Value rows) {
  auto type = cast<RankedTensorType>(rows.getType());
  auto perRow = type.clone({type.getDimSize(0), 1, 1, 1});
  Value magnitudes = edge::AbsOp::create(builder, type, rows);
  Value largest = edge::ReduceMaxOp::create(builder, perRow, magnitudes,
                                            builder.getDenseI64ArrayAttr({3}),
                                            builder.getBoolAttr(true));
  Value scaled = edge::MulOp::create(builder, perRow, largest,
                                     makeSplat(builder, 1.0F / 127));
  // A row of zeros has one too.
  return edge::MaxOp::create(
      builder, perRow, scaled,
      makeSplat(builder, std::numeric_limits<float>::min()));
}

static Value makeIntegers(ImplicitLocOpBuilder &builder, Value rows,
                          Value scales) {
  auto type = cast<RankedTensorType>(rows.getType());
  Value steps = edge::DivOp::create(builder, type, rows, scales);
  Value whole = edge::RoundEvenOp::create(builder, type, steps);
  Value kept =
      edge::ClampOp::create(builder, type, whole, builder.getF32FloatAttr(-127),
                            builder.getF32FloatAttr(127));
  return edge::CastOp::create(builder, type.clone(builder.getI8Type()), kept);
}

static Value makeLayer(ImplicitLocOpBuilder &builder,
                       edge::FullyConnectedOp layer,
                       const LayerWeights &weights) {
  auto input = cast<RankedTensorType>(layer.getInput().getType());
  int64_t depth = input.getShape().back(), units = weights.channels();
  int64_t count = input.getNumElements() / depth;
  Value rows = edge::ReshapeOp::create(
      builder, input.clone({count, 1, 1, depth}), layer.getInput());
  Value scales = makeRowScales(builder, rows);
  Value integers = makeIntegers(builder, rows, scales);

  // The bias is added as a float, so it bounds no scale.
  SmallVector<double> filterScales =
      weights.scales(std::numeric_limits<double>::infinity());
  Value filter =
      weights.filterConstant(builder, builder.getLoc(), filterScales);
  auto filterType = cast<RankedTensorType>(filter.getType());
  Value image = edge::ReshapeOp::create(
      builder, filterType.clone({units, 1, 1, depth}), filter);
  auto words =
      RankedTensorType::get({count, 1, 1, units}, builder.getI32Type());
  Value sums = edge::IntegerConv2DOp::create(builder, words, integers, image,
                                             /*bias=*/Value());
  auto real = words.clone(builder.getF32Type());
  auto vector = RankedTensorType::get({units}, builder.getF32Type());
  auto factors = makeFloatConstant(vector, [&](MutableArrayRef<float> out) {
    llvm::transform(filterScales, out.begin(),
                    [](double scale) { return float(scale); });
  });
  Value result = edge::CastOp::create(builder, real, sums);
  result =
      edge::MulOp::create(builder, real, result,
                          edge::ConstantOp::create(builder, vector, factors));
  result = edge::MulOp::create(builder, real, result, scales);
  if (layer.getBias())
    result = edge::AddOp::create(builder, real, result, layer.getBias());
  return edge::ReshapeOp::create(builder, layer.getType(), result);
}

namespace {
struct QuantizeDynamically
    : edgec::impl::QuantizeDynamicallyBase<QuantizeDynamically> {
  void runOnOperation() override {
    SmallVector<edge::FullyConnectedOp> layers;
    getOperation().walk([&](Operation *op) {
      if (!op->removeAttr(dynamicRangeAttrName))
        return;
      auto layer = dyn_cast<edge::FullyConnectedOp>(op);
      if (layer && isQuantizableLayer(op))
        layers.push_back(layer);
    });
    for (edge::FullyConnectedOp layer : layers) {
      std::optional<LayerWeights> weights = LayerWeights::of(layer);
      if (!weights)
        continue;
      ImplicitLocOpBuilder builder(layer.getLoc(), layer);
      layer.replaceAllUsesWith(makeLayer(builder, layer, *weights));
      layer.erase();
      ++numLayers;
    }
  }
};
} // namespace
