//===- QuantizedBinary.cpp - sums and products of two quantized tensors ---===//
//
//   quantize(dequantize(%a) + dequantize(%b))
// becomes
//   edge.requantize (float(%a) * ra + (float(%b) * rb + c))
//
// with the ratios of the scales and what the zero points come to in c, which
// saves the quotient and half of the other operators. ONNX Runtime computes
// this with fused multiply-adds (MlasQLinearAdd). Not every machine has those,
// but for two bytes there are 65536 results: constants next to ra, rb and c are
// tried out until plain products and sums give all of them. Products are exact
// before they are scaled (MlasQLinearMul). With a constant number the sum is a
// function of one byte, which becomes a table.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Integer.h"
#include "passes/graph/ConstantData.h"
#include "passes/graph/QuantizedSums.h"
#include <cmath>

using namespace mlir;
using namespace edgec;

namespace {
/// One operand: a tensor of bytes and what they stand for.
struct Side {
  Stored stored;
  Scales scales;

  /// The least number of the type, for which tables have their first entry.
  int64_t least() const {
    return elementOf(stored.integers).isUnsignedInteger() ? 0 : -128;
  }
  float number(size_t entry) const { return float(least() + int64_t(entry)); }
};

/// x = a * left + (b * right + offset), before it is rounded.
struct Line {
  float left, right, offset;
};

/// The pairs of bytes whose sum lies next to a half: the others are rounded the
/// same by every line that is tried.
class CloseSums {
public:
  CloseSums(const Side &a, const Side &b, const Reader &reader,
            const Line &fused);

  /// The line for which plain sums differ least from fused ones.
  Line findLine() const;

private:
  struct Pair {
    float a, b, wanted;
  };

  float round(float x) const {
    constexpr float bias = 12582912.0F; // its digits end at the ones
    return std::min(std::max(x, low), high) + bias;
  }
  size_t countDifferences(const Line &line, size_t most) const;

  Line fused;
  float low, high, step;
  std::vector<Pair> pairs;
  /// Units in the last place of the factors, and steps of the offset.
  static constexpr int mostUnits = 4, mostSteps = 24;
};
} // namespace

static float unitOf(float x) {
  return std::nextafter(std::abs(x), std::numeric_limits<float>::infinity()) -
         std::abs(x);
}

/// `x` moved by some units in the last place.
static float beside(float x, int units) {
  float infinity = std::numeric_limits<float>::infinity();
  for (int i = 0; i < std::abs(units); ++i)
    x = std::nextafter(x, units < 0 ? -infinity : infinity);
  return x;
}

CloseSums::CloseSums(const Side &a, const Side &b, const Reader &reader,
                     const Line &fused)
    : fused(fused), low(float(reader.low)), high(float(reader.high)) {
  // A quarter of the last place of sums below 64.
  step = std::max(0x1p-19F, unitOf(fused.offset));
  float reach =
      256 * (unitOf(fused.left) + unitOf(fused.right)) * (mostUnits + 1) +
      step * (mostSteps + 1) + 4 * unitOf(256) + 4 * unitOf(fused.offset);
  // Where scales are far apart, all sums are close, and few are in bounds.
  if (!(reach < 0.25F))
    return;
  for (size_t j = 0; j < 256; ++j) {
    float term = std::fma(b.number(j), fused.right, fused.offset);
    for (size_t i = 0; i < 256; ++i) {
      float sum = std::fma(a.number(i), fused.left, term);
      float fromHalf = std::abs(sum - std::floor(sum) - 0.5F);
      if (sum > low - 1 && sum < high + 1 && fromHalf < reach)
        pairs.push_back({a.number(i), b.number(j), round(sum)});
    }
  }
}

size_t CloseSums::countDifferences(const Line &line, size_t most) const {
  size_t count = 0;
  for (const Pair &pair : pairs) {
    float scaled = pair.a * line.left, product = pair.b * line.right;
    float term = product + line.offset;
    count += round(scaled + term) != pair.wanted;
    if (count >= most)
      break;
  }
  return count;
}

