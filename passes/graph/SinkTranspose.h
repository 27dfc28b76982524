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

/// Dimensions [fromBegin, fromEnd) of one shape are dimensions
/// [toBegin, toEnd) of another with as many elements: a split, a merge, or
/// both.
struct DimensionGroup {
  size_t fromBegin, fromEnd, toBegin, toEnd;
};

/// The smallest groups that a reshape keeps apart; none for scalars.
llvm::SmallVector<DimensionGroup> groupDimensions(llvm::ArrayRef<int64_t> from,
                                                  llvm::ArrayRef<int64_t> to);

/// inverse[permutation[d]] = d
llvm::SmallVector<int64_t>
invertPermutation(llvm::ArrayRef<int64_t> permutation);

} // namespace edgec

#endif // EDGEC_PASSES_GRAPH_SINKTRANSPOSE_H
