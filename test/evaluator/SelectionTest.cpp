//===- SelectionTest.cpp - operators that search and sort, by hand -------===//
//
// Expected values are those of the examples in the ONNX operators' documents,
// or were computed with NumPy; none came out of this project's code.
//
//===----------------------------------------------------------------------===//
#include "test/evaluator/EvaluateText.h"

using namespace edgec::evaluator;
using testing::ElementsAre;

namespace {
class SelectionTest : public EvaluateText {
protected:
  static std::string constant(const std::string &name,
                              const std::string &numbers,
                              const std::string &type) {
    return "%" + name + " = edge.constant {value = dense<" + numbers +
           "> : " + type + "} : " + type + "\n";
  }
};

TEST_F(SelectionTest, ArgMaxAndArgMin) {
  auto find = [&](const std::string &op) {
    return integers(constant("x",
                             "[[2.0,2.0,1.0,1.0],[3.0,10.0,0x7FC00000,"
                             "0x7FC00000]]",
                             "tensor<2x4xf32>") +
                        "%r = edge." + op +
                        " : (tensor<2x4xf32>) -> tensor<2xi64>",
                    "tensor<2xi64>");
  };
  EXPECT_THAT(find("arg_max %x {axis = 1 : i64}"), ElementsAre(0, 2));
  EXPECT_THAT(find("arg_max %x {axis = 1 : i64, select_last = true}"),
              ElementsAre(1, 3));
  EXPECT_THAT(find("arg_min %x {axis = 1 : i64}"), ElementsAre(2, 2));
  EXPECT_THAT(find("arg_min %x {axis = 1 : i64, select_last = true}"),
              ElementsAre(3, 3));
}

TEST_F(SelectionTest, TopK) {
  auto topK = [&](const std::string &attributes, const std::string &result) {
    return constant("x", "[3.0, 1.0, 3.0, 0x7FC00000, -2.0]", "tensor<5xf32>") +
           "%" + (result == "values" ? "r" : "v") + ", %" +
           (result == "values" ? "i" : "r") +
           " = edge.top_k %x {axis = 0 : i64, k = 4 : i64, " + attributes +
           "} : (tensor<5xf32>) -> (tensor<4xf32>, tensor<4xi64>)";
  };
  EXPECT_THAT(integers(topK("largest = true", "indices"), "tensor<4xi64>"),
              ElementsAre(3, 0, 2, 1));
  EXPECT_THAT(integers(topK("largest = false", "indices"), "tensor<4xi64>"),
              ElementsAre(4, 1, 0, 2));
  EXPECT_THAT(reals(topK("largest = false", "values"), "tensor<4xf32>"),
              ElementsAre(-2, 1, 3, 3));
}

TEST_F(SelectionTest, Cumulate) {
  auto cumulate = [&](const std::string &op) {
    return reals(
        constant("x", "[[1.0,2.0,3.0],[4.0,5.0,6.0]]", "tensor<2x3xf32>") +
            constant("a", "-2", "tensor<i32>") + "%r = edge.cumulate " + op +
            "-> tensor<2x3xf32>",
        "tensor<2x3xf32>");
  };
  EXPECT_THAT(cumulate("sum %x {axis = 1 : i64} : (tensor<2x3xf32>)"),
              ElementsAre(1, 3, 6, 4, 9, 15));
  EXPECT_THAT(cumulate("sum %x {axis = 1 : i64, exclusive = true} : "
                       "(tensor<2x3xf32>)"),
              ElementsAre(0, 1, 3, 0, 4, 9));
  EXPECT_THAT(cumulate("product %x {axis = 1 : i64, exclusive = true, "
                       "reverse = true} : (tensor<2x3xf32>)"),
              ElementsAre(6, 3, 1, 30, 6, 1));
  EXPECT_THAT(cumulate("sum %x along %a {reverse = true} : "
                       "(tensor<2x3xf32>, tensor<i32>)"),
              ElementsAre(5, 7, 9, 4, 5, 6));
}

TEST_F(SelectionTest, Determinant) {
  // The examples of ONNX Det, and a matrix that needs pivots.
  EXPECT_THAT(reals(constant("x",
                             "[[[0.0,1.0],[2.0,3.0]],[[1.0,2.0],[3.0,4.0]],[["
                             "1.0,3.0],[3.0,1.0]],[[0.0,0.0],[1.0,1.0]]]",
                             "tensor<4x2x2xf32>") +
                        "%r = edge.det %x : (tensor<4x2x2xf32>) -> "
                        "tensor<4xf32>",
                    "tensor<4xf32>"),
              near({-2, -2, -8, 0}));
}

TEST_F(SelectionTest, NonZero) {
  std::string text =
      constant("x", "[[1, 0], [1, 1]]", "tensor<2x2xi8>") +
      "%r, %n = edge.non_zero %x : (tensor<2x2xi8>) -> (tensor<2x4xi64>, "
      "tensor<i64>)";
  EXPECT_THAT(integers(text, "tensor<2x4xi64>"),
              ElementsAre(0, 1, 1, 0, 0, 0, 1, 0));
}

TEST_F(SelectionTest, Compress) {
  // The example of ONNX Compress.
  EXPECT_THAT(reals(constant("x", "[[1.0,2.0],[3.0,4.0],[5.0,6.0]]",
                             "tensor<3x2xf32>") +
                        constant("c", "[false, true, true]", "tensor<3xi1>") +
                        "%r, %n = edge.compress %x, %c {axis = 0 : i64} : "
                        "(tensor<3x2xf32>, tensor<3xi1>) -> (tensor<3x2xf32>, "
                        "tensor<i64>)",
                    "tensor<3x2xf32>"),
              ElementsAre(3, 4, 5, 6, 0, 0));
}

TEST_F(SelectionTest, Unique) {
  // Example 1 of ONNX Unique.
  auto unique = [&](const std::string &names, const std::string &sorted) {
    return constant("x", "[2.0, 1.0, 1.0, 3.0, 4.0, 3.0]", "tensor<6xf32>") +
           names + " = edge.unique %x {axis = 0 : i64, sorted = " + sorted +
           "} : (tensor<6xf32>) -> (tensor<6xf32>, tensor<6xi64>, "
           "tensor<6xi64>, tensor<6xi64>, tensor<i64>)";
  };
  EXPECT_THAT(reals(unique("%r, %f, %i, %c, %n", "false"), "tensor<6xf32>"),
              ElementsAre(2, 1, 3, 4, 0, 0));
  EXPECT_THAT(integers(unique("%v, %r, %i, %c, %n", "false"), "tensor<6xi64>"),
              ElementsAre(0, 1, 3, 4, 0, 0));
  EXPECT_THAT(integers(unique("%v, %f, %r, %c, %n", "false"), "tensor<6xi64>"),
              ElementsAre(0, 1, 1, 2, 3, 2));
  EXPECT_THAT(integers(unique("%v, %f, %i, %r, %n", "false"), "tensor<6xi64>"),
              ElementsAre(1, 2, 2, 1, 0, 0));
  EXPECT_THAT(reals(unique("%r, %f, %i, %c, %n", "true"), "tensor<6xf32>"),
              ElementsAre(1, 2, 3, 4, 0, 0));
  EXPECT_THAT(integers(unique("%v, %f, %r, %c, %n", "true"), "tensor<6xi64>"),
              ElementsAre(1, 0, 0, 2, 3, 2));
  EXPECT_THAT(integers(unique("%v, %f, %i, %c, %r", "true"), "tensor<i64>"),
              ElementsAre(4));
}

TEST_F(SelectionTest, NonMaxSuppression) {
  // ONNX's backend test nonmaxsuppression_suppress_by_IOU_and_scores.
  std::string text =
      constant("b",
               "[[[0.0,0.0,1.0,1.0],[0.0,0.1,1.0,1.1],[0.0,-0.1,1.0,0.9],"
               "[0.0,10.0,1.0,11.0],[0.0,10.1,1.0,11.1],"
               "[0.0,100.0,1.0,101.0]]]",
               "tensor<1x6x4xf32>") +
      constant("s", "[[[0.9,0.75,0.6,0.95,0.5,0.3]]]", "tensor<1x1x6xf32>") +
      constant("m", "3", "tensor<i64>") + constant("o", "0.5", "tensor<f32>") +
      constant("t", "0.4", "tensor<f32>") +
      "%r, %n = edge.non_max_suppression %b, %s, %m, %o, %t {bound = 3 : i64, "
      "center = false} : (tensor<1x6x4xf32>, tensor<1x1x6xf32>, tensor<i64>, "
      "tensor<f32>, tensor<f32>) -> (tensor<3x3xi64>, tensor<i64>)";
  EXPECT_THAT(integers(text, "tensor<3x3xi64>"),
              ElementsAre(0, 0, 3, 0, 0, 0, 0, 0, 0));
}
} // namespace
