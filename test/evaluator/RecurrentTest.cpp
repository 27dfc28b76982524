//===- RecurrentTest.cpp - recurrent operators against PyTorch ------------===//
//
// The expected numbers are PyTorch 1.13's in float64, from torch.nn.RNN, GRU
// and LSTM with the identity as input weights; variable lengths by
// pack_padded_sequence. What PyTorch has not (coupled gates, peepholes) is
// computed by hand.
//
//===----------------------------------------------------------------------===//
#include "test/evaluator/EvaluateText.h"
#include <cmath>

using namespace edgec::evaluator;

namespace {
class RecurrentTest : public EvaluateText {
protected:
  /// "%name = constant" of the numbers sin(1.3 i), rounded to two decimals, i
  /// from `start` on.
  static std::string fill(const std::string &name, int start, int count,
                          const std::string &shape) {
    std::string list;
    for (int i = start; i < start + count; ++i) {
      int hundredths = int(std::floor(100 * std::sin(1.3 * i) + 0.5));
      list += (i == start ? "" : ", ") + std::to_string(hundredths) + ".0";
    }
    std::string flat = "tensor<" + std::to_string(count) + "xf64>",
                type = "tensor<" + shape + "xf64>";
    return "%" + name + "_hundredths = edge.constant {value = dense<[" + list +
           "]> : " + flat + "} : " + flat + "\n%" + name +
           "_flat = edge.div %" + name + "_hundredths, %hundred : (" + flat +
           ", tensor<f64>) -> " + flat + "\n%" + name + " = edge.reshape %" +
           name + "_flat : (" + flat + ") -> " + type + "\n";
  }
  /// Evaluates `body` and joins the elements of the values %y, %h (and %c), of
  /// these types.
  std::vector<double> joined(const std::string &body,
                             const std::vector<std::string> &types,
                             const std::vector<int> &sizes) {
    std::string text = "%hundred = edge.constant {value = dense<100.0> : "
                       "tensor<f64>} : tensor<f64>\n" +
                       body;
    std::string names, flats;
    int total = 0;
    for (size_t i = 0; i < types.size(); ++i) {
      std::string name = std::string("%") + "yhc"[i];
      std::string flat = "tensor<" + std::to_string(sizes[i]) + "xf64>";
      text += name + "_out = edge.reshape " + name + " : (" + types[i] +
              ") -> " + flat + "\n";
      names += (i ? ", " : "") + name + "_out";
      flats += (i ? ", " : "") + flat;
      total += sizes[i];
    }
    std::string type = "tensor<" + std::to_string(total) + "xf64>";
    text += "%r = edge.concat " + names + " {axis = 0 : i64} : (" + flats +
            ") -> " + type + "\n";
    return reals(text, type);
  }
};
} // namespace

TEST_F(RecurrentTest, RnnInBothDirections) {
  std::string body = fill("x", 3, 24, "3x2x4") + fill("w", 5, 8, "2x2x1x2") +
                     fill("h0", 31, 8, "2x2x2") +
                     "%y, %h = edge.rnn bidirectional [relu, relu] %x, %w "
                     "hidden %h0 : (tensor<3x2x4xf64>, tensor<2x2x1x2xf64>, "
                     "tensor<2x2x2xf64>) -> (tensor<3x2x2x2xf64>, "
                     "tensor<2x2x2xf64>)\n";
  EXPECT_THAT(
      joined(body, {"tensor<3x2x2x2xf64>", "tensor<2x2x2xf64>"}, {24, 8}),
      near({0,        0.2027,   0.33976228, 1.01330692, 0.6424, 0,
            0,        0.42,     1.054864,   0,          0,      0.120972,
            0.751328, 1.5724,   0,          0,          0,      1.814864,
            1.7166,   0,        0,          0,          0.7584, 0.2578,
            0,        1.814864, 0.33976228, 1.01330692, 0,      0,
            0,        0.42}));
}

TEST_F(RecurrentTest, GruLinearBeforeReset) {
  std::string body =
      fill("x", 3, 72, "3x2x12") + fill("w", 5, 24, "2x2x3x2") +
      fill("h0", 31, 8, "2x2x2") + fill("b", 51, 4, "2x2") +
      "%y, %h = edge.gru bidirectional [sigmoid, tanh, sigmoid, tanh] %x, %w "
      "hidden %h0 new_bias %b {linear_before_reset = true} : "
      "(tensor<3x2x12xf64>, tensor<2x2x3x2xf64>, tensor<2x2x2xf64>, "
      "tensor<2x2xf64>) -> (tensor<3x2x2x2xf64>, tensor<2x2x2xf64>)\n";
  EXPECT_THAT(
      joined(body, {"tensor<3x2x2x2xf64>", "tensor<2x2x2xf64>"}, {24, 8}),
      near({-0.253853573982,  -0.850757425454, -0.928135672886,
            -0.069913361263,  0.593208400206,  0.356999061248,
            -0.0989204738371, 0.407293155424,  0.0122966396403,
            -0.95224394466,   -0.918735447799, -0.0429875839221,
            0.219749728933,   0.379637656681,  -0.408730806566,
            0.0571717150595,  0.0695124549065, -0.963132472565,
            -0.905976740428,  0.0355126463567, -0.100859789692,
            0.359240097805,   -0.653344660373, -0.358909990577,
            0.0695124549065,  -0.963132472565, -0.928135672886,
            -0.069913361263,  -0.100859789692, 0.359240097805,
            -0.0989204738371, 0.407293155424}));
}

