//===- PrunedCases.cpp - layers with blocks of zeros ----------------------===//
//
// Random blocks of a layer's weights, and random rows and columns of taps, are
// zero: what the graph stage makes of them is compiled and compared with what
// the layer means. Nothing may differ by a bit on integers.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Integer.h"
#include "dialects/edge/Product.h"
#include "test/kernel/Cases.h"
#include "test/kernel/IntegerValues.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::test;

namespace {
/// Which of a filter's factors are zero.
struct Zeros {
  /// Blocks of outputs and inputs; each is kept once in `oneOf` times, those of
  /// equal numbers always.
  int64_t outputs = 16, inputs = 16, oneOf = 3;
  /// Rows and columns of taps that stay, from the first on.
  std::array<int64_t, 2> firstTap = {0, 0}, taps = {9, 9};
};
} // namespace

/// [outputs, height, width, inputs]
static std::vector<int64_t> prunedNumbers(GraphWriter &graph, Shape shape,
                                          const Zeros &zeros, int64_t zero) {
  int64_t columns = llvm::divideCeil(shape[3], zeros.inputs);
  std::vector<bool> isKept;
  for (int64_t row = 0; row * zeros.outputs < shape[0]; ++row) {
    for (int64_t column = 0; column < columns; ++column)
      isKept.push_back(row % columns == column ||
                       graph.random.below(zeros.oneOf) == 0);
  }
  std::vector<int64_t> numbers;
  for (int64_t o = 0; o < shape[0]; ++o) {
    for (int64_t tap = 0; tap < shape[1] * shape[2]; ++tap) {
      int64_t y = tap / shape[2] - zeros.firstTap[0],
              x = tap % shape[2] - zeros.firstTap[1];
      bool isTap = y >= 0 && y < zeros.taps[0] && x >= 0 && x < zeros.taps[1];
      for (int64_t i = 0; i < shape[3]; ++i) {
        bool isBlock = isKept[o / zeros.outputs * columns + i / zeros.inputs];
        numbers.push_back(isTap && isBlock ? graph.random.below(255) - 127
                                           : zero);
      }
    }
  }
  return numbers;
}

static Value constantOf(GraphWriter &graph, Shape shape, Type element,
                        ArrayRef<int64_t> numbers) {
  auto type = RankedTensorType::get(shape, element);
  SmallVector<Attribute> elements;
  for (int64_t number : numbers) {
    if (isa<FloatType>(element))
      elements.push_back(graph.builder.getF32FloatAttr(float(number) / 1024));
    else
      elements.push_back(IntegerAttr::get(element, number));
  }
  auto value = DenseElementsAttr::get(type, elements);
  return edge::ConstantOp::create(graph.builder, graph.builder.getUnknownLoc(),
                                  type, value);
}

/// Of bytes, with what follows their sums.
static Value prunedLayer(GraphWriter &graph, Value x, const Conv &conv,
                         const Zeros &zeros, int64_t pad) {
  SmallVector<int64_t> shape{conv.filters, conv.kernel[0], conv.kernel[1],
                             shapeOf(x)[3] / conv.groups};
  Type i8 = graph.builder.getI8Type(), i32 = graph.builder.getI32Type();
  Value filter = constantOf(graph, shape, i8,
                            prunedNumbers(graph, shape, zeros, /*zero=*/0));
  Value bias = randomIntegers(graph, {conv.filters}, i32, -20000, 20000);
  Value sums = graph.add<edge::IntegerConv2DOp>(
      x, filter, bias, conv.strides, conv.pads, conv.dilations, conv.groups,
      pad, /*filter_zero_point=*/0, pad);
  Value multiplier =
      randomIntegers(graph, {conv.filters}, i32, int64_t(1) << 30, INT32_MAX);
  Value shift = randomIntegers(graph, {conv.filters}, i32, 8, 10);
  Value result = graph.add<edge::RescaleOp>(sums, multiplier, shift,
                                            edge::Rounding::double_rounding);
  result = graph.add<edge::AddOp>(result, number(graph, pad));
  result = graph.add<edge::MaxOp>(result, number(graph, -128));
  result = graph.add<edge::MinOp>(result, number(graph, 127));
  return graph.add<edge::CastOp>(RankedTensorType::get(shapeOf(result), i8),
                                 result);
}

