//===- Integer.h - arithmetic of quantized models ---------------*- C++ -*-===//
//
// The family of EdgeInteger.td. It has a header of its own so that a new
// operator recompiles only what works with these.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_DIALECTS_EDGE_INTEGER_H
#define EDGEC_DIALECTS_EDGE_INTEGER_H

#include "dialects/edge/Edge.h"
#include "dialects/edge/EdgeIntegerEnums.h.inc"

#define GET_OP_CLASSES
#include "dialects/edge/EdgeInteger.h.inc"

namespace edgec::edge {

/// What 2D convolutions of every element type have in common.
struct Convolution {
  mlir::TypedValue<mlir::RankedTensorType> input, filter;
  /// null without one
  mlir::Value bias;
  mlir::TypedValue<mlir::RankedTensorType> result;
  /// along H and W; pads: top, left, bottom, right
  llvm::ArrayRef<int64_t> strides, pads, dilations;
  int64_t groups;
  bool isDepthwise;
  /// what lies around the input
  int64_t padValue;
};

/// The operator as a convolution, if it is conv2d or integer_conv2d; `op` may
/// be null.
std::optional<Convolution> getConvolution(mlir::Operation *op);

} // namespace edgec::edge

#endif // EDGEC_DIALECTS_EDGE_INTEGER_H
