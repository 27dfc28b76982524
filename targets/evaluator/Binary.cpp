//===- Binary.cpp - elementwise operators of two operands ----------------===//
//
// One formula per operator and element kind; broadcasting is a matter of
// strides. Integer arithmetic wraps at the element's width, as on hardware.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Edge.h"
#include "targets/evaluator/Operators.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace edgec;
using namespace edgec::evaluator;

namespace {
/// `onUnsigned` where it differs from `onIntegers` on the bits of ui64.
struct Formula {
  double (*onReals)(double, double);
  int64_t (*onIntegers)(int64_t, int64_t);
  uint64_t (*onUnsigned)(uint64_t, uint64_t) = nullptr;
};
} // namespace

/// Arithmetic modulo 2^64, which signed C++ arithmetic is not.
static int64_t wrappingMul(int64_t a, int64_t b) {
  return int64_t(uint64_t(a) * uint64_t(b));
}

/// Towards zero; the smallest number divided by -1 wraps to itself. The caller
/// excludes a zero divisor.
static int64_t truncatingDiv(int64_t a, int64_t b) {
  return b == -1 ? int64_t(-uint64_t(a)) : a / b;
}

/// The rest has the divisor's sign, as Python's %.
static double floorMod(double a, double b) {
  double rest = std::fmod(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

static int64_t integerFloorMod(int64_t a, int64_t b) {
  int64_t rest = b == -1 ? 0 : a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

/// Truncates as division does: 2^-1 = 0, but 1^-1 = 1 and (-1)^-1 = -1.
static int64_t integerPow(int64_t base, int64_t exponent) {
  if (exponent < 0)
    return base == 1 ? 1 : base == -1 ? (exponent % 2 ? -1 : 1) : 0;
  int64_t power = 1;
  for (; exponent > 0; exponent /= 2) {
    if (exponent % 2)
      power = wrappingMul(power, base);
    base = wrappingMul(base, base);
  }
  return power;
}

static std::optional<Formula> formulaOf(Operation *op) {
  using Switch = llvm::TypeSwitch<Operation *, std::optional<Formula>>;
  using Real = double;
  using Int = int64_t;
  using Unsigned = uint64_t;
  return Switch(op)
      .Case([](edge::AddOp) {
        return Formula{
            [](Real a, Real b) { return a + b; },
            [](Int a, Int b) { return Int(uint64_t(a) + uint64_t(b)); }};
      })
      .Case([](edge::SubOp) {
        return Formula{
            [](Real a, Real b) { return a - b; },
            [](Int a, Int b) { return Int(uint64_t(a) - uint64_t(b)); }};
      })
      .Case([](edge::MulOp) {
        return Formula{[](Real a, Real b) { return a * b; }, wrappingMul};
      })
      .Case([](edge::DivOp) {
        return Formula{[](Real a, Real b) { return a / b; }, truncatingDiv,
                       [](Unsigned a, Unsigned b) { return a / b; }};
      })
      .Case([](edge::MaxOp) {
        return Formula{[](Real a, Real b) { return std::max(a, b); },
                       [](Int a, Int b) { return std::max(a, b); },
                       [](Unsigned a, Unsigned b) { return std::max(a, b); }};
      })
      .Case([](edge::MinOp) {
        return Formula{[](Real a, Real b) { return std::min(a, b); },
                       [](Int a, Int b) { return std::min(a, b); },
                       [](Unsigned a, Unsigned b) { return std::min(a, b); }};
      })
      .Case([](edge::ModOp) {
        return Formula{floorMod, integerFloorMod,
                       [](Unsigned a, Unsigned b) { return a % b; }};
      })
      .Case([](edge::RemOp) {
        return Formula{[](Real a, Real b) { return std::fmod(a, b); },
                       [](Int a, Int b) { return b == -1 ? 0 : a % b; },
                       [](Unsigned a, Unsigned b) { return a % b; }};
      })
      .Case([](edge::PowOp) {
        return Formula{[](Real a, Real b) { return std::pow(a, b); },
                       integerPow};
      })
      .Default(std::nullopt);
}

Result edgec::evaluator::evaluateBinary(Operation *op, Operands operands) {
  std::optional<Formula> formula = formulaOf(op);
  if (!formula)
    return std::nullopt;
  const HostTensor &lhs = *operands[0], &rhs = *operands[1];
  HostTensor result(resultType(op));
  if (!result.isFloat() && !isa<IntegerType>(result.elementType()))
    return undefinedOn(op, "quantized");
  if (isa<edge::DivOp, edge::ModOp, edge::RemOp>(op) &&
      llvm::is_contained(rhs.integers, 0))
    return op->emitError("integer division by zero has no meaning");
  bool isUnsigned = lhs.elementType().isUnsignedInteger();

  auto lhsStrides = broadcastStrides(lhs.shape(), result.shape());
  auto rhsStrides = broadcastStrides(rhs.shape(), result.shape());
  int64_t i = 0;
  forEachPosition(result.shape(), [&](ArrayRef<int64_t> position) {
    int64_t a = linearise(position, lhsStrides);
    int64_t b = linearise(position, rhsStrides);
    if (result.isFloat())
      result.reals[i] = formula->onReals(lhs.reals[a], rhs.reals[b]);
    else {
      int64_t x = lhs.integers[a], y = rhs.integers[b];
      int64_t value = isUnsigned && formula->onUnsigned
                          ? int64_t(formula->onUnsigned(x, y))
                          : formula->onIntegers(x, y);
      result.integers[i] = wrapTo(result.elementType(), value);
    }
    ++i;
  });
  return result;
}
