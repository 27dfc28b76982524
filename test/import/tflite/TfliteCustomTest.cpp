//===- TfliteCustomTest.cpp - custom operators and run-time indices -------===//
#include "compiler/import/Extension.h"
#include "compiler/import/tflite/Operators.h"
#include "test/import/tflite/TfliteText.h"
#include <cmath>
#include <flatbuffers/flexbuffers.h>
#include <gmock/gmock.h>

using namespace edgec::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pointwise;
using Doubles = std::vector<double>;

MATCHER(Close, "") {
  return std::abs(std::get<0>(arg) - std::get<1>(arg)) <= 1e-5;
}

/// A FlexBuffers map of numbers.
static std::vector<uint8_t>
map(const std::vector<std::pair<const char *, float>> &entries,
    bool regular = false) {
  flexbuffers::Builder builder;
  builder.Map([&] {
    for (const auto &[key, value] : entries) {
      if (value == std::floor(value))
        builder.Int(key, int64_t(value));
      else
        builder.Float(key, value);
    }
    builder.Bool("use_regular_nms", regular);
  });
  builder.Finish();
  return builder.GetBuffer();
}

/// The bytes of int32 numbers.
static std::vector<uint8_t> numbers(const std::vector<int32_t> &list) {
  const auto *bytes = reinterpret_cast<const uint8_t *>(list.data());
  return {bytes, bytes + list.size() * sizeof(int32_t)};
}

/// Four anchors of size 2 in a row; the second box nearly covers the first.
static std::vector<Doubles> detect(bool regular, int listed) {
  TfliteWriter w;
  int boxes = w.input("boxes", {1, 4, 4}),
      scores = w.input("scores", {1, 4, 3});
  int anchors = w.floats("anchors", {4, 4},
                         {0, 0, 2, 2, 0, 1, 2, 2, 0, 4, 2, 2, 0, 8, 2, 2});
  w.custom("TFLite_Detection_PostProcess", {boxes, scores, anchors},
           {w.output("found", {1, 3 * listed, 4}),
            w.output("classes", {1, 3 * listed}),
            w.output("values", {1, 3 * listed}), w.output("count", {1})},
           map({{"max_detections", 3},
                {"max_classes_per_detection", float(listed)},
                {"detections_per_class", 2},
                {"num_classes", 2},
                {"nms_score_threshold", 0.5F},
                {"nms_iou_threshold", 0.5F},
                {"y_scale", 10},
                {"x_scale", 10},
                {"h_scale", 5},
                {"w_scale", 5}},
               regular));
  // Box 1 moves by -0.9 to 0.1: it overlaps box 0 by 1.9 / 2.1.
  Doubles encodings(16, 0);
  encodings[4 + 1] = -4.5;
  // Background, then two classes.
  return evaluateTflite(w, {encodings,
                            {0, 0.6, 0.9, //
                             0, 0.2, 0.8, //
                             0, 0.7, 0.1, //
                             0, 0.3, 0.4}});
}

TEST(TfliteCustom, DetectionsByTheBestClassOfEachAnchor) {
  auto results = detect(/*regular=*/false, /*listed=*/1);
  EXPECT_THAT(results[0], Pointwise(Close(), Doubles{-1, -1, 1, 1, //
                                                     -1, 3, 1, 5,  //
                                                     0, 0, 0, 0}));
  EXPECT_THAT(results[1], Pointwise(Close(), Doubles{1, 0, 0}));
  EXPECT_THAT(results[2], Pointwise(Close(), Doubles{0.9, 0.7, 0}));
  EXPECT_THAT(results[3], ElementsAre(2));
}

TEST(TfliteCustom, DetectionsListSeveralClasses) {
  auto results = detect(/*regular=*/false, /*listed=*/2);
  EXPECT_THAT(results[1], Pointwise(Close(), Doubles{1, 0, 0, 1, 0, 0}));
  EXPECT_THAT(results[2],
              Pointwise(Close(), Doubles{0.9, 0.6, 0.7, 0.1, 0, 0}));
  EXPECT_THAT(results[3], ElementsAre(2));
}

TEST(TfliteCustom, DetectionsClassByClass) {
  auto results = detect(/*regular=*/true, /*listed=*/1);
  // Class 0: anchors 2 and 0; class 1: anchor 0.
  EXPECT_THAT(results[0], Pointwise(Close(), Doubles{-1, -1, 1, 1, //
                                                     -1, 3, 1, 5,  //
                                                     -1, -1, 1, 1}));
  EXPECT_THAT(results[1], Pointwise(Close(), Doubles{1, 0, 0}));
  EXPECT_THAT(results[2], Pointwise(Close(), Doubles{0.9, 0.7, 0.6}));
  EXPECT_THAT(results[3], ElementsAre(3));
}

