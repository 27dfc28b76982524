//===- RowChain.h - two kernels that run as one, row by row ----*- C++ -*-===//
//
// A depthwise convolution reads few rows of its input at a time, so a kernel
// that produces this input need not write it all first: both run in turns, and
// what lies between them is a window of rows that stays in the cache.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_ROWCHAIN_H
#define EDGEC_PASSES_KERNEL_ROWCHAIN_H

#include "passes/kernel/KernelEmitter.h"

namespace edgec::kernel {

/// Two kernels in a chain. Rows count in the tensor between them as it would
/// lie in its buffer, halo included.
struct RowChain {
  schedule::KernelOp first, second;
  const KernelEmitter *firstEmitter, *secondEmitter;
  /// the second's operand that the first computes
  unsigned link = 0;

  /// rows of the tensor and of the halo around it
  int64_t height = 0, top = 0, bottom = 0;
  /// rows that an iteration of the first writes
  int64_t written = 1;
  /// rows from one iteration of the second to the next, and rows that one reads
  int64_t step = 1, read = 1;
  int64_t iterations = 1;
  /// elements of a row, halo included; of the halo at its begin and end
  int64_t row = 1, left = 0, right = 0;

  /// rows that the window holds
  int64_t window = 1;
  /// iterations of the second in one of the chain, and how many those are
  int64_t perPart = 1, parts = 1;

  /// The windows of all parts, a multiple of cache lines each.
  int64_t slot() const { return (window * row + 15) / 16 * 16; }
  int64_t scratchElements() const { return parts * slot(); }
};

/// The chain that ends in `second`, if there is one whose tensor in between
/// takes at least `leastBytes`: both kernels have their tilings.
std::optional<RowChain> findRowChain(schedule::KernelOp second,
                                     schedule::MachineAttr machine,
                                     int64_t leastBytes);

/// Writes the body of both. `buffers` are those of the chain's function: the
/// first's operands, then the second's without the link.
mlir::LogicalResult emitRowChain(RowChain chain, schedule::MachineAttr machine,
                                 mlir::func::FuncOp function,
                                 const KernelBuffers &buffers);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_ROWCHAIN_H
