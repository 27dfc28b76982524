//===- RowChainTest.cpp - convolutions in turns on every target ----------===//
//
// Only large tensors are worth handing over row by row; here all are. Windows
// that hold all of a small image and that move at each iteration, tiles of
// several rows on both sides, strides larger than the filter, parts of the
// range that begin in the middle, and pairs that must stay apart.
//
//===----------------------------------------------------------------------===//
#include "test/kernel/ModuleCheck.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::test;

/// expand -> relu6 -> depthwise -> relu6
static Case pairCase(std::vector<int64_t> shape, int64_t channels,
                     Conv depthwise, Conv first = {}) {
  depthwise.filters = depthwise.groups = channels;
  first.filters = channels;
  auto relu6 = [](GraphWriter &graph, Value x) {
    return graph.add<edge::ClampOp>(x, llvm::APFloat(0.0f),
                                    llvm::APFloat(6.0f));
  };
  return {"pair " + text(shape) + " " + text(first) + ", " + text(depthwise),
          [=](GraphWriter &graph) {
            Value x = conv2d(graph, graph.input(shape), first);
            Value y = conv2d(graph, relu6(graph, x), depthwise);
            graph.output(relu6(graph, y));
          }};
}

static std::vector<Case> chainCases() {
  std::vector<Case> cases;
  Conv expand;
  expand.kernel = {1, 1};
  const int64_t heights[] = {9, 16, 1, 23, 5, 30, 12};
  const int64_t channels[] = {16, 24, 7, 33, 48};
  for (int64_t row = 0; row < 28; ++row) {
    Conv depthwise;
    int64_t size = row % 4 == 3 ? 5 : 3;
    depthwise.kernel = {size, size};
    depthwise.strides = row % 3 == 1   ? std::array<int64_t, 2>{2, 2}
                        : row % 7 == 6 ? std::array<int64_t, 2>{3, 1}
                                       : std::array<int64_t, 2>{1, 1};
    int64_t pad = size / 2;
    depthwise.pads = {pad, pad, pad, pad};
    if (row % 5 == 2)
      depthwise.pads = {0, 1, 2, 1};
    if (row % 6 == 5 && heights[row % 7] > 6)
      depthwise.dilations = {2, 2};
    depthwise.bias = row % 2;
    int64_t least = (size - 1) * depthwise.dilations[0] + 1;
    cases.push_back(
        pairCase({1, std::max(heights[row % 7], least),
                  std::max<int64_t>(11 + row % 5, least), row % 2 ? 8 : 5},
                 channels[row % 5], depthwise, expand));
  }
  // A first layer as the first of both, and rows skipped by a large stride.
  Conv stem;
  stem.kernel = {3, 3};
  stem.strides = {2, 2};
  stem.pads = {0, 0, 1, 1};
  Conv depthwise;
  depthwise.pads = {1, 1, 1, 1};
  cases.push_back(pairCase({1, 40, 41, 3}, 32, depthwise, stem));
  depthwise.strides = {4, 4};
  cases.push_back(pairCase({1, 37, 19, 4}, 16, depthwise, expand));
  // Two images at once stay two kernels.
  depthwise.strides = {1, 1};
  cases.push_back(pairCase({2, 10, 9, 4}, 16, depthwise, expand));
  return cases;
}

/// Tensors that others read too, and chains with more around them.
static std::vector<Case> neighbourCases() {
  auto block = [](bool alsoRead) -> Case {
    return {alsoRead ? "read by two" : "inverted residual",
            [=](GraphWriter &graph) {
              Conv expand, depthwise, project;
              expand.kernel = project.kernel = {1, 1};
              expand.filters = depthwise.filters = depthwise.groups = 24;
              depthwise.pads = {1, 1, 1, 1};
              project.filters = 8;
              Value x = graph.input({1, 17, 14, 8});
              Value wide = graph.add<edge::ReluOp>(conv2d(graph, x, expand));
              Value deep =
                  graph.add<edge::ReluOp>(conv2d(graph, wide, depthwise));
              Value narrow = conv2d(graph, deep, project);
              graph.output(graph.add<edge::AddOp>(narrow, x));
              if (alsoRead)
                graph.output(conv2d(graph, wide, project));
            }};
  };
  return {block(false), block(true)};
}

namespace {
class RowChainTest : public testing::TestWithParam<Target> {
protected:
  Target target() const {
    Target target = GetParam();
    target.chainBytes = 0;
    return target;
  }
};
} // namespace

TEST_P(RowChainTest, MatchesEvaluator) { checkCases(target(), chainCases()); }

TEST_P(RowChainTest, KnowsItsNeighbours) {
  checkCases(target(), neighbourCases());
}

INSTANTIATE_TEST_SUITE_P(
    All, RowChainTest, testing::ValuesIn(allTargets()),
    [](const testing::TestParamInfo<RowChainTest::ParamType> &parameter) {
      return parameter.param.name;
    });
