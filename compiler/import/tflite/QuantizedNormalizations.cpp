//===- QuantizedNormalizations.cpp - softmax, norms and means on integers -===//
#include "compiler/import/tflite/FixedPoint.h"
#include "compiler/import/tflite/Operators.h"
#include "compiler/import/tflite/Quantization.h"
#include "compiler/import/tflite/RunFixedPoint.h"
#include "compiler/import/tflite/ShapeRules.h"
#include "dialects/edge/Integer.h"
#include <cmath>

using namespace edgec;
using namespace edgec::tflite;
using mlir::Value;
using schema::Builtin;

//===-- softmax
//------------------------------------------------------------===//

namespace {
/// Differences of two bytes times a scale, with 5 integer bits
/// (PreprocessSoftmaxScaling and CalculateInputRadius in
/// kernels/internal/quantization_util.cc).
struct ScaledDifferences {
  static constexpr int integerBits = 5;
  FixedPointFactor factor;
  int64_t left;
  /// Beyond it the difference has too many integer bits.
  double radius;

  explicit ScaledDifferences(double scale)
      : factor(fixedPoint(std::min(scale * double(1 << (31 - integerBits)),
                                   double(int64_t(1) << 31) - 1.0))),
        left(std::max(factor.shift, 0)),
        radius(std::floor(double((1 << integerBits) - 1) *
                          double(int64_t(1) << (31 - integerBits)) /
                          double(int64_t(1) << left))) {}

  bool isInside(int64_t difference) const {
    return double(difference) <= radius;
  }
  /// Of minus a difference inside.
  int32_t scaled(int64_t difference) const {
    return fixedpoint::multiply(int32_t(-(difference << left)),
                                factor.multiplier);
  }
};
} // namespace

/// e^(-difference) in 31 fraction bits for all differences of two bytes; 0 for
/// those beyond the radius.
static llvm::SmallVector<int32_t>
exponentials(const ScaledDifferences &differences) {
  llvm::SmallVector<int32_t> table;
  for (int64_t difference = 0; difference < 256; ++difference) {
    table.push_back(
        differences.isInside(difference)
            ? fixedpoint::expOnNegative(differences.scaled(difference),
                                        ScaledDifferences::integerBits)
            : 0);
  }
  return table;
}

/// The largest of each row (of the last dimension), as i32.
static Value largestOfRows(OperatorImport &n, Value x) {
  int64_t last = n.rank(0) - 1;
  return n.make<edge::ReduceMaxOp>(
      {x}, {n.attr("axes", llvm::ArrayRef(last)), n.attr("keep_dims", true)});
}

static Value sumOfRows(OperatorImport &n, Value x) {
  int64_t last = n.rank(0) - 1;
  return n.make<edge::ReduceSumOp>(
      {x}, {n.attr("axes", llvm::ArrayRef(last)), n.attr("keep_dims", true)});
}

/// Elements of a row; an error where their sums could leave 32 bits.
static bool checkDepth(OperatorImport &n, int64_t most) {
  if (n.rank(0) == 0 || n.shape(0).back() > most) {
    n.error() << "rows should have 1 to " << most
              << " elements, the sums of which 32 bits hold";
    return false;
  }
  return true;
}

/// SoftmaxInt16 of reference/softmax.h: exponentials and the reciprocal of
/// their sum from tables with straight lines between their entries.
static void importShortSoftmax(OperatorImport &n, const Quantization &input,
                               const Quantization &result, float beta) {
  constexpr float unit = 1.0F / 32768;
  if (result.element != input.element || input.zeroPoint() != 0 ||
      result.zeroPoint() != 0 ||
      std::abs(result.scale() - unit) > 0.001F * unit) {
    n.error() << "16-bit input and result should have the zero point 0, and "
                 "the result the scale 2^-15";
    return;
  }
  FixedPointFactor factor =
      fixedPoint(double(input.scale()) * double(beta) / (10.0 / 65535.0));
  if (factor.shift > 14) {
    n.error() << "the input's scale times beta should be below 2.5";
    return;
  }
  if (!checkDepth(n, 1 << 16))
    return;
  ShortTable exponential(-65535 * (10.0F / 65535), 0,
                         [](float x) { return float(std::exp(double(x))); });
  ShortTable reciprocal(0, 65535 * (1.0F / 65535),
                        [](float x) { return 1.0F / (1.0F + x); });
  RunFixedPoint w(n);
  Value x = n.cast(n.operand(0), n.builder.getI32Type());
  Value difference = rescale(n, w.sub(x, largestOfRows(n, x)), factor);
  Value place = w.add(difference, INT16_MAX);
  Value powers = exponential.at(
      w, n, w.atMost(w.atLeast(place, w.word(INT16_MIN)), w.word(INT16_MAX)));
  Value sum = sumOfRows(n, powers);
  // From 1 to 2 in 15 fraction bits, and the table's place less 1.
  Value zeros = w.leadingZeros(sum);
  Value shifted = w.shiftLeft(sum, w.add(zeros, -1));
  shifted =
      w.shiftRight(w.add(w.shiftRight(shifted, w.word(13)), 1), w.word(1));
  shifted = w.add(shifted, -((1 << 15) + (1 << 16)));
  Value scale = reciprocal.at(
      w, n, w.atMost(w.atLeast(shifted, w.word(INT16_MIN)), w.word(INT16_MAX)));
  // To nearest, halves upwards.
  Value shift = w.sub(w.word(31), zeros);
  Value half = w.shiftLeft(w.word(1), w.add(shift, -1));
  Value product = w.add(n.make<edge::MulOp>({powers, scale}), half);
  n.set(0, narrow(n, w.shiftRight(product, shift), {0, INT16_MAX}, result));
}

