//===- WindowCases.cpp - pools --------------------------------------------===//
#include "test/kernel/Cases.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::test;

namespace {
struct Pool {
  std::vector<int64_t> shape;
  std::array<int64_t, 2> window, strides;
  std::array<int64_t, 4> pads = {0, 0, 0, 0};
  std::array<int64_t, 2> dilations = {1, 1};
  std::array<int64_t, 2> overhang = {0, 0};
};
} // namespace

static std::string text(const Pool &pool) {
  return test::text(pool.shape) + " window " + test::text(pool.window) +
         " strides " + test::text(pool.strides) + " pads " +
         test::text(pool.pads);
}

static Case maxPool(const Pool &pool) {
  return {
      "max_pool2d " + text(pool) + " dilations " + test::text(pool.dilations),
      [=](GraphWriter &graph) {
        // All negative, so that a pad taken for a zero would win.
        Value x = graph.input(pool.shape, {-2.0, -1.0});
        graph.output(graph.add<edge::MaxPool2DOp>(x, pool.window, pool.strides,
                                                  pool.pads, pool.dilations),
                     Tolerance::exact());
      }};
}

static Case averagePool(const Pool &pool, bool countPads) {
  return {"avg_pool2d " + text(pool) + " overhang " +
              test::text(pool.overhang) + (countPads ? " counting pads" : ""),
          [=](GraphWriter &graph) {
            graph.output(graph.add<edge::AvgPool2DOp>(
                graph.input(pool.shape), pool.window, pool.strides, pool.pads,
                pool.overhang, countPads, pool.dilations));
          }};
}

std::vector<Case> edgec::test::windowCases() {
  std::vector<Case> cases;
  const Pool pools[] = {
      {{1, 4, 4, 1}, {2, 2}, {2, 2}},
      {{1, 5, 7, 3}, {2, 2}, {1, 1}},
      {{1, 6, 6, 4}, {3, 3}, {2, 2}, {1, 1, 1, 1}},
      {{1, 9, 8, 8}, {3, 3}, {2, 2}, {0, 0, 1, 1}},
      {{2, 7, 7, 16}, {3, 3}, {1, 1}, {1, 1, 1, 1}},
      {{1, 7, 5, 17}, {3, 2}, {2, 3}, {1, 0, 2, 1}},
      {{1, 8, 8, 33}, {2, 2}, {2, 2}},
      {{1, 1, 9, 5}, {1, 3}, {1, 2}, {0, 1, 0, 1}},
      {{1, 7, 7, 40}, {7, 7}, {1, 1}},
      {{1, 12, 11, 24}, {5, 5}, {3, 3}, {2, 2, 2, 2}},
      {{1, 1, 1, 7}, {1, 1}, {1, 1}},
      {{1, 14, 15, 64}, {3, 3}, {2, 2}, {1, 1, 1, 1}},
      {{1, 20, 22, 12}, {13, 13}, {1, 1}, {6, 6, 6, 6}},
      {{2, 9, 10, 20}, {5, 5}, {1, 1}, {2, 2, 2, 2}},
      {{3, 2, 3, 2}, {2, 3}, {1, 1}, {1, 2, 0, 0}},
  };
  for (const Pool &pool : pools) {
    cases.push_back(maxPool(pool));
    cases.push_back(averagePool(pool, false));
    cases.push_back(averagePool(pool, true));
  }
  cases.push_back(
      maxPool({{1, 9, 9, 6}, {2, 2}, {1, 1}, {1, 1, 1, 1}, {2, 2}}));
  cases.push_back(
      maxPool({{1, 11, 8, 18}, {3, 2}, {2, 1}, {2, 0, 1, 1}, {1, 3}}));
  for (bool countPads : {false, true}) {
    cases.push_back(averagePool(
        {{1, 4, 4, 5}, {3, 3}, {2, 2}, {0, 0, 0, 0}, {1, 1}, {1, 1}},
        countPads));
    cases.push_back(averagePool(
        {{1, 6, 5, 19}, {3, 3}, {2, 2}, {1, 1, 1, 1}, {1, 1}, {1, 0}},
        countPads));
    cases.push_back(averagePool(
        {{1, 9, 8, 6}, {3, 2}, {2, 1}, {1, 2, 2, 0}, {2, 3}, {1, 0}},
        countPads));
  }
  return cases;
}
