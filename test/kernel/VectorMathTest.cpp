//===- VectorMathTest.cpp - the bounds that VectorMath.h states ----------===//
//
// Each function is compiled for the host, with and without fused multiply-add,
// on scalars and on vectors of an even and an odd length, and swept over a few
// million bit patterns against libm in double. Then all of them are compiled
// for every processor family, where no call may remain.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/VectorMath.h"
#include "test/kernel/MathFunctions.h"
#include "llvm/TargetParser/Host.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace edgec::kernel;
using namespace edgec::test;

namespace {

constexpr float smallestNormal = 1.17549435e-38f;

/// One function, what it should be, and how far off it may be for lo <= x <=
/// hi: `ulp`, or `absolute` where that is not 0. Infinities and NaN must agree
/// exactly.
struct Case {
  const char *name;
  UnaryMath *emit;
  double (*reference)(double);
  double lo, hi;
  double ulp;
  double absolute = 0;
};

double logistic(double x) { return 1 / (1 + std::exp(-x)); }
double silu(double x) { return x / (1 + std::exp(-x)); }
double gelu(double x) { return 0.5 * x * std::erfc(-x * M_SQRT1_2); }
double geluTanh(double x) {
  double u = std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x);
  return x / (1 + std::exp(-2 * u));
}
double softplus(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x)));
}
double elu(double x) { return x > 0 ? x : 0.75 * std::expm1(x); }
double rsqrt(double x) { return 1 / std::sqrt(x); }
double sign(double x) { return x > 0 ? 1 : x < 0 ? -1 : x; }

Value emitElu75(OpBuilder &b, Location loc, Value x, const MathTarget &target) {
  return emitElu(b, loc, x, 0.75f, target);
}
Value emitCube(OpBuilder &b, Location loc, Value x, const MathTarget &target) {
  return emitPow(b, loc, x, emitConstant(b, loc, x.getType(), 3.0f), target);
}
Value emitPow22(OpBuilder &b, Location loc, Value x, const MathTarget &target) {
  return emitPow(b, loc, x, emitConstant(b, loc, x.getType(), 2.25f), target);
}

const double inf = INFINITY;
const Case cases[] = {
    {"exp", emitExp, std::exp, -inf, inf, 1.1},
    {"bounded_exp", emitBoundedExp, std::exp, -87.3, 88.3, 1.1},
    {"log", emitLog, std::log, -inf, inf, 1.0},
    {"tanh", emitTanh, std::tanh, -inf, inf, 2.8},
    {"erf", emitErf, std::erf, -inf, inf, 3.7},
    {"sigmoid", emitSigmoid, logistic, -87, inf, 2.6},
    {"silu", emitSilu, silu, -80, 3e38, 2.6},
    {"silu_tail", emitSilu, silu, -1e4, -80, 0, 1e-34},
    {"gelu", emitGelu, gelu, -1, inf, 3.5},
    {"gelu_tail", emitGelu, gelu, -1e6, -1, 0, 1.3e-7},
    {"gelu_tanh", emitGeluTanh, geluTanh, -1, 1e12, 2.8},
    {"gelu_tanh_tail", emitGeluTanh, geluTanh, -1e12, -1, 0, 1e-7},
    {"softplus", emitSoftplus, softplus, -87, inf, 2.2},
    {"expm1", emitNegativeExpm1, std::expm1, -inf, 0, 1.2},
    {"elu", emitElu75, elu, -inf, inf, 1.7},
    {"sqrt", emitSqrt, std::sqrt, -inf, inf, 0.5},
    {"rsqrt", emitRsqrt, rsqrt, smallestNormal, inf, 1.5},
    {"floor", emitFloor, std::floor, -inf, inf, 0},
    {"ceil", emitCeil, std::ceil, -inf, inf, 0},
    {"round_even", emitRoundEven, std::nearbyint, -inf, inf, 0},
    {"sign", emitSign, sign, -inf, inf, 0},
    {"sin", emitSin, std::sin, -1.6e6, 1.6e6, 0.6},
    {"cos", emitCos, std::cos, -1.6e6, 1.6e6, 0.6},
    {"tan", emitTan, std::tan, -1.6e6, 1.6e6, 0.6},
    {"asin", emitAsin, std::asin, -inf, inf, 0.6},
    {"acos", emitAcos, std::acos, -inf, inf, 0.6},
    {"atan", emitAtan, std::atan, -inf, inf, 0.6},
    {"sinh", emitSinh, std::sinh, -inf, inf, 0.6},
    {"cosh", emitCosh, std::cosh, -inf, inf, 0.6},
    {"asinh", emitAsinh, std::asinh, -inf, inf, 0.6},
    {"acosh", emitAcosh, std::acosh, -inf, inf, 0.6},
    {"atanh", emitAtanh, std::atanh, -inf, inf, 0.6},
    {"cube", emitCube, [](double x) { return x * x * x; }, -inf, inf, 1.5},
    {"pow_2.25", emitPow22, [](double x) { return std::pow(x, 2.25); }, -inf,
     inf, 1.0},
};

