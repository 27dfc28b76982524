//===- TfliteOperatorTest.cpp - what each TFLite operator computes --------===//
//
// One small model per operator, run by the evaluator on numbers that are
// checked by hand or by the formula of TFLite's documentation.
//
//===----------------------------------------------------------------------===//
#include "test/import/tflite/TfliteText.h"
#include <cmath>
#include <gmock/gmock.h>

using namespace edgec::test;
using schema::Activation;
using schema::Padding;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pointwise;
using Doubles = std::vector<double>;

MATCHER_P(Near, tolerance, "") {
  return std::abs(std::get<0>(arg) - std::get<1>(arg)) <= tolerance;
}

/// One operator from "x" to "y".
template <typename... Options>
static Doubles run(Builtin code, const std::vector<int32_t> &shape,
                   const Doubles &x, const std::vector<int32_t> &resultShape,
                   Options... options) {
  TfliteWriter w;
  int in = w.input("x", shape), out = w.output("y", resultShape);
  if constexpr (sizeof...(options) == 0)
    w.op(code, {in}, {out});
  else
    w.op(code, {in}, {out}, options(w.builder)...);
  return evaluateTflite(w, {x}).front();
}

TEST(TfliteOperator, ConvPadsAsSameDoesAndFusesItsActivation) {
  TfliteWriter w;
  int x = w.input("x", {1, 4, 4, 1}), y = w.output("y", {1, 2, 2, 1});
  int f = w.floats("f", {1, 3, 3, 1}, std::vector<float>(9, 1));
  int b = w.floats("b", {1}, {-70});
  w.op(Builtin::CONV_2D, {x, f, b}, {y},
       schema::CreateConv2DOptions(w.builder, Padding::SAME, 2, 2,
                                   Activation::RELU));
  // Windows begin at rows and columns 0 and 2; the odd zero is at the end.
  EXPECT_THAT(evaluateTflite(w, {counting(16)}).front(),
              ElementsAre(0, 0, 9 + 10 + 11 + 13 + 14 + 15 - 70, 0));
}

TEST(TfliteOperator, GroupedConvTellsItsGroupsByTheFilter) {
  TfliteWriter w;
  int x = w.input("x", {1, 1, 1, 4}), y = w.output("y", {1, 1, 1, 2});
  int f = w.floats("f", {2, 1, 1, 2}, {1, 10, 100, 1000});
  w.op(Builtin::CONV_2D, {x, f, -1}, {y},
       schema::CreateConv2DOptions(w.builder, Padding::VALID, 1, 1));
  EXPECT_THAT(evaluateTflite(w, {{1, 2, 3, 4}}).front(), ElementsAre(21, 4300));
}

TEST(TfliteOperator, DepthwiseConvOfMultiplierTwo) {
  TfliteWriter w;
  int x = w.input("x", {1, 1, 2, 2}), y = w.output("y", {1, 1, 1, 4});
  int f = w.floats("f", {1, 1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 8});
  w.op(
      Builtin::DEPTHWISE_CONV_2D, {x, f}, {y},
      schema::CreateDepthwiseConv2DOptions(w.builder, Padding::VALID, 1, 1, 2));
  // Channel c of the input makes channels 2c and 2c + 1.
  EXPECT_THAT(evaluateTflite(w, {{1, 10, 100, 1000}}).front(),
              ElementsAre(1 + 500, 2 + 600, 30 + 7000, 40 + 8000));
}

TEST(TfliteOperator, TransposeConvScattersTheFilter) {
  TfliteWriter w;
  int shape = w.ints("shape", {1, 5, 1, 1});
  int x = w.input("x", {1, 2, 1, 1}), y = w.output("y", {1, 5, 1, 1});
  int f = w.floats("f", {1, 3, 1, 1}, {1, 2, 3});
  w.op(Builtin::TRANSPOSE_CONV, {shape, f, x}, {y},
       schema::CreateTransposeConvOptions(w.builder, Padding::VALID, 1, 2));
  EXPECT_THAT(evaluateTflite(w, {{1, 10}}).front(),
              ElementsAre(1, 2, 3 + 10, 20, 30));
}

