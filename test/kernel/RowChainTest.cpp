//===- RowChainTest.cpp - kernels in turns on every target ---------------===//
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
  // Blocks of channels, row by row.
  depthwise.strides = {1, 1};
  cases.push_back(pairCase({1, 9, 8, 4}, 606, depthwise, expand));
  // Room between pixels of 1 KB, with a halo around them and without.
  cases.push_back(pairCase({1, 9, 8, 4}, 256, depthwise, expand));
  depthwise.pads = {0, 0, 0, 0};
  cases.push_back(pairCase({1, 9, 8, 4}, 512, depthwise, expand));
  depthwise.pads = {1, 1, 1, 1};
  // Two images at once stay two kernels.
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

/// Inverted residuals as one kernel: rows that a position's reader counts, wide
/// and narrow windows, strides, filters of 5x5, an input added at the end.
static std::vector<Case> blockCases() {
  std::vector<Case> cases;
  const std::pair<int64_t, int64_t> sizes[] = {
      {17, 14}, {9, 23}, {12, 7}, {30, 5}, {6, 31}};
  for (int64_t row = 0; row < 12; ++row) {
    auto [height, width] = sizes[row % 5];
    int64_t stride = row % 3 == 1 ? 2 : 1, size = row % 4 == 3 ? 5 : 3,
            // The last ones with room between pixels.
        wide = row >= 10 ? 256
               : row % 2 ? 40
                         : 19,
            channels = row % 3 == 2 ? 5 : 16;
    cases.push_back(
        {"block " + std::to_string(row),
         [=, h = height, w = width](GraphWriter &graph) {
           Conv expand, depthwise, project;
           expand.kernel = project.kernel = {1, 1};
           expand.filters = depthwise.filters = depthwise.groups = wide;
           depthwise.kernel = {size, size};
           depthwise.strides = {stride, stride};
           depthwise.pads = {size / 2, size / 2, size / 2, size / 2};
           project.filters = channels;
           Value x = graph.input({1, h, w, channels});
           Value y = graph.add<edge::ReluOp>(conv2d(graph, x, expand));
           y = graph.add<edge::ReluOp>(conv2d(graph, y, depthwise));
           y = conv2d(graph, y, project);
           graph.output(stride == 1 ? graph.add<edge::AddOp>(y, x) : y);
         }});
  }
  return cases;
}

/// Convolutions whose only reader is a pool, which clamps its windows.
static std::vector<Case> poolCases() {
  std::vector<Case> cases;
  for (int64_t row = 0; row < 8; ++row) {
    cases.push_back({"pool " + std::to_string(row), [=](GraphWriter &graph) {
                       Conv stem;
                       stem.filters = row % 2 ? 24 : 9;
                       stem.strides = {2, 2};
                       stem.pads = {1, 1, 1, 1};
                       int64_t window = 2 + row % 3, pad = row % 2;
                       Value x = graph.input({1, 33 + row, 28, 3});
                       x = graph.add<edge::ReluOp>(conv2d(graph, x, stem));
                       std::array<int64_t, 2> windows = {window, window},
                                              strides = {1 + row / 4, 2},
                                              dense = {1, 1}, none = {0, 0};
                       std::array<int64_t, 4> pads = {pad, pad, pad, pad};
                       graph.output(
                           row == 5 ? graph.add<edge::AvgPool2DOp>(
                                          x, windows, strides, pads, none,
                                          /*count_include_pad=*/false, dense)
                                    : graph.add<edge::MaxPool2DOp>(
                                          x, windows, strides, pads, dense));
                     }});
  }
  return cases;
}

