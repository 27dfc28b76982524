//===- EqualChannels.h - channels that are one another's copies -*- C++ -*-===//
//
// Two channels of a group with equal filters, biases and factors are equal,
// whatever the input: a reader's products with both are those of one with the
// sum of its factors.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_GRAPH_EQUALCHANNELS_H
#define EDGEC_PASSES_GRAPH_EQUALCHANNELS_H

#include "passes/graph/ChannelGroups.h"

namespace edgec {

/// A channel, and an earlier one that is equal to it.
struct EqualChannels {
  int64_t stays, goes;
};

/// Pairs of equal channels of the group whose sums of factors fit the filter of
/// every reader, so many that whole blocks of `block` channels stay. What stays
/// in one pair goes in no other.
llvm::SmallVector<EqualChannels> findEqualChannels(const ChannelGroup &group,
                                                   int64_t block);

/// Adds each reader's factors of the channels that go to those that stay, and
/// makes zeros of them.
void mergeFactors(const ChannelGroup &group,
                  llvm::ArrayRef<EqualChannels> pairs);

} // namespace edgec

#endif // EDGEC_PASSES_GRAPH_EQUALCHANNELS_H
