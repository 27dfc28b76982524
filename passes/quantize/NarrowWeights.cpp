//===- NarrowWeights.cpp - weights that take less memory ------------------===//
//
//   %y = edge.conv2d %x, %f, %b {edge.narrow_weights = i8}
// becomes
//   %s = edge.conv2d %x, %n            %n: i8, numbers of 8 bits
//   %y = (%s * scales of %f) + %b      a scale per output channel
//
// The sums are of floats: a kernel takes the weights from memory as they are
// and makes floats of them in registers. With i4 the numbers have 4 bits, and
// kernels keep two in a byte; with f16 and bf16 they are rounded and need no
// scale. With edge.weight_block = 32 each 32 weights of a channel have a scale,
// and the sums are those of edge.block_product.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Blocks.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "passes/quantize/Passes.h"
#include "passes/quantize/Quantizable.h"
#include "passes/quantize/Weights.h"
#include <cmath>
#include <limits>

using namespace mlir;

namespace edgec {
#define GEN_PASS_DEF_NARROWWEIGHTS
#include "passes/quantize/Passes.h.inc"
} // namespace edgec

using namespace edgec;

/// The layer again with another filter, and with or without its bias.
static Value makeLayer(ImplicitLocOpBuilder &builder, Operation *layer,
                       Value filter, bool withBias) {
  Operation *copy = builder.clone(*layer);
  copy->setOperand(1, filter);
  if (!withBias && copy->getNumOperands() > 2)
    copy->eraseOperand(2);
  return copy->getResult(0);
}

//===-- halves ------------------------------------------------------------===//

