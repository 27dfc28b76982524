//===- EmitterTest.cpp - every emitter on every target -------------------===//
//
// Each table of cases is one module per target; see Cases.h for how to add to
// it. EDGEC_TEST_CASES=REGEX runs only the cases with matching names.
//
//===----------------------------------------------------------------------===//
#include "test/kernel/ModuleCheck.h"

using namespace edgec::test;

namespace {
class EmitterTest
    : public testing::TestWithParam<std::tuple<CaseTable, Target>> {};
} // namespace

TEST_P(EmitterTest, MatchesEvaluator) {
  auto [table, target] = GetParam();
  checkCases(target, table.cases());
}

static std::string
nameOf(const testing::TestParamInfo<EmitterTest::ParamType> &parameter) {
  return std::get<0>(parameter.param).name + "On" +
         std::get<1>(parameter.param).name;
}

INSTANTIATE_TEST_SUITE_P(All, EmitterTest,
                         testing::Combine(testing::ValuesIn(caseTables()),
                                          testing::ValuesIn(allTargets())),
                         nameOf);

INSTANTIATE_TEST_SUITE_P(
    Matrix, EmitterTest,
    testing::Combine(testing::ValuesIn(matrixUnitCaseTables()),
                     testing::ValuesIn(matrixTargets())),
    nameOf);
INSTANTIATE_TEST_SUITE_P(Quads, EmitterTest,
                         testing::Combine(testing::Values(CaseTable{
                                              "Integer", integerCases}),
                                          testing::ValuesIn(quadTargets())),
                         nameOf);
INSTANTIATE_TEST_SUITE_P(Brain, EmitterTest,
                         testing::Combine(testing::Values(CaseTable{
                                              "Brain", brainCases}),
                                          testing::ValuesIn(brainTargets())),
                         nameOf);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(EmitterTest);
