//===- OnnxQuantizedTest.cpp - operators on stored integers ---------------===//
//
// Each operator of the specification and of com.microsoft against its formula,
// in plain loops: constant weights and values of the run, one scale and many.
//
//===----------------------------------------------------------------------===//
#include "test/import/ModelMeaning.h"
#include "test/import/QuantizedConstants.h"

using namespace edgec::test;
using testing::ElementsAre;
using testing::ElementsAreArray;

static const char *microsoft = "com.microsoft";
constexpr int64_t int16 = 5;

/// Whole numbers in [low, low + 256) that show no pattern.
static Reals someBytes(size_t count, double low, unsigned seed = 1) {
  Reals numbers;
  unsigned state = seed;
  for (size_t i = 0; i < count; ++i) {
    state = state * 1103515245u + 12345u;
    numbers.push_back(low + double(state >> 16 & 255));
  }
  return numbers;
}

template <typename T> static std::vector<T> narrow(const Reals &numbers) {
  return std::vector<T>(numbers.begin(), numbers.end());
}

/// The number that is stored for x, computed in float32 as the formula says.
static double stored(float x, float scale, double zero, double low,
                     double high) {
  float quotient = x / scale;
  return std::clamp(std::nearbyint(double(quotient)) + zero, low, high);
}

//===-- conversions ------------------------------------------------------===//

TEST(OnnxQuantized, QuantizePerTensorAndAxis) {
  Reals x = someNumbers(12);
  for (double &value : x)
    value = float(value * 40);
  auto model = [](const Message &scale, const Message &zero, int axis,
                  int64_t type) {
    return ModelWriter(21)
        .input("x", {2, 3, 2})
        .initializer(scale)
        .initializer(zero)
        .typedOutput("y", type)
        .node("QuantizeLinear", {"x", "s", "z"}, {"y"},
              {attribute("axis", axis)});
  };
  Reals whole, each;
  Floats scales = {0.3F, 0.7F, 0.05F};
  Bytes zeros = {1, -2, 3};
  for (size_t i = 0; i < 12; ++i) {
    size_t channel = i / 2 % 3;
    whole.push_back(stored(float(x[i]), 0.3F, 7, 0, 255));
    each.push_back(
        stored(float(x[i]), scales[channel], zeros[channel], -128, 127));
  }
  EXPECT_THAT(meaningOf(model(tensor("s", {}, Floats{0.3F}),
                              constant("z", {}, Naturals{7}), 1, Uint8),
                        {x})[0],
              ElementsAreArray(whole));
  for (int axis : {1, -2}) {
    EXPECT_THAT(meaningOf(model(tensor("s", {3}, scales),
                                constant("z", {3}, zeros), axis, int8),
                          {x})[0],
                ElementsAreArray(each));
  }
}

TEST(OnnxQuantized, QuantizeBlocksWithoutZeroPoint) {
  Reals x = someNumbers(10), expected;
  // Blocks of 2 along the second dimension; the last has one element.
  Floats scales = {0.01F, 0.02F, 0.005F, 0.03F, 0.04F, 0.1F};
  for (size_t i = 0; i < 10; ++i) {
    x[i] = float(x[i]);
    expected.push_back(
        stored(float(x[i]), scales[i / 5 * 3 + i % 5 / 2], 0, -32768, 32767));
  }
  auto model = ModelWriter(21)
                   .input("x", {2, 5})
                   .initializer("s", {2, 3}, scales)
                   .typedOutput("y", int16)
                   .node("QuantizeLinear", {"x", "s"}, {"y"},
                         {attribute("block_size", 2),
                          attribute("output_dtype", int(int16))});
  EXPECT_THAT(meaningOf(model, {x})[0], ElementsAreArray(expected));
}

TEST(OnnxQuantized, DequantizeEachType) {
  auto model = [](int64_t type, const Message &zero) {
    return ModelWriter(21)
        .input("x", {2, 3}, type)
        .initializer("s", {2}, Floats{0.5F, 0.1F})
        .initializer(zero)
        .output("y")
        .node("DequantizeLinear", {"x", "s", "z"}, {"y"},
              {attribute("axis", 0)});
  };
  Reals x = {0, 100, 127, 3, 5, 9};
  Reals moved = {-0.5F * 3, 0.5F * 97, 0.5F * 124,
                 0.1F * 5,  0.1F * 7,  0.1F * 11};
  EXPECT_THAT(meaningOf(model(int8, constant("z", {2}, Bytes{3, -2})), {x})[0],
              close(moved, 1e-6));
  Reals words = {0, 0.5 * 100000, 0.5 * -7, 0.1F * 3, 0.1F * 5, 0.1F * 9};
  EXPECT_THAT(meaningOf(model(Int32, constant("z", {2}, Words{0, 0})),
                        {{0, 100000, -7, 3, 5, 9}})[0],
              close(words, 1e-6));
}

