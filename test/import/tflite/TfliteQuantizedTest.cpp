//===- TfliteQuantizedTest.cpp - operators on quantized tensors -----------===//
//
// Expected numbers come from the formulas of the reference kernels, written
// down here once more as they stand in gemmlowp's and TFLite's documentation:
// doubling high multiplication with a nudge, and division by a power of two
// with a remainder.
//
//===----------------------------------------------------------------------===//
#include "test/import/tflite/QuantizedModels.h"
#include "test/import/tflite/TfliteText.h"
#include "gmock/gmock.h"
#include <cmath>

using namespace edgec;
using namespace edgec::test;
using testing::ElementsAre;
using testing::HasSubstr;

using Doubles = std::vector<double>;

//===-- the reference, in the small
//----------------------------------------===//

static int32_t highMul(int32_t a, int32_t b) {
  int64_t product = int64_t(a) * b;
  int64_t nudge = product >= 0 ? (1 << 30) : (1 - (1 << 30));
  return int32_t((product + nudge) / (int64_t(1) << 31));
}

static int32_t dividePot(int32_t x, int exponent) {
  int32_t mask = int32_t((int64_t(1) << exponent) - 1), rest = x & mask;
  return (x >> exponent) + (rest > (mask >> 1) + (x < 0 ? 1 : 0));
}

static int32_t times(int32_t x, double factor) {
  int shift;
  double q = std::frexp(factor, &shift);
  auto multiplier = int32_t(std::round(q * 2147483648.0));
  return dividePot(highMul(x * (1 << std::max(shift, 0)), multiplier),
                   std::max(-shift, 0));
}

static int32_t timesOnce(int32_t x, double factor) {
  int shift;
  double q = std::frexp(factor, &shift);
  auto multiplier = int64_t(std::round(q * 2147483648.0));
  int total = 31 - shift;
  return int32_t((x * multiplier + (int64_t(1) << (total - 1))) >> total);
}

static double clampByte(int64_t x) {
  return double(std::clamp<int64_t>(x, -128, 127));
}

/// -128, -125, ...
static Doubles steps(int count, int step = 3) {
  Doubles numbers;
  for (int i = 0; i < count; ++i)
    numbers.push_back((i * step) % 256 - 128);
  return numbers;
}

//===-- contractions
//-------------------------------------------------------===//

/// A 1x2 convolution over one row of two pixels and two channels, SAME, to two
/// channels.
static void writeConv(TfliteWriter &w) {
  int x = w.input("x", {1, 1, 2, 2}, ElementType::INT8, scaled({0.5F}, 7));
  int f = w.constant<int8_t>("f", {2, 1, 2, 2}, ElementType::INT8,
                             {1, -2, 3, 127, -127, 5, 6, -7},
                             scaled({0.02F, 0.3F}, 0));
  int b = w.constant<int32_t>("b", {2}, ElementType::INT32, {1000, -77},
                              scaled({0.01F, 0.15F}, 0));
  int y = w.output("y", {1, 1, 2, 2}, ElementType::INT8, scaled({0.9F}, -3));
  w.op(Builtin::CONV_2D, {x, f, b}, {y},
       schema::CreateConv2DOptions(w.builder, schema::Padding::SAME, 1, 1,
                                   schema::Activation::RELU),
       3);
}

TEST(TfliteQuantized, ConvolutionPadsWithTheZeroPoint) {
  TfliteWriter w;
  writeConv(w);
  Doubles x = {-128, 127, 30, -4};
  int weights[2][4] = {{1, -2, 3, 127}, {-127, 5, 6, -7}}, bias[] = {1000, -77};
  double scales[] = {double(0.02F), double(0.3F)};
  Doubles expected;
  for (int pixel = 0; pixel < 2; ++pixel) {
    for (int o = 0; o < 2; ++o) {
      int32_t sum = bias[o];
      for (int i = 0; i < 4; ++i)
        if (pixel * 2 + i < 4)
          sum += (int(x[pixel * 2 + i]) - 7) * weights[o][i];
      int32_t y = times(sum, 0.5 * scales[o] / double(0.9F)) - 3;
      expected.push_back(std::clamp(y, -3, 127));
    }
  }
  EXPECT_EQ(evaluateTflite(w, {x})[0], expected);
}

