//===- OnnxOperatorTest.cpp - what each ONNX operator becomes -------------===//
//
// One small model per operator family and version of its semantics, compared by
// the ops it contains. What the ops compute is tested against ONNX's own tests
// in BackendTest.cpp.
//
//===----------------------------------------------------------------------===//
#include "test/import/ImportText.h"
#include "test/import/ModelWriter.h"
#include <gmock/gmock.h>

using namespace edgec::test;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// The module of a model that must import.
static std::string import(const ModelWriter &model) {
  Imported result = importBytes(model.bytes());
  EXPECT_EQ(result.errors, "");
  return result.module;
}

/// One node from "x" (and further inputs) to "y".
static std::string importNode(int64_t opset, const std::vector<Dim> &shape,
                              const std::string &opType,
                              const std::vector<Message> &attributes = {}) {
  return import(ModelWriter(opset)
                    .input("x", shape)
                    .output("y")
                    .node(opType, {"x"}, {"y"}, attributes));
}

using Ints = std::vector<int64_t>;
using Floats = std::vector<float>;

TEST(OnnxOperator, KeepsNamesOfInputsOutputsAndNodes) {
  std::string module = importNode(13, {1, 4}, "Relu");
  EXPECT_THAT(module,
              AllOf(HasSubstr("func.func @model"),
                    HasSubstr("{edge.name = \"x\"}"),
                    HasSubstr("-> (tensor<1x4xf32> {edge.name = \"y\"})"),
                    HasSubstr("loc(\"node_y\")")));
}

TEST(OnnxOperator, ConvBecomesNhwcBetweenTransposes) {
  std::string module = import(ModelWriter(13)
                                  .input("x", {1, 3, 8, 8})
                                  .initializer("w", {4, 3, 3, 3}, Floats(108))
                                  .initializer("b", {4}, Floats(4))
                                  .output("y", {1, 4, 4, 4})
                                  .node("Conv", {"x", "w", "b"}, {"y"},
                                        {attribute("strides", Ints{2, 2}),
                                         attribute("pads", Ints{1, 1, 1, 1})}));
  EXPECT_THAT(
      module,
      AllOf(HasSubstr("permutation = array<i64: 0, 2, 3, 1>} : "
                      "(tensor<1x3x8x8xf32>) -> tensor<1x8x8x3xf32>"),
            HasSubstr("(tensor<4x3x3x3xf32>) -> tensor<4x3x3x3xf32>"),
            HasSubstr(
                "pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>"),
            HasSubstr("-> tensor<1x4x4x4xf32>"),
            HasSubstr("permutation = array<i64: 0, 3, 1, 2>")));
}

TEST(OnnxOperator, ConvAutoPadPutsTheOddPadAsNamed) {
  auto conv = [](const char *mode) {
    return import(
        ModelWriter(13)
            .input("x", {1, 1, 5, 5})
            .initializer("w", {1, 1, 4, 4}, Floats(16))
            .output("y", {1, 1, 5, 5})
            .node("Conv", {"x", "w"}, {"y"}, {attribute("auto_pad", mode)}));
  };
  EXPECT_THAT(conv("SAME_UPPER"), HasSubstr("pads = array<i64: 1, 1, 2, 2>"));
  EXPECT_THAT(conv("SAME_LOWER"), HasSubstr("pads = array<i64: 2, 2, 1, 1>"));
}

TEST(OnnxOperator, ConvOfOneDimensionHasHeightOne) {
  std::string module =
      import(ModelWriter(13)
                 .input("x", {1, 2, 10})
                 .initializer("w", {2, 1, 3}, Floats(6))
                 .output("y", {1, 2, 8})
                 .node("Conv", {"x", "w"}, {"y"}, {attribute("group", 2)}));
  EXPECT_THAT(module,
              AllOf(HasSubstr("tensor<1x1x10x2xf32>"),
                    HasSubstr("tensor<2x1x3x1xf32>"), HasSubstr("groups = 2"),
                    HasSubstr("-> (tensor<1x2x8xf32>")));
}

