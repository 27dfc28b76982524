//===- ExactQuotient.h - whole numbers of x / scale ------------*- C++ -*-===//
//
// A quantization rounds a quotient by a constant to a whole number of few. A
// product with the reciprocal, kept in two floats, rounds to the same one.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_EXACTQUOTIENT_H
#define EDGEC_PASSES_KERNEL_EXACTQUOTIENT_H

#include "dialects/edge/Integer.h"
#include <optional>

namespace edgec::kernel {

/// high + low is the reciprocal of a divisor: fma(x, high, x * low) in float32.
struct TwoPartReciprocal {
  float high, low;
};

/// One with which every float x, clamped to [least, most] and rounded to even
/// after the product, gives what it gives after the division by `divisor`;
/// infinities and NaN too. Nothing if there is none, or if proving it takes too
/// long.
std::optional<TwoPartReciprocal> findReciprocal(float divisor, int64_t least,
                                                int64_t most);

/// The same for a quotient that only a requantization reads; nothing for
/// others.
std::optional<TwoPartReciprocal> findReciprocal(edge::DivOp op);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_EXACTQUOTIENT_H
