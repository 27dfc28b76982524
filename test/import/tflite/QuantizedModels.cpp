//===- QuantizedModels.cpp - small quantized models for tests -------------===//
#include "test/import/tflite/QuantizedModels.h"
#include <cmath>
#include <random>

using namespace edgec::test;
using schema::Activation;

TensorExtras edgec::test::scaled(std::vector<float> scales, int64_t zeroPoint,
                                 int dimension) {
  TensorExtras extras;
  extras.zeroPoints.assign(scales.size(), zeroPoint);
  extras.scales = std::move(scales);
  extras.quantizedDimension = dimension;
  return extras;
}

namespace {
/// What a model's numbers are drawn from.
class Draw {
public:
  explicit Draw(uint32_t seed) : engine(seed) {}

  int64_t integer(int64_t low, int64_t high) {
    return low + int64_t(engine() % uint64_t(high - low + 1));
  }
  float real(float low, float high) {
    return low + (high - low) * float(engine() % 4096) / 4096;
  }
  TensorExtras scale(ElementType type) {
    int64_t zero = type == ElementType::INT8    ? integer(-128, 127)
                   : type == ElementType::UINT8 ? integer(0, 255)
                                                : 0;
    return scaled({real(0.01F, 0.2F)}, zero);
  }
  TensorExtras symmetric(float low, float high) {
    return scaled({real(low, high)}, 0);
  }
  template <typename T> std::vector<T> numbers(size_t count) {
    std::vector<T> result;
    for (size_t i = 0; i < count; ++i)
      result.push_back(T(integer(std::numeric_limits<T>::min() + 1,
                                 std::numeric_limits<T>::max())));
    return result;
  }
  template <typename T>
  std::vector<T> numbers(size_t count, int64_t low, int64_t high) {
    std::vector<T> result;
    for (size_t i = 0; i < count; ++i)
      result.push_back(T(integer(low, high)));
    return result;
  }

private:
  std::mt19937_64 engine;
};

using Shape = TfliteWriter::Shape;
} // namespace

static TensorExtras variable(TensorExtras extras) {
  extras.isVariable = true;
  return extras;
}

//===-- resizing ----------------------------------------------------------===//

static void writeResize(TfliteWriter &w, Draw draw, ElementType type,
                        const Shape &from, int height, int width, bool align,
                        bool half) {
  TensorExtras q = draw.scale(type);
  int x = w.input("x", from, type, q);
  int y = w.output("y", {from[0], height, width, from[3]}, type, q);
  w.op(Builtin::RESIZE_BILINEAR, {x, w.ints("size", {height, width})}, {y},
       schema::CreateResizeBilinearOptions(w.builder, 0, 0, align, half), 3);
}

static void addResizes(std::vector<QuantizedModel> &models, Draw draw) {
  struct Form {
    const char *name;
    Shape from;
    int height, width;
    bool align, half;
  };
  static const Form forms[] = {
      {"Up", {2, 3, 4, 5}, 7, 9, false, false},
      {"UpAligned", {1, 5, 3, 17}, 9, 7, true, false},
      {"UpCentered", {1, 4, 6, 3}, 11, 12, false, true},
      {"Down", {1, 13, 11, 4}, 5, 4, false, true},
      {"FromOne", {1, 1, 1, 6}, 3, 4, false, true},
      {"Twice", {1, 5, 5, 8}, 9, 10, true, false},
  };
  struct Named {
    const char *name;
    ElementType type;
  };
  for (auto [name, type] :
       {Named{"Int8", ElementType::INT8}, Named{"UInt8", ElementType::UINT8},
        Named{"Int16", ElementType::INT16}}) {
    ElementType element = type;
    for (const Form &form : forms)
      models.push_back(
          {std::string("Resize") + form.name + name, [=](TfliteWriter &w) {
             writeResize(w, draw, element, form.from, form.height, form.width,
                         form.align, form.half);
           }});
  }
}

//===-- recurrent layers --------------------------------------------------===//

