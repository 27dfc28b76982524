//===- RealRequantize.cpp - fixed-point factors as floats -----------------===//
//
// Both forms grow with x, and both are clamped to the same bounds [least,
// most]. So they agree for all x if and only if they agree on the two sides of
// each step: with t(n) the least x whose result is above n,
//
//   real(t(n) - 1) <= n < real(t(n))      for least <= n < most.
//
// A real form is sought by what these inequalities leave for the offset, for
// factors around multiplier / 2^(31 + shift), and then tried out in float32 as
// the processor computes it. Where rounding is that of negative numbers (halves
// away from zero twice), the offset has the sign of x.
//
//   edge.rescale double %x, %multiplier, %shift        i32
//     =>  edge.rescale double %x, %factor, %offset {edge.real_form = false}
//         of the same types: the bits of floats
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/RealRequantize.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/KernelEmitter.h"
#include "passes/kernel/NarrowingTarget.h"
#include "llvm/ADT/bit.h"
#include "llvm/TargetParser/Triple.h"
#include <cmath>

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

//===-- one channel ------------------------------------------------------===//

namespace {
class Search {
public:
  Search(const RescaledNumbers &numbers, bool isSymmetric, bool isFused)
      : numbers(numbers), isSymmetric(isSymmetric), isFused(isFused),
        added(isSymmetric ? 0 : numbers.zeroPoint) {}

  std::optional<RealFactor> run();

private:
  /// The result is above `below` from x = `at` on.
  struct Step {
    int64_t below, at;
  };
  int64_t exact(int64_t x) const;
  int64_t real(int64_t x, RealFactor by) const;
  void findSteps(double factor);
  bool holds(RealFactor by) const;
  /// The offsets for which the steps lie right if nothing is rounded.
  std::pair<double, double> offsets(float factor) const;
  std::optional<RealFactor> tryFactor(float factor) const;

  const RescaledNumbers &numbers;
  bool isSymmetric, isFused;
  /// what the real form adds to the rescaled number
  int64_t added;
  SmallVector<Step> steps;
};
} // namespace

/// The rescaled number, and what is added.
int64_t Search::exact(int64_t x) const {
  auto product = __int128(x) * numbers.multiplier;
  int64_t shift = numbers.shift;
  if (numbers.rounding == edge::Rounding::single_rounding)
    return int64_t((product + (__int128(1) << (30 + shift))) >> (31 + shift)) +
           added;
  auto high = int64_t((product + (__int128(1) << 30)) >> 31);
  if (shift == 0)
    return high + added;
  int64_t half = int64_t(1) << (shift - 1);
  return (high >= 0 ? (high + half) >> shift : -((-high + half) >> shift)) +
         added;
}

int64_t Search::real(int64_t x, RealFactor by) const {
  auto number = float(x);
  float offset = isSymmetric && x < 0 ? -by.offset : by.offset;
  volatile float product = number * by.factor;
  float sum = isFused ? std::fma(number, by.factor, offset) : product + offset;
  return int64_t(std::nearbyint(sum));
}

/// Of those that x can be.
void Search::findSteps(double factor) {
  int64_t offset = numbers.zeroPoint - added;
  int64_t least = numbers.least - offset, most = numbers.most - offset;
  int64_t first = numbers.x.low, end = numbers.x.high + 1;
  for (int64_t n = least; n < most; ++n) {
    double guess = std::floor((double(n - added) + 0.5) / factor);
    auto at = int64_t(std::clamp(guess, double(first), double(end)));
    while (at > first && exact(at - 1) > n)
      --at;
    while (at < end && exact(at) <= n)
      ++at;
    steps.push_back({n, at});
  }
}

bool Search::holds(RealFactor by) const {
  return llvm::all_of(steps, [&](Step step) {
    return (step.at > numbers.x.high || real(step.at, by) > step.below) &&
           (step.at <= numbers.x.low || real(step.at - 1, by) <= step.below);
  });
}

