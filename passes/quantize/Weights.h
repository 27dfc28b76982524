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

/// The type of data between low and high (0 is one of its numbers): i8 with one
/// scale and zero point.
mlir::quant::UniformQuantizedType int8Type(mlir::MLIRContext *context,
                                           double low, double high);

/// The constants of a convolution or a fully connected layer.
class LayerWeights {
public:
  /// None where the filter or a bias that there is cannot be read.
  static std::optional<LayerWeights> of(mlir::Operation *op);

  int64_t channels() const { return filter.getType().getDimSize(0); }
  int64_t perChannel() const { return filter.getNumElements() / channels(); }
  float at(int64_t channel, int64_t i) const {
    return filter.getFloat(channel * perChannel() + i);
  }
  bool hasBias() const { return bias.has_value(); }
  float biasOf(int64_t channel) const {
    return bias ? bias->getFloat(channel) : 0;
  }

  /// Each channel's scale for data of this scale. The largest weight decides,
  /// except where the bias would not fit 32 bits of the product of both scales.
  llvm::SmallVector<double> scales(double inputScale) const;

  /// The integer that stands for a weight, [-127, 127].
  int8_t rounded(int64_t channel, int64_t i, double scale) const;

  /// The dequantized filter and bias (in the scales of the sums), as constants
  /// of integers.
  mlir::Value quantizeFilter(mlir::OpBuilder &builder, mlir::Location loc,
                             llvm::ArrayRef<double> scales) const;
  mlir::Value quantizeBias(mlir::OpBuilder &builder, mlir::Location loc,
                           llvm::ArrayRef<double> sumScales) const;

private:
  LayerWeights(ConstantData filter, std::optional<ConstantData> bias)
      : filter(filter), bias(bias) {}

  ConstantData filter;
  std::optional<ConstantData> bias;
};

} // namespace edgec

#endif // EDGEC_PASSES_QUANTIZE_WEIGHTS_H