TEST(TfliteOperator, TransposeConvCropsWhatSamePadded) {
  TfliteWriter w;
  int shape = w.ints("shape", {1, 4, 1, 1});
  int x = w.input("x", {1, 2, 1, 1}), y = w.output("y", {1, 4, 1, 1});
  int f = w.floats("f", {1, 3, 1, 1}, {1, 2, 3});
  int b = w.floats("b", {1}, {100});
  w.op(Builtin::TRANSPOSE_CONV, {shape, f, x, b}, {y},
       schema::CreateTransposeConvOptions(w.builder, Padding::SAME, 1, 2), 3);
  EXPECT_THAT(evaluateTflite(w, {{1, 10}}).front(),
              ElementsAre(101, 102, 113, 120));
}

TEST(TfliteOperator, AveragePoolLeavesPaddingOut) {
  auto options = [](auto &b) {
    return schema::CreatePool2DOptions(b, Padding::SAME, 2, 1, 2, 1);
  };
  EXPECT_THAT(run(Builtin::AVERAGE_POOL_2D, {1, 1, 3, 1}, {1, 3, 5},
                  {1, 1, 2, 1}, options),
              ElementsAre(2, 5));
  EXPECT_THAT(
      run(Builtin::MAX_POOL_2D, {1, 1, 3, 1}, {1, 3, 5}, {1, 1, 2, 1}, options),
      ElementsAre(3, 5));
  EXPECT_THAT(
      run(Builtin::L2_POOL_2D, {1, 1, 3, 1}, {1, 7, 5}, {1, 1, 2, 1}, options),
      ElementsAre(5, 5));
}

TEST(TfliteOperator, FullyConnectedFlattensUnlessToldNotTo) {
  for (bool keep : {false, true}) {
    TfliteWriter w;
    int x = w.input("x", {1, 2, 2});
    int y = keep ? w.output("y", {1, 2, 1}) : w.output("y", {2, 1});
    int f = w.floats("f", {1, 2}, {1, 10}), b = w.floats("b", {1}, {100});
    w.op(Builtin::FULLY_CONNECTED, {x, f, b}, {y},
         schema::CreateFullyConnectedOptions(
             w.builder, Activation::RELU_N1_TO_1, 0, keep));
    EXPECT_THAT(evaluateTflite(w, {{-100, 0, 1, -10.15}}).front(),
                ElementsAre(0, DoubleNear(-0.5, 1e-9)));
  }
}

TEST(TfliteOperator, BatchMatMulTakesAdjoints) {
  TfliteWriter w;
  int a = w.input("a", {2, 1}), b = w.input("b", {3, 2});
  int y = w.output("y", {1, 3});
  w.op(Builtin::BATCH_MATMUL, {a, b}, {y},
       schema::CreateBatchMatMulOptions(w.builder, true, true));
  EXPECT_THAT(evaluateTflite(w, {{1, 10}, {1, 2, 3, 4, 5, 6}}).front(),
              ElementsAre(21, 43, 65));
}

