//===- IndexingTest.cpp - operators with indices, by hand ----------------===//
//
// Expected values are those of the examples in the ONNX operators' documents,
// or were computed with NumPy; none came out of this project's code.
//
//===----------------------------------------------------------------------===//
#include "test/evaluator/EvaluateText.h"

using namespace edgec::evaluator;
using testing::ElementsAre;

namespace {
class IndexingTest : public EvaluateText {
protected:
  /// "edge.constant" of a value; the element type decides the notation.
  static std::string constant(const std::string &name,
                              const std::string &numbers,
                              const std::string &type) {
    return "%" + name + " = edge.constant {value = dense<" + numbers +
           "> : " + type + "} : " + type + "\n";
  }
  /// %x, a 3x3 tensor of 1 .. 9
  static std::string nine() {
    return constant("x", "[[1.0,2.0,3.0],[4.0,5.0,6.0],[7.0,8.0,9.0]]",
                    "tensor<3x3xf32>");
  }
};

TEST_F(IndexingTest, GatherCountsFromTheEndAndClamps) {
  EXPECT_THAT(reals(nine() + constant("i", "[-1, 0, 7, -9]", "tensor<4xi64>") +
                        "%r = edge.gather %x, %i {axis = 0 : i64} : "
                        "(tensor<3x3xf32>, tensor<4xi64>) -> tensor<4x3xf32>",
                    "tensor<4x3xf32>"),
              ElementsAre(7, 8, 9, 1, 2, 3, 7, 8, 9, 1, 2, 3));
}

TEST_F(IndexingTest, GatherElements) {
  // The example of ONNX GatherElements.
  EXPECT_THAT(reals(nine() +
                        constant("i", "[[1,2,0],[2,0,0]]", "tensor<2x3xi64>") +
                        "%r = edge.gather_elements %x, %i {axis = 0 : i64} : "
                        "(tensor<3x3xf32>, tensor<2x3xi64>) -> tensor<2x3xf32>",
                    "tensor<2x3xf32>"),
              ElementsAre(4, 8, 3, 7, 2, 3));
}

TEST_F(IndexingTest, GatherNd) {
  // Example 5 of ONNX GatherND: batch_dims = 1.
  EXPECT_THAT(
      integers(
          constant("x", "[[[0,1],[2,3]],[[4,5],[6,7]]]", "tensor<2x2x2xi32>") +
              constant("i", "[[1],[0]]", "tensor<2x1xi64>") +
              "%r = edge.gather_nd %x, %i {batch_dims = 1 : i64} : "
              "(tensor<2x2x2xi32>, tensor<2x1xi64>) -> tensor<2x2xi32>",
          "tensor<2x2xi32>"),
      ElementsAre(2, 3, 4, 5));
}

TEST_F(IndexingTest, ReverseSequence) {
  EXPECT_THAT(
      reals(nine() + constant("n", "[2, 0, 9]", "tensor<3xi64>") +
                "%r = edge.reverse_sequence %x, %n {batch_axis = 0 : i64, "
                "time_axis = 1 : i64} : (tensor<3x3xf32>, tensor<3xi64>) -> "
                "tensor<3x3xf32>",
            "tensor<3x3xf32>"),
      ElementsAre(2, 1, 3, 4, 5, 6, 9, 8, 7));
}

TEST_F(IndexingTest, Trilu) {
  auto trilu = [&](const std::string &k, const std::string &upper) {
    return reals(nine() + constant("k", k, "tensor<i64>") +
                     "%r = edge.trilu %x, %k {upper = " + upper +
                     "} : (tensor<3x3xf32>, tensor<i64>) -> tensor<3x3xf32>",
                 "tensor<3x3xf32>");
  };
  EXPECT_THAT(trilu("0", "true"), ElementsAre(1, 2, 3, 0, 5, 6, 0, 0, 9));
  EXPECT_THAT(trilu("-1", "false"), ElementsAre(0, 0, 0, 4, 0, 0, 7, 8, 0));
  EXPECT_THAT(trilu("9223372036854775807", "true"),
              ElementsAre(0, 0, 0, 0, 0, 0, 0, 0, 0));
}

TEST_F(IndexingTest, OneHot) {
  EXPECT_THAT(
      reals(constant("i", "[1, -1, 3]", "tensor<3xi64>") +
                constant("v", "[2.0, 5.0]", "tensor<2xf32>") +
                "%r = edge.one_hot %i, %v {axis = 0 : i64, depth = 3 : i64} : "
                "(tensor<3xi64>, tensor<2xf32>) -> tensor<3x3xf32>",
            "tensor<3x3xf32>"),
      ElementsAre(2, 2, 2, 5, 2, 2, 2, 5, 2));
}

TEST_F(IndexingTest, ScatterElements) {
  auto scatter = [&](const std::string &combine, const std::string &indices) {
    return reals(
        constant("x", "[[1.0,2.0,3.0,4.0,5.0]]", "tensor<1x5xf32>") +
            constant("i", indices, "tensor<1x2xi64>") +
            constant("u", "[[1.1,2.1]]", "tensor<1x2xf64>") +
            "%v = edge.cast %u : (tensor<1x2xf64>) -> tensor<1x2xf32>\n"
            "%r = edge.scatter_elements " +
            combine +
            " %x, %i, %v {axis = 1 : i64} : (tensor<1x5xf32>, "
            "tensor<1x2xi64>, tensor<1x2xf32>) -> tensor<1x5xf32>",
        "tensor<1x5xf32>");
  };
  // The examples of ONNX ScatterElements.
  auto close = [](std::vector<double> expected) {
    return testing::Pointwise(testing::DoubleNear(1e-6), expected);
  };
  EXPECT_THAT(scatter("none", "[[1, 3]]"), close({1, 1.1, 3, 2.1, 5}));
  EXPECT_THAT(scatter("add", "[[1, 1]]"), close({1, 5.2, 3, 4, 5}));
  EXPECT_THAT(scatter("mul", "[[1, -4]]"), close({1, 4.62, 3, 4, 5}));
  EXPECT_THAT(scatter("min", "[[1, 1]]"), close({1, 1.1, 3, 4, 5}));
  EXPECT_THAT(scatter("max", "[[0, 0]]"), close({2.1, 2, 3, 4, 5}));
  // Outside: left out.
  EXPECT_THAT(scatter("none", "[[5, -6]]"), close({1, 2, 3, 4, 5}));
}

TEST_F(IndexingTest, ScatterNd) {
  EXPECT_THAT(
      integers(
          constant("x", "[1,2,3,4,5,6,7,8]", "tensor<8xi8>") +
              constant("i", "[[4],[3],[1],[-1],[4],[8]]", "tensor<6x1xi64>") +
              constant("u", "[9,10,11,12,120,1]", "tensor<6xi8>") +
              "%r = edge.scatter_nd add %x, %i, %u : (tensor<8xi8>, "
              "tensor<6x1xi64>, tensor<6xi8>) -> tensor<8xi8>",
          "tensor<8xi8>"),
      ElementsAre(1, 13, 3, 14, -122, 6, 7, 20));
}
} // namespace
