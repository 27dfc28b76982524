//===- OnnxLogicTest.cpp - comparisons, bits, casts and choices -----------===//
//
// What the operators of LogicOperators.cpp, CastOperators.cpp and the composed
// activations become. What they compute is tested by ConformanceTest.
//
//===----------------------------------------------------------------------===//
#include "test/import/ImportText.h"
#include "test/import/ModelWriter.h"
#include <gmock/gmock.h>

using namespace edgec::test;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

using Ints = std::vector<int64_t>;
using Floats = std::vector<float>;

namespace {
constexpr int Double = 11;

std::string import(const ModelWriter &model) {
  Imported result = importBytes(model.bytes());
  EXPECT_EQ(result.errors, "");
  return result.module;
}

std::string errorsOf(const ModelWriter &model) {
  return importBytes(model.bytes()).errors;
}

/// `opType` of inputs "a" and "b" of three elements.
std::string importPair(int64_t opset, const std::string &opType, int32_t type,
                       int32_t result,
                       const std::vector<Message> &attributes = {}) {
  return import(ModelWriter(opset)
                    .input("a", {3}, type)
                    .input("b", {3}, type)
                    .output("y", {3}, result)
                    .node(opType, {"a", "b"}, {"y"}, attributes));
}
} // namespace

TEST(OnnxLogic, ComparisonsGiveTruth) {
  EXPECT_THAT(importPair(19, "Equal", Int32, Bool),
              HasSubstr("edge.equal %arg0, %arg1 : (tensor<3xi32>, "
                        "tensor<3xi32>) -> tensor<3xi1>"));
  // Greater is Less with its operands swapped.
  EXPECT_THAT(importPair(13, "Greater", 1, Bool),
              HasSubstr("edge.less %arg1, %arg0"));
  EXPECT_THAT(importPair(16, "GreaterOrEqual", 1, Bool),
              HasSubstr("edge.less_equal %arg1, %arg0"));
}

TEST(OnnxLogic, LogicIsBits) {
  EXPECT_THAT(importPair(7, "And", Bool, Bool), HasSubstr("edge.and"));
  EXPECT_THAT(importPair(18, "BitwiseXor", Int32, Int32),
              HasSubstr("edge.xor"));
  EXPECT_THAT(
      importPair(11, "BitShift", 12, 12, {attribute("direction", "LEFT")}),
      HasSubstr("edge.shift_left %arg0, %arg1 : (tensor<3xui32>"));
  EXPECT_THAT(errorsOf(ModelWriter(11)
                           .input("a", {3}, 12)
                           .output("y", {3}, 12)
                           .node("BitShift", {"a", "a"}, {"y"},
                                 {attribute("direction", "UP")})),
              HasSubstr("attribute 'direction' must be LEFT or RIGHT"));
}

TEST(OnnxLogic, ModHasTwoForms) {
  EXPECT_THAT(importPair(13, "Mod", Int32, Int32), HasSubstr("edge.mod"));
  EXPECT_THAT(importPair(13, "Mod", 1, 1, {attribute("fmod", 1)}),
              HasSubstr("edge.rem"));
}

TEST(OnnxLogic, WhereSelects) {
  EXPECT_THAT(import(ModelWriter(16)
                         .input("c", {2, 1}, Bool)
                         .input("x", {3})
                         .initializer("z", {1}, Floats{0})
                         .output("y", {2, 3})
                         .node("Where", {"c", "x", "z"}, {"y"})),
              HasSubstr("edge.select %arg0, %arg1, %0 : (tensor<2x1xi1>, "
                        "tensor<3xf32>, tensor<1xf32>) -> tensor<2x3xf32>"));
}

TEST(OnnxLogic, CastsToEveryType) {
  EXPECT_THAT(import(ModelWriter(13)
                         .input("x", {3})
                         .output("y", {3}, Int32)
                         .node("Cast", {"x"}, {"y"}, {attribute("to", Int32)})),
              HasSubstr("edge.cast %arg0 : (tensor<3xf32>) -> tensor<3xi32>"));
  EXPECT_THAT(import(ModelWriter(15)
                         .input("x", {3})
                         .input("t", {1}, Double)
                         .output("y", {3}, Double)
                         .node("CastLike", {"x", "t"}, {"y"})),
              HasSubstr("(tensor<3xf32>) -> tensor<3xf64>"));
  constexpr int float8 = 17;
  EXPECT_THAT(errorsOf(ModelWriter(19).input("x", {3}).output("y").node(
                  "Cast", {"x"}, {"y"}, {attribute("to", float8)})),
              HasSubstr("casting to float8e4m3fn is not supported"));
  EXPECT_THAT(
      errorsOf(ModelWriter(26)
                   .input("x", {3})
                   .output("y", {3}, Double)
                   .node("BitCast", {"x"}, {"y"}, {attribute("to", Double)})),
      HasSubstr("the bits of 'f32' cannot be read as float64"));
}

TEST(OnnxLogic, PowersOfMixedTypes) {
  // An integer to a real power is computed in float64.
  std::string module = import(ModelWriter(15)
                                  .input("a", {3}, Int32)
                                  .input("b", {3})
                                  .output("y", {3}, Int32)
                                  .node("Pow", {"a", "b"}, {"y"}));
  EXPECT_THAT(module, AllOf(HasSubstr("edge.pow"), HasSubstr("tensor<3xf64>"),
                            HasSubstr("-> tensor<3xi32>")));
}

TEST(OnnxLogic, ClipOfIntegersHasExactBounds) {
  std::string module = import(ModelWriter(13)
                                  .input("x", {3}, 7)
                                  .initializer("low", {}, Ints{16777217})
                                  .output("y", {3}, 7)
                                  .node("Clip", {"x", "low"}, {"y"}));
  EXPECT_THAT(module, AllOf(HasSubstr("dense<16777217>"), HasSubstr("edge.max"),
                            Not(HasSubstr("clamp"))));
}

TEST(OnnxLogic, ActivationsAreComposed) {
  auto importNode = [](int64_t opset, const char *opType,
                       std::vector<Message> attributes = {}) {
    return import(ModelWriter(opset).input("x", {3}).output("y", {3}).node(
        opType, {"x"}, {"y"}, attributes));
  };
  EXPECT_THAT(importNode(18, "Mish"), HasSubstr("edge.softplus"));
  EXPECT_THAT(importNode(22, "Selu"), HasSubstr("edge.elu"));
  EXPECT_THAT(importNode(24, "Swish"), HasSubstr("edge.silu"));
  EXPECT_THAT(importNode(9, "Shrink"), HasSubstr("edge.select"));
  EXPECT_THAT(importNode(12, "Celu"), HasSubstr("edge.elu"));
  EXPECT_THAT(errorsOf(ModelWriter(12).input("x", {3}).output("y").node(
                  "Celu", {"x"}, {"y"}, {attribute("alpha", 0.0f)})),
              HasSubstr("attribute 'alpha' is 0"));
}

TEST(OnnxLogic, DropoutKeepsAll) {
  EXPECT_THAT(import(ModelWriter(13)
                         .input("x", {3})
                         .output("y", {3})
                         .output("m", {3}, Bool)
                         .node("Dropout", {"x"}, {"y", "m"})),
              HasSubstr("tensor<3xi1>"));
}
