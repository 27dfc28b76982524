//===- OperatorTest.cpp - the meaning of each operator by hand ------------===//
//
// Expected values were computed by hand or are those of the ONNX and TOSA
// specifications' examples; none came out of this project's code.
//
//===----------------------------------------------------------------------===//
#include "test/evaluator/EvaluateText.h"

using namespace edgec::evaluator;
using testing::ElementsAre;

namespace {
class OperatorTest : public EvaluateText {
protected:
  /// A unary operator on three numbers.
  std::vector<double> unary(const std::string &op, const std::string &numbers,
                            const std::string &attributes = "") {
    return reals("%x = edge.constant {value = dense<[" + numbers +
                     "]> : tensor<3xf32>} : tensor<3xf32>\n%r = edge." + op +
                     " %x " + attributes +
                     " : (tensor<3xf32>) -> tensor<3xf32>",
                 "tensor<3xf32>");
  }
  /// A binary operator on [[6, -7], [8, 9]] and [2, -3], which broadcasts.
  std::vector<double> binary(const std::string &op) {
    return reals(
        "%a = edge.constant {value = dense<[[6.0, -7.0], [8.0, 9.0]]> : "
        "tensor<2x2xf32>} : tensor<2x2xf32>\n"
        "%b = edge.constant {value = dense<[2.0, -3.0]> : tensor<2xf32>} : "
        "tensor<2xf32>\n"
        "%r = edge." +
            op +
            " %a, %b : (tensor<2x2xf32>, tensor<2xf32>) -> tensor<2x2xf32>",
        "tensor<2x2xf32>");
  }
  /// A reduction of [[1, 2, 3], [4, 5, 6]] along its columns.
  std::vector<double> reduce(const std::string &op) {
    return reals(
        "%x = edge.constant {value = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> "
        ": tensor<2x3xf32>} : tensor<2x3xf32>\n"
        "%r = edge." +
            op +
            " %x {axes = array<i64: 1>} : (tensor<2x3xf32>) -> tensor<2xf32>",
        "tensor<2xf32>");
  }
  /// 1 to 16 as a 4x4 image of one channel.
  const std::string image =
      "%v = edge.constant {value = dense<[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, "
      "8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0]> : tensor<16xf32>} "
      ": tensor<16xf32>\n"
      "%x = edge.reshape %v : (tensor<16xf32>) -> tensor<1x4x4x1xf32>\n";
};
} // namespace

TEST_F(OperatorTest, UnaryArithmetic) {
  EXPECT_THAT(unary("abs", "-1.5, 0.0, 2.0"), near({1.5, 0, 2}));
  EXPECT_THAT(unary("neg", "-1.5, 0.0, 2.0"), near({1.5, 0, -2}));
  EXPECT_THAT(unary("sqrt", "0.0, 4.0, 2.25"), near({0, 2, 1.5}));
  EXPECT_THAT(unary("rsqrt", "1.0, 4.0, 0.25"), near({1, 0.5, 2}));
  EXPECT_THAT(unary("reciprocal", "1.0, -4.0, 0.25"), near({1, -0.25, 4}));
  EXPECT_THAT(unary("sign", "-3.0, 0.0, 7.0"), near({-1, 0, 1}));
  EXPECT_THAT(unary("copy", "-3.0, 0.0, 7.0"), near({-3, 0, 7}));
}

TEST_F(OperatorTest, Rounding) {
  EXPECT_THAT(unary("floor", "-1.5, 1.5, 2.0"), near({-2, 1, 2}));
  EXPECT_THAT(unary("ceil", "-1.5, 1.5, 2.0"), near({-1, 2, 2}));
  EXPECT_THAT(unary("round_even", "-1.5, 2.5, 2.75"), near({-2, 2, 3}));
}

