//===- DoubleMathTest.cpp - the bounds of the functions on f64 -----------===//
//
// Each function is compiled for the host, with and without fused multiply-add,
// and compared with libm in long double at a few hundred thousand numbers of
// all magnitudes.
//
//===----------------------------------------------------------------------===//
#include "test/kernel/MathFunctions.h"
#include <cmath>

using namespace edgec::kernel;
using namespace edgec::test;

namespace {

using Wide = long double;

/// How far off a function may be for lo <= x <= hi: `ulp`, or `absolute` where
/// that is not 0.
struct Case {
  const char *name;
  UnaryMath *emit;
  Wide (*reference)(Wide);
  double lo, hi;
  double ulp;
  double absolute = 0;
};

Wide logistic(Wide x) { return 1 / (1 + std::exp(-x)); }
Wide silu(Wide x) { return x / (1 + std::exp(-x)); }
Wide gelu(Wide x) { return x / 2 * std::erfc(-x * std::sqrt(Wide(0.5))); }
Wide geluTanh(Wide x) {
  Wide u = std::sqrt(2 / std::acos(Wide(-1))) * (x + 0.044715L * x * x * x);
  return x / (1 + std::exp(-2 * u));
}
Wide softplus(Wide x) {
  return std::max(x, Wide(0)) + std::log1p(std::exp(-std::fabs(x)));
}
Wide elu(Wide x) { return x > 0 ? x : 0.75L * std::expm1(x); }

Value emitElu75(OpBuilder &b, Location loc, Value x, const MathTarget &target) {
  return emitElu(b, loc, x, 0.75f, target);
}

const double inf = INFINITY;
const Case cases[] = {
    {"exp", emitExp, std::exp, -700, 709.7, 2},
    {"log", emitLog, std::log, 1e-310, 1e308, 2},
    {"tanh", emitTanh, std::tanh, -inf, inf, 4},
    {"erf", emitErf, std::erf, -inf, inf, 3},
    {"sigmoid", emitSigmoid, logistic, -700, inf, 4},
    {"silu", emitSilu, silu, -700, 1e300, 4},
    {"gelu", emitGelu, gelu, 0, 1e300, 4},
    {"gelu_tail", emitGelu, gelu, -1e300, 0, 0, 4e-16},
    {"gelu_tanh", emitGeluTanh, geluTanh, 0, 1e100, 4},
    {"gelu_tanh_tail", emitGeluTanh, geluTanh, -1e100, 0, 0, 4e-16},
    {"softplus", emitSoftplus, softplus, -700, 1e300, 4},
    {"elu", emitElu75, elu, -inf, 1e300, 4},
    {"sin", emitSin, std::sin, -1.6e6, 1.6e6, 3},
    {"cos", emitCos, std::cos, -1.6e6, 1.6e6, 3},
    {"tan", emitTan, std::tan, -1.6e6, 1.6e6, 6},
    {"asin", emitAsin, std::asin, -1, 1, 3},
    {"acos", emitAcos, std::acos, -1, 1, 3},
    {"atan", emitAtan, std::atan, -inf, inf, 3},
    {"sinh", emitSinh, std::sinh, -710, 710, 4},
    {"cosh", emitCosh, std::cosh, -710, 710, 3},
    {"asinh", emitAsinh, std::asinh, -1e300, 1e300, 4},
    {"acosh", emitAcosh, std::acosh, 1, 1e300, 4},
    {"atanh", emitAtanh, std::atanh, -1, 1, 4},
    {"floor", emitFloor, std::floor, -1e300, 1e300, 0},
    {"ceil", emitCeil, std::ceil, -1e300, 1e300, 0},
    {"round_even", emitRoundEven, std::nearbyint, -1e300, 1e300, 0},
};

OwningOpRef<ModuleOp> buildModule(MLIRContext &context, int64_t lanes,
                                  MathTarget target) {
  OpBuilder b(&context);
  Location loc = b.getUnknownLoc();
  Type f64 = b.getF64Type();
  OwningOpRef<ModuleOp> module = ModuleOp::create(b, loc);
  b.setInsertionPointToStart(module->getBody());
  for (const Case &c : cases)
    addFunction(b, c.name, f64, lanes,
                [&](Value x, Value) { return c.emit(b, loc, x, target); });
  addFunction(b, "pow", f64, lanes,
              [&](Value x, Value y) { return emitPow(b, loc, x, y, target); });
  addFunction(b, "rem", f64, lanes,
              [&](Value x, Value y) { return emitRem(b, loc, x, y, target); });
  return module;
}

using Compiled = void (*)(const double *, const double *, double *);

class DoubleMath : public testing::TestWithParam<bool> {
protected:
  void SetUp() override {
    loadLoweringDialects(context);
    module = buildModule(context, 4, MathTarget{GetParam(), false});
    engine = compileForHost(*module);
    ASSERT_TRUE(engine);
  }
  Compiled get(StringRef name) {
    auto address = engine->lookup(name);
    EXPECT_TRUE(bool(address)) << name.str();
    return reinterpret_cast<Compiled>(*address);
  }

