//===- QuantizedNormalizations.cpp - softmax and means on bytes -----------===//
#include "compiler/import/tflite/FixedPoint.h"
#include "compiler/import/tflite/Operators.h"
#include "compiler/import/tflite/Quantization.h"
#include "compiler/import/tflite/ShapeRules.h"
#include "dialects/edge/Integer.h"
#include <cmath>

using namespace edgec;
using namespace edgec::tflite;
using mlir::Value;
using schema::Builtin;

//===-- softmax
//------------------------------------------------------------===//

/// e^(-difference * scale) in 31 fraction bits for all differences of two
/// bytes; 0 for those beyond what 5 integer bits hold (PreprocessSoftmaxScaling
/// and CalculateInputRadius in kernels/internal/quantization_util.cc).
static llvm::SmallVector<int32_t> exponentials(double scale) {
  constexpr int integerBits = 5;
  double real = std::min(scale * double(1 << (31 - integerBits)),
                         double(int64_t(1) << 31) - 1.0);
  FixedPointFactor factor = fixedPoint(real);
  int64_t left = std::max(factor.shift, 0);
  double radius = std::floor(double((1 << integerBits) - 1) *
                             double(int64_t(1) << (31 - integerBits)) /
                             double(int64_t(1) << left));
  llvm::SmallVector<int32_t> table;
  for (int64_t difference = 0; difference < 256; ++difference) {
    bool inside = double(difference) <= radius;
    int64_t x = inside ? -(difference << left) : 0;
    table.push_back(
        inside ? fixedpoint::expOnNegative(
                     fixedpoint::multiply(int32_t(x), factor.multiplier),
                     integerBits)
               : 0);
  }
  return table;
}

static void importSoftmax(OperatorImport &n) {
  Quantization input = inputQuantization(n, 0),
               result = resultQuantization(n, 0);
  if (n.failed())
    return;
  bool isByte = input.element.getIntOrFloatBitWidth() == 8;
  if (!isByte || result.zeroPoint() != result.low) {
    n.error() << "the input should be of 8 bits and the result's zero point "
              << result.low << ", the least number; others are not supported";
    return;
  }
  float beta = n.hasOptions<schema::SoftmaxOptions>()
                   ? n.options<schema::SoftmaxOptions>().beta()
                   : 1.0F;
  Value x = n.operand(0);
  Value table = integers(n, exponentials(double(beta) * double(input.scale())));
  if (!x)
    return n.fail();
  auto type = mlir::RankedTensorType::get(n.shape(0), result.element);
  n.set(0, edge::IntegerSoftmaxOp::create(n.builder, n.loc, type, x, table));
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
      {Builtin::SOFTMAX, 3, 1, 1, importSoftmax, types::bytes},
      {Builtin::MEAN, 3, 2, 2, importMean, types::bytes},
      {Builtin::SUM, 2, 2, 2, importSum, types::bytes},
  };
  return rows;
}
