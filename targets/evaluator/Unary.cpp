//===- Unary.cpp - elementwise operators of one operand ------------------===//
//
// One formula per operator, on doubles, and a second one where the operator
// also has a meaning on integers.
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
struct Formula {
  std::function<double(double)> onReals;
  std::function<int64_t(int64_t)> onIntegers;
};
} // namespace

/// Modulo 2^64, which signed C++ arithmetic is not.
static int64_t negate(int64_t x) { return int64_t(-uint64_t(x)); }

static double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

static double bounded(double x, double low, double high) {
  return std::min(std::max(x, low), high);
}

static double gelu(double x, bool byTanh) {
  if (byTanh) {
    double inner = std::sqrt(2.0 / M_PI) * (x + 0.044715 * x * x * x);
    return 0.5 * x * (1.0 + std::tanh(inner));
  }
  return 0.5 * x * (1.0 + std::erf(x / std::sqrt(2.0)));
}

/// Without overflow for large x, and exact for very negative x.
static double softplus(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
}

static Formula clampFormula(edge::ClampOp op) {
  double low = op.getMin().convertToDouble(),
         high = op.getMax().convertToDouble();
  // On integers the bounds are compared as numbers, so they need not be whole.
  return {[=](double x) { return bounded(x, low, high); },
          [=](int64_t x) {
            return int64_t(
                bounded(double(x), std::ceil(low), std::floor(high)));
          }};
}

static Formula hardSigmoidFormula(edge::HardSigmoidOp op) {
  double alpha = op.getAlpha().convertToDouble();
  double beta = op.getBeta().convertToDouble();
  return {[=](double x) { return bounded(alpha * x + beta, 0.0, 1.0); }, {}};
}

static Formula leakyReluFormula(edge::LeakyReluOp op) {
  double alpha = op.getAlpha().convertToDouble();
  return {[=](double x) { return x >= 0.0 ? x : alpha * x; }, {}};
}

static Formula eluFormula(edge::EluOp op) {
  double alpha = op.getAlpha().convertToDouble();
  return {[=](double x) { return x >= 0.0 ? x : alpha * std::expm1(x); }, {}};
}

template <typename Op>
static auto is(std::function<double(double)> onReals,
               std::function<int64_t(int64_t)> onIntegers = {}) {
  return [=](Op) { return Formula{onReals, onIntegers}; };
}

static std::optional<Formula> formulaOf(Operation *op) {
  using Switch = llvm::TypeSwitch<Operation *, std::optional<Formula>>;
  return Switch(op)
      .Case(is<edge::AbsOp>([](double x) { return std::abs(x); },
                            [](int64_t x) { return x < 0 ? negate(x) : x; }))
      .Case(is<edge::NegOp>([](double x) { return -x; }, negate))
      .Case(is<edge::ExpOp>([](double x) { return std::exp(x); }))
      .Case(is<edge::LogOp>([](double x) { return std::log(x); }))
      .Case(is<edge::SqrtOp>([](double x) { return std::sqrt(x); }))
      .Case(is<edge::RsqrtOp>([](double x) { return 1.0 / std::sqrt(x); }))
      .Case(is<edge::ReciprocalOp>([](double x) { return 1.0 / x; }))
      .Case(is<edge::FloorOp>([](double x) { return std::floor(x); }))
      .Case(is<edge::CeilOp>([](double x) { return std::ceil(x); }))
      .Case(is<edge::RoundEvenOp>(roundEven))
      .Case(is<edge::SignOp>(
          [](double x) { return double((x > 0) - (x < 0)); },
          [](int64_t x) { return int64_t((x > 0) - (x < 0)); }))
      .Case(is<edge::SigmoidOp>(sigmoid))
      .Case(is<edge::TanhOp>([](double x) { return std::tanh(x); }))
      .Case(is<edge::ErfOp>([](double x) { return std::erf(x); }))
      .Case(is<edge::ReluOp>([](double x) { return std::max(x, 0.0); },
                             [](int64_t x) { return std::max<int64_t>(x, 0); }))
      .Case(is<edge::SiluOp>([](double x) { return x * sigmoid(x); }))
      .Case(is<edge::HardSwishOp>(
          [](double x) { return x * bounded(x + 3.0, 0.0, 6.0) / 6.0; }))
      .Case(is<edge::SoftplusOp>(softplus))
      .Case(is<edge::SinOp>([](double x) { return std::sin(x); }))
      .Case(is<edge::CosOp>([](double x) { return std::cos(x); }))
      .Case(is<edge::TanOp>([](double x) { return std::tan(x); }))
      .Case(is<edge::AsinOp>([](double x) { return std::asin(x); }))
      .Case(is<edge::AcosOp>([](double x) { return std::acos(x); }))
      .Case(is<edge::AtanOp>([](double x) { return std::atan(x); }))
      .Case(is<edge::SinhOp>([](double x) { return std::sinh(x); }))
      .Case(is<edge::CoshOp>([](double x) { return std::cosh(x); }))
      .Case(is<edge::AsinhOp>([](double x) { return std::asinh(x); }))
      .Case(is<edge::AcoshOp>([](double x) { return std::acosh(x); }))
      .Case(is<edge::AtanhOp>([](double x) { return std::atanh(x); }))
      .Case(is<edge::CopyOp>([](double x) { return x; },
                             [](int64_t x) { return x; }))
      .Case([](edge::GeluOp geluOp) {
        bool byTanh = geluOp.getApproximate() == "tanh";
        return Formula{[=](double x) { return gelu(x, byTanh); }, {}};
      })
      .Case(clampFormula)
      .Case(hardSigmoidFormula)
      .Case(leakyReluFormula)
      .Case(eluFormula)
      .Default(std::nullopt);
}

/// The largest half of the numbers of ui64 stands in an int64_t as negative
/// ones; the operators that would take them for such know better.
static bool keepsUnsigned(Operation *op, const HostTensor &x) {
  return x.elementType().isUnsignedInteger() &&
         isa<edge::AbsOp, edge::ReluOp>(op);
}

Result edgec::evaluator::evaluateUnary(Operation *op, Operands operands) {
  std::optional<Formula> formula = formulaOf(op);
  if (!formula)
    return std::nullopt;
  const HostTensor &x = *operands[0];
  HostTensor result(resultType(op));
  if (keepsUnsigned(op, x) && x.elementType() == result.elementType()) {
    result.integers = x.integers;
    return result;
  }
  if (isa<edge::SignOp>(op) && x.elementType().isUnsignedInteger()) {
    llvm::transform(x.integers, result.integers.begin(),
                    [](int64_t value) { return int64_t(value != 0); });
    return result;
  }
  if (x.isFloat()) {
    llvm::transform(x.reals, result.reals.begin(), formula->onReals);
    return result;
  }
  if (isa<edge::CopyOp>(op)) {
    result.integers = x.integers;
    return result;
  }
  if (!isa<IntegerType>(x.elementType()))
    return undefinedOn(op, "quantized");
  if (!formula->onIntegers)
    return undefinedOn(op, "integer");
  llvm::transform(x.integers, result.integers.begin(), [&](int64_t value) {
    return wrapTo(result.elementType(), formula->onIntegers(value));
  });
  return result;
}
