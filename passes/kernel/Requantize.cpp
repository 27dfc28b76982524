//===- Requantize.cpp - from sums to the numbers that are stored ----------===//
//
// With p = x * multiplier, s = shift and z the zero point, rescale and add are
//
//   single    floor((p + 2^(30+s)) / 2^(31+s)) + z
//   double    floor((p + 2^30 + 2^(30+s) - (p < 0) 2^31) / 2^(31+s)) + z, s > 0
//             floor((p + 2^30) / 2^31) + z, s = 0
//
// where halves away from zero are what takes 2^31 from negative products. That
// term vanishes where all results below z become z anyhow (ReLU). So a product,
// a sum with a constant c of each channel, zero point included, and a shift do:
//
//   high half of (p + c) >> s - 1                 if all s > 0
//   (high half of (2p + 2c) + (x >> 31)) >> s     if 2x does not overflow
//
// The high half is what processors have at hand. Arm and RISC-V have an
// instruction for the first rounding of `double`, and shifts that round.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/Requantize.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/NarrowingTarget.h"
#include "passes/kernel/RealRequantize.h"
#include "llvm/TargetParser/Triple.h"
#include <cmath>

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

//===-- recognition ------------------------------------------------------===//

/// The number that a binary operator combines `x` with, if it is one number.
static std::optional<int64_t> otherNumber(Operation *op, Value x) {
  Value other = op->getOperand(op->getOperand(0) == x ? 1 : 0);
  // Operands of the kernel differ between kernels of the same code.
  if (other == x || !other.getDefiningOp<edge::ConstantOp>())
    return std::nullopt;
  auto numbers = knownNumbers(other);
  if (!numbers || numbers->size() != 1)
    return std::nullopt;
  return numbers->front();
}

Requantization Requantization::from(edge::RescaleOp rescale) {
  Requantization r{rescale, {rescale}, 0, {}, {}, nullptr};
  for (Operation *last = rescale; last->getResult(0).hasOneUse();) {
    Value x = last->getResult(0);
    Operation *next = *x.user_begin();
    if (isa<edge::CastOp>(next)) {
      Type element = elementOf(next->getResult(0).getType());
      if (element.isInteger() && element.getIntOrFloatBitWidth() < 32 &&
          !element.isInteger(1)) {
        r.narrow = element;
        r.operators.push_back(next);
      }
      return r;
    }
    if (!isa<edge::AddOp, edge::MaxOp, edge::MinOp>(next))
      return r;
    std::optional<int64_t> number = otherNumber(next, x);
    bool isBounded = r.low || r.high;
    if (!number || (isa<edge::AddOp>(next) && (isBounded || r.zeroPoint)) ||
        (isa<edge::MaxOp>(next) && isBounded) ||
        (isa<edge::MinOp>(next) && r.high))
      return r;
    if (isa<edge::AddOp>(next))
      r.zeroPoint = *number;
    else if (isa<edge::MaxOp>(next))
      r.low = number;
    else
      r.high = number;
    r.operators.push_back(next);
    last = next;
  }
  return r;
}

//===-- what holds for all channels --------------------------------------===//

namespace {
/// The form that gives the same bits.
struct Form {
  /// 2x instead of x
  bool isDoubled;
  /// Negative numbers are taken care of.
  bool hasSign;
  /// Terms of c: 2^30, and 2^(30+s).
  bool hasFirst, hasSecond;
  /// Shifts of 0 count as 1: they belong to channels without a factor.
  bool raisesShift;
  /// c has room for the zero point.
  bool hasZeroPoint;
};
} // namespace

/// Whether 63 bits hold p + c, with zero point or without.
static bool fits(const Requantization &r, const Form &form, double product,
                 int64_t shift) {
  double unit = std::ldexp(1.0, int(31 + shift));
  double zeroPoint = form.hasZeroPoint ? std::abs(double(r.zeroPoint)) : 0;
  double most = product + unit * (0.5 + zeroPoint) + 0x1p30;
  return (form.isDoubled ? 2 : 1) * most < 0x1.ffp62;
}

