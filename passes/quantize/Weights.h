//===- Weights.h - data, filters and biases as integers --------*- C++ -*-===//
//
// Data are i8, asymmetric, with one scale. A filter is i8, symmetric, with a
// scale per output channel; a bias is i32 in the scale of the sums that it
// starts.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_QUANTIZE_WEIGHTS_H
#define EDGEC_PASSES_QUANTIZE_WEIGHTS_H

#include "passes/graph/ConstantData.h"

namespace edgec {

/// Whether `range` is two finite numbers, the smaller first, or these and a
/// whole number in [1, 32767].
bool isDataRange(mlir::DenseF64ArrayAttr range);

/// The type of data in a range. Of two numbers: i8 with one scale and zero
/// point (0 is one of its numbers). Of three: i16 from minus the third to the
/// third, symmetric.
mlir::quant::UniformQuantizedType dataType(mlir::DenseF64ArrayAttr range);

/// The constants of a convolution or a fully connected layer.
class LayerWeights {
public:
  /// None where the filter or a bias that there is cannot be read.
  static std::optional<LayerWeights> of(mlir::Operation *op);

  int64_t channels() const { return channelCount; }
  int64_t perChannel() const { return channelSize; }
  float at(int64_t channel, int64_t i) const {
    return filter.getFloat(channel * channelSize + i);
  }
  bool hasBias() const { return bias.has_value(); }
  float biasOf(int64_t channel) const {
    return bias ? bias->getFloat(channel) : 0;
  }

  /// Each channel's scale for data of this scale. The largest weight decides,
  /// except where the bias would not fit 32 bits of the product of both scales.
  llvm::SmallVector<double> scales(double inputScale) const;

  /// The largest number of data whose sums of products, with the bias, cannot
  /// leave 32 bits, when the data are symmetric and of this largest magnitude.
  int64_t largestData(double magnitude) const;

  /// The integer that stands for a weight, [-127, 127].
  int8_t rounded(int64_t channel, int64_t i, double scale) const;

  /// The filter as a constant of integers.
  mlir::Value filterConstant(mlir::OpBuilder &builder, mlir::Location loc,
                             llvm::ArrayRef<double> scales) const;
  /// The dequantized filter and bias (in the scales of the sums), as constants
  /// of integers.
  mlir::Value quantizeFilter(mlir::OpBuilder &builder, mlir::Location loc,
                             llvm::ArrayRef<double> scales) const;
  mlir::Value quantizeBias(mlir::OpBuilder &builder, mlir::Location loc,
                           llvm::ArrayRef<double> sumScales) const;

private:
  LayerWeights(ConstantData filter, std::optional<ConstantData> bias)
      : filter(filter), bias(bias),
        channelCount(filter.getType().getDimSize(0)),
        channelSize(filter.getNumElements() / channelCount) {}

  ConstantData filter;
  std::optional<ConstantData> bias;
  // Asked for with every weight.
  int64_t channelCount, channelSize;
};

} // namespace edgec

#endif // EDGEC_PASSES_QUANTIZE_WEIGHTS_H
