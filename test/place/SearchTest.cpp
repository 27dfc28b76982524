//===- SearchTest.cpp - partitions, timelines and the search for them -----===//
#include "passes/place/Search.h"
#include "passes/place/MinCut.h"
#include "test/place/FakeBackend.h"
#include "test/place/PlaceText.h"

#include <random>

using namespace edgec;
using namespace edgec::place;
using namespace edgec::test;
using testing::ElementsAre;

TEST(MinCutTest, IsAsGoodAsTryingEverything) {
  std::mt19937 random(7);
  auto draw = [&](unsigned choices) { return double(random() % choices); };
  constexpr unsigned nodes = 8;
  for (int round = 0; round < 200; ++round) {
    MinCut cut(nodes);
    std::vector<std::pair<double, double>> costs(nodes);
    std::vector<std::tuple<unsigned, unsigned, double>> pairs;
    for (unsigned node = 0; node < nodes; ++node) {
      costs[node] = {draw(20) - 5, draw(20) - 5};
      cut.addNode(node, costs[node].first, costs[node].second);
    }
    for (int pair = 0; pair < 10; ++pair) {
      auto a = unsigned(draw(nodes)), b = unsigned(draw(nodes));
      if (a == b)
        continue;
      pairs.emplace_back(a, b, draw(15));
      cut.addPair(a, b, std::get<2>(pairs.back()));
    }
    auto cost = [&](auto isSecond) {
      double sum = 0;
      for (unsigned node = 0; node < nodes; ++node)
        sum += isSecond(node) ? costs[node].second : costs[node].first;
      for (auto [a, b, value] : pairs)
        sum += !isSecond(a) && isSecond(b) ? value : 0;
      return sum;
    };
    double best = 1e9;
    for (unsigned labels = 0; labels < 1u << nodes; ++labels)
      best = std::min(
          best, cost([&](unsigned node) { return (labels >> node & 1) != 0; }));
    std::vector<bool> found = cut.solve();
    EXPECT_DOUBLE_EQ(cost([&](unsigned node) { return bool(found[node]); }),
                     best);
  }
}

namespace {
class SearchTest : public testing::Test {
protected:
  /// Rules by what the devices support.
  static PlacementRules rulesOf(const PlacementGraph &graph,
                                const Backends &backends) {
    PlacementRules rules;
    rules.forced.resize(graph.size());
    for (const auto &backend : backends) {
      auto &refusals = rules.refusals.emplace_back(graph.size());
      for (unsigned node = 0; node < graph.size(); ++node)
        if (backend->supports(graph.kernel(node), refusals[node]))
          refusals[node].clear();
    }
    return rules;
  }

  static std::vector<Cost> hostCosts(size_t nodes, double nanoseconds) {
    return std::vector<Cost>(nodes, Cost{nanoseconds, nanoseconds, 0});
  }

  static Backends devices(std::vector<FakeDevice> list) {
    Backends backends;
    for (FakeDevice &device : list)
      backends.push_back(std::make_shared<FakeBackend>(std::move(device)));
    return backends;
  }

  static std::string chain(const std::vector<std::string> &kernels) {
    std::string body, last = "%x";
    for (size_t i = 0; i < kernels.size(); ++i) {
      std::string result = "%k" + std::to_string(i);
      body += sumKernel(result, kernels[i], {last});
      last = result;
    }
    return function(body, last);
  }

  PlaceText text;
};

/// Whether every group of nodes can run without waiting for itself.
bool isOrdered(const PlacementGraph &graph, const Partition &partition) {
  std::vector<WorkItem> items = workItems(graph, partition);
  std::vector<bool> isDone(items.size(), false);
  for (size_t round = 0; round < items.size(); ++round) {
    for (size_t i = 0; i < items.size(); ++i) {
      if (!isDone[i] && llvm::all_of(items[i].needs, [&](unsigned need) {
            return bool(isDone[need]);
          }))
        isDone[i] = true;
    }
  }
  return llvm::all_of(isDone, [](bool done) { return done; });
}
} // namespace

TEST_F(SearchTest, RegionsDoNotWaitForThemselves) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    PlacementGraph graph(text.parse(randomGraph(14, seed)));
    Backends two = devices({{}, {"fake-2"}});
    PlacementRules rules = rulesOf(graph, two);
    Assignment assignment = randomAssignment(graph, rules, seed);
    Partition partition = formRegions(graph, assignment);
    EXPECT_TRUE(isOrdered(graph, partition)) << "seed " << seed;
    size_t placed = 0;
    for (const Submission &region : partition) {
      placed += region.nodes.size();
      for (unsigned node : region.nodes) {
        EXPECT_EQ(assignment.device[node], region.device);
        EXPECT_TRUE(rules.allows(node, region.device));
      }
    }
    EXPECT_EQ(placed, size_t(llvm::count_if(assignment.device, [](int64_t d) {
                return d != onHost;
              })));
  }
}