/// As converters write it: the bias has the filter's dimension, which it lacks.
TEST(TfliteQuantized, BiasesMayNameTheFiltersDimension) {
  TfliteWriter w;
  int x = w.input("x", {1, 1, 1, 2}, ElementType::INT8, scaled({0.5F}, 0));
  int f = w.constant<int8_t>("f", {1, 1, 1, 2}, ElementType::INT8, {2, 3},
                             scaled({0.5F, 1.0F}, 0, 3));
  int b = w.constant<int32_t>("b", {2}, ElementType::INT32, {4, 5},
                              scaled({0.25F, 0.5F}, 0, 3));
  int y = w.output("y", {1, 1, 1, 2}, ElementType::INT8, scaled({0.25F}, 0));
  w.op(Builtin::DEPTHWISE_CONV_2D, {x, f, b}, {y},
       schema::CreateDepthwiseConv2DOptions(w.builder, schema::Padding::VALID,
                                            1, 1, 1));
  EXPECT_THAT(evaluateTflite(w, {{10, -20}})[0],
              ElementsAre(2 * 10 + 4, 2 * (3 * -20 + 5)));
}

TEST(TfliteQuantized, FlavoursAreChosen) {
  for (auto [flavour, text] :
       {std::pair(Requantize::asReference, "edge.rescale double"),
        std::pair(Requantize::doubleRounding, "edge.rescale double"),
        std::pair(Requantize::singleRounding, "edge.rescale single"),
        std::pair(Requantize::halfEven, "edge.round_even")}) {
    TfliteWriter w;
    writeConv(w);
    ImportOptions options;
    options.requantize = flavour;
    Imported result = importTflite(w, options);
    EXPECT_EQ(result.errors, "");
    EXPECT_THAT(result.module, HasSubstr(text));
  }
}

TEST(TfliteQuantized, TheInterfaceSaysWhatIntegersStandFor) {
  TfliteWriter w;
  writeConv(w);
  std::string module = importModule(w);
  EXPECT_THAT(module, HasSubstr("edge.type = tensor<1x1x2x2x!quant.uniform<i8:"
                                "f32, 5.000000e-01:7>>"));
  EXPECT_THAT(module, HasSubstr("edge.type = tensor<1x1x2x2x!quant.uniform<i8:"
                                "f32, 0.89999997615814208:-3>>"));
}

TEST(TfliteQuantized, LegacyBytesHaveFilterZeroPoints) {
  TfliteWriter w;
  int x = w.input("x", {1, 3}, ElementType::UINT8, scaled({0.5F}, 128));
  int f = w.constant<uint8_t>("f", {1, 3}, ElementType::UINT8, {0, 255, 100},
                              scaled({0.25F}, 120));
  int y = w.output("y", {1, 1}, ElementType::UINT8, scaled({3.0F}, 9));
  w.op(Builtin::FULLY_CONNECTED, {x, f}, {y});
  int32_t sum = (5 - 128) * (0 - 120) + (250 - 128) * (255 - 120) +
                (17 - 128) * (100 - 120);
  double factor = double(0.5F * 0.25F) / 3.0;
  EXPECT_THAT(evaluateTflite(w, {{5, 250, 17}})[0],
              ElementsAre(std::clamp(times(sum, factor) + 9, 0, 255)));
}

TEST(TfliteQuantized, NibblesAreWeightsLikeBytes) {
  // Two to a byte, the first in the low half: -8, 7, 3 and 1, -1, -5.
  for (ElementType type : {ElementType::INT4, ElementType::INT8}) {
    TfliteWriter w;
    int x = w.input("x", {1, 3}, ElementType::INT8, scaled({0.5F}, -3));
    TensorExtras perChannel = scaled({0.25F, 0.5F}, 0);
    int f = type == ElementType::INT4
                ? w.constant<uint8_t>("f", {2, 3}, type, {0x78, 0x13, 0xbf},
                                      perChannel)
                : w.constant<int8_t>("f", {2, 3}, type, {-8, 7, 3, 1, -1, -5},
                                     perChannel);
    int y = w.output("y", {1, 2}, ElementType::INT8, scaled({3.0F}, 9));
    w.op(Builtin::FULLY_CONNECTED, {x, f}, {y});
    int32_t first = (5 + 3) * -8 + (-100 + 3) * 7 + (17 + 3) * 3,
            second = (5 + 3) - (-100 + 3) - (17 + 3) * 5;
    EXPECT_THAT(
        evaluateTflite(w, {{5, -100, 17}})[0],
        ElementsAre(times(first, double(0.5F) * double(0.25F) / 3.0) + 9,
                    times(second, double(0.5F) * double(0.5F) / 3.0) + 9));
  }
}

