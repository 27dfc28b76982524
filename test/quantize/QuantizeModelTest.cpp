//===- QuantizeModelTest.cpp - quantization as a library ------------------===//
//
// CompileOptions::quantize: the report that a program receives, the bounds, and
// errors that say whose fault they are.
//
//===----------------------------------------------------------------------===//
#include "compiler/Compiler.h"
#include "compiler/quantize/QuantizationReport.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace edgec;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {
struct Outcome {
  std::string error;
  CompileError::Kind kind = CompileError::Kind::Model;
  std::optional<QuantizationReport> report;
};
} // namespace

/// Compiles the CNN of the examples as far as its kernels.
static Outcome quantized(const std::function<void(QuantizeOptions &)> &change,
                         CompileOptions options = {}) {
  Outcome outcome;
  options.emit = Emit::MLIR;
  options.stopAfter = Stage::Fuse;
  options.quantize.emplace();
  options.quantize->calibrationPath =
      EDGEC_EXAMPLES "/quantize/digits_samples.npy";
  // Which layers are faster on integers depends on the processor.
  options.quantize->quantizeSlowLayers = true;
  options.quantize->onReport = [&](const QuantizationReport &report) {
    outcome.report = report;
  };
  change(*options.quantize);
  llvm::Expected<Artifact> artifact =
      compile({EDGEC_EXAMPLES "/quantize/digits_cnn.onnx"}, options);
  if (!artifact) {
    llvm::handleAllErrors(artifact.takeError(), [&](const CompileError &error) {
      outcome.error = error.message;
      outcome.kind = error.kind;
    });
  }
  return outcome;
}

TEST(SignalError, CountsPowersAndKnowsInfinities) {
  SignalError error;
  error.add(1.1, 1);
  error.add(-2, -2);
  EXPECT_NEAR(error.relative(), 0.1 / std::sqrt(5), 1e-9);
  EXPECT_NEAR(error.decibels(), 10 * std::log10(5 / 0.01), 1e-6);
  EXPECT_NEAR(error.largest, 0.1, 1e-9);
  error.add(-INFINITY, -INFINITY);
  error.add(NAN, NAN);
  EXPECT_NEAR(error.relative(), 0.1 / std::sqrt(5), 1e-9);
  error.add(3, INFINITY);
  EXPECT_EQ(error.decibels(), -200);
  SignalError none;
  none.add(0, 0);
  EXPECT_EQ(none.decibels(), 200);
  EXPECT_EQ(none.relative(), 0);
}

TEST(QuantizeModel, ReportsTensorsAndLayersOnce) {
  int calls = 0;
  Outcome outcome = quantized([&](QuantizeOptions &options) {
    auto inner = options.onReport;
    options.onReport = [&calls, inner](const QuantizationReport &report) {
      ++calls;
      inner(report);
    };
  });
  EXPECT_EQ(outcome.error, "");
  ASSERT_TRUE(outcome.report);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(outcome.report->samples, 128);
  EXPECT_EQ(outcome.report->layers.size(), 13u);
  for (const LayerReport &layer : outcome.report->layers)
    EXPECT_TRUE(layer.isInteger) << layer.name << ": " << layer.reason;
  const TensorReport &input = outcome.report->tensors.front();
  EXPECT_EQ(input.name, "image");
  EXPECT_EQ(input.seen.low, 0);
  EXPECT_EQ(input.seen.high, 1);
  EXPECT_EQ(input.chosen.high, 1);
  EXPECT_FALSE(outcome.report->evaluation);
}

TEST(QuantizeModel, LayersThatBecomeSlowerStayFloat) {
  auto slowLayers = [](const char *cpu) {
    CompileOptions options;
    options.machine.target = "x86_64";
    options.machine.cpu = cpu;
    Outcome outcome = quantized(
        [](QuantizeOptions &quantize) { quantize.quantizeSlowLayers = false; },
        options);
    EXPECT_EQ(outcome.error, "");
    if (!outcome.report)
      return int64_t(-1);
    int64_t floats = 0;
    for (const LayerReport &layer : outcome.report->layers) {
      floats += !layer.isInteger;
      EXPECT_EQ(layer.isInteger, layer.reason.empty()) << layer.name;
    }
    EXPECT_EQ(floats, outcome.report->slowLayers);
    return floats;
  };
  // Floats are as fast as bytes with AVX2, and much slower with VNNI.
  EXPECT_GE(slowLayers("x86-64-v3"), 7);
  EXPECT_LE(slowLayers("znver4"), 3);
}