TEST(OnnxOperator, MaxPoolInCeilModeGrowsThePads) {
  std::string module =
      importNode(12, {1, 1, 6, 6}, "MaxPool",
                 {attribute("kernel_shape", Ints{3, 3}),
                  attribute("strides", Ints{2, 2}), attribute("ceil_mode", 1)});
  EXPECT_THAT(module, AllOf(HasSubstr("pads = array<i64: 0, 0, 1, 1>"),
                            HasSubstr("-> (tensor<1x1x3x3xf32>")));
}

TEST(OnnxOperator, CeilModeDropsWindowsThatStartPastTheInput) {
  // 5 = (2 - 1) * 4 + 1: a third window would start at 8.
  std::string module =
      importNode(12, {1, 1, 6, 6}, "MaxPool",
                 {attribute("kernel_shape", Ints{1, 1}),
                  attribute("strides", Ints{4, 4}), attribute("ceil_mode", 1)});
  EXPECT_THAT(module, HasSubstr("-> (tensor<1x1x2x2xf32>"));
}

TEST(OnnxOperator, AveragePoolKeepsCeilModeApartFromPads) {
  std::string module = importNode(
      11, {1, 1, 6, 6}, "AveragePool",
      {attribute("kernel_shape", Ints{3, 3}), attribute("strides", Ints{2, 2}),
       attribute("ceil_mode", 1), attribute("count_include_pad", 1)});
  EXPECT_THAT(module, AllOf(HasSubstr("count_include_pad = true"),
                            HasSubstr("overhang = array<i64: 1, 1>"),
                            HasSubstr("-> (tensor<1x1x3x3xf32>")));
}

TEST(OnnxOperator, GlobalPoolsHaveTheMapAsWindow) {
  EXPECT_THAT(importNode(13, {1, 8, 7, 5}, "GlobalAveragePool"),
              AllOf(HasSubstr("edge.avg_pool2d"),
                    HasSubstr("window = array<i64: 7, 5>")));
  EXPECT_THAT(importNode(13, {1, 8, 7, 5}, "GlobalMaxPool"),
              HasSubstr("edge.max_pool2d"));
  EXPECT_THAT(
      importNode(13, {1, 8, 7}, "GlobalAveragePool"),
      AllOf(HasSubstr("edge.reduce_mean"), HasSubstr("-> (tensor<1x8x1xf32>")));
}

TEST(OnnxOperator, BatchNormalizationKeepsTheChannelAxis) {
  std::string module = import(
      ModelWriter(15)
          .input("x", {1, 2, 4, 4})
          .initializer("p", {2}, Floats{1, 1})
          .output("y")
          .node("BatchNormalization", {"x", "p", "p", "p", "p"}, {"y"},
                {attribute("epsilon", 0.5F), attribute("momentum", 0.9F)}));
  EXPECT_THAT(module, AllOf(HasSubstr("edge.batch_norm"), HasSubstr("axis = 1"),
                            HasSubstr("epsilon = 5.000000e-01")));
}

TEST(OnnxOperator, LayerNormalizationIsComposed) {
  std::string module =
      import(ModelWriter(17)
                 .input("x", {2, 3, 4})
                 .initializer("s", {4}, Floats(4, 1))
                 .output("y", {2, 3, 4})
                 .output("mean", {2, 3, 1})
                 .node("LayerNormalization", {"x", "s"}, {"y", "mean"}));
  EXPECT_THAT(module, AllOf(HasSubstr("axes = array<i64: 2>"),
                            HasSubstr("edge.rsqrt")));
}

TEST(OnnxOperator, InstanceNormalizationScalesPerChannel) {
  EXPECT_THAT(
      import(ModelWriter(13)
                 .input("x", {1, 3, 4, 5})
                 .initializer("s", {3}, Floats(3, 1))
                 .output("y", {1, 3, 4, 5})
                 .node("InstanceNormalization", {"x", "s", "s"}, {"y"})),
      AllOf(HasSubstr("axes = array<i64: 2, 3>"),
            HasSubstr("tensor<3x1x1xf32>")));
}