/// Two to a byte, the first in the low half; three elements take two bytes.
TEST(OnnxQuantized, DequantizeFourBits) {
  constexpr int64_t uint4 = 21, int4 = 22;
  auto model = [](int64_t type, const std::string &zero) {
    return ModelWriter(21)
        .initializer(tensor("x", {3}, type, "\x71\x0f"))
        .initializer("s", {}, Floats{0.5F})
        .initializer(tensor("z", {}, type, zero))
        .output("y")
        .node("DequantizeLinear", {"x", "s", "z"}, {"y"});
  };
  EXPECT_THAT(meaningOf(model(int4, std::string("\x0e")), {})[0],
              close({1.5, 4.5, 0.5}));
  EXPECT_THAT(meaningOf(model(uint4, std::string("\x02")), {})[0],
              close({-0.5, 2.5, 6.5}));
}

TEST(OnnxQuantized, DynamicQuantizeFindsTheRange) {
  auto model = ModelWriter(11)
                   .input("x", {4})
                   .typedOutput("y", Uint8)
                   .output("s")
                   .typedOutput("z", Uint8)
                   .node("DynamicQuantizeLinear", {"x"}, {"y", "s", "z"});
  auto results = meaningOf(model, {{-1, 0, 0.26F, 4.1F}});
  float scale = (4.1F + 1.0F) / 255.0F;
  double zero = std::nearbyint(1.0F / scale);
  EXPECT_THAT(results[1], close({scale}, 1e-9));
  EXPECT_THAT(results[2], ElementsAreArray(Reals{zero}));
  EXPECT_THAT(results[0],
              ElementsAreArray(
                  Reals{0, zero, stored(0.26F, scale, zero, 0, 255), 255}));
  // No range at all: any scale will do.
  results = meaningOf(model, {{0, 0, 0, 0}});
  EXPECT_THAT(results[0], ElementsAreArray(Reals(4, 0)));
  EXPECT_THAT(results[1], ElementsAreArray(Reals{1}));
}

//===-- convolutions -----------------------------------------------------===//

namespace {
/// A convolution of two images of two channels each, in one dimension.
struct Row {
  size_t outputs = 4, groups = 1, length = 6, taps = 3, pad = 1;
  Reals x, w, zeros;
  double zero = 0;

  Reals sums() const {
    size_t perGroup = 2 / groups, out = length + 2 * pad - taps + 1;
    Reals result;
    for (size_t n = 0; n < 2; ++n) {
      for (size_t o = 0; o < outputs; ++o) {
        size_t first = o / (outputs / groups) * perGroup;
        for (size_t at = 0; at < out; ++at) {
          double sum = 0;
          for (size_t c = 0; c < perGroup; ++c) {
            for (size_t k = 0; k < taps; ++k) {
              size_t place = at + k - pad;
              double pixel = place < length
                                 ? x[(n * 2 + first + c) * length + place]
                                 : zero;
              double weight = w[(o * perGroup + c) * taps + k];
              sum += (pixel - zero) * (weight - zeros[o % zeros.size()]);
            }
          }
          result.push_back(sum);
        }
      }
    }
    return result;
  }
};
} // namespace

