//===- StrassenTest.cpp - Strassen's method on every target --------------===//
//
// The cost model leaves small products to the direct kernels, so here the
// method is forced on all that it suits: every remainder of row pairs, panel
// pairs, channels and blocks, rows that lie at one stride and others, halos,
// and epilogues.
//
//===----------------------------------------------------------------------===//
#include "test/kernel/ModuleCheck.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::test;

/// The error is bounded by norms: elements that cancel out lose more than in a
/// direct sum; see docs/rationale/schedule.md.
static constexpr Tolerance strassenTolerance = {2e-6, 1e-4, 2e-5};

static Case convCase(std::vector<int64_t> shape, Conv conv) {
  return {"conv2d " + text(shape) + " " + text(conv), [=](GraphWriter &graph) {
            graph.output(conv2d(graph, graph.input(shape), conv),
                         strassenTolerance);
          }};
}

static std::vector<Case> pointwiseCases() {
  std::vector<Case> cases;
  const int64_t channels[] = {2, 4, 8, 10, 16, 34, 64, 130, 6};
  const int64_t filters[] = {32, 64, 17, 96, 40, 8, 128, 160, 77, 72, 24};
  const int64_t heights[] = {1, 7, 4, 14, 5, 2};
  const int64_t widths[] = {13, 7, 14, 28, 6, 9, 1};
  for (int64_t row = 0; row < 14; ++row) {
    Conv conv;
    conv.kernel = {1, 1};
    conv.filters = filters[row % 11];
    // Rows that do not lie at one stride.
    if (row % 5 == 3)
      conv.strides = {2, 2};
    conv.bias = row % 3 != 0;
    cases.push_back(convCase({row % 7 == 5 ? 3 : 1, heights[row % 6],
                              widths[row % 7], channels[row % 9]},
                             conv));
  }
  // Blocks of several pairs, and panels shared by threads.
  Conv large;
  large.kernel = {1, 1};
  large.filters = 80;
  cases.push_back(convCase({1, 46, 39, 64}, large));
  large.filters = 328;
  cases.push_back(convCase({1, 7, 7, 136}, large));
  // What the method does not compute: still right.
  large.groups = 2;
  cases.push_back(convCase({1, 9, 9, 64}, large));
  large.groups = 1;
  cases.push_back(convCase({1, 9, 9, 33}, large));
  // A window that is the whole image is a matrix product.
  large.kernel = {5, 4};
  cases.push_back(convCase({4, 5, 4, 6}, large));
  return cases;
}

static void addMatrixCases(std::vector<Case> &cases, int64_t rows,
                           int64_t depth, int64_t channels) {
  std::string name = text(Shape({rows, depth, channels}));
  cases.push_back({"matmul " + name, [=](GraphWriter &graph) {
                     Value weights = graph.constant({depth, channels});
                     graph.output(graph.add<edge::MatMulOp>(
                                      graph.input({rows, depth}), weights),
                                  strassenTolerance);
                   }});
  cases.push_back({"fully connected " + name, [=](GraphWriter &graph) {
                     Value weights = graph.constant({channels, depth});
                     Value bias = graph.constant({channels});
                     graph.output(
                         graph.add<edge::FullyConnectedOp>(
                             graph.input({1, rows, depth}), weights, bias),
                         strassenTolerance);
                   }});
}

static std::vector<Case> productCases() {
  std::vector<Case> cases;
  addMatrixCases(cases, 197, 96, 128);
  addMatrixCases(cases, 12, 32, 64);
  addMatrixCases(cases, 49, 256, 160);
  // Rows that lie a multiple of 4 KB apart, and too few for a pair.
  addMatrixCases(cases, 30, 1024, 96);
  addMatrixCases(cases, 2, 8, 32);
  addMatrixCases(cases, 1, 16, 64);
  addMatrixCases(cases, 29, 10, 47);
  return cases;
}

/// A pointwise convolution before and behind one with pads, whose halo stands
/// around the first one's result, with a shortcut.
static std::vector<Case> fusedCases() {
  auto block = [](int64_t size, int64_t channels) -> Case {
    std::string name =
        "block " + std::to_string(size) + " of " + std::to_string(channels);
    return {name, [=](GraphWriter &graph) {
              Conv point;
              point.kernel = {1, 1};
              point.filters = channels;
              Value x = graph.input({1, size, size + 3, channels});
              Value first = graph.add<edge::ReluOp>(conv2d(graph, x, point));
              Conv depthwise;
              depthwise.pads = {1, 1, 1, 1};
              depthwise.filters = depthwise.groups = channels;
              Value second =
                  graph.add<edge::ReluOp>(conv2d(graph, first, depthwise));
              Value sum =
                  graph.add<edge::AddOp>(conv2d(graph, second, point), x);
              Value joined = graph.add<edge::ReluOp>(sum);
              point.strides = {2, 2};
              graph.output(conv2d(graph, joined, point), strassenTolerance);
              // Reads the halo's tensor as well, between its pads.
              point.strides = {1, 1};
              graph.output(conv2d(graph, first, point), strassenTolerance);
            }};
  };
  return {block(8, 32), block(5, 72)};
}

namespace {
class StrassenTest : public testing::TestWithParam<Target> {
protected:
  static Target target() {
    Target target = GetParam();
    target.strassen = schedule::StrassenChoice::always;
    return target;
  }
};
} // namespace

TEST_P(StrassenTest, ConvolutionsMatchEvaluator) {
  checkCases(target(), pointwiseCases());
}

TEST_P(StrassenTest, ProductsMatchEvaluator) {
  checkCases(target(), productCases());
}

TEST_P(StrassenTest, FusesEpilogues) { checkCases(target(), fusedCases()); }

INSTANTIATE_TEST_SUITE_P(
    All, StrassenTest, testing::ValuesIn(allTargets()),
    [](const testing::TestParamInfo<StrassenTest::ParamType> &parameter) {
      return parameter.param.name;
    });