TEST_F(OperatorTest, Transcendental) {
  EXPECT_THAT(unary("exp", "0.0, 1.0, -1.0"),
              near({1, 2.718281828459045, 0.36787944117144233}));
  EXPECT_THAT(unary("log", "1.0, 2.0, 0.5"),
              near({0, 0.6931471805599453, -0.6931471805599453}));
  EXPECT_THAT(unary("tanh", "0.0, 1.0, -1.0"),
              near({0, 0.7615941559557649, -0.7615941559557649}));
  EXPECT_THAT(unary("erf", "0.0, 1.0, -0.5"),
              near({0, 0.8427007929497149, -0.5204998778130465}));
  EXPECT_THAT(unary("sigmoid", "0.0, 1.0, -1.0"),
              near({0.5, 0.7310585786300049, 0.2689414213699951}));
  EXPECT_THAT(
      unary("softplus", "0.0, 1.0, -1.0"),
      near({0.6931471805599453, 1.3132616875182228, 0.3132616875182228}));
  EXPECT_THAT(unary("softplus", "1000.0, -1000.0, 0.0"),
              near({1000, 0, 0.6931471805599453}));
}

TEST_F(OperatorTest, Activations) {
  EXPECT_THAT(unary("relu", "-1.0, 0.0, 2.0"), near({0, 0, 2}));
  EXPECT_THAT(unary("silu", "0.0, 1.0, -1.0"),
              near({0, 0.7310585786300049, -0.2689414213699951}));
  EXPECT_THAT(unary("hard_swish", "-4.0, 1.0, 5.0"), near({0, 4.0 / 6, 5}));
  EXPECT_THAT(unary("gelu", "0.0, 1.0, -1.0"),
              near({0, 0.8413447460685429, -0.15865525393145707}));
  EXPECT_THAT(unary("gelu", "0.0, 1.0, -1.0", "{approximate = \"tanh\"}"),
              near({0, 0.8411919906082768, -0.15880800939172324}));
  EXPECT_THAT(
      unary("clamp", "-1.0, 3.0, 9.0", "{min = 0.0 : f32, max = 6.0 : f32}"),
      near({0, 3, 6}));
  EXPECT_THAT(unary("hard_sigmoid", "-4.0, 1.0, 5.0",
                    "{alpha = 0.25 : f32, beta = 0.5 : f32}"),
              near({0, 0.75, 1}));
  EXPECT_THAT(unary("leaky_relu", "-4.0, 0.0, 5.0", "{alpha = 0.25 : f32}"),
              near({-1, 0, 5}));
  EXPECT_THAT(unary("elu", "-1.0, 0.0, 5.0", "{alpha = 2.0 : f32}"),
              near({-1.2642411176571153, 0, 5}));
}

TEST_F(OperatorTest, BinaryBroadcasts) {
  EXPECT_THAT(binary("add"), near({8, -10, 10, 6}));
  EXPECT_THAT(binary("sub"), near({4, -4, 6, 12}));
  EXPECT_THAT(binary("mul"), near({12, 21, 16, -27}));
  EXPECT_THAT(binary("div"), near({3, 7.0 / 3, 4, -3}));
  EXPECT_THAT(binary("max"), near({6, -3, 8, 9}));
  EXPECT_THAT(binary("min"), near({2, -7, 2, -3}));
  EXPECT_THAT(binary("pow"), near({36, -1.0 / 343, 64, 1.0 / 729}));
}

TEST_F(OperatorTest, IntegersWrapAndTruncate) {
  auto run = [&](const std::string &op) {
    return integers(
        "%a = edge.constant {value = dense<[-7, 100, 3]> : tensor<3xi8>} : "
        "tensor<3xi8>\n"
        "%b = edge.constant {value = dense<[2, 100, -2]> : tensor<3xi8>} : "
        "tensor<3xi8>\n"
        "%r = edge." +
            op + " %a, %b : (tensor<3xi8>, tensor<3xi8>) -> tensor<3xi8>",
        "tensor<3xi8>");
  };
  EXPECT_THAT(run("add"), ElementsAre(-5, -56, 1));
  EXPECT_THAT(run("mul"), ElementsAre(-14, 16, -6));
  EXPECT_THAT(run("div"), ElementsAre(-3, 1, -1));
  EXPECT_THAT(run("pow"), ElementsAre(49, 0, 0));
}

