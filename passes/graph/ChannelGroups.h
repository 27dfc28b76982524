//===- ChannelGroups.h - values that share their channels ------*- C++ -*-===//
//
// Elementwise operators, pools and depthwise convolutions compute each channel
// from the same channel of their operands: their values make a group. A
// convolution of all channels, or a fully connected layer, begins a group,
// where it writes, and ends one, where it reads.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_GRAPH_CHANNELGROUPS_H
#define EDGEC_PASSES_GRAPH_CHANNELGROUPS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/graph/ChannelProduct.h"

namespace edgec {

struct ChannelGroup {
  /// The first has the group's channels, like all but flattened images, which
  /// have several runs of them.
  llvm::SmallVector<mlir::Value> values;
  /// Operators whose operands and results are all of the group, constants
  /// apart.
  llvm::SmallVector<mlir::Operation *> inner;
  /// Products of all channels whose result or input is of the group; the same
  /// one may be both.
  llvm::SmallVector<ChannelProduct> writers, readers;

  int64_t channels() const { return channelCount(values.front()); }
};

/// The groups of a function whose channels nobody sees but layers with
/// constant filters: each has a writer and a reader. In the function's order.
std::vector<ChannelGroup> findChannelGroups(mlir::func::FuncOp function);

} // namespace edgec

#endif // EDGEC_PASSES_GRAPH_CHANNELGROUPS_H
