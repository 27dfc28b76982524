//===- IntegerCases.cpp - arithmetic of quantized models -----------------===//
//
// Random scales, zero points and shapes, and numbers at the ends of their
// types. Nothing may differ from the evaluator by a bit.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Integer.h"
#include "mlir/AsmParser/AsmParser.h"
#include "test/kernel/Cases.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::test;

using Numbers = std::vector<int64_t>;

template <typename T>
static T cycle(std::initializer_list<T> choices, int64_t row) {
  return *(choices.begin() + row % int64_t(choices.size()));
}

static Type elementType(GraphWriter &graph, const std::string &name) {
  return parseType(name, graph.builder.getContext());
}

/// A constant of random numbers in [low, high], now and then one of the two.
static Value randomIntegers(GraphWriter &graph, Shape shape, Type element,
                            int64_t low, int64_t high) {
  auto type = RankedTensorType::get(shape, element);
  unsigned width = element.getIntOrFloatBitWidth();
  std::vector<llvm::APInt> values;
  for (int64_t i = 0; i < type.getNumElements(); ++i) {
    int64_t value = graph.random.below(8) == 0
                        ? graph.random.pick<int64_t>({low, high})
                        : low + graph.random.below(high - low + 1);
    values.push_back(llvm::APInt(width, uint64_t(value), false, true));
  }
  return edge::ConstantOp::create(graph.builder, graph.builder.getUnknownLoc(),
                                  type, DenseElementsAttr::get(type, values));
}

static Value number(GraphWriter &graph, int64_t value) {
  return randomIntegers(graph, {}, graph.builder.getI32Type(), value, value);
}

/// A run-time input of whole numbers over the range of its type.
static Value bytes(GraphWriter &graph, Shape shape, Type element) {
  bool isUnsigned = element.isUnsignedInteger();
  return graph.inputAs(element, shape,
                       isUnsigned ? Interval{-0.4, 255.4}
                                  : Interval{-128.4, 127.4});
}

/// What follows the sums of a quantized operator: a factor (per channel, or
/// one), a zero point, bounds.
static Value requantize(GraphWriter &graph, Value sums, edge::Rounding rounding,
                        bool perChannel, Type element) {
  Type i32 = graph.builder.getI32Type();
  Numbers channels;
  if (perChannel)
    channels.push_back(shapeOf(sums).back());
  Value multiplier =
      randomIntegers(graph, channels, i32, int64_t(1) << 30, INT32_MAX);
  Value shift = randomIntegers(graph, channels, i32, 0, 12);
  Value x = graph.add<edge::RescaleOp>(sums, multiplier, shift, rounding);
  bool isUnsigned = element.isUnsignedInteger();
  int64_t low = isUnsigned ? 0 : -128;
  x = graph.add<edge::AddOp>(x, number(graph, low + graph.random.below(256)));
  x = graph.add<edge::MaxOp>(x, number(graph, low + graph.random.below(100)));
  x = graph.add<edge::MinOp>(
      x, number(graph, low + 255 - graph.random.below(100)));
  return graph.add<edge::CastOp>(RankedTensorType::get(shapeOf(x), element), x);
}

/// The same with a float factor, halves to even.
static Value requantizeReal(GraphWriter &graph, Value x, Interval factors,
                            bool perChannel, Type element) {
  Numbers channels;
  if (perChannel)
    channels.push_back(shapeOf(x).back());
  int64_t bits = element.getIntOrFloatBitWidth();
  int64_t low = element.isUnsignedInteger() ? 0 : -(int64_t(1) << (bits - 1));
  int64_t span = (int64_t(1) << bits) - 1;
  return graph.add<edge::RequantizeOp>(
      RankedTensorType::get(shapeOf(x), element), x,
      graph.input(channels, factors), low + graph.random.below(100),
      low + span - graph.random.below(100), low + graph.random.below(span + 1));
}

//===-- convolutions
//-------------------------------------------------------===//

struct IntegerConv {
  Conv conv;
  std::string input = "i8", filter = "i8";
  int64_t inputZero = 0, filterZero = 0;
  /// The filter less its zero point is in [-127, 127].
  bool isNear = false;
};

