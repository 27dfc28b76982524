//===- QuantizedActivations.cpp - curved functions of bytes ---------------===//
//
// A function of 8 bits is a table, made here in the arithmetic of TensorFlow
// Lite Micro's reference kernels (reference/integer_ops/logistic.h, tanh.h;
// reference/hard_swish.h), or of floats where those use them. LEAKY_RELU has a
// factor for each sign (reference/leaky_relu.h), PRELU one for each channel.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/tflite/FixedPoint.h"
#include "compiler/import/tflite/Operators.h"
#include "compiler/import/tflite/Quantization.h"
#include "compiler/import/tflite/ShortCurves.h"
#include <cmath>

using namespace edgec;
using namespace edgec::tflite;
using mlir::Value;
using schema::Builtin;

/// A function of numbers with 4 integer bits whose result has `bits` bits after
/// the point; beyond what those hold it is `least` or `most`.
static void importCurve(OperatorImport &n, int32_t (*function)(int32_t),
                        int bits, int64_t least, int64_t most, int64_t offset) {
  constexpr int integerBits = 4;
  Quantization input = inputQuantization(n, 0),
               result = resultQuantization(n, 0);
  if (n.failed())
    return;
  if (result.element != input.element || result.zeroPoint() != offset ||
      input.element.isUnsignedInteger()) {
    n.error() << "input and result should be of int8, the result's zero point "
              << offset << "; others are not supported yet";
    return;
  }
  FixedPointFactor factor =
      fixedPoint(double(input.scale()) * double(1 << (31 - integerBits)));
  int64_t left = std::max(factor.shift, 0);
  auto radius = int64_t(std::floor(double((1 << integerBits) - 1) *
                                   double(int64_t(1) << (31 - integerBits)) /
                                   double(int64_t(1) << left)));
  n.set(
      0, tabulate(n, n.operand(0), input, result.element, [&](int64_t q) {
        int64_t centered = q - input.zeroPoint();
        if (centered <= -radius)
          return least;
        if (centered >= radius)
          return most;
        int32_t scaled = fixedpoint::divideByPowerOfTwo(
            fixedpoint::multiply(int32_t(centered << left), factor.multiplier),
            std::max(-factor.shift, 0));
        int64_t value =
            fixedpoint::divideByPowerOfTwo(function(scaled), 31 - bits);
        return std::min(value + offset, most);
      }));
}

/// A function of 16-bit numbers whose result is in units of 2^-15. A power of
/// two as scale is taken as it is up to 2^-12 * 2^`spareShift`.
static void importShortCurve(OperatorImport &n,
                             Value (*curve)(OperatorImport &, Value,
                                            CurveScale),
                             int spareShift) {
  Quantization input = inputQuantization(n, 0),
               result = resultQuantization(n, 0);
  if (n.failed())
    return;
  auto scale = CurveScale::of(input.scale(), spareShift);
  if (!scale || result.element != input.element || input.zeroPoint() != 0 ||
      result.zeroPoint() != 0 || result.scale() != 1.0F / 32768) {
    n.error() << "16-bit input and result should have the zero point 0, the "
                 "input a scale below 2.66, and the result one of 2^-15";
    return;
  }
  Value x = n.cast(n.operand(0), n.builder.getI32Type());
  n.set(0, n.cast(curve(n, x, *scale), result.element));
}

/// Of every number of 8 bits, in float32 (LUTPopulate in kernels/internal/
/// common.h).
static void importByFloats(OperatorImport &n, float (*function)(float)) {
  Quantization input = inputQuantization(n, 0),
               result = resultQuantization(n, 0);
  if (n.failed())
    return;
  float inverse = 1.0F / result.scale();
  n.set(0, tabulate(n, n.operand(0), input, result.element, [&](int64_t q) {
          volatile float real = input.scale() * float(q - input.zeroPoint());
          volatile float scaled = function(real) * inverse;
          float rounded = std::round(scaled) + float(result.zeroPoint());
          return int64_t(
              std::clamp(rounded, float(result.low), float(result.high)));
        }));
}

static bool isShort(OperatorImport &n) {
  return inputQuantization(n, 0).element.isSignlessInteger(16);
}

static bool isUnsigned(OperatorImport &n) {
  return inputQuantization(n, 0).element.isUnsignedInteger();
}

static float sigmoidOf(float x) { return 1.0F / (1.0F + std::exp(-x)); }

static void importLogistic(OperatorImport &n) {
  if (isShort(n))
    return importShortCurve(n, shortSigmoid, /*spareShift=*/0);
  if (isUnsigned(n))
    return importByFloats(n, sigmoidOf);
  importCurve(n, fixedpoint::logistic, 8, -128, 127, -128);
}

static void importTanh(OperatorImport &n) {
  if (isShort(n))
    return importShortCurve(n, shortTanh, /*spareShift=*/1);
  if (isUnsigned(n))
    return importByFloats(n, [](float x) { return std::tanh(x); });
  importCurve(n, fixedpoint::tanh, 7, -128, 127, 0);
}

static void importElu(OperatorImport &n) {
  importByFloats(n, [](float x) { return x < 0 ? std::expm1(x) : x; });
}

static void importExp(OperatorImport &n) {
  importByFloats(n, [](float x) { return std::exp(x); });
}

