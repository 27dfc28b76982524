//===- Precision.h - what a float model is computed on ----------*- C++ -*-===//
//
// Chosen by the caller for a whole model; docs/precision.md is its manual.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_QUANTIZE_PRECISION_H
#define EDGEC_PASSES_QUANTIZE_PRECISION_H

#include "llvm/ADT/StringRef.h"

namespace edgec {

/// The floats on which what the model computes on f32 is computed.
enum class Precision { float32, float16, bfloat16 };

/// On a function, a type: that of its values which were f32 (f16 or bf16).
/// Kernels on f16 then compute on it where the machine can, and not on f32.
inline constexpr llvm::StringLiteral arithmeticAttrName("edge.arithmetic");

} // namespace edgec

#endif // EDGEC_PASSES_QUANTIZE_PRECISION_H