TEST(TfliteQuantized, NibblesOfTheRunAreRefused) {
  TfliteWriter w;
  int x = w.input("x", {1, 2}, ElementType::INT4, scaled({1.0F}, 0));
  int f = w.constant<int8_t>("f", {1, 2}, ElementType::INT8, {1, 2},
                             scaled({1.0F}, 0));
  int y = w.output("y", {1, 1}, ElementType::INT8, scaled({1.0F}, 0));
  w.op(Builtin::FULLY_CONNECTED, {x, f}, {y});
  EXPECT_THAT(importTflite(w).errors,
              HasSubstr("input 0 of type int4 should be of 8, 16 or 32 bits"));
}

TEST(TfliteQuantized, AveragesCountWhatIsInside) {
  TfliteWriter w;
  TensorExtras q = scaled({1.0F}, 4);
  int x = w.input("x", {1, 1, 3, 1}, ElementType::INT8, q);
  int y = w.output("y", {1, 1, 3, 1}, ElementType::INT8, q);
  w.op(Builtin::AVERAGE_POOL_2D, {x}, {y},
       schema::CreatePool2DOptions(w.builder, schema::Padding::SAME, 1, 1, 2, 1,
                                   schema::Activation::NONE),
       2);
  // Halves away from zero; the last window holds one element.
  EXPECT_THAT(evaluateTflite(w, {{-5, 2, 5}})[0], ElementsAre(-2, 4, 5));
}

//===-- elementwise
//--------------------------------------------------------===//

TEST(TfliteQuantized, SumsMeetOnOneScale) {
  Doubles a = steps(90), b = steps(90, 7);
  for (bool single : {false, true}) {
    TfliteWriter w;
    int x = w.input("x", {90}, ElementType::INT8, scaled({0.25F}, 5));
    int z = w.input("z", {90}, ElementType::INT8, scaled({0.7F}, -90));
    int y = w.output("y", {90}, ElementType::INT8, scaled({0.6F}, 11));
    w.op(Builtin::ADD, {x, z}, {y});
    ImportOptions options;
    options.requantize =
        single ? Requantize::singleRounding : Requantize::asReference;
    auto multiply = single ? timesOnce : times;
    Doubles expected;
    double twice = 2 * double(0.7F);
    for (int i = 0; i < 90; ++i) {
      int32_t sum =
          multiply((int(a[i]) - 5) * (1 << 20), 0.25 / twice) +
          multiply((int(b[i]) + 90) * (1 << 20), double(0.7F) / twice);
      expected.push_back(clampByte(
          multiply(sum, twice / (double(1 << 20) * double(0.6F))) + 11));
    }
    EXPECT_EQ(evaluateBytes(w.bytes(), {a, b}, options)[0], expected);
  }
}

TEST(TfliteQuantized, QuantizeRoundsHalvesAwayFromZero) {
  TfliteWriter w;
  int x = w.input("x", {6});
  int y = w.output("y", {6}, ElementType::INT8, scaled({2.0F}, 3));
  w.op(Builtin::QUANTIZE, {x}, {y});
  EXPECT_THAT(evaluateTflite(w, {{1, -1, 2.9, -5, 1e30, -1e30}})[0],
              ElementsAre(4, 2, 4, 0, 127, -128));
}

TEST(TfliteQuantized, DequantizeTakesTheZeroPointAway) {
  TfliteWriter w;
  int x = w.input("x", {3}, ElementType::INT8, scaled({0.5F}, 3));
  w.op(Builtin::DEQUANTIZE, {x}, {w.output("y", {3})});
  EXPECT_THAT(evaluateTflite(w, {{3, -128, 127}})[0],
              ElementsAre(0, -65.5, 62));
}

TEST(TfliteQuantized, ConcatenationBringsPartsToOneScale) {
  TfliteWriter w;
  int x = w.input("x", {2}, ElementType::UINT8, scaled({0.5F}, 3));
  int z = w.input("z", {2}, ElementType::UINT8, scaled({1.0F}, 0));
  int y = w.output("y", {4}, ElementType::UINT8, scaled({1.0F}, 0));
  w.op(Builtin::CONCATENATION, {x, z}, {y},
       schema::CreateConcatenationOptions(w.builder, 0,
                                          schema::Activation::NONE));
  EXPECT_THAT(evaluateTflite(w, {{255, 6}, {7, 8}})[0],
              ElementsAre(126, 2, 7, 8));
}

//===-- normalizations
//-----------------------------------------------------===//

