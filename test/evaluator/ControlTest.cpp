//===- ControlTest.cpp - branches and loops -------------------------------===//
//
// What edge.if and edge.loop mean, on bodies that can be followed by hand.
//
//===----------------------------------------------------------------------===//
#include "test/evaluator/EvaluateText.h"

using namespace edgec::evaluator;
using testing::ElementsAre;

namespace {
class ControlTest : public EvaluateText {
protected:
  /// The results of the model in `text`.
  std::vector<HostTensor> evaluateModel(llvm::StringRef text) {
    auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    if (!module) {
      ADD_FAILURE() << text.str() << "\n" << diagnostics;
      return {};
    }
    auto results = evaluate(*module, {});
    return mlir::failed(results) ? std::vector<HostTensor>()
                                 : std::move(*results);
  }

  std::vector<double> runIf(const char *condition) {
    std::string text = R"(
      func.func @f() -> tensor<2xf32> {
        %c = edge.constant {value = dense<)" +
                       std::string(condition) + R"(> : tensor<i1>} : tensor<i1>
        %x = edge.constant {value = dense<[1.0, 2.0]> : tensor<2xf32>} : tensor<2xf32>
        %r = edge.if %c then @same(%x) else @negative(%x) : (tensor<i1>, tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
        return %r : tensor<2xf32>
      }
      func.func private @same(%x: tensor<2xf32>) -> tensor<2xf32> {
        return %x : tensor<2xf32>
      }
      func.func private @negative(%x: tensor<2xf32>) -> tensor<2xf32> {
        %r = edge.neg %x : (tensor<2xf32>) -> tensor<2xf32>
        return %r : tensor<2xf32>
      })";
    return evaluateModel(text).front().reals;
  }

  /// sum += row * factor; stacks the sums. The loop goes on while the sum's
  /// first element is at most 10, if `hasCondition`.
  std::vector<HostTensor> runLoop(const std::string &operands,
                                  const std::string &types, bool hasCondition) {
    std::string text =
        R"(
      func.func @f() -> (tensor<2xf32>, tensor<3x2xf32>) {
        %n = edge.constant {value = dense<2> : tensor<i64>} : tensor<i64>
        %no = edge.constant {value = dense<false> : tensor<i1>} : tensor<i1>
        %s = edge.constant {value = dense<[0.0, 1.0]> : tensor<2xf32>} : tensor<2xf32>
        %x = edge.constant {value = dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>} : tensor<3x2xf32>
        %k = edge.constant {value = dense<3.0> : tensor<f32>} : tensor<f32>
        %r:2 = edge.loop @body )" +
        operands +
        R"( (%s) slices(%x) captures(%k) {trips = 3 : i64, has_condition = )" +
        (hasCondition ? "true" : "false") + "} : (" + types +
        R"(tensor<2xf32>, tensor<3x2xf32>, tensor<f32>) -> (tensor<2xf32>, tensor<3x2xf32>)
        return %r#0, %r#1 : tensor<2xf32>, tensor<3x2xf32>
      }
      func.func private @body(%i: tensor<i64>, %s: tensor<2xf32>, %row: tensor<2xf32>, %k: tensor<f32>) -> ()" +
        (hasCondition ? "tensor<i1>, " : "") +
        R"(tensor<2xf32>, tensor<2xf32>) {
        %p = edge.mul %row, %k : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
        %t = edge.add %s, %p : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
        %no = edge.constant {value = dense<false> : tensor<i1>} : tensor<i1>
        return )" +
        (hasCondition ? "%no, %t, %t : tensor<i1>, " : "%t, %t : ") +
        "tensor<2xf32>, tensor<2xf32>\n}";
    return evaluateModel(text);
  }
};
} // namespace

TEST_F(ControlTest, IfIsOneOfItsBranches) {
  EXPECT_THAT(runIf("true"), ElementsAre(1, 2));
  EXPECT_THAT(runIf("false"), ElementsAre(-1, -2));
}

TEST_F(ControlTest, LoopHandsItsStatesOn) {
  auto results = runLoop("", "", false);
  ASSERT_EQ(results.size(), 2U);
  EXPECT_THAT(results[0].reals, ElementsAre(27, 37));
  EXPECT_THAT(results[1].reals, ElementsAre(3, 7, 12, 19, 27, 37));
}

TEST_F(ControlTest, LoopEndsWithItsCountAndFillsUpWithZeros) {
  auto results = runLoop("count %n", "tensor<i64>, ", false);
  EXPECT_THAT(results[0].reals, ElementsAre(12, 19));
  EXPECT_THAT(results[1].reals, ElementsAre(3, 7, 12, 19, 0, 0));
}

TEST_F(ControlTest, LoopDoesNotBeginWithoutItsCondition) {
  auto results = runLoop("while %no", "tensor<i1>, ", false);
  EXPECT_THAT(results[0].reals, ElementsAre(0, 1));
  EXPECT_THAT(results[1].reals, ElementsAre(0, 0, 0, 0, 0, 0));
}

TEST_F(ControlTest, LoopEndsWhenItsBodySaysSo) {
  auto results = runLoop("", "", true);
  EXPECT_THAT(results[0].reals, ElementsAre(3, 7));
  EXPECT_THAT(results[1].reals, ElementsAre(3, 7, 0, 0, 0, 0));
}
