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
// scale.
//
//===----------------------------------------------------------------------===//
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
/// A channel's weights as whole numbers from -most to most.
struct Rounding {
  const LayerWeights &weights;
  int64_t channel;
  double most;

  double rounded(double weight, double scale) const {
    return std::clamp(std::nearbyint(weight / scale), -most, most);
  }
  /// The sum of the squares of what is lost.
  double loss(double scale) const {
    double sum = 0;
    for (int64_t i = 0; i < weights.perChannel(); ++i) {
      double weight = weights.at(channel, i);
      double rest = weight - scale * rounded(weight, scale);
      sum += rest * rest;
    }
    return sum;
  }
  double largest() const {
    double largest = 0;
    for (int64_t i = 0; i < weights.perChannel(); ++i)
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

static Value narrowToIntegers(ImplicitLocOpBuilder &builder, Operation *layer,
                              const LayerWeights &weights, double most) {
  int64_t channels = weights.channels();
  SmallVector<float> scales;
  for (int64_t c = 0; c < channels; ++c)
    scales.push_back(Rounding{weights, c, most}.bestScale());
  auto type = cast<RankedTensorType>(layer->getOperand(1).getType())
                  .clone(builder.getI8Type());
  auto numbers = makeConstant(type, [&](MutableArrayRef<char> out) {
    for (int64_t c = 0; c < channels; ++c) {
      Rounding rounding{weights, c, most};
      for (int64_t i = 0; i < weights.perChannel(); ++i)
        out[c * weights.perChannel() + i] =
            char(rounding.rounded(weights.at(c, i), scales[c]));
    }
  });
  Value filter = edge::ConstantOp::create(builder, type, numbers);
  Value sums = makeLayer(builder, layer, filter, /*withBias=*/false);
  auto result = cast<RankedTensorType>(sums.getType());
  auto vector = RankedTensorType::get({channels}, builder.getF32Type());
  auto factors = makeFloatConstant(vector, [&](MutableArrayRef<float> out) {
    llvm::copy(scales, out.begin());
  });
  Value scaled =
      edge::MulOp::create(builder, result, sums,
                          edge::ConstantOp::create(builder, vector, factors));
  if (layer->getNumOperands() > 2)
    scaled = edge::AddOp::create(builder, result, scaled, layer->getOperand(2));
  return scaled;
}

static Value narrow(Operation *layer, Type element) {
  std::optional<LayerWeights> weights = LayerWeights::of(layer);
  if (!weights)
    return nullptr;
  ImplicitLocOpBuilder builder(layer->getLoc(), layer);
  if (element.isInteger(8))
    return narrowToIntegers(builder, layer, *weights, /*most=*/127);
  if (element.isInteger(4))
    return narrowToIntegers(builder, layer, *weights, /*most=*/7);
  return narrowToHalf(builder, layer, *weights, cast<FloatType>(element));
}

namespace {
struct NarrowWeights : edgec::impl::NarrowWeightsBase<NarrowWeights> {
  void runOnOperation() override {
    SmallVector<std::pair<Operation *, Type>> layers;
    WalkResult result = getOperation().walk([&](Operation *op) {
      auto element =
          dyn_cast_or_null<TypeAttr>(op->removeAttr(narrowWeightsAttrName));
      if (!element)
        return WalkResult::advance();
      Type type = element.getValue();
      if (!type.isF16() && !type.isBF16() && !type.isSignlessInteger(8) &&
          !type.isSignlessInteger(4)) {
        op->emitOpError("W1: weights of ")
            << type << " are not known; f16, bf16, i8 and i4 are";
        return WalkResult::interrupt();
      }
      if (hasNarrowableWeights(op))
        layers.push_back({op, type});
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      return signalPassFailure();
    for (auto [layer, element] : layers) {
      Value replacement = narrow(layer, element);
      if (!replacement)
        continue;
      layer->replaceAllUsesWith(ValueRange(replacement));
      layer->erase();
      ++numLayers;
    }
  }
};
} // namespace
