//===- OnnxOldOpsetTest.cpp - operators as opsets before 11 had them ------===//
//
// Attributes where there are inputs now, broadcasting that has to be asked for,
// and the flag for inference. What the ops compute is tested by ONNX's backend
// tests of opset 6 in test/conformance.
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

static std::string import(const ModelWriter &model) {
  Imported result = importBytes(model.bytes());
  EXPECT_EQ(result.errors, "");
  return result.module;
}

/// One node of two inputs.
static ModelWriter binary(int64_t opset, const std::vector<Dim> &lhs,
                          const std::vector<Dim> &rhs,
                          const std::vector<Message> &attributes,
                          const std::string &opType = "Add") {
  return ModelWriter(opset).input("x", lhs).input("z", rhs).output("y").node(
      opType, {"x", "z"}, {"y"}, attributes);
}

TEST(OnnxOldOpset, AxisPlacesTheSecondOperand) {
  EXPECT_THAT(import(binary(6, {2, 3, 4, 5}, {3, 4},
                            {attribute("broadcast", 1), attribute("axis", 1)})),
              HasSubstr("(tensor<2x3x4x5xf32>, tensor<3x4x1xf32>)"));
  // By default the last dimensions.
  EXPECT_THAT(
      import(binary(6, {2, 3, 4, 5}, {4, 5}, {attribute("broadcast", 1)})),
      HasSubstr("(tensor<2x3x4x5xf32>, tensor<4x5xf32>)"));
  EXPECT_THAT(import(binary(1, {2, 3}, {1}, {attribute("broadcast", 1)})),
              HasSubstr("(tensor<2x3xf32>, tensor<f32>)"));
}

TEST(OnnxOldOpset, BroadcastingHasToBeAskedFor) {
  EXPECT_THAT(
      importBytes(binary(6, {2, 3}, {3}, {}).bytes()).errors,
      AllOf(HasSubstr("node_y"),
            HasSubstr("which need attribute 'broadcast' before opset 7")));
  EXPECT_THAT(
      importBytes(binary(6, {2, 3}, {3},
                         {attribute("broadcast", 1), attribute("axis", 2)})
                      .bytes())
          .errors,
      HasSubstr("an operand of shape 3 at axis 2 does not fit"));
  EXPECT_THAT(import(binary(7, {2, 3}, {3}, {})), HasSubstr("edge.add"));
}

TEST(OnnxOldOpset, ConsumedInputsAreIgnored) {
  auto relu = [](int64_t opset) {
    return importBytes(
        ModelWriter(opset)
            .input("x", {4})
            .output("y")
            .node("Relu", {"x"}, {"y"}, {attribute("consumed_inputs", Ints{0})})
            .bytes());
  };
  EXPECT_THAT(relu(1).module, HasSubstr("edge.relu"));
  EXPECT_THAT(relu(6).errors, HasSubstr("'consumed_inputs' is not known"));
}

TEST(OnnxOldOpset, PReluSlopeIsPerChannel) {
  EXPECT_THAT(import(binary(6, {2, 3, 4}, {3}, {}, "PRelu")),
              HasSubstr("(tensor<2x3x4xf32>, tensor<3x1xf32>)"));
  EXPECT_THAT(import(binary(7, {2, 3, 3}, {3}, {}, "PRelu")),
              HasSubstr("(tensor<2x3x3xf32>, tensor<3xf32>)"));
}

/// One node of one input.
static ModelWriter unary(int64_t opset, const std::vector<Dim> &shape,
                         const std::string &opType,
                         const std::vector<Message> &attributes) {
  return ModelWriter(opset)
      .input("x", shape)
      .output("y")
      .node(opType, {"x"}, {"y"}, attributes);
}

TEST(OnnxOldOpset, ReshapeSliceAndPadHaveAttributes) {
  EXPECT_THAT(
      import(unary(4, {2, 6}, "Reshape", {attribute("shape", Ints{0, 2, -1})})),
      HasSubstr("-> tensor<2x2x3xf32>"));
  EXPECT_THAT(
      import(unary(9, {2, 6}, "Slice",
                   {attribute("starts", Ints{1}), attribute("ends", Ints{5}),
                    attribute("axes", Ints{1})})),
      AllOf(HasSubstr("offsets = array<i64: 0, 1>"),
            HasSubstr("-> tensor<2x4xf32>")));
  EXPECT_THAT(import(unary(2, {2, 6}, "Pad",
                           {attribute("pads", Ints{0, 1, 0, 2}),
                            attribute("value", 2.0F)})),
              AllOf(HasSubstr("value = 2.0"), HasSubstr("-> tensor<2x9xf32>")));
  EXPECT_THAT(import(unary(1, {2}, "Pad", {attribute("paddings", Ints{1, 0})})),
              HasSubstr("-> tensor<3xf32>"));
  EXPECT_THAT(importBytes(unary(9, {2}, "Slice", {}).bytes()).errors,
              HasSubstr("attribute 'starts' is missing"));
}

TEST(OnnxOldOpset, DropoutAndBatchNormalizationNeedTheTestFlag) {
  EXPECT_THAT(import(unary(6, {4}, "Dropout", {attribute("is_test", 1)})),
              HasSubstr("return %arg0"));
  EXPECT_THAT(importBytes(unary(6, {4}, "Dropout", {}).bytes()).errors,
              HasSubstr("without is_test=1 it drops elements"));
  auto norm = [](int64_t opset, const std::vector<Dim> &parameter,
                 const std::vector<Message> &attributes) {
    return ModelWriter(opset)
        .input("x", {2, 3, 4})
        .input("p", parameter)
        .output("y")
        .node("BatchNormalization", {"x", "p", "p", "p", "p"}, {"y"},
              attributes)
        .bytes();
  };
  EXPECT_THAT(importBytes(norm(6, {3}, {attribute("is_test", 1)})).module,
              HasSubstr("edge.batch_norm"));
  EXPECT_THAT(importBytes(norm(6, {3}, {})).errors,
              HasSubstr("statistics of the batch"));
  // spatial=0: one statistic per element of a sample.
  EXPECT_THAT(importBytes(norm(7, {3, 4}, {attribute("spatial", 0)})).module,
              AllOf(HasSubstr("edge.rsqrt"), Not(HasSubstr("batch_norm"))));
  EXPECT_THAT(importBytes(norm(7, {3}, {attribute("spatial", 0)})).errors,
              HasSubstr("should have the shape 3x4 with spatial=0"));
}

TEST(OnnxOldOpset, ConcatJoinsChannelsByDefault) {
  EXPECT_THAT(import(binary(3, {2, 3}, {2, 4}, {}, "Concat")),
              HasSubstr("-> tensor<2x7xf32>"));
}
