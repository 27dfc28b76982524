//===- TileProduct.h - the product of one register tile --------*- C++ -*-===//
//
// Methods that make a product out of several smaller ones (Winograd's,
// Strassen's) share how one of those runs: rows of f32 times a panel of packed
// f32 weights, whose sums stay in registers.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_TILEPRODUCT_H
#define EDGEC_PASSES_KERNEL_TILEPRODUCT_H

#include "passes/kernel/KernelBuilder.h"
#include "passes/kernel/LaneProducts.h"

namespace edgec::kernel {

/// `outputs` rows of lhs times `depth` rows of a panel: sums[output][vector].
struct TileProduct {
  /// row i of lhs begins at element `lhs + i * lhsStride` of its buffer
  mlir::Value lhsBuffer;
  Index lhs;
  int64_t lhsStride = 0;
  /// the panel's rows follow each other: `width` elements each, in vectors of
  /// these lanes that begin `vectorLanes` apart
  mlir::Value rhsBuffer;
  Index rhs;
  int64_t width = 0, vectorLanes = 0;
  llvm::SmallVector<int64_t> lanes;
  int64_t outputs = 0, depth = 0;
  /// Fetches what later products read while step `c` computes; may be null.
  llvm::function_ref<void(Index c)> fetch = nullptr;
};

/// Zero for each sum.
llvm::SmallVector<mlir::Value> zeroSums(KernelBuilder &k,
                                        const TileProduct &product);

/// The product alone, or added to `sums`. Long chains of additions lose digits:
/// all is added up in blocks from zero, as in ContractionReduce.cpp.
llvm::SmallVector<mlir::Value> emitProduct(KernelBuilder &k,
                                           const TileProduct &product);
llvm::SmallVector<mlir::Value>
emitProductSum(KernelBuilder &k, const TileProduct &product,
               llvm::SmallVector<mlir::Value> sums);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_TILEPRODUCT_H
