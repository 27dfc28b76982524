//===- RangeAssignment.h - which values are integers, and how --*- C++ -*-===//
//
// From statistics and exceptions to the attributes that the quantize stage
// reads. May be repeated with other calibrators and other layers kept.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_QUANTIZE_RANGEASSIGNMENT_H
#define EDGEC_COMPILER_QUANTIZE_RANGEASSIGNMENT_H

#include "compiler/quantize/Overrides.h"
#include "compiler/quantize/QuantizationReport.h"

namespace edgec {

class RangeAssignment {
public:
  /// `values` are all that could be integers, `statistics` theirs.
  RangeAssignment(mlir::func::FuncOp model, llvm::ArrayRef<mlir::Value> values,
                  llvm::ArrayRef<TensorStatistics> statistics,
                  const Overrides &overrides);

  /// Bits of the data that a layer reads: 8, or 16. Values that several layers
  /// share have as many as the most of them ask for.
  void setDataBits(mlir::Operation *layer, unsigned bits) {
    dataBits[layer] = bits;
  }
  /// Puts edge.range on the values that layers without edge.keep_float read,
  /// and takes it from all others.
  void assign(const Calibrator &calibrator);

  /// The type of integers that a value with a range gets.
  static mlir::quant::UniformQuantizedType typeOf(mlir::Value value);
  /// The range on a value, if it has one.
  static std::optional<NumberRange> rangeOf(mlir::Value value);
  /// Whether the layer will compute on integers.
  static bool isInteger(mlir::Operation *layer);

  const TensorStatistics *statisticsOf(mlir::Value value) const;

  /// What assign did, for the report.
  std::vector<TensorReport> tensors(const LayerNames &names) const;

private:
  bool isWide(const ValueGroup &group) const;
  static mlir::DenseF64ArrayAttr attributeOf(mlir::Value value);
  mlir::DenseF64ArrayAttr makeAttribute(NumberRange range,
                                        const ValueGroup &group) const;
  void removeRanges();
  void setRange(mlir::Value value, mlir::DenseF64ArrayAttr range);

  mlir::func::FuncOp model;
  llvm::ArrayRef<mlir::Value> values;
  llvm::ArrayRef<TensorStatistics> statistics;
  const Overrides &overrides;
  llvm::DenseMap<mlir::Operation *, unsigned> dataBits;
  llvm::DenseMap<mlir::Value, size_t> indexOf;
  llvm::DenseMap<mlir::Value, std::string> chosenBy;
};

/// Moves the mean error that the rounded weights of integer layers cause into
/// their biases: M. Nagel et al., "Data-Free Quantization Through Weight
/// Equalization and Bias Correction", ICCV 2019, with measured means.
void correctBiases(mlir::func::FuncOp model, const RangeAssignment &ranges);

} // namespace edgec

#endif // EDGEC_COMPILER_QUANTIZE_RANGEASSIGNMENT_H