/// None differs as a rule; else some by one unit.
Line CloseSums::findLine() const {
  Line best = fused;
  size_t least = countDifferences(fused, pairs.size() + 1);
  // The nearest first: 0, 1, -1, 2, ...
  auto nth = [](int i) { return i % 2 ? (i + 1) / 2 : -i / 2; };
  for (int left = 0; left <= 2 * mostUnits; ++left) {
    for (int right = 0; right <= 2 * mostUnits; ++right) {
      for (int steps = 0; steps <= 2 * mostSteps && least > 0; ++steps) {
        Line line{beside(fused.left, nth(left)),
                  beside(fused.right, nth(right)),
                  fused.offset + float(nth(steps)) * step};
        size_t differences = countDifferences(line, least);
        if (differences < least) {
          least = differences;
          best = line;
        }
      }
    }
  }
  return best;
}

namespace {
class Writer {
public:
  Writer(OpBuilder &builder, Location loc) : builder(builder), loc(loc) {}

  Value real(Value integers) {
    return makeCast(builder, loc, integers, builder.getF32Type());
  }
  Value number(float value) { return makeFloats(builder, loc, value, {}); }
  template <typename OpT> Value make(Value lhs, Value rhs) {
    return OpT::create(builder, loc, lhs.getType(), lhs, rhs);
  }
  template <typename OpT> Value make(Type type, Value lhs, Value rhs) {
    return OpT::create(builder, loc, type, lhs, rhs);
  }

private:
  OpBuilder &builder;
  Location loc;
};
} // namespace

/// The one number that all elements of a constant are.
static std::optional<float> constantNumber(const Side &side) {
  auto data = ConstantData::get(side.stored.integers);
  if (!data || (data->getNumElements() != 1 && !data->isSplat()))
    return std::nullopt;
  auto byte = data->getBytes()[0];
  return side.least() == 0 ? float(uint8_t(byte)) : float(int8_t(byte));
}

/// round_even(a * factor + addend) of each byte, within the reader's bounds.
static Value writeTable(OpBuilder &builder, Location loc, const Side &a,
                        float factor, float addend, const Reader &reader) {
  edge::QuantizeOp quantize = reader.quantize;
  Type element = storageOf(elementOf(quantize));
  auto type = RankedTensorType::get({256}, element);
  ElementsAttr numbers = makeConstant(type, [&](MutableArrayRef<char> out) {
    for (size_t i = 0; i < out.size(); ++i) {
      float sum = std::fma(a.number(i), factor, addend);
      float bounded =
          std::min(std::max(sum, float(reader.low)), float(reader.high));
      out[i] = char(int(std::nearbyint(bounded)));
    }
  });
  Value table = edge::ConstantOp::create(builder, loc, type, numbers);
  return edge::LookupOp::create(builder, loc,
                                type.clone(shapeOf(a.stored.integers)),
                                a.stored.integers, table);
}

/// The terms of a sum that are the same for all elements.
static Line makeLine(const Side &a, const Side &b, const Reader &reader,
                     bool subtracts) {
  float result = reader.scales.scale();
  float left = a.scales.scale() / result, right = b.scales.scale() / result;
  if (subtracts)
    right = -right;
  float fromRight = right * float(b.scales.zeroPoint());
  float zeros = std::fma(left, float(a.scales.zeroPoint()), fromRight);
  return {left, right, float(reader.scales.zeroPoint()) - zeros};
}

