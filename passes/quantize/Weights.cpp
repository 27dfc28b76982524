//===- Weights.cpp - filters and biases as integers -----------------------===//
//
// See Weights.h.
//
//===----------------------------------------------------------------------===//
#include "passes/quantize/Weights.h"
#include <cmath>
#include <limits>

using namespace edgec;
using namespace mlir;

bool edgec::isDataRange(DenseF64ArrayAttr range) {
  if (!range || range.size() < 2 || range.size() > 3 ||
      !llvm::all_of(range.asArrayRef(),
                    [](double number) { return std::isfinite(number); }))
    return false;
  constexpr double most = 32767;
  return range[0] <= range[1] &&
         (range.size() == 2 || (range[2] >= 1 && range[2] <= most &&
                                range[2] == std::floor(range[2])));
}

/// A scale is a 32-bit float in every format and kernel.
static double makeScale(double scale) {
  scale = float(scale);
  // Nothing but zeros.
  return scale >= std::numeric_limits<float>::min() ? scale : 1;
}

quant::UniformQuantizedType edgec::dataType(DenseF64ArrayAttr range) {
  MLIRContext *context = range.getContext();
  double low = std::min(range[0], 0.0), high = std::max(range[1], 0.0);
  Type real = Float32Type::get(context);
  if (range.size() == 3) {
    auto largest = int64_t(range[2]);
    double scale = makeScale(std::max(-low, high) / double(largest));
    return quant::UniformQuantizedType::get(
        quant::QuantizationFlags::Signed, IntegerType::get(context, 16), real,
        scale, /*zeroPoint=*/0, -largest, largest);
  }
  constexpr int64_t least = -128, most = 127;
  double scale = makeScale((high - low) / double(most - least));
  int64_t zero = std::clamp<int64_t>(
      least - int64_t(std::nearbyint(low / scale)), least, most);
  return quant::UniformQuantizedType::get(quant::QuantizationFlags::Signed,
                                          IntegerType::get(context, 8), real,
                                          scale, zero, least, most);
}

std::optional<LayerWeights> LayerWeights::of(Operation *op) {
  auto filter = ConstantData::get(op->getOperand(1));
  if (!filter || !filter->isFloat32())
    return std::nullopt;
  std::optional<ConstantData> bias;
  if (op->getNumOperands() > 2) {
    bias = ConstantData::get(op->getOperand(2));
    if (!bias || !bias->isFloat32())
      return std::nullopt;
  }
  return LayerWeights(*filter, bias);
}

SmallVector<double> LayerWeights::scales(double inputScale) const {
  constexpr double most = 127;
  SmallVector<double> result;
  result.reserve(channels());
  for (int64_t c = 0; c < channels(); ++c) {
    float largest = 0;
    for (int64_t i = 0; i < perChannel(); ++i)
      largest = std::max(largest, std::abs(at(c, i)));
    double offset = std::abs(double(biasOf(c))) / inputScale;
    // A channel of zeros is its bias alone, told in 20 bits.
    double scale = largest == 0
                       ? offset / double(1 << 20)
                       : std::max(largest / most, offset / double(1 << 30));
    result.push_back(makeScale(scale));
  }
  return result;
}

int64_t LayerWeights::largestData(double magnitude) const {
  constexpr double most = 32767, sums = 2147483647.0;
  if (magnitude <= 0)
    return int64_t(most);
  SmallVector<double> rowScales = scales(magnitude / most);
  double result = most;
  for (int64_t c = 0; c < channels(); ++c) {
    double sum = 0;
    for (int64_t i = 0; i < perChannel(); ++i)
      sum += std::abs(int(rounded(c, i, rowScales[c])));
    // The bias counts as data of this magnitude times one more weight.
    sum += std::abs(double(biasOf(c))) / (magnitude * rowScales[c]);
    if (sum > 0)
      result = std::min(result, sums / sum);
  }
  // Scales and biases are rounded.
  return std::max<int64_t>(1, int64_t(result * 0.999));
}

int8_t LayerWeights::rounded(int64_t channel, int64_t i, double scale) const {
  double number = std::nearbyint(double(at(channel, i)) / scale);
  return int8_t(std::clamp(number, -127.0, 127.0));
}

/// A constant of integers read as `type`, along dimension 0, and dequantized.
static Value makeDequantized(OpBuilder &builder, Location loc, Value integers,
                             ArrayRef<double> scales, int64_t low,
                             int64_t high) {
  auto stored = cast<RankedTensorType>(integers.getType());
  Type real = builder.getF32Type();
  SmallVector<int64_t> zeroPoints(scales.size(), 0);
  auto type = quant::UniformQuantizedPerAxisType::get(
      quant::QuantizationFlags::Signed, stored.getElementType(), real, scales,
      zeroPoints, /*quantizedDimension=*/0, low, high);
  Value bits = edge::BitcastOp::create(
      builder, loc, RankedTensorType::get(stored.getShape(), type), integers);
  return edge::DequantizeOp::create(
      builder, loc, RankedTensorType::get(stored.getShape(), real), bits);
}

Value LayerWeights::filterConstant(OpBuilder &builder, Location loc,
                                   ArrayRef<double> scales) const {
  auto type =
      RankedTensorType::get(filter.getType().getShape(), builder.getI8Type());
  auto integers = makeConstant(type, [&](MutableArrayRef<char> out) {
    for (int64_t c = 0; c < channels(); ++c)
      for (int64_t i = 0; i < perChannel(); ++i)
        out[c * perChannel() + i] = char(rounded(c, i, scales[c]));
  });
  return edge::ConstantOp::create(builder, loc, type, integers);
}

Value LayerWeights::quantizeFilter(OpBuilder &builder, Location loc,
                                   ArrayRef<double> scales) const {
  return makeDequantized(builder, loc, filterConstant(builder, loc, scales),
                         scales, -127, 127);
}

Value LayerWeights::quantizeBias(OpBuilder &builder, Location loc,
                                 ArrayRef<double> sumScales) const {
  auto type = RankedTensorType::get({channels()}, builder.getI32Type());
  auto integers = makeConstant(type, [&](MutableArrayRef<char> out) {
    for (int64_t c = 0; c < channels(); ++c) {
      auto number = int32_t(std::nearbyint(double(biasOf(c)) / sumScales[c]));
      std::memcpy(out.data() + c * sizeof(number), &number, sizeof(number));
    }
  });
  Value constant = edge::ConstantOp::create(builder, loc, type, integers);
  return makeDequantized(builder, loc, constant, sumScales,
                         std::numeric_limits<int32_t>::min(),
                         std::numeric_limits<int32_t>::max());
}
