//===- RunFixedPoint.cpp - fixed-point functions of the run ---------------===//
//
// See RunFixedPoint.h.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/tflite/RunFixedPoint.h"
#include "compiler/import/IntegerArithmetic.h"
#include "dialects/edge/Integer.h"
#include <cmath>

using namespace edgec;
using namespace edgec::tflite;
using mlir::Value;

Value RunFixedPoint::word(int64_t number) const {
  return wordConstant(n, int32_t(number));
}
Value RunFixedPoint::add(Value lhs, Value rhs) const {
  return n.make<edge::AddOp>({lhs, rhs});
}
Value RunFixedPoint::add(Value x, int64_t number) const {
  return add(x, word(number));
}
Value RunFixedPoint::sub(Value lhs, Value rhs) const {
  return n.make<edge::SubOp>({lhs, rhs});
}
Value RunFixedPoint::shiftLeft(Value x, Value bits) const {
  return n.make<edge::ShiftLeftOp>({x, bits});
}
Value RunFixedPoint::shiftRight(Value x, Value bits) const {
  return n.make<edge::ShiftRightOp>({x, bits});
}
Value RunFixedPoint::ifGreater(Value lhs, Value rhs, Value first,
                               Value second) const {
  Value isGreater = n.make<edge::LessOp>({rhs, lhs});
  return n.make<edge::SelectOp>({isGreater, first, second});
}
Value RunFixedPoint::atLeast(Value x, Value other) const {
  return n.make<edge::MaxOp>({x, other});
}
Value RunFixedPoint::atMost(Value x, Value other) const {
  return n.make<edge::MinOp>({x, other});
}

//===-- arithmetic
//---------------------------------------------------------===//

Value RunFixedPoint::multiply(Value lhs, Value rhs) const {
  auto rounding = edge::RoundingAttr::get(n.builder.getContext(),
                                          edge::Rounding::double_rounding);
  return n.make<edge::RescaleOp>(
      {lhs, rhs, word(0)}, {n.builder.getNamedAttr("rounding", rounding)});
}

Value RunFixedPoint::multiply(Value x, int32_t number) const {
  return multiply(x, word(number));
}

Value RunFixedPoint::divideByPowerOfTwo(Value x, int bits) const {
  int64_t mask = (int64_t(1) << bits) - 1;
  Value floor = shiftRight(x, word(bits));
  Value rest = n.make<edge::AndOp>({x, word(mask)});
  // Of what is below zero a half stays below.
  Value most = ifGreater(word(0), x, word((mask >> 1) + 1), word(mask >> 1));
  return ifGreater(rest, most, add(floor, 1), floor);
}

Value RunFixedPoint::saturatingShiftLeft(Value x, int bits) const {
  int64_t most = (int64_t(1) << (31 - bits)) - 1;
  Value shifted = shiftLeft(x, word(bits));
  shifted = ifGreater(x, word(most), word(INT32_MAX), shifted);
  return ifGreater(word(-most), x, word(INT32_MIN), shifted);
}

Value RunFixedPoint::leadingZeros(Value x) const {
  // Half of the bits, a quarter, ...: those that are zero go.
  Value zeros = word(0);
  for (int bits = 16; bits > 0; bits /= 2) {
    Value limit = word(int64_t(1) << (32 - bits - 1));
    // The sign bit is zero, so that all of `bits` are zero below half of 2^32 /
    // 2^bits; the last step counts the sign bit itself.
    Value moved = shiftLeft(x, word(bits));
    Value more = add(zeros, bits);
    zeros = ifGreater(limit, x, more, zeros);
    x = ifGreater(limit, x, moved, x);
  }
  return add(zeros, 1);
}

Value RunFixedPoint::oneOverOnePlus(Value x) const {
  // Three steps of Newton's iteration from 48/17 - 32/17 * (1 + x) / 2, with 29
  // fraction bits.
  Value half = add(shiftRight(x, word(1)), int64_t(1) << 30);
  Value y = add(multiply(half, -1010580540), 1515870810);
  for (int step = 0; step < 3; ++step) {
    Value rest = sub(word(1 << 29), multiply(half, y));
    y = add(y, saturatingShiftLeft(multiply(y, rest), 2));
  }
  return saturatingShiftLeft(y, 1);
}

//===-- logarithm
//----------------------------------------------------------===//