TEST(OnnxOperator, GemmWithConstantWeightsIsFullyConnected) {
  auto gemm = [](std::vector<int64_t> weights,
                 std::vector<Message> attributes) {
    return import(ModelWriter(13)
                      .input("x", {2, 3})
                      .initializer("w", weights, Floats(12))
                      .initializer("c", {4}, Floats(4))
                      .output("y", {2, 4})
                      .node("Gemm", {"x", "w", "c"}, {"y"}, attributes));
  };
  EXPECT_THAT(gemm({4, 3}, {attribute("transB", 1)}),
              AllOf(HasSubstr("edge.fully_connected"),
                    Not(HasSubstr("edge.transpose")), Not(HasSubstr("mul"))));
  EXPECT_THAT(gemm({3, 4}, {}), AllOf(HasSubstr("edge.fully_connected"),
                                      HasSubstr("edge.transpose")));
  EXPECT_THAT(gemm({3, 4}, {attribute("alpha", 0.5F), attribute("beta", 2.0F)}),
              AllOf(HasSubstr("edge.mul"), HasSubstr("edge.add")));
}

TEST(OnnxOperator, GemmOfTwoInputsIsMatmul) {
  std::string module =
      import(ModelWriter(13)
                 .input("x", {3, 2})
                 .input("w", {4, 3})
                 .output("y", {2, 4})
                 .node("Gemm", {"x", "w"}, {"y"},
                       {attribute("transA", 1), attribute("transB", 1)}));
  EXPECT_THAT(module, AllOf(HasSubstr("edge.matmul"),
                            Not(HasSubstr("edge.fully_connected"))));
}

TEST(OnnxOperator, MatMulOfVectorsLosesTheAddedDimension) {
  auto matmul = [](std::vector<Dim> lhs, std::vector<Dim> rhs) {
    return import(
        ModelWriter(13).input("x", lhs).input("w", rhs).output("y").node(
            "MatMul", {"x", "w"}, {"y"}));
  };
  EXPECT_THAT(matmul({3}, {2, 3, 4}), HasSubstr("-> (tensor<2x4xf32>"));
  EXPECT_THAT(matmul({2, 5, 3}, {3}), HasSubstr("-> (tensor<2x5xf32>"));
  EXPECT_THAT(matmul({3}, {3}), HasSubstr("-> (tensor<f32>"));
}

TEST(OnnxOperator, UnaryOperators) {
  const std::pair<const char *, const char *> names[] = {
      {"Abs", "abs"},           {"Neg", "neg"},
      {"Exp", "exp"},           {"Log", "log"},
      {"Sqrt", "sqrt"},         {"Reciprocal", "reciprocal"},
      {"Floor", "floor"},       {"Ceil", "ceil"},
      {"Round", "round_even"},  {"Sign", "sign"},
      {"Erf", "erf"},           {"Relu", "relu"},
      {"Sigmoid", "sigmoid"},   {"Tanh", "tanh"},
      {"Softplus", "softplus"}, {"HardSwish", "hard_swish"}};
  for (auto [onnx, edge] : names)
    EXPECT_THAT(importNode(14, {2, 3}, onnx),
                HasSubstr(std::string("edge.") + edge + " "));
}

TEST(OnnxOperator, ActivationsCarryTheirParameters) {
  EXPECT_THAT(importNode(13, {4}, "LeakyRelu", {attribute("alpha", 0.5F)}),
              HasSubstr("edge.leaky_relu %arg0 {alpha = 5.000000e-01"));
  EXPECT_THAT(importNode(13, {4}, "Elu", {attribute("alpha", 2.0F)}),
              HasSubstr("edge.elu %arg0 {alpha = 2.000000e+00"));
  EXPECT_THAT(importNode(13, {4}, "HardSigmoid",
                         {attribute("alpha", 0.25F), attribute("beta", 0.5F)}),
              HasSubstr("alpha = 2.500000e-01"));
  EXPECT_THAT(importNode(20, {4}, "Gelu", {attribute("approximate", "tanh")}),
              HasSubstr("approximate = \"tanh\""));
}

TEST(OnnxOperator, BinaryOperatorsBroadcast) {
  for (auto [onnx, edge] : {std::pair("Add", "add"), std::pair("Sub", "sub"),
                            std::pair("Mul", "mul"), std::pair("Div", "div"),
                            std::pair("Min", "min"), std::pair("Max", "max"),
                            std::pair("Pow", "pow")}) {
    std::string module = import(ModelWriter(13)
                                    .input("x", {2, 3, 4})
                                    .input("b", {3, 1})
                                    .output("y", {2, 3, 4})
                                    .node(onnx, {"x", "b"}, {"y"}));
    EXPECT_THAT(module, HasSubstr(std::string("edge.") + edge + " "));
  }
}