static std::optional<Form> chooseForm(const Requantization &r) {
  edge::RescaleOp op = r.rescale;
  auto multipliers = knownNumbers(op.getMultiplier()),
       shifts = knownNumbers(op.getShift());
  if (!multipliers || !shifts)
    return std::nullopt;
  // One form for all channels. What has no factor is 0, whatever its shift.
  bool someZero = false, somePositive = false, raises = false;
  int64_t highest = 0, largestShift = 0;
  size_t ofMultipliers = multipliers->size(), ofShifts = shifts->size();
  bool isPaired = ofMultipliers == 1 || ofShifts == 1 ||
                  op.getMultiplier().getType() == op.getShift().getType();
  if (!isPaired)
    return std::nullopt;
  for (size_t c = 0; c < std::max(ofMultipliers, ofShifts); ++c) {
    int64_t multiplier = (*multipliers)[c % ofMultipliers],
            shift = (*shifts)[c % ofShifts];
    if (shift < 0 || shift > 31 || multiplier < 0)
      return std::nullopt;
    raises |= multiplier == 0 && shift == 0;
    someZero |= multiplier != 0 && shift == 0;
    somePositive |= shift > 0;
    highest = std::max(highest, multiplier);
    largestShift = std::max(largestShift, shift);
  }
  bool isDouble = op.getRounding() == edge::Rounding::double_rounding;
  bool allPositive = !someZero;
  if (isDouble && somePositive && someZero)
    return std::nullopt;
  bool isRelu = r.low && *r.low >= r.zeroPoint;
  Form form{};
  form.hasSign = isDouble && allPositive && !isRelu;
  form.hasFirst = isDouble;
  form.hasSecond = !isDouble || allPositive;
  form.isDoubled = form.hasSign || !allPositive;
  form.raisesShift = raises && allPositive;
  int64_t magnitude = rangeOf(op.getX()).magnitude();
  if (form.isDoubled && magnitude >= int64_t(1) << 30)
    return std::nullopt;
  // Large shifts are those of channels that hardly count.
  double product = double(magnitude) * double(highest);
  largestShift = std::max<int64_t>(largestShift, 1);
  form.hasZeroPoint = true;
  form.hasZeroPoint = fits(r, form, product, largestShift);
  return fits(r, form, product, largestShift) ? std::optional(form)
                                              : std::nullopt;
}

int64_t kernel::requantizationForm(edge::RescaleOp rescale) {
  // An attribute says it all.
  if (rescale->hasAttr(realFormAttrName))
    return -1;
  std::optional<Form> form = chooseForm(Requantization::from(rescale));
  if (!form)
    return -1;
  return form->isDoubled | form->hasSign << 1 | form->hasFirst << 2 |
         form->hasSecond << 3 | form->raisesShift << 4 |
         form->hasZeroPoint << 5;
}

//===-- vectors ----------------------------------------------------------===//

namespace {
class Writer {
public:
  Writer(OpBuilder &b, const Requantization &r, schedule::MachineAttr machine,
         Value x)
      : b(b), loc(r.rescale->getLoc()), r(r), machine(machine),
        triple(machine.getTriple()), type(cast<VectorType>(x.getType())), x(x) {
    lanes = type.getDimSize(0);
    // 64-bit products are had of every other lane (pmuldq); where all of them
    // fill one register, extending is as good.
    everyOther = triple.isX86() && lanes % 2 == 0 &&
                 lanes * 64 > machine.getVectorBits();
  }

