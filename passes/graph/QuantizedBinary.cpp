//===- QuantizedBinary.cpp - sums and products of two quantized tensors ---===//
//
//   quantize(dequantize(%a) + dequantize(%b))
// becomes
//   edge.requantize (float(%a) * ra + (float(%b) * rb + c))
//
// with the ratios of the scales and what the zero points come to in c, which
// saves the quotient and half of the other operators. ONNX Runtime computes
// this with fused multiply-adds (MlasQLinearAdd). Not every machine has those,
// but for two bytes there are 65536 results: constants a few units in the last
// place beside ra, rb and c are tried out until plain products and sums give
// all of them. Products are exact before they are scaled (MlasQLinearMul).
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Integer.h"
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

/// The results of a sum for each pair of bytes.
class SumTable {
public:
  SumTable(const Side &a, const Side &b, const Reader &reader)
      : low(float(reader.low)), high(float(reader.high)) {
    for (size_t i = 0; i < 256; ++i) {
      lhs[i] = a.number(i);
      rhs[i] = b.number(i);
    }
  }

  /// What fused multiply-adds give.
  void compute(const Line &line);
  /// Pairs for which the line gives something else; at most `most`.
  int64_t countDifferences(const Line &line, int64_t most) const;

private:
  float round(float x) const {
    constexpr float bias = 12582912.0F; // its digits end at the ones
    return std::min(std::max(x, low), high) + bias;
  }

  float low, high;
  float lhs[256], rhs[256];
  std::vector<float> wanted;
};
} // namespace

void SumTable::compute(const Line &line) {
  wanted.reserve(65536);
  for (float b : rhs) {
    float term = std::fma(b, line.right, line.offset);
    for (float a : lhs)
      wanted.push_back(round(std::fma(a, line.left, term)));
  }
}

int64_t SumTable::countDifferences(const Line &line, int64_t most) const {
  int64_t count = 0;
  for (size_t i = 0; i < 256 && count < most; ++i) {
    float product = rhs[i] * line.right;
    float term = product + line.offset;
    int different = 0;
    for (size_t j = 0; j < 256; ++j) {
      float scaled = lhs[j] * line.left;
      different += round(scaled + term) != wanted[256 * i + j];
    }
    count += different;
  }
  return count;
}

/// `x` moved by some units in the last place.
static float beside(float x, int units) {
  float infinity = std::numeric_limits<float>::infinity();
  for (int i = 0; i < std::abs(units); ++i)
    x = std::nextafter(x, units < 0 ? -infinity : infinity);
  return x;
}

/// The constants of a plain sum that differs from the fused one least, which
/// is nowhere as a rule and by one unit at most.
static Line findLine(const Side &a, const Side &b, const Reader &reader,
                     const Line &fused) {
  constexpr int offsets[] = {0, 1, -1, 2, -2, 3, -3, 4, -4, 6, -6, 8, -8};
  constexpr int factors[] = {0, 1, -1};
  SumTable table(a, b, reader);
  table.compute(fused);
  Line best = fused;
  int64_t least = INT64_MAX;
  for (int left : factors) {
    for (int right : factors) {
      for (int offset : offsets) {
        Line line{beside(fused.left, left), beside(fused.right, right),
                  beside(fused.offset, offset)};
        int64_t differences = table.countDifferences(line, least);
        if (differences < least) {
          least = differences;
          best = line;
        }
        if (least == 0)
          return best;
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

static Value writeSum(Writer &w, Type type, const Side &a, const Side &b,
                      const Reader &reader, bool subtracts) {
  float result = reader.scales.scale();
  float left = a.scales.scale() / result, right = b.scales.scale() / result;
  if (subtracts)
    right = -right;
  float fromLeft = left * float(a.scales.zeroPoint());
  float fromRight = right * float(b.scales.zeroPoint());
  float zeros = fromLeft + fromRight;
  Line line = findLine(a, b, reader,
                       {left, right, float(reader.scales.zeroPoint()) - zeros});
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
  OpBuilder builder(quantize);
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