TEST_F(RecurrentTest, LstmOfSequencesOfDifferentLength) {
  std::string body =
      fill("x", 3, 96, "3x2x16") + fill("w", 5, 32, "2x2x4x2") +
      fill("h0", 31, 8, "2x2x2") + fill("c0", 41, 8, "2x2x2") +
      "%l = edge.constant {value = dense<[3, 1]> : tensor<2xi32>} : "
      "tensor<2xi32>\n"
      "%y, %h, %c = edge.lstm bidirectional [sigmoid, tanh, tanh, sigmoid, "
      "tanh, tanh] %x, %w hidden %h0 lengths %l cell %c0 : "
      "(tensor<3x2x16xf64>, tensor<2x2x4x2xf64>, tensor<2x2x2xf64>, "
      "tensor<2xi32>, tensor<2x2x2xf64>) -> (tensor<3x2x2x2xf64>, "
      "tensor<2x2x2xf64>, tensor<2x2x2xf64>)\n";
  EXPECT_THAT(
      joined(body,
             {"tensor<3x2x2x2xf64>", "tensor<2x2x2xf64>", "tensor<2x2x2xf64>"},
             {24, 8, 8}),
      near({0.0358096759586,
            -0.2255645318,
            0.0508505172168,
            0.0302468565877,
            0.358948196166,
            0.158976512918,
            -0.403055942381,
            0.0376301210946,
            0.0616882068767,
            -0.190983113063,
            0.141718573256,
            0.275166098388,
            0,
            0,
            0,
            0,
            0.201911335771,
            0.0310036768136,
            -0.228132626351,
            0.266755341085,
            0,
            0,
            0,
            0,
            0.201911335771,
            0.0310036768136,
            0.0508505172168,
            0.0302468565877,
            0.358948196166,
            0.158976512918,
            -0.403055942381,
            0.0376301210946,
            0.292635948003,
            0.0660145721521,
            0.181889776817,
            0.0992209522498,
            0.487776329856,
            0.592678335461,
            -0.796394730273,
            0.0448243780719}));
}

TEST_F(RecurrentTest, LstmWithProjection) {
  std::string body =
      fill("x", 3, 48, "3x2x8") + fill("w", 5, 8, "1x1x4x2") +
      fill("p", 61, 2, "1x2x1") +
      "%y, %h, %c = edge.lstm forward [sigmoid, tanh, tanh] %x, %w projection "
      "%p : (tensor<3x2x8xf64>, tensor<1x1x4x2xf64>, tensor<1x2x1xf64>) -> "
      "(tensor<3x2x1x1xf64>, tensor<2x1x1xf64>, tensor<2x1x2xf64>)\n";
  EXPECT_THAT(
      joined(body,
             {"tensor<3x2x1x1xf64>", "tensor<2x1x1xf64>", "tensor<2x1x2xf64>"},
             {6, 2, 4}),
      near({0.00621309130657, 0.133900391207, -0.264957121175, 0.140997703155,
            0.0110214065613, -0.253817035885, 0.0110214065613, -0.253817035885,
            0.0370872556166, -0.0566596410584, 0.186618795658,
            0.439854805161}));
}

/// One step of one unit without recurrent weights: i = 0.5 + 0.1 * 2 (with its
/// peephole on c = 2), f = 1 - i, n = 3; c' = 0.3 * 2 + 0.7 * 3 = 2.7, o =
/// 0.25 + 0.2 * 2.7 = 0.79.
TEST_F(RecurrentTest, LstmWithCoupledGatesAndPeepholes) {
  std::string body =
      "%x = edge.constant {value = dense<[[[0.5, 0.25, 3.0]]]> : "
      "tensor<1x1x3xf64>} : tensor<1x1x3xf64>\n"
      "%w = edge.constant {value = dense<0.0> : tensor<1x1x3x1xf64>} : "
      "tensor<1x1x3x1xf64>\n"
      "%c0 = edge.constant {value = dense<2.0> : tensor<1x1x1xf64>} : "
      "tensor<1x1x1xf64>\n"
      "%p = edge.constant {value = dense<[[[0.1], [0.2], [9.0]]]> : "
      "tensor<1x3x1xf64>} : tensor<1x3x1xf64>\n"
      "%y, %h, %c = edge.lstm forward [identity, identity, identity] %x, %w "
      "cell %c0 peepholes %p coupling forget : (tensor<1x1x3xf64>, "
      "tensor<1x1x3x1xf64>, tensor<1x1x1xf64>, tensor<1x3x1xf64>) -> "
      "(tensor<1x1x1x1xf64>, tensor<1x1x1xf64>, tensor<1x1x1xf64>)\n";
  EXPECT_THAT(
      joined(body,
             {"tensor<1x1x1x1xf64>", "tensor<1x1x1xf64>", "tensor<1x1x1xf64>"},
             {1, 1, 1}),
      near({0.79 * 2.7, 0.79 * 2.7, 2.7}));
}

