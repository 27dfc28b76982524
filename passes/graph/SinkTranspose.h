//===- SinkTranspose.h - one operator passes one transpose -----*- C++ -*-===//
//
// The step that CancelTransposes.cpp repeats.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_GRAPH_SINKTRANSPOSE_H
#define EDGEC_PASSES_GRAPH_SINKTRANSPOSE_H

#include "mlir/IR/PatternMatch.h"

namespace edgec {

/// Rewrites `op(transpose(x), ...)` to `transpose(op(x, ...))` where that does
/// not add transposes of more data than it takes away.
mlir::LogicalResult sinkTranspose(mlir::Operation *op,
                                  mlir::PatternRewriter &rewriter);

} // namespace edgec

#endif // EDGEC_PASSES_GRAPH_SINKTRANSPOSE_H
