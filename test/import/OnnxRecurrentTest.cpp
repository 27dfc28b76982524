//===- OnnxRecurrentTest.cpp - what RNN, GRU and LSTM become --------------===//
//
// The ops of each form; what they compute is tested against ONNX's own tests.
//
//===----------------------------------------------------------------------===//
#include "test/import/ImportText.h"
#include "test/import/ModelWriter.h"
#include <gmock/gmock.h>

using namespace edgec::test;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace {

using Floats = std::vector<float>;
using Strings = std::vector<std::string>;

/// A layer of 5 steps of 2 sequences, 3 inputs, 4 units.
struct Layer {
  std::string opType;
  int64_t gates;
  int64_t directions = 1;
  bool sequencesFirst = false;
  std::vector<Message> attributes = {};
  /// Beside X, W, R.
  Strings operands = {};

  Imported import(int64_t opset = 22) const;
  std::string module() const {
    Imported result = import();
    EXPECT_EQ(result.errors, "");
    return result.module;
  }
};

} // namespace

Imported Layer::import(int64_t opset) const {
  using Dims = std::vector<int64_t>;
  ModelWriter model(opset);
  std::vector<Dim> x = {5, 2, 3};
  if (sequencesFirst)
    std::swap(x[0], x[1]);
  int64_t rows = 4 * gates;
  auto add = [&](const char *name, const Dims &dims, int64_t count) {
    model.initializer(name, dims, Floats(count));
  };
  add("w", {directions, rows, 3}, directions * rows * 3);
  add("r", {directions, rows, 4}, directions * rows * 4);
  add("b", {directions, 2 * rows}, directions * rows * 2);
  add("p", {directions, 12}, directions * 12);
  model.input("x", x).input("h", {directions, 2, 4}).input("l", {2}, Int32);
  Strings inputs = {"x", "w", "r"};
  inputs.insert(inputs.end(), operands.begin(), operands.end());
  return importBytes(
      model.output("y").node(opType, inputs, {"y"}, attributes).bytes());
}

TEST(OnnxRecurrent, LstmMultipliesTheInputsOfAllStepsAtOnce) {
  std::string module =
      Layer{.opType = "LSTM", .gates = 4, .operands = {"b"}}.module();
  EXPECT_THAT(
      module,
      AllOf(HasSubstr("edge.fully_connected"),
            HasSubstr("(tensor<5x2x3xf32>, tensor<16x3xf32>, tensor<16xf32>) "
                      "-> tensor<5x2x16xf32>"),
            HasSubstr("edge.lstm forward [sigmoid, tanh, tanh]"),
            HasSubstr("(tensor<5x2x16xf32>, tensor<1x4x4x4xf32>) -> "
                      "(tensor<5x2x1x4xf32>, tensor<2x1x4xf32>, "
                      "tensor<2x1x4xf32>)"),
            HasSubstr("-> tensor<5x1x2x4xf32>")));
}

TEST(OnnxRecurrent, LstmTakesAllOperands) {
  std::string module =
      Layer{.opType = "LSTM",
            .gates = 4,
            .directions = 2,
            .attributes = {attribute("direction", "bidirectional"),
                           attribute("clip", 3.0F)},
            .operands = {"b", "", "h", "h", "p"}}
          .module();
  EXPECT_THAT(module,
              AllOf(HasSubstr("edge.lstm bidirectional [sigmoid, tanh, tanh, "
                              "sigmoid, tanh, tanh]"),
                    HasSubstr(" hidden %"), HasSubstr(" cell %"),
                    HasSubstr(" peepholes %"), Not(HasSubstr(" lengths ")),
                    HasSubstr("clip = 3.0")));
}

TEST(OnnxRecurrent, CoupledLstmHasThreeGates) {
  std::string module = Layer{.opType = "LSTM",
                             .gates = 4,
                             .attributes = {attribute("input_forget", 1)}}
                           .module();
  EXPECT_THAT(module, AllOf(HasSubstr("coupling forget"),
                            HasSubstr("tensor<5x2x12xf32>, "
                                      "tensor<1x4x3x4xf32>")));
}

