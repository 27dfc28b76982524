//===- GrowthBudgetTest.cpp - speed that is paid for in bytes -------------===//
#include "passes/schedule/GrowthBudget.h"
#include "gtest/gtest.h"

using namespace edgec::schedule;
using llvm::SmallVector;

namespace {

using Methods = SmallVector<MethodCost>;
using Chosen = SmallVector<size_t>;

TEST(GrowthBudget, SpendsWhereAByteSavesMost) {
  SmallVector<Methods> kernels = {{{1000, 100}, {400, 400}},  // 2 per byte
                                  {{1000, 100}, {100, 250}},  // 6 per byte
                                  {{1000, 100}, {900, 120}}}; // 5 per byte
  EXPECT_EQ(spendGrowth(kernels, 150), (Chosen{0, 1, 0}));
  EXPECT_EQ(spendGrowth(kernels, 170), (Chosen{0, 1, 1}));
  EXPECT_EQ(spendGrowth(kernels, 469), (Chosen{0, 1, 1}));
  EXPECT_EQ(spendGrowth(kernels, 470), (Chosen{1, 1, 1}));
}

TEST(GrowthBudget, GoesOnToLargerFormsAsLongAsTheyFit) {
  SmallVector<Methods> kernels = {{{1000, 100}, {300, 400}, {500, 180}}};
  EXPECT_EQ(spendGrowth(kernels, 79), (Chosen{0}));
  EXPECT_EQ(spendGrowth(kernels, 80), (Chosen{2}));
  EXPECT_EQ(spendGrowth(kernels, 299), (Chosen{2}));
  EXPECT_EQ(spendGrowth(kernels, 300), (Chosen{1}));
}

TEST(GrowthBudget, TakesFasterFormsThatAreSmaller) {
  SmallVector<Methods> kernels = {{{1000, 100}, {900, 50}},
                                  {{1000, 100}, {500, 150}}};
  EXPECT_EQ(spendGrowth(kernels, 0), (Chosen{1, 1}));
}

TEST(GrowthBudget, NeverTakesASlowerMethod) {
  SmallVector<Methods> kernels = {{{1000, 100}, {1000, 10}, {2000, 0}},
                                  {{5, 5}}};
  EXPECT_EQ(spendGrowth(kernels, 1 << 20), (Chosen{0, 0}));
  EXPECT_EQ(spendGrowth({}, 5), Chosen());
}

TEST(GrowthBudget, IsATenthOfTheWeightsAndALittle) {
  EXPECT_EQ(defaultGrowth(0), 128 << 10);
  EXPECT_EQ(defaultGrowth(50 << 20), (5 << 20) + (128 << 10));
}

} // namespace