TEST(OnnxQuantized, ConvIntegerWithManyZeroPoints) {
  for (bool isConstant : {true, false}) {
    for (size_t groups : {1, 2}) {
      Row row;
      row.groups = groups;
      row.x = someBytes(24, 0);
      row.w = someBytes(4 * (2 / groups) * 3, -128, 7);
      row.zero = 17;
      row.zeros = {1, -3, 0, 100};
      ModelWriter model(13);
      model.input("x", {2, 2, 6}, Uint8);
      Shape filter = {4, 2 / int64_t(groups), 3};
      std::vector<Reals> inputs = {row.x};
      if (isConstant) {
        model.initializer(constant("w", filter, narrow<int8_t>(row.w)));
      } else {
        model.input("w", {filter.begin(), filter.end()}, int8);
        inputs.push_back(row.w);
      }
      model.initializer(constant("xz", {}, Naturals{17}))
          .initializer(constant("wz", {4}, Bytes{1, -3, 0, 100}))
          .typedOutput("y", Int32)
          .node("ConvInteger", {"x", "w", "xz", "wz"}, {"y"},
                {attribute("pads", Shape{1, 1}),
                 attribute("group", int(groups))});
      EXPECT_THAT(meaningOf(model, inputs)[0], ElementsAreArray(row.sums()));
    }
  }
}

/// A zero point that the run decides is what lies around the image, too.
TEST(OnnxQuantized, ConvIntegerWithAZeroPointOfTheRun) {
  Row row;
  row.x = someBytes(24, 0);
  row.w = someBytes(24, -128, 7);
  row.zero = 200;
  row.zeros = {0};
  auto model = ModelWriter(13)
                   .input("x", {2, 2, 6}, Uint8)
                   .input("xz", {}, Uint8)
                   .initializer(constant("w", {4, 2, 3}, narrow<int8_t>(row.w)))
                   .typedOutput("y", Int32)
                   .node("ConvInteger", {"x", "w", "xz"}, {"y"},
                         {attribute("pads", Shape{1, 1})});
  EXPECT_THAT(meaningOf(model, {row.x, {200}})[0],
              ElementsAreArray(row.sums()));
}

TEST(OnnxQuantized, QLinearConvPerChannel) {
  Row row;
  row.x = someBytes(24, 0);
  row.w = someBytes(24, -128, 7);
  row.zero = 9;
  row.zeros = {0};
  Floats scales = {0.001F, 0.0005F, 0.01F, 0.002F};
  Words bias = {1000, -2000, 5, 0};
  auto model = ModelWriter(13)
                   .input("x", {2, 2, 6}, Uint8)
                   .initializer("xs", {}, Floats{0.3F})
                   .initializer(constant("xz", {}, Naturals{9}))
                   .initializer(constant("w", {4, 2, 3}, narrow<int8_t>(row.w)))
                   .initializer("ws", {4}, scales)
                   .initializer(constant("wz", {}, Bytes{0}))
                   .initializer("ys", {1}, Floats{0.1F})
                   .initializer(constant("yz", {1}, Naturals{50}))
                   .initializer(constant("b", {4}, bias))
                   .typedOutput("y", Uint8)
                   .node("QLinearConv",
                         {"x", "xs", "xz", "w", "ws", "wz", "ys", "yz", "b"},
                         {"y"}, {attribute("pads", Shape{1, 1})});
  Reals expected, sums = row.sums();
  for (size_t i = 0; i < sums.size(); ++i) {
    size_t channel = i / 6 % 4;
    float factor = 0.3F * scales[channel] / 0.1F;
    float real = float(sums[i] + bias[channel]) * factor;
    expected.push_back(std::clamp(std::nearbyint(real) + 50.0, 0.0, 255.0));
  }
  EXPECT_THAT(meaningOf(model, {row.x})[0], ElementsAreArray(expected));
}

/// Three dimensions, in which the padding is the zero point as well.
TEST(OnnxQuantized, ConvIntegerOverThreeDimensions) {
  auto model = ModelWriter(13)
                   .input("x", {1, 1, 2, 2, 2}, Uint8)
                   .initializer(constant("w", {1, 1, 2, 2, 2}, Bytes(8, 1)))
                   .initializer(constant("xz", {}, Naturals{5}))
                   .typedOutput("y", Int32)
                   .node("ConvInteger", {"x", "w", "xz"}, {"y"},
                         {attribute("pads", Shape{1, 0, 0, 0, 0, 0})});
  EXPECT_THAT(meaningOf(model, {{6, 7, 8, 9, 10, 11, 12, 13}})[0],
              ElementsAreArray(Reals{30 - 20, 76 - 40}));
}

//===-- matrix products --------------------------------------------------===//

