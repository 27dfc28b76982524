//===- MeaningTest.cpp - passes keep what a graph computes ---------------===//
//
// Runs every function of the lit tests beside this file, the networks in
// Inputs/ and random graphs through the graph, fuse and schedule stages, and
// compares the evaluator's results before and after each pass. A constant with
// the attribute `random` gets random elements first.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Integer.h"
#include "dialects/schedule/Views.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "passes/fuse/Passes.h"
#include "passes/graph/Passes.h"
#include "passes/schedule/Passes.h"
#include "targets/evaluator/Evaluator.h"
#include "test/graph/RandomGraph.h"
#include "test/graph/RandomIntegerGraph.h"
#include "test/graph/RandomPrunedGraph.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "gmock/gmock.h"
#include <cmath>
#include <random>

using namespace mlir;
using namespace edgec;

namespace {

/// The stages up to the kernels; the order is compiler/Pipeline.cpp's.
struct NamedPass {
  const char *name;
  std::unique_ptr<Pass> (*create)();
};

constexpr NamedPass passes[] = {
    {"fuse-quantization", [] { return createFuseQuantization(); }},
    {"canonicalize", [] { return createCanonicalizerPass(); }},
    {"fold-constants", [] { return createFoldConstants(); }},
    {"simplify-operators", [] { return createSimplifyOperators(); }},
    {"recognize-activations", [] { return createRecognizeActivations(); }},
    {"fold-batch-norm", [] { return createFoldBatchNorm(); }},
    {"sink-reshapes", [] { return createSinkReshapes(); }},
    {"cancel-transposes", [] { return createCancelTransposes(); }},
    {"sink-reshapes again", [] { return createSinkReshapes(); }},
    {"fold-constants again", [] { return createFoldConstants(); }},
    {"canonicalize again", [] { return createCanonicalizerPass(); }},
    {"fold-pads", [] { return createFoldPads(); }},
    {"shrink-channels", [] { return createShrinkChannels(); }},
    {"fold-zero-points", [] { return createFoldZeroPoints(); }},
    {"fold-known-values",
     [] { return createFoldKnownValues({/*assumeFinite=*/true}); }},
    {"canonicalize before shrinking", [] { return createCanonicalizerPass(); }},
    {"shrink-channels again",
     [] { return createShrinkChannels({/*assumeFinite=*/true}); }},
    {"crop-filters", [] { return createCropFilters({/*assumeFinite=*/true}); }},
    {"split-products",
     [] { return createSplitProducts({/*assumeFinite=*/true}); }},
    {"simplify-operators again", [] { return createSimplifyOperators(); }},
    {"fold-scale-and-bias", [] { return createFoldScaleAndBias(); }},
    {"absorb-shuffles", [] { return createAbsorbShuffles(); }},
    {"canonicalize at last", [] { return createCanonicalizerPass(); }},
    {"cse", [] { return createCSEPass(); }},
    {"form-kernels", [] { return createFormKernels(); }},
    {"form-views", [] { return createFormViews(); }},
    {"assign-layouts", [] { return createAssignLayouts(); }},
};

std::vector<std::string> testFiles() {
  std::vector<std::string> files;
  for (StringRef folder : {"graph", "graph/Inputs", "fuse"}) {
    SmallString<256> path(EDGEC_TEST_FOLDER);
    llvm::sys::path::append(path, folder);
    std::error_code error;
    for (llvm::sys::fs::directory_iterator it(path, error), end;
         it != end && !error; it.increment(error))
      if (llvm::sys::path::extension(it->path()) == ".mlir" &&
          !StringRef(it->path()).ends_with("-invalid.mlir"))
        files.push_back(it->path());
  }
  files.push_back(EDGEC_TEST_FOLDER "/schedule/assign-layouts.mlir");
  files.push_back(EDGEC_TEST_FOLDER "/schedule/form-views.mlir");
  llvm::sort(files);
  return files;
}

class Meaning : public testing::Test {
protected:
  Meaning() {
    context.loadDialect<edge::EdgeDialect, schedule::ScheduleDialect,
                        func::FuncDialect, quant::QuantDialect>();
  }

  float nextNumber() {
    return std::uniform_real_distribution<float>(-2.0f, 2.0f)(random);
  }

  void fillConstant(edge::ConstantOp constant) {
    auto type = cast<RankedTensorType>(constant.getType());
    AsmResourceBlob blob =
        HeapAsmResourceBlob::allocate(type.getNumElements() * 4, 64);
    for (char *at = blob.getMutableData().begin(),
              *end = blob.getMutableData().end();
         at != end; at += 4) {
      float number = nextNumber();
      std::memcpy(at, &number, 4);
    }
    constant.setValueAttr(
        DenseResourceElementsAttr::get(type, "random", std::move(blob)));
    constant->removeAttr("random");
  }