/// Without an input gate i = 1 - f = 0.75; c' = 0.25 * 4 + 0.75 * 2 = 2.5,
/// which cell_clip brings to 2 and h to 0.5 * 2.
TEST_F(RecurrentTest, LstmWithoutInputGateAndClips) {
  std::string body =
      "%x = edge.constant {value = dense<[[[0.5, 0.25, 2.0]]]> : "
      "tensor<1x1x3xf64>} : tensor<1x1x3xf64>\n"
      "%w = edge.constant {value = dense<0.0> : tensor<1x1x3x1xf64>} : "
      "tensor<1x1x3x1xf64>\n"
      "%c0 = edge.constant {value = dense<4.0> : tensor<1x1x1xf64>} : "
      "tensor<1x1x1xf64>\n"
      "%y, %h, %c = edge.lstm forward [identity, identity, identity] %x, %w "
      "cell %c0 coupling input {cell_clip = 2.0 : f32} : (tensor<1x1x3xf64>, "
      "tensor<1x1x3x1xf64>, tensor<1x1x1xf64>) -> (tensor<1x1x1x1xf64>, "
      "tensor<1x1x1xf64>, tensor<1x1x1xf64>)\n";
  EXPECT_THAT(
      joined(body,
             {"tensor<1x1x1x1xf64>", "tensor<1x1x1xf64>", "tensor<1x1x1xf64>"},
             {1, 1, 1}),
      near({1.0, 1.0, 2.0}));
}

TEST_F(RecurrentTest, Activations) {
  auto activate = [&](const std::string &activation) {
    std::string body =
        "%x = edge.constant {value = dense<[[[-2.0, -0.25, 0.5, 8.0]]]> : "
        "tensor<1x1x4xf64>} : tensor<1x1x4xf64>\n"
        "%w = edge.constant {value = dense<0.0> : tensor<1x4x1x4xf64>} : "
        "tensor<1x4x1x4xf64>\n"
        "%y, %r = edge.rnn forward [" +
        activation +
        "] %x, %w {clip = 7.0 : f32} : (tensor<1x1x4xf64>, "
        "tensor<1x4x1x4xf64>) -> (tensor<1x1x1x4xf64>, tensor<1x1x4xf64>)\n";
    return reals(body, "tensor<1x1x4xf64>");
  };
  EXPECT_THAT(activate("identity"), near({-2, -0.25, 0.5, 7}));
  EXPECT_THAT(activate("relu"), near({0, 0, 0.5, 7}));
  EXPECT_THAT(activate("relu6"), near({0, 0, 0.5, 6}));
  EXPECT_THAT(activate("affine(2.0, 0.5)"), near({-3.5, 0, 1.5, 14.5}));
  EXPECT_THAT(activate("leaky_relu(0.5, 0.0)"), near({-1, -0.125, 0.5, 7}));
  EXPECT_THAT(activate("thresholded_relu(0.5, 0.0)"), near({0, 0, 0, 7}));
  EXPECT_THAT(activate("hard_sigmoid(0.25, 0.5)"), near({0, 0.4375, 0.625, 1}));
  EXPECT_THAT(activate("softsign"), near({-2.0 / 3, -0.2, 1.0 / 3, 0.875}));
  EXPECT_THAT(activate("tanh"), near({-0.964027580076, -0.244918662404,
                                      0.462117157260, 0.999998336944}));
  EXPECT_THAT(
      activate("scaled_tanh(2.0, 0.5)"),
      near({-1.52318831191, -0.248706003543, 0.489837324807, 1.99635579522}));
  EXPECT_THAT(activate("sigmoid"), near({0.119202922022, 0.437823499114,
                                         0.622459331202, 0.999088948806}));
  EXPECT_THAT(activate("elu(2.0, 0.0)"),
              near({-1.72932943353, -0.442398433858, 0.5, 7}));
  EXPECT_THAT(activate("softplus"), near({0.126928011043, 0.575939419945,
                                          0.974076984180, 7.00091146645}));
}