TEST(OnnxOperator, MaxOfThreeIsAChain) {
  std::string module = import(ModelWriter(13)
                                  .input("a", {4})
                                  .input("b", {4})
                                  .input("c", {4})
                                  .output("y")
                                  .node("Max", {"a", "b", "c"}, {"y"}));
  EXPECT_THAT(module, AllOf(HasSubstr("edge.max %arg0, %arg1"),
                            HasSubstr("edge.max %0, %arg2")));
}

TEST(OnnxOperator, PowWithIntegerExponent) {
  EXPECT_THAT(import(ModelWriter(13)
                         .input("x", {4})
                         .initializer("e", {}, Ints{2})
                         .output("y")
                         .node("Pow", {"x", "e"}, {"y"})),
              AllOf(HasSubstr("(tensor<i64>) -> tensor<f32>"),
                    HasSubstr("edge.pow %arg0, %1")));
}

TEST(OnnxOperator, ClipWithConstantAndComputedBounds) {
  EXPECT_THAT(import(ModelWriter(13)
                         .input("x", {4})
                         .initializer("low", {}, Floats{0})
                         .initializer("high", {}, Floats{6})
                         .output("y")
                         .node("Clip", {"x", "low", "high"}, {"y"})),
              HasSubstr("max = 6.000000e+00 : f32, min = 0.000000e+00 : f32"));
  EXPECT_THAT(
      import(ModelWriter(13).input("x", {4}).input("low", {}).output("y").node(
          "Clip", {"x", "low"}, {"y"})),
      HasSubstr("edge.max %arg0, %arg1"));
  EXPECT_THAT(importNode(11, {4}, "Clip",
                         {attribute("min", -1.0F), attribute("max", 1.0F)}),
              HasSubstr("edge.clamp"));
}

TEST(OnnxOperator, SoftmaxFlattensBeforeOpset13) {
  EXPECT_THAT(importNode(13, {2, 3, 4}, "Softmax", {attribute("axis", 1)}),
              AllOf(HasSubstr("axis = 1"), Not(HasSubstr("edge.reshape"))));
  EXPECT_THAT(importNode(11, {2, 3, 4}, "Softmax", {attribute("axis", 1)}),
              AllOf(HasSubstr("tensor<2x12xf32>"), HasSubstr("axis = 1")));
  EXPECT_THAT(importNode(11, {2, 3, 4}, "Softmax", {attribute("axis", 2)}),
              Not(HasSubstr("edge.reshape")));
}

TEST(OnnxOperator, ReduceTakesAxesFromAttributeOrInput) {
  EXPECT_THAT(
      importNode(13, {2, 3, 4}, "ReduceMean", {attribute("axes", Ints{-1, 0})}),
      AllOf(HasSubstr("axes = array<i64: 0, 2>"),
            HasSubstr("-> (tensor<1x3x1xf32>")));
  EXPECT_THAT(import(ModelWriter(18)
                         .input("x", {2, 3, 4})
                         .initializer("axes", {1}, Ints{1})
                         .output("y")
                         .node("ReduceMax", {"x", "axes"}, {"y"},
                               {attribute("keepdims", 0)})),
              HasSubstr("-> (tensor<2x4xf32>"));
  EXPECT_THAT(importNode(13, {2, 3}, "ReduceSum", {attribute("keepdims", 0)}),
              HasSubstr("-> (tensor<f32>"));
  EXPECT_THAT(importNode(13, {2, 3}, "ReduceSum",
                         {attribute("noop_with_empty_axes", 1)}),
              Not(HasSubstr("edge.reduce_sum")));
}

TEST(OnnxOperator, ReshapeCopiesAndInfers) {
  auto reshape = [](Ints shape) {
    return import(ModelWriter(13)
                      .input("x", {2, 3, 4})
                      .initializer("s", {int64_t(shape.size())}, shape)
                      .output("y")
                      .node("Reshape", {"x", "s"}, {"y"}));
  };
  EXPECT_THAT(reshape({0, -1}), HasSubstr("-> (tensor<2x12xf32>"));
  EXPECT_THAT(reshape({-1}), HasSubstr("-> (tensor<24xf32>"));
}

