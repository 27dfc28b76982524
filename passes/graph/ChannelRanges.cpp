//===- ChannelRanges.cpp - bounds of each channel of a value --------------===//
//
// Each operator's bounds from those of its operands. Where a result may wrap,
// its bounds are its type's. What is not listed has those, too.
//
//===----------------------------------------------------------------------===//
#include "passes/graph/ChannelRanges.h"
#include "passes/graph/ConstantData.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/ADT/bit.h"
#include <cmath>

using namespace mlir;
using namespace edgec;

using Ranges = std::vector<ChannelRange>;

//===-- constants --------------------------------------------------------===//

int64_t edgec::channelCount(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  return type.getRank() ? type.getShape().back() : 1;
}

std::optional<std::vector<int64_t>> edgec::integerElements(Value constant) {
  std::optional<ConstantData> data = ConstantData::get(constant);
  if (!data)
    return std::nullopt;
  auto element = dyn_cast<IntegerType>(data->getType().getElementType());
  if (!element || element.getWidth() < 8 || element.getWidth() > 32)
    return std::nullopt;
  std::vector<int64_t> numbers;
  numbers.reserve(data->getNumElements());
  unsigned bytes = data->getElementBytes(), unused = 32 - 8 * bytes;
  for (int64_t i = 0; i < data->getNumElements(); ++i) {
    uint32_t bits = 0;
    std::memcpy(&bits, data->getBytes() + (data->isSplat() ? 0 : i * bytes),
                bytes);
    numbers.push_back(element.isUnsigned()
                          ? int64_t(bits)
                          : int64_t(int32_t(bits << unused) >> unused));
  }
  return numbers;
}

std::optional<std::vector<int64_t>> edgec::perChannelNumbers(Value constant,
                                                             int64_t channels) {
  auto numbers = integerElements(constant);
  if (!numbers)
    return std::nullopt;
  if (numbers->size() == 1)
    return std::vector<int64_t>(channels, numbers->front());
  if (int64_t(numbers->size()) != channels ||
      channelCount(constant) != channels)
    return std::nullopt;
  return numbers;
}

//===-- operators --------------------------------------------------------===//

static ChannelRange rangeOfType(Value value) {
  auto element = cast<IntegerType>(getElementTypeOrSelf(value.getType()));
  unsigned width = std::min(element.getWidth(), 32u);
  int64_t count = int64_t(1) << width;
  if (element.isUnsigned())
    return {0, count - 1};
  return {-count / 2, count / 2 - 1};
}

static bool isNarrowInteger(Value value) {
  auto element = dyn_cast<IntegerType>(getElementTypeOrSelf(value.getType()));
  return element && element.getWidth() <= 32;
}

/// The products of the ends.
static ChannelRange multiply(ChannelRange a, ChannelRange b) {
  auto [low, high] = std::minmax(
      {a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high});
  return {low, high};
}

static ChannelRange hull(ChannelRange a, ChannelRange b) {
  return {std::min(a.low, b.low), std::max(a.high, b.high)};
}

static Ranges sums(edge::IntegerConv2DOp conv, const Ranges &input,
                   ChannelRange all) {
  int64_t channels = channelCount(conv.getResult());
  auto filter = integerElements(conv.getFilter());
  std::optional<std::vector<int64_t>> bias = std::vector<int64_t>(channels, 0);
  if (conv.getBias())
    bias = perChannelNumbers(conv.getBias(), channels);
  if (!filter || !bias)
    return Ranges(channels, all);
  int64_t inner = channelCount(conv.getFilter());
  int64_t taps = int64_t(filter->size()) / (channels * inner);
  auto zero = int64_t(conv.getInputZeroPoint()),
       filterZero = int64_t(conv.getFilterZeroPoint()),
       pad = int64_t(conv.getPadValue()) - zero;
  bool isPadded = llvm::any_of(conv.getPads(), [](int64_t n) { return n > 0; });
  int64_t perGroup = channels / int64_t(conv.getGroups());
  Ranges result;
  result.reserve(channels);
  for (int64_t o = 0; o < channels; ++o) {
    ChannelRange sum{(*bias)[o], (*bias)[o]};
    for (int64_t i = 0; i < inner; ++i) {
      ChannelRange x = input[o / perGroup * inner + i];
      x = {x.low - zero, x.high - zero};
      if (isPadded)
        x = hull(x, {pad, pad});
      for (int64_t tap = 0; tap < taps; ++tap) {
        int64_t factor = (*filter)[(o * taps + tap) * inner + i] - filterZero;
        ChannelRange product = multiply({factor, factor}, x);
        sum = {sum.low + product.low, sum.high + product.high};
      }
    }
    result.push_back(sum);
  }
  return result;
}

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

static Ranges rescaled(edge::RescaleOp op, const Ranges &x, ChannelRange all) {
  auto multipliers = perChannelNumbers(op.getMultiplier(), int64_t(x.size()));
  auto shifts = perChannelNumbers(op.getShift(), int64_t(x.size()));
  Ranges result(x.size(), all);
  for (size_t c = 0; c < x.size() && multipliers && shifts; ++c) {
    int64_t multiplier = (*multipliers)[c], shift = (*shifts)[c] & 31;
    // Grows with x then.
    if (multiplier >= 0)
      result[c] = {rescale(x[c].low, multiplier, shift, op.getRounding()),
                   rescale(x[c].high, multiplier, shift, op.getRounding())};
  }
  return result;
}