static Value integerConv(GraphWriter &graph, Value x, const IntegerConv &c) {
  int64_t channels = shapeOf(x)[3] / c.conv.groups;
  Type element = elementType(graph, c.filter);
  bool isUnsigned = element.isUnsignedInteger();
  int64_t low = isUnsigned ? 0 : -128, high = low + 255;
  if (c.isNear) {
    low = std::max(low, c.filterZero - 127);
    high = std::min(high, c.filterZero + 127);
  }
  Value filter = randomIntegers(
      graph, {c.conv.filters, c.conv.kernel[0], c.conv.kernel[1], channels},
      element, low, high);
  Value bias = c.conv.bias
                   ? randomIntegers(graph, {c.conv.filters},
                                    graph.builder.getI32Type(), -70000, 70000)
                   : Value();
  return graph.add<edge::IntegerConv2DOp>(
      x, filter, bias, c.conv.strides, c.conv.pads, c.conv.dilations,
      c.conv.groups, c.inputZero, c.filterZero, /*pad_value=*/c.inputZero);
}

static Case convCase(Numbers shape, IntegerConv c, bool fused, int64_t row) {
  for (int d : {0, 1})
    shape[d + 1] = std::max(shape[d + 1],
                            (c.conv.kernel[d] - 1) * c.conv.dilations[d] + 1);
  std::string name = "integer_conv2d " + text(shape) + " " + text(c.conv) +
                     " " + c.input + " " + c.filter + " zeros " +
                     std::to_string(c.inputZero) + "," +
                     std::to_string(c.filterZero) + (c.isNear ? " near" : "") +
                     (fused ? " fused" : "");
  return {
      name, [=](GraphWriter &graph) {
        Type element = elementType(graph, c.input);
        Value x = bytes(graph, shape, element);
        // Its producer is a kernel, which writes the pads.
        if (row % 2)
          x = graph.add<edge::MaxOp>(x, bytes(graph, {shape.back()}, element));
        Value sums = integerConv(graph, x, c);
        auto rounding = row % 3 ? edge::Rounding::double_rounding
                                : edge::Rounding::single_rounding;
        Value result = sums;
        if (fused && row % 5 == 2) {
          result =
              requantizeReal(graph, sums, {1e-4, 1e-2}, row % 4 != 0, element);
        } else if (fused) {
          result = requantize(graph, sums, rounding, row % 4 != 0, element);
        }
        graph.output(result, Tolerance::exact());
      }};
}