TEST_F(OperatorTest, Conv2DPadsAndStrides) {
  // Ones under a 3x3 filter with pads of 1: sums of neighbourhoods.
  EXPECT_THAT(
      reals(image +
                "%f = edge.constant {value = dense<1.0> : tensor<1x3x3x1xf32>} "
                ": tensor<1x3x3x1xf32>\n"
                "%b = edge.constant {value = dense<0.5> : tensor<1xf32>} : "
                "tensor<1xf32>\n"
                "%r = edge.conv2d %x, %f, %b {strides = array<i64: 2, 2>, pads "
                "= array<i64: 1, 1, 1, 1>} : (tensor<1x4x4x1xf32>, "
                "tensor<1x3x3x1xf32>, tensor<1xf32>) -> tensor<1x2x2x1xf32>",
            "tensor<1x2x2x1xf32>"),
      near({14.5, 30.5, 57.5, 99.5}));
}

TEST_F(OperatorTest, Conv2DDilates) {
  // [[1, 2], [3, 4]] over the corners of 3x3 windows.
  EXPECT_THAT(
      reals(image +
                "%f = edge.constant {value = dense<[[[[1.0], [2.0]], [[3.0], "
                "[4.0]]]]> : tensor<1x2x2x1xf32>} : tensor<1x2x2x1xf32>\n"
                "%r = edge.conv2d %x, %f {dilations = array<i64: 2, 2>} : "
                "(tensor<1x4x4x1xf32>, tensor<1x2x2x1xf32>) -> "
                "tensor<1x2x2x1xf32>",
            "tensor<1x2x2x1xf32>"),
      near({1 + 6 + 27 + 44, 2 + 8 + 30 + 48, 5 + 14 + 39 + 60,
            6 + 16 + 42 + 64}));
}

TEST_F(OperatorTest, Conv2DGroups) {
  // Two groups of two channels; two filters each.
  EXPECT_THAT(
      reals("%x = edge.constant {value = dense<[[[[1.0, 2.0, 3.0, 4.0]]]]> : "
            "tensor<1x1x1x4xf32>} : tensor<1x1x1x4xf32>\n"
            "%f = edge.constant {value = dense<[[[[1.0, 10.0]]], [[[2.0, "
            "20.0]]], [[[3.0, 30.0]]], [[[4.0, 40.0]]]]> : "
            "tensor<4x1x1x2xf32>} : tensor<4x1x1x2xf32>\n"
            "%r = edge.conv2d %x, %f {groups = 2} : (tensor<1x1x1x4xf32>, "
            "tensor<4x1x1x2xf32>) -> tensor<1x1x1x4xf32>",
            "tensor<1x1x1x4xf32>"),
      near({21, 42, 129, 172}));
}

TEST_F(OperatorTest, MatMulBroadcastsBatches) {
  EXPECT_THAT(reals("%a = edge.constant {value = dense<[[[1.0, 2.0]], [[3.0, "
                    "4.0]]]> : tensor<2x1x2xf32>} : tensor<2x1x2xf32>\n"
                    "%b = edge.constant {value = dense<[[1.0, 0.0, 2.0], [0.0, "
                    "1.0, 3.0]]> : tensor<2x3xf32>} : tensor<2x3xf32>\n"
                    "%r = edge.matmul %a, %b : (tensor<2x1x2xf32>, "
                    "tensor<2x3xf32>) -> tensor<2x1x3xf32>",
                    "tensor<2x1x3xf32>"),
              near({1, 2, 8, 3, 4, 18}));
}

TEST_F(OperatorTest, FullyConnected) {
  EXPECT_THAT(reals("%x = edge.constant {value = dense<[[1.0, 2.0]]> : "
                    "tensor<1x2xf32>} : tensor<1x2xf32>\n"
                    "%f = edge.constant {value = dense<[[1.0, 1.0], [3.0, "
                    "-1.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>\n"
                    "%b = edge.constant {value = dense<[10.0, 20.0]> : "
                    "tensor<2xf32>} : tensor<2xf32>\n"
                    "%r = edge.fully_connected %x, %f, %b : (tensor<1x2xf32>, "
                    "tensor<2x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>",
                    "tensor<1x2xf32>"),
              near({13, 21}));
}

