//===- NormalizedRows.h - layer normalizations written out -----*- C++ -*-===//
//
// Layer normalization comes as seven operators:
//
//   %m = edge.reduce_mean %x            %c = edge.sub %x, %m
//   %v = edge.reduce_mean (edge.mul %c, %c)
//   %d = edge.rsqrt (edge.add %v, epsilon)
//   edge.mul %c, %d
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_GRAPH_NORMALIZEDROWS_H
#define EDGEC_PASSES_GRAPH_NORMALIZEDROWS_H

#include "dialects/edge/Edge.h"
#include <optional>

namespace edgec {

/// A tensor of f32 whose rows (its last dimension) are normalized.
struct NormalizedRows {
  mlir::Value x;
  float epsilon;
};

/// What the product, the last of the seven operators, normalizes.
std::optional<NormalizedRows> findNormalizedRows(edge::MulOp product);

} // namespace edgec

#endif // EDGEC_PASSES_GRAPH_NORMALIZEDROWS_H