std::vector<Case> edgec::test::integerCases() {
  std::vector<Case> cases;
  for (int64_t row = 0; row < 40; ++row) {
    IntegerConv c;
    c.input = cycle<std::string>({"i8", "i8", "ui8"}, row);
    c.filter = cycle<std::string>({"i8", "i8", "ui8", "i8", "i8"}, row);
    c.inputZero = c.input == "i8" ? cycle<int64_t>({-128, 0, 127, 5}, row)
                                  : cycle<int64_t>({0, 255, 128}, row);
    c.filterZero = c.filter == "ui8" ? cycle<int64_t>({128, 255, 3}, row)
                                     : cycle<int64_t>({0, 0, 0, -3}, row);
    c.isNear = row % 2 == 0;
    c.conv.kernel = cycle<std::array<int64_t, 2>>(
        {{1, 1}, {3, 3}, {1, 1}, {2, 3}, {5, 5}}, row);
    c.conv.strides =
        cycle<std::array<int64_t, 2>>({{1, 1}, {1, 1}, {2, 2}}, row);
    c.conv.dilations =
        cycle<std::array<int64_t, 2>>({{1, 1}, {1, 1}, {1, 1}, {2, 1}}, row);
    if (c.conv.kernel[0] > 1)
      c.conv.pads = cycle<std::array<int64_t, 4>>(
          {{1, 1, 1, 1}, {0, 0, 0, 0}, {0, 1, 1, 0}, {2, 0, 1, 3}}, row);
    c.conv.bias = row % 3 != 0;
    int64_t channels = cycle<int64_t>({1, 3, 4, 8, 16, 17, 32, 33, 64}, row);
    c.conv.groups = row % 7 == 6 && channels % 2 == 0 ? 2 : 1;
    c.conv.filters = c.conv.groups *
                     cycle<int64_t>({1, 3, 8, 12, 16, 17, 32, 33, 48, 65}, row);
    cases.push_back(convCase(
        {cycle<int64_t>({1, 1, 2}, row), cycle<int64_t>({1, 7, 4, 5}, row),
         cycle<int64_t>({1, 2, 3, 5, 14, 15, 29}, row), channels},
        c, row % 4 != 3, row));
  }
  for (int64_t row = 0; row < 24; ++row) {
    IntegerConv c;
    c.input = cycle<std::string>({"i8", "ui8", "i8"}, row);
    c.filter = cycle<std::string>({"i8", "ui8", "i8"}, row);
    c.inputZero = c.input == "i8" ? cycle<int64_t>({-128, 127, 5}, row)
                                  : cycle<int64_t>({0, 255, 128}, row);
    c.filterZero = c.filter == "ui8" ? cycle<int64_t>({128, 255, 3}, row) : 0;
    c.conv.kernel = cycle<std::array<int64_t, 2>>(
        {{3, 3}, {3, 3}, {5, 5}, {2, 3}, {9, 8}}, row);
    c.conv.strides =
        cycle<std::array<int64_t, 2>>({{1, 1}, {2, 2}, {1, 1}}, row);
    c.conv.pads = cycle<std::array<int64_t, 4>>(
        {{1, 1, 1, 1}, {0, 0, 0, 0}, {0, 1, 1, 0}}, row);
    c.conv.bias = row % 3 != 0;
    int64_t channels = cycle<int64_t>({2, 3, 8, 16, 17, 32, 33, 70}, row);
    c.conv.groups = channels;
    c.conv.filters = channels;
    cases.push_back(convCase({cycle<int64_t>({1, 2}, row),
                              cycle<int64_t>({1, 7, 4, 5}, row),
                              cycle<int64_t>({1, 3, 5, 14, 15}, row), channels},
                             c, row % 4 != 3, row));
  }
  // Filters that take several columns at a time, or leave some of four.
  for (int64_t row = 0; row < 24; ++row) {
    IntegerConv c;
    c.input = cycle<std::string>({"i8", "ui8", "i8", "ui8"}, row);
    c.filter = cycle<std::string>({"i8", "ui8", "ui8"}, row);
    c.inputZero = c.input == "i8" ? cycle<int64_t>({-128, 127, 5}, row)
                                  : cycle<int64_t>({0, 255, 128}, row);
    c.filterZero = c.filter == "ui8" ? cycle<int64_t>({128, 251, 3}, row) : 0;
    c.isNear = row % 8 != 7;
    c.conv.kernel = cycle<std::array<int64_t, 2>>(
        {{3, 3}, {5, 5}, {1, 3}, {3, 4}, {7, 7}}, row);
    c.conv.strides =
        cycle<std::array<int64_t, 2>>({{1, 1}, {2, 2}, {1, 2}, {3, 3}}, row);
    c.conv.dilations =
        cycle<std::array<int64_t, 2>>({{1, 1}, {2, 1}, {1, 1}}, row);
    c.conv.pads =
        cycle<std::array<int64_t, 4>>({{0, 0, 0, 0}, {1, 1, 1, 1}}, row);
    c.conv.bias = row % 3 != 0;
    int64_t channels = cycle<int64_t>({16, 3, 32, 8, 17, 64, 5}, row);
    c.conv.groups = channels;
    c.conv.filters = channels;
    cases.push_back(convCase({1, cycle<int64_t>({3, 9, 14}, row),
                              cycle<int64_t>({3, 8, 11, 15}, row), channels},
                             c, row % 4 != 3, row));
  }
  return cases;
}

