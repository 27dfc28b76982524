//===- TfliteStateTest.cpp - recurrent operators and variables ------------===//
//
// State is one more input and output of the model. The cells are compared with
// a plain C++ rendering of TFLite's documentation.
//
//===----------------------------------------------------------------------===//
#include "test/import/tflite/TfliteText.h"
#include <cmath>
#include <gmock/gmock.h>

using namespace edgec::test;
using schema::Activation;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pointwise;
using Doubles = std::vector<double>;

MATCHER(Close, "") {
  return std::abs(std::get<0>(arg) - std::get<1>(arg)) <= 1e-6;
}

static TensorExtras variable() {
  TensorExtras extras;
  extras.isVariable = true;
  return extras;
}

TEST(TfliteState, RnnKeepsItsStateBetweenRuns) {
  TfliteWriter w;
  int x = w.input("x", {1, 2, 1}), y = w.output("y", {1, 2, 1});
  int weights = w.floats("w", {1, 1}, {1}), back = w.floats("r", {1, 1}, {10});
  int bias = w.floats("b", {1}, {0.5F});
  int state = w.tensor("h", {1, 1}, ElementType::FLOAT32, variable());
  w.op(Builtin::UNIDIRECTIONAL_SEQUENCE_RNN, {x, weights, back, bias, state},
       {y}, schema::CreateSequenceRNNOptions(w.builder, false));
  // 2 + 10 * 3 + 0.5 = 32.5, then 1 + 10 * 32.5 + 0.5.
  EXPECT_EQ(evaluateTflite(w, {{2, 1}, {3}}),
            (std::vector<Doubles>{{32.5, 326.5}, {326.5}}));
}

TEST(TfliteState, BidirectionalRnnMergesItsDirections) {
  TfliteWriter w;
  int x = w.input("x", {2, 1, 1}), y = w.output("y", {2, 1, 2});
  int one = w.floats("w", {1, 1}, {1}), back = w.floats("r", {1, 1}, {10});
  int bias = w.floats("b", {1}, {0});
  int forwards = w.tensor("f", {1, 1}, ElementType::FLOAT32, variable());
  int backwards = w.tensor("g", {1, 1}, ElementType::FLOAT32, variable());
  w.op(Builtin::BIDIRECTIONAL_SEQUENCE_RNN,
       {x, one, back, bias, forwards, one, back, bias, backwards}, {y},
       schema::CreateBidirectionalSequenceRNNOptions(w.builder, true,
                                                     Activation::NONE, true));
  EXPECT_EQ(evaluateTflite(w, {{1, 2}, {0}, {0}}).front(),
            (Doubles{1, 21, 12, 2}));
}

/// One unit with scalar weights, as TFLite documents its LSTM.
struct ScalarLstm {
  bool coupled = false, peephole = false, norm = false, projects = false;
  double hidden = 0, memory = 0;

  static double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
  double gate(int index, double x, double cell) const {
    double sum = (0.1 + 0.1 * index) * x + (0.5 - 0.1 * index) * hidden;
    if (peephole && index != 2)
      sum += 0.3 * cell;
    // The variance of one number is 0.
    if (norm)
      sum = 0;
    return sum + 0.2 * (index + 1);
  }
  double step(double x) {
    double forget = sigmoid(gate(1, x, memory));
    double input = coupled ? 1 - forget : sigmoid(gate(0, x, memory));
    memory = forget * memory + input * std::tanh(gate(2, x, memory));
    double output = sigmoid(gate(3, x, memory));
    hidden = output * std::tanh(memory);
    if (projects)
      hidden = 2 * hidden + 0.25;
    return hidden;
  }
};

