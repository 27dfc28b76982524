//===- QuantizedActivations.cpp - curved functions of bytes ---------------===//
//
// A function of 8 bits is a table, made here in the arithmetic of TensorFlow
// Lite Micro's reference kernels (reference/integer_ops/logistic.h, tanh.h).
// LEAKY_RELU has a factor for each sign (reference/leaky_relu.h).
//
//===----------------------------------------------------------------------===//
#include "compiler/import/tflite/FixedPoint.h"
#include "compiler/import/tflite/Operators.h"
#include "compiler/import/tflite/Quantization.h"
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

static void importLogistic(OperatorImport &n) {
  importCurve(n, fixedpoint::logistic, 8, -128, 127, -128);
}

static void importTanh(OperatorImport &n) {
  importCurve(n, fixedpoint::tanh, 7, -128, 127, 0);
}

static void importLeakyRelu(OperatorImport &n) {
  Quantization input = inputQuantization(n, 0),
               result = resultQuantization(n, 0);
  if (n.failed())
    return;
  float alpha = n.options<schema::LeakyReluOptions>().alpha();
  Value x = centered(n, n.operand(0), input.zeroPoint());
  Value positive = rescale(n, x, double(input.scale() / result.scale()));
  Value negative =
      rescale(n, x, double(input.scale() * alpha / result.scale()));
  Value isNegative = n.make<edge::LessOp>({x, integers(n, 0)});
  Value scaled = n.make<edge::SelectOp>({isNegative, negative, positive});
  n.set(0, finish(n, scaled, {result.low, result.high}, result));
}

llvm::ArrayRef<Operator> tflite::quantizedActivations() {
  static constexpr Operator rows[] = {
      {Builtin::LOGISTIC, 3, 1, 1, importLogistic, types::bytes, "int8"},
      {Builtin::TANH, 3, 1, 1, importTanh, types::bytes, "int8"},
      {Builtin::LEAKY_RELU, 2, 1, 1, importLeakyRelu, types::bytes},
  };
  return rows;
}
