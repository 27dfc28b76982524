//===- TfliteRunTest.cpp - branches, loops and detections, compiled -------===//
//
// TFLite models with WHILE, IF, NON_MAX_SUPPRESSION and
// TFLite_Detection_PostProcess, from their bytes to the results on every
// target. They are compared with numbers that were worked out by hand, and the
// evaluator with the same.
//
//===----------------------------------------------------------------------===//
#include "test/import/tflite/TfliteText.h"
#include "test/kernel/Execution.h"
#include "llvm/Support/FileSystem.h"
#include <flatbuffers/flexbuffers.h>
#include <fstream>
#include <gmock/gmock.h>

using namespace mlir;
using namespace edgec;
using namespace edgec::test;
using evaluator::HostTensor;
using Doubles = std::vector<double>;

namespace {
/// Inputs of one run and what must come out.
struct Trial {
  std::vector<Doubles> inputs, outputs;
};

struct Model {
  std::string name;
  void (*write)(TfliteWriter &);
  std::vector<Trial> trials;
};

void PrintTo(const Model &model, std::ostream *stream) {
  *stream << model.name;
}

class TfliteRun : public testing::TestWithParam<std::tuple<Model, Target>> {};
} // namespace

//===-- the models --------------------------------------------------------===//

/// y = 2 * x if c, else -x.
static void writeIf(TfliteWriter &w) {
  int c = w.input("c", {1}, ElementType::BOOL), x = w.input("x", {2});
  w.op(Builtin::IF, {c, x}, {w.output("y", {2})},
       schema::CreateIfOptions(w.builder, 1, 2));
  w.endGraph();
  x = w.input("x", {2});
  w.op(Builtin::ADD, {x, x}, {w.output("y", {2})});
  w.endGraph();
  x = w.input("x", {2});
  w.op(Builtin::NEG, {x}, {w.output("y", {2})});
}

/// While i < n: (i, x, n) becomes (i + 1, x * x + 1, n).
static void writeWhile(TfliteWriter &w) {
  auto number = ElementType::INT32;
  int i = w.input("i", {}, number), x = w.input("x", {2}),
      n = w.input("n", {}, number);
  w.op(Builtin::WHILE, {i, x, n},
       {w.output("last", {}, number), w.output("y", {2}),
        w.output("bound", {}, number)},
       schema::CreateWhileOptions(w.builder, 1, 2));
  w.endGraph();
  i = w.input("i", {}, number);
  w.input("x", {2});
  n = w.input("n", {}, number);
  w.op(Builtin::LESS, {i, n}, {w.output("goes_on", {}, ElementType::BOOL)});
  w.endGraph();
  i = w.input("i", {}, number);
  x = w.input("x", {2});
  n = w.input("n", {}, number);
  w.op(Builtin::ADD, {i, w.scalar("one", 1)}, {w.output("next", {}, number)});
  int square = w.tensor("square", {2});
  w.op(Builtin::MUL, {x, x}, {square});
  w.op(Builtin::ADD, {square, w.floats("more", {}, {1})}, {w.output("y", {2})});
  w.op(Builtin::RESHAPE, {n, w.ints("scalar", {})},
       {w.output("bound", {}, number)});
}

static const Trial whiles[] = {
    {{{0}, {1, 2}, {3}}, {{3}, {26, 677}, {3}}},
    {{{2}, {1, 2}, {3}}, {{3}, {2, 5}, {3}}},
    // Not once.
    {{{3}, {1, 2}, {3}}, {{3}, {1, 2}, {3}}},
};

static void writeSuppression(TfliteWriter &w, bool soft) {
  int boxes = w.input("boxes", {4, 4}), scores = w.input("scores", {4});
  auto number = [&](float value) { return w.floats("n", {}, {value}); };
  std::vector<int32_t> operands = {boxes, scores, w.scalar("most", 3),
                                   number(0.5F), number(0.2F)};
  std::vector<int32_t> results = {w.output("chosen", {3}, ElementType::INT32)};
  if (soft) {
    operands.push_back(number(0));
    results.push_back(w.output("values", {3}));
  }
  results.push_back(w.output("count", {}, ElementType::INT32));
  w.op(soft ? Builtin::NON_MAX_SUPPRESSION_V5 : Builtin::NON_MAX_SUPPRESSION_V4,
       operands, results);
}
static void writeSuppressionV4(TfliteWriter &w) { writeSuppression(w, false); }
static void writeSuppressionV5(TfliteWriter &w) { writeSuppression(w, true); }

/// Box 1 covers nine tenths of box 0, boxes 2 and 3 stand alone.
static const Doubles fourBoxes = {0, 0, 1, 1, 0, 0, 1, 0.9,
                                  0, 5, 1, 6, 3, 3, 4, 4};

static void writeDetection(TfliteWriter &w, bool regular) {
  int boxes = w.input("boxes", {1, 4, 4}),
      scores = w.input("scores", {1, 4, 3});
  int anchors = w.floats("anchors", {4, 4},
                         {0, 0, 2, 2, 0, 1, 2, 2, 0, 4, 2, 2, 0, 8, 2, 2});
  flexbuffers::Builder options;
  options.Map([&] {
    options.Int("max_detections", 3);
    options.Int("max_classes_per_detection", 1);
    options.Int("detections_per_class", 2);
    options.Int("num_classes", 2);
    options.Float("nms_score_threshold", 0.5F);
    options.Float("nms_iou_threshold", 0.5F);
    options.Int("y_scale", 10);
    options.Int("x_scale", 10);
    options.Int("h_scale", 5);
    options.Int("w_scale", 5);
    options.Bool("use_regular_nms", regular);
  });
  options.Finish();
  w.custom("TFLite_Detection_PostProcess", {boxes, scores, anchors},
           {w.output("found", {1, 3, 4}), w.output("classes", {1, 3}),
            w.output("values", {1, 3}), w.output("count", {1})},
           options.GetBuffer());
}
static void writeFastDetection(TfliteWriter &w) { writeDetection(w, false); }
static void writeRegularDetection(TfliteWriter &w) { writeDetection(w, true); }

