//===- ChannelOrder.h - who can take channels in another order -*- C++ -*-===//
//
// A convolution sums its input channels in whatever order its filter has them,
// and writes its output channels in the order of its filters. Elementwise
// operators, pools and depthwise convolutions hand an order on. These functions
// say how free the order of a value's channels (the last dimension) is, and
// change it.
//
// A freedom is a list of blocks, one number per channel: channels may change
// places with those of their block, which are neighbours. All different: fixed.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_GRAPH_CHANNELORDER_H
#define EDGEC_PASSES_GRAPH_CHANNELORDER_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/Value.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"

namespace edgec {

using ChannelBlocks = llvm::SmallVector<int64_t>;
/// Uses that are looked at.
using UseFilter = llvm::function_ref<bool(mlir::OpOperand &)>;

/// What holds for both.
ChannelBlocks refine(const ChannelBlocks &a, const ChannelBlocks &b);

/// Within which blocks those uses of the value that `counts` accepts let its
/// channels change places.
ChannelBlocks readerBlocks(mlir::Value value, UseFilter counts);

/// Within which blocks what writes the value can change the places of its
/// channels, if nothing but the value shows it.
ChannelBlocks writerBlocks(mlir::Value value);

/// The uses that `counts` accepts expect channel `order[i]` at i from now on.
void reorderReaders(mlir::Value value, llvm::ArrayRef<int64_t> order,
                    UseFilter counts);

/// The value has its channel `order[i]` at i from now on.
void reorderWriter(mlir::Value value, llvm::ArrayRef<int64_t> order);

/// The constant with the given positions of one dimension, in their order.
mlir::Value takePositions(mlir::OpBuilder &builder, mlir::Value constant,
                          int64_t dimension, llvm::ArrayRef<int64_t> positions);

} // namespace edgec

#endif // EDGEC_PASSES_GRAPH_CHANNELORDER_H
