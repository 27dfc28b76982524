//===- BrainCases.cpp - products of bf16 ----------------------------------===//
//
// Numbers that bf16 holds, so that -precision=bf16 rounds nothing before the
// products, which are exact: results differ from the evaluator's by the
// rounding of sums of f32 alone, and by one to bf16 where that is wanted.
//
//===----------------------------------------------------------------------===//
#include "test/kernel/Cases.h"
#include <cmath>

using namespace mlir;
using namespace edgec;
using namespace edgec::test;

template <typename T>
static T cycle(std::initializer_list<T> choices, int64_t row) {
  return *(choices.begin() + row % int64_t(choices.size()));
}

/// Eight binary digits: what bf16 has.
static std::vector<float> brains(GraphWriter &graph, Shape shape, double size) {
  std::vector<float> values(
      RankedTensorType::get(shape, graph.builder.getF32Type())
          .getNumElements());
  for (float &value : values) {
    int exponent = 0;
    double mantissa = std::frexp(graph.random.real(-size, size), &exponent);
    value = float(std::ldexp(std::nearbyint(mantissa * 256), exponent - 8));
  }
  return values;
}

static Value input(GraphWriter &graph, Shape shape) {
  return graph.inputOf(shape, brains(graph, shape, 1));
}

/// Weights of sums of `count` products.
static Value weights(GraphWriter &graph, Shape shape, int64_t count) {
  std::vector<float> values =
      brains(graph, shape, std::sqrt(3.0 / double(count)));
  auto type = RankedTensorType::get(shape, graph.builder.getF32Type());
  return edge::ConstantOp::create(
      graph.builder, graph.builder.getUnknownLoc(), type,
      DenseElementsAttr::get(type, ArrayRef<float>(values)));
}

/// One rounding to eight digits in each of what is added up.
static Tolerance rounded() { return {3e-3, 4e-3, 8e-3}; }

static Case convCase(std::vector<int64_t> shape, Conv conv, int64_t row) {
  for (int d : {0, 1}) {
    shape[d + 1] =
        std::max(shape[d + 1], (conv.kernel[d] - 1) * conv.dilations[d] + 1 -
                                   conv.pads[d] - conv.pads[d + 2]);
  }
  return {"brain conv2d " + text(shape) + " " + text(conv),
          [=](GraphWriter &graph) {
            int64_t channels = shape[3] / conv.groups;
            Value x = input(graph, shape);
            Value filter = weights(
                graph, {conv.filters, conv.kernel[0], conv.kernel[1], channels},
                channels * conv.kernel[0] * conv.kernel[1]);
            Value bias = conv.bias ? graph.constant({conv.filters}) : Value();
            Value y = graph.add<edge::Conv2DOp>(x, filter, bias, conv.strides,
                                                conv.pads, conv.dilations,
                                                conv.groups);
            if (row % 2 == 0)
              return graph.output(y);
            // What another layer reads is rounded.
            y = graph.add<edge::ReluOp>(y);
            Value one = weights(graph, {conv.filters, conv.filters}, 3);
            graph.output(graph.add<edge::FullyConnectedOp>(y, one, Value()),
                         rounded());
          }};
}

static Case matmulCase(std::vector<int64_t> lhs, std::vector<int64_t> rhs,
                       bool isConstant) {
  return {"brain matmul " + text(lhs) + " by " + text(rhs) +
              (isConstant ? " constant" : ""),
          [=](GraphWriter &graph) {
            Value x = input(graph, lhs);
            Value w = isConstant ? weights(graph, rhs, lhs.back())
                                 : input(graph, rhs);
            graph.output(graph.add<edge::MatMulOp>(x, w));
          }};
}

/// Infinities stay where they are, also beside the zeros that fill up a step.
static Case infinityCase(int64_t channels) {
  return {"brain conv2d infinities " + std::to_string(channels),
          [=](GraphWriter &graph) {
            int64_t shape[] = {1, 7, 9, channels};
            std::vector<float> values = brains(graph, shape, 1);
            for (int64_t at : {0, 5, 33})
              values[(at + 1) * channels - 1] = INFINITY;
            Value x = graph.inputOf(shape, values);
            Value filter = weights(graph, {32, 3, 3, channels}, 9 * channels);
            graph.output(graph.add<edge::Conv2DOp>(
                x, filter, Value(), ArrayRef<int64_t>{1, 1},
                ArrayRef<int64_t>{1, 1, 1, 1}, ArrayRef<int64_t>{1, 1}, 1));
          }};
}

std::vector<Case> edgec::test::brainCases() {
  std::vector<Case> cases;
  for (int64_t channels : {3, 17, 40, 64})
    cases.push_back(infinityCase(channels));
  for (int64_t row = 0; row < 48; ++row) {
    Conv conv;
    conv.kernel = cycle<std::array<int64_t, 2>>(
        {{1, 1}, {3, 3}, {7, 7}, {3, 3}, {1, 1}, {2, 3}, {1, 1}}, row);
    conv.strides = cycle<std::array<int64_t, 2>>(
        {{1, 1}, {1, 1}, {2, 2}, {1, 1}, {2, 1}}, row);
    conv.dilations = cycle<std::array<int64_t, 2>>(
        {{1, 1}, {1, 1}, {1, 1}, {1, 2}, {1, 1}, {2, 2}}, row);
    if (conv.kernel[0] > 1)
      conv.pads = cycle<std::array<int64_t, 4>>(
          {{1, 1, 1, 1}, {0, 0, 0, 0}, {3, 3, 3, 3}, {0, 1, 1, 0}}, row);
    conv.bias = row % 3 != 0;
    // Odd runs, whole steps of a matrix unit, and what takes steps of its own.
    int64_t channels =
        cycle<int64_t>({64, 3, 17, 96, 130, 128, 1, 21, 72, 192, 36}, row);
    conv.groups = row % 9 == 8 && channels % 2 == 0 ? 2 : 1;
    conv.filters =
        conv.groups * cycle<int64_t>({32, 48, 33, 20, 65, 16, 96, 3}, row);
    cases.push_back(convCase(
        {cycle<int64_t>({1, 1, 2}, row), cycle<int64_t>({7, 14, 9, 5, 1}, row),
         cycle<int64_t>({7, 14, 40, 5, 23, 33}, row), channels},
        conv, row));
  }
  // Depthwise.
  cases.push_back(convCase({1, 14, 14, 48},
                           {48, {3, 3}, {1, 1}, {1, 1, 1, 1}, {1, 1}, 48}, 0));
  cases.push_back(convCase({1, 9, 9, 21},
                           {21, {3, 3}, {2, 2}, {1, 1, 1, 1}, {1, 1}, 21}, 1));
  for (int64_t row = 0; row < 12; ++row) {
    int64_t depth = cycle<int64_t>({64, 33, 1, 192, 50}, row),
            rows = cycle<int64_t>({1, 5, 49, 197}, row),
            columns = cycle<int64_t>({16, 64, 33, 7, 100}, row);
    cases.push_back(matmulCase({rows, depth}, {depth, columns}, true));
    // Both computed by the run, as in attention.
    cases.push_back(
        matmulCase({2, 3, rows, depth}, {2, 3, depth, columns}, false));
    if (row % 4 == 0)
      cases.push_back(matmulCase({4, rows, depth}, {depth, columns}, false));
  }
  return cases;
}