/// [2, 3] by [3, 4]: the sums, with a zero point per row and per column.
static Reals products(const Reals &a, const Reals &b, const Reals &rows,
                      const Reals &columns) {
  Reals result;
  for (size_t m = 0; m < 2; ++m) {
    for (size_t n = 0; n < 4; ++n) {
      double sum = 0;
      for (size_t k = 0; k < 3; ++k)
        sum += (a[m * 3 + k] - rows[m % rows.size()]) *
               (b[k * 4 + n] - columns[n % columns.size()]);
      result.push_back(sum);
    }
  }
  return result;
}

TEST(OnnxQuantized, MatMulIntegerOfWeightsAndOfValues) {
  Reals a = someBytes(6, 0), b = someBytes(12, -128, 5);
  for (bool isConstant : {true, false}) {
    for (bool many : {true, false}) {
      ModelWriter model(13);
      model.input("a", {2, 3}, Uint8);
      std::vector<Reals> inputs = {a};
      if (isConstant) {
        model.initializer(constant("b", {3, 4}, narrow<int8_t>(b)));
      } else {
        model.input("b", {3, 4}, int8);
        inputs.push_back(b);
      }
      Reals rows = {many ? 200.0 : 7, 7}, columns = {many ? -3.0 : 0, 0, 0, 0};
      if (many) {
        model.initializer(constant("az", {2}, narrow<uint8_t>(rows)))
            .initializer(constant("bz", {4}, narrow<int8_t>(columns)));
      } else {
        model.initializer(constant("az", {}, Naturals{7}))
            .initializer(constant("bz", {}, Bytes{0}));
      }
      model.typedOutput("y", Int32)
          .node("MatMulInteger", {"a", "b", "az", "bz"}, {"y"});
      EXPECT_THAT(meaningOf(model, inputs)[0],
                  ElementsAreArray(products(a, b, rows, columns)));
    }
  }
}

/// Long sums are no longer exact in float32.
TEST(OnnxQuantized, MatMulIntegerAddsUpLongRows) {
  auto model = ModelWriter(13)
                   .input("a", {1, 1000}, Uint8)
                   .input("b", {1000, 1}, Uint8)
                   .typedOutput("y", Int32)
                   .node("MatMulInteger", {"a", "b"}, {"y"});
  Reals b(1000, 255);
  b[7] = 254;
  EXPECT_THAT(meaningOf(model, {Reals(1000, 255), b})[0],
              ElementsAreArray(Reals{65025000 - 255}));
}

TEST(OnnxQuantized, MatMulIntegerTakesVectors) {
  auto model = ModelWriter(13)
                   .input("a", {3}, Uint8)
                   .initializer(constant("b", {3}, Bytes{1, -2, 3}))
                   .typedOutput("y", Int32)
                   .node("MatMulInteger", {"a", "b"}, {"y"});
  EXPECT_THAT(meaningOf(model, {{10, 20, 30}})[0], ElementsAreArray(Reals{60}));
}

static double rescaled(double sum, float factor, double zero) {
  return std::clamp(std::nearbyint(float(sum) * factor) + zero, 0.0, 255.0);
}

TEST(OnnxQuantized, QLinearMatMulWithScalesOfTheRun) {
  Reals a = someBytes(6, 0), b = someBytes(12, 0, 5), expected;
  auto model = ModelWriter(13)
                   .input("a", {1, 2, 3}, Uint8)
                   .input("b", {3, 4}, Uint8)
                   .input("as", {})
                   .input("bs", {})
                   .input("ys", {})
                   .input("z", {}, Uint8)
                   .typedOutput("y", Uint8)
                   .node("QLinearMatMul",
                         {"a", "as", "z", "b", "bs", "z", "ys", "z"}, {"y"});
  for (double sum : products(a, b, {13}, {13}))
    expected.push_back(rescaled(sum, 0.25F * 0.5F / 60.0F, 13));
  EXPECT_THAT(meaningOf(model, {a, b, {0.25}, {0.5}, {60}, {13}})[0],
              ElementsAreArray(expected));
}