TEST_F(SearchTest, ARegionOfNeighboursIsOne) {
  PlacementGraph graph(text.parse(chain({"a", "b", "c", "d"})));
  Assignment all(graph.size());
  all.device = {0, 0, 0, 0};
  ASSERT_EQ(formRegions(graph, all).size(), 1u);
  // A kernel of the host in the middle makes two.
  all.device[1] = onHost;
  Partition two = formRegions(graph, all);
  ASSERT_EQ(two.size(), 2u);
  EXPECT_THAT(two[1].nodes, ElementsAre(2, 3));
}

TEST_F(SearchTest, FindsBranches) {
  std::string body =
      sumKernel("%a", "k", {"%x"}) + sumKernel("%b1", "k", {"%a"}) +
      sumKernel("%c1", "k", {"%a"}) + sumKernel("%b2", "k", {"%b1"}) +
      sumKernel("%c2", "k", {"%c1"}) + sumKernel("%d", "k", {"%b2", "%c2"});
  PlacementGraph graph(text.parse(function(body, "%d")));
  EXPECT_THAT(graph.branches(), testing::UnorderedElementsAre(
                                    ElementsAre(1, 3), ElementsAre(2, 4)));
  EXPECT_TRUE(graph.reaches(0, 5));
  EXPECT_FALSE(graph.reaches(1, 2));
}

TEST_F(SearchTest, SmallRegionsAreNotWorthTheirLaunch) {
  Backends one = devices({{"fake-1", "softmax", 10, 0, 500}});
  auto regionsOf = [&](const std::vector<std::string> &kernels) {
    PlacementGraph graph(text.parse(chain(kernels)));
    Evaluator evaluator(graph, hostCosts(graph.size(), 200), one,
                        Objective::latency);
    return formRegions(graph, findAssignment(evaluator, rulesOf(graph, one)));
  };
  // Two kernels save 380 ns, four save 760 ns.
  EXPECT_TRUE(regionsOf({"a", "b", "softmax"}).empty());
  Partition large = regionsOf({"a", "b", "softmax", "c", "d", "e", "f"});
  ASSERT_EQ(large.size(), 1u);
  EXPECT_THAT(large[0].nodes, ElementsAre(3, 4, 5, 6));
}

TEST_F(SearchTest, TransfersMayCostMoreThanTheyGain) {
  // A kernel alone moves 512 bytes, as much as the whole chain.
  Backends one = devices({{"fake-1", "softmax", 10, 1, 0}});
  PlacementGraph graph(
      text.parse(chain({"a", "softmax", "b", "softmax", "c", "d", "e", "f"})));
  Evaluator evaluator(graph, hostCosts(graph.size(), 200), one,
                      Objective::latency);
  Partition partition =
      formRegions(graph, findAssignment(evaluator, rulesOf(graph, one)));
  ASSERT_EQ(partition.size(), 1u);
  EXPECT_THAT(partition[0].nodes, ElementsAre(4, 5, 6, 7));
}

TEST_F(SearchTest, TheObjectiveDecides) {
  // Faster, but at a price.
  Backends one = devices({{"fake-1", "softmax", 10, 0, 0, 900}});
  PlacementGraph graph(text.parse(chain({"a", "b", "c"})));
  auto placed = [&](Objective objective) {
    Evaluator evaluator(graph, hostCosts(graph.size(), 200), one, objective);
    return !formRegions(graph, findAssignment(evaluator, rulesOf(graph, one)))
                .empty();
  };
  EXPECT_TRUE(placed(Objective::latency));
  EXPECT_FALSE(placed(Objective::energy));
  // A twentieth of the time for 4.5 times the energy.
  EXPECT_TRUE(placed(Objective::edp));
}

TEST_F(SearchTest, BranchesRunAtTheSameTime) {
  std::string body = sumKernel("%a", "k", {"%x"});
  std::string left = "%a", right = "%a";
  for (int i = 0; i < 5; ++i) {
    std::string number = std::to_string(i);
    body += sumKernel("%l" + number, "k", {left}) +
            sumKernel("%r" + number, "k", {right});
    left = "%l" + number;
    right = "%r" + number;
  }
  body += sumKernel("%d", "k", {left, right});
  PlacementGraph graph(text.parse(function(body, "%d")));
  // Both are as fast, so either one alone takes 1200 ns and more.
  Backends one = devices({{"fake-1", "softmax", 100, 0, 50}});
  Evaluator evaluator(graph, hostCosts(graph.size(), 100), one,
                      Objective::latency);
  Partition partition =
      formRegions(graph, findAssignment(evaluator, rulesOf(graph, one)));
  EXPECT_LE(evaluator.predict(partition).nanoseconds, 750);
}

