//===- CalibratorTest.cpp - ranges from known distributions ---------------===//
//
// Each calibrator on values of which the right answer is known: extremes, a
// bell with outliers, rectified values, zeros.
//
//===----------------------------------------------------------------------===//
#include "compiler/quantize/Calibrator.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <cmath>
#include <random>

using namespace edgec;
using testing::DoubleNear;
using testing::HasSubstr;

using Samples = std::vector<std::vector<float>>;

static TensorStatistics measured(const Samples &samples) {
  TensorStatistics statistics(1);
  for (const auto &sample : samples)
    statistics.addExtremes(sample);
  for (const auto &sample : samples)
    statistics.addToHistogram(sample);
  return statistics;
}

static NumberRange rangeBy(const char *name, const Samples &samples) {
  llvm::Expected<Calibrator> calibrator = Calibrator::parse(name);
  if (!calibrator)
    llvm::report_fatal_error(calibrator.takeError());
  return calibrate(measured(samples), *calibrator);
}

/// Normally distributed numbers and some far away.
static Samples bellWithOutliers(float outlier) {
  // NOLINTNEXTLINE(bugprone-random-generator-seed): the same in every run
  std::mt19937 engine(1);
  std::normal_distribution<float> bell;
  std::vector<float> sample(200000);
  for (float &value : sample)
    value = bell(engine);
  sample[7] = outlier;
  sample[8] = -outlier;
  return {sample};
}

/// Mean squared error of rounding to 256 numbers in the range.
static double roundingError(const Samples &samples, NumberRange range) {
  double step = (range.high - range.low) / 255, sum = 0;
  size_t count = 0;
  for (const auto &sample : samples) {
    for (float value : sample) {
      double kept = std::clamp<double>(value, range.low, range.high);
      double rounded =
          range.low + std::nearbyint((kept - range.low) / step) * step;
      sum += (value - rounded) * (value - rounded);
      ++count;
    }
  }
  return sum / double(count);
}

TEST(Calibrator, MinmaxKeepsEveryValueAndZero) {
  NumberRange range = rangeBy("minmax", {{1, 2}, {5, 3}});
  EXPECT_EQ(range.low, 0);
  EXPECT_EQ(range.high, 5);
  range = rangeBy("minmax", {{-3, 2}, {1, -7}});
  EXPECT_EQ(range.low, -7);
  EXPECT_EQ(range.high, 2);
}

TEST(Calibrator, AverageTakesTheMeanOfEachSamplesExtremes) {
  NumberRange range = rangeBy("average", {{-1, 2}, {-3, 6}, {-2, 1}});
  EXPECT_DOUBLE_EQ(range.low, -2);
  EXPECT_DOUBLE_EQ(range.high, 3);
}

TEST(Calibrator, PercentileCutsBothSides) {
  std::vector<float> sample;
  for (int i = 1; i <= 10000; ++i) {
    sample.push_back(float(i) / 10000);
    sample.push_back(-float(i) / 5000);
  }
  NumberRange range = rangeBy("percentile:98", {sample});
  // One percent of 20,000 values on each side.
  EXPECT_THAT(range.low, DoubleNear(-1.96, 0.005));
  EXPECT_THAT(range.high, DoubleNear(0.98, 0.005));
}

TEST(Calibrator, PercentileOfRectifiedValuesKeepsTheirZero) {
  std::vector<float> sample(1000, 0);
  for (int i = 0; i < 1000; ++i)
    sample.push_back(float(i + 1) / 1000);
  NumberRange range = rangeBy("percentile:99", {sample});
  EXPECT_EQ(range.low, 0);
  // Half a percent of all 2,000 are the ten largest.
  EXPECT_THAT(range.high, DoubleNear(0.99, 0.002));
}

TEST(Calibrator, LeastErrorBeatsExtremesWhereValuesLieFarOut) {
  Samples samples = bellWithOutliers(60);
  NumberRange least = rangeBy("mse", samples);
  double best = roundingError(samples, least);
  EXPECT_LT(best, 0.7 * roundingError(samples, rangeBy("minmax", samples)));
  // No range on the way is better by more than the histogram's coarseness.
  for (int t = 1; t <= 60; ++t)
    EXPECT_LT(best, 1.02 * roundingError(samples, {double(-t), double(t)}))
        << t;
}

TEST(Calibrator, LeastErrorOfEvenlySpreadValuesIsNearlyAllOfThem) {
  std::vector<float> sample;
  for (int i = 0; i <= 10000; ++i)
    sample.push_back(float(i) / 10000);
  NumberRange range = rangeBy("mse", {sample});
  EXPECT_EQ(range.low, 0);
  EXPECT_THAT(range.high, DoubleNear(1, 0.02));
}

TEST(Calibrator, EntropyLeavesOutliersOut) {
  NumberRange range = rangeBy("entropy", bellWithOutliers(60));
  EXPECT_LT(range.high, 20);
  EXPECT_GT(range.high, 2);
  EXPECT_GT(range.low, -20);
  EXPECT_LT(range.low, -2);
}

TEST(Calibrator, NothingButZerosHasARange) {
  for (const Calibrator &calibrator : allCalibrators()) {
    NumberRange range = calibrate(measured({{0, 0, 0}}), calibrator);
    EXPECT_EQ(range.low, 0);
    EXPECT_EQ(range.high, 0);
  }
}

TEST(Calibrator, OneValueIsItsRange) {
  for (const Calibrator &calibrator : allCalibrators()) {
    NumberRange range = calibrate(measured({{3, 3}, {3, 3}}), calibrator);
    EXPECT_EQ(range.low, 0);
    EXPECT_EQ(range.high, 3);
  }
}

TEST(Calibrator, NumbersThatAreNoneAreCountedAndLeftOut) {
  TensorStatistics statistics = measured({{1, NAN, -INFINITY, 2}});
  EXPECT_EQ(statistics.nonFinite(), 2);
  EXPECT_EQ(statistics.extremes().low, 1);
  EXPECT_EQ(statistics.extremes().high, 2);
}

TEST(Calibrator, MeansOfChannels) {
  TensorStatistics statistics(2);
  statistics.addExtremes({1, 10, 3, 20});
  statistics.addExtremes({5, 30, 7, 40});
  EXPECT_THAT(statistics.channelMeans(), testing::ElementsAre(4, 25));
}

TEST(Calibrator, NamesAreReadAndWritten) {
  for (const char *name :
       {"minmax", "average", "percentile", "percentile:99.5", "entropy", "mse"})
    EXPECT_EQ(llvm::cantFail(Calibrator::parse(name)).text(), name);
  auto errorOf = [](const char *text) {
    return llvm::toString(Calibrator::parse(text).takeError());
  };
  EXPECT_THAT(errorOf("largest"), HasSubstr("unknown calibrator 'largest'"));
  EXPECT_THAT(errorOf("mse:3"), HasSubstr("only percentile takes a number"));
  EXPECT_THAT(errorOf("percentile:"), HasSubstr("above 50 and at most 100"));
  EXPECT_THAT(errorOf("percentile:20"), HasSubstr("above 50 and at most 100"));
  EXPECT_THAT(errorOf("percentile:nan"), HasSubstr("above 50"));
}
