//===- MlirMeaningTest.cpp - models in MLIR against MLIR's own lowering ---===//
//
// The import says what an operation of TOSA or linalg means in edge operators.
// Here upstream's conversions to loops and LLVM say it too, which share nothing
// with ours: each function is imported and evaluated, and is lowered by them
// and run in this process, on the same inputs.
//
// MlirExamples.cpp holds the functions.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/Import.h"
#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "mlir/IR/AsmState.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "targets/evaluator/Evaluator.h"
#include "test/import/MlirExamples.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/TargetSelect.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace edgec;
using namespace edgec::test;
using evaluator::HostTensor;
using llvm::StringRef;

/// As mlir-opt's -tosa-to-linalg-pipeline and test-lower-to-llvm, with static
/// buffers as bare pointers and results as further arguments.
static constexpr llvm::StringLiteral upstreamPipeline =
    "func.func(tosa-optional-decompositions,tosa-to-scf,tosa-to-linalg-named,"
    "tosa-to-linalg,tosa-to-arith{include-apply-rescale=true},"
    "tosa-to-tensor,"
    "convert-elementwise-to-linalg,linalg-generalize-named-ops,canonicalize),"
    "one-shot-bufferize{bufferize-function-boundaries=true "
    "function-boundary-type-conversion=identity-layout-map},"
    "buffer-results-to-out-params{modify-public-functions=true},"
    "func.func(convert-linalg-to-loops,convert-scf-to-cf),"
    "expand-strided-metadata,lower-affine,arith-expand,convert-math-to-llvm,"
    "convert-math-to-libm,finalize-memref-to-llvm,"
    "convert-func-to-llvm{use-bare-ptr-memref-call-conv=true},"
    "convert-arith-to-llvm,convert-index-to-llvm,convert-cf-to-llvm,"
    "reconcile-unrealized-casts";

static std::vector<HostTensor> randomInputs(mlir::func::FuncOp function,
                                            Range range) {
  std::vector<HostTensor> inputs;
  uint64_t state = 1;
  auto next = [&state] {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return double(state >> 40) / double(1 << 24);
  };
  for (mlir::Type type : function.getArgumentTypes()) {
    HostTensor tensor(mlir::cast<mlir::RankedTensorType>(type));
    for (double &real : tensor.reals)
      real = float(range.low + (range.high - range.low) * next());
    for (int64_t &integer : tensor.integers)
      integer =
          int64_t(std::floor(range.low + (range.high - range.low) * next()));
    inputs.push_back(std::move(tensor));
  }
  return inputs;
}

/// Imports the text through the front door and evaluates it.
static mlir::FailureOr<std::vector<HostTensor>>
evaluateImported(StringRef text, llvm::ArrayRef<HostTensor> inputs,
                 mlir::MLIRContext &context) {
  llvm::SmallString<64> path;
  int file;
  if (llvm::sys::fs::createTemporaryFile("edgec", "mlir", file, path))
    return mlir::failure();
  llvm::raw_fd_ostream(file, /*shouldClose=*/true) << text;
  auto module = importModel(path, {}, context);
  llvm::sys::fs::remove(path);
  if (failed(module))
    return mlir::failure();
  return evaluator::evaluate(**module, inputs);
}

/// Lowers the text with upstream's passes and runs it; results have the given
/// types.
static bool runUpstream(StringRef text, llvm::ArrayRef<HostTensor> inputs,
                        std::vector<HostTensor> &results,
                        mlir::MLIRContext &context) {
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  mlir::PassManager passes(&context);
  if (!module || failed(mlir::parsePassPipeline(upstreamPipeline, passes)) ||
      failed(passes.run(*module)))
    return false;
  mlir::ExecutionEngineOptions options;
  // Copies between buffers with strides are calls.
  StringRef runtime = EDGEC_MLIR_RUNTIME;
  options.sharedLibPaths = runtime;
  auto engine = mlir::ExecutionEngine::create(*module, options);
  if (!engine) {
    llvm::consumeError(engine.takeError());
    return false;
  }
  std::vector<std::vector<char>> buffers;
  for (const HostTensor &input : inputs)
    buffers.push_back(evaluator::toBytes(input));
  for (const HostTensor &result : results)
    buffers.push_back(evaluator::toBytes(result));
  std::vector<void *> pointers(buffers.size());
  llvm::SmallVector<void *> arguments;
  for (size_t i = 0; i < buffers.size(); ++i) {
    pointers[i] = buffers[i].data();
    arguments.push_back(&pointers[i]);
  }
  if (auto error = (*engine)->invokePacked("f", arguments)) {
    llvm::consumeError(std::move(error));
    return false;
  }
  for (auto [index, result] : llvm::enumerate(results))
    result = evaluator::fromBytes(result.type, buffers[inputs.size() + index]);
  return true;
}

/// Upstream computes in float32, we in double.
static void expectClose(const HostTensor &expected, const HostTensor &actual,
                        double tolerance) {
  ASSERT_EQ(expected.type.getShape(), actual.type.getShape());
  EXPECT_EQ(expected.integers, actual.integers);
  double largest = 0;
  for (double value : expected.reals)
    if (std::isfinite(value))
      largest = std::max(largest, std::abs(value));
  for (size_t i = 0; i < expected.reals.size(); ++i) {
    double a = expected.reals[i], b = actual.reals[i];
    bool same = (std::isnan(a) && std::isnan(b)) || a == b;
    if (!same && !(std::abs(a - b) <= tolerance * std::max(largest, 1e-3)))
      FAIL() << "element " << i << " is " << b << " instead of " << a;
  }
}

namespace {
class MlirMeaningTest : public testing::TestWithParam<MlirExample> {};
} // namespace

namespace edgec::test {
static void PrintTo(const MlirExample &example, std::ostream *stream) {
  *stream << example.name;
}
} // namespace edgec::test

TEST_P(MlirMeaningTest, AgreesWithUpstream) {
  static const bool isPrepared = [] {
    mlir::registerAllPasses();
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    return true;
  }();
  ASSERT_TRUE(isPrepared);
  const MlirExample &example = GetParam();
  std::string text = "func.func @f" + example.function;
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllToLLVMIRTranslations(registry);
  mlir::MLIRContext upstream(registry);
  auto parsed = mlir::parseSourceString<mlir::ModuleOp>(text, &upstream);
  ASSERT_TRUE(parsed) << text;
  auto function = *parsed->getOps<mlir::func::FuncOp>().begin();
  std::vector<HostTensor> inputs = randomInputs(function, example.range);
  std::vector<HostTensor> expected;
  for (mlir::Type type : function.getResultTypes())
    expected.emplace_back(mlir::cast<mlir::RankedTensorType>(type));
  ASSERT_TRUE(runUpstream(text, inputs, expected, upstream)) << text;

  auto actual = evaluateImported(text, inputs, upstream);
  ASSERT_TRUE(succeeded(actual)) << text;
  ASSERT_EQ(actual->size(), expected.size());
  for (auto [ours, theirs] : llvm::zip_equal(*actual, expected))
    expectClose(theirs, ours, example.tolerance);
}

INSTANTIATE_TEST_SUITE_P(
    All, MlirMeaningTest, testing::ValuesIn(mlirExamples()),
    [](const testing::TestParamInfo<MlirExample> &parameter) {
      return parameter.param.name;
    });
