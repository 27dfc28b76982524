//===- NormalizationTest.cpp - norms against their formula ----------------===//
//
// Those that ONNX's backend tests show in one form only.
//
//===----------------------------------------------------------------------===//
#include "test/import/ModelMeaning.h"
#include <limits>

using namespace edgec::test;
using testing::HasSubstr;

static ModelWriter norm(int64_t opset, const std::string &opType,
                        const std::vector<Dim> &shape,
                        const std::vector<Message> &attributes) {
  return ModelWriter(opset)
      .input("x", shape)
      .output("y")
      .node(opType, {"x"}, {"y"}, attributes);
}

TEST(Normalization, LrnTakesTheChannelsAround) {
  Reals x = someNumbers(5 * 2);
  // An even window has one more channel after than before; a window larger than
  // the channels takes all of them and still divides by its size.
  for (int64_t size : {1, 2, 3, 4, 1000}) {
    Reals expected;
    for (int64_t c = 0; c < 5; ++c) {
      for (int64_t i = 0; i < 2; ++i) {
        double sum = 0;
        for (int64_t at = c - (size - 1) / 2; at <= c + size / 2; ++at)
          if (at >= 0 && at < 5)
            sum += x[at * 2 + i] * x[at * 2 + i];
        expected.push_back(x[c * 2 + i] /
                           std::pow(1.5 + 0.5 * sum / double(size), 0.75));
      }
    }
    EXPECT_THAT(
        meaningOf(norm(13, "LRN", {1, 5, 2},
                       {attribute("size", int(size)), attribute("alpha", 0.5F),
                        attribute("bias", 1.5F)}),
                  {x})[0],
        close(expected));
  }
  EXPECT_THAT(importBytes(norm(13, "LRN", {1, 5, 2}, {}).bytes()).errors,
              HasSubstr("size=0"));
}

TEST(Normalization, LpLeavesZerosAlone) {
  Reals x = {3, -4, 0, 0};
  auto rows = [&](int p) {
    return meaningOf(norm(22, "LpNormalization", {2, 2}, {attribute("p", p)}),
                     {x})[0];
  };
  EXPECT_THAT(rows(2), close({0.6, -0.8, 0, 0}));
  EXPECT_THAT(rows(1), close({3.0 / 7, -4.0 / 7, 0, 0}));
  EXPECT_THAT(
      importBytes(
          norm(22, "LpNormalization", {2, 2}, {attribute("p", 3)}).bytes())
          .errors,
      HasSubstr("p is 3, but should be 1 or 2"));
}

TEST(Normalization, GroupsHaveParametersBeforeOpset21) {
  auto group = [](int64_t opset, int64_t parameters) {
    return ModelWriter(opset)
        .input("x", {1, 4, 2})
        .input("s", {parameters})
        .input("b", {parameters})
        .output("y")
        .node("GroupNormalization", {"x", "s", "b"}, {"y"},
              {attribute("num_groups", 2), attribute("epsilon", 0.25F)});
  };
  Reals x = someNumbers(8), expected;
  for (size_t g = 0; g < 2; ++g) {
    double mean = 0, squares = 0;
    for (size_t i = 0; i < 4; ++i)
      mean += x[g * 4 + i] / 4;
    for (size_t i = 0; i < 4; ++i)
      squares += std::pow(x[g * 4 + i] - mean, 2) / 4;
    for (size_t i = 0; i < 4; ++i)
      expected.push_back((x[g * 4 + i] - mean) / std::sqrt(squares + 0.25) *
                             double(g + 2) -
                         double(g));
  }
  EXPECT_THAT(meaningOf(group(18, 2), {x, {2, 3}, {0, -1}})[0],
              close(expected));
  EXPECT_THAT(meaningOf(group(21, 4), {x, {2, 2, 3, 3}, {0, 0, -1, -1}})[0],
              close(expected));
  EXPECT_THAT(importBytes(group(21, 2).bytes()).errors,
              HasSubstr("input 1 of shape 2 should have the shape 4"));
}

TEST(Normalization, LogSumExpOfInfinities) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  auto model = norm(
      13, "ReduceLogSumExp", {3, 2},
      {attribute("axes", std::vector<int64_t>{1}), attribute("keepdims", 0)});
  Reals found =
      meaningOf(model, {{-infinity, -infinity, infinity, 1, 800, 800}})[0];
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0], -infinity);
  EXPECT_EQ(found[1], infinity);
  EXPECT_NEAR(found[2], 800 + std::log(2), 1e-9);
}
