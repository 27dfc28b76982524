//===- ChannelGroups.h - values that share their channels ------*- C++ -*-===//
//
// Elementwise operators and depthwise convolutions compute each channel from
// the same channel of their operands: their values make a group. A convolution
// of all channels begins a group, where it writes, and ends one, where it
// reads.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_GRAPH_CHANNELGROUPS_H
#define EDGEC_PASSES_GRAPH_CHANNELGROUPS_H

#include "dialects/edge/Integer.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace edgec {

struct ChannelGroup {
  llvm::SmallVector<mlir::Value> values;
  /// Operators whose operands and results are all of the group, constants
  /// apart.
  llvm::SmallVector<mlir::Operation *> inner;
  /// Convolutions of all channels whose result or input is of the group; the
  /// same one may be both.
  llvm::SmallVector<edge::IntegerConv2DOp> writers, readers;
};

/// The groups of a function whose channels nobody sees but convolutions with
/// constant filters: each has a writer and a reader. In the function's order.
std::vector<ChannelGroup> findChannelGroups(mlir::func::FuncOp function);

} // namespace edgec

#endif // EDGEC_PASSES_GRAPH_CHANNELGROUPS_H
