//===- WinogradTest.cpp - Winograd's method on every target --------------===//
//
// The cost model leaves small convolutions to the direct kernels, so here each
// tile size is forced on all that it suits: every remainder of rows, columns,
// channels and blocks, halos larger than the convolution's own, and epilogues.
//
//===----------------------------------------------------------------------===//
#include "test/kernel/ModuleCheck.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::test;

/// What the method's rounding adds to a direct sum's; see
/// docs/rationale/schedule.md.
static constexpr Tolerance winogradTolerance = {2e-6, 1e-4, 2e-5};

static Case convCase(std::vector<int64_t> shape, Conv conv) {
  return {"conv2d " + text(shape) + " " + text(conv), [=](GraphWriter &graph) {
            graph.output(conv2d(graph, graph.input(shape), conv),
                         winogradTolerance);
          }};
}

static std::vector<Case> winogradCases() {
  std::vector<Case> cases;
  const int64_t channels[] = {1, 3, 4, 7, 8, 16, 17, 31, 40};
  const int64_t filters[] = {5, 16, 1, 33, 64, 8, 20, 47, 3, 96, 24};
  const int64_t heights[] = {4, 5, 6, 7, 8, 9, 11, 14};
  const int64_t widths[] = {13, 4, 10, 7, 18, 5, 8};
  for (int64_t row = 0; row < 40; ++row) {
    Conv conv;
    conv.filters = filters[row % 11];
    // Both even and uneven borders, and none.
    if (row % 4 == 1)
      conv.pads = {0, 0, 0, 0};
    else if (row % 4 == 3)
      conv.pads = {2, 1, 0, 2};
    else
      conv.pads = {1, 1, 1, 1};
    conv.bias = row % 3 != 0;
    cases.push_back(convCase({row % 7 == 5 ? 3 : 1, heights[row % 8] + 2,
                              widths[row % 7] + 2, channels[row % 9]},
                             conv));
  }
  // Many blocks, and panels shared by threads.
  Conv large;
  large.pads = {1, 1, 1, 1};
  large.filters = 72;
  cases.push_back(convCase({1, 46, 39, 24}, large));
  large.filters = 150;
  cases.push_back(convCase({1, 9, 10, 130}, large));
  // Too small for a tile, and what the method does not compute: still right.
  cases.push_back(convCase({1, 3, 3, 8}, large));
  large.strides = {2, 2};
  cases.push_back(convCase({1, 14, 14, 8}, large));
  return cases;
}

/// Channels in whole vectors: filters can be transformed in the run, in one
/// part of the inputs or several.
static std::vector<Case> inRunCases() {
  Conv conv;
  conv.pads = {1, 1, 1, 1};
  std::vector<Case> cases;
  for (auto [size, inputs, filters] :
       {std::tuple{7, 16, 16}, {5, 33, 64}, {6, 160, 32}}) {
    conv.filters = filters;
    conv.bias = size != 5;
    cases.push_back(convCase({1, size, size + 2, inputs}, conv));
  }
  // Panels of one vector, whose filters stay in registers where that holds a
  // row of points: several parts of the inputs, and tiles left over.
  for (auto [size, inputs] : {std::pair{4, 64}, {10, 160}, {11, 33}}) {
    conv.filters = 16;
    cases.push_back(convCase({1, size, size + 1, inputs}, conv));
  }
  // Several images, and what cannot be cut so: still right.
  conv.filters = 96;
  cases.push_back(convCase({3, 4, 6, 32}, conv));
  cases.push_back(convCase({1, 9, 9, 8}, conv));
  conv.filters = 40;
  cases.push_back(convCase({1, 9, 9, 31}, conv));
  return cases;
}

/// conv -> relu -> conv + shortcut -> relu, and a reader with a larger halo.
static std::vector<Case> fusedCases() {
  auto block = [](int64_t size, int64_t channels) -> Case {
    std::string name =
        "block " + std::to_string(size) + " of " + std::to_string(channels);
    return {name, [=](GraphWriter &graph) {
              Conv conv;
              conv.filters = channels;
              conv.pads = {1, 1, 1, 1};
              Value x = graph.input({1, size, size + 3, channels});
              Value first = graph.add<edge::ReluOp>(conv2d(graph, x, conv));
              Value second = conv2d(graph, first, conv);
              Value sum = graph.add<edge::AddOp>(second, first);
              Value joined = graph.add<edge::ReluOp>(sum);
              Conv wide = conv;
              wide.kernel = {5, 5};
              wide.pads = {2, 2, 2, 2};
              graph.output(conv2d(graph, joined, wide), winogradTolerance);
              graph.output(conv2d(graph, joined, conv), winogradTolerance);
            }};
  };
  return {block(8, 16), block(13, 24), block(6, 33)};
}

namespace {
class WinogradTest : public testing::TestWithParam<
                         std::tuple<Target, schedule::WinogradChoice>> {
protected:
  Target target() const {
    auto [target, choice] = GetParam();
    target.winograd = choice;
    return target;
  }
};
class WinogradInRunTest : public WinogradTest {};
} // namespace

TEST_P(WinogradTest, MatchesEvaluator) {
  checkCases(target(), winogradCases());
}

TEST_P(WinogradInRunTest, MatchesEvaluator) {
  checkCases(target(), inRunCases());
}

TEST_P(WinogradTest, FusesEpilogues) { checkCases(target(), fusedCases()); }

static std::string
nameOf(const testing::TestParamInfo<WinogradTest::ParamType> &parameter) {
  auto [target, choice] = parameter.param;
  bool is4 = choice == schedule::WinogradChoice::tile4 ||
             choice == schedule::WinogradChoice::tile4InRun;
  return target.name + (is4 ? "Tile4" : "Tile2");
}

INSTANTIATE_TEST_SUITE_P(
    All, WinogradTest,
    testing::Combine(testing::ValuesIn(allTargets()),
                     testing::Values(schedule::WinogradChoice::tile2,
                                     schedule::WinogradChoice::tile4)),
    nameOf);

INSTANTIATE_TEST_SUITE_P(
    All, WinogradInRunTest,
    testing::Combine(testing::ValuesIn(allTargets()),
                     testing::Values(schedule::WinogradChoice::tile2InRun,
                                     schedule::WinogradChoice::tile4InRun)),
    nameOf);