std::vector<Case> edgec::test::matrixUnitCases() {
  std::vector<Case> cases;
  for (int64_t row = 0; row < 36; ++row) {
    IntegerConv c;
    c.input = cycle<std::string>({"i8", "ui8", "i8"}, row);
    c.filter = cycle<std::string>({"i8", "i8", "i8", "ui8"}, row);
    c.inputZero = c.input == "i8" ? cycle<int64_t>({-128, 127, 5, 0}, row)
                                  : cycle<int64_t>({0, 255, 128}, row);
    c.filterZero = c.filter == "ui8" ? 128 : 0;
    c.conv.kernel = cycle<std::array<int64_t, 2>>(
        {{1, 1}, {3, 3}, {7, 7}, {3, 3}, {1, 1}, {2, 3}, {1, 1}}, row);
    c.conv.strides = cycle<std::array<int64_t, 2>>(
        {{1, 1}, {1, 1}, {2, 2}, {1, 1}, {2, 1}}, row);
    c.conv.dilations = cycle<std::array<int64_t, 2>>(
        {{1, 1}, {1, 1}, {1, 1}, {1, 2}, {1, 1}, {2, 2}}, row);
    if (c.conv.kernel[0] > 1)
      c.conv.pads = cycle<std::array<int64_t, 4>>(
          {{1, 1, 1, 1}, {0, 0, 0, 0}, {3, 3, 3, 3}, {0, 1, 1, 0}}, row);
    c.conv.bias = row % 3 != 0;
    // Runs of less than a step, of whole ones and of more.
    int64_t channels =
        cycle<int64_t>({64, 3, 17, 96, 130, 128, 5, 21, 72, 192, 36}, row);
    c.conv.groups = row % 9 == 8 && channels % 2 == 0 ? 2 : 1;
    c.conv.filters =
        c.conv.groups * cycle<int64_t>({32, 48, 33, 20, 65, 16, 96}, row);
    // Short rows of which a tile takes several, and rows of several tiles.
    cases.push_back(convCase(
        {cycle<int64_t>({1, 1, 2}, row), cycle<int64_t>({7, 14, 9, 5, 1}, row),
         cycle<int64_t>({7, 14, 40, 5, 23, 33}, row), channels},
        c, row % 4 != 3, row));
  }
  return cases;
}

//===-- rescaling, tables, softmax
//-----------------------------------------===//

/// Whole numbers over all of i32, products of two of which go to its ends.
static Value wide(GraphWriter &graph, Shape shape) {
  auto type = RankedTensorType::get(shape, graph.builder.getI32Type());
  Value high = graph.add<edge::CastOp>(type, graph.input(shape, {-3e4, 3e4}));
  Value low = graph.add<edge::CastOp>(type, graph.input(shape, {-7e4, 7e4}));
  return graph.add<edge::MulOp>(high, low);
}

static Case rescaleCase(Numbers shape, edge::Rounding rounding, int64_t least,
                        int64_t most) {
  std::string name = "rescale " + edge::stringifyRounding(rounding).str() +
                     " " + text(shape) + " shifts " + std::to_string(least) +
                     " to " + std::to_string(most);
  return {name, [=](GraphWriter &graph) {
            Type i32 = graph.builder.getI32Type();
            Value x = wide(graph, shape);
            // Ties: multiples of half of the divisor.
            Value ties = graph.add<edge::ShiftLeftOp>(
                graph.add<edge::ShiftRightOp>(x, number(graph, 10)),
                number(graph, 10));
            Numbers channels = {shape.back()};
            Value shift = randomIntegers(graph, channels, i32, least, most);
            for (int64_t low : {int64_t(1) << 30, int64_t(INT32_MIN)}) {
              Value multiplier =
                  randomIntegers(graph, channels, i32, low, INT32_MAX);
              for (Value operand : {x, ties}) {
                graph.output(graph.add<edge::RescaleOp>(operand, multiplier,
                                                        shift, rounding),
                             Tolerance::exact());
              }
            }
            Value half = number(graph, int64_t(1) << 30);
            graph.output(
                graph.add<edge::RescaleOp>(ties, half, shift, rounding),
                Tolerance::exact());
          }};
}

/// Numbers below 2^30, as their operators show.
static Value bounded(GraphWriter &graph, Shape shape) {
  auto type = RankedTensorType::get(shape, graph.builder.getI32Type());
  Value product;
  for (int factor = 0; factor < 4; ++factor) {
    Value x = graph.add<edge::CastOp>(
        type, bytes(graph, shape, graph.builder.getI8Type()));
    product = product ? graph.add<edge::MulOp>(product, x) : x;
  }
  return product;
}