// x = 2^p * r with r in [sqrt(1/2), 1), found in two ways of which the better
// is taken; then a Padé approximant around the fourth root of 1/2
// (log_x_for_x_greater_than_or_equal_to_1_impl of internal/common.h).
Value RunFixedPoint::logarithm(Value x) const {
  constexpr int integerBits = 12, resultBits = 5, sumFraction = 30 - resultBits;
  constexpr int32_t log2 = 1488522236, fourthRoot = 1805811301,
                    squareRoot = 1518500250, quarter = 1 << (sumFraction - 2);
  Value zeros = leadingZeros(x);
  Value first = shiftLeft(x, add(zeros, -1));
  first = saturatingShiftLeft(multiply(first, squareRoot), 1);
  Value firstPower =
      add(shiftLeft(sub(word(integerBits), zeros), word(sumFraction)), quarter);

  Value headroom = add(leadingZeros(multiply(x, squareRoot)), -1);
  Value most = add(shiftLeft(word(1), sub(word(31), headroom)), -1);
  Value second = ifGreater(x, most, word(INT32_MAX), shiftLeft(x, headroom));
  Value secondPower = add(
      shiftLeft(sub(word(integerBits), headroom), word(sumFraction)), -quarter);

  Value r = atMost(first, second), power = atLeast(firstPower, secondPower);
  // (r + fourthRoot) / 2 to nearest, without a carry.
  Value p = add(shiftRight(r, word(1)), (fourthRoot >> 1) + 1);
  Value q = add(r, -fourthRoot);
  q = add(q, q);
  Value square = multiply(q, q);
  Value numerator =
      add(multiply(q, r), multiply(multiply(q, square), 117049297));
  Value inner = add(add(q, 1057819769), multiply(square, 127690142));
  Value denominator = add(multiply(p, inner), multiply(q, 638450708));
  Value quotient = multiply(divideByPowerOfTwo(numerator, resultBits + 1),
                            oneOverOnePlus(denominator));
  return saturatingShiftLeft(add(multiply(power, log2), quotient), 1);
}

//===-- square root
//--------------------------------------------------------===//

// GetInvSqrtQuantizedMultiplierExp of internal/common.h: five steps of Newton's
// iteration from 1 on numbers with 28 fraction bits.
RunFixedPoint::Factor RunFixedPoint::inverseSquareRoot(Value input) const {
  Value isBig = n.make<edge::LessOp>({word((1 << 29) - 1), input});
  Value x = n.make<edge::SelectOp>({isBig, shiftRight(input, word(2)), input});
  Value shift = n.make<edge::SelectOp>({isBig, word(12), word(11)});
  // 0 and 1 have a factor of their own; here they only must not be shifted out.
  x = atLeast(x, word(2));
  Value pairs = add(shiftRight(add(leadingZeros(x), -1), word(1)), -1);
  shift = sub(shift, pairs);
  x = shiftRight(shiftLeft(x, add(pairs, pairs)), word(1));
  Value half = divideByPowerOfTwo(x, 1);
  Value y = word(1 << 28);
  for (int step = 0; step < 5; ++step) {
    Value cube = saturatingShiftLeft(multiply(multiply(y, y), y), 6);
    Value difference =
        sub(multiply(y, (1 << 28) + (1 << 27)), multiply(half, cube));
    y = saturatingShiftLeft(difference, 3);
  }
  y = multiply(y, 1518500250);
  // A shift to the left is part of the multiplier.
  y = shiftLeft(y, atLeast(sub(word(0), shift), word(0)));
  shift = atLeast(shift, word(0));
  Value isSmall = n.make<edge::LessOp>({input, word(2)});
  return {n.make<edge::SelectOp>({isSmall, word(INT32_MAX), y}),
          n.make<edge::SelectOp>({isSmall, word(0), shift})};
}

//===-- tables
//-------------------------------------------------------------===//

ShortTable::ShortTable(float low, float high, float (*function)(float)) {
  constexpr int steps = 512;
  constexpr float least = INT16_MIN, most = INT16_MAX;
  // Results from -1 to 1, which take 65536 numbers on a range of 65535.
  constexpr float unit = 2.0F / 65535;
  constexpr float inverse = 65536.0F / (unit * most - unit * least);
  float step = (high - low) / steps, halfStep = step / 2;
  auto number = [&](float x) { return function(x) * inverse; };
  for (int i = 0; i < steps; ++i) {
    float x = low + float(i) * step;
    float value = std::round(number(x));
    // Half of what a straight line errs by in its middle.
    float line = std::round((number(low + float(i + 1) * step) + value) / 2);
    float middle = std::round(number(low + float(i) * step + halfStep));
    float bias = std::round((line - middle) / 2);
    values.push_back(int32_t(std::clamp(value - bias, least, most)));
  }
  values.push_back(int32_t(std::clamp(std::round(number(high)), least, most)));
}

Value ShortTable::at(const RunFixedPoint &w, OperatorImport &n, Value x) const {
  Value index = n.make<edge::AndOp>({w.shiftRight(x, w.word(7)), w.word(255)});
  index = n.cast(index, n.builder.getIntegerType(8, /*isSigned=*/false));
  llvm::SmallVector<int32_t> slopes;
  for (size_t i = 0; i + 1 < values.size(); ++i)
    slopes.push_back(values[i + 1] - values[i]);
  // A lookup has 256 entries: one for each sign.
  auto entry = [&](llvm::ArrayRef<int32_t> table) {
    Value negative =
        n.make<edge::LookupOp>({index, wordConstant(n, table.take_front(256))});
    Value positive =
        n.make<edge::LookupOp>({index, wordConstant(n, table.slice(256, 256))});
    return w.ifGreater(w.word(0), x, negative, positive);
  };
  Value offset = n.make<edge::AndOp>({x, w.word(127)});
  Value rise = n.make<edge::MulOp>({entry(slopes), offset});
  return w.add(entry(values), w.shiftRight(w.add(rise, 64), w.word(7)));
}