static void importSoftmax(OperatorImport &n) {
  Quantization input = inputQuantization(n, 0),
               result = resultQuantization(n, 0);
  if (n.failed())
    return;
  float beta =
      n.hasOptions<schema::SoftmaxOptions>()
          ? n.finite(n.options<schema::SoftmaxOptions>().beta(), "beta")
          : 1.0F;
  if (!n.failed() && beta <= 0)
    n.error() << "the option 'beta' is " << beta
              << ", but should be positive on quantized tensors";
  if (n.failed())
    return;
  if (input.element.isSignlessInteger(16))
    return importShortSoftmax(n, input, result, beta);
  bool isByte = input.element.getIntOrFloatBitWidth() == 8;
  if (!isByte || result.zeroPoint() != result.low) {
    n.error() << "the input should be of 8 bits and the result's zero point "
              << result.low << ", the least number; others are not supported";
    return;
  }
  Value x = n.operand(0);
  Value table = integers(
      n, exponentials(ScaledDifferences(double(beta) * double(input.scale()))));
  if (!x)
    return n.fail();
  auto type = mlir::RankedTensorType::get(n.shape(0), result.element);
  n.set(0, edge::IntegerSoftmaxOp::create(n.builder, n.loc, type, x, table));
}

/// LogSoftmaxQuantized of reference/log_softmax.h.
static void importLogSoftmax(OperatorImport &n) {
  Quantization input = inputQuantization(n, 0),
               result = resultQuantization(n, 0);
  if (n.failed())
    return;
  if (input.element.getIntOrFloatBitWidth() != 8 ||
      result.element != input.element || result.zeroPoint() != result.high ||
      result.scale() != 16.0F / 256) {
    n.error() << "input and result should be of one type of 8 bits, the "
                 "result's scale 1/16 and its zero point the largest number";
    return;
  }
  // Numbers of 12 integer bits.
  if (!checkDepth(n, (1 << 12) - 1))
    return;
  ScaledDifferences differences{double(input.scale())};
  RunFixedPoint w(n);
  Value x = n.cast(n.operand(0), n.builder.getI32Type());
  Value difference = w.sub(largestOfRows(n, x), x);
  Value index =
      n.cast(difference, n.builder.getIntegerType(8, /*isSigned=*/false));
  llvm::SmallVector<int32_t> terms, scaled;
  for (auto [i, power] : llvm::enumerate(exponentials(differences))) {
    terms.push_back(fixedpoint::divideByPowerOfTwo(power, 12));
    bool isInside = differences.isInside(int64_t(i));
    scaled.push_back(isInside ? differences.scaled(int64_t(i)) : 0);
  }
  Value sum = sumOfRows(n, n.make<edge::LookupOp>({index, integers(n, terms)}));
  Value logarithm = w.logarithm(sum);
  // What is so far below that its scaled difference less the logarithm would
  // leave 32 bits is the least number.
  FixedPointFactor back =
      fixedPoint(double(int64_t(1) << (31 - differences.left)) /
                 double(differences.factor.multiplier));
  Value least = rescale(n, w.add(logarithm, INT32_MIN), back);
  least = w.atLeast(least, w.word(-int64_t(differences.radius) - 1));
  Value exact =
      w.sub(n.make<edge::LookupOp>({index, integers(n, scaled)}), logarithm);
  constexpr int resultIntegerBits = 4;
  Value rounded =
      w.add(w.divideByPowerOfTwo(exact, 31 - ScaledDifferences::integerBits -
                                            resultIntegerBits),
            result.high);
  rounded = keepWithin(n, rounded, {result.low, result.high});
  Value kept = w.ifGreater(w.sub(w.word(0), difference), least, rounded,
                           w.word(result.low));
  n.set(0, narrow(n, kept, {result.low, result.high}, result));
}

//===-- norms
//--------------------------------------------------------------===//