/// Shifts of all channels in [least, most]; bounds at, above or below the zero
/// point, at the ends of the narrow type or inside.
static Case requantizeCase(Numbers shape, edge::Rounding rounding,
                           int64_t least, int64_t most,
                           const std::string &narrow, int64_t row) {
  std::string name = "requantize " + edge::stringifyRounding(rounding).str() +
                     " " + text(shape) + " " + narrow + " shifts " +
                     std::to_string(least) + " to " + std::to_string(most) +
                     " row " + std::to_string(row);
  return {name, [=](GraphWriter &graph) {
            Type i32 = graph.builder.getI32Type();
            Type element = elementType(graph, narrow);
            unsigned width = element.getIntOrFloatBitWidth();
            int64_t count = int64_t(1) << width;
            int64_t first = element.isUnsignedInteger() ? 0 : -count / 2;
            int64_t zero =
                first + cycle<int64_t>(
                            {0, count / 2, count - 1, 17, 0, count - 40}, row);
            int64_t low = cycle<int64_t>({first, zero, first + 20}, row),
                    high = first + cycle<int64_t>({count - 1, count - 30}, row);
            Numbers channels = {shape.back()};
            if (row % 4 == 3)
              channels.clear();
            Value shift = randomIntegers(graph, channels, i32, least, most);
            int64_t smallest = row % 5 == 0 ? 0 : int64_t(1) << 30;
            Value multiplier =
                randomIntegers(graph, channels, i32, smallest, INT32_MAX);
            // Channels without a factor.
            if (row % 5 == 4 && !channels.empty()) {
              Value some = randomIntegers(graph, channels, i32, 0, 1);
              multiplier = graph.add<edge::MulOp>(multiplier, some);
              shift = graph.add<edge::MulOp>(shift, some);
            }
            Value half = number(graph, int64_t(1) << 30);
            Value x = bounded(graph, shape);
            Value ties = graph.add<edge::ShiftLeftOp>(
                graph.add<edge::ShiftRightOp>(x, number(graph, 9)),
                number(graph, 9));
            for (auto [sums, factor] :
                 {std::pair(x, multiplier), std::pair(ties, multiplier),
                  std::pair(ties, half)}) {
              Value y =
                  graph.add<edge::RescaleOp>(sums, factor, shift, rounding);
              if (zero)
                y = graph.add<edge::AddOp>(y, number(graph, zero));
              if (row % 7 != 6)
                y = graph.add<edge::MaxOp>(y, number(graph, low));
              if (row % 7 != 5)
                y = graph.add<edge::MinOp>(y, number(graph, high));
              graph.output(graph.add<edge::CastOp>(
                               RankedTensorType::get(shapeOf(y), element), y),
                           Tolerance::exact());
            }
          }};
}

/// Of sums, of floats with and without a factor, and of ties.
static Case requantizeRealCase(Numbers shape, const std::string &result,
                               bool perChannel) {
  return {"float requantize " + text(shape) + " " + result +
              (perChannel ? " per channel" : ""),
          [=](GraphWriter &graph) {
            Type element = elementType(graph, result);
            auto words =
                RankedTensorType::get(shape, graph.builder.getI32Type());
            Value sums =
                graph.add<edge::CastOp>(words, graph.input(shape, {-4e4, 4e4}));
            for (Value x :
                 {sums, wide(graph, shape), graph.input(shape, {-500, 500})}) {
              graph.output(
                  requantizeReal(graph, x, {1e-3, 1e-1}, perChannel, element),
                  Tolerance::exact());
            }
            // Halves of whole numbers.
            graph.output(
                requantizeReal(graph, sums, {0.5, 0.5}, perChannel, element),
                Tolerance::exact());
            Value real = graph.input(shape, {-300, 300});
            graph.output(graph.add<edge::RequantizeOp>(
                             RankedTensorType::get(shape, element), real,
                             Value(), 0, 99, 7),
                         Tolerance::exact());
          }};
}

