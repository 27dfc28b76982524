//===- SwitchedModel.h - layers as integers or floats, at will -*- C++ -*-===//
//
// One compiled model that has each layer twice, on integers and on floats, and
// takes for each which of them is read:
//
//   %i = edge.conv2d (integers of %x and %f)
//   %f = edge.conv2d %x, %f
//   %c = edge.select %layers[3], %i, %f
//
// So the error of every combination of layers is had for one compilation.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_QUANTIZE_SWITCHEDMODEL_H
#define EDGEC_COMPILER_QUANTIZE_SWITCHEDMODEL_H

#include "compiler/quantize/Calibration.h"
#include "compiler/quantize/QuantizationReport.h"

namespace edgec {

class SwitchedModel {
public:
  /// Compiles a copy of `module`, whose values have ranges (edge.range), with
  /// `layers` twice.
  static mlir::FailureOr<SwitchedModel>
  compile(mlir::ModuleOp module, llvm::ArrayRef<mlir::Operation *> layers,
          const HostCompiler &compiler);

  /// The error of all float outputs on all samples against the model with every
  /// layer on floats, when those chosen are on integers.
  mlir::FailureOr<SignalError> error(const SampleSet &samples,
                                     llvm::ArrayRef<bool> integers);

private:
  SwitchedModel(HostModel model, mlir::Location location)
      : model(std::move(model)), location(location) {}
  mlir::LogicalResult run(const SampleSet &samples, int64_t index,
                          llvm::ArrayRef<bool> integers);
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