/// As converters scale them: weights in [-1, 1], gates not all saturated.
static void writeLstm(TfliteWriter &w, Draw draw, bool isShort, bool timeMajor,
                      float clip) {
  constexpr int batch = 2, steps = 3, depth = 7, units = 5;
  ElementType type = isShort ? ElementType::INT16 : ElementType::INT8;
  auto scale = [&](float largest) {
    return isShort ? scaled({largest / 32768}, 0)
                   : scaled({largest / 128}, draw.integer(-20, 20));
  };
  Shape shape =
      timeMajor ? Shape{steps, batch, depth} : Shape{batch, steps, depth};
  TensorExtras hidden = scale(1.0F);
  std::vector<int32_t> operands(24, -1);
  operands[0] = w.input("x", shape, type, scale(2.0F));
  for (int gate = 0; gate < 4; ++gate) {
    operands[1 + gate] = w.constant<int8_t>(
        "w", {units, depth}, ElementType::INT8,
        draw.numbers<int8_t>(units * depth), draw.symmetric(0.002F, 0.01F));
    operands[5 + gate] = w.constant<int8_t>(
        "r", {units, units}, ElementType::INT8,
        draw.numbers<int8_t>(units * units), draw.symmetric(0.002F, 0.01F));
    TensorExtras biases = scaled({0.0001F}, 0);
    operands[12 + gate] =
        isShort ? w.constant<int64_t>(
                      "b", {units}, ElementType::INT64,
                      draw.numbers<int64_t>(units, -3000000, 3000000), biases)
                : w.constant<int32_t>("b", {units}, ElementType::INT32,
                                      draw.numbers<int32_t>(units, -9000, 9000),
                                      biases);
  }
  operands[18] = w.tensor("h", {batch, units}, type, variable(hidden));
  operands[19] = w.tensor("c", {batch, units}, ElementType::INT16,
                          variable(scaled({1.0F / 2048}, 0)));
  shape[2] = units;
  int y = w.output("y", shape, type, hidden);
  w.op(Builtin::UNIDIRECTIONAL_SEQUENCE_LSTM, operands, {y},
       schema::CreateUnidirectionalSequenceLSTMOptions(
           w.builder, Activation::TANH, clip, 0, timeMajor));
}

static void writeSvdf(TfliteWriter &w, Draw draw, bool isShort) {
  constexpr int batch = 2, depth = 9, filters = 6, memory = 4, rank = 2;
  ElementType kept = isShort ? ElementType::INT16 : ElementType::INT8;
  TensorExtras state =
      isShort ? scaled({0.0005F}, 0) : scaled({0.05F}, draw.integer(-5, 5));
  int x = w.input("x", {batch, depth}, ElementType::INT8,
                  draw.scale(ElementType::INT8));
  int features = w.constant<int8_t>("f", {filters, depth}, ElementType::INT8,
                                    draw.numbers<int8_t>(filters * depth),
                                    draw.symmetric(0.001F, 0.01F));
  float timeScale = isShort ? 0.0001F : 0.02F;
  int time = isShort
                 ? w.constant<int16_t>(
                       "t", {filters, memory}, kept,
                       draw.numbers<int16_t>(filters * memory, -9000, 9000),
                       scaled({timeScale}, 0))
                 : w.constant<int8_t>("t", {filters, memory}, kept,
                                      draw.numbers<int8_t>(filters * memory),
                                      scaled({timeScale}, 0));
  int bias =
      w.constant<int32_t>("b", {filters / rank}, ElementType::INT32,
                          draw.numbers<int32_t>(filters / rank, -50000, 50000),
                          scaled({state.scales[0] * timeScale}, 0));
  int memoryTensor =
      w.tensor("s", {batch, filters * memory}, kept, variable(state));
  int y = w.output("y", {batch, filters / rank}, ElementType::INT8,
                   scaled({0.3F}, draw.integer(-20, 20)));
  w.op(Builtin::SVDF, {x, features, time, bias, memoryTensor}, {y},
       schema::CreateSVDFOptions(w.builder, rank, Activation::RELU), 3);
}

static void addRecurrent(std::vector<QuantizedModel> &models, Draw draw) {
  auto lstm = [&](const char *name, bool isShort, bool timeMajor, float clip) {
    models.push_back({name, [=](TfliteWriter &w) {
                        writeLstm(w, draw, isShort, timeMajor, clip);
                      }});
  };
  lstm("LstmInt8", false, false, 0);
  lstm("LstmInt8TimeMajor", false, true, 1.5F);
  lstm("LstmInt16", true, false, 0);
  models.push_back(
      {"SvdfInt16State", [=](TfliteWriter &w) { writeSvdf(w, draw, true); }});
  models.push_back(
      {"SvdfInt8State", [=](TfliteWriter &w) { writeSvdf(w, draw, false); }});
}