/// L2Normalization of reference/integer_ops/l2normalization.h, and of
/// reference/l2normalization.h for uint8, which scales in two steps.
static void importL2Normalization(OperatorImport &n) {
  Quantization input = inputQuantization(n, 0),
               result = resultQuantization(n, 0);
  if (n.failed())
    return;
  bool isUnsigned = input.element.isUnsignedInteger();
  if (input.element.getIntOrFloatBitWidth() != 8 ||
      result.element != input.element || result.scale() != 1.0F / 128 ||
      result.zeroPoint() != (isUnsigned ? 128 : 0)) {
    n.error() << "input and result should be of one type of 8 bits, the "
                 "result's scale 1/128 and its zero point in the middle";
    return;
  }
  auto activation = n.options<schema::L2NormOptions>().activation();
  if (activation != schema::Activation::NONE) {
    n.error() << "the fused activation " << activationName(activation)
              << " is not supported on quantized tensors";
    return;
  }
  if (!checkDepth(n, 1 << 15))
    return;
  RunFixedPoint w(n);
  Value x = centered(n, n.operand(0), input.zeroPoint());
  Value squares = sumOfRows(n, n.make<edge::MulOp>({x, x}));
  RunFixedPoint::Factor factor = w.inverseSquareRoot(squares);
  constexpr int resultFraction = 7;
  Value left = w.word(resultFraction), right = factor.shift;
  if (!isUnsigned) {
    Value shift = w.sub(w.word(resultFraction), factor.shift);
    left = w.atLeast(shift, w.word(0));
    right = w.atLeast(w.sub(w.word(0), shift), w.word(0));
  }
  bool single = requantizeFlavour(n) == Requantize::singleRounding;
  auto rounding = edge::RoundingAttr::get(
      n.builder.getContext(), single ? edge::Rounding::single_rounding
                                     : edge::Rounding::double_rounding);
  Value scaled =
      n.make<edge::RescaleOp>({w.shiftLeft(x, left), factor.multiplier, right},
                              {n.builder.getNamedAttr("rounding", rounding)});
  n.set(0, finish(n, scaled, {result.low, result.high}, result));
}

//===-- means
//--------------------------------------------------------------===//

/// The division by the count is part of the factor, as in
/// reference_ops::QuantizedMeanOrSum.
static FixedPointFactor meanFactor(double real, int64_t count) {
  FixedPointFactor factor = fixedPoint(real);
  int shift = std::min(
      {63 - int(llvm::countl_zero(uint64_t(count))), 32, 31 + factor.shift});
  shift = std::max(shift, 0);
  factor.multiplier = int32_t((int64_t(factor.multiplier) << shift) / count);
  factor.shift -= shift;
  return factor;
}

static void importMean(OperatorImport &n, bool isSum) {
  Quantization input = inputQuantization(n, 0),
               result = resultQuantization(n, 0);
  auto axes = reducedAxes(n);
  if (!axes || n.failed())
    return;
  int64_t count = 1;
  for (int64_t axis : *axes)
    count *= n.shape(0)[axis];
  // Sums of what is stored, then less as many zero points.
  bool fits = count < (int64_t(1) << (31 - 16));
  if (!fits) {
    n.error() << "means and sums of " << count << " elements are too long";
    return;
  }
  Value x = n.cast(n.operand(0), n.builder.getI32Type());
  bool keep = n.options<schema::ReducerOptions>().keep_dims();
  Value sum = x;
  if (!axes->empty())
    sum = n.make<edge::ReduceSumOp>(
        {x}, {n.attr("axes", *axes), n.attr("keep_dims", keep)});
  sum = centered(n, sum, input.zeroPoint() * count);
  double factor = double(input.scale()) / double(result.scale());
  FixedPointFactor fixed =
      isSum ? fixedPoint(factor) : meanFactor(factor, count);
  Value scaled = requantizeFlavour(n) == Requantize::halfEven
                     ? rescale(n, sum, factor / (isSum ? 1.0 : double(count)))
                     : rescale(n, sum, fixed);
  n.set(0, finish(n, scaled, {result.low, result.high}, result));
}

static void importMean(OperatorImport &n) { importMean(n, /*isSum=*/false); }
static void importSum(OperatorImport &n) { importMean(n, /*isSum=*/true); }

llvm::ArrayRef<Operator> tflite::quantizedNormalizations() {
  static constexpr Operator rows[] = {
      {Builtin::SOFTMAX, 3, 1, 1, importSoftmax, types::shorts},
      {Builtin::LOG_SOFTMAX, 2, 1, 1, importLogSoftmax, types::bytes},
      {Builtin::L2_NORMALIZATION, 2, 1, 1, importL2Normalization, types::bytes},
      {Builtin::MEAN, 3, 2, 2, importMean, types::bytes},
      {Builtin::SUM, 2, 2, 2, importSum, types::bytes},
  };
  return rows;
}
