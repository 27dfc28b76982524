//===- SwitchedModel.h - layers as integers or floats, at will -*- C++ -*-===//
//
// One compiled model that has each layer on floats and in every precision that
// is thought of, its twins, and takes for each which of them is read:
//
//   %i = edge.conv2d (integers of %x and %f)
//   %f = edge.conv2d %x, %f
//   %c = edge.select %twins[3], %i, %f
//
// So the error of every combination of layers is had for one compilation.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_QUANTIZE_SWITCHEDMODEL_H
#define EDGEC_COMPILER_QUANTIZE_SWITCHEDMODEL_H

#include "compiler/quantize/Calibration.h"
#include "compiler/quantize/LayerPrecision.h"
#include "compiler/quantize/QuantizationReport.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"

namespace edgec {

/// A layer in another precision.
struct LayerTwin {
  mlir::Operation *layer = nullptr;
  LayerPrecision precision = LayerPrecision::int8;
  /// Of its data, where the precision needs ranges.
  mlir::quant::UniformQuantizedType data;
};

class SwitchedModel {
public:
  /// Compiles a copy of `module` with the twins beside their layers.
  static mlir::FailureOr<SwitchedModel> compile(mlir::ModuleOp module,
                                                llvm::ArrayRef<LayerTwin> twins,
                                                const HostCompiler &compiler);

  /// The error of all float outputs on all samples against the model with every
  /// layer on floats, when the twins that are chosen, at most one of a layer,
  /// are read.
  mlir::FailureOr<SignalError> error(const SampleSet &samples,
                                     llvm::ArrayRef<bool> chosen);

private:
  SwitchedModel(HostModel model, mlir::Location location)
      : model(std::move(model)), location(location) {}
  mlir::LogicalResult run(const SampleSet &samples, int64_t index,
                          llvm::ArrayRef<bool> chosen);
  /// Elements of the float outputs of the last run.
  std::vector<float> outputs() const;

  HostModel model;
  mlir::Location location;
  std::vector<unsigned> floatOutputs;
  /// Of each sample, where they are kept.
  std::vector<std::vector<float>> wanted;
};

} // namespace edgec

#endif // EDGEC_COMPILER_QUANTIZE_SWITCHEDMODEL_H