  Value scaled(const Form &form, Value multiplier, Value shift);
  bool roundsInHardware() const;
  Value roundedShift(const Form &form, Value multiplier, Value shift);
  /// A zero point that is not in the sum yet is left to bounded().
  int64_t missing(const Form &form) const {
    return form.hasZeroPoint && !roundsInHardware() ? 0 : r.zeroPoint;
  }
  Value bounded(Value sum, int64_t missing);
  Value atLeast(Value value, int64_t bound, bool isUnsigned = false) {
    Value limit = number(cast<VectorType>(value.getType()), bound);
    return isUnsigned ? make<arith::MaxUIOp>(value, limit)
                      : make<arith::MaxSIOp>(value, limit);
  }

private:
  VectorType wide(int64_t count) const {
    return VectorType::get(count, b.getI64Type());
  }
  Value number(VectorType like, int64_t value) {
    auto element = cast<IntegerType>(like.getElementType());
    return arith::ConstantOp::create(
        b, loc,
        SplatElementsAttr::get(
            like, Attribute(b.getIntegerAttr(
                      element, APInt(element.getWidth(), uint64_t(value), true,
                                     /*implicitTrunc=*/true)))));
  }
  template <typename Op> Value make(Value lhs, Value rhs) {
    return Op::create(b, loc, lhs, rhs);
  }
  Value withZeroPoint(Value sum, int64_t zeroPoint);
  Value callArm(StringRef name, Value lhs, Value rhs) {
    return emitArmWords(b, loc, name, "", {lhs, rhs});
  }
  Value callRiscv(StringRef name, Value lhs, Value rhs);
  Value signs() { return make<arith::ShRSIOp>(x, number(type, 31)); }
  Value rounding(const Form &form, Value shift);
  Value highHalf(const Form &form, Value x, Value multiplier, Value shift);
  Value highHalfOfOthers(const Form &form, Value x, Value multiplier,
                         Value shift);
  Value atMost(Value value, int64_t bound, bool isUnsigned = false) {
    Value limit = number(cast<VectorType>(value.getType()), bound);
    return isUnsigned ? make<arith::MinUIOp>(value, limit)
                      : make<arith::MinSIOp>(value, limit);
  }

  OpBuilder &b;
  Location loc;
  const Requantization &r;
  schedule::MachineAttr machine;
  llvm::Triple triple;
  VectorType type;
  Value x;
  int64_t lanes;
  bool everyOther;
};
} // namespace

/// c, of 64-bit shifts.
Value Writer::rounding(const Form &form, Value shift) {
  auto wide = cast<VectorType>(shift.getType());
  int64_t factor = form.isDoubled ? 2 : 1;
  int64_t unit = int64_t(1) << 30;
  int64_t scaled = (form.hasSecond ? unit : 0) +
                   (form.hasZeroPoint ? r.zeroPoint * 2 * unit : 0);
  Value c = make<arith::ShLIOp>(number(wide, factor * scaled), shift);
  return form.hasFirst ? make<arith::AddIOp>(c, number(wide, factor * unit))
                       : c;
}

/// Of p + c, even lanes from one product and odd ones from another. AVX2 has no
/// arithmetic shift of 64 bits: odd lanes move to even places.
Value Writer::highHalfOfOthers(const Form &form, Value x, Value multiplier,
                               Value shift) {
  VectorType pairs = wide(lanes / 2);
  Value width = number(pairs, 32);
  SmallVector<int64_t> moveOdd, order;
  for (int64_t lane = 0; lane < lanes; lane += 2) {
    moveOdd.append({lane + 1, lane + 1});
    order.append({lane + 1, lanes + lane + 1});
  }
  auto extended = [&](Value all, bool isOdd) {
    if (isOdd)
      all = vector::ShuffleOp::create(b, loc, all, all, moveOdd);
    Value low = vector::BitCastOp::create(b, loc, pairs, all);
    return make<arith::ShRSIOp>(make<arith::ShLIOp>(low, width), width);
  };
  auto sum = [&](bool isOdd) -> Value {
    Value product =
        make<arith::MulIOp>(extended(x, isOdd), extended(multiplier, isOdd));
    Value total =
        make<arith::AddIOp>(product, rounding(form, extended(shift, isOdd)));
    return vector::BitCastOp::create(b, loc, type, total);
  };
  Value evens = sum(false), odds = sum(true);
  return vector::ShuffleOp::create(b, loc, evens, odds, order);
}