TEST(TfliteOperator, Elementwise) {
  auto binary = [](Builtin code, const Doubles &a, const Doubles &b) {
    TfliteWriter w;
    int32_t size = int32_t(a.size());
    int x = w.input("a", {size}), z = w.input("b", {size});
    w.op(code, {x, z}, {w.output("y", {size})});
    return evaluateTflite(w, {a, b}).front();
  };
  EXPECT_THAT(binary(Builtin::SQUARED_DIFFERENCE, {1, 5}, {3, 2}),
              ElementsAre(4, 9));
  EXPECT_THAT(binary(Builtin::FLOOR_DIV, {7, -7}, {2, 2}), ElementsAre(3, -4));
  EXPECT_THAT(binary(Builtin::FLOOR_MOD, {7, -7}, {2, 2}), ElementsAre(1, 1));
  EXPECT_THAT(binary(Builtin::MAXIMUM, {1, 5}, {3, 2}), ElementsAre(3, 5));
  EXPECT_THAT(binary(Builtin::PRELU, {-4, 4}, {0.5, 0.5}), ElementsAre(-2, 4));
  EXPECT_THAT(run(Builtin::SQUARE, {2}, {3, -2}, {2}), ElementsAre(9, 4));
  EXPECT_THAT(run(Builtin::ROUND, {3}, {0.5, 1.5, -2.4}, {3}),
              ElementsAre(0, 2, -2));
  EXPECT_THAT(run(Builtin::RELU_0_TO_1, {3}, {-1, 0.5, 2}, {3}),
              ElementsAre(0, 0.5, 1));
  EXPECT_THAT(
      run(Builtin::LEAKY_RELU, {2}, {-2, 2}, {2},
          [](auto &b) { return schema::CreateLeakyReluOptions(b, 0.5F); }),
      ElementsAre(-1, 2));
}

TEST(TfliteOperator, FakeQuantRoundsToItsSteps) {
  auto options = [](auto &b) {
    return schema::CreateFakeQuantOptions(b, -1.0F, 1.0F, 2, false);
  };
  // Four steps of 2/3; zero lies on the second: -2/3, 0, 2/3, 4/3.
  EXPECT_THAT(run(Builtin::FAKE_QUANT, {4}, {-5, 0.2, 0.4, 9}, {4}, options),
              Pointwise(Near(1e-6), Doubles{-4.0 / 3, 0, 2.0 / 3, 2.0 / 3}));
}

TEST(TfliteOperator, Normalizations) {
  EXPECT_THAT(run(Builtin::L2_NORMALIZATION, {1, 2}, {3, 4}, {1, 2}),
              Pointwise(Near(1e-6), Doubles{0.6, 0.8}));
  EXPECT_THAT(run(Builtin::LOG_SOFTMAX, {1, 2}, {0, std::log(3.0)}, {1, 2}),
              Pointwise(Near(1e-6), Doubles{std::log(0.25), std::log(0.75)}));
  auto twice = [](auto &b) { return schema::CreateSoftmaxOptions(b, 2.0F); };
  EXPECT_THAT(run(Builtin::SOFTMAX, {1, 2}, {0, std::log(3.0)}, {1, 2}, twice),
              Pointwise(Near(1e-6), Doubles{0.1, 0.9}));
  auto local = [](auto &b) {
    return schema::CreateLocalResponseNormalizationOptions(b, 1, 1.0F, 2.0F,
                                                           0.5F);
  };
  EXPECT_THAT(
      run(Builtin::LOCAL_RESPONSE_NORMALIZATION, {1, 1, 1, 3}, {1, 2, 3},
          {1, 1, 1, 3}, local),
      Pointwise(Near(1e-6), Doubles{1 / std::sqrt(11.0), 2 / std::sqrt(29.0),
                                    3 / std::sqrt(27.0)}));
}

TEST(TfliteOperator, ReductionsTakeNegativeAndRepeatedAxes) {
  TfliteWriter w;
  int x = w.input("x", {2, 2}), y = w.output("y", {2, 1});
  w.op(Builtin::MEAN, {x, w.ints("axes", {-1, 1})}, {y},
       schema::CreateReducerOptions(w.builder, true));
  EXPECT_THAT(evaluateTflite(w, {{1, 3, 5, 9}}).front(), ElementsAre(2, 7));
}

//===-- shapes
//-------------------------------------------------------------===//