/// As edge.requantize defines it; `factor` is positive.
static int64_t requantize(edge::RequantizeOp op, int64_t x, float factor) {
  volatile float product = float(x) * factor;
  // The attributes' accessors give unsigned numbers.
  double rounded =
      std::nearbyint(double(product)) + double(int64_t(op.getZeroPoint()));
  return int64_t(std::clamp(rounded, double(int64_t(op.getLow())),
                            double(int64_t(op.getHigh()))));
}

static Ranges requantized(edge::RequantizeOp op, const Ranges &x) {
  Ranges result(x.size(),
                ChannelRange{int64_t(op.getLow()), int64_t(op.getHigh())});
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

static Ranges lookedUp(edge::LookupOp op, const Ranges &x, ChannelRange all) {
  auto table = integerElements(op.getTable());
  Ranges result(x.size(), all);
  int64_t smallest = rangeOfType(op.getX()).low;
  for (size_t c = 0; c < x.size() && table; ++c) {
    auto [low, high] =
        std::minmax_element(table->begin() + (x[c].low - smallest),
                            table->begin() + (x[c].high - smallest + 1));
    result[c] = {*low, *high};
  }
  return result;
}

//===-- the walk ---------------------------------------------------------===//

namespace {
/// The bounds of one operator's result, from those of its operands.
class Step {
public:
  Step(ChannelRanges &ranges, Operation *op)
      : ranges(ranges), op(op), channels(channelCount(op->getResult(0))),
        all(rangeOfType(op->getResult(0))) {}

  Ranges run() {
    Ranges result = unwrapped();
    for (ChannelRange &range : result)
      if (range.low < all.low || range.high > all.high)
        range = all;
    return result;
  }

private:
  ChannelRanges &ranges;
  Operation *op;
  int64_t channels;
  ChannelRange all;

  /// Bounds of an operand, one per channel of the result.
  std::optional<Ranges> operand(unsigned i) {
    Value value = op->getOperand(i);
    if (!isNarrowInteger(value))
      return std::nullopt;
    if (auto numbers = perChannelNumbers(value, channels)) {
      Ranges result;
      for (int64_t number : *numbers)
        result.push_back({number, number});
      return result;
    }
    if (channelCount(value) != channels)
      return std::nullopt;
    return ranges.of(value);
  }

  Ranges combine(function_ref<ChannelRange(ChannelRange, ChannelRange)> f) {
    std::optional<Ranges> a = operand(0), b = operand(1);
    Ranges result(channels, all);
    for (int64_t c = 0; c < channels && a && b; ++c)
      result[c] = f((*a)[c], (*b)[c]);
    return result;
  }

  Ranges same() {
    std::optional<Ranges> x = operand(0);
    return x ? *x : Ranges(channels, all);
  }

  Ranges unwrapped() {
    Ranges unknown(channels, all);
    return llvm::TypeSwitch<Operation *, Ranges>(op)
        .Case([&](edge::IntegerConv2DOp conv) {
          return sums(conv, ranges.of(conv.getInput()), all);
        })
        .Case([&](edge::RescaleOp rescale) {
          std::optional<Ranges> x = operand(0);
          return x ? rescaled(rescale, *x, all) : unknown;
        })
        .Case([&](edge::RequantizeOp requantize) {
          std::optional<Ranges> x = operand(0);
          return x ? requantized(requantize, *x) : unknown;
        })
        .Case([&](edge::LookupOp lookup) {
          auto table = getElementTypeOrSelf(lookup.getTable().getType());
          return table.isInteger()
                     ? lookedUp(lookup, ranges.of(lookup.getX()), all)
                     : unknown;
        })
        .Case([&](edge::AddOp) {
          return combine([](ChannelRange a, ChannelRange b) {
            return ChannelRange{a.low + b.low, a.high + b.high};
          });
        })
        .Case([&](edge::SubOp) {
          return combine([](ChannelRange a, ChannelRange b) {
            return ChannelRange{a.low - b.high, a.high - b.low};
          });
        })
        .Case([&](edge::MulOp) { return combine(multiply); })
        .Case([&](edge::MaxOp) {
          return combine([](ChannelRange a, ChannelRange b) {
            return ChannelRange{std::max(a.low, b.low),
                                std::max(a.high, b.high)};
          });
        })
        .Case([&](edge::MinOp) {
          return combine([](ChannelRange a, ChannelRange b) {
            return ChannelRange{std::min(a.low, b.low),
                                std::min(a.high, b.high)};
          });
        })
        .Case([&](edge::CastOp) { return same(); })
        .Case([&](edge::ReshapeOp reshape) {
          return channelCount(reshape.getX()) == channels ? same() : unknown;
        })
        .Default(unknown);
  }
};
} // namespace

const Ranges &ChannelRanges::of(Value value) {
  // Operands before their users, without a call per operator: graphs are deep.
  SmallVector<Value> pending = {value};
  while (!pending.empty()) {
    Value next = pending.back();
    if (known.count(next)) {
      pending.pop_back();
      continue;
    }
    Operation *op = next.getDefiningOp();
    if (!op || op->getNumResults() != 1 || isa<edge::ConstantOp>(op)) {
      known[next] = Ranges(channelCount(next), rangeOfType(next));
      continue;
    }
    size_t before = pending.size();
    for (Value operand : op->getOperands()) {
      if (isNarrowInteger(operand) && !known.count(operand) &&
          !operand.getDefiningOp<edge::ConstantOp>())
        pending.push_back(operand);
    }
    if (pending.size() == before) {
      Ranges ranges = Step(*this, op).run();
      known[next] = std::move(ranges);
    }
  }
  return known[value];
}
