//===- WindowShape.h - attributes and sizes of windows ----------*- C++ -*-===//
//
// What every operator with a window checks of its attributes, and the size of
// its result. Only for the dialect's own inference.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_DIALECTS_EDGE_WINDOWSHAPE_H
#define EDGEC_DIALECTS_EDGE_WINDOWSHAPE_H

#include "mlir/IR/Diagnostics.h"
#include "mlir/Support/LLVM.h"

namespace edgec::edge {

/// C1: `size` numbers from `least` on, below 2^31.
mlir::LogicalResult checkArray(std::optional<mlir::Location> loc,
                               llvm::StringRef name,
                               llvm::ArrayRef<int64_t> values, size_t size,
                               int64_t least);

/// Output size along one dimension, or 0 when the window does not fit.
int64_t windowOutput(int64_t input, int64_t padding, int64_t window,
                     int64_t dilation, int64_t stride);

} // namespace edgec::edge

#endif // EDGEC_DIALECTS_EDGE_WINDOWSHAPE_H