TEST(TfliteOperator, ShapeArithmeticIsComputedAtImport) {
  TfliteWriter w;
  int x = w.input("x", {2, 3, 4}), y = w.output("y", {2, 12});
  int shape = w.tensor("shape", {3}, ElementType::INT32);
  int batch = w.tensor("batch", {}, ElementType::INT32);
  int wanted = w.tensor("wanted", {2}, ElementType::INT32);
  w.op(Builtin::SHAPE, {x}, {shape});
  w.op(Builtin::STRIDED_SLICE,
       {shape, w.ints("b", {0}), w.ints("e", {1}), w.ints("s", {1})}, {batch},
       schema::CreateStridedSliceOptions(w.builder, 0, 0, 0, 0, 1));
  w.op(Builtin::PACK, {batch, w.scalar("rest", -1)}, {wanted},
       schema::CreatePackOptions(w.builder, 2, 0));
  w.op(Builtin::RESHAPE, {x, wanted}, {y});
  std::string module = importModule(w);
  EXPECT_THAT(module, HasSubstr("(tensor<2x3x4xf32>) -> tensor<2x12xf32>"));
  EXPECT_THAT(module, testing::Not(HasSubstr("i32")));
}

TEST(TfliteOperator, StridedSliceObeysEveryMask) {
  auto slice = [](const std::vector<int32_t> &shape, size_t size,
                  const std::vector<int32_t> &result,
                  const std::vector<int32_t> &begin,
                  const std::vector<int32_t> &end,
                  const std::vector<int32_t> &strides, int beginMask = 0,
                  int endMask = 0, int ellipsis = 0, int newAxis = 0,
                  int shrink = 0, bool offset = false) {
    TfliteWriter w;
    int x = w.input("x", shape), y = w.output("y", result);
    w.op(Builtin::STRIDED_SLICE,
         {x, w.ints("b", begin), w.ints("e", end), w.ints("s", strides)}, {y},
         schema::CreateStridedSliceOptions(w.builder, beginMask, endMask,
                                           ellipsis, newAxis, shrink, offset));
    return evaluateTflite(w, {counting(size)}).front();
  };
  EXPECT_THAT(slice({5}, 5, {2}, {-4}, {4}, {2}), ElementsAre(2, 4));
  EXPECT_THAT(slice({5}, 5, {3}, {9}, {0}, {-2}, 0, 1), ElementsAre(5, 3, 1));
  EXPECT_THAT(slice({5}, 5, {2}, {1}, {2}, {1}, 0, 0, 0, 0, 0, true),
              ElementsAre(2, 3));
  // x[..., newaxis, 1]
  EXPECT_THAT(slice({2, 2, 2}, 8, {2, 2, 1}, {0, 0, 1}, {0, 0, 0}, {1, 1, 1}, 0,
                    0, 1, 2, 4),
              ElementsAre(2, 4, 6, 8));
}

TEST(TfliteOperator, SplitsAndJoins) {
  TfliteWriter w;
  int x = w.input("x", {4}), axis = w.scalar("axis", 0);
  int a = w.tensor("a", {2}), b = w.tensor("b", {2});
  int c = w.tensor("c", {1}), d = w.tensor("d", {3});
  w.op(Builtin::SPLIT, {axis, x}, {a, b},
       schema::CreateSplitOptions(w.builder, 2));
  w.op(Builtin::SPLIT_V, {x, w.ints("sizes", {1, -1}), axis}, {c, d},
       schema::CreateSplitVOptions(w.builder, 2));
  w.op(Builtin::CONCATENATION, {b, d}, {w.output("y", {5})},
       schema::CreateConcatenationOptions(w.builder, 0));
  w.op(Builtin::PACK, {a, b}, {w.output("z", {2, 2})},
       schema::CreatePackOptions(w.builder, 2, -1));
  EXPECT_EQ(evaluateTflite(w, {{1, 2, 3, 4}}),
            (std::vector<Doubles>{{3, 4, 2, 3, 4}, {1, 3, 2, 4}}));
}

