//===- RandomGraphTest.cpp - random graphs on this processor -------------===//
//
// Each seed is a module of its own, compiled for one of the host's instruction
// sets in turn. A failure names the seed and a file with the graph.
//
//===----------------------------------------------------------------------===//
#include "test/kernel/RandomGraph.h"
#include "test/kernel/ModuleCheck.h"

using namespace edgec::test;

namespace {
class RandomGraphTest : public testing::TestWithParam<int> {};
} // namespace

TEST_P(RandomGraphTest, MatchesEvaluator) {
  std::vector<Target> targets = hostTargets();
  for (uint64_t i = 0; i < 6; ++i) {
    uint64_t seed = uint64_t(GetParam()) * 6 + i;
    checkCases(targets[seed % targets.size()], {randomGraph(seed, 12 + 4 * i)});
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomGraphTest, testing::Range(0, 8));