  /// The next number of any magnitude, within a case's range.
  double pick(double lo, double hi) {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    double unit = double(state >> 11) * 0x1p-53;
    bool uniform = (state & 0x400) != 0 && hi - lo < 1e5;
    if (uniform)
      return lo + unit * (hi - lo);
    double magnitude = std::exp2(unit * 80 - 60);
    double x = (state & 0x200) ? -magnitude : magnitude;
    return x < lo || x > hi ? std::fmin(std::fmax(-x, lo), hi) : x;
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  std::unique_ptr<ExecutionEngine> engine;
  uint64_t state = 1;
};

double unitInLastPlace(double reference) {
  return std::ldexp(1.0, std::max(std::ilogb(reference), -1022) - 52);
}

TEST_P(DoubleMath, StaysInItsBounds) {
  for (const Case &c : cases) {
    Compiled function = get(c.name);
    double worst = 0, worstAt = 0;
    double in[blockSize], out[blockSize];
    for (int block = 0; block < 200; ++block) {
      for (double &x : in)
        x = pick(c.lo, c.hi);
      function(in, in, out);
      for (int64_t i = 0; i < blockSize; ++i) {
        Wide reference = c.reference(in[i]);
        if (double(reference) == out[i])
          continue;
        double error = double(std::fabs(out[i] - reference));
        double unit =
            c.absolute != 0 ? c.absolute : unitInLastPlace(double(reference));
        double allowed = c.absolute != 0 ? 1 : c.ulp;
        // Not a number is as wrong as can be.
        double bad = std::isfinite(error) ? error / unit / allowed : inf;
        if (bad > worst) {
          worst = bad;
          worstAt = in[i];
        }
      }
    }
    EXPECT_LE(worst, 1.0) << c.name << " at " << worstAt;
  }
}

TEST_P(DoubleMath, SpecialNumbers) {
  double x[blockSize] = {0.0, -0.0, inf, -inf, NAN, 1.0, -1.0, 2.0, -2.0};
  double out[blockSize];
  const struct {
    const char *name;
    double (*reference)(double);
  } functions[] = {
      {"exp", std::exp},    {"log", std::log},     {"tanh", std::tanh},
      {"erf", std::erf},    {"sin", std::sin},     {"asin", std::asin},
      {"acos", std::acos},  {"atan", std::atan},   {"sinh", std::sinh},
      {"cosh", std::cosh},  {"asinh", std::asinh}, {"acosh", std::acosh},
      {"atanh", std::atanh}};
  for (const auto &function : functions) {
    get(function.name)(x, x, out);
    for (int i = 0; i < 9; ++i) {
      double expected = function.reference(x[i]);
      if (std::isnan(expected))
        EXPECT_TRUE(std::isnan(out[i])) << function.name << " of " << x[i];
      else
        EXPECT_DOUBLE_EQ(out[i], expected) << function.name << " of " << x[i];
    }
  }
}

TEST_P(DoubleMath, PowersAndRemainders) {
  double x[blockSize], y[blockSize], out[blockSize];
  for (int64_t i = 0; i < blockSize; ++i) {
    x[i] = pick(1e-3, 1e3);
    y[i] = pick(-50, 50);
  }
  get("pow")(x, y, out);
  for (int64_t i = 0; i < blockSize; ++i) {
    double expected = std::pow(x[i], y[i]);
    double bound = 3e-16 * (1 + std::fabs(y[i] * std::log(x[i])));
    EXPECT_NEAR(out[i], expected, bound * expected) << x[i] << " " << y[i];
  }
  for (int64_t i = 0; i < blockSize; ++i) {
    x[i] = pick(-1e18, 1e18);
    y[i] = pick(-1e3, 1e3);
  }
  x[0] = 1e308;
  y[0] = 3e-308;
  get("rem")(x, y, out);
  for (int64_t i = 0; i < blockSize; ++i)
    EXPECT_EQ(out[i], std::fmod(x[i], y[i])) << x[i] << " rem " << y[i];
}

INSTANTIATE_TEST_SUITE_P(Fused, DoubleMath, testing::Bool());

TEST(DoubleMathTargets, NeedNoLibrary) {
  expectNoCalls([](MLIRContext &context, const Processor &p) {
    return buildModule(context, (p.lanes + 1) / 2, p.target);
  });
}

} // namespace