TEST_F(OperatorTest, MaxPool2D) {
  // Pads do not count, not even as zeros: all values are negative.
  EXPECT_THAT(reals(image +
                        "%n = edge.neg %x : (tensor<1x4x4x1xf32>) -> "
                        "tensor<1x4x4x1xf32>\n"
                        "%r = edge.max_pool2d %n {window = array<i64: 3, 3>, "
                        "strides = array<i64: 2, 2>, pads = array<i64: 1, 1, "
                        "1, 1>} : (tensor<1x4x4x1xf32>) -> tensor<1x2x2x1xf32>",
                    "tensor<1x2x2x1xf32>"),
              near({-1, -2, -5, -6}));
}

TEST_F(OperatorTest, AvgPool2DCountsPadsWhenAsked) {
  auto pool = [&](const std::string &attributes) {
    return reals(
        image +
            "%r = edge.avg_pool2d %x {window = array<i64: 3, 3>, strides = "
            "array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>" +
            attributes + "} : (tensor<1x4x4x1xf32>) -> tensor<1x2x2x1xf32>",
        "tensor<1x2x2x1xf32>");
  };
  EXPECT_THAT(pool(""), near({14.0 / 4, 30.0 / 6, 57.0 / 6, 99.0 / 9}));
  EXPECT_THAT(pool(", count_include_pad = true"),
              near({14.0 / 9, 30.0 / 9, 57.0 / 9, 99.0 / 9}));
}

TEST_F(OperatorTest, AvgPool2DNeverCountsTheOverhang) {
  // ONNX AveragePool, test_averagepool_2d_ceil: windows leave the input on the
  // right and at the bottom.
  EXPECT_THAT(reals(image + "%r = edge.avg_pool2d %x {window = array<i64: 3, "
                            "3>, strides = array<i64: 2, 2>, overhang = "
                            "array<i64: 1, 1>, count_include_pad = true} : "
                            "(tensor<1x4x4x1xf32>) -> tensor<1x2x2x1xf32>",
                    "tensor<1x2x2x1xf32>"),
              near({6, 7.5, 12, 13.5}));
}

TEST_F(OperatorTest, Reductions) {
  EXPECT_THAT(reduce("reduce_sum"), near({6, 15}));
  EXPECT_THAT(reduce("reduce_mean"), near({2, 5}));
  EXPECT_THAT(reduce("reduce_max"), near({3, 6}));
  EXPECT_THAT(reduce("reduce_min"), near({1, 4}));
  EXPECT_THAT(reduce("reduce_prod"), near({6, 120}));
}

TEST_F(OperatorTest, ReducesOuterAndInnerDimensions) {
  EXPECT_THAT(
      reals(
          "%x = edge.constant {value = dense<[[[1.0, 2.0], [3.0, 4.0]], [[5.0, "
          "6.0], [7.0, 8.0]]]> : tensor<2x2x2xf32>} : tensor<2x2x2xf32>\n"
          "%r = edge.reduce_sum %x {axes = array<i64: 0, 2>, keep_dims = true} "
          ": (tensor<2x2x2xf32>) -> tensor<1x2x1xf32>",
          "tensor<1x2x1xf32>"),
      near({14, 22}));
}

TEST_F(OperatorTest, Softmax) {
  // ONNX's example, and large numbers that must not overflow.
  auto softmax = [&](const std::string &numbers) {
    return reals("%x = edge.constant {value = dense<[[" + numbers +
                     "]]> : tensor<1x3xf32>} : tensor<1x3xf32>\n"
                     "%r = edge.softmax %x {axis = 1 : i64} : "
                     "(tensor<1x3xf32>) -> tensor<1x3xf32>",
                 "tensor<1x3xf32>");
  };
  EXPECT_THAT(
      softmax("-1.0, 0.0, 1.0"),
      near({0.09003057317038046, 0.24472847105479767, 0.6652409557748219}));
  EXPECT_THAT(softmax("10000.0, 10000.0, -10000.0"), near({0.5, 0.5, 0}));
}