/// softmax(q k^T * scale + mask) v for each head of each sequence.
static std::vector<Case> attentionCases() {
  struct Shape {
    int64_t batch, heads, queries, keys, width;
    std::vector<int64_t> mask;
  };
  const Shape shapes[] = {
      {1, 3, 21, 21, 16, {}},
      {2, 2, 17, 9, 8, {2, 1, 1, 9}},
      {1, 4, 40, 33, 12, {1, 1, 40, 33}},
      {1, 5, 7, 30, 19, {5, 1, 30}},
      {3, 1, 25, 16, 5, {3, 1, 25, 16}},
  };
  std::vector<Case> cases;
  for (const Shape &shape : shapes) {
    cases.push_back(
        {"attention " +
             text(std::vector<int64_t>{shape.batch, shape.heads, shape.queries,
                                       shape.keys, shape.width}),
         [=](GraphWriter &graph) {
           Value q = graph.input(
               {shape.batch, shape.heads, shape.queries, shape.width});
           Value k =
               graph.input({shape.batch, shape.heads, shape.width, shape.keys});
           Value v =
               graph.input({shape.batch, shape.heads, shape.keys, shape.width});
           Value scores = graph.add<edge::MatMulOp>(q, k);
           if (!shape.mask.empty())
             scores = graph.add<edge::AddOp>(scores, graph.input(shape.mask));
           Value p = graph.add<edge::SoftmaxOp>(scores, 3);
           graph.output(graph.add<edge::MatMulOp>(p, v));
         }});
  }
  return cases;
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

TEST_P(RowChainTest, MatchesEvaluator) {
  checkCases(target(), chainCases(), toleranceOf(target().precision));
}

TEST_P(RowChainTest, KnowsItsNeighbours) {
  checkCases(target(), neighbourCases(), toleranceOf(target().precision));
}

static std::vector<Target> targets() {
  std::vector<Target> targets = allTargets(), halves = halfTargets();
  targets.insert(targets.end(), halves.begin(), halves.end());
  return targets;
}

TEST_P(RowChainTest, ComputesBlocks) {
  checkCases(target(), blockCases(), toleranceOf(target().precision));
}

TEST_P(RowChainTest, ComputesPools) {
  checkCases(target(), poolCases(), toleranceOf(target().precision));
}

TEST_P(RowChainTest, ComputesAttention) {
  checkCases(target(), attentionCases(), toleranceOf(target().precision));
}

/// A product and its depthwise convolution, panel by panel of channels.
static std::vector<Case> panelCases() {
  std::vector<Case> cases;
  const std::array<int64_t, 2> sizes[] = {
      {14, 14}, {9, 28}, {7, 7}, {23, 12}, {5, 31}};
  const int64_t channels[] = {96, 64, 192, 40, 128, 384};
  for (int64_t row = 0; row < 18; ++row) {
    auto [height, width] = sizes[row % 5];
    Conv expand, depthwise;
    expand.kernel = {1, 1};
    expand.bias = row % 3 == 0;
    if (row % 7 == 6) {
      expand.kernel = {3, 3};
      expand.pads = {1, 1, 1, 1};
    }
    int64_t size = row % 4 == 3 ? 5 : 3;
    depthwise.kernel = {size, size};
    depthwise.bias = row % 2;
    int64_t stride = row % 3 == 1 ? 2 : 1, pad = row % 6 == 4 ? 0 : size / 2;
    depthwise.strides = {stride, stride};
    depthwise.pads = {pad, pad, pad, pad};
    if (row % 6 == 5 && size == 3) {
      depthwise.dilations = {2, 2};
      depthwise.pads = {2, 2, 2, 2};
    }
    cases.push_back(pairCase({1, height, width, row % 2 ? 24 : 72},
                             channels[row % 6], depthwise, expand));
  }
  // As many inputs as channels, and what is added keeps them apart.
  cases.push_back({"as many inputs", [](GraphWriter &graph) {
                     Conv first, depthwise;
                     first.kernel = {1, 1};
                     first.filters = depthwise.filters = depthwise.groups = 64;
                     depthwise.pads = {1, 1, 1, 1};
                     Value x = graph.input({1, 12, 14, 64});
                     Value y = graph.add<edge::ReluOp>(conv2d(graph, x, first));
                     Value z = conv2d(graph, y, depthwise);
                     graph.output(graph.add<edge::AddOp>(z, x));
                   }});
  return cases;
}

TEST_P(RowChainTest, ComputesPanels) {
  Target panels = target();
  panels.chainBytes = std::numeric_limits<int64_t>::max();
  panels.panelBytes = 0;
  checkCases(panels, panelCases(), toleranceOf(panels.precision));
}

INSTANTIATE_TEST_SUITE_P(
    All, RowChainTest, testing::ValuesIn(targets()),
    [](const testing::TestParamInfo<RowChainTest::ParamType> &parameter) {
      return parameter.param.name;
    });