TEST(OnnxOperator, FlattenSqueezeUnsqueeze) {
  EXPECT_THAT(importNode(13, {2, 3, 4}, "Flatten", {attribute("axis", 2)}),
              HasSubstr("-> (tensor<6x4xf32>"));
  EXPECT_THAT(importNode(13, {1, 3, 1}, "Squeeze"),
              HasSubstr("-> (tensor<3xf32>"));
  EXPECT_THAT(
      importNode(11, {1, 3, 1}, "Squeeze", {attribute("axes", Ints{-1})}),
      HasSubstr("-> (tensor<1x3xf32>"));
  EXPECT_THAT(import(ModelWriter(13)
                         .input("x", {3})
                         .initializer("axes", {2}, Ints{0, 2})
                         .output("y")
                         .node("Unsqueeze", {"x", "axes"}, {"y"})),
              HasSubstr("-> (tensor<1x3x1xf32>"));
}

TEST(OnnxOperator, SliceClampsAndWalksBackwards) {
  auto slice = [](Ints starts, Ints ends, Ints axes, Ints steps) {
    int64_t n = starts.size();
    return import(
        ModelWriter(13)
            .input("x", {4, 6})
            .initializer("starts", {n}, starts)
            .initializer("ends", {n}, ends)
            .initializer("axes", {n}, axes)
            .initializer("steps", {n}, steps)
            .output("y")
            .node("Slice", {"x", "starts", "ends", "axes", "steps"}, {"y"}));
  };
  EXPECT_THAT(slice({1}, {INT64_MAX}, {-1}, {2}),
              AllOf(HasSubstr("offsets = array<i64: 0, 1>"),
                    HasSubstr("sizes = array<i64: 4, 3>"),
                    HasSubstr("strides = array<i64: 1, 2>")));
  EXPECT_THAT(slice({-1}, {INT64_MIN}, {1}, {-1}),
              AllOf(HasSubstr("offsets = array<i64: 0, 5>"),
                    HasSubstr("sizes = array<i64: 4, 6>"),
                    HasSubstr("strides = array<i64: 1, -1>")));
}

TEST(OnnxOperator, PadCutsWhereNegative) {
  std::string module = import(ModelWriter(13)
                                  .input("x", {4, 6})
                                  .initializer("p", {4}, Ints{1, -2, 0, 3})
                                  .initializer("v", {}, Floats{0.5})
                                  .output("y", {5, 7})
                                  .node("Pad", {"x", "p", "v"}, {"y"}));
  EXPECT_THAT(module, AllOf(HasSubstr("edge.slice"),
                            HasSubstr("high = array<i64: 0, 3>"),
                            HasSubstr("low = array<i64: 1, 0>"),
                            HasSubstr("value = 5.000000e-01")));
}

TEST(OnnxOperator, SplitConcatTransposeExpand) {
  EXPECT_THAT(
      import(ModelWriter(13)
                 .input("x", {4, 6})
                 .output("y", {6, 4})
                 .node("Split", {"x"}, {"a", "b"}, {attribute("axis", 1)})
                 .node("Concat", {"b", "a"}, {"c"}, {attribute("axis", -1)})
                 .node("Transpose", {"c"}, {"y"})),
      AllOf(HasSubstr("edge.slice"), HasSubstr("edge.concat"),
            HasSubstr("permutation = array<i64: 1, 0>")));
  EXPECT_THAT(import(ModelWriter(13)
                         .input("x", {3, 1})
                         .initializer("s", {3}, Ints{2, 1, 4})
                         .output("y", {2, 3, 4})
                         .node("Expand", {"x", "s"}, {"y"})),
              HasSubstr("edge.broadcast"));
}

TEST(OnnxOperator, DropoutAndIdentityVanish) {
  EXPECT_THAT(import(ModelWriter(13)
                         .input("x", {4})
                         .output("y")
                         .node("Dropout", {"x"}, {"d"})
                         .node("Identity", {"d"}, {"y"})),
              HasSubstr("return %arg0"));
}

