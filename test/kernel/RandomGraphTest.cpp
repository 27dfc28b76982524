//===- RandomGraphTest.cpp - random graphs on every target ---------------===//
//
// On this processor each seed is a module of its own, compiled for one of its
// instruction sets in turn; emulated targets get a handful of graphs in one
// module. A failure names the seed and a file with the graph.
// EDGEC_TEST_SEEDS=FIRST:COUNT searches further.
//
//===----------------------------------------------------------------------===//
#include "test/kernel/RandomGraph.h"
#include "test/kernel/ModuleCheck.h"
#include <cstdlib>

using namespace edgec::test;

namespace {
class RandomGraphTest : public testing::TestWithParam<int> {};
class EmulatedRandomGraphTest : public testing::TestWithParam<Target> {};
} // namespace

/// The first seeds, or those that EDGEC_TEST_SEEDS asks for.
static auto seeds() {
  int first = 0, count = 48;
  if (const char *wanted = std::getenv("EDGEC_TEST_SEEDS")) {
    auto [firstText, countText] = llvm::StringRef(wanted).split(':');
    firstText.getAsInteger(10, first);
    countText.getAsInteger(10, count);
  }
  return testing::Range(first, first + count, 6);
}

TEST_P(RandomGraphTest, MatchesEvaluator) {
  std::vector<Target> targets = hostTargets();
  for (uint64_t seed = GetParam(); seed < uint64_t(GetParam()) + 6; ++seed)
    checkCases(targets[seed % targets.size()],
               {randomGraph(seed, 12 + 4 * int64_t(seed % 6))});
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomGraphTest, seeds());

TEST_P(EmulatedRandomGraphTest, MatchesEvaluator) {
  std::vector<Case> graphs;
  for (uint64_t seed = 1000; seed < 1008; ++seed)
    graphs.push_back(randomGraph(seed, 20));
  checkCases(GetParam(), graphs);
}

INSTANTIATE_TEST_SUITE_P(All, EmulatedRandomGraphTest, testing::ValuesIn([] {
                           std::vector<Target> targets = allTargets();
                           llvm::erase_if(targets, [](const Target &target) {
                             return target.runners.front().emulator.empty();
                           });
                           return targets;
                         }()),
                         [](const testing::TestParamInfo<Target> &parameter) {
                           return parameter.param.name;
                         });