//===-- hard swish
//---------------------------------------------------------------===//

namespace {
/// A factor for 16-bit numbers: multiplier / 2^15 * 2^shift.
struct ShortFactor {
  int64_t multiplier;
  int shift;

  explicit ShortFactor(float real) {
    FixedPointFactor factor = fixedPoint(double(real));
    shift = factor.shift;
    multiplier = factor.multiplier >= INT32_MAX - (1 << 15)
                     ? INT16_MAX
                     : (factor.multiplier + (1 << 15)) >> 16;
  }
  /// x times the multiplier to the nearest.
  int64_t times(int64_t x) const {
    return std::min<int64_t>((x * multiplier + (1 << 14)) >> 15, INT16_MAX);
  }
};
} // namespace

static int64_t saturateShort(int64_t x) {
  return std::clamp<int64_t>(x, INT16_MIN, INT16_MAX);
}

/// (x + 3) / 6 between 0 and 1, as a number of 15 bits; x has 7 bits to spare.
static int64_t hardSigmoid(int64_t x, const ShortFactor &third) {
  if (third.shift > 0)
    x = saturateShort(x * (int64_t(1) << (third.shift - 1)));
  x = third.times(x);
  if (third.shift > 0)
    x = saturateShort(x * 2);
  if (third.shift < 0)
    x = fixedpoint::divideByPowerOfTwo(int32_t(x), -third.shift);
  return (x + (1 << 15)) >> 1;
}

/// x * hardSigmoid(x), all in 16 bits.
static void importHardSwish(OperatorImport &n) {
  Quantization input = inputQuantization(n, 0),
               result = resultQuantization(n, 0);
  if (n.failed())
    return;
  float fine = (1.0F / 128.0F) * input.scale();
  ShortFactor toResult(fine / result.scale()), third(fine / (3.0F / 32768.0F));
  if (toResult.shift > 0) {
    n.error() << "the result's scale " << result.scale()
              << " should be at least 1/128 of the input's, " << input.scale();
    return;
  }
  n.set(0, tabulate(n, n.operand(0), input, result.element, [&](int64_t q) {
          int64_t x = (q - input.zeroPoint()) * (1 << 7);
          // The last rounding of the product is towards zero.
          int64_t product =
              hardSigmoid(x, third) * toResult.times(x) / (1 << 15);
          int64_t y =
              fixedpoint::divideByPowerOfTwo(int32_t(product), -toResult.shift);
          return std::clamp(y + result.zeroPoint(), result.low, result.high);
        }));
}

//===-- a factor for each sign
//---------------------------------------------------===//

/// x < 0 ? negative : positive, as the result is stored.
static Value bySign(OperatorImport &n, Value x, Value negative, Value positive,
                    const Quantization &result) {
  Value isNegative = n.make<edge::LessOp>({x, integers(n, 0)});
  Value scaled = n.make<edge::SelectOp>({isNegative, negative, positive});
  return finish(n, scaled, {result.low, result.high}, result);
}

/// reference/prelu.h: the product of two numbers where x is negative.
static void importPrelu(OperatorImport &n) {
  Quantization input = inputQuantization(n, 0), slope = inputQuantization(n, 1),
               result = resultQuantization(n, 0);
  if (n.failed())
    return;
  if (input.element != result.element || slope.element != input.element ||
      input.element.getIntOrFloatBitWidth() != 8) {
    n.error() << "input, slopes and result should have one type of 8 bits";
    return;
  }
  Value x = centered(n, n.operand(0), input.zeroPoint());
  Value product =
      n.make<edge::MulOp>({x, centered(n, n.operand(1), slope.zeroPoint())});
  double scale = double(input.scale()), size = double(result.scale());
  n.set(0,
        bySign(n, x, rescale(n, product, scale * double(slope.scale()) / size),
               rescale(n, x, scale / size), result));
}

static void importLeakyRelu(OperatorImport &n) {
  Quantization input = inputQuantization(n, 0),
               result = resultQuantization(n, 0);
  if (n.failed())
    return;
  float alpha =
      n.finite(n.options<schema::LeakyReluOptions>().alpha(), "alpha");
  Value x = centered(n, n.operand(0), input.zeroPoint());
  Value positive = rescale(n, x, double(input.scale() / result.scale()));
  Value negative =
      rescale(n, x, double(input.scale() * alpha / result.scale()));
  n.set(0, bySign(n, x, negative, positive, result));
}

llvm::ArrayRef<Operator> tflite::quantizedActivations() {
  static constexpr Operator rows[] = {
      {Builtin::LOGISTIC, 3, 1, 1, importLogistic, types::shorts},
      {Builtin::TANH, 3, 1, 1, importTanh, types::shorts},
      {Builtin::HARD_SWISH, 1, 1, 1, importHardSwish, types::bytes},
      {Builtin::ELU, 1, 1, 1, importElu, types::bytes},
      {Builtin::EXP, 2, 1, 1, importExp, types::bytes},
      {Builtin::LEAKY_RELU, 2, 1, 1, importLeakyRelu, types::shorts},
      {Builtin::PRELU, 1, 2, 2, importPrelu, types::bytes},
  };
  return rows;
}