static void putHalf(float weight, const llvm::fltSemantics &semantics,
                    char *out) {
  llvm::APFloat number(weight);
  bool losesInfo;
  number.convert(semantics, llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  // What is too large would be infinite.
  if (number.isInfinity() && std::isfinite(weight))
    number = llvm::APFloat::getLargest(semantics, weight < 0);
  auto bits = uint16_t(number.bitcastToAPInt().getZExtValue());
  std::memcpy(out, &bits, sizeof bits);
}

static Value narrowToHalf(ImplicitLocOpBuilder &builder, Operation *layer,
                          const LayerWeights &weights, FloatType element) {
  auto type = cast<RankedTensorType>(layer->getOperand(1).getType());
  auto numbers =
      makeConstant(type.clone(element), [&](MutableArrayRef<char> out) {
        for (int64_t c = 0; c < weights.channels(); ++c) {
          for (int64_t i = 0; i < weights.perChannel(); ++i)
            putHalf(weights.at(c, i), element.getFloatSemantics(),
                    out.data() + 2 * (c * weights.perChannel() + i));
        }
      });
  Value filter =
      edge::ConstantOp::create(builder, type.clone(element), numbers);
  return makeLayer(builder, layer, filter, /*withBias=*/true);
}

//===-- integers ----------------------------------------------------------===//

namespace {
/// Some of a channel's weights as whole numbers from -most to most.
struct Rounding {
  const LayerWeights &weights;
  int64_t channel;
  double most;
  int64_t begin, end;

  double rounded(double weight, double scale) const {
    return std::clamp(std::nearbyint(weight / scale), -most, most);
  }
  /// The sum of the squares of what is lost.
  double loss(double scale) const {
    double sum = 0;
    for (int64_t i = begin; i < end; ++i) {
      double weight = weights.at(channel, i);
      double rest = weight - scale * rounded(weight, scale);
      sum += rest * rest;
    }
    return sum;
  }
  double largest() const {
    double largest = 0;
    for (int64_t i = begin; i < end; ++i)
      largest = std::max(largest, std::abs(double(weights.at(channel, i))));
    return largest;
  }
  /// The scale that loses least: cutting off a few large weights leaves finer
  /// steps for all others, which matters where there are few steps.
  float bestScale() const;
};
} // namespace

float Rounding::bestScale() const {
  constexpr int trials = 32;
  double whole = largest() / most;
  if (!(whole >= double(std::numeric_limits<float>::min())))
    return 1;
  auto best = float(whole);
  double least = loss(best);
  for (int trial = 1; trial < trials; ++trial) {
    auto scale = float(whole * (1.0 - 0.5 * trial / trials));
    if (double lost = loss(scale); lost < least) {
      least = lost;
      best = scale;
    }
  }
  return best;
}

namespace {
/// A filter as whole numbers: i8 in its order, and the scales
/// [blocks, channels].
struct IntegerFilter {
  ElementsAttr numbers;
  SmallVector<float> scales;
};
} // namespace

static IntegerFilter roundFilter(RankedTensorType type,
                                 const LayerWeights &weights, double most,
                                 int64_t block) {
  int64_t channels = weights.channels(), blocks = weights.perChannel() / block;
  IntegerFilter filter;
  filter.scales.resize(channels * blocks);
  filter.numbers = makeConstant(type, [&](MutableArrayRef<char> out) {
    for (int64_t c = 0; c < channels; ++c) {
      for (int64_t b = 0; b < blocks; ++b) {
        Rounding rounding{weights, c, most, b * block, (b + 1) * block};
        float scale = rounding.bestScale();
        filter.scales[b * channels + c] = scale;
        for (int64_t i = rounding.begin; i < rounding.end; ++i)
          out[c * weights.perChannel() + i] =
              char(rounding.rounded(weights.at(c, i), scale));
      }
    }
  });
  return filter;
}

static Value makeScales(ImplicitLocOpBuilder &builder, ArrayRef<float> scales,
                        ArrayRef<int64_t> shape) {
  auto type = RankedTensorType::get(shape, builder.getF32Type());
  auto numbers = makeFloatConstant(type, [&](MutableArrayRef<float> out) {
    llvm::copy(scales, out.begin());
  });
  return edge::ConstantOp::create(builder, type, numbers);
}

/// Sums of whole numbers, times a scale per channel.
static Value scaleChannels(ImplicitLocOpBuilder &builder, Operation *layer,
                           RankedTensorType type, const IntegerFilter &filter) {
  Value numbers = edge::ConstantOp::create(builder, type, filter.numbers);
  Value sums = makeLayer(builder, layer, numbers, /*withBias=*/false);
  Value scales =
      makeScales(builder, filter.scales, int64_t(filter.scales.size()));
  return edge::MulOp::create(builder, sums.getType(), sums, scales);
}

/// A scale per channel and block of its weights.
static Value scaleBlocks(ImplicitLocOpBuilder &builder, Operation *layer,
                         const LayerWeights &weights,
                         const IntegerFilter &filter) {
  int64_t channels = weights.channels();
  auto type = RankedTensorType::get({channels, weights.perChannel()},
                                    builder.getI8Type());
  Value rows = edge::ConstantOp::create(
      builder, type, reshapeConstant(filter.numbers, type.getShape()));
  Value scales =
      makeScales(builder, filter.scales,
                 {int64_t(filter.scales.size()) / channels, channels});
  return edge::BlockProductOp::create(builder, layer->getResult(0).getType(),
                                      layer->getOperand(0), rows, scales);
}

static Value narrowToIntegers(ImplicitLocOpBuilder &builder, Operation *layer,
                              const LayerWeights &weights, double most,
                              std::optional<int64_t> block) {
  auto type = cast<RankedTensorType>(layer->getOperand(1).getType())
                  .clone(builder.getI8Type());
  IntegerFilter filter =
      roundFilter(type, weights, most, block.value_or(weights.perChannel()));
  Value scaled = block ? scaleBlocks(builder, layer, weights, filter)
                       : scaleChannels(builder, layer, type, filter);
  if (layer->getNumOperands() > 2)
    scaled = edge::AddOp::create(builder, scaled.getType(), scaled,
                                 layer->getOperand(2));
  return scaled;
}

namespace {
/// What a layer's marks ask for.
struct Wish {
  Operation *layer;
  Type element;
  std::optional<int64_t> block;
};
} // namespace

static Value narrow(const Wish &wish) {
  Operation *layer = wish.layer;
  std::optional<LayerWeights> weights = LayerWeights::of(layer);
  if (!weights)
    return nullptr;
  ImplicitLocOpBuilder builder(layer->getLoc(), layer);
  if (wish.element.isInteger())
    return narrowToIntegers(builder, layer, *weights,
                            wish.element.isInteger(8) ? 127 : 7, wish.block);
  return narrowToHalf(builder, layer, *weights, cast<FloatType>(wish.element));
}

/// W1, W2
static LogicalResult check(const Wish &wish) {
  Type type = wish.element;
  if (!type.isF16() && !type.isBF16() && !type.isSignlessInteger(8) &&
      !type.isSignlessInteger(4)) {
    return wish.layer->emitOpError("W1: weights of ")
           << type << " are not known; f16, bf16, i8 and i4 are";
  }
  if (!wish.block)
    return success();
  auto filter = cast<RankedTensorType>(wish.layer->getOperand(1).getType());
  int64_t depth = filter.getNumElements() / filter.getDimSize(0);
  if (!type.isInteger() || !hasWeightRows(wish.layer) || *wish.block < 1 ||
      depth % *wish.block != 0) {
    return wish.layer->emitOpError("W2: blocks of ")
           << *wish.block << " weights are for i8 and i4, for layers without "
           << "windows, and divide the " << depth << " weights of a channel";
  }
  return success();
}

namespace {
struct NarrowWeights : edgec::impl::NarrowWeightsBase<NarrowWeights> {
  void runOnOperation() override {
    SmallVector<Wish> wishes;
    WalkResult result = getOperation().walk([&](Operation *op) {
      auto block =
          dyn_cast_or_null<IntegerAttr>(op->removeAttr(weightBlockAttrName));
      auto element =
          dyn_cast_or_null<TypeAttr>(op->removeAttr(narrowWeightsAttrName));
      if (!element || op->getNumOperands() < 2)
        return WalkResult::advance();
      Wish wish{op, element.getValue(), std::nullopt};
      if (block)
        wish.block = block.getInt();
      if (failed(check(wish)))
        return WalkResult::interrupt();
      if (hasNarrowableWeights(op))
        wishes.push_back(wish);
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      return signalPassFailure();
    for (const Wish &wish : wishes) {
      Value replacement = narrow(wish);
      if (!replacement)
        continue;
      wish.layer->replaceAllUsesWith(ValueRange(replacement));
      wish.layer->erase();
      ++numLayers;
    }
  }
};
} // namespace