TEST(TfliteQuantized, SoftmaxOfEqualNumbersIsEven) {
  TfliteWriter w;
  int x = w.input("x", {2, 4}, ElementType::INT8, scaled({0.1F}, 17));
  int y = w.output("y", {2, 4}, ElementType::INT8, scaled({0.00390625F}, -128));
  w.op(Builtin::SOFTMAX, {x}, {y}, schema::CreateSoftmaxOptions(w.builder, 1));
  Doubles result = evaluateTflite(w, {{5, 5, 5, 5, 100, -128, -128, -128}})[0];
  EXPECT_EQ(Doubles(result.begin(), result.begin() + 4), Doubles(4, -64));
  // Exact numbers are in reach of one unit: 256 * softmax - 128, at most 127.
  EXPECT_EQ(result[4], 127);
  EXPECT_EQ(result[5], -128);
}

TEST(TfliteQuantized, SoftmaxIsNearTheRealOne) {
  TfliteWriter w;
  int x = w.input("x", {1, 9}, ElementType::INT8, scaled({0.07F}, 0));
  int y = w.output("y", {1, 9}, ElementType::INT8, scaled({0.00390625F}, -128));
  w.op(Builtin::SOFTMAX, {x}, {y}, schema::CreateSoftmaxOptions(w.builder, 1));
  Doubles in = {100, 99, 90, 80, 75, 60, 20, -50, -128};
  Doubles result = evaluateTflite(w, {in})[0];
  double sum = 0;
  for (double q : in)
    sum += std::exp(0.07 * (q - 100));
  for (size_t i = 0; i < in.size(); ++i)
    EXPECT_NEAR(result[i], 256 * std::exp(0.07 * (in[i] - 100)) / sum - 128,
                0.51);
}

/// What a model of one operator on a row makes of these numbers.
static Doubles onRow(Builtin code, ElementType type, const Doubles &row,
                     const TensorExtras &input, const TensorExtras &result) {
  TfliteWriter w;
  std::vector<int> shape = {1, int(row.size())};
  int x = w.input("x", shape, type, input);
  w.op(code, {x}, {w.output("y", shape, type, result)});
  return evaluateTflite(w, {row})[0];
}

/// Distances of the reference kernels from real numbers are part of what they
/// are: straight lines and few fraction bits, in units of the result.
TEST(TfliteQuantized, ShortSoftmaxIsNearTheRealOne) {
  Doubles in = {20000, 19900, 15000, 12000, 0, -700, -20000, -32768, 19999};
  Doubles result = onRow(Builtin::SOFTMAX, ElementType::INT16, in,
                         scaled({0.0002F}, 0), scaled({1.0F / 32768}, 0));
  double sum = 0;
  for (double q : in)
    sum += std::exp(0.0002 * (q - 20000));
  for (size_t i = 0; i < in.size(); ++i)
    EXPECT_NEAR(result[i], 32768 * std::exp(0.0002 * (in[i] - 20000)) / sum, 4);
}

TEST(TfliteQuantized, LogSoftmaxIsNearTheRealOne) {
  Doubles in = {100, 99, 90, 80, 75, 60, 20, -50, -128};
  Doubles result = onRow(Builtin::LOG_SOFTMAX, ElementType::INT8, in,
                         scaled({0.07F}, 5), scaled({1.0F / 16}, 127));
  double sum = 0;
  for (double q : in)
    sum += std::exp(0.07 * (q - 100));
  for (size_t i = 0; i < in.size(); ++i) {
    double real = 0.07 * (in[i] - 100) - std::log(sum);
    EXPECT_NEAR(result[i], std::max(-128.0, 16 * real + 127), 0.51);
  }
}

TEST(TfliteQuantized, RowsHaveTheLengthOne) {
  Doubles in = {127, -128, 0, 30, -3};
  Doubles result = onRow(Builtin::L2_NORMALIZATION, ElementType::INT8, in,
                         scaled({0.5F}, -3), scaled({1.0F / 128}, 0));
  double sum = 0;
  for (double q : in)
    sum += (q + 3) * (q + 3);
  for (size_t i = 0; i < in.size(); ++i)
    EXPECT_NEAR(result[i], std::min(127.0, 128 * (in[i] + 3) / std::sqrt(sum)),
                0.51);
  // Nothing but what stands for zero.
  EXPECT_THAT(onRow(Builtin::L2_NORMALIZATION, ElementType::INT8, {-3, -3},
                    scaled({0.5F}, -3), scaled({1.0F / 128}, 0)),
              ElementsAre(0, 0));
}

