//===- BlockPattern.h - which outputs read which inputs --------*- C++ -*-===//
//
// The zeros of a layer's weights, seen as a matrix of outputs by inputs, and
// how it is best cut into layers without them.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_GRAPH_BLOCKPATTERN_H
#define EDGEC_PASSES_GRAPH_BLOCKPATTERN_H

#include "passes/graph/ChannelProduct.h"

namespace edgec {

/// Channels from `begin` up to `end`.
struct ChannelRun {
  int64_t begin, end;
  int64_t size() const { return end - begin; }
};

/// Some outputs, and what they read: one run, or several that are joined.
struct ProductPart {
  ChannelRun outputs;
  llvm::SmallVector<ChannelRun> inputs;
};

struct Split {
  /// In the order of their outputs.
  llvm::SmallVector<ProductPart> parts;
  /// The parts are the groups of a convolution.
  bool isGrouped = false;
  /// Products per position.
  int64_t productsBefore, productsAfter;
};

/// How the product saves so many multiplications that more kernels, and the
/// copies of inputs that are not neighbours, pay; nothing where it does not.
/// Zeros only count where what they are multiplied with is finite.
std::optional<Split> findSplit(const ChannelProduct &product,
                               ChannelRanges &ranges);

} // namespace edgec

#endif // EDGEC_PASSES_GRAPH_BLOCKPATTERN_H