TEST(TfliteCustom, DamagedOptionsAreRefused) {
  TfliteWriter w;
  int boxes = w.input("boxes", {1, 4, 4}),
      scores = w.input("scores", {1, 4, 3});
  int anchors = w.floats("anchors", {4, 4}, std::vector<float>(16));
  w.custom("TFLite_Detection_PostProcess", {boxes, scores, anchors},
           {w.output("found", {1, 3, 4})}, {1, 2, 3});
  int x = w.input("x", {1, 2, 2, 1});
  w.custom("MaxUnpooling2D", {x, x}, {w.output("y", {1, 4, 4, 1})},
           numbers({7, 1}));
  EXPECT_THAT(importTflite(w).errors,
              testing::AllOf(
                  HasSubstr("its options are not an intact FlexBuffers map"),
                  HasSubstr("its options have 8 bytes, and should have 24")));
}

TEST(TfliteCustom, PoolingIsUndoneByItsIndices) {
  TfliteWriter w;
  int x = w.input("x", {1, 2, 4, 1}), y = w.output("y", {1, 1, 2, 1});
  int where = w.output("where", {1, 1, 2, 1});
  auto pool = numbers({1, 2, 2, 2, 2, 0});
  w.custom("MaxPoolingWithArgmax2D", {x}, {y, where}, pool);
  w.custom("MaxUnpooling2D", {y, where}, {w.output("z", {1, 2, 4, 1})}, pool);
  auto results = evaluateTflite(w, {{1, 2, 9, 0, 3, 4, 5, 6}});
  EXPECT_THAT(results[0], ElementsAre(4, 9));
  EXPECT_THAT(results[1], Pointwise(Close(), Doubles{3.1, 0.1}));
  EXPECT_THAT(results[2], ElementsAre(0, 0, 9, 0, 0, 4, 0, 0));
}

TEST(TfliteCustom, TransposeConvWithBias) {
  TfliteWriter w;
  int x = w.input("x", {1, 2, 1, 1}), y = w.output("y", {1, 4, 1, 1});
  int f = w.floats("f", {1, 3, 1, 1}, {1, 2, 3}), b = w.floats("b", {1}, {100});
  w.custom("Convolution2DTransposeBias", {x, f, b}, {y}, numbers({1, 1, 2}));
  // 1 2 13 20 30, of which SAME cuts off one.
  EXPECT_THAT(evaluateTflite(w, {{1, 10}}).front(),
              ElementsAre(101, 102, 113, 120));
}

TEST(TfliteCustom, LandmarksAreTransformed) {
  TfliteWriter w;
  int x = w.input("x", {1, 1, 1, 6}), m = w.input("m", {1, 4, 4});
  w.custom("TransformLandmarks", {x, m}, {w.output("y", {1, 1, 1, 6})},
           map({{"dimensions", 3}, {"scale", 2}}));
  EXPECT_THAT(
      evaluateTflite(w, {{1, 2, 7, 3, 4, 8},
                         {0, -1, 9, 10, 1, 0, 9, 20, 0, 0, 1, 0, 0, 0, 0, 1}})
          .front(),
      ElementsAre(18, 41, 7, 16, 43, 8));
}

TEST(TfliteCustom, UsersCFunctionsAreCalledWithTheirOptions) {
  TfliteWriter w;
  int x = w.input("x", {4});
  w.custom("Median3", {x}, {w.output("y", {2})}, {'a', 'b'});
  auto extensions = std::make_shared<edgec::ImportExtensions>();
  extensions->addFunction("Median3", "median3");
  edgec::ImportOptions options;
  options.extensions = extensions;
  Imported result = importTflite(w, options);
  EXPECT_EQ(result.errors, "");
  EXPECT_THAT(result.module,
              testing::AllOf(HasSubstr("edge.custom \"median3\"(%arg0)"),
                             HasSubstr("options = \"ab\""),
                             HasSubstr("-> tensor<2xf32>")));
}

static void importTwice(edgec::tflite::OperatorImport &n) {
  n.set(0, n.make<edgec::edge::AddOp>({n.operand(0), n.operand(0)}));
}

TEST(TfliteCustom, ExtensionsBringRows) {
  static constexpr edgec::tflite::CustomOperator rows[] = {
      {"Twice", 2, 1, 1, importTwice},
      {"TransformLandmarks", 9, 1, 1, importTwice},
  };
  auto extensions = std::make_shared<edgec::ImportExtensions>();
  extensions->addTflite(rows);
  edgec::ImportOptions options;
  options.extensions = extensions;
  TfliteWriter w;
  w.custom("Twice", {w.input("x", {4})}, {w.output("y", {4})}, {});
  Imported result = importTflite(w, options);
  EXPECT_EQ(result.errors, "");
  EXPECT_THAT(result.module, HasSubstr("edge.add %arg0, %arg0"));
  // What we support stays as it is, and arguments are checked by the row.
  TfliteWriter ours;
  int x = ours.input("x", {4});
  ours.custom("TransformLandmarks", {x}, {ours.output("y", {4})}, {});
  ours.custom("Twice", {x, x}, {ours.output("z", {4})}, {});
  result = importTflite(ours, options);
  EXPECT_THAT(
      result.errors,
      testing::AllOf(
          HasSubstr(
              "TransformLandmarks (operator 0, version 1): input 1 is missing"),
          HasSubstr("Twice (operator 1, version 1): 2 inputs are too many")));
}