Value Writer::highHalf(const Form &form, Value x, Value multiplier,
                       Value shift) {
  if (everyOther)
    return highHalfOfOthers(form, x, multiplier, shift);
  VectorType all = wide(lanes);
  auto extended = [&](Value value) -> Value {
    return arith::ExtSIOp::create(b, loc, all, value);
  };
  Value product = make<arith::MulIOp>(extended(x), extended(multiplier));
  Value sum = make<arith::AddIOp>(product, rounding(form, extended(shift)));
  Value high = make<arith::ShRUIOp>(sum, number(all, 32));
  return arith::TruncIOp::create(b, loc, type, high);
}

Value Writer::scaled(const Form &form, Value multiplier, Value shift) {
  Value sum;
  if (form.isDoubled) {
    sum = highHalf(form, make<arith::AddIOp>(x, x), multiplier, shift);
    if (form.hasSign)
      sum = make<arith::AddIOp>(sum, signs());
    sum = make<arith::ShRSIOp>(sum, shift);
  } else {
    sum = highHalf(form, x, multiplier, shift);
    sum =
        make<arith::ShRSIOp>(sum, make<arith::SubIOp>(shift, number(type, 1)));
  }
  return sum;
}

Value Writer::withZeroPoint(Value sum, int64_t zeroPoint) {
  return zeroPoint ? make<arith::AddIOp>(sum, number(type, zeroPoint)) : sum;
}

/// Arm and RISC-V have the product that is rounded first, and shifts that
/// round.
bool Writer::roundsInHardware() const {
  bool hasVectors = triple.isAArch64()
                        ? llvm::is_contained({2, 4, 8, 16}, lanes)
                        : triple.isRISCV() && machine.getVectorBits() > 0 &&
                              llvm::isPowerOf2_64(lanes) && lanes > 1;
  return hasVectors && edge::RescaleOp(r.rescale).getRounding() ==
                           edge::Rounding::double_rounding;
}

/// RISC-V's instructions are there for vectors of any length only: ours begin
/// such ones, which have at least as many lanes (VLEN is at least 128).
Value Writer::callRiscv(StringRef name, Value lhs, Value rhs) {
  auto scalable = VectorType::get(std::max<int64_t>(lanes / 2, 1),
                                  b.getI32Type(), /*scalableDims=*/true);
  Value none = LLVM::PoisonOp::create(b, loc, scalable);
  auto whole = [&](Value part) -> Value {
    return vector::ScalableInsertOp::create(b, loc, part, none, 0);
  };
  auto constant = [&](int64_t value) -> Value {
    return LLVM::ConstantOp::create(b, loc, b.getI64IntegerAttr(value));
  };
  std::string count = std::to_string(scalable.getDimSize(0));
  std::string called =
      ("llvm.riscv." + name + ".nxv" + count + "i32.nxv" + count + "i32.i64")
          .str();
  // To nearest, halves up.
  Value roundUp = constant(0);
  Value result =
      LLVM::CallIntrinsicOp::create(
          b, loc, scalable, b.getStringAttr(called),
          ValueRange{none, whole(lhs), whole(rhs), roundUp, constant(lanes)})
          .getResult(0);
  return vector::ScalableExtractOp::create(b, loc, type, result, 0);
}