std::pair<double, double> Search::offsets(float factor) const {
  double low = isSymmetric ? 0 : -HUGE_VAL, high = HUGE_VAL;
  // The result of x shall be above, or not above, the border.
  auto bound = [&](int64_t x, double border, bool isAbove) {
    double rest = border - double(x) * double(factor);
    bool isFlipped = isSymmetric && x < 0;
    if (isAbove != isFlipped)
      low = std::max(low, isFlipped ? -rest : rest);
    else
      high = std::min(high, isFlipped ? -rest : rest);
  };
  for (Step step : steps) {
    double border = double(step.below) + 0.5;
    if (step.at <= numbers.x.high)
      bound(step.at, border, true);
    if (step.at > numbers.x.low)
      bound(step.at - 1, border, false);
  }
  return {low, high};
}

std::optional<RealFactor> Search::tryFactor(float factor) const {
  auto [low, high] = offsets(factor);
  if (!(low <= high))
    return std::nullopt;
  // Without a step on one side there is no bound there.
  if (!std::isfinite(low))
    low = std::isfinite(high) ? high - 1 : 0;
  if (!std::isfinite(high))
    high = low + 1;
  for (double share : {0.5, 0.25, 0.75, 0.375, 0.625, 0.125, 0.875}) {
    RealFactor by{factor, float(low + share * (high - low))};
    if (holds(by))
      return by;
  }
  return std::nullopt;
}

std::optional<RealFactor> Search::run() {
  // Few enough to try, and words of 32 bits for all x.
  constexpr int64_t mostSteps = 256, leastShift = 1;
  if (numbers.most < numbers.least || numbers.multiplier < 0 ||
      numbers.most - numbers.least > mostSteps || numbers.shift < leastShift ||
      numbers.shift > 31 || std::abs(numbers.zeroPoint) > mostSteps ||
      std::abs(numbers.least) > 2 * mostSteps ||
      std::abs(numbers.most) > 2 * mostSteps)
    return std::nullopt;
  if (numbers.multiplier == 0)
    return RealFactor{0, float(added)};
  double wanted =
      std::ldexp(double(numbers.multiplier), -31 - int(numbers.shift));
  findSteps(wanted);
  auto nearest = float(wanted);
  if (auto by = tryFactor(nearest))
    return by;
  constexpr int mostUnits = 48;
  float above = nearest, below = nearest;
  for (int units = 0; units < mostUnits; ++units) {
    above = std::nextafter(above, HUGE_VALF);
    below = std::nextafter(below, 0.0F);
    for (float factor : {above, below})
      if (auto by = tryFactor(factor))
        return by;
  }
  return std::nullopt;
}

std::optional<RealFactor> kernel::findRealFactor(const RescaledNumbers &numbers,
                                                 bool isSymmetric,
                                                 bool isFused) {
  return Search(numbers, isSymmetric, isFused).run();
}

//===-- all channels -----------------------------------------------------===//

