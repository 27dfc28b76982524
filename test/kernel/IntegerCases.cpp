//===- IntegerCases.cpp - arithmetic of quantized models -----------------===//
//
// Random scales, zero points and shapes, and numbers at the ends of their
// types. Nothing may differ from the evaluator by a bit.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Integer.h"
#include "dialects/edge/Product.h"
#include "test/kernel/Cases.h"
#include "test/kernel/IntegerValues.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::test;

using Numbers = std::vector<int64_t>;

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

//===-- convolutions ------------------------------------------------------===//

struct IntegerConv {
  Conv conv;
  std::string input = "i8", filter = "i8";
  int64_t inputZero = 0, filterZero = 0;
  /// The filter less its zero point is in [-most, most].
  bool isNear = false;
  int64_t most = 127;
};

static Value integerConv(GraphWriter &graph, Value x, const IntegerConv &c) {
  int64_t channels = shapeOf(x)[3] / c.conv.groups;
  Type element = elementType(graph, c.filter);
  bool isUnsigned = element.isUnsignedInteger();
  int64_t low = isUnsigned ? 0 : -128, high = low + 255;
  if (c.isNear) {
    low = std::max(low, c.filterZero - c.most);
    high = std::min(high, c.filterZero + c.most);
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

//===-- products of two values --------------------------------------------===//

struct Product {
  Numbers lhs, rhs;
  std::string lhsElement, rhsElement;
  int64_t lhsZero, rhsZero;
};

static Case productCase(const Product &p, bool fused) {
  std::string name = "integer_matmul " + text(p.lhs) + " " + p.lhsElement +
                     " by " + text(p.rhs) + " " + p.rhsElement + " zeros " +
                     std::to_string(p.lhsZero) + "," +
                     std::to_string(p.rhsZero) + (fused ? " fused" : "");
  return {name, [=](GraphWriter &graph) {
            Type element = elementType(graph, p.lhsElement);
            Value x = bytes(graph, p.lhs, element),
                  y = bytes(graph, p.rhs, elementType(graph, p.rhsElement));
            Value sums = graph.add<edge::IntegerMatMulOp>(
                x, y, uint64_t(p.lhsZero), uint64_t(p.rhsZero));
            if (fused)
              sums = requantizeReal(graph, sums, {1e-4, 1e-2},
                                    /*perChannel=*/false, element);
            graph.output(sums, Tolerance::exact());
          }};
}

static std::vector<Case> productCases() {
  std::vector<Case> cases;
  const std::pair<Numbers, Numbers> shapes[] = {{{5, 64}, {64, 64}},
                                                {{13, 7}, {7, 21}},
                                                {{6, 2}, {2, 5}},
                                                {{4, 1}, {1, 16}},
                                                {{2, 9, 33}, {2, 33, 80}},
                                                {{1, 3, 17, 4}, {1, 3, 4, 19}},
                                                {{3, 5, 30}, {30, 35}},
                                                {{2, 1, 5, 18}, {3, 18, 130}},
                                                {{1, 256}, {256, 9}},
                                                {{4, 1030}, {1030, 3}},
                                                {{2, 40, 100}, {2, 100, 48}}};
  int64_t row = 0;
  for (const auto &[lhs, rhs] : shapes) {
    for (int64_t variant = 0; variant < 4; ++variant, ++row) {
      Product p{
          lhs, rhs, variant % 2 ? "i8" : "ui8", variant / 2 ? "i8" : "ui8",
          0,   0};
      p.lhsZero = variant % 2 ? cycle<int64_t>({-128, 5, 0}, row)
                              : cycle<int64_t>({0, 128, 255}, row);
      p.rhsZero = variant / 2 ? cycle<int64_t>({0, 127, -3}, row)
                              : cycle<int64_t>({128, 3, 255}, row);
      cases.push_back(productCase(p, row % 3 == 1));
    }
  }
  return cases;
}

/// One row by filters without -128, of which two products fit 16 bits.
static std::vector<Case> rowCases() {
  std::vector<Case> cases;
  int64_t row = 0;
  for (int64_t depth : {1, 2, 7, 64, 129}) {
    for (int64_t filters : {3, 16, 48, 64, 100}) {
      IntegerConv c;
      c.isNear = true;
      c.conv.filters = filters;
      c.conv.bias = row % 2 == 0;
      cases.push_back(convCase({1, 1, 1, depth}, c, row % 3 != 0, row));
      ++row;
    }
  }
  return cases;
}

std::vector<Case> edgec::test::integerCases() {
  std::vector<Case> cases = productCases();
  llvm::append_range(cases, rowCases());
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
    // Products of two taps fit 16 bits, or of more.
    c.most = cycle<int64_t>({127, 60, 127, 25}, row);
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
