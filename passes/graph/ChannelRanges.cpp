//===- ChannelRanges.cpp - bounds of each channel of a value --------------===//
//
// Each operator's bounds from those of its operands (RangeArithmetic.h). Where
// an integer may wrap or a float may overflow, its bounds are its type's. What
// is not listed has those, too.
//
//===----------------------------------------------------------------------===//
#include "passes/graph/ChannelRanges.h"
#include "passes/graph/ChannelProduct.h"
#include "passes/graph/RangeArithmetic.h"
#include "llvm/ADT/TypeSwitch.h"
#include <limits>

using namespace mlir;
using namespace edgec;

using Ranges = std::vector<ChannelRange>;

//===-- constants --------------------------------------------------------===//

int64_t edgec::channelCount(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  return type.getRank() ? type.getShape().back() : 1;
}

ConstantNumbers::ConstantNumbers(ConstantData data)
    : data(data), isFloat(data.isFloat32()) {
  if (auto element = dyn_cast<IntegerType>(data.getType().getElementType())) {
    unusedBits = 32 - element.getWidth();
    isUnsigned = element.isUnsigned();
  }
}

std::optional<ConstantNumbers> ConstantNumbers::get(Value constant) {
  std::optional<ConstantData> data = ConstantData::get(constant);
  if (!data)
    return std::nullopt;
  auto element = dyn_cast<IntegerType>(data->getType().getElementType());
  bool isKnown = element ? element.getWidth() >= 8 && element.getWidth() <= 32
                         : data->isFloat32();
  return isKnown ? std::optional(ConstantNumbers(*data)) : std::nullopt;
}

double ConstantNumbers::operator[](int64_t i) const {
  if (isFloat)
    return double(data.getFloat(i));
  unsigned bytes = data.getElementBytes();
  uint32_t bits = 0;
  std::memcpy(&bits, data.getBytes() + (data.isSplat() ? 0 : i * bytes), bytes);
  return isUnsigned ? double(bits)
                    : double(int32_t(bits << unusedBits) >> unusedBits);
}

std::optional<std::vector<double>> edgec::perChannelNumbers(Value constant,
                                                            int64_t channels) {
  std::optional<ConstantNumbers> numbers = ConstantNumbers::get(constant);
  if (!numbers)
    return std::nullopt;
  bool isOne = numbers->size() == 1;
  if (!isOne &&
      (numbers->size() != channels || channelCount(constant) != channels))
    return std::nullopt;
  std::vector<double> result;
  result.reserve(channels);
  for (int64_t c = 0; c < channels; ++c)
    result.push_back((*numbers)[isOne ? 0 : c]);
  return result;
}

//===-- types ------------------------------------------------------------===//

bool edgec::hasRanges(Value value) {
  Type element = getElementTypeOrSelf(value.getType());
  auto integer = dyn_cast<IntegerType>(element);
  return element.isF32() ||
         (integer && integer.getWidth() >= 8 && integer.getWidth() <= 32);
}

ChannelRange ChannelRanges::ofType(Value value) const {
  auto element = dyn_cast<IntegerType>(getElementTypeOrSelf(value.getType()));
  if (!element) {
    double most = assumeFinite ? double(std::numeric_limits<float>::max())
                               : std::numeric_limits<double>::infinity();
    return {-most, most};
  }
  unsigned width = std::min(element.getWidth(), 32u);
  auto count = double(int64_t(1) << width);
  if (element.isUnsigned())
    return {0, count - 1};
  return {-count / 2, count / 2 - 1};
}

//===-- the walk ---------------------------------------------------------===//

namespace {
/// The bounds of one operator's result, from those of its operands.
class Step {
public:
  Step(ChannelRanges &ranges, Operation *op)
      : ranges(ranges), op(op), channels(channelCount(op->getResult(0))),
        isReal(isa<FloatType>(getElementTypeOrSelf(op->getResult(0)))),
        all(ranges.ofType(op->getResult(0))) {}

  Ranges run() {
    Ranges result = unwrapped();
    // Not even a comparison with NaN is true.
    for (ChannelRange &range : result)
      if (!(range.low >= all.low && range.high <= all.high))
        range = all;
    return result;
  }

private:
  ChannelRanges &ranges;
  Operation *op;
  int64_t channels;
  bool isReal;
  ChannelRange all;

  /// Bounds of an operand, one per channel of the result. NaN may be between
  /// those of a float that are not finite, and few operators stop one.
  std::optional<Ranges> operand(unsigned i) {
    Value value = op->getOperand(i);
    if (!hasRanges(value))
      return std::nullopt;
    if (auto numbers = perChannelNumbers(value, channels)) {
      Ranges result;
      for (double number : *numbers)
        result.push_back({number, number});
      return result;
    }
    if (channelCount(value) != channels)
      return std::nullopt;
    return ranges.of(value);
  }

  bool isInteger(unsigned i) {
    return getElementTypeOrSelf(op->getOperand(i).getType()).isInteger();
  }

  /// All there is, if some float among the operands is not known.
  ChannelRange known(std::initializer_list<ChannelRange> operands,
                     ChannelRange result) {
    bool isKnown = llvm::all_of(
        operands, [](ChannelRange range) { return range.isFinite(); });
    return isKnown ? result : all;
  }

