//===- RangeArithmetic.cpp - bounds of results from those of operands -----===//
#include "passes/graph/RangeArithmetic.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace edgec;

using Ranges = std::vector<ChannelRange>;

//===-- any numbers ------------------------------------------------------===//

ChannelRange edgec::hull(ChannelRange a, ChannelRange b) {
  return {std::min(a.low, b.low), std::max(a.high, b.high)};
}

ChannelRange edgec::addRanges(ChannelRange a, ChannelRange b) {
  return {a.low + b.low, a.high + b.high};
}

ChannelRange edgec::subtractRanges(ChannelRange a, ChannelRange b) {
  return {a.low - b.high, a.high - b.low};
}

/// The products of the ends.
ChannelRange edgec::multiplyRanges(ChannelRange a, ChannelRange b) {
  auto [low, high] = std::minmax(
      {a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high});
  return {low, high};
}

ChannelRange edgec::largerOf(ChannelRange a, ChannelRange b) {
  return {std::max(a.low, b.low), std::max(a.high, b.high)};
}

ChannelRange edgec::smallerOf(ChannelRange a, ChannelRange b) {
  return {std::min(a.low, b.low), std::min(a.high, b.high)};
}

//===-- floats -----------------------------------------------------------===//

static double magnitude(ChannelRange range) {
  return std::max(std::abs(range.low), std::abs(range.high));
}

/// Further apart by what kernels may round off, in any order and by Winograd's
/// method, from numbers of this magnitude. Nothing is rounded off from zeros.
static ChannelRange withError(ChannelRange range, double magnitude) {
  constexpr double most = 1.0 / 1024;
  return {range.low - most * magnitude, range.high + most * magnitude};
}

ChannelRange edgec::widened(ChannelRange range) {
  return withError(range, magnitude(range));
}

ChannelRange edgec::roundedResult(ChannelRange result, ChannelRange a,
                                  ChannelRange b) {
  return withError(
      result, magnitude(result) == 0
                  ? 0
                  : std::max({magnitude(result), magnitude(a), magnitude(b)}));
}

std::optional<ChannelRange> edgec::activatedRange(Operation *op,
                                                  ChannelRange x) {
  ChannelRange towardsZero = hull(x, {0, 0});
  auto isUpToOne = [](const APFloat &slope) {
    return !slope.isNegative() && slope.convertToFloat() <= 1;
  };
  return llvm::TypeSwitch<Operation *, std::optional<ChannelRange>>(op)
      .Case<edge::ReluOp>([&](auto) { return largerOf(x, {0, 0}); })
      .Case([&](edge::ClampOp clamp) {
        double low = clamp.getMin().convertToFloat(),
               high = clamp.getMax().convertToFloat();
        return smallerOf(largerOf(x, {low, low}), {high, high});
      })
      .Case<edge::NegOp>([&](auto) { return ChannelRange{-x.high, -x.low}; })
      .Case<edge::SigmoidOp, edge::HardSigmoidOp>(
          [&](auto) { return ChannelRange{0, 1}; })
      .Case<edge::TanhOp>([&](auto) {
        return smallerOf(largerOf(towardsZero, {-1, -1}), {1, 1});
      })
      .Case<edge::SiluOp, edge::GeluOp>([&](auto) { return towardsZero; })
      .Case<edge::HardSwishOp>(
          [&](auto) { return x.high <= -3 ? ChannelRange{0, 0} : towardsZero; })
      .Case<edge::LeakyReluOp, edge::EluOp>(
          [&](auto op) -> std::optional<ChannelRange> {
            if (!isUpToOne(op.getAlpha()))
              return std::nullopt;
            return ChannelRange{towardsZero.low, std::max(x.high, 0.0)};
          })
      .Default(std::nullopt);
}

//===-- sums -------------------------------------------------------------===//