TEST(OnnxQuantized, QGemmIsFloatWithoutScale) {
  Reals a = someBytes(6, 0), b = someBytes(12, -128, 5);
  Floats scales = {0.01F, 0.02F, 0.03F, 0.04F};
  Words bias = {1, -2, 300, -4};
  auto model = [&](bool isQuantized) {
    ModelWriter m(13);
    m.input("a", {3, 2}, Uint8)
        .initializer("as", {}, Floats{0.5F})
        .initializer(constant("az", {}, Naturals{3}))
        .initializer(constant("b", {3, 4}, narrow<int8_t>(b)))
        .initializer("bs", {4}, scales)
        .initializer(constant("bz", {4}, Bytes(4)))
        .initializer(constant("c", {4}, bias))
        .initializer("ys", {}, Floats{2.5F})
        .initializer(constant("yz", {}, Naturals{100}))
        .typedOutput("y", isQuantized ? Uint8 : Float32);
    std::vector<std::string> inputs = {"a", "as", "az", "b", "bs", "bz", "c"};
    if (isQuantized)
      inputs.insert(inputs.end(), {"ys", "yz"});
    return m.node("QGemm", inputs, {"y"},
                  {attribute("transA", 1), attribute("alpha", 2.0F)},
                  microsoft);
  };
  Reals transposed(6), reals, integers;
  for (size_t m = 0; m < 2; ++m)
    for (size_t k = 0; k < 3; ++k)
      transposed[k * 2 + m] = a[m * 3 + k];
  Reals sums = products(a, b, {3}, {0});
  for (size_t i = 0; i < sums.size(); ++i) {
    float factor = 0.5F * scales[i % 4] * 2.0F;
    reals.push_back(double(factor) * (sums[i] + bias[i % 4]));
    integers.push_back(rescaled(sums[i] + bias[i % 4], factor / 2.5F, 100));
  }
  EXPECT_THAT(meaningOf(model(false), {transposed})[0], close(reals, 1e-3));
  EXPECT_THAT(meaningOf(model(true), {transposed})[0],
              ElementsAreArray(integers));
}

//===-- com.microsoft ----------------------------------------------------===//

namespace {
/// One QLinear operator of uint8 inputs of the shape {1, 2, 2, 2}, each of the
/// scale 0.25 and the zero point 10 or 20.
struct Linear {
  std::string opType;
  unsigned count = 1;
  std::vector<Message> attributes = {};

  ModelWriter model() const {
    ModelWriter m(13);
    std::vector<std::string> inputs;
    for (unsigned i = 0; i < count; ++i) {
      std::string n = std::to_string(i);
      m.input("x" + n, {1, 2, 2, 2}, Uint8)
          .initializer("s" + n, {}, Floats{0.25F})
          .initializer(constant("z" + n, {}, Naturals{uint8_t(10 * (i + 1))}));
      inputs.insert(inputs.end(), {"x" + n, "s" + n, "z" + n});
    }
    m.initializer("ys", {}, Floats{0.125F})
        .initializer(constant("yz", {}, Naturals{40}));
    bool isFirst = opType == "QLinearConcat";
    inputs.insert(isFirst ? inputs.begin() : inputs.end(), {"ys", "yz"});
    return m.typedOutput("y", Uint8)
        .node(opType, inputs, {"y"}, attributes, microsoft);
  }
};
} // namespace

static double result(double real) {
  return stored(float(real), 0.125F, 40, 0, 255);
}

TEST(OnnxQuantized, QLinearElementwise) {
  Reals a = someBytes(8, 0), b = someBytes(8, 0, 9);
  Reals sums, factors, sigmoids, leaky;
  for (size_t i = 0; i < 8; ++i) {
    double x = 0.25 * (a[i] - 10), y = 0.25 * (b[i] - 20);
    sums.push_back(result(x + y));
    factors.push_back(result(x * y));
    sigmoids.push_back(result(1 / (1 + std::exp(-x))));
    leaky.push_back(result(x < 0 ? 0.5 * x : x));
  }
  EXPECT_THAT(meaningOf(Linear{"QLinearAdd", 2}.model(), {a, b})[0],
              ElementsAreArray(sums));
  EXPECT_THAT(meaningOf(Linear{"QLinearMul", 2}.model(), {a, b})[0],
              ElementsAreArray(factors));
  EXPECT_THAT(meaningOf(Linear{"QLinearSigmoid"}.model(), {a})[0],
              ElementsAreArray(sigmoids));
  EXPECT_THAT(
      meaningOf(
          Linear{"QLinearLeakyRelu", 1, {attribute("alpha", 0.5F)}}.model(),
          {a})[0],
      ElementsAreArray(leaky));
}

