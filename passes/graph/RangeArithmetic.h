//===- RangeArithmetic.h - bounds of results from those of operands -*- C++
//-*-===//
//
// Interval arithmetic of single operators. Integers are exact; bounds of floats
// are wide enough for whatever a kernel rounds. In both, what is computed from
// zeros alone is zero.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_GRAPH_RANGEARITHMETIC_H
#define EDGEC_PASSES_GRAPH_RANGEARITHMETIC_H

#include "dialects/edge/Integer.h"
#include "passes/graph/ChannelProduct.h"

namespace edgec {

ChannelRange hull(ChannelRange a, ChannelRange b);
ChannelRange addRanges(ChannelRange a, ChannelRange b);
ChannelRange subtractRanges(ChannelRange a, ChannelRange b);
ChannelRange multiplyRanges(ChannelRange a, ChannelRange b);
ChannelRange largerOf(ChannelRange a, ChannelRange b);
ChannelRange smallerOf(ChannelRange a, ChannelRange b);

/// The range with room for an error of its own magnitude's rounding.
ChannelRange widened(ChannelRange range);
/// The result of an operator on floats of the ranges a and b, with room for
/// rounding.
ChannelRange roundedResult(ChannelRange result, ChannelRange a, ChannelRange b);

/// The range of an activation function of floats; nothing for other operators.
std::optional<ChannelRange> activatedRange(mlir::Operation *op, ChannelRange x);

// One range per channel. `all` is what the result's type can hold.

/// The product's sums, from the ranges of its input's channels.
std::vector<ChannelRange> sumsOf(const ChannelProduct &product,
                                 const std::vector<ChannelRange> &input,
                                 ChannelRange all);
std::vector<ChannelRange> rescaledRanges(edge::RescaleOp op,
                                         const std::vector<ChannelRange> &x,
                                         ChannelRange all);
std::vector<ChannelRange> requantizedRanges(edge::RequantizeOp op,
                                            const std::vector<ChannelRange> &x);
/// The table begins at the least number of the type of x, `input.low`.
std::vector<ChannelRange> lookedUpRanges(edge::LookupOp op,
                                         const std::vector<ChannelRange> &x,
                                         ChannelRange input, ChannelRange all);

} // namespace edgec

#endif // EDGEC_PASSES_GRAPH_RANGEARITHMETIC_H