static void checkLstm(ScalarLstm reference) {
  TfliteWriter w;
  int x = w.input("x", {1, 3, 1}), y = w.output("y", {1, 3, 1});
  std::vector<int32_t> operands(reference.norm ? 24 : 20, -1);
  operands[0] = x;
  auto scalar = [&](double value) {
    return w.floats("w", {1}, {float(value)});
  };
  for (int gate = reference.coupled ? 1 : 0; gate < 4; ++gate) {
    operands[1 + gate] = w.floats("w", {1, 1}, {float(0.1 + 0.1 * gate)});
    operands[5 + gate] = w.floats("r", {1, 1}, {float(0.5 - 0.1 * gate)});
    operands[12 + gate] = scalar(0.2 * (gate + 1));
    if (reference.norm)
      operands[20 + gate] = scalar(7);
  }
  if (reference.peephole) {
    for (int i : {9, 10, 11})
      if (i != 9 || !reference.coupled)
        operands[i] = scalar(0.3);
  }
  if (reference.projects) {
    operands[16] = w.floats("p", {1, 1}, {2});
    operands[17] = scalar(0.25);
  }
  operands[18] = w.tensor("h", {1, 1}, ElementType::FLOAT32, variable());
  operands[19] = w.tensor("c", {1, 1}, ElementType::FLOAT32, variable());
  w.op(Builtin::UNIDIRECTIONAL_SEQUENCE_LSTM, operands, {y},
       schema::CreateUnidirectionalSequenceLSTMOptions(w.builder,
                                                       Activation::TANH));
  Doubles expected;
  reference.hidden = 0.5;
  reference.memory = -0.5;
  for (double input : {1.0, -2.0, 0.5})
    expected.push_back(reference.step(input));
  auto results = evaluateTflite(w, {{1, -2, 0.5}, {0.5}, {-0.5}});
  EXPECT_THAT(results[0], Pointwise(Close(), expected));
  EXPECT_THAT(results[1], Pointwise(Close(), Doubles{reference.hidden}));
  EXPECT_THAT(results[2], Pointwise(Close(), Doubles{reference.memory}));
}

TEST(TfliteState, LstmInAllItsForms) {
  for (bool coupled : {false, true}) {
    for (bool peephole : {false, true}) {
      checkLstm({coupled, peephole, false, false});
      checkLstm({coupled, peephole, true, false});
      checkLstm({coupled, peephole, false, true});
    }
  }
}

TEST(TfliteState, SvdfRemembersItsFeatures) {
  TfliteWriter w;
  int x = w.input("x", {1, 1}), y = w.output("y", {1, 1});
  int feature = w.floats("feature", {2, 1}, {1, 10});
  int time = w.floats("time", {2, 2}, {1, 2, 3, 4});
  int bias = w.floats("bias", {1}, {0.5F});
  int state = w.tensor("s", {1, 4}, ElementType::FLOAT32, variable());
  w.op(Builtin::SVDF, {x, feature, time, bias, state}, {y},
       schema::CreateSVDFOptions(w.builder, 2));
  // Filter 0: 1 * 6 + 2 * 5, filter 1: 3 * 8 + 4 * 50.
  EXPECT_EQ(evaluateTflite(w, {{5}, {9, 6, 9, 8}}),
            (std::vector<Doubles>{{16 + 224 + 0.5}, {6, 5, 8, 50}}));
}

//===-- variables
//----------------------------------------------------------===//

/// counter += x; the result is the counter before.
static void writeCounter(TfliteWriter &w) {
  int x = w.input("x", {2}), before = w.output("before", {2});
  int handle = w.tensor("handle", {}, ElementType::RESOURCE);
  int sum = w.tensor("sum", {2});
  w.op(Builtin::CALL_ONCE, {}, {}, schema::CreateCallOnceOptions(w.builder, 1));
  w.op(Builtin::VAR_HANDLE, {}, {handle},
       schema::CreateVarHandleOptionsDirect(w.builder, nullptr, "counter"));
  w.op(Builtin::READ_VARIABLE, {handle}, {before});
  w.op(Builtin::ADD, {before, x}, {sum});
  w.op(Builtin::ASSIGN_VARIABLE, {handle, sum}, {});
  w.endGraph();
}