TEST(OnnxOperator, ShapeArithmeticIsEvaluated) {
  // Reshape(x, Concat(Shape(x)[0:1], [-1])), as PyTorch writes x.view(n, -1).
  std::string module =
      import(ModelWriter(13)
                 .input("x", {2, 3, 4})
                 .initializer("zero", {}, Ints{0})
                 .initializer("axes", {1}, Ints{0})
                 .initializer("rest", {1}, Ints{-1})
                 .output("y", {2, 12})
                 .node("Shape", {"x"}, {"shape"})
                 .node("Gather", {"shape", "zero"}, {"n"})
                 .node("Unsqueeze", {"n", "axes"}, {"n1"})
                 .node("Concat", {"n1", "rest"}, {"s"}, {attribute("axis", 0)})
                 .node("Reshape", {"x", "s"}, {"y"}));
  EXPECT_THAT(module, AllOf(HasSubstr("edge.reshape %arg0"),
                            Not(HasSubstr("edge.constant"))));
}

TEST(OnnxOperator, ShapeArithmeticThroughFloats) {
  // floor(float(6) * 0.5) as Resize's sizes are computed.
  std::string module =
      import(ModelWriter(13)
                 .input("x", {6})
                 .initializer("half", {1}, Floats{0.5})
                 .initializer("rest", {1}, Ints{-1})
                 .output("y", {3, 2})
                 .node("Shape", {"x"}, {"s"})
                 .node("Cast", {"s"}, {"f"}, {attribute("to", 1)})
                 .node("Mul", {"f", "half"}, {"m"})
                 .node("Floor", {"m"}, {"fl"})
                 .node("Cast", {"fl"}, {"i"}, {attribute("to", 7)})
                 .node("Concat", {"i", "rest"}, {"t"}, {attribute("axis", 0)})
                 .node("Reshape", {"x", "t"}, {"y"}));
  EXPECT_THAT(module, HasSubstr("edge.reshape %arg0"));
}

TEST(OnnxOperator, ExpandWithWhereAndConstantOfShape) {
  // PyTorch's expand(-1, 4): Where(Equal(s, -1), ones, s).
  std::string module =
      import(ModelWriter(13)
                 .input("x", {3, 1})
                 .initializer("s", {2}, Ints{-1, 4})
                 .initializer("minus", {}, Ints{-1})
                 .initializer("two", {1}, Ints{2})
                 .output("y", {3, 4})
                 .node("ConstantOfShape", {"two"}, {"ones"},
                       {attribute("value", tensor("", {1}, Ints{1}))})
                 .node("Equal", {"s", "minus"}, {"e"})
                 .node("Where", {"e", "ones", "s"}, {"t"})
                 .node("Expand", {"x", "t"}, {"y"}));
  EXPECT_THAT(module, HasSubstr("edge.broadcast"));
}

TEST(OnnxOperator, ConstantForms) {
  std::string module =
      import(ModelWriter(13)
                 .input("x", {2})
                 .output("y")
                 .node("Constant", {}, {"a"}, {attribute("value_float", 2.0F)})
                 .node("Constant", {}, {"b"},
                       {attribute("value", tensor("", {2}, Floats{3, 4}))})
                 .node("Mul", {"x", "a"}, {"m"})
                 .node("Add", {"m", "b"}, {"y"}));
  EXPECT_THAT(module, AllOf(HasSubstr("dense<2.000000e+00> : tensor<f32>"),
                            HasSubstr("dense<[3.000000e+00, 4.000000e+00]>")));
}

TEST(OnnxOperator, TypedDataInsteadOfRawData) {
  Message floats;
  floats.integer(1, 2).integer(2, Float32).text(8, "w");
  floats.text(4, rawBytes(Floats{3, 4}));
  Message ints;
  ints.integer(1, 2).integer(2, Int64).text(8, "s").integer(7, 1).integer(7,
                                                                          -1);
  std::string module = import(ModelWriter(13)
                                  .input("x", {2})
                                  .initializer(floats)
                                  .initializer(ints)
                                  .output("y", {1, 2})
                                  .node("Add", {"x", "w"}, {"a"})
                                  .node("Reshape", {"a", "s"}, {"y"}));
  EXPECT_THAT(module, HasSubstr("dense<[3.000000e+00, 4.000000e+00]>"));
}

TEST(OnnxOperator, NodesInAnyOrder) {
  EXPECT_THAT(import(ModelWriter(13)
                         .input("x", {2})
                         .output("y")
                         .node("Exp", {"a"}, {"y"})
                         .node("Relu", {"x"}, {"a"})),
              HasSubstr("edge.exp %0"));
}
