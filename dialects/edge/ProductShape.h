//===- ProductShape.h - shapes of matrix products ---------------*- C++ -*-===//
//
// What matrix products of reals and of integers check alike.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_DIALECTS_EDGE_PRODUCTSHAPE_H
#define EDGEC_DIALECTS_EDGE_PRODUCTSHAPE_H

#include "dialects/edge/Edge.h"

namespace edgec::edge {

/// The shape [..., M, N] of `lhs` [..., M, K] times `rhs` [..., K, N], whose
/// leading dimensions broadcast. Fails at `loc` as C1 with fewer than two
/// dimensions, as C2 if the K differ, as C3 if the leading ones do not
/// broadcast.
mlir::FailureOr<llvm::SmallVector<int64_t>>
inferProductShape(std::optional<mlir::Location> loc, mlir::RankedTensorType lhs,
                  mlir::RankedTensorType rhs);

} // namespace edgec::edge

#endif // EDGEC_DIALECTS_EDGE_PRODUCTSHAPE_H