//===-- products of matrices ----------------------------------------------===//

static void writeBatchMatMul(TfliteWriter &w, Draw draw, ElementType type,
                             int depth, bool adjoint) {
  int x = w.input("x", {2, 3, depth}, type, draw.scale(type));
  int z = w.input("z", adjoint ? Shape{2, 4, depth} : Shape{2, depth, 4}, type,
                  draw.scale(type));
  TensorExtras result = draw.scale(type);
  result.scales[0] *= std::sqrt(float(depth)) * 3;
  int y = w.output("y", {2, 3, 4}, type, result);
  w.op(Builtin::BATCH_MATMUL, {x, z}, {y},
       schema::CreateBatchMatMulOptions(w.builder, false, adjoint), 3);
}

static void addMatrices(std::vector<QuantizedModel> &models, Draw draw) {
  auto add = [&](const char *name, ElementType type, int depth, bool adjoint) {
    models.push_back({name, [=](TfliteWriter &w) {
                        writeBatchMatMul(w, draw, type, depth, adjoint);
                      }});
  };
  add("BatchMatMulInt8", ElementType::INT8, 19, false);
  add("BatchMatMulInt8Adjoint", ElementType::INT8, 19, true);
  add("BatchMatMulInt8Deep", ElementType::INT8, 700, false);
  add("BatchMatMulInt16", ElementType::INT16, 21, true);
}

//===-- element by element ------------------------------------------------===//

/// An operator of one operand whose result has the scale `result`.
static QuantizedModel unary(std::string name, Builtin code, ElementType type,
                            TensorExtras input, TensorExtras result) {
  return {std::move(name), [=](TfliteWriter &w) {
            int x = w.input("x", {3, 150}, type, input);
            w.op(code, {x}, {w.output("y", {3, 150}, type, result)});
          }};
}

static void addUnary(std::vector<QuantizedModel> &models, Draw draw) {
  const ElementType byte = ElementType::INT8, shorter = ElementType::INT16;
  auto any = [&] { return draw.scale(byte); };
  models.push_back(unary("HardSwish", Builtin::HARD_SWISH, byte,
                         scaled({0.05F}, draw.integer(-50, 50)),
                         scaled({0.04F}, draw.integer(-120, 0))));
  models.push_back(unary("HardSwishCoarse", Builtin::HARD_SWISH, byte,
                         scaled({2.5F}, 3), scaled({1.9F}, -100)));
  models.push_back(unary("HardSwishFine", Builtin::HARD_SWISH, byte,
                         scaled({0.003F}, 9), scaled({0.002F}, 4)));
  models.push_back(unary("Elu", Builtin::ELU, byte, any(), any()));
  models.push_back(unary("Exp", Builtin::EXP, byte, scaled({0.02F}, 7),
                         scaled({0.05F}, -128)));
  models.push_back(unary("Abs", Builtin::ABS, byte, any(), any()));
  for (auto [name, scale] :
       {std::pair("Power", 1.0F / 4096), std::pair("Small", 0.00011F),
        std::pair("Large", 0.37F)}) {
    models.push_back(unary(std::string("LogisticInt16") + name,
                           Builtin::LOGISTIC, shorter, scaled({scale}, 0),
                           scaled({1.0F / 32768}, 0)));
    models.push_back(unary(std::string("TanhInt16") + name, Builtin::TANH,
                           shorter, scaled({scale}, 0),
                           scaled({1.0F / 32768}, 0)));
  }
}