TEST(QuantizeModel, EvaluatesBesideTheFloatModel) {
  Outcome outcome = quantized([](QuantizeOptions &options) {
    options.evaluationPath = EDGEC_EXAMPLES "/digits";
  });
  EXPECT_EQ(outcome.error, "");
  ASSERT_TRUE(outcome.report && outcome.report->evaluation);
  const Evaluation &evaluation = *outcome.report->evaluation;
  EXPECT_EQ(evaluation.samples, 500);
  EXPECT_EQ(evaluation.rows, 500);
  ASSERT_TRUE(evaluation.reference && evaluation.quantized);
  EXPECT_EQ(evaluation.reference->top1, 496);
  EXPECT_GE(evaluation.quantized->top1, 494);
  EXPECT_GE(evaluation.quantized->top5, evaluation.quantized->top1);
  EXPECT_GT(evaluation.outputs.decibels(), 30);
  EXPECT_FALSE(evaluation.layers.empty());
}

TEST(QuantizeModel, EveryCalibratorIsTriedAndTheBestTaken) {
  Outcome outcome = quantized(
      [](QuantizeOptions &options) { options.calibrator = std::nullopt; });
  ASSERT_TRUE(outcome.report);
  std::vector<std::string> names;
  const CalibratorTrial *best = nullptr;
  for (const CalibratorTrial &trial : outcome.report->trials) {
    names.push_back(trial.calibrator);
    if (!best || trial.outputs.relative() < best->outputs.relative())
      best = &trial;
  }
  EXPECT_THAT(names,
              ElementsAre("minmax", "average", "percentile", "entropy", "mse"));
  ASSERT_TRUE(best);
  EXPECT_EQ(outcome.report->calibrator, best->calibrator);
}

TEST(QuantizeModel, ABoundForTheErrorHolds) {
  Outcome outcome =
      quantized([](QuantizeOptions &options) { options.maxError = 0.006; });
  ASSERT_TRUE(outcome.report);
  size_t taken = 0;
  for (const FrontierPoint &point : outcome.report->frontier) {
    if (!point.isTaken)
      continue;
    ++taken;
    EXPECT_LE(point.error.relative(), 0.006);
    EXPECT_GT(point.integerLayers, 0);
  }
  EXPECT_EQ(taken, 1u);
}

TEST(QuantizeModel, ProgressNamesItsSteps) {
  CompileOptions options;
  std::vector<std::string> steps;
  options.onProgress = [&](const Progress &progress) {
    std::string step = progress.stage.str() + " " + progress.part.str();
    if (progress.total > 0 && (steps.empty() || steps.back() != step))
      steps.push_back(step);
  };
  quantized(
      [](QuantizeOptions &options) {
        options.evaluationPath = EDGEC_EXAMPLES "/digits";
      },
      options);
  EXPECT_THAT(steps, ElementsAre("calibrate run", "evaluate sample"));
}

TEST(QuantizeModel, MissingSamplesAreTheModelsFault) {
  Outcome outcome = quantized([](QuantizeOptions &options) {
    options.calibrationPath = "/no/such/folder";
  });
  EXPECT_EQ(outcome.kind, CompileError::Kind::Model);
  EXPECT_THAT(outcome.error,
              HasSubstr("/no/such/folder: error: there is no such folder"));
  EXPECT_FALSE(outcome.report);
}

TEST(QuantizeModel, ARangeOfSizesIsRefused) {
  CompileOptions options;
  options.import.shapes.push_back({"image", {4, 1, 8, 8}, {1, 1, 8, 8}});
  Outcome outcome = quantized([](QuantizeOptions &) {}, options);
  EXPECT_NE(outcome.error, "");
}