TEST_F(OperatorTest, SoftmaxAlongAnOuterAxis) {
  EXPECT_THAT(reals("%x = edge.constant {value = dense<[[0.0, 5.0], [0.0, "
                    "5.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>\n"
                    "%r = edge.softmax %x {axis = 0 : i64} : (tensor<2x2xf32>) "
                    "-> tensor<2x2xf32>",
                    "tensor<2x2xf32>"),
              near({0.5, 0.5, 0.5, 0.5}));
}

TEST_F(OperatorTest, Normalize) {
  // Mean 2.5 and variance 1.25, of which epsilon makes 1.5625; and a constant
  // row.
  EXPECT_THAT(reals("%x = edge.constant {value = dense<[[1.0, 2.0, 3.0, 4.0], "
                    "[7.0, 7.0, 7.0, 7.0]]> : tensor<2x4xf32>} : "
                    "tensor<2x4xf32>\n"
                    "%r = edge.normalize %x {epsilon = 0.3125 : f32} : "
                    "(tensor<2x4xf32>) -> tensor<2x4xf32>",
                    "tensor<2x4xf32>"),
              near({-1.2, -0.4, 0.4, 1.2, 0, 0, 0, 0}));
}

// The numbers of ONNX Runtime 1.30 on a processor with AVX2, every bit.
TEST_F(OperatorTest, LayerNormIsOnnxRuntimes) {
  auto constant = [](const std::string &name, const std::string &numbers,
                     const std::string &type) {
    return "%" + name + " = edge.constant {value = dense<[" + numbers +
           "]> : " + type + "} : " + type + "\n";
  };
  const std::string type = "tensor<10xf32>";
  std::vector<double> y = reals(
      constant("x", "0.5, -1.25, 3.0, 0.1, 2.7, -0.3, 1.9, -2.2, 0.75, 4.1",
               type) +
          constant("s", "1.0, 0.5, 2.0, 0.25, 1.5, 0.75, 1.0, 1.25, 0.3, 0.9",
                   type) +
          constant("b", "0.1, -0.2, 0.3, 0.0, 0.5, -0.6, 0.7, 0.8, -0.9, 1.0",
                   type) +
          "%r = edge.layer_norm %x, %s, %b {epsilon = 1.0e-5 : f32} : (" +
          type + ", " + type + ", " + type + ") -> " + type,
      type);
  EXPECT_THAT(y,
              ElementsAre(-0.128619611F, -0.779524088F, 2.5011282F,
                          -0.110322244F, 1.9115932F, -1.09046876F, 1.21572328F,
                          -1.28017259F, -0.928710341F, 2.5168643F));
}

TEST_F(OperatorTest, BatchNorm) {
  EXPECT_THAT(
      reals("%x = edge.constant {value = dense<[[1.0, 2.0], [3.0, 4.0]]> : "
            "tensor<2x2xf32>} : tensor<2x2xf32>\n"
            "%s = edge.constant {value = dense<[2.0, 3.0]> : tensor<2xf32>} : "
            "tensor<2xf32>\n"
            "%o = edge.constant {value = dense<[10.0, 20.0]> : tensor<2xf32>} "
            ": tensor<2xf32>\n"
            "%m = edge.constant {value = dense<[1.0, 2.0]> : tensor<2xf32>} : "
            "tensor<2xf32>\n"
            "%v = edge.constant {value = dense<[3.0, 15.0]> : tensor<2xf32>} : "
            "tensor<2xf32>\n"
            "%r = edge.batch_norm %x, %s, %o, %m, %v {axis = 1 : i64, epsilon "
            "= 1.0 : f32} : (tensor<2x2xf32>, tensor<2xf32>, tensor<2xf32>, "
            "tensor<2xf32>, tensor<2xf32>) -> tensor<2x2xf32>",
            "tensor<2x2xf32>"),
      near({10, 20, 12, 21.5}));
}

TEST_F(OperatorTest, Transpose) {
  EXPECT_THAT(
      reals("%x = edge.constant {value = dense<[[[1.0, 2.0, 3.0]], [[4.0, 5.0, "
            "6.0]]]> : tensor<2x1x3xf32>} : tensor<2x1x3xf32>\n"
            "%r = edge.transpose %x {permutation = array<i64: 2, 0, 1>} : "
            "(tensor<2x1x3xf32>) -> tensor<3x2x1xf32>",
            "tensor<3x2x1xf32>"),
      near({1, 4, 2, 5, 3, 6}));
}

