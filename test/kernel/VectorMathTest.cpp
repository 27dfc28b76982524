//===- VectorMathTest.cpp - the bounds that VectorMath.h states ----------===//
//
// Each function is compiled for the host, with and without fused multiply-add,
// on scalars and on vectors of an even and an odd length, and swept over a few
// million bit patterns against libm in double. Then all of them are compiled
// for every processor family, where no call may remain.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/VectorMath.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "test/kernel/JustInTime.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Triple.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace edgec::kernel;
using namespace edgec::test;

namespace {

constexpr int64_t blockSize = 960;
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
    {"cube", emitCube, [](double x) { return x * x * x; }, -inf, inf, 1.5},
    {"pow_2.25", emitPow22, [](double x) { return std::pow(x, 2.25); }, -inf,
     inf, 1.0},
};

/// fn @name(in: f32*, out: f32*): out[i] = f(in[i]) for blockSize elements.
void addFunction(OpBuilder &b, StringRef name, int64_t lanes,
                 function_ref<Value(Value, Value)> f) {
  Location loc = b.getUnknownLoc();
  Type f32 = b.getF32Type();
  auto buffer = MemRefType::get({blockSize}, f32);
  auto function = func::FuncOp::create(
      b, loc, name, b.getFunctionType({buffer, buffer, buffer}, {}));
  function->setAttr("llvm.emit_c_interface", b.getUnitAttr());
  Block *entry = function.addEntryBlock();
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(entry);
  auto index = [&](int64_t i) {
    return arith::ConstantIndexOp::create(b, loc, i);
  };
  auto loop = scf::ForOp::create(b, loc, index(0), index(blockSize),
                                 index(lanes ? lanes : 1));
  func::ReturnOp::create(b, loc);
  b.setInsertionPointToStart(loop.getBody());
  SmallVector<Value, 1> at = {loop.getInductionVar()};
  auto load = [&](unsigned argument) -> Value {
    Value memory = entry->getArgument(argument);
    if (lanes == 0)
      return memref::LoadOp::create(b, loc, memory, at);
    return vector::LoadOp::create(b, loc, VectorType::get(lanes, f32), memory,
                                  at);
  };
  Value result = f(load(0), load(1));
  Value memory = entry->getArgument(2);
  if (lanes == 0)
    memref::StoreOp::create(b, loc, result, memory, at);
  else
    vector::StoreOp::create(b, loc, result, memory, at);
}

/// Every case at `lanes` (0: scalars), and pow of two operands.
OwningOpRef<ModuleOp> buildModule(MLIRContext &context, int64_t lanes,
                                  MathTarget target) {
  OpBuilder b(&context);
  OwningOpRef<ModuleOp> module = ModuleOp::create(b, b.getUnknownLoc());
  b.setInsertionPointToStart(module->getBody());
  for (const Case &c : cases)
    addFunction(b, c.name, lanes, [&](Value x, Value) {
      return c.emit(b, b.getUnknownLoc(), x, target);
    });
  addFunction(b, "pow", lanes, [&](Value x, Value y) {
    return emitPow(b, b.getUnknownLoc(), x, y, target);
  });
  return module;
}

using Compiled = void (*)(const float *, const float *, float *);

/// lanes (0: scalars), fused multiply-add
class VectorMath : public testing::TestWithParam<std::tuple<int64_t, bool>> {
protected:
  void SetUp() override {
    loadLoweringDialects(context);
    auto [lanes, fused] = GetParam();
    module = buildModule(context, lanes, MathTarget{fused, false});
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

std::string
nameOfForm(const testing::TestParamInfo<std::tuple<int64_t, bool>> &info) {
  auto [lanes, fused] = info.param;
  return (lanes ? "v" + std::to_string(lanes) : std::string("scalar")) +
         (fused ? "_fma" : "_mul_add");
}

INSTANTIATE_TEST_SUITE_P(Forms, VectorMath,
                         testing::Combine(testing::Values<int64_t>(0, 5, 16),
                                          testing::Bool()),
                         nameOfForm);

struct Processor {
  const char *triple, *cpu, *features;
  int64_t lanes;
  MathTarget target;
};

const Processor processors[] = {
    {"x86_64-linux-gnu", "x86-64-v2", "", 4, {false, false}},
    {"x86_64-linux-gnu", "x86-64-v3", "", 8, {true, false}},
    {"x86_64-linux-gnu", "x86-64-v4", "", 16, {true, false}},
    {"aarch64-linux-gnu", "cortex-a53", "", 4, {true, true}},
    {"riscv64-linux-gnu",
     "generic-rv64",
     "+m,+a,+f,+d,+c,+v",
     4,
     {true, false}},
    {"riscv64-linux-gnu", "generic-rv64", "+m,+a,+f,+d,+c", 1, {true, false}},
    {"riscv64-linux-gnu", "generic-rv64", "+m,+a,+f,+d,+c", 0, {true, false}},
};

/// Names that the object leaves for others to define.
std::vector<std::string> undefinedSymbols(llvm::Module &module,
                                          llvm::TargetMachine &machine) {
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  llvm::legacy::PassManager passes;
  machine.addPassesToEmitFile(passes, stream, nullptr,
                              llvm::CodeGenFileType::ObjectFile);
  passes.run(module);
  auto object = llvm::object::ObjectFile::createObjectFile(
      llvm::MemoryBufferRef(StringRef(bytes.data(), bytes.size()), "object"));
  std::vector<std::string> names;
  for (llvm::object::SymbolRef symbol : (*object)->symbols()) {
    auto flags = llvm::cantFail(symbol.getFlags());
    StringRef name = llvm::cantFail(symbol.getName());
    if ((flags & llvm::object::SymbolRef::SF_Undefined) && !name.empty())
      names.push_back(name.str());
  }
  return names;
}

TEST(VectorMathTargets, NeedNoLibrary) {
  llvm::InitializeAllTargetInfos();
  llvm::InitializeAllTargets();
  llvm::InitializeAllTargetMCs();
  llvm::InitializeAllAsmPrinters();
  for (const Processor &p : processors) {
    MLIRContext context;
    loadLoweringDialects(context);
    auto module = buildModule(context, p.lanes, p.target);
    ASSERT_TRUE(succeeded(lowerToLlvm(*module)));
    llvm::LLVMContext llvmContext;
    auto translated = translateModuleToLLVMIR(*module, llvmContext);
    ASSERT_TRUE(translated);
    llvm::Triple triple(p.triple);
    std::string error;
    auto *target = llvm::TargetRegistry::lookupTarget(triple, error);
    ASSERT_TRUE(target) << error;
    std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(
        triple, p.cpu, p.features, llvm::TargetOptions(), llvm::Reloc::PIC_));
    translated->setTargetTriple(triple);
    translated->setDataLayout(machine->createDataLayout());
    EXPECT_EQ(undefinedSymbols(*translated, *machine),
              std::vector<std::string>())
        << p.triple << " " << p.cpu << " " << p.features;
  }
}

} // namespace