TEST(OnnxQuantized, QLinearConcatAndPools) {
  Reals a = someBytes(8, 0), b = someBytes(8, 0, 9), joined, means, windows;
  for (double x : a)
    joined.push_back(result(0.25 * (x - 10)));
  for (double x : b)
    joined.push_back(result(0.25 * (x - 20)));
  for (size_t c = 0; c < 2; ++c) {
    double sum = 0;
    for (size_t i = 0; i < 4; ++i)
      sum += 0.25 * (a[c * 4 + i] - 10);
    means.push_back(result(sum / 4));
    for (size_t y = 0; y < 2; ++y)
      windows.push_back(
          result(0.25 * (a[c * 4 + 2 * y] + a[c * 4 + 2 * y + 1] - 20) / 2));
  }
  EXPECT_THAT(
      meaningOf(Linear{"QLinearConcat", 2, {attribute("axis", 1)}}.model(),
                {a, b})[0],
      ElementsAreArray(joined));
  EXPECT_THAT(meaningOf(Linear{"QLinearGlobalAveragePool"}.model(), {a})[0],
              ElementsAreArray(means));
  EXPECT_THAT(meaningOf(Linear{"QLinearAveragePool",
                               1,
                               {attribute("kernel_shape", Shape{1, 2})}}
                            .model(),
                        {a})[0],
              ElementsAreArray(windows));
}

// Before opset 13 all dimensions from the axis on are one. The expected numbers
// are those of ONNX Runtime 1.30: with a scale of 0.0038, rows add up to 263.
TEST(OnnxQuantized, QLinearSoftmaxOfEachOpset) {
  auto softmax = [](int axis, int opset, int64_t type, const Message &zero) {
    return ModelWriter(13)
        .input("x", {2, 3, 5}, type)
        .initializer("xs", {}, Floats{0.01F})
        .initializer("ys", {}, Floats{0.0038F})
        .initializer(zero)
        .typedOutput("y", type)
        .node("QLinearSoftmax", {"x", "xs", "z", "ys", "z"}, {"y"},
              {attribute("axis", axis), attribute("opset", opset)}, microsoft);
  };
  Message three = constant("z", {}, Naturals{3}),
          least = constant("z", {}, Bytes{-128});
  Reals naturals = someBytes(30, 0), bytes = someBytes(30, -128);
  EXPECT_THAT(meaningOf(softmax(-1, 13, Uint8, three), {naturals})[0],
              ElementsAre(101, 51, 52, 42, 32, 70, 55, 70, 16, 67, 61, 84, 33,
                          15, 86, 48, 15, 82, 22, 111, 57, 75, 30, 50, 67, 43,
                          58, 38, 81, 59));
  EXPECT_THAT(meaningOf(softmax(1, 13, Uint8, three), {naturals})[0],
              ElementsAre(76, 44, 52, 120, 27, 127, 115, 170, 96, 135, 70, 112,
                          50, 56, 110, 116, 36, 175, 50, 155, 72, 106, 33, 62,
                          49, 84, 130, 65, 161, 67));
  EXPECT_THAT(meaningOf(softmax(1, 12, int8, least), {bytes})[0],
              ElementsAre(-109, -119, -118, -120, -122, -95, -102, -95, -122,
                          -97, -110, -103, -119, -124, -102, -109, -123, -94,
                          -120, -82, -116, -112, -122, -118, -114, -114, -109,
                          -116, -101, -108));
}

/// The same of scales that the run knows.
TEST(OnnxQuantized, QLinearSoftmaxOfScalesOfTheRun) {
  auto model =
      ModelWriter(13)
          .input("x", {2, 3, 5}, Uint8)
          .input("xs", {})
          .input("ys", {})
          .typedOutput("y", Uint8)
          .initializer(constant("z", {}, Naturals{3}))
          .node("QLinearSoftmax", {"x", "xs", "z", "ys", "z"}, {"y"},
                {attribute("axis", -1), attribute("opset", 13)}, microsoft);
  EXPECT_THAT(meaningOf(model, {someBytes(30, 0), {0.01F}, {0.0038F}})[0],
              ElementsAre(101, 51, 52, 42, 32, 70, 55, 70, 16, 67, 61, 84, 33,
                          15, 86, 48, 15, 82, 22, 111, 57, 75, 30, 50, 67, 43,
                          58, 38, 81, 59));
}
