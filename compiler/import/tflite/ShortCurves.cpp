//===- ShortCurves.cpp - sigmoid and tanh of 16-bit numbers ---------------===//
#include "compiler/import/tflite/ShortCurves.h"
#include "compiler/import/IntegerArithmetic.h"
#include "dialects/edge/Integer.h"
#include <cmath>

using namespace edgec;
using namespace edgec::tflite;
using mlir::Value;

CurveScale CurveScale::ofPower(int exponent) {
  int left = 12 + exponent;
  return left < 0 ? CurveScale{3, -left} : CurveScale{3 << left, 0};
}

std::optional<CurveScale> CurveScale::of(float scale, int spareShift) {
  int exponent;
  bool isPower = std::frexp(scale, &exponent) == 0.5F;
  int left = 12 + exponent - 1;
  if (isPower && left >= 0 && left <= spareShift)
    return CurveScale{3 << left, 0};
  CurveScale result{0, 0};
  double multiplier = double(scale) * 4096.0 * 3.0;
  for (; multiplier <= 32767.0 / 2.0 && result.shift <= 30; ++result.shift)
    multiplier *= 2.0;
  if (multiplier > 32767.0)
    return std::nullopt;
  result.multiplier = int32_t(multiplier);
  return result;
}

namespace {
/// Ops on i32 with constants.
struct Words {
  OperatorImport &n;

  Value constant(int32_t number) const { return wordConstant(n, number); }
  Value add(Value x, int32_t number) const {
    return number == 0 ? x : n.make<edge::AddOp>({x, constant(number)});
  }
  Value shiftRight(Value x, int32_t bits) const {
    return bits == 0 ? x : n.make<edge::ShiftRightOp>({x, constant(bits)});
  }
};

/// The sigmoid of i / 24 in units of 2^-16, and what it grows by up to the next
/// one. Straight lines lie below the curve by up to (1/24)^2 / 8 of its second
/// derivative, so each value is half of that too high. Behind the last one the
/// sigmoid is 1.
struct SigmoidTable {
  llvm::SmallVector<int32_t> values, slopes;

  SigmoidTable() {
    constexpr double step = 1.0 / 24;
    for (int i = 0; i < 255; ++i) {
      double sigmoid = 1.0 / (1.0 + std::exp(-i * step));
      double bend = sigmoid * (1 - sigmoid) * (1 - 2 * sigmoid);
      values.push_back(
          int32_t(std::round(65536 * (sigmoid - step * step / 16 * bend))));
    }
    values.push_back(65535);
    for (int i = 0; i < 255; ++i)
      slopes.push_back(values[i + 1] - values[i]);
    slopes.push_back(0);
  }
};
} // namespace

/// x in the table's units.
static Value scaled(const Words &w, Value x, CurveScale scale) {
  Value product = w.n.make<edge::MulOp>({x, w.constant(scale.multiplier)});
  int32_t half = scale.shift > 0 ? 1 << (scale.shift - 1) : 0;
  return w.shiftRight(w.add(product, half), scale.shift);
}

/// The table at |x| / 2^bits in units of 2^-(16 + bits), between its values by
/// straight lines; `last` behind all of them.
static Value interpolate(const Words &w, Value x, int32_t bits, int32_t last) {
  OperatorImport &n = w.n;
  SigmoidTable table;
  table.values.back() = last;
  Value size = n.make<edge::AbsOp>({x});
  Value index =
      n.make<edge::MinOp>({w.shiftRight(size, bits), w.constant(255)});
  index = n.cast(index, n.builder.getIntegerType(8, /*isSigned=*/false));
  Value rest = n.make<edge::AndOp>({size, w.constant((1 << bits) - 1)});
  Value value = n.make<edge::LookupOp>({index, wordConstant(n, table.values)});
  Value slope = n.make<edge::LookupOp>({index, wordConstant(n, table.slopes)});
  value = n.make<edge::ShiftLeftOp>({value, w.constant(bits)});
  return n.make<edge::AddOp>({value, n.make<edge::MulOp>({rest, slope})});
}

/// x < 0 ? negative : positive
static Value bySign(const Words &w, Value x, Value negative, Value positive) {
  Value isNegative = w.n.make<edge::LessOp>({x, w.constant(0)});
  return w.n.make<edge::SelectOp>({isNegative, negative, positive});
}

Value tflite::shortSigmoid(OperatorImport &n, Value x, CurveScale scale) {
  constexpr int32_t bits = 9, rest = 10, half = 1 << (rest - 1);
  Words w{n};
  x = scaled(w, x, scale);
  // The last value is 32767 in the result's units.
  Value positive = interpolate(w, x, bits, 0x7FFF << 1);
  Value negative =
      n.make<edge::SubOp>({w.constant((1 << (16 + bits)) - 1), positive});
  return w.shiftRight(w.add(bySign(w, x, negative, positive), half), rest);
}

Value tflite::shortTanh(OperatorImport &n, Value x, CurveScale scale) {
  // tanh(x) = 2 sigmoid(2 x) - 1: the table at twice the place.
  constexpr int32_t bits = 8, half = 1 << (bits - 1);
  Words w{n};
  x = scaled(w, x, scale);
  Value sigmoid = interpolate(w, x, bits, 0xFFFF);
  int32_t middle = 1 << (15 + bits);
  Value positive = w.add(sigmoid, -middle);
  Value negative = n.make<edge::SubOp>({w.constant(middle - 1), sigmoid});
  return w.shiftRight(w.add(bySign(w, x, negative, positive), half), bits);
}