/// Every case at `lanes` (0: scalars), and pow of two operands.
OwningOpRef<ModuleOp> buildModule(MLIRContext &context, int64_t lanes,
                                  MathTarget target) {
  OpBuilder b(&context);
  OwningOpRef<ModuleOp> module = ModuleOp::create(b, b.getUnknownLoc());
  b.setInsertionPointToStart(module->getBody());
  for (const Case &c : cases)
    addFunction(b, c.name, b.getF32Type(), lanes, [&](Value x, Value) {
      return c.emit(b, b.getUnknownLoc(), x, target);
    });
  addFunction(b, "pow", b.getF32Type(), lanes, [&](Value x, Value y) {
    return emitPow(b, b.getUnknownLoc(), x, y, target);
  });
  addFunction(b, "rem", b.getF32Type(), lanes, [&](Value x, Value y) {
    return emitRem(b, b.getUnknownLoc(), x, y, target);
  });
  addFunction(b, "mod", b.getF32Type(), lanes, [&](Value x, Value y) {
    return emitMod(b, b.getUnknownLoc(), x, y, target);
  });
  return module;
}

using Compiled = void (*)(const float *, const float *, float *);

/// What a processor may have.
enum class Arithmetic { separate, fused, tables };

/// lanes (0: scalars)
class VectorMath
    : public testing::TestWithParam<std::tuple<int64_t, Arithmetic>> {
protected:
  void SetUp() override {
    auto [lanes, arithmetic] = GetParam();
    bool hasTables = arithmetic == Arithmetic::tables;
    if (hasTables && !llvm::sys::getHostCPUFeatures().lookup("avx512f"))
      GTEST_SKIP() << "this processor has no AVX-512";
    loadLoweringDialects(context);
    MathTarget target{arithmetic != Arithmetic::separate, false, hasTables};
    module = buildModule(context, lanes, target);
    ASSERT_TRUE(succeeded(module->verify()));
    engine = compileForHost(*module);
    ASSERT_TRUE(engine);
  }

  Compiled get(StringRef name) {
    auto address = engine->lookup(name);
    EXPECT_TRUE(bool(address)) << name.str();
    return reinterpret_cast<Compiled>(*address);
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  std::unique_ptr<ExecutionEngine> engine;
};

float fromBits(uint32_t bits) {
  float x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

double unitInLastPlace(double reference) {
  int exponent = std::ilogb(float(reference));
  return std::ldexp(1.0, std::max(exponent, -126) - 23);
}

/// What is wrong with `result`, in units of the case's bound; above 1 is too
/// much.
double excess(const Case &c, float x, float result) {
  double reference = c.reference(x);
  if (std::isnan(reference) || std::isnan(result))
    return std::isnan(reference) == std::isnan(result) ? 0 : inf;
  if (std::isinf(float(reference)) || std::isinf(result)) {
    if (float(reference) == result)
      return 0;
    // Rounding decides about the last step to infinity.
    return std::fabs(reference) < 3.4028e38 || std::fabs(result) < 3.4028e38
               ? inf
               : 0;
  }
  double error = std::fabs(result - reference);
  if (c.absolute != 0)
    return error / c.absolute;
  if (std::fabs(reference) < smallestNormal)
    return c.ulp == 0 ? (error == 0 ? 0 : inf) : error / smallestNormal;
  if (error == 0)
    return 0;
  return c.ulp == 0 ? inf : error / unitInLastPlace(reference) / c.ulp;
}

TEST_P(VectorMath, StaysInItsBounds) {
  // A prime, so that every exponent and many mantissas are met.
  constexpr uint64_t stride = 2503;
  for (const Case &c : cases) {
    Compiled function = get(c.name);
    double worst = 0;
    float worstAt = 0;
    float in[blockSize], out[blockSize];
    for (uint64_t bits = 0; bits < (uint64_t(1) << 32);) {
      int64_t count = 0;
      for (; count < blockSize && bits < (uint64_t(1) << 32); bits += stride) {
        float x = fromBits(uint32_t(bits));
        if (std::isnan(x) || (x >= c.lo && x <= c.hi))
          in[count++] = x;
      }
      const float edges[] = {float(c.lo), float(c.hi), 0.0f, -0.0f, 1.0f};
      for (float x : edges)
        if (count < blockSize && x >= c.lo && x <= c.hi)
          in[count++] = x;
      std::fill(in + count, in + blockSize, 1.0f);
      function(in, in, out);
      for (int64_t i = 0; i < count; ++i) {
        double bad = excess(c, in[i], out[i]);
        if (bad > worst) {
          worst = bad;
          worstAt = in[i];
        }
      }
    }
    EXPECT_LE(worst, 1.0) << c.name << " at " << worstAt;
    RecordProperty(c.name, std::to_string(worst * c.ulp));
  }
}

TEST_P(VectorMath, NeverPassesOne) {
  float in[blockSize], out[blockSize];
  for (int64_t i = 0; i < blockSize; ++i)
    in[i] = -12 + 24.0f * i / blockSize;
  for (const char *name : {"tanh", "erf", "sigmoid"}) {
    get(name)(in, in, out);
    for (float y : out)
      EXPECT_LE(std::fabs(y), 1.0f) << name;
  }
}

TEST_P(VectorMath, PowOfSpecialValues) {
  const float values[] = {
      0.0f,        -0.0f,      1.0f,        -1.0f,      2.0f,        -2.0f,
      0.5f,        -0.5f,      3.0f,        -3.0f,      1.5f,        -1.5f,
      1e-40f,      1e30f,      -1e30f,      8388607.5f, 16777217.0f, 8388609.0f,
      -8388609.0f, float(inf), float(-inf), NAN,        0.99999994f, 1e-3f,
      88.0f,       -0.3f};
  float x[blockSize], y[blockSize], out[blockSize];
  int64_t count = 0;
  for (float a : values)
    for (float b : values) {
      x[count] = a;
      y[count++] = b;
    }
  ASSERT_LE(count, blockSize);
  std::fill(x + count, x + blockSize, 1.0f);
  std::fill(y + count, y + blockSize, 1.0f);
  get("pow")(x, y, out);
  for (int64_t i = 0; i < count; ++i) {
    float expected = std::pow(x[i], y[i]);
    if (std::isnan(expected)) {
      EXPECT_TRUE(std::isnan(out[i])) << x[i] << " to the " << y[i];
      continue;
    }
    EXPECT_EQ(std::signbit(expected), std::signbit(out[i]))
        << x[i] << " to the " << y[i];
    if (std::isinf(expected))
      EXPECT_EQ(expected, out[i]) << x[i] << " to the " << y[i];
    else
      EXPECT_NEAR(expected, out[i], std::fabs(expected) * 1.2e-7 + 1e-45)
          << x[i] << " to the " << y[i];
  }
}

TEST_P(VectorMath, RemaindersAreExact) {
  const float values[] = {0.0f,        -0.0f,      1.0f,        -1.0f,  5.5f,
                          -5.5f,       3.0f,       -3.0f,       0.1f,   -0.1f,
                          1e-40f,      1e-30f,     3e38f,       -3e38f, 7e9f,
                          123456.789f, float(inf), float(-inf), NAN,    2.0f,
                          16777215.0f, 1e10f};
  float x[blockSize], y[blockSize], out[blockSize];
  int64_t count = 0;
  for (float a : values)
    for (float b : values) {
      x[count] = a;
      y[count++] = b;
    }
  ASSERT_LE(count, blockSize);
  std::fill(x + count, x + blockSize, 1.0f);
  std::fill(y + count, y + blockSize, 1.0f);
  get("rem")(x, y, out);
  for (int64_t i = 0; i < count; ++i) {
    float expected = std::fmod(x[i], y[i]);
    EXPECT_TRUE(std::isnan(expected) ? std::isnan(out[i]) : expected == out[i])
        << x[i] << " rem " << y[i] << ": " << out[i];
  }
  get("mod")(x, y, out);
  for (int64_t i = 0; i < count; ++i) {
    float expected = std::fmod(x[i], y[i]);
    if (expected != 0 && (expected < 0) != (y[i] < 0))
      expected += y[i];
    EXPECT_TRUE(std::isnan(expected) ? std::isnan(out[i]) : expected == out[i])
        << x[i] << " mod " << y[i] << ": " << out[i];
  }
}

std::string nameOfForm(
    const testing::TestParamInfo<std::tuple<int64_t, Arithmetic>> &info) {
  auto [lanes, arithmetic] = info.param;
  return (lanes ? "v" + std::to_string(lanes) : std::string("scalar")) +
         (arithmetic == Arithmetic::tables  ? "_tables"
          : arithmetic == Arithmetic::fused ? "_fma"
                                            : "_mul_add");
}

INSTANTIATE_TEST_SUITE_P(Forms, VectorMath,
                         testing::Combine(testing::Values<int64_t>(0, 5, 16),
                                          testing::Values(Arithmetic::separate,
                                                          Arithmetic::fused,
                                                          Arithmetic::tables)),
                         nameOfForm);

TEST(VectorMathTargets, NeedNoLibrary) {
  expectNoCalls([](MLIRContext &context, const Processor &p) {
    return buildModule(context, p.lanes, p.target);
  });
}

} // namespace