/// What the sums of each channel can be. They are far from what as many bytes
/// of any value would give, which spares steps that no sum ever takes.
static SmallVector<IntegerRange> rangesOfSums(Value x) {
  SmallVector<IntegerRange> one{rangeOf(x)};
  auto conv = x.getDefiningOp<edge::IntegerConv2DOp>();
  auto argument = conv ? dyn_cast<BlockArgument>(conv.getFilter()) : nullptr;
  if (!argument)
    return one;
  auto kernel = cast<schedule::KernelOp>(conv->getParentOp());
  ElementsAttr filter = getConstantOperand(kernel, argument.getArgNumber());
  std::optional<SmallVector<int32_t>> bias;
  if (conv.getBias())
    bias = knownNumbers(conv.getBias());
  if (conv.getBias() && !bias)
    return one;
  int64_t channels = conv.getFilter().getType().getDimSize(0);
  ArrayRef<char> bytes = filter ? bytesOf(filter) : ArrayRef<char>();
  Type element = elementOf(conv.getFilter().getType());
  if (element.getIntOrFloatBitWidth() != 8 ||
      int64_t(bytes.size()) != conv.getFilter().getType().getNumElements())
    return one;
  IntegerRange input = rangeOfElement(elementOf(conv.getInput().getType()));
  int64_t zero = int64_t(conv.getInputZeroPoint());
  int64_t filterZero = int64_t(conv.getFilterZeroPoint());
  int64_t perChannel = int64_t(bytes.size()) / channels;
  SmallVector<IntegerRange> ranges;
  for (int64_t c = 0; c < channels; ++c) {
    int64_t start = bias ? (*bias)[bias->size() == 1 ? 0 : c] : 0;
    IntegerRange sum{start, start};
    for (char byte : bytes.slice(c * perChannel, perChannel)) {
      int64_t weight =
          (isUnsignedElement(element) ? int64_t(uint8_t(byte)) : int8_t(byte)) -
          filterZero;
      auto [low, high] = std::minmax(
          {weight * (input.low - zero), weight * (input.high - zero)});
      sum = {sum.low + low, sum.high + high};
    }
    if (!one.front().contains(sum))
      return one;
    ranges.push_back(sum);
  }
  return ranges;
}

static std::optional<SmallVector<RealFactor>>
findRealFactors(const Requantization &r, bool isSymmetric, bool isFused) {
  edge::RescaleOp op = r.rescale;
  auto multipliers = knownNumbers(op.getMultiplier()),
       shifts = knownNumbers(op.getShift());
  if (!multipliers || !shifts || !r.low || !r.high)
    return std::nullopt;
  RescaledNumbers numbers{};
  numbers.rounding = op.getRounding();
  SmallVector<IntegerRange> ranges = rangesOfSums(op.getX());
  numbers.least = *r.low;
  numbers.most = *r.high;
  numbers.zeroPoint = r.zeroPoint;
  SmallVector<RealFactor> factors;
  size_t channels = std::max(multipliers->size(), shifts->size());
  // One factor for all channels has all of their sums.
  if (ranges.size() > 1 && ranges.size() != channels)
    ranges = {rangeOf(op.getX())};
  for (size_t c = 0; c < channels; ++c) {
    numbers.x = ranges[c % ranges.size()];
    numbers.multiplier = (*multipliers)[c % multipliers->size()];
    numbers.shift = (*shifts)[c % shifts->size()];
    // Without a factor the shift makes no difference.
    if (numbers.multiplier == 0)
      numbers.shift = 1;
    auto by = findRealFactor(numbers, isSymmetric, isFused);
    if (!by)
      return std::nullopt;
    factors.push_back(*by);
  }
  return factors;
}

/// A constant of the bits of floats, as an operand of the kernel, or inside of
/// it if it is one number.
static Value makeOperand(schedule::KernelOp kernel, edge::RescaleOp rescale,
                         ArrayRef<float> numbers, RankedTensorType like) {
  Type i32 = IntegerType::get(kernel.getContext(), 32);
  SmallVector<int32_t> bits;
  for (float number : numbers)
    bits.push_back(llvm::bit_cast<int32_t>(number));
  if (llvm::all_equal(bits)) {
    auto type = RankedTensorType::get({}, i32);
    OpBuilder b(rescale);
    return edge::ConstantOp::create(b, rescale.getLoc(), type,
                                    DenseElementsAttr::get(type, bits.front()));
  }
  RankedTensorType type = like.clone(i32);
  OpBuilder b(kernel);
  Value constant = edge::ConstantOp::create(
      b, rescale.getLoc(), type, DenseElementsAttr::get(type, ArrayRef(bits)));
  kernel.getInputsMutable().append(constant);
  return kernel.getBody().front().addArgument(type, rescale.getLoc());
}

