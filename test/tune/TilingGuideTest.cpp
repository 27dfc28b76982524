//===- TilingGuideTest.cpp - what there is to choose from -----------------===//
#include "passes/schedule/TilingGuide.h"
#include "dialects/edge/Edge.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "gmock/gmock.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::schedule;

namespace {

class TilingGuideTest : public testing::Test {
protected:
  void SetUp() override {
    context
        .loadDialect<ScheduleDialect, edge::EdgeDialect, func::FuncDialect>();
  }

  TilingAttr tiling(int64_t columns, int64_t cycles, int64_t unroll = 1,
                    int64_t prefetch = 0) {
    return TilingAttr::get(&context, 16, 1, columns, 2, unroll, prefetch, false,
                           Split::rows, cycles);
  }

  /// The descriptions of all kernels of a function's body.
  std::vector<std::string> descriptions(const std::string &body) {
    auto module =
        parseSourceString<ModuleOp>("func.func @f(%x: tensor<4x8xf32>, %y: "
                                    "tensor<4x8xf32>) {\n" +
                                        body + "return }",
                                    &context);
    std::vector<std::string> texts;
    if (!module)
      return texts;
    module->walk([&](KernelOp kernel) {
      texts.push_back(describeKernel(kernel, MachineAttr()));
    });
    return texts;
  }

  MLIRContext context;
};

std::string kernel(const std::string &operands, const std::string &op,
                   const std::string &attributes = "") {
  return "schedule.kernel \"k\" (" + operands + ") " + attributes +
         ": (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32> {\n"
         "^bb0(%a: tensor<4x8xf32>, %b: tensor<4x8xf32>):\n"
         "  %r = " +
         op +
         " : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>\n"
         "  schedule.yield %r : tensor<4x8xf32>\n}\n";
}

} // namespace

TEST_F(TilingGuideTest, DescribesWhatAKernelComputes) {
  auto texts = descriptions(
      "%0 = " + kernel("%x, %y", "edge.add %a, %b") +
      "%1 = " + kernel("%y, %x", "edge.add %a, %b") +
      "%2 = " + kernel("%x, %y", "edge.add %b, %a") +
      "%3 = " + kernel("%x, %y", "edge.sub %a, %b") + "%4 = " +
      kernel(
          "%x, %y", "edge.add %a, %b",
          "{layouts = [#schedule.memory<shape = [6, 8], offsets = [1, 0]>]}") +
      "%5 = " + kernel("%4, %y", "edge.add %a, %b"));
  ASSERT_EQ(texts.size(), 6u);
  // Where it stands does not matter; operands' order, operator and layouts do.
  EXPECT_EQ(texts[0], texts[1]);
  for (size_t i : {2, 3, 4, 5})
    for (size_t j = 1; j < i; ++j)
      EXPECT_NE(texts[i], texts[j]) << i << " and " << j;
}

TEST_F(TilingGuideTest, OffersTheChosenFirstThenByPrediction) {
  TilingAttr chosen = tiling(6, 100);
  auto offered = promisingTilings(
      chosen, {tiling(1, 300), tiling(2, 110), chosen, tiling(3, 105)});
  ASSERT_GE(offered.size(), 3u);
  EXPECT_EQ(offered[0], chosen);
  EXPECT_EQ(offered[1], tiling(3, 105));
  EXPECT_EQ(offered[2], tiling(2, 110));
  EXPECT_FALSE(llvm::is_contained(offered, tiling(1, 300)));
  EXPECT_TRUE(llvm::is_contained(offered, tiling(6, 100, 4)));
}

TEST_F(TilingGuideTest, VariesPrefetchesOnlyWhereThereAreSome) {
  auto hasPrefetch = [](TilingAttr tiling) {
    return tiling.getPrefetch() == 8;
  };
  TilingAttr other = tiling(2, 100);
  EXPECT_FALSE(llvm::any_of(
      promisingTilings(tiling(6, 100), {other, tiling(6, 100)}), hasPrefetch));
  EXPECT_TRUE(llvm::any_of(
      promisingTilings(tiling(6, 100, 1, 16), {other, tiling(6, 100, 1, 16)}),
      hasPrefetch));
  // Nothing to choose from.
  EXPECT_EQ(promisingTilings(tiling(6, 100), {tiling(6, 100)}).size(), 1u);
}

TEST_F(TilingGuideTest, DescribesATilingWithoutItsPrediction) {
  EXPECT_EQ(describeTiling(tiling(3, 1)), describeTiling(tiling(3, 2)));
  EXPECT_NE(describeTiling(tiling(3, 1)), describeTiling(tiling(4, 1)));
}
