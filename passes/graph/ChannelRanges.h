//===- ChannelRanges.h - bounds of each channel of a value -----*- C++ -*-===//
//
// Interval arithmetic over the graph, channel by channel (the last dimension),
// for the operators of quantized models. A channel whose bounds are equal is
// constant, whatever the model's inputs are.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_GRAPH_CHANNELRANGES_H
#define EDGEC_PASSES_GRAPH_CHANNELRANGES_H

#include "dialects/edge/Integer.h"
#include "llvm/ADT/DenseMap.h"
#include <vector>

namespace edgec {

/// All integers from low to high.
struct ChannelRange {
  int64_t low, high;
  bool isConstant() const { return low == high; }
};

class ChannelRanges {
public:
  /// One per channel; the value's elements are integers of at most 32 bits.
  /// Computed once per value: start anew when operators have changed.
  const std::vector<ChannelRange> &of(mlir::Value value);

private:
  llvm::DenseMap<mlir::Value, std::vector<ChannelRange>> known;
};

/// The number of channels: the size of the last dimension.
int64_t channelCount(mlir::Value value);

/// A constant that does not change from position to position as one number per
/// channel of a value of `channels`; nothing if it is none, or no integer.
std::optional<std::vector<int64_t>> perChannelNumbers(mlir::Value constant,
                                                      int64_t channels);

/// A constant's elements; nothing if they are no integers of 8 to 32 bits.
std::optional<std::vector<int64_t>> integerElements(mlir::Value constant);

} // namespace edgec

#endif // EDGEC_PASSES_GRAPH_CHANNELRANGES_H