/// Constants that nobody reads any more.
static void eraseUnusedOperands(schedule::KernelOp kernel) {
  Block &body = kernel.getBody().front();
  for (unsigned i = body.getNumArguments(); i-- > 0;) {
    if (!body.getArgument(i).use_empty() || !getConstantOperand(kernel, i))
      continue;
    body.eraseArgument(i);
    kernel.getInputsMutable().erase(i);
  }
}

/// The type of the operand that has a number per channel.
static RankedTensorType perChannelType(edge::RescaleOp op) {
  auto multiplier = cast<RankedTensorType>(op.getMultiplier().getType()),
       shift = cast<RankedTensorType>(op.getShift().getType());
  return multiplier.getNumElements() > 1 ? multiplier : shift;
}

static bool useRealFactors(schedule::KernelOp kernel, edge::RescaleOp rescale,
                           bool isFused) {
  auto multiplier = cast<RankedTensorType>(rescale.getMultiplier().getType()),
       shift = cast<RankedTensorType>(rescale.getShift().getType());
  if (multiplier.getNumElements() > 1 && shift.getNumElements() > 1 &&
      multiplier != shift)
    return false;
  auto whole = Requantization::from(rescale);
  if (whole.narrow &&
      (!whole.low || !whole.high ||
       !rangeOfElement(whole.narrow).contains({*whole.low, *whole.high})))
    return false;
  bool isSymmetric = false;
  auto factors = findRealFactors(whole, isSymmetric, isFused);
  if (!factors && rescale.getRounding() == edge::Rounding::double_rounding) {
    isSymmetric = true;
    factors = findRealFactors(whole, isSymmetric, isFused);
  }
  if (!factors)
    return false;
  SmallVector<float> products, offsets;
  for (RealFactor by : *factors) {
    products.push_back(by.factor);
    offsets.push_back(by.offset);
  }
  RankedTensorType type = perChannelType(rescale);
  rescale.setOperand(1, makeOperand(kernel, rescale, products, type));
  rescale.setOperand(2, makeOperand(kernel, rescale, offsets, type));
  rescale->setAttr(realFormAttrName,
                   BoolAttr::get(kernel.getContext(), isSymmetric));
  return true;
}

void kernel::useRealFactors(schedule::KernelOp kernel,
                            schedule::MachineAttr machine) {
  // Others have an instruction for the product and its rounding.
  if (!llvm::Triple(machine.getTriple()).isX86())
    return;
  bool hasChanged = false;
  // What is known of a number may be known by another one's factor: last first.
  auto rescales =
      llvm::to_vector(kernel.getBody().front().getOps<edge::RescaleOp>());
  for (edge::RescaleOp rescale : llvm::reverse(rescales))
    hasChanged |= ::useRealFactors(kernel, rescale, machine.getHasFma());
  if (hasChanged)
    eraseUnusedOperands(kernel);
}

//===-- vectors ----------------------------------------------------------===//

Value kernel::emitRealWords(OpBuilder &b, schedule::MachineAttr machine,
                            edge::RescaleOp rescale, Value x, Value factor,
                            Value offset) {
  Location loc = rescale.getLoc();
  VectorType reals = cast<VectorType>(x.getType()).clone(b.getF32Type());
  auto asReals = [&](Value bits) -> Value {
    return vector::BitCastOp::create(b, loc, reals, bits);
  };
  if (x.getType() != reals)
    x = arith::SIToFPOp::create(b, loc, reals, x);
  factor = asReals(factor);
  offset = asReals(offset);
  if (rescale->getAttrOfType<BoolAttr>(realFormAttrName).getValue())
    offset = LLVM::CopySignOp::create(b, loc, offset, x);
  if (machine.getHasFma())
    return emitX86Words(b, loc, machine,
                        vector::FMAOp::create(b, loc, x, factor, offset));
  Value product = arith::MulFOp::create(b, loc, x, factor);
  return emitX86Words(b, loc, machine,
                      arith::AddFOp::create(b, loc, product, offset));
}