TEST_F(SearchTest, TwoDevicesShareTheWork) {
  std::string body;
  for (const char *branch : {"l", "r"}) {
    std::string last = "%x";
    for (int i = 0; i < 4; ++i) {
      std::string result = "%" + (branch + std::to_string(i));
      body += sumKernel(result, "k", {last});
      last = result;
    }
  }
  body += sumKernel("%d", "softmax", {"%l3", "%r3"});
  PlacementGraph graph(text.parse(function(body, "%d")));
  Backends two = devices(
      {{"fake-1", "softmax", 100, 0, 10}, {"fake-2", "softmax", 100, 0, 10}});
  Evaluator evaluator(graph, hostCosts(graph.size(), 1000), two,
                      Objective::latency);
  Partition partition =
      formRegions(graph, findAssignment(evaluator, rulesOf(graph, two)));
  ASSERT_EQ(partition.size(), 2u);
  EXPECT_NE(partition[0].device, partition[1].device);
  EXPECT_DOUBLE_EQ(evaluator.predict(partition).nanoseconds, 1410);
}

TEST_F(SearchTest, NeverWorseThanTheObviousPlacements) {
  size_t betterThanBoth = 0;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    PlacementGraph graph(text.parse(randomGraph(12, seed)));
    Backends one = devices({{"fake-1", "softmax", double(20 + seed), 0.1,
                             double(10 * (seed % 20))}});
    PlacementRules rules = rulesOf(graph, one);
    Evaluator evaluator(graph, hostCosts(graph.size(), 100), one,
                        Objective::latency);
    auto time = [&](const Assignment &assignment) {
      return evaluator.predict(formRegions(graph, assignment)).nanoseconds;
    };
    double found = time(findAssignment(evaluator, rules));
    double host = time(allOnHost(graph, rules)),
           device = time(allOnDevices(evaluator, rules));
    EXPECT_LE(found, std::min(host, device)) << "seed " << seed;
    betterThanBoth += found < std::min(host, device);
  }
  EXPECT_GT(betterThanBoth, 10u);
}

TEST_F(SearchTest, FindsTheBestOfAllOnSmallGraphs) {
  double sumFound = 0, sumBest = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    PlacementGraph graph(text.parse(randomGraph(8, seed)));
    Backends one =
        devices({{"fake-1", "softmax", 30, 0.05, double(20 * (seed % 8))}});
    PlacementRules rules = rulesOf(graph, one);
    Evaluator evaluator(graph, hostCosts(graph.size(), 100), one,
                        Objective::latency);
    double best = 1e9;
    for (unsigned labels = 0; labels < 1u << graph.size(); ++labels) {
      Assignment assignment(graph.size());
      for (unsigned node = 0; node < graph.size(); ++node)
        if ((labels >> node & 1) && rules.allows(node, 0))
          assignment.device[node] = 0;
      best = std::min(
          best, evaluator.predict(formRegions(graph, assignment)).nanoseconds);
    }
    double found =
        evaluator.predict(formRegions(graph, findAssignment(evaluator, rules)))
            .nanoseconds;
    // The search may cut regions where trying labels cannot.
    sumFound += found;
    sumBest += best;
    EXPECT_LE(found, 1.15 * best) << "seed " << seed;
  }
  EXPECT_LE(sumFound, 1.01 * sumBest);
}

TEST_F(SearchTest, LargeModelsEndAfterAsManyQuestions) {
  PlacementGraph graph(text.parse(randomGraph(400, 5)));
  Backends one = devices({{"fake-1", "softmax", 30, 0.05, 50}});
  PlacementRules rules = rulesOf(graph, one);
  Evaluator evaluator(graph, hostCosts(graph.size(), 100), one,
                      Objective::latency);
  auto time = [&](const Assignment &assignment) {
    return evaluator.predict(formRegions(graph, assignment)).nanoseconds;
  };
  EXPECT_LE(time(findAssignment(evaluator, rules)),
            std::min(time(allOnHost(graph, rules)),
                     time(allOnDevices(evaluator, rules))));
  EXPECT_LE(evaluator.nodesAsked(), 100 * graph.size());
}

TEST_F(SearchTest, RandomPlacementsDependOnTheSeedAlone) {
  PlacementGraph graph(text.parse(randomGraph(20, 3)));
  PlacementRules rules = rulesOf(graph, devices({{}}));
  std::set<std::vector<int64_t>> different;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Assignment first = randomAssignment(graph, rules, seed);
    EXPECT_EQ(first.device, randomAssignment(graph, rules, seed).device);
    different.insert(first.device);
  }
  EXPECT_GT(different.size(), 40u);
}