/// The stored numbers of a sum with one constant number; null if it has none.
static Value sumWithNumber(OpBuilder &builder, Operation *op, const Side &a,
                           const Side &b, const Reader &reader) {
  if (!isa<edge::AddOp, edge::SubOp>(op))
    return nullptr;
  Line line = makeLine(a, b, reader, isa<edge::SubOp>(op));
  ArrayRef<int64_t> shape = shapeOf(op->getResult(0));
  auto left = constantNumber(a), right = constantNumber(b);
  if (right && shapeOf(a.stored.integers) == shape)
    return writeTable(builder, op->getLoc(), a, line.left,
                      std::fma(*right, line.right, line.offset), reader);
  if (left && shapeOf(b.stored.integers) == shape)
    return writeTable(builder, op->getLoc(), b, line.right,
                      std::fma(*left, line.left, line.offset), reader);
  return nullptr;
}

static Value writeSum(Writer &w, Type type, const Side &a, const Side &b,
                      const Reader &reader, bool subtracts) {
  Line fused = makeLine(a, b, reader, subtracts);
  Line line = CloseSums(a, b, reader, fused).findLine();
  Value scaled =
      w.make<edge::MulOp>(w.real(a.stored.integers), w.number(line.left));
  Value term =
      w.make<edge::MulOp>(w.real(b.stored.integers), w.number(line.right));
  term = w.make<edge::AddOp>(term, w.number(line.offset));
  return w.make<edge::AddOp>(type, scaled, term);
}

static Value writeProduct(Writer &w, Type type, const Side &a, const Side &b,
                          const Reader &reader) {
  auto centered = [&](const Side &side) {
    Value x = w.real(side.stored.integers);
    int64_t zero = side.scales.zeroPoint();
    return zero == 0 ? x : w.make<edge::SubOp>(x, w.number(float(zero)));
  };
  Value product = w.make<edge::MulOp>(type, centered(a), centered(b));
  float scale = a.scales.scale() * b.scales.scale();
  product =
      w.make<edge::MulOp>(product, w.number(scale / reader.scales.scale()));
  int64_t zero = reader.scales.zeroPoint();
  return zero == 0 ? product
                   : w.make<edge::AddOp>(product, w.number(float(zero)));
}

static std::optional<Side> readSide(Value operand) {
  auto stored = wholeBehind(operand);
  if (!stored || elementOf(stored->integers).getIntOrFloatBitWidth() != 8)
    return std::nullopt;
  return Side{*stored, *getScales(stored->element)};
}

bool edgec::fuseBinary(edge::QuantizeOp quantize) {
  Reader reader = boundsOf(quantize);
  Operation *op = reader.real.getDefiningOp();
  Type element = storageOf(elementOf(quantize));
  if (!isa_and_nonnull<edge::AddOp, edge::SubOp, edge::MulOp>(op) ||
      !reader.scales.isWhole() || element.getIntOrFloatBitWidth() != 8)
    return false;
  auto a = readSide(op->getOperand(0)), b = readSide(op->getOperand(1));
  if (!a || !b)
    return false;
  float result = reader.scales.scale(), left = a->scales.scale(),
        right = b->scales.scale();
  bool isFinite = std::isfinite(left / result) &&
                  std::isfinite(right / result) &&
                  std::isfinite(left * right / result);
  if (!isFinite)
    return false;
  OpBuilder builder(quantize);
  if (Value integers = sumWithNumber(builder, op, *a, *b, reader)) {
    replaceStored(reader, integers);
    return true;
  }
  Writer writer(builder, op->getLoc());
  Type type = op->getResult(0).getType();
  Value x = isa<edge::MulOp>(op)
                ? writeProduct(writer, type, *a, *b, reader)
                : writeSum(writer, type, *a, *b, reader, isa<edge::SubOp>(op));
  // The zero point is part of the sum: halves are even with it.
  Value integers = edge::RequantizeOp::create(
      builder, op->getLoc(), cast<RankedTensorType>(type).clone(element), x,
      Value(), uint64_t(reader.low), uint64_t(reader.high),
      /*zero_point=*/uint64_t(0));
  replaceStored(reader, integers);
  return true;
}
