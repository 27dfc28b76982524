//===- LayerPrecision.h - in what bits a layer is computed -----*- C++ -*-===//
//
// The names of -quantize, and what each of them asks of a layer:
//
//     int8, int16x8              integers, in ranges from samples
//     dynamic                    integers, in scales that the run computes
//     int8w, int4w, fp16, bf16   floats; the weights alone take less memory
//     int4w:32, :64, :128        the same with scales for runs of weights
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_QUANTIZE_LAYERPRECISION_H
#define EDGEC_COMPILER_QUANTIZE_LAYERPRECISION_H

#include "mlir/IR/Operation.h"

namespace edgec {

enum class LayerPrecision {
  int8,
  int16x8,
  dynamic,
  int8w,
  int4w,
  // With a scale for each so many weights of a channel.
  int4wBy32,
  int4wBy64,
  int4wBy128,
  fp16,
  bf16
};

/// As -quantize names it.
llvm::StringRef nameOf(LayerPrecision precision);
/// Several, with commas between.
std::string namesOf(llvm::ArrayRef<LayerPrecision> precisions);
std::optional<LayerPrecision> parsePrecision(llvm::StringRef name);

/// Whether data become integers in ranges that samples give.
bool needsRanges(LayerPrecision precision);
/// Whether floats are computed and weights alone take less memory.
bool isWeightsOnly(LayerPrecision precision);
/// Bits of the data of a layer that needs ranges.
unsigned dataBits(LayerPrecision precision);
/// Bytes that a layer's constants take about: `weights` numbers and, per
/// channel, a bias and, with integers, a scale. Of f32 without a precision.
int64_t constantBytes(std::optional<LayerPrecision> precision, int64_t weights,
                      int64_t channels);

/// Empty where the layer (Quantizable.h) can be computed so; else why not.
llvm::StringRef whyNot(LayerPrecision precision, mlir::Operation *layer);

/// Marks the layer for the quantize stage: which of its passes sees to it.
/// Without a precision it stays on floats. Ranges of data are not its matter.
void markLayer(mlir::Operation *layer, std::optional<LayerPrecision> precision);

} // namespace edgec

#endif // EDGEC_COMPILER_QUANTIZE_LAYERPRECISION_H
