//===- Softmax.h - softmax of bytes by a table ------------------*- C++ -*-===//
//
// The family of EdgeSoftmax.td, and how ONNX Runtime fills its table.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_DIALECTS_EDGE_SOFTMAX_H
#define EDGEC_DIALECTS_EDGE_SOFTMAX_H

#include "dialects/edge/Edge.h"

#define GET_OP_CLASSES
#include "dialects/edge/EdgeSoftmax.h.inc"

namespace edgec::edge {

/// The logarithm of ONNX Runtime's largest exponential, for rows of so many
/// elements: as large as their sum allows in float32, less a margin. The
/// smaller ones have the more digits before they vanish.
double largestExponent(int64_t rowSize);

/// ONNX Runtime's exponentials of numbers that stand for multiples of `scale`,
/// for rows of `rowSize` elements.
llvm::SmallVector<float> tabulateExponentials(float scale, int64_t rowSize);

} // namespace edgec::edge

#endif // EDGEC_DIALECTS_EDGE_SOFTMAX_H