static void addBinary(std::vector<QuantizedModel> &models, Draw draw) {
  auto add = [&](const char *name, Builtin code, ElementType type,
                 ElementType resultType, TensorExtras lhs, TensorExtras rhs,
                 const TensorExtras &result) {
    models.push_back({name, [=](TfliteWriter &w) {
                        int x = w.input("x", {2, 40, 3}, type, lhs);
                        int z = w.input("z", {2, 40, 3}, type, rhs);
                        w.op(code, {x, z},
                             {w.output("y", {2, 40, 3}, resultType, result)});
                      }});
  };
  const ElementType byte = ElementType::INT8, truth = ElementType::BOOL;
  auto any = [&] { return draw.scale(byte); };
  add("SquaredDifference", Builtin::SQUARED_DIFFERENCE, byte, byte, any(),
      any(), any());
  TensorExtras same = any();
  add("Maximum", Builtin::MAXIMUM, byte, byte, same, same, same);
  add("Greater", Builtin::GREATER, byte, truth, any(), any(), {});
  add("LessEqual", Builtin::LESS_EQUAL, byte, truth, any(), any(), {});
  add("NotEqual", Builtin::NOT_EQUAL, byte, truth, same, any(), {});
  models.push_back(
      {"Prelu", [=](TfliteWriter &w) {
         Draw own = draw;
         int x = w.input("x", {1, 9, 7, 6}, byte, own.scale(byte));
         int slopes = w.constant<int8_t>(
             "a", {1, 1, 6}, byte, own.numbers<int8_t>(6), own.scale(byte));
         w.op(Builtin::PRELU, {x, slopes},
              {w.output("y", {1, 9, 7, 6}, byte, own.scale(byte))});
       }});
  models.push_back({"SpaceToBatch", [=](TfliteWriter &w) {
                      int x = w.input("x", {1, 5, 4, 3}, byte, same);
                      int block = w.ints("block", {2, 2});
                      int pads = w.constant<int32_t>(
                          "pads", {2, 2}, ElementType::INT32, {0, 1, 1, 1});
                      w.op(Builtin::SPACE_TO_BATCH_ND, {x, block, pads},
                           {w.output("y", {4, 3, 3, 3}, byte, same)});
                    }});
}

//===-- along rows
//---------------------------------------------------------===//

static void addNormalizations(std::vector<QuantizedModel> &models) {
  auto add = [&](std::string name, Builtin code, ElementType type, Shape shape,
                 TensorExtras input, TensorExtras result) {
    models.push_back({std::move(name), [=](TfliteWriter &w) {
                        int x = w.input("x", shape, type, input);
                        int y = w.output("y", shape, type, result);
                        if (code == Builtin::SOFTMAX)
                          w.op(code, {x}, {y},
                               schema::CreateSoftmaxOptions(w.builder, 0.75F));
                        else
                          w.op(code, {x}, {y});
                      }});
  };
  const ElementType byte = ElementType::INT8, shorter = ElementType::INT16,
                    natural = ElementType::UINT8;
  TensorExtras share = scaled({1.0F / 32768}, 0);
  auto softmax = [&](const char *name, Shape shape, float scale) {
    add(std::string("SoftmaxInt16") + name, Builtin::SOFTMAX, shorter, shape,
        scaled({scale}, 0), share);
  };
  softmax("Fine", {3, 150}, 0.00003F);
  softmax("Wide", {3, 150}, 0.0004F);
  softmax("Coarse", {2, 3, 11}, 0.02F);
  softmax("Deep", {2, 5000}, 0.0002F);
  auto logSoftmax = [&](const char *name, Shape shape, float scale) {
    add(std::string("LogSoftmaxInt8") + name, Builtin::LOG_SOFTMAX, byte, shape,
        scaled({scale}, -9), scaled({1.0F / 16}, 127));
  };
  logSoftmax("Fine", {3, 150}, 0.003F);
  logSoftmax("Wide", {5, 40}, 0.06F);
  logSoftmax("Coarse", {40, 3}, 0.4F);
  logSoftmax("Deep", {2, 4000}, 0.0001F);
  add("LogSoftmaxUint8", Builtin::LOG_SOFTMAX, natural, {20, 7},
      scaled({0.05F}, 100), scaled({1.0F / 16}, 255));
  auto norm = [&](const char *name, ElementType type, Shape shape,
                  int64_t zeroPoint) {
    add(std::string("L2Norm") + name, Builtin::L2_NORMALIZATION, type, shape,
        scaled({0.03F}, zeroPoint),
        scaled({1.0F / 128}, type == byte ? 0 : 128));
  };
  norm("Int8", byte, {4, 3, 17}, 7);
  // Sums of 0 and of 1 among them.
  norm("Int8Single", byte, {600, 1}, -3);
  norm("Int8Deep", byte, {2, 20000}, 0);
  norm("Uint8", natural, {9, 31}, 120);
}

std::vector<QuantizedModel> edgec::test::quantizedModels(uint32_t seed) {
  std::vector<QuantizedModel> models;
  addResizes(models, Draw(seed));
  addRecurrent(models, Draw(seed + 1));
  addMatrices(models, Draw(seed + 2));
  addUnary(models, Draw(seed + 3));
  addBinary(models, Draw(seed + 4));
  addNormalizations(models);
  return models;
}