TEST(OnnxRecurrent, LengthsAreValuesOfTheRun) {
  std::string module =
      Layer{.opType = "RNN", .gates = 1, .operands = {"", "l"}}.module();
  EXPECT_THAT(module, AllOf(HasSubstr("edge.rnn forward [tanh]"),
                            HasSubstr(" lengths %arg2")));
}

TEST(OnnxRecurrent, GruKeepsTheBiasThatIsReset) {
  std::string module =
      Layer{.opType = "GRU",
            .gates = 3,
            .attributes = {attribute("linear_before_reset", 1)},
            .operands = {"b"}}
          .module();
  EXPECT_THAT(module, AllOf(HasSubstr("edge.gru forward [sigmoid, tanh]"),
                            HasSubstr(" new_bias %"),
                            HasSubstr("linear_before_reset = true")));
}

TEST(OnnxRecurrent, LayoutOneHasSequencesFirst) {
  std::string module = Layer{.opType = "GRU",
                             .gates = 3,
                             .sequencesFirst = true,
                             .attributes = {attribute("layout", 1)}}
                           .module();
  EXPECT_THAT(module,
              AllOf(HasSubstr("(tensor<2x5x3xf32>) -> tensor<5x2x3xf32>"),
                    HasSubstr("-> tensor<2x5x1x4xf32>")));
}

TEST(OnnxRecurrent, ActivationsUseUpTheirParameters) {
  Message alpha, beta;
  alpha.text(1, "activation_alpha").integer(20, 6).real(7, 0.25F).real(7, 0.5F);
  beta.text(1, "activation_beta").integer(20, 6).real(7, 0.75F);
  std::string module = Layer{
      .opType = "GRU",
      .gates = 3,
      .directions = 2,
      .attributes = {
          attribute("direction", "bidirectional"),
          attribute("activations",
                    Strings{"HardSigmoid", "Tanh", "HardSigmoid", "LeakyRelu"}),
          alpha, beta}}.module();
  EXPECT_THAT(module, HasSubstr("[hard_sigmoid(2.500000e-01, 7.500000e-01), "
                                "tanh, hard_sigmoid(5.000000e-01, "
                                "5.000000e-01), leaky_relu(0.00999999977, "
                                "0.000000e+00)]"));
}

TEST(OnnxRecurrent, RefusesWhatDoesNotFit) {
  auto errors = [](const Layer &layer) {
    Imported result = layer.import();
    EXPECT_EQ(result.module, "");
    return result.errors;
  };
  EXPECT_THAT(errors({.opType = "LSTM", .gates = 3}),
              HasSubstr("R of shape 1x12x4 should have the shape 1x16x4"));
  EXPECT_THAT(errors({.opType = "RNN", .gates = 1, .directions = 2}),
              HasSubstr("R of shape 2x4x4 should have the shape 1x4x4"));
  EXPECT_THAT(errors({.opType = "RNN",
                      .gates = 1,
                      .attributes = {attribute("direction", "sideways")}}),
              HasSubstr("direction 'sideways' should be forward, reverse or "
                        "bidirectional"));
  EXPECT_THAT(
      errors({.opType = "RNN",
              .gates = 1,
              .attributes = {attribute("activations", Strings{"Sine"})}}),
      HasSubstr("activation 'Sine' is not known"));
  EXPECT_THAT(
      errors({.opType = "GRU",
              .gates = 3,
              .attributes = {attribute("activations", Strings{"Tanh"})}}),
      HasSubstr("1 activations should be 2 for each of 1 directions"));
  EXPECT_THAT(errors({.opType = "RNN",
                      .gates = 1,
                      .attributes = {attribute("hidden_size", 7)}}),
              HasSubstr("should have the last dimension hidden_size, 7"));
  EXPECT_THAT(errors({.opType = "LSTM", .gates = 4, .operands = {"p"}}),
              HasSubstr("B of shape 1x12 should have the shape 1x32"));
  EXPECT_THAT(errors({.opType = "LSTM", .gates = 4, .operands = {"", "", "p"}}),
              HasSubstr("initial_h of shape 1x12 should have the shape 1x2x4"));
}
