//===- QuantizeModel.h - ranges for a float model --------------*- C++ -*-===//
//
// Post-training quantization between the graph stage and the quantize stage:
// calibrates, decides, corrects biases, and leaves `edge.range` on every value
// that becomes an integer and `edge.keep_float` on every layer that does not.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_QUANTIZE_QUANTIZEMODEL_H
#define EDGEC_COMPILER_QUANTIZE_QUANTIZEMODEL_H

#include "compiler/quantize/Calibration.h"
#include "compiler/quantize/QuantizationReport.h"
#include "compiler/quantize/QuantizeOptions.h"

namespace edgec {

/// Prepares `module`, which the graph stage left. Fails after diagnostics: the
/// samples', the overrides', or that the model has nothing to quantize.
mlir::FailureOr<QuantizationReport>
quantizeModel(mlir::ModuleOp module, const QuantizeOptions &options,
              const HostCompiler &compiler);

} // namespace edgec

#endif // EDGEC_COMPILER_QUANTIZE_QUANTIZEMODEL_H