/// The graph that gives the counter its first value.
static void writeFirstValue(TfliteWriter &w, float first) {
  int handle = w.tensor("handle", {}, ElementType::RESOURCE);
  w.op(Builtin::VAR_HANDLE, {}, {handle},
       schema::CreateVarHandleOptionsDirect(w.builder, nullptr, "counter"));
  w.op(Builtin::ASSIGN_VARIABLE,
       {handle, w.floats("first", {2}, {first, first})}, {});
}

TEST(TfliteState, VariablesAreInputsAndOutputs) {
  TfliteWriter text, run;
  for (TfliteWriter *w : {&text, &run}) {
    writeCounter(*w);
    writeFirstValue(*w, 0);
  }
  EXPECT_THAT(importModule(text),
              AllOf(HasSubstr("%arg1: tensor<2xf32> {edge.name = \"counter\"}"),
                    HasSubstr("tensor<2xf32> {edge.name = \"counter\"})")));
  EXPECT_EQ(evaluateTflite(run, {{1, 2}, {10, 20}}),
            (std::vector<Doubles>{{10, 20}, {11, 22}}));
}

TEST(TfliteState, FirstValuesOtherThanZeroAreWarnedOf) {
  TfliteWriter w;
  writeCounter(w);
  writeFirstValue(w, 1);
  EXPECT_THAT(importTflite(w).errors,
              HasSubstr("the model's variables do not begin with zeros"));
}

TEST(TfliteState, HandlesAreNoTensors) {
  TfliteWriter w;
  int x = w.input("x", {2}), handle = w.tensor("h", {}, ElementType::RESOURCE);
  w.op(Builtin::VAR_HANDLE, {}, {handle},
       schema::CreateVarHandleOptionsDirect(w.builder, nullptr, "v"));
  w.op(Builtin::ADD, {x, handle}, {w.output("y", {2})});
  w.op(Builtin::READ_VARIABLE, {x}, {w.output("z", {2})});
  EXPECT_THAT(importTflite(w).errors,
              AllOf(HasSubstr("ADD (operator 1, version 1): input 1 is the "
                              "handle of a variable"),
                    HasSubstr("READ_VARIABLE (operator 2, version 1): input 0 "
                              "should be the handle of a variable")));
}

//===-- control flow
//-------------------------------------------------------===//

/// Graph 1 doubles and graph 2 negates a tensor of two.
static void writeBranches(TfliteWriter &w) {
  w.endGraph();
  int x = w.input("x", {2});
  w.op(Builtin::ADD, {x, x}, {w.output("y", {2})});
  w.endGraph();
  x = w.input("x", {2});
  w.op(Builtin::NEG, {x}, {w.output("y", {2})});
}

TEST(TfliteState, IfTakesOneOfTwoGraphs) {
  TfliteWriter w;
  int c = w.input("c", {1}, ElementType::BOOL), x = w.input("x", {2});
  w.op(Builtin::IF, {c, x}, {w.output("y", {2})},
       schema::CreateIfOptions(w.builder, 1, 2));
  writeBranches(w);
  EXPECT_THAT(importModule(w),
              AllOf(HasSubstr("edge.if"), HasSubstr("func.func private")));
}

TEST(TfliteState, IfOnAConstantIsImportedInPlace) {
  TfliteWriter w;
  int x = w.input("x", {2});
  int c = w.constant<uint8_t>("c", {}, ElementType::BOOL, {0});
  w.op(Builtin::IF, {c, x}, {w.output("y", {2})},
       schema::CreateIfOptions(w.builder, 1, 2));
  writeBranches(w);
  EXPECT_THAT(evaluateTflite(w, {{1, 2}}).front(), ElementsAre(-1, -2));
}

TEST(TfliteState, GraphsThatCallThemselvesAreRefused) {
  TfliteWriter w;
  int x = w.input("x", {2});
  w.op(Builtin::CALL, {x}, {w.output("y", {2})},
       schema::CreateCallOptions(w.builder, 0));
  EXPECT_THAT(importTflite(w).errors, HasSubstr("to a depth of more than 16"));
}