Ranges edgec::sumsOf(const ChannelProduct &product, const Ranges &input,
                     ChannelRange all) {
  int64_t channels = product.outputs(), inner = product.inputs(),
          taps = product.taps(), perGroup = channels / product.getGroups();
  ConstantNumbers factors = product.factors();
  std::vector<double> bias(channels, 0);
  if (product.getBias())
    bias = *perChannelNumbers(product.getBias(), channels);
  Ranges terms;
  for (ChannelRange x : input) {
    if (product.isPadded())
      x = hull(x, {product.getPadValue(), product.getPadValue()});
    terms.push_back(
        {x.low - product.getInputZero(), x.high - product.getInputZero()});
  }
  bool isFinite =
      llvm::all_of(terms, [](ChannelRange range) { return range.isFinite(); });
  // Zero times infinity is no number.
  if (!isFinite)
    return Ranges(channels, all);
  Ranges result;
  result.reserve(channels);
  for (int64_t o = 0; o < channels; ++o) {
    ChannelRange sum{bias[o], bias[o]};
    double size = 0;
    const ChannelRange *x = &terms[o / perGroup * inner];
    for (int64_t at = o * taps * inner; at < (o + 1) * taps * inner; ++at) {
      double factor = factors[at] - product.getFilterZero();
      ChannelRange term = multiplyRanges({factor, factor}, x[at % inner]);
      sum = addRanges(sum, term);
      size += magnitude(term);
    }
    if (product.isFloat() && size != 0)
      sum = withError(sum, size + std::abs(bias[o]));
    // Not exact any more.
    if (!product.isFloat() && size >= double(int64_t(1) << 53))
      sum = all;
    result.push_back(sum);
  }
  return result;
}

//===-- integers ---------------------------------------------------------===//

/// As edge.rescale defines it, for 0 <= multiplier.
static int64_t rescale(int64_t x, int64_t multiplier, int64_t shift,
                       edge::Rounding rounding) {
  if (rounding == edge::Rounding::single_rounding) {
    auto product = __int128(x) * multiplier;
    return int64_t((product + (__int128(1) << (30 + shift))) >> (31 + shift));
  }
  int64_t high = (x * multiplier + (int64_t(1) << 30)) >> 31;
  if (shift == 0)
    return high;
  // To nearest, halves away from zero.
  int64_t half = int64_t(1) << (shift - 1);
  return high >= 0 ? (high + half) >> shift : -((-high + half) >> shift);
}

Ranges edgec::rescaledRanges(edge::RescaleOp op, const Ranges &x,
                             ChannelRange all) {
  auto multipliers = perChannelNumbers(op.getMultiplier(), int64_t(x.size()));
  auto shifts = perChannelNumbers(op.getShift(), int64_t(x.size()));
  Ranges result(x.size(), all);
  for (size_t c = 0; c < x.size() && multipliers && shifts; ++c) {
    auto multiplier = int64_t((*multipliers)[c]),
         shift = int64_t((*shifts)[c]) & 31;
    auto scaled = [&](double number) {
      return double(
          rescale(int64_t(number), multiplier, shift, op.getRounding()));
    };
    // Grows with x then.
    if (multiplier >= 0)
      result[c] = {scaled(x[c].low), scaled(x[c].high)};
  }
  return result;
}

/// As edge.requantize defines it; `factor` is positive.
static double requantize(edge::RequantizeOp op, double x, float factor) {
  volatile float product = float(x) * factor;
  // The attributes' accessors give unsigned numbers.
  double rounded =
      std::nearbyint(double(product)) + double(int64_t(op.getZeroPoint()));
  return std::clamp(rounded, double(int64_t(op.getLow())),
                    double(int64_t(op.getHigh())));
}

Ranges edgec::requantizedRanges(edge::RequantizeOp op, const Ranges &x) {
  Ranges result(x.size(), ChannelRange{double(int64_t(op.getLow())),
                                       double(int64_t(op.getHigh()))});
  std::optional<ConstantData> factors;
  if (op.getFactor())
    factors = ConstantData::get(op.getFactor());
  bool isKnown = factors && factors->isFloat32() &&
                 (factors->getNumElements() == 1 ||
                  (factors->getNumElements() == int64_t(x.size()) &&
                   channelCount(op.getFactor()) == int64_t(x.size())));
  for (size_t c = 0; c < x.size() && isKnown; ++c) {
    float factor =
        factors->getFloat(factors->getNumElements() == 1 ? 0 : int64_t(c));
    if (factor > 0 && std::isfinite(factor))
      result[c] = {requantize(op, x[c].low, factor),
                   requantize(op, x[c].high, factor)};
  }
  return result;
}

Ranges edgec::lookedUpRanges(edge::LookupOp op, const Ranges &x,
                             ChannelRange input, ChannelRange all) {
  std::optional<ConstantNumbers> table = ConstantNumbers::get(op.getTable());
  if (!table)
    return Ranges(x.size(), all);
  auto at = [&](int64_t entry) {
    double number = (*table)[entry];
    return ChannelRange{number, number};
  };
  Ranges result;
  for (ChannelRange range : x) {
    auto first = int64_t(range.low - input.low),
         last = int64_t(range.high - input.low);
    ChannelRange found = at(first);
    for (int64_t entry = first; entry <= last; ++entry)
      found = hull(found, at(entry));
    result.push_back(found);
  }
  return result;
}
