//===- LossTest.cpp - losses against their formula ------------------------===//
#include "test/import/ModelMeaning.h"

using namespace edgec::test;
using testing::HasSubstr;

namespace {
/// 2 samples of 3 classes at 2 places each.
struct Loss : testing::Test {
  Reals scores = someNumbers(2 * 3 * 2), weights = {0.5, 2, 1};
  Reals targets = {0, 2, 1, 0};

  ModelWriter model(const std::string &opType, bool isWeighted,
                    const std::vector<Message> &attributes) {
    ModelWriter result(13);
    result.input("x", {2, 3, 2}).input("t", {2, 2}, Int64);
    if (isWeighted)
      result.input("w", {3});
    std::vector<std::string> inputs = {"x", "t"};
    if (isWeighted)
      inputs.emplace_back("w");
    return result.output("y").node(opType, inputs, {"y"}, attributes);
  }
  double score(size_t sample, size_t place, size_t label) const {
    return scores[(sample * 3 + label) * 2 + place];
  }
};
} // namespace

TEST_F(Loss, WeightsAndIgnoredTargets) {
  Reals each;
  double sum = 0, count = 0;
  for (size_t i = 0; i < 4; ++i) {
    auto label = static_cast<size_t>(targets[i]);
    double weight = label == 1 ? 0 : weights[label];
    each.push_back(-weight * score(i / 2, i % 2, label));
    sum += each.back();
    count += weight;
  }
  auto run = [&](const char *reduction) {
    return meaningOf(model("NegativeLogLikelihoodLoss", true,
                           {attribute("reduction", reduction),
                            attribute("ignore_index", 1)}),
                     {scores, targets, weights})[0];
  };
  EXPECT_THAT(run("none"), close(each));
  EXPECT_THAT(run("sum"), close(Reals{sum}));
  EXPECT_THAT(run("mean"), close(Reals{sum / count}));
}

TEST_F(Loss, CrossEntropyTakesScores) {
  double sum = 0;
  for (size_t i = 0; i < 4; ++i) {
    double total = 0;
    for (size_t label = 0; label < 3; ++label)
      total += std::exp(score(i / 2, i % 2, label));
    sum += std::log(total) - score(i / 2, i % 2, size_t(targets[i]));
  }
  EXPECT_THAT(meaningOf(model("SoftmaxCrossEntropyLoss", false, {}),
                        {scores, targets})[0],
              close(Reals{sum / 4}));
}

TEST_F(Loss, WrongShapesAndReductionsAreRefused) {
  EXPECT_THAT(importBytes(model("NegativeLogLikelihoodLoss", false,
                                {attribute("reduction", "median")})
                              .bytes())
                  .errors,
              HasSubstr("reduction 'median' should be none, sum or mean"));
  EXPECT_THAT(
      importBytes(ModelWriter(13)
                      .input("x", {2, 3})
                      .input("t", {3}, Int64)
                      .output("y")
                      .node("NegativeLogLikelihoodLoss", {"x", "t"}, {"y"})
                      .bytes())
          .errors,
      HasSubstr("should be [N, C, d...] and [N, d...]"));
}
