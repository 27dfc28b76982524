//===- QuantizeSizes.h - a model of several sizes, quantized ---*- C++ -*-===//
//
// A model whose sizes a run chooses is a function for each of them
// (dialects/edge/Variant.h), of the same layers. One of them is quantized, that
// whose inputs the samples have; what it found holds for all:
//
//   @m    %c = edge.conv2d ... loc("conv1") {edge.range = [0, 4]}
//   @m.1  %c = edge.conv2d ... loc("conv1")       gets the same range
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_QUANTIZE_QUANTIZESIZES_H
#define EDGEC_COMPILER_QUANTIZE_QUANTIZESIZES_H

#include "compiler/quantize/Calibration.h"
#include "compiler/quantize/QuantizationReport.h"
#include "compiler/quantize/QuantizeOptions.h"

namespace edgec {

/// quantizeModel for a model with or without variants. Samples have the sizes
/// of one of them, with int16x8 those of the largest: numbers of 16 bits are
/// chosen so that the longest sums fit. Where an operator of a variant has no
/// counterpart the variant computes it on floats. Failure after a diagnostic.
mlir::FailureOr<QuantizationReport>
quantizeSizes(mlir::ModuleOp module, const QuantizeOptions &options,
              const HostCompiler &compiler);

} // namespace edgec

#endif // EDGEC_COMPILER_QUANTIZE_QUANTIZESIZES_H
