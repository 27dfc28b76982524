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

  /// Puts edge.range on the values that layers without edge.keep_float read,
  /// and takes it from all others.
  void assign(const Calibrator &calibrator);

  /// The range on a value, if it has one.
  static std::optional<NumberRange> rangeOf(mlir::Value value);
  /// Whether the layer will compute on integers.
  static bool isInteger(mlir::Operation *layer);

  const TensorStatistics *statisticsOf(mlir::Value value) const;

  /// What assign did, for the report.
  std::vector<TensorReport> tensors(const LayerNames &names) const;

private:
  void setRange(mlir::Value value, NumberRange range);

  mlir::func::FuncOp model;
  llvm::ArrayRef<mlir::Value> values;
  llvm::ArrayRef<TensorStatistics> statistics;
  const Overrides &overrides;
  llvm::DenseMap<mlir::Value, size_t> indexOf;
  llvm::DenseMap<mlir::Value, std::string> chosenBy;
};

/// Moves the mean error that the rounded weights of integer layers cause into
/// their biases: M. Nagel et al., "Data-Free Quantization Through Weight
/// Equalization and Bias Correction", ICCV 2019, with measured means.
void correctBiases(mlir::func::FuncOp model, const RangeAssignment &ranges);

} // namespace edgec

#endif // EDGEC_COMPILER_QUANTIZE_RANGEASSIGNMENT_H
