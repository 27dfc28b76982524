//===- GenericTest.cpp - loops over scalar computations -------------------===//
#include "dialects/edge/Generic.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "test/evaluator/EvaluateText.h"

using namespace edgec::evaluator;
using testing::ElementsAre;

namespace {
class GenericTest : public EvaluateText {
protected:
  GenericTest() {
    context.loadDialect<mlir::arith::ArithDialect, mlir::math::MathDialect,
                        mlir::tensor::TensorDialect>();
  }

  /// %a and %b run over the given i32; the operation defines %v, an i32.
  std::vector<int64_t> onIntegers(std::string a, std::string b,
                                  std::string operation) {
    return integers(R"(
      %x = edge.constant {value = dense<[)" +
                        a + R"(]> : tensor<4xi32>} : tensor<4xi32>
      %y = edge.constant {value = dense<[)" +
                        b + R"(]> : tensor<4xi32>} : tensor<4xi32>
      %r = edge.generic (%x, %y) {sizes = array<i64: 4>, maps = [affine_map<(i) -> (i)>,
          affine_map<(i) -> (i)>, affine_map<(i) -> (i)>]} : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32> {
      ^bb0(%i: index, %a: i32, %b: i32):
        )" + operation + R"(
        edge.generic_yield %v : i32
      })",
                    "tensor<4xi32>");
  }
};
} // namespace

TEST_F(GenericTest, AddsUpWhatNoResultMapNames) {
  // Rows of [[1, 2], [3, 4], [5, 6]], squared, from the inits on.
  EXPECT_THAT(reals(R"(
    %x = edge.constant {value = dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>} : tensor<3x2xf32>
    %i = edge.constant {value = dense<[100.0, 200.0, 300.0]> : tensor<3xf32>} : tensor<3xf32>
    %r = edge.generic (%x) inits(%i) {sizes = array<i64: 2, 3>, maps = [affine_map<(j, i) -> (i, j)>,
        affine_map<(j, i) -> (i)>]} : (tensor<3x2xf32>, tensor<3xf32>) -> tensor<3xf32> {
    ^bb0(%j: index, %k: index, %a: f32, %s: f32):
      %0 = arith.mulf %a, %a : f32
      %1 = arith.addf %s, %0 : f32
      edge.generic_yield %1 : f32
    })",
                    "tensor<3xf32>"),
              ElementsAre(105.0, 225.0, 361.0));
}

TEST_F(GenericTest, KeepsTheLastPointWithoutInits) {
  EXPECT_THAT(integers(R"(
    %r = edge.generic () {sizes = array<i64: 3, 5>, maps = [affine_map<(i, j) -> (i)>]} : () -> tensor<3xi64> {
    ^bb0(%i: index, %j: index):
      %0 = arith.muli %i, %j : index
      %1 = arith.index_cast %0 : index to i64
      edge.generic_yield %1 : i64
    })",
                       "tensor<3xi64>"),
              ElementsAre(0, 4, 8));
}

TEST_F(GenericTest, ReadsTheNearestElement) {
  EXPECT_THAT(reals(R"(
    %x = edge.constant {value = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>} : tensor<2x3xf32>
    %r = edge.generic (%x) {sizes = array<i64: 5>, maps = [affine_map<(i) -> ()>, affine_map<(i) -> (i)>]}
        : (tensor<2x3xf32>) -> tensor<5xf32> {
    ^bb0(%i: index, %t: tensor<2x3xf32>):
      %one = arith.constant 1 : index
      %two = arith.constant 2 : index
      %j = arith.subi %i, %one : index
      %k = arith.subi %i, %two : index
      %0 = tensor.extract %t[%k, %j] : tensor<2x3xf32>
      edge.generic_yield %0 : f32
    })",
                    "tensor<5xf32>"),
              ElementsAre(1.0, 1.0, 2.0, 6.0, 6.0));
}

TEST_F(GenericTest, ReadsThroughFloorsAndRemainders) {
  EXPECT_THAT(integers(R"(
    %x = edge.constant {value = dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>} : tensor<2x3xi32>
    %r = edge.generic (%x) {sizes = array<i64: 6>, maps = [affine_map<(i) -> (1 - i floordiv 3, (i * 2) mod 3)>,
        affine_map<(i) -> (i)>]} : (tensor<2x3xi32>) -> tensor<6xi32> {
    ^bb0(%i: index, %a: i32):
      edge.generic_yield %a : i32
    })",
                       "tensor<6xi32>"),
              ElementsAre(4, 6, 5, 1, 3, 2));
}

TEST_F(GenericTest, DefinesWhatHardwareLeavesOpen) {
  EXPECT_THAT(onIntegers("7, -7, -2147483648, 5", "2, 2, -1, 0",
                         "%v = arith.divsi %a, %b : i32"),
              ElementsAre(3, -3, -2147483648, 0));
  EXPECT_THAT(onIntegers("7, -7, -7, 5", "2, 2, -2, 0",
                         "%v = arith.floordivsi %a, %b : i32"),
              ElementsAre(3, -4, 3, 0));
  EXPECT_THAT(onIntegers("7, -7, -7, 5", "2, 2, -2, 0",
                         "%v = arith.ceildivsi %a, %b : i32"),
              ElementsAre(4, -3, 4, 0));
  EXPECT_THAT(onIntegers("1, -8, 1, -1", "3, 1, 32, 40",
                         "%v = arith.shli %a, %b : i32"),
              ElementsAre(8, -16, 0, 0));
  EXPECT_THAT(onIntegers("64, -8, 1, -1", "3, 1, 32, 40",
                         "%v = arith.shrsi %a, %b : i32"),
              ElementsAre(8, -4, 0, -1));
  EXPECT_THAT(onIntegers("64, -8, 1, -1", "3, 1, 32, 40",
                         "%v = arith.shrui %a, %b : i32"),
              ElementsAre(8, 2147483644, 0, 0));
}

TEST_F(GenericTest, ReadsTheBitsAsUnsigned) {
  EXPECT_THAT(onIntegers("-1, -1, 3, 10", "2, 1, -1, 3",
                         "%v = arith.divui %a, %b : i32"),
              ElementsAre(2147483647, -1, 0, 3));
  EXPECT_THAT(
      onIntegers("-1, 2, 0, 16", "1, 2, 3, 4", "%v = math.ctlz %a : i32"),
      ElementsAre(0, 30, 32, 27));
  EXPECT_THAT(onIntegers("-1, 2, 3, 4", "1, 2, -3, 5",
                         "%c = arith.cmpi ult, %a, %b : i32\n"
                         "%v = arith.extui %c : i1 to i32"),
              ElementsAre(0, 0, 1, 1));
}

TEST_F(GenericTest, ReportsWhatItDoesNotKnow) {
  evaluateBody(R"(
    %x = edge.constant {value = dense<1.0> : tensor<4xf32>} : tensor<4xf32>
    %r = edge.generic (%x) {sizes = array<i64: 4>, maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>]}
        : (tensor<4xf32>) -> tensor<4xf32> {
    ^bb0(%i: index, %a: f32):
      %0 = math.cbrt %a : f32
      edge.generic_yield %0 : f32
    })",
               "tensor<4xf32>");
  EXPECT_THAT(diagnostics,
              testing::HasSubstr("does not know 'math.cbrt' on scalars"));
}