  std::vector<evaluator::HostTensor> makeInputs(func::FuncOp function) {
    std::vector<evaluator::HostTensor> inputs;
    for (Type type : function.getArgumentTypes()) {
      inputs.emplace_back(cast<RankedTensorType>(type));
      for (double &number : inputs.back().reals)
        number = nextNumber();
      // Those of other widths are indices.
      Type element = inputs.back().elementType();
      if (!element.isSignlessInteger(8) && !element.isUnsignedInteger(8))
        continue;
      evaluator::IntegerRange range = evaluator::integerRange(element);
      for (int64_t &number : inputs.back().integers)
        number = range.low + int64_t(random() % 256);
    }
    return inputs;
  }

  void expectKept(ModuleOp module);

  MLIRContext context;
  // The same numbers in every run.
  std::mt19937 random{1}; // NOLINT(bugprone-random-generator-seed)
};

class MeaningTest : public Meaning,
                    public testing::WithParamInterface<std::string> {};

/// The graph is evaluated in double, but constants are folded in float.
bool isNear(double actual, double expected) {
  if (std::isnan(expected) || std::isinf(expected))
    return std::isnan(actual) == std::isnan(expected) &&
           (std::isnan(actual) || actual == expected);
  return std::abs(actual - expected) <=
         2e-5 * std::max(1.0, std::abs(expected));
}

void expectSame(ArrayRef<evaluator::HostTensor> actual,
                ArrayRef<evaluator::HostTensor> expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (auto [a, e] : llvm::zip_equal(actual, expected)) {
    ASSERT_TRUE(a.type == e.type);
    EXPECT_EQ(a.integers, e.integers);
    for (size_t i = 0; i < a.reals.size(); ++i) {
      ASSERT_TRUE(isNear(a.reals[i], e.reals[i]))
          << "element " << i << ": " << a.reals[i] << ", expected "
          << e.reals[i];
    }
  }
}

/// What the fuse and schedule stages promise of each kernel.
void expectKernels(func::FuncOp function) {
  for (Operation &op : function.getBody().front().without_terminator())
    EXPECT_TRUE((isa<schedule::KernelOp, edge::ConstantOp>(op)) ||
                (schedule::isView(&op) && succeeded(schedule::checkView(&op))));
  function.walk([](schedule::KernelOp kernel) {
    SCOPED_TRACE(kernel.getKernelName().str());
    EXPECT_EQ(kernel.getNumResults(), 1u);
    bool isFirst = true;
    for (Operation &op : kernel.getBody().front().without_terminator()) {
      if (isa<edge::ConstantOp>(op))
        continue;
      EXPECT_FALSE(isa<edge::ReshapeOp>(op));
      EXPECT_TRUE(isFirst || op.hasTrait<edge::ElementwiseTrait>());
      isFirst = false;
    }
    auto conv = dyn_cast_or_null<edge::Conv2DOp>(kernel.getAnchor());
    if (!conv || llvm::all_of(conv.getPads(), [](int64_t p) { return !p; }))
      return;
    auto argument = cast<BlockArgument>(conv.getInput());
    Value input = kernel.getInputs()[argument.getArgNumber()];
    schedule::MemoryAttr memory = schedule::getMemory(input);
    ASSERT_TRUE(memory);
    for (int d : {0, 1})
      EXPECT_GE(memory.getBefore(d + 1), conv.getPads()[d]);
  });
}

/// Runs the passes over the module's one function.
void Meaning::expectKept(ModuleOp module) {
  auto function = *module.getOps<func::FuncOp>().begin();
  auto inputs = makeInputs(function);
  auto expected = evaluator::evaluate(function, inputs);
  ASSERT_TRUE(succeeded(expected));
  for (const NamedPass &pass : passes) {
    SCOPED_TRACE(pass.name);
    PassManager manager(&context);
    manager.addNestedPass<func::FuncOp>(pass.create());
    ASSERT_TRUE(succeeded(manager.run(module)));
    auto actual = evaluator::evaluate(function, inputs);
    ASSERT_TRUE(succeeded(actual));
    ASSERT_NO_FATAL_FAILURE(expectSame(*actual, *expected));
  }
  expectKernels(function);
}

TEST_P(MeaningTest, EachPassKeepsIt) {
  auto file = parseSourceFile<ModuleOp>(GetParam(), &context);
  ASSERT_TRUE(file);
  for (auto original : file->getOps<func::FuncOp>()) {
    SCOPED_TRACE(original.getName().str());
    OwningOpRef<ModuleOp> module = ModuleOp::create(original.getLoc());
    auto function = cast<func::FuncOp>(original->clone());
    module->push_back(function);
    function.walk([&](edge::ConstantOp constant) {
      if (constant->hasAttr("random"))
        fillConstant(constant);
    });
    expectKept(*module);
  }
}

TEST_F(Meaning, RandomGraphsKeepIt) {
  for (unsigned seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    auto module = test::makeRandomGraph(context, seed, 4 + seed % 24);
    ASSERT_TRUE(succeeded(verify(*module)));
    expectKept(*module);
    if (HasFailure())
      return;
  }
}

/// Output channels of all layers.
int64_t countChannels(ModuleOp module) {
  int64_t count = 0;
  module.walk([&](Operation *op) {
    if (isa<edge::IntegerConv2DOp, edge::Conv2DOp, edge::FullyConnectedOp>(op))
      count +=
          cast<RankedTensorType>(op->getResult(0).getType()).getShape().back();
  });
  return count;
}

LogicalResult shrink(ModuleOp module, bool assumeFinite) {
  PassManager shrinking(module.getContext());
  shrinking.addNestedPass<func::FuncOp>(createCanonicalizerPass());
  shrinking.addNestedPass<func::FuncOp>(createShrinkChannels({assumeFinite}));
  return shrinking.run(module);
}

TEST_F(Meaning, RandomIntegerGraphsKeepIt) {
  int64_t before = 0, after = 0;
  for (unsigned seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    auto module = test::makeRandomIntegerGraph(context, seed, 2 + seed % 12);
    ASSERT_TRUE(succeeded(verify(*module)));
    OwningOpRef<ModuleOp> shrunk = module->clone();
    before += countChannels(*shrunk);
    ASSERT_TRUE(succeeded(shrink(*shrunk, /*assumeFinite=*/false)));
    after += countChannels(*shrunk);
    expectKept(*module);
    if (HasFailure())
      return;
  }
  // There was much to drop, and not everything went.
  EXPECT_LT(after, before * 3 / 4);
  EXPECT_GT(after, before / 4);
}

/// The evaluator's sums lose terms of zero, and nothing else: not a bit
/// changes.
TEST_F(Meaning, RandomPrunedGraphsKeepItExactly) {
  int64_t before = 0, after = 0;
  for (unsigned seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    auto module = test::makeRandomPrunedGraph(context, seed, 2 + seed % 12);
    ASSERT_TRUE(succeeded(verify(*module)));
    auto function = *module->getOps<func::FuncOp>().begin();
    auto inputs = makeInputs(function);
    auto expected = evaluator::evaluate(function, inputs);
    ASSERT_TRUE(succeeded(expected));
    before += countChannels(*module);
    ASSERT_TRUE(succeeded(shrink(*module, /*assumeFinite=*/true)));
    ASSERT_TRUE(succeeded(verify(*module)));
    after += countChannels(*module);
    auto actual = evaluator::evaluate(function, inputs);
    ASSERT_TRUE(succeeded(actual));
    for (auto [a, e] : llvm::zip_equal(*actual, *expected))
      ASSERT_EQ(a.reals, e.reals);
  }
  EXPECT_LT(after, before * 3 / 4);
  EXPECT_GT(after, before / 4);
}

/// Infinities and NaN reach whatever they reached before.
TEST_F(Meaning, PrunedGraphsStayWithoutTheAssumption) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    auto module = test::makeRandomPrunedGraph(context, seed, 2 + seed % 12);
    auto function = *module->getOps<func::FuncOp>().begin();
    auto inputs = makeInputs(function);
    for (size_t i = 0; i < inputs[0].reals.size(); i += 7)
      inputs[0].reals[i] = i % 2 ? INFINITY : NAN;
    auto expected = evaluator::evaluate(function, inputs);
    ASSERT_TRUE(succeeded(expected));
    ASSERT_TRUE(succeeded(shrink(*module, /*assumeFinite=*/false)));
    auto actual = evaluator::evaluate(function, inputs);
    ASSERT_TRUE(succeeded(actual));
    for (auto [a, e] : llvm::zip_equal(*actual, *expected))
      for (auto [x, y] : llvm::zip_equal(a.reals, e.reals))
        ASSERT_TRUE(x == y || (std::isnan(x) && std::isnan(y)));
  }
}

INSTANTIATE_TEST_SUITE_P(Files, MeaningTest, testing::ValuesIn(testFiles()),
                         [](const testing::TestParamInfo<std::string> &info) {
                           std::string name =
                               llvm::sys::path::stem(info.param).str();
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

} // namespace