static Case lookupCase(Numbers shape, const std::string &input,
                       const std::string &entry) {
  return {"lookup " + text(shape) + " " + input + " " + entry,
          [=](GraphWriter &graph) {
            Type element = elementType(graph, entry);
            Value table = randomIntegers(graph, {256}, element, 0, 127);
            Value x = bytes(graph, shape, elementType(graph, input));
            graph.output(graph.add<edge::LookupOp>(x, table),
                         Tolerance::exact());
          }};
}

static Case softmaxCase(Numbers shape, const std::string &input,
                        const std::string &result) {
  return {"integer_softmax " + text(shape) + " " + input + " " + result,
          [=](GraphWriter &graph) {
            Type i32 = graph.builder.getI32Type();
            // Falling numbers, as exponentials are, and zeros.
            std::vector<int32_t> exponentials;
            double number = INT32_MAX;
            double factor = graph.random.real(0.5, 0.99);
            for (int i = 0; i < 256; ++i, number *= factor)
              exponentials.push_back(i > 200 ? 0 : int32_t(number));
            auto type = RankedTensorType::get({256}, i32);
            Value table = edge::ConstantOp::create(
                graph.builder, graph.builder.getUnknownLoc(), type,
                DenseElementsAttr::get(type, ArrayRef<int32_t>(exponentials)));
            Value x = bytes(graph, shape, elementType(graph, input));
            Type out = RankedTensorType::get(shape, elementType(graph, result));
            graph.output(edge::IntegerSoftmaxOp::create(
                             graph.builder, graph.builder.getUnknownLoc(), out,
                             x, table),
                         Tolerance::exact());
          }};
}

std::vector<Case> edgec::test::requantizeCases() {
  std::vector<Case> cases;
  struct Shifts {
    int64_t least, most;
  };
  for (int64_t row = 0; row < 42; ++row) {
    auto rounding =
        cycle({edge::Rounding::double_rounding, edge::Rounding::single_rounding,
               edge::Rounding::double_rounding},
              row / 2);
    auto shifts =
        cycle<Shifts>({{1, 12}, {0, 0}, {16, 25}, {0, 9}, {1, 31}}, row);
    cases.push_back(requantizeCase(
        cycle<Numbers>({{3, 37}, {2, 5, 64}, {7, 16}, {9, 1}, {4, 5}, {3, 2}},
                       row),
        rounding, shifts.least, shifts.most,
        cycle<std::string>({"i8", "ui8", "i8", "i16", "ui8"}, row / 3), row));
  }
  for (const char *type : {"i8", "ui8", "i16", "ui16"}) {
    // Shorter vectors of 16 bits end the emulator of RISC-V.
    int64_t row = StringRef(type).ends_with("8") ? 37 : 48;
    cases.push_back(requantizeRealCase({3, row}, type, true));
    cases.push_back(requantizeRealCase({2, 5, 64}, type, false));
    cases.push_back(requantizeRealCase({5, 1}, type, true));
  }
  return cases;
}

std::vector<Case> edgec::test::fixedPointCases() {
  std::vector<Case> cases;
  for (auto rounding :
       {edge::Rounding::double_rounding, edge::Rounding::single_rounding}) {
    cases.push_back(rescaleCase({3, 37}, rounding, 0, 31));
    cases.push_back(rescaleCase({2, 5, 64}, rounding, 0, 0));
    cases.push_back(rescaleCase({7, 16}, rounding, 1, 12));
    cases.push_back(rescaleCase({5, 1}, rounding, 8, 9));
  }
  cases.push_back(lookupCase({1, 5, 3, 7}, "i8", "i8"));
  // Vectors of bytes, and what they leave.
  cases.push_back(lookupCase({3, 64, 5}, "i8", "ui8"));
  cases.push_back(lookupCase({1, 2, 111}, "ui8", "i8"));
  cases.push_back(lookupCase({2, 100}, "ui8", "i16"));
  cases.push_back(lookupCase({4, 8}, "i8", "i32"));
  for (const char *type : {"i8", "ui8"}) {
    cases.push_back(softmaxCase({1, 2}, type, type));
    cases.push_back(softmaxCase({3, 10}, type, "i16"));
    cases.push_back(softmaxCase({2, 2, 1001}, type, type));
    cases.push_back(softmaxCase({7, 1}, type, type));
  }
  return cases;
}