  Ranges unary(function_ref<ChannelRange(ChannelRange)> f) {
    std::optional<Ranges> x = operand(0);
    Ranges result(channels, all);
    for (int64_t c = 0; c < channels && x; ++c)
      result[c] = known({(*x)[c]}, f((*x)[c]));
    return result;
  }

  Ranges binary(function_ref<ChannelRange(ChannelRange, ChannelRange)> f) {
    std::optional<Ranges> a = operand(0), b = operand(1);
    Ranges result(channels, all);
    for (int64_t c = 0; c < channels && a && b; ++c)
      result[c] = known({(*a)[c], (*b)[c]}, f((*a)[c], (*b)[c]));
    return result;
  }

  /// Sums, differences and products; floats are rounded.
  Ranges rounded(function_ref<ChannelRange(ChannelRange, ChannelRange)> f) {
    return binary([&](ChannelRange a, ChannelRange b) {
      return isReal ? roundedResult(f(a, b), a, b) : f(a, b);
    });
  }

  Ranges same() {
    return unary([](ChannelRange x) { return x; });
  }

  Ranges converted() {
    Type from = getElementTypeOrSelf(op->getOperand(0).getType());
    // Floats become integers by truncation.
    if (isReal != isa<FloatType>(from))
      return isReal ? unary([](ChannelRange x) { return widened(x); })
                    : Ranges(channels, all);
    return same();
  }

  /// Means of elements of a channel, and of zeros around it.
  Ranges mean(bool hasPads) {
    if (!isReal)
      return Ranges(channels, all);
    return unary(
        [&](ChannelRange x) { return widened(hasPads ? hull(x, {0, 0}) : x); });
  }

  /// Over pixels.
  Ranges reduced(ArrayRef<int64_t> axes) {
    int64_t rank =
        cast<RankedTensorType>(op->getOperand(0).getType()).getRank();
    if (llvm::is_contained(axes, rank - 1))
      return Ranges(channels, all);
    return isa<edge::ReduceMeanOp>(op) ? mean(/*hasPads=*/false) : same();
  }

  Ranges product() {
    std::optional<ChannelProduct> sums = ChannelProduct::get(op);
    return sums ? sumsOf(*sums, ranges.of(sums->getInput()), all)
                : Ranges(channels, all);
  }

  Ranges requantized(edge::RequantizeOp requantize) {
    std::optional<Ranges> x = operand(0);
    return x && isInteger(0) ? requantizedRanges(requantize, *x)
                             : Ranges(channels, all);
  }

  Ranges lookedUp(edge::LookupOp lookup) {
    auto table = getElementTypeOrSelf(lookup.getTable().getType());
    Ranges x = ranges.of(lookup.getX());
    return table.isInteger()
               ? lookedUpRanges(lookup, x, ranges.ofType(lookup.getX()), all)
               : Ranges(channels, all);
  }

  Ranges unwrapped() {
    return llvm::TypeSwitch<Operation *, Ranges>(op)
        .Case<edge::IntegerConv2DOp, edge::Conv2DOp, edge::FullyConnectedOp>(
            [&](auto) { return product(); })
        .Case([&](edge::RescaleOp rescale) {
          std::optional<Ranges> x = operand(0);
          return x ? rescaledRanges(rescale, *x, all) : Ranges(channels, all);
        })
        .Case([&](edge::RequantizeOp op) { return requantized(op); })
        .Case([&](edge::LookupOp op) { return lookedUp(op); })
        .Case([&](edge::AddOp) { return rounded(addRanges); })
        .Case([&](edge::SubOp) { return rounded(subtractRanges); })
        .Case([&](edge::MulOp) { return rounded(multiplyRanges); })
        .Case([&](edge::MaxOp) { return binary(largerOf); })
        .Case([&](edge::MinOp) { return binary(smallerOf); })
        .Case<edge::CastOp>([&](auto) { return converted(); })
        .Case<edge::CopyOp, edge::MaxPool2DOp>([&](auto) { return same(); })
        .Case([&](edge::AvgPool2DOp pool) {
          return mean(llvm::any_of(pool.getPads(),
                                   [](int64_t pad) { return pad > 0; }));
        })
        .Case<edge::ReduceMeanOp, edge::ReduceMaxOp, edge::ReduceMinOp>(
            [&](auto reduce) { return reduced(reduce.getAxes()); })
        .Case([&](edge::ReshapeOp reshape) {
          return channelCount(reshape.getX()) == channels
                     ? same()
                     : Ranges(channels, all);
        })
        .Default([&](Operation *op) {
          return isReal && op->getNumOperands() == 1
                     ? unary([&](ChannelRange x) {
                         return activatedRange(op, x).value_or(all);
                       })
                     : Ranges(channels, all);
        });
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
      known[next] = Ranges(channelCount(next), ofType(next));
      continue;
    }
    size_t before = pending.size();
    for (Value operand : op->getOperands()) {
      if (hasRanges(operand) && !known.count(operand) &&
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