/// Box 1 moves from -0.9 to 0.1: it overlaps box 0 by 1.9 / 2.1.
static Doubles encodings() {
  Doubles result(16, 0);
  result[4 + 1] = -4.5;
  return result;
}
/// Background, then two classes.
static const Doubles classScores = {0, 0.6, 0.9, 0, 0.2, 0.8,
                                    0, 0.7, 0.1, 0, 0.3, 0.4};

static std::vector<Model> models() {
  return {
      {"If", writeIf, {{{{1}, {1, 2}}, {{2, 4}}}, {{{0}, {1, 2}}, {{-1, -2}}}}},
      {"While", writeWhile, {std::begin(whiles), std::end(whiles)}},
      {"SuppressionV4",
       writeSuppressionV4,
       {{{fourBoxes, {0.25, 0.5, 0.75, 0.3}}, {{2, 1, 3}, {3}}},
        {{fourBoxes, {0.25, 0.1, 0.1, 0.1}}, {{0, 0, 0}, {1}}},
        {{fourBoxes, {0.1, 0.1, 0.1, 0.1}}, {{0, 0, 0}, {0}}}}},
      {"SuppressionV5",
       writeSuppressionV5,
       {{{fourBoxes, {0.5, 0.25, 0.75, 0.1}},
         {{2, 0, 0}, {0.75, 0.5, 0}, {2}}}}},
      {"DetectionByAnchor",
       writeFastDetection,
       {{{encodings(), classScores},
         {{-1, -1, 1, 1, -1, 3, 1, 5, 0, 0, 0, 0},
          {1, 0, 0},
          {0.9, 0.7, 0},
          {2}}}}},
      {"DetectionByClass",
       writeRegularDetection,
       {{{encodings(), classScores},
         {{-1, -1, 1, 1, -1, 3, 1, 5, -1, -1, 1, 1},
          {1, 0, 0},
          {0.9, 0.7, 0.6},
          {3}}}}},
  };
}

//===-- the test ----------------------------------------------------------===//

static HostTensor tensorOf(Type type, const Doubles &elements) {
  HostTensor tensor(cast<RankedTensorType>(type));
  EXPECT_EQ(tensor.size(), int64_t(elements.size()));
  for (auto [i, element] : llvm::enumerate(elements)) {
    if (tensor.isFloat())
      tensor.reals[i] = element;
    else
      tensor.integers[i] = int64_t(element);
  }
  return tensor;
}

static void expectEqual(const HostTensor &actual, const Doubles &expected) {
  ASSERT_EQ(actual.size(), int64_t(expected.size()));
  for (auto [i, element] : llvm::enumerate(expected)) {
    if (actual.isFloat())
      EXPECT_NEAR(actual.reals[i], element, 1e-5 * (1 + std::abs(element)))
          << "element " << i;
    else
      EXPECT_EQ(actual.integers[i], int64_t(element)) << "element " << i;
  }
}

TEST_P(TfliteRun, GivesWhatWasWorkedOutByHand) {
  auto [model, target] = GetParam();
  TfliteWriter writer;
  model.write(writer);
  std::string bytes = writer.bytes();
  for (const Trial &trial : model.trials)
    for (auto [actual, expected] :
         llvm::zip_equal(evaluateBytes(bytes, trial.inputs), trial.outputs))
      EXPECT_THAT(actual,
                  testing::Pointwise(testing::FloatNear(1e-4F), expected));

  TemporaryFolder folder;
  std::string file = folder.file("model.tflite"),
              path = folder.file("model.so");
  std::ofstream(file, std::ios::binary) << bytes;
  llvm::Error error = compileFile(target, file, path, /*splitAll=*/true);
  ASSERT_FALSE(bool(error)) << llvm::toString(std::move(error));

  MLIRContext context;
  ImportOptions options;
  options.modelName = "model";
  auto module =
      tflite::importTflite(MappedFile::view(bytes), file, options, context);
  ASSERT_TRUE(succeeded(module));
  auto function = evaluator::findModel(**module);
  SmallVector<RankedTensorType> types;
  for (Type type : function->getResultTypes())
    types.push_back(cast<RankedTensorType>(type));
  for (const Runner &runner : target.runners) {
    for (const Trial &trial : model.trials) {
      std::vector<HostTensor> inputs;
      for (auto [type, elements] :
           llvm::zip_equal(function->getArgumentTypes(), trial.inputs))
        inputs.push_back(tensorOf(type, elements));
      auto outputs = runArtifact(runner, path, inputs, types);
      if (!outputs && outputs.errorIsA<CannotRun>())
        GTEST_SKIP() << llvm::toString(outputs.takeError());
      ASSERT_TRUE(bool(outputs)) << llvm::toString(outputs.takeError());
      SCOPED_TRACE(runner.name);
      for (auto [actual, expected] : llvm::zip_equal(*outputs, trial.outputs))
        expectEqual(actual, expected);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, TfliteRun,
    testing::Combine(testing::ValuesIn(models()),
                     testing::ValuesIn(allTargets())),
    [](const testing::TestParamInfo<TfliteRun::ParamType> &parameter) {
      return std::get<0>(parameter.param).name + "On" +
             std::get<1>(parameter.param).name;
    });