/// The message for an operator on a row with these scales.
static std::string refusal(Builtin code, ElementType type, int size,
                           const TensorExtras &input,
                           const TensorExtras &result) {
  TfliteWriter w;
  int x = w.input("x", {1, size}, type, input);
  w.op(code, {x}, {w.output("y", {1, size}, type, result)});
  return importTflite(w).errors;
}

TEST(TfliteQuantized, RowsAreRefusedWithTheReason) {
  const ElementType byte = ElementType::INT8, shorter = ElementType::INT16;
  EXPECT_THAT(refusal(Builtin::SOFTMAX, shorter, 4, scaled({0.1F}, 0),
                      scaled({1.0F / 65536}, 0)),
              HasSubstr("the result the scale 2^-15"));
  EXPECT_THAT(refusal(Builtin::SOFTMAX, shorter, 4, scaled({9.0F}, 0),
                      scaled({1.0F / 32768}, 0)),
              HasSubstr("the input's scale times beta should be below 2.5"));
  EXPECT_THAT(refusal(Builtin::LOG_SOFTMAX, byte, 4, scaled({0.1F}, 0),
                      scaled({1.0F / 8}, 127)),
              HasSubstr("the result's scale 1/16"));
  EXPECT_THAT(refusal(Builtin::LOG_SOFTMAX, byte, 4096, scaled({0.1F}, 0),
                      scaled({1.0F / 16}, 127)),
              HasSubstr("rows should have 1 to 4095 elements"));
  EXPECT_THAT(refusal(Builtin::L2_NORMALIZATION, byte, 4, scaled({0.1F}, 0),
                      scaled({1.0F / 128}, 3)),
              HasSubstr("its zero point in the middle"));
}

TEST(TfliteQuantized, MeansDivideInTheFactor) {
  TfliteWriter w;
  int x = w.input("x", {1, 2, 3, 1}, ElementType::INT8, scaled({0.5F}, 3));
  int y = w.output("y", {1, 1}, ElementType::INT8, scaled({0.25F}, -7));
  w.op(Builtin::MEAN, {x, w.ints("axes", {1, 2})}, {y});
  // 2 / 6 with the multiplier 2^30 << 2 over 6: (2^32 / 6) / 2^31 * 2^0
  int32_t sum = 1 + 2 + 3 + 4 + 5 + 100 - 6 * 3;
  int32_t multiplier = int32_t((int64_t(1) << 32) / 6);
  int32_t expected = highMul(sum, multiplier);
  EXPECT_THAT(evaluateTflite(w, {{1, 2, 3, 4, 5, 100}})[0],
              ElementsAre(expected - 7));
}

//===-- resizing
//----------------------------------------------------------===//

/// The reference's arithmetic on one row of pixels.
TEST(TfliteQuantized, ResizesInTenBits) {
  TfliteWriter w;
  TensorExtras q = scaled({0.5F}, 3);
  int x = w.input("x", {1, 1, 3, 1}, ElementType::INT8, q);
  int y = w.output("y", {1, 1, 7, 1}, ElementType::INT8, q);
  w.op(Builtin::RESIZE_BILINEAR, {x, w.ints("size", {1, 7})}, {y},
       schema::CreateResizeBilinearOptions(w.builder, 0, 0, false, true), 3);
  int pixels[] = {-128, 127, 5}, scale = (1024 * 3 + 3) / 7;
  Doubles expected;
  for (int i = 0; i < 7; ++i) {
    int place = i * scale + scale / 2 - 512;
    int lower = std::max(place / 1024, 0);
    int upper = std::min((place + 1023) / 1024, 2);
    int far = place - 1024 * lower;
    int64_t sum =
        (int64_t(pixels[lower]) * (1024 - far) + int64_t(pixels[upper]) * far) *
        1024;
    int64_t half = sum > 0 ? 1 << 19 : -(1 << 19);
    expected.push_back(double((sum + half) / (1 << 20)));
  }
  EXPECT_EQ(evaluateTflite(w, {{-128, 127, 5}})[0], expected);
}

/// Where a scale is rounded up, the last positions would lie behind the input.
TEST(TfliteQuantized, ResizesStayInside) {
  TfliteWriter w;
  TensorExtras q = scaled({0.5F}, 0);
  int x = w.input("x", {1, 1, 7, 1}, ElementType::INT8, q);
  int y = w.output("y", {1, 1, 300, 1}, ElementType::INT8, q);
  w.op(Builtin::RESIZE_BILINEAR, {x, w.ints("size", {1, 300})}, {y},
       schema::CreateResizeBilinearOptions(w.builder, 0, 0), 3);
  EXPECT_EQ(evaluateTflite(w, {{1, 2, 3, 4, 5, 6, 7}})[0].back(), 7);
}

