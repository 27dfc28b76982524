//===- Calibration.h - the values that come up in a model ------*- C++ -*-===//
//
// Runs the float model, compiled for this processor with the values in question
// as outputs, on all samples, and keeps each value's statistics.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_QUANTIZE_CALIBRATION_H
#define EDGEC_COMPILER_QUANTIZE_CALIBRATION_H

#include "compiler/HostModel.h"
#include "compiler/Pipeline.h"
#include "compiler/quantize/SampleSet.h"
#include "compiler/quantize/TensorStatistics.h"
#include "mlir/IR/OwningOpRef.h"

namespace edgec {

struct Progress;

/// What calibration and evaluation need of the compilation that they belong to.
struct HostCompiler {
  /// Takes a module that stage `after` left through the others, for this
  /// processor, and loads it. Failure after a diagnostic.
  std::function<mlir::FailureOr<HostModel>(
      mlir::OwningOpRef<mlir::ModuleOp> module, Stage after)>
      compile;
  /// Takes a module from behind stage `after` up to and including `last`, for
  /// the machine that the model is compiled for. Failure after a diagnostic.
  std::function<mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>>(
      mlir::OwningOpRef<mlir::ModuleOp> module, Stage after, Stage last)>
      lower;
  /// The model is for accelerators, too, which may take what is slow on the
  /// processor.
  bool hasAccelerators = false;
  /// Called at each step.
  std::function<void(const Progress &)> onProgress;
};

/// Values of a model that runs beside it: where to find each after a run.
class ExposedModel {
public:
  /// Compiles a copy of `module` with `values`, of its model, as outputs.
  static mlir::FailureOr<ExposedModel> compile(mlir::ModuleOp module,
                                               mlir::ValueRange values,
                                               Stage after,
                                               const HostCompiler &compiler);

  /// Runs a sample; failure after a diagnostic at the model.
  mlir::LogicalResult run(const SampleSet &samples, int64_t index);

  /// What value `index` had in the last run. All are tensors of f32.
  llvm::ArrayRef<float> value(size_t index) const;
  const HostModel &host() const { return model; }

private:
  ExposedModel(HostModel model, mlir::Location location)
      : model(std::move(model)), location(location) {}

  struct Place {
    bool isInput;
    unsigned index;
  };
  HostModel model;
  mlir::Location location;
  std::vector<Place> places;
};

/// Statistics of each of the model's values, of all their elements over all
/// samples. Histograms cost a second run of each sample.
mlir::FailureOr<std::vector<TensorStatistics>>
measure(ExposedModel &model, mlir::ValueRange values, const SampleSet &samples,
        bool histograms, const HostCompiler &compiler);

} // namespace edgec

#endif // EDGEC_COMPILER_QUANTIZE_CALIBRATION_H
