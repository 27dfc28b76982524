//===- DoubleActivations.cpp - activations of f64 ------------------------===//
//
// The formulas in the form in which they neither cancel nor overflow.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/DoubleMath.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

Value DoubleMath::sigmoid(Value x) const {
  return div(c(1.0), add(c(1.0), exp(neg(x))));
}

/// x / inf would be NaN at -inf only, where the formula is, too.
Value DoubleMath::silu(Value x) const {
  return div(x, add(c(1.0), exp(neg(x))));
}

Value DoubleMath::gelu(Value x) const {
  Value phi = add(c(1.0), erf(mul(x, c(0.70710678118654752))));
  return mul(mul(c(0.5), x), phi);
}

/// x / (1 + e^(-2 sqrt(2/pi) (x + 0.044715 x^3)))
Value DoubleMath::geluTanh(Value x) const {
  constexpr double slope = -2 * 0.79788456080286536;
  Value u = fma(mul(x, x), c(slope * 0.044715), c(slope));
  return div(x, add(c(1.0), exp(mul(u, x))));
}

Value DoubleMath::softplus(Value x) const {
  Value positive = emitAtLeast(b, loc, x, c(0.0), target);
  return add(positive, log1p(exp(neg(abs(x)))));
}

/// e^x - 1 for x <= 0; anything above.
Value DoubleMath::negativeExpm1(Value x) const {
  return expm1(clamp(x, -708.0, 0.0));
}

Value DoubleMath::elu(Value x, double alpha) const {
  Value negative = mul(negativeExpm1(x), c(alpha));
  return select(less(c(0.0), x), x, negative);
}
