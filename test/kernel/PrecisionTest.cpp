//===- PrecisionTest.cpp - models of f32 on floats of 16 bits ------------===//
//
// The cases of the products, windows and what is fused with them, compiled with
// -precision: on f16 where the emulator or the processor knows the
// instructions, on bf16 where the processor does.
//
//===----------------------------------------------------------------------===//
#include "test/kernel/ModuleCheck.h"

using namespace edgec;
using namespace edgec::test;

namespace {
class PrecisionTest
    : public testing::TestWithParam<std::tuple<CaseTable, Target>> {};
} // namespace

TEST_P(PrecisionTest, MatchesEvaluator) {
  auto [table, target] = GetParam();
  checkCases(target, table.cases(), toleranceOf(target.precision));
}

static std::vector<CaseTable> tables() {
  return {{"Convolution", convolutionCases},
          {"Depthwise", depthwiseCases},
          {"Matrix", matrixCases},
          {"Window", windowCases},
          {"Fusion", fusionCases}};
}

static std::vector<Target> targets() {
  std::vector<Target> targets = halfTargets(), brains = brainTargets();
  // The others differ in products only, which EmitterTest tries.
  targets.push_back(std::move(brains.front()));
  return targets;
}

INSTANTIATE_TEST_SUITE_P(
    All, PrecisionTest,
    testing::Combine(testing::ValuesIn(tables()), testing::ValuesIn(targets())),
    [](const testing::TestParamInfo<PrecisionTest::ParamType> &parameter) {
      return std::get<0>(parameter.param).name + "On" +
             std::get<1>(parameter.param).name;
    });