static Case prunedCase(int64_t inputs, const Conv &conv, const Zeros &zeros) {
  std::string name =
      "pruned " + text(conv) + " of " + std::to_string(inputs) + " blocks " +
      std::to_string(zeros.outputs) + "x" + std::to_string(zeros.inputs) +
      " one of " + std::to_string(zeros.oneOf) + " taps " +
      std::to_string(zeros.firstTap[0]) + "," +
      std::to_string(zeros.firstTap[1]) + " " + std::to_string(zeros.taps[0]) +
      "x" + std::to_string(zeros.taps[1]);
  return {
      name, [=](GraphWriter &graph) {
        Value x = bytes(graph, {1, 9, 10, inputs}, graph.builder.getI8Type());
        constexpr int64_t pad = -5;
        // Whose channels lie in several runs, or are a model's input.
        Conv first;
        first.filters = inputs;
        first.kernel = {1, 1};
        x = graph.random.below(2) ? prunedLayer(graph, x, first, {}, pad) : x;
        Value y = prunedLayer(graph, x, conv, zeros, pad);
        if (shapeOf(x) == shapeOf(y))
          y = graph.add<edge::MaxOp>(x, y);
        Conv last;
        last.filters = 24;
        last.pads = {1, 1, 1, 1};
        graph.output(prunedLayer(graph, y, last, {16, 16, 1}, pad),
                     Tolerance::exact());
      }};
}

/// Floats that bytes bound.
static Case prunedRealCase(int64_t inputs, int64_t outputs,
                           const Zeros &zeros) {
  std::string name = "pruned fully_connected " + std::to_string(inputs) +
                     " to " + std::to_string(outputs) + " blocks " +
                     std::to_string(zeros.outputs) + "x" +
                     std::to_string(zeros.inputs);
  return {name, [=](GraphWriter &graph) {
            Type f32 = graph.builder.getF32Type();
            SmallVector<int64_t> shape{40, inputs}, filter{outputs, inputs};
            Value x = bytes(graph, shape, graph.builder.getI8Type());
            x = graph.add<edge::CastOp>(RankedTensorType::get(shape, f32), x);
            Value weights = constantOf(
                graph, filter, f32,
                prunedNumbers(graph, {outputs, 1, 1, inputs}, zeros, 0));
            Value y = graph.add<edge::FullyConnectedOp>(
                x, weights, graph.constant({outputs}));
            graph.output(graph.add<edge::ReluOp>(y));
          }};
}

/// A branch of zeros that is added.
static Case deadBranchCase(int64_t channels) {
  return {"pruned branch " + std::to_string(channels), [=](GraphWriter &graph) {
            Value x =
                bytes(graph, {1, 6, 6, channels}, graph.builder.getI8Type());
            Conv conv;
            conv.filters = channels;
            conv.pads = {1, 1, 1, 1};
            Zeros all;
            all.taps = {0, 0};
            Type i32 = graph.builder.getI32Type();
            auto wide = RankedTensorType::get(shapeOf(x), i32);
            Value sum = graph.add<edge::AddOp>(
                graph.add<edge::CastOp>(wide, x),
                graph.add<edge::CastOp>(wide,
                                        prunedLayer(graph, x, conv, all, -7)));
            graph.output(sum, Tolerance::exact());
          }};
}

std::vector<Case> test::prunedCases() {
  Conv one, three, wide, strided, depthwise;
  one.filters = 64;
  one.kernel = {1, 1};
  three.filters = 48;
  three.pads = {1, 1, 1, 1};
  wide.filters = 32;
  wide.kernel = {5, 3};
  wide.pads = {2, 1, 1, 0};
  wide.dilations = {1, 2};
  strided.filters = 96;
  strided.kernel = {2, 2};
  strided.strides = {2, 1};
  depthwise.filters = depthwise.groups = 48;
  depthwise.pads = {1, 1, 1, 1};
  std::vector<Case> cases;
  int64_t row = 0;
  for (int64_t oneOf : {3, 8, 1000}) {
    for (int64_t block : {16, 32}) {
      for (int64_t inputs : {64, 100}) {
        cases.push_back(prunedCase(inputs, cycle({one, three, strided}, row++),
                                   {block, block, oneOf}));
      }
    }
  }
  // What is left: the middle, a column, a row, a corner.
  for (std::array<int64_t, 4> taps : {std::array<int64_t, 4>{1, 1, 1, 1},
                                      {0, 1, 3, 1},
                                      {1, 0, 1, 3},
                                      {2, 2, 1, 1},
                                      {0, 0, 1, 2}}) {
    for (const Conv &conv : {three, wide, strided, depthwise}) {
      Zeros zeros{16, 16, 1, {taps[0], taps[1]}, {taps[2], taps[3]}};
      cases.push_back(prunedCase(48, conv, zeros));
    }
  }
  cases.push_back(prunedRealCase(128, 128, {32, 32, 4}));
  cases.push_back(prunedRealCase(72, 200, {40, 24, 1000}));
  cases.push_back(deadBranchCase(20));
  return cases;
}