/// The shift adds half of the divisor, which rounds negative halves up unless
/// one was taken from them.
Value Writer::roundedShift(const Form &form, Value multiplier, Value shift) {
  bool isArm = triple.isAArch64();
  Value high = isArm ? callArm("sqrdmulh", x, multiplier)
                     : callRiscv("vsmul", x, multiplier);
  if (form.hasSecond) {
    if (form.hasSign)
      high = make<arith::AddIOp>(high,
                                 make<arith::ShRSIOp>(high, number(type, 31)));
    high = isArm ? callArm("srshl", high,
                           make<arith::SubIOp>(number(type, 0), shift))
                 : callRiscv("vssra", high, shift);
  }
  return high;
}

/// On x86 and Arm narrowing saturates for nothing, and tighter bounds are
/// cheaper on the narrow numbers.
Value Writer::bounded(Value value, int64_t missing) {
  if (!r.narrow) {
    value = withZeroPoint(value, missing);
    value = r.low ? atLeast(value, *r.low) : value;
    return r.high ? atMost(value, *r.high) : value;
  }
  IntegerRange range = rangeOfElement(r.narrow);
  int64_t low = r.low.value_or(INT32_MIN), high = r.high.value_or(INT32_MAX);
  bool isInside = low <= high && range.contains({low, high});
  // What is scaled by less than one is no larger than before.
  Narrowing narrowing{missing, low, high, r.narrow};
  bool isFar =
      rangeOf(edge::RescaleOp(r.rescale).getX()).magnitude() < INT32_MAX - 1024;
  if (isInside && isFar && narrowsToBytes(machine, lanes, narrowing))
    return emitBytes(b, loc, machine, value, narrowing);
  value = withZeroPoint(value, missing);
  VectorType narrow = type.clone(computedType(r.narrow));
  if (!triple.isX86() || !isInside) {
    value = r.low ? atLeast(value, low) : value;
    value = r.high ? atMost(value, high) : value;
    return arith::TruncIOp::create(b, loc, narrow, value);
  }
  value = atMost(atLeast(value, range.low), range.high);
  value = arith::TruncIOp::create(b, loc, narrow, value);
  bool isUnsigned = isUnsignedElement(r.narrow);
  value = low > range.low ? atLeast(value, low, isUnsigned) : value;
  return high < range.high ? atMost(value, high, isUnsigned) : value;
}

Value kernel::emitRequantization(OpBuilder &builder,
                                 const Requantization &requantization,
                                 schedule::MachineAttr machine, Value x,
                                 Value multiplier, Value shift) {
  edge::RescaleOp rescale = requantization.rescale;
  if (auto isSymmetric = rescale->getAttrOfType<BoolAttr>(realFormAttrName)) {
    Value words =
        emitRealWords(builder, machine, rescale, x, multiplier, shift);
    return Writer(builder, requantization, machine, words)
        .bounded(words, isSymmetric.getValue() ? requantization.zeroPoint : 0);
  }
  std::optional<Form> form = chooseForm(requantization);
  if (!form)
    return nullptr;
  Writer whole(builder, requantization, machine, x);
  if (form->raisesShift)
    shift = whole.atLeast(shift, 1);
  if (whole.roundsInHardware()) {
    Value sum = whole.roundedShift(*form, multiplier, shift);
    return whole.bounded(sum, whole.missing(*form));
  }
  // A register at a time.
  Location loc = requantization.rescale->getLoc();
  int64_t lanes = cast<VectorType>(x.getType()).getDimSize(0),
          most = machine.getFloatLanes();
  if (!x86Narrows(machine, lanes)) {
    Value sum = whole.scaled(*form, multiplier, shift);
    return whole.bounded(sum, whole.missing(*form));
  }
  SmallVector<Value> sums;
  for (int64_t first = 0; first < lanes; first += most) {
    auto part = [&](Value vector) {
      return partOf(builder, loc, vector, first, most);
    };
    Writer writer(builder, requantization, machine, part(x));
    sums.push_back(writer.scaled(*form, part(multiplier), part(shift)));
  }
  return whole.bounded(joinVectors(builder, loc, sums), whole.missing(*form));
}