//===-- computed places
//----------------------------------------------------===//

TEST(TfliteCustom, SlicesAtComputedPlaces) {
  TfliteWriter w;
  int x = w.input("x", {4, 2}), at = w.input("at", {2}, ElementType::INT32);
  int u = w.input("u", {2, 2});
  w.op(Builtin::DYNAMIC_UPDATE_SLICE, {x, u, at}, {w.output("y", {4, 2})});
  w.op(Builtin::SLICE, {x, at, w.ints("size", {1, 2})},
       {w.output("z", {1, 2})});
  // The place is moved inside.
  EXPECT_EQ(evaluateTflite(w, {counting(8), {3, 0}, {10, 20, 30, 40}}),
            (std::vector<Doubles>{{1, 2, 3, 4, 10, 20, 30, 40}, {7, 8}}));
}

TEST(TfliteCustom, GathersWithBatchDimensions) {
  TfliteWriter w;
  int x = w.input("x", {2, 2, 3}), i = w.input("i", {2, 2}, ElementType::INT32);
  w.op(Builtin::GATHER, {x, i}, {w.output("y", {2, 2, 2})},
       schema::CreateGatherOptions(w.builder, 2, 1));
  EXPECT_THAT(evaluateTflite(w, {counting(12), {0, 2, 1, 1}}).front(),
              ElementsAre(1, 3, 4, 6, 8, 8, 11, 11));
}

TEST(TfliteCustom, IndicesOutsideSetNothing) {
  TfliteWriter w;
  int i = w.input("i", {3}, ElementType::INT32);
  int on = w.floats("on", {}, {5}), off = w.floats("off", {}, {-1});
  w.op(Builtin::ONE_HOT, {i, w.scalar("depth", 2), on, off},
       {w.output("y", {3, 2})}, schema::CreateOneHotOptions(w.builder, -1));
  EXPECT_THAT(evaluateTflite(w, {{1, -1, 2}}).front(),
              ElementsAre(-1, 5, -1, -1, -1, -1));
}

TEST(TfliteCustom, SegmentsAndScatteredValues) {
  TfliteWriter w;
  int x = w.input("x", {4}), ids = w.ints("ids", {0, 0, 2, 2});
  w.op(Builtin::SEGMENT_SUM, {x, ids}, {w.output("sums", {3})});
  int where = w.constant<int32_t>("where", {2, 1}, ElementType::INT32, {3, 1});
  int values = w.floats("values", {2}, {7, 8});
  w.op(Builtin::SCATTER_ND, {where, values, w.ints("shape", {4})},
       {w.output("scattered", {4})});
  w.op(Builtin::SPARSE_TO_DENSE,
       {where, w.ints("shape", {4}), values, w.floats("rest", {}, {9})},
       {w.output("dense", {4})});
  w.op(Builtin::CUMSUM, {x, w.scalar("axis", 0)}, {w.output("running", {4})},
       schema::CreateCumsumOptions(w.builder, true, true));
  EXPECT_EQ(evaluateTflite(w, {{1, 2, 3, 4}}),
            (std::vector<Doubles>{
                {3, 0, 7}, {0, 8, 0, 7}, {9, 8, 9, 7}, {9, 7, 4, 0}}));
}

TEST(TfliteCustom, SearchesHaveTheDeclaredIndexType) {
  TfliteWriter w;
  int x = w.input("x", {1, 4});
  w.op(Builtin::ARG_MAX, {x, w.scalar("axis", -1)},
       {w.output("at", {1}, ElementType::INT32)});
  w.op(Builtin::TOPK_V2, {x, w.scalar("k", 2)},
       {w.output("values", {1, 2}),
        w.output("places", {1, 2}, ElementType::INT32)});
  EXPECT_EQ(evaluateTflite(w, {{1, 7, 7, 3}}),
            (std::vector<Doubles>{{1}, {7, 7}, {1, 2}}));
}

TEST(TfliteCustom, NonMaxSuppressionPadsWithZeros) {
  TfliteWriter w;
  int boxes = w.input("boxes", {3, 4}), scores = w.input("scores", {3});
  auto number = [&](float value) { return w.floats("n", {}, {value}); };
  w.op(Builtin::NON_MAX_SUPPRESSION_V5,
       {boxes, scores, w.scalar("most", 5), number(0.5F), number(0.1F),
        number(0)},
       {w.output("chosen", {5}, ElementType::INT32), w.output("values", {5}),
        w.output("count", {}, ElementType::INT32)});
  EXPECT_EQ(evaluateTflite(
                w, {{0, 0, 1, 1, 0, 0, 1, 0.9, 0, 5, 1, 6}, {0.25, 0.5, 0.75}}),
            (std::vector<Doubles>{{2, 1, 0, 0, 0}, {0.75, 0.5, 0, 0, 0}, {2}}));
}
