//===- Evaluate.h - a quantized model beside its float model ---*- C++ -*-===//
//
// Runs both on the same samples, in this process, and compares outputs and the
// values between layers.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_QUANTIZE_EVALUATE_H
#define EDGEC_COMPILER_QUANTIZE_EVALUATE_H

#include "compiler/quantize/Calibration.h"
#include "compiler/quantize/QuantizationReport.h"

namespace edgec {

/// Compares a candidate's outputs with those of the float model on all samples;
/// both were compiled from `model`, whose first outputs they have.
mlir::FailureOr<Evaluation>
compareOutputs(ExposedModel &reference, ExposedModel &candidate,
               mlir::func::FuncOp model, const SampleSet &samples,
               llvm::ArrayRef<int64_t> labels, const HostCompiler &compiler);

/// The errors of `values` (the exposed ones of both), one for each.
mlir::FailureOr<std::vector<SignalError>>
compareValues(ExposedModel &reference, ExposedModel &candidate, size_t values,
              const SampleSet &samples, const HostCompiler &compiler);

/// Whether fewer than `places` elements of the row are larger than that of the
/// label; equal ones count by their order, as in an argmax.
bool isAmongLargest(llvm::ArrayRef<float> row, int64_t label, int64_t places);
int64_t largestElement(llvm::ArrayRef<float> row);

/// Rows of the first output per sample, if it is of f32 and each row has at
/// least two elements to choose from; else 0.
int64_t rowsPerSample(mlir::func::FuncOp model);

} // namespace edgec

#endif // EDGEC_COMPILER_QUANTIZE_EVALUATE_H