TEST_F(OperatorTest, Concat) {
  EXPECT_THAT(
      reals("%a = edge.constant {value = dense<[[1.0], [2.0]]> : "
            "tensor<2x1xf32>} : tensor<2x1xf32>\n"
            "%b = edge.constant {value = dense<[[3.0, 4.0], [5.0, 6.0]]> : "
            "tensor<2x2xf32>} : tensor<2x2xf32>\n"
            "%r = edge.concat %a, %b, %a {axis = 1 : i64} : (tensor<2x1xf32>, "
            "tensor<2x2xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>",
            "tensor<2x4xf32>"),
      near({1, 3, 4, 1, 2, 5, 6, 2}));
}

TEST_F(OperatorTest, SliceForwardsAndBackwards) {
  EXPECT_THAT(
      reals(image + "%r = edge.slice %x {offsets = array<i64: 0, 3, 1, 0>, "
                    "sizes = array<i64: 1, 2, 2, 1>, strides = array<i64: 1, "
                    "-2, 2, 1>} : (tensor<1x4x4x1xf32>) -> tensor<1x2x2x1xf32>",
            "tensor<1x2x2x1xf32>"),
      near({14, 16, 6, 8}));
}

TEST_F(OperatorTest, Pad) {
  EXPECT_THAT(
      reals("%x = edge.constant {value = dense<[[1.0, 2.0]]> : "
            "tensor<1x2xf32>} : tensor<1x2xf32>\n"
            "%r = edge.pad %x {low = array<i64: 0, 1>, high = array<i64: 1, "
            "0>, value = 9.0 : f32} : (tensor<1x2xf32>) -> tensor<2x3xf32>",
            "tensor<2x3xf32>"),
      near({9, 1, 2, 9, 9, 9}));
}

TEST_F(OperatorTest, Broadcast) {
  EXPECT_THAT(
      reals("%x = edge.constant {value = dense<[[1.0], [2.0]]> : "
            "tensor<2x1xf32>} : tensor<2x1xf32>\n"
            "%r = edge.broadcast %x : (tensor<2x1xf32>) -> tensor<2x2x3xf32>",
            "tensor<2x2x3xf32>"),
      near({1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2}));
}

TEST_F(OperatorTest, CastTruncatesAndSaturates) {
  EXPECT_THAT(integers("%x = edge.constant {value = dense<[-1.9, 2.9, 300.0, "
                       "-1.0e30]> : tensor<4xf32>} : tensor<4xf32>\n"
                       "%r = edge.cast %x : (tensor<4xf32>) -> tensor<4xi8>",
                       "tensor<4xi8>"),
              ElementsAre(-1, 2, 127, -128));
  EXPECT_THAT(reals("%x = edge.constant {value = dense<[16777217, -3]> : "
                    "tensor<2xi32>} : tensor<2xi32>\n"
                    "%r = edge.cast %x : (tensor<2xi32>) -> tensor<2xf32>",
                    "tensor<2xf32>"),
              near({16777216, -3}));
}

TEST_F(OperatorTest, QuantizeRoundsToEvenAndSaturates) {
  EXPECT_THAT(integers("%x = edge.constant {value = dense<[0.25, 0.75, "
                       "0xFF800000, 1.0]> : tensor<4xf32>} : tensor<4xf32>\n"
                       "%r = edge.quantize %x : (tensor<4xf32>) -> "
                       "tensor<4x!quant.uniform<i8:f32, 0.5:3>>",
                       "tensor<4x!quant.uniform<i8:f32, 0.5:3>>"),
              ElementsAre(3, 5, -128, 5));
}