TEST(TfliteOperator, SpaceBatchAndDepthAreExchanged) {
  auto blocks = [](auto &b) { return schema::CreateSpaceToDepthOptions(b, 2); };
  EXPECT_THAT(run(Builtin::SPACE_TO_DEPTH, {1, 2, 2, 2}, counting(8),
                  {1, 1, 1, 8}, blocks),
              ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
  auto back = [](auto &b) { return schema::CreateDepthToSpaceOptions(b, 2); };
  EXPECT_THAT(run(Builtin::DEPTH_TO_SPACE, {1, 1, 2, 4}, counting(8),
                  {1, 2, 4, 1}, back),
              ElementsAre(1, 2, 5, 6, 3, 4, 7, 8));
  TfliteWriter w;
  int x = w.input("x", {1, 3, 2, 1}), y = w.tensor("y", {4, 2, 1, 1});
  int block = w.ints("block", {2, 2});
  int pads =
      w.constant<int32_t>("pads", {2, 2}, ElementType::INT32, {1, 0, 0, 0});
  w.op(Builtin::SPACE_TO_BATCH_ND, {x, block, pads}, {y});
  w.op(Builtin::RESHAPE, {y, w.ints("flat", {8})}, {w.output("flat", {8})});
  w.op(Builtin::BATCH_TO_SPACE_ND, {y, block, pads},
       {w.output("z", {1, 3, 2, 1})});
  EXPECT_EQ(
      evaluateTflite(w, {counting(6)}),
      (std::vector<Doubles>{{0, 3, 0, 4, 1, 5, 2, 6}, {1, 2, 3, 4, 5, 6}}));
}

TEST(TfliteOperator, MirrorPadsReflectOrRepeat) {
  auto mirror = [](schema::MirrorPadMode mode) {
    TfliteWriter w;
    int x = w.input("x", {3}), y = w.output("y", {6});
    int pads = w.constant<int32_t>("pads", {1, 2}, ElementType::INT32, {2, 1});
    w.op(Builtin::MIRROR_PAD, {x, pads}, {y},
         schema::CreateMirrorPadOptions(w.builder, mode));
    return evaluateTflite(w, {{1, 2, 3}}).front();
  };
  EXPECT_THAT(mirror(schema::MirrorPadMode::REFLECT),
              ElementsAre(3, 2, 1, 2, 3, 2));
  EXPECT_THAT(mirror(schema::MirrorPadMode::SYMMETRIC),
              ElementsAre(2, 1, 1, 2, 3, 3));
}

TEST(TfliteOperator, TileRepeatsEachDimension) {
  TfliteWriter w;
  int x = w.input("x", {2, 1}), y = w.output("y", {4, 2});
  w.op(Builtin::TILE, {x, w.ints("times", {2, 2})}, {y});
  EXPECT_THAT(evaluateTflite(w, {{1, 2}}).front(),
              ElementsAre(1, 1, 2, 2, 1, 1, 2, 2));
}

//===-- logic
//--------------------------------------------------------------===//

TEST(TfliteOperator, ComparisonsAndSelection) {
  TfliteWriter w;
  int a = w.input("a", {2}), b = w.input("b", {2});
  auto compare = [&](Builtin code) {
    int result = w.output("r", {2}, ElementType::BOOL);
    w.op(code, {a, b}, {result});
    return result;
  };
  int less = compare(Builtin::LESS), greater = compare(Builtin::GREATER_EQUAL);
  int differ = compare(Builtin::NOT_EQUAL);
  int both = w.output("both", {2}, ElementType::BOOL);
  w.op(Builtin::LOGICAL_OR, {less, greater}, {both});
  w.op(Builtin::SELECT_V2, {differ, a, w.floats("c", {}, {9})},
       {w.output("y", {2})});
  w.op(Builtin::REDUCE_ALL, {both, w.ints("axes", {0})},
       {w.output("all", {}, ElementType::BOOL)});
  EXPECT_EQ(
      evaluateTflite(w, {{1, 5}, {2, 5}}),
      (std::vector<Doubles>{{1, 0}, {0, 1}, {1, 0}, {1, 1}, {1, 9}, {1}}));
}

TEST(TfliteOperator, SelectOfTheFirstVersionChoosesRows) {
  TfliteWriter w;
  int c = w.input("c", {2}, ElementType::BOOL), a = w.input("a", {2, 2});
  w.op(Builtin::SELECT, {c, a, w.floats("b", {2, 2}, {5, 6, 7, 8})},
       {w.output("y", {2, 2})});
  EXPECT_THAT(evaluateTflite(w, {{0, 1}, {1, 2, 3, 4}}).front(),
              ElementsAre(5, 6, 3, 4));
}

TEST(TfliteOperator, IntegersDivideDownwards) {
  TfliteWriter w;
  int a = w.input("a", {4}, ElementType::INT32);
  int b = w.input("b", {4}, ElementType::INT32);
  w.op(Builtin::FLOOR_DIV, {a, b}, {w.output("q", {4}, ElementType::INT32)});
  w.op(Builtin::FLOOR_MOD, {a, b}, {w.output("r", {4}, ElementType::INT32)});
  EXPECT_EQ(evaluateTflite(w, {{7, -7, 7, -7}, {2, 2, -2, -2}}),
            (std::vector<Doubles>{{3, -4, -4, 3}, {1, 1, -1, -1}}));
}

TEST(TfliteOperator, DiagonalsAndBuckets) {
  EXPECT_THAT(run(Builtin::MATRIX_DIAG, {2}, {3, 4}, {2, 2}),
              ElementsAre(3, 0, 0, 4));
  for (bool isWide : {true, false}) {
    TfliteWriter w;
    std::vector<int32_t> shape = {isWide ? 2 : 3, isWide ? 3 : 2};
    int x = w.input("x", shape), d = w.input("d", {2});
    w.op(Builtin::MATRIX_SET_DIAG, {x, d}, {w.output("y", shape)});
    EXPECT_EQ(evaluateTflite(w, {counting(6), {10, 20}}).front(),
              isWide ? (Doubles{10, 2, 3, 4, 20, 6})
                     : (Doubles{10, 2, 3, 20, 5, 6}));
  }
  TfliteWriter w;
  std::vector<float> bounds = {0, 10};
  int x = w.input("x", {3}), y = w.output("y", {3}, ElementType::INT32);
  w.op(Builtin::BUCKETIZE, {x}, {y},
       schema::CreateBucketizeOptionsDirect(w.builder, &bounds));
  EXPECT_THAT(evaluateTflite(w, {{-1, 0, 11}}).front(), ElementsAre(0, 1, 2));
}

//===-- resize
//-------------------------------------------------------------===//

/// One row of pixels at another width.
template <typename Create>
static Doubles resize(Builtin code, const Doubles &x, int32_t width,
                      Create create) {
  TfliteWriter w;
  int in = w.input("x", {1, 1, int32_t(x.size()), 1});
  int out = w.output("y", {1, 1, width, 1});
  w.op(code, {in, w.ints("size", {1, width})}, {out}, create(w.builder));
  return evaluateTflite(w, {x}).front();
}

TEST(TfliteOperator, ResizeBilinearByItsFlags) {
  auto bilinear = [](bool corners, bool centers) {
    return resize(Builtin::RESIZE_BILINEAR, {0, 12}, 4, [&](auto &b) {
      return schema::CreateResizeBilinearOptions(b, 0, 0, corners, centers);
    });
  };
  EXPECT_THAT(bilinear(false, false),
              Pointwise(Near(1e-5), Doubles{0, 6, 12, 12}));
  EXPECT_THAT(bilinear(true, false),
              Pointwise(Near(1e-5), Doubles{0, 4, 8, 12}));
  EXPECT_THAT(bilinear(false, true),
              Pointwise(Near(1e-5), Doubles{0, 3, 9, 12}));
}

TEST(TfliteOperator, ResizeNearestByItsFlags) {
  auto nearest = [](bool corners, bool centers) {
    return resize(Builtin::RESIZE_NEAREST_NEIGHBOR, {1, 2, 3}, 5, [&](auto &b) {
      return schema::CreateResizeNearestNeighborOptions(b, corners, centers);
    });
  };
  EXPECT_THAT(nearest(false, false), ElementsAre(1, 1, 2, 2, 3));
  EXPECT_THAT(nearest(true, false), ElementsAre(1, 2, 2, 3, 3));
  EXPECT_THAT(nearest(false, true), ElementsAre(1, 1, 2, 3, 3));
}
