//===- RowChain.h - kernels that run as one, row by row --------*- C++ -*-===//
//
// A depthwise convolution, a pool or a product by a small matrix reads few rows
// of its input at a time, so a kernel that produces this input need not write
// it all first: all kernels of a chain run in turns, and what lies between two
// of them is a window of rows that stays in the cache.
//
//   expand -> depthwise -> project      convolution -> pool
//   scores -> softmax -> product, for each head of an attention by itself
//   product -> depthwise, for each panel of channels by itself
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_ROWCHAIN_H
#define EDGEC_PASSES_KERNEL_ROWCHAIN_H

#include "passes/kernel/KernelEmitter.h"

namespace edgec::kernel {

/// A tensor between two kernels of a chain. Rows are those that its writer's
/// range counts (RowTiles), numbered as they would lie in the whole tensor's
/// buffer, halo included.
struct RowLink {
  /// the reader's operand
  unsigned operand = 0;
  /// rows of the tensor and of the halo around it
  int64_t rows = 0, top = 0, bottom = 0;
  /// rows that an iteration of the writer writes
  int64_t written = 1;
  /// Iteration i of the reader reads rows from i * step / unit - before until
  /// (i * step + span) / unit - before, rounded up: `unit` is larger than 1
  /// where the reader counts positions of a row.
  int64_t step = 1, span = 1, unit = 1, before = 0;
  /// elements of a row, halo included; of the halo at its begin and end
  int64_t row = 1, left = 0, right = 0;
  /// what the halo consists of
  int64_t fill = 0;
  /// as it is stored
  mlir::Type element;
  /// rows that the window holds
  int64_t window = 1;

  /// The most rows that an iteration reads.
  int64_t read() const { return (span + unit - 2) / unit + 1; }
  /// A window in elements, a multiple of cache lines.
  int64_t slot() const { return (window * row + 63) / 64 * 64; }
};

/// A kernel of a chain.
struct RowStage {
  /// What is emitted; its operands' layouts are those of the function.
  schedule::KernelOp kernel;
  const KernelEmitter *emitter;
  /// The kernel of the program that it is, or of which it computes one slice
  /// (see RowChain::batch).
  schedule::KernelOp original;
  /// Per operand of a slice, elements from one slice to the next along each
  /// dimension of the batch; empty: the same for all.
  llvm::SmallVector<llvm::SmallVector<int64_t>> operandSteps = {};
  llvm::SmallVector<int64_t> resultSteps = {};

  schedule::TilingAttr tiling() const {
    return schedule::KernelOp(kernel).getTilingAttr();
  }
};

struct RowChain {
  llvm::SmallVector<RowStage> stages;
  /// links[i] is between stages i and i + 1
  llvm::SmallVector<RowLink> links;
  /// Dimensions of which each element is a chain by itself (heads, panels).
  llvm::SmallVector<int64_t> batch;
  /// iterations of the last kernel, of one slice and of one part of the range;
  /// how many parts there are
  int64_t iterations = 1, perPart = 1, parts = 1;
  /// Whether the lines of results are fetched before they are computed.
  bool fetchesResults = false;

  const RowStage &last() const { return stages.back(); }
  int64_t slices() const;
  /// The windows of all parts.
  mlir::RankedTensorType scratch(const RowLink &link) const;
};

/// One kernel as a chain.
RowChain singleStage(schedule::KernelOp kernel, const KernelEmitter *emitter);

/// The kernel of the same block that computes the operand of `second` for which
/// `value` stands in its region, and nothing else, for it alone; or null.
schedule::KernelOp findWriter(schedule::KernelOp second, mlir::Value value);

/// How a chain that ends in the kernel that computes the operand for `second`
/// alone may go on with it: if both go row by row, the tensor takes at least
/// `leastBytes`, and what else the two read in every iteration (weights) at
/// most `mostBytes`.
std::optional<RowLink> findRowLink(schedule::KernelOp second,
                                   schedule::MachineAttr machine,
                                   int64_t leastBytes, int64_t mostBytes);

/// The chain that `first` and `second`, which reads the result of the former's
/// last kernel, are together; nothing if it takes more memory while it runs
/// than the two one after the other.
std::optional<RowChain> joinRows(const RowChain &first, const RowLink &link,
                                 const RowStage &second,
                                 schedule::MachineAttr machine);

/// The chain of an attention's three kernels, if `last` multiplies a softmax of
/// a product (by one more matrix) for each slice of a batch by itself, and the
/// softmax takes at least `leastBytes`. Its kernels are new, beside the old
/// ones; eraseSlices() removes them.
std::optional<RowChain> findAttentionChain(schedule::KernelOp last,
                                           schedule::MachineAttr machine,
                                           int64_t leastBytes);
/// A pair of which each slice is a panel of the first kernel's channels.
struct ChannelChain {
  RowChain chain;
  /// Per stage and operand: what is read of one slice lies side by side.
  llvm::SmallVector<llvm::SmallVector<std::optional<Packing>>> packings;
};

/// The chain of a product and `last`, a depthwise convolution of what only it
/// reads, a panel of channels at a time, if the tensor between them takes at
/// least `leastBytes`. Its kernels are new, as an attention's.
std::optional<ChannelChain> findChannelChain(schedule::KernelOp last,
                                             schedule::MachineAttr machine,
                                             int64_t leastBytes);

/// Removes what stands for the slices of a chain.
void eraseSlices(const RowChain &chain);

/// The kernel in front of `place` with other operands and layouts, in which
/// each value's type is `cut` of the original's.
schedule::KernelOp cloneSlice(schedule::KernelOp original,
                              mlir::Operation *place, mlir::ValueRange operands,
                              mlir::ArrayAttr layouts,
                              llvm::function_ref<mlir::Type(mlir::Value)> cut);

/// Writes the body of all. `buffers` are those of the chain's function: the
/// operands of all kernels in order, without the links, and the last one's
/// results; `windows` has a buffer per link.
mlir::LogicalResult emitRowChain(const RowChain &chain,
                                 schedule::MachineAttr machine,
                                 mlir::func::FuncOp function,
                                 const KernelBuffers &buffers,
                                 mlir::ValueRange windows);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_ROWCHAIN_H