// 2.5 and 3.5 are ties; 0.1 * 25 is 2.5 in float32, and a little more in
// double.
TEST_F(OperatorTest, RequantizeRoundsInFloat) {
  EXPECT_THAT(
      integers(
          "%x = edge.constant {value = dense<[5, 7, 25, -25, 2000, -2000]> "
          ": tensor<6xi32>} : tensor<6xi32>\n"
          "%f = edge.constant {value = dense<[0.5, 0.5, 0.1, 0.1, 1.0, "
          "1.0]> : tensor<6xf32>} : tensor<6xf32>\n"
          "%r = edge.requantize %x, %f {low = -100 : i64, high = 99 : i64, "
          "zero_point = 3 : i64} : (tensor<6xi32>, tensor<6xf32>) -> "
          "tensor<6xi8>",
          "tensor<6xi8>"),
      ElementsAre(5, 7, 5, 1, 99, -100));
  EXPECT_THAT(
      integers("%x = edge.constant {value = dense<[0x7FC00000, 0x7F800000, "
               "0xFF800000, 254.5, -0.5]> : tensor<5xf32>} : tensor<5xf32>\n"
               "%r = edge.requantize %x {low = 1 : i64, high = 255 : i64} : "
               "(tensor<5xf32>) -> tensor<5xui8>",
               "tensor<5xui8>"),
      ElementsAre(1, 255, 1, 254, 1));
}

// The largest number has the last entry. 2^24 and 1 are 2^24 in float32, so the
// order of the sum shows: with the large one first it is 2^24, and 2^24 + 2
// when the small ones have come together.
TEST_F(OperatorTest, LookupSoftmaxAddsUpInOrder) {
  std::string entries = "0.0";
  for (int i = 1; i < 255; ++i)
    entries += i == 251 ? ", 1.0" : ", 0.0";
  entries += ", 16777216.0";
  auto softmax = [&](const std::string &rows, const std::string &type) {
    return reals("%x = edge.constant {value = dense<" + rows +
                     "> : tensor<2x3x" + type + ">} : tensor<2x3x" + type +
                     ">\n%e = edge.constant {value = dense<[" + entries +
                     "]> : tensor<256xf32>} : tensor<256xf32>\n"
                     "%f = edge.constant {value = dense<100.0> : tensor<f32>} "
                     ": tensor<f32>\n"
                     "%r = edge.lookup_softmax %x, %e, %f : (tensor<2x3x" +
                     type +
                     ">, tensor<256xf32>, tensor<f32>) -> tensor<2x3xf32>",
                 "tensor<2x3xf32>");
  };
  float apart = 100.0F * 16777216.0F / 16777218.0F;
  EXPECT_THAT(softmax("[[9, 5, 5], [5, 5, 9]]", "ui8"),
              ElementsAre(100, 100.0F / 16777216, 100.0F / 16777216,
                          100.0F / 16777218, 100.0F / 16777218, apart));
  EXPECT_THAT(softmax("[[-2, -2, -2], [127, 127, 126]]", "i8"),
              ElementsAre(100.0F / 3, 100.0F / 3, 100.0F / 3, 50, 50, 0));
}

TEST_F(OperatorTest, BitcastShowsWhatIsStored) {
  EXPECT_THAT(
      reals("%x = edge.constant {value = dense<[0, 3, 255]> : tensor<3xui8>} : "
            "tensor<3xui8>\n"
            "%q = edge.bitcast %x : (tensor<3xui8>) -> "
            "tensor<3x!quant.uniform<u8:f32, 0.5:3>>\n"
            "%r = edge.dequantize %q : (tensor<3x!quant.uniform<u8:f32, "
            "0.5:3>>) -> tensor<3xf32>",
            "tensor<3xf32>"),
      near({-1.5, 0, 126}));
}

TEST_F(OperatorTest, DequantizePerChannel) {
  EXPECT_THAT(
      reals("%x = edge.constant {value = dense<[[4.0, 4.0], [-2.0, 6.0]]> : "
            "tensor<2x2xf32>} : tensor<2x2xf32>\n"
            "%q = edge.quantize %x : (tensor<2x2xf32>) -> "
            "tensor<2x2x!quant.uniform<i8:f32:1, {2.0:1, 0.5}>>\n"
            "%r = edge.dequantize %q : (tensor<2x2x!quant.uniform<i8:f32:1, "
            "{2.0:1, 0.5}>>) -> tensor<2x2xf32>",
            "tensor<2x2xf32>"),
      near({4, 4, -2, 6}));
}