/// What the model remembers begins with its zero point, and says so.
TEST(TfliteQuantized, StateSaysWhatItsIntegersStandFor) {
  TfliteWriter w;
  for (const QuantizedModel &model : quantizedModels(1))
    if (model.name == "SvdfInt8State")
      model.write(w);
  std::string module = importModule(w);
  EXPECT_THAT(module, HasSubstr("edge.name = \"s\", edge.type = "
                                "tensor<2x24x!quant.uniform<i8:f32, "));
}

//===-- faults
//-------------------------------------------------------------===//

static std::string faultOf(TensorExtras input, TensorExtras filter) {
  TfliteWriter w;
  int x = w.input("x", {1, 2}, ElementType::INT8, input);
  int f =
      w.constant<int8_t>("f", {2, 2}, ElementType::INT8, {1, 2, 3, 4}, filter);
  int y = w.output("y", {1, 2}, ElementType::INT8, scaled({1.0F}, 0));
  w.op(Builtin::FULLY_CONNECTED, {x, f}, {y});
  return importTflite(w).errors;
}

TEST(TfliteQuantized, FaultsAreReported) {
  EXPECT_THAT(faultOf(scaled({1.0F, 2.0F}, 0, 1), scaled({1.0F}, 0)),
              HasSubstr("input 0 has 2 scales, but should have one"));
  EXPECT_THAT(faultOf(scaled({1.0F}, 0), scaled({1.0F, 2.0F}, 0, 1)),
              HasSubstr("2 scales along dimension 1, but should have one for "
                        "each of its output channels, dimension 0"));
}

/// A recurrent layer of the given weights, and what is wrong with it.
static std::string lstmFault(
    const std::function<void(std::vector<int32_t> &, TfliteWriter &)> &damage,
    float cellScale = 0.5F) {
  TfliteWriter w;
  TensorExtras q = scaled({0.5F}, 0), state = q, cell = scaled({cellScale}, 0);
  state.isVariable = cell.isVariable = true;
  auto byte = ElementType::INT8;
  std::vector<int32_t> operands(24, -1);
  operands[0] = w.input("x", {1, 1, 2}, byte, q);
  for (int i = 0; i < 4; ++i) {
    operands[1 + i] = w.constant<int8_t>("w", {1, 2}, byte, {1, 2}, q);
    operands[5 + i] = w.constant<int8_t>("r", {1, 1}, byte, {1}, q);
    operands[12 + i] =
        w.constant<int32_t>("b", {1}, ElementType::INT32, {1}, q);
  }
  operands[18] = w.tensor("h", {1, 1}, byte, state);
  operands[19] = w.tensor("c", {1, 1}, ElementType::INT16, cell);
  damage(operands, w);
  w.op(Builtin::UNIDIRECTIONAL_SEQUENCE_LSTM, operands,
       {w.output("y", {1, 1, 1}, byte, q)},
       schema::CreateUnidirectionalSequenceLSTMOptions(
           w.builder, schema::Activation::TANH));
  return importTflite(w).errors;
}

TEST(TfliteQuantized, LstmFaultsAreReported) {
  using Operands = std::vector<int32_t>;
  auto nothing = [](Operands &, TfliteWriter &) {};
  EXPECT_EQ(lstmFault(nothing), "");
  EXPECT_THAT(lstmFault(nothing, 0.3F), HasSubstr("its scale a power of two"));
  EXPECT_THAT(lstmFault([](Operands &o, TfliteWriter &) { o[1] = o[5] = -1; }),
              HasSubstr("coupled input and forget gates of quantized LSTMs are "
                        "not supported"));
  EXPECT_THAT(lstmFault([](Operands &o, TfliteWriter &) { o[9] = o[12]; }),
              HasSubstr("peepholes of quantized LSTMs"));
  EXPECT_THAT(lstmFault([](Operands &o, TfliteWriter &) { o[13] = -1; }),
              HasSubstr("input 13 is missing"));
  EXPECT_THAT(lstmFault([](Operands &o, TfliteWriter &w) {
                o[2] = w.constant<int8_t>("w", {1, 2}, ElementType::INT8,
                                          {1, 2}, scaled({1.0F}, 4));
              }),
              HasSubstr("input 2 should be of int8 with the zero point 0"));
}
