//===- OnnxQuantizedFaultsTest.cpp - scales that mean nothing -------------===//
//
// What is said about scales and zero points that fit no tensor, and about
// quantized operators that contradict themselves.
//
//===----------------------------------------------------------------------===//
#include "test/import/ImportText.h"
#include "test/import/ModelWriter.h"
#include "test/import/QuantizedConstants.h"
#include "gmock/gmock.h"
#include <cmath>

using namespace edgec::test;
using testing::AllOf;
using testing::HasSubstr;

static const char *microsoft = "com.microsoft";
constexpr int64_t uint16 = 4;

static std::string errorsOf(const ModelWriter &model) {
  Imported imported = importBytes(model.bytes());
  EXPECT_EQ(imported.module, "");
  return imported.errors;
}

/// QuantizeLinear of [2, 3] numbers.
static std::string quantizeErrors(const Message &scale, const Message &zero,
                                  const std::vector<Message> &attributes = {}) {
  return errorsOf(
      ModelWriter(21)
          .input("x", {2, 3})
          .initializer(scale)
          .initializer(zero)
          .output("y")
          .node("QuantizeLinear", {"x", "s", "z"}, {"y"}, attributes));
}

TEST(OnnxQuantizedFaults, ScalesAreFiniteAndPositive) {
  Message zero = constant("z", {}, Naturals{0});
  for (float scale : {0.0F, -1.0F, INFINITY, NAN}) {
    EXPECT_THAT(quantizeErrors(tensor("s", {}, Floats{scale}), zero),
                AllOf(HasSubstr("node_y"), HasSubstr("QuantizeLinear"),
                      HasSubstr("should be a finite number above 0")));
  }
  EXPECT_THAT(errorsOf(ModelWriter(21)
                           .input("x", {2}, Uint8)
                           .initializer("s", {2}, Floats{1, 0})
                           .output("y")
                           .node("DequantizeLinear", {"x", "s"}, {"y"},
                                 {attribute("axis", 0)})),
              HasSubstr("the scale (input 1) is 0"));
}

TEST(OnnxQuantizedFaults, ZeroPointsFitTheirTensor) {
  EXPECT_THAT(errorsOf(ModelWriter(21)
                           .input("x", {2}, Uint8)
                           .initializer("s", {}, Floats{1})
                           .initializer(constant("z", {}, Bytes{-1}))
                           .output("y")
                           .node("DequantizeLinear", {"x", "s", "z"}, {"y"})),
              HasSubstr("the zero point (input 2) is of 'i8', but the "
                        "quantized tensor of 'ui8'"));
  EXPECT_THAT(quantizeErrors(tensor("s", {3}, Floats{1, 1, 1}),
                             constant("z", {2}, Bytes{1, 1})),
              HasSubstr("should have the scale's shape, 3"));
  EXPECT_THAT(
      quantizeErrors(tensor("s", {}, Floats{1}), constant("z", {}, Words{1})),
      HasSubstr("int8, uint8, int16 and uint16 are"));
  EXPECT_THAT(quantizeErrors(tensor("s", {}, Floats{1}),
                             constant("z", {}, Bytes{1}),
                             {attribute("output_dtype", int(uint16))}),
              HasSubstr("but attribute 'output_dtype' asks for"));
  EXPECT_THAT(quantizeErrors(tensor("s", {}, Floats{1}),
                             constant("z", {}, Bytes{1}),
                             {attribute("output_dtype", 17)}),
              HasSubstr("attribute 'output_dtype' asks for"));
}

TEST(OnnxQuantizedFaults, FourBitsAreForWeights) {
  constexpr int64_t int4 = 22;
  EXPECT_THAT(
      quantizeErrors(tensor("s", {}, Floats{1}), tensor("z", {}, int4, "\x01")),
      HasSubstr("quantizing to int4 is not supported"));
  EXPECT_THAT(quantizeErrors(tensor("s", {}, Floats{1}),
                             tensor("z", {3}, int4, "\x01")),
              HasSubstr("needs 2 bytes of data"));
  EXPECT_THAT(errorsOf(ModelWriter(21)
                           .input("x", {2}, int4)
                           .initializer("s", {}, Floats{1})
                           .output("y")
                           .node("DequantizeLinear", {"x", "s"}, {"y"})),
              HasSubstr("int4"));
}

TEST(OnnxQuantizedFaults, ScalesFitTheirAxis) {
  Message zero = constant("z", {2}, Bytes{1, 1});
  EXPECT_THAT(quantizeErrors(tensor("s", {2}, Floats{1, 1}), zero),
              HasSubstr("one for each slice along axis 1 of the tensor of "
                        "shape 2x3"));
  EXPECT_THAT(quantizeErrors(tensor("s", {2}, Floats{1, 1}), zero,
                             {attribute("axis", 2)}),
              HasSubstr("axis 2 lies outside a tensor of 2 dimensions"));
  EXPECT_THAT(quantizeErrors(tensor("s", {2}, Floats{1, 1}), zero,
                             {attribute("block_size", -1)}),
              HasSubstr("'block_size' is -1"));
  EXPECT_THAT(quantizeErrors(tensor("s", {2, 2}, Floats(4, 1)),
                             constant("z", {2, 2}, Bytes(4)),
                             {attribute("block_size", 4)}),
              HasSubstr("should have the shape 2x1, one for each block of 4 "
                        "along axis 1"));
}

/// QLinearConv of a [1, 2, 4, 4] image by a [4, 2, 3, 3] filter.
static ModelWriter convolution(const Message &weightScale,
                               const Message &inputZero, const Message &bias,
                               const Shape &filter = {4, 2, 3, 3}) {
  return ModelWriter(13)
      .input("x", {1, 2, 4, 4}, Uint8)
      .initializer("xs", {}, Floats{0.3F})
      .initializer(inputZero)
      .initializer(constant(
          "w", filter,
          Bytes(size_t(filter[0] * filter[1] * filter[2] * filter[3]))))
      .initializer(weightScale)
      .initializer(constant("wz", {}, Bytes{0}))
      .initializer("ys", {}, Floats{0.1F})
      .initializer(constant("yz", {}, Naturals{50}))
      .initializer(bias)
      .typedOutput("y", Uint8)
      .node("QLinearConv", {"x", "xs", "xz", "w", "ws", "wz", "ys", "yz", "b"},
            {"y"});
}

TEST(OnnxQuantizedFaults, ConvolutionsThatContradictThemselves) {
  Message scale = tensor("ws", {4}, Floats(4, 1)),
          zero = constant("xz", {}, Naturals{0}),
          bias = constant("b", {4}, Words(4));
  ASSERT_EQ(importBytes(convolution(scale, zero, bias).bytes()).errors, "");
  EXPECT_THAT(
      errorsOf(convolution(tensor("ws", {3}, Floats(3, 1)), zero, bias)),
      HasSubstr("one for each slice along axis 0"));
  EXPECT_THAT(errorsOf(convolution(scale, constant("xz", {}, Bytes{0}), bias)),
              HasSubstr("the zero point (input 2) is of 'i8', but input 0 of "
                        "'ui8'"));
  EXPECT_THAT(
      errorsOf(convolution(scale, constant("xz", {5}, Naturals(5)), bias)),
      HasSubstr("should be one number, or one for each slice along "
                "axis 1"));
  EXPECT_THAT(errorsOf(convolution(scale, zero, tensor("b", {4}, Floats(4)))),
              HasSubstr("but should be of int32"));
  EXPECT_THAT(errorsOf(convolution(scale, zero, constant("b", {3}, Words(3)))),
              HasSubstr("the bias of shape 3 should have the shape 4"));
  EXPECT_THAT(errorsOf(convolution(scale, zero, bias, {4, 3, 3, 3})),
              HasSubstr("the input has 2 channels"));
}

TEST(OnnxQuantizedFaults, ProductsThatContradictThemselves) {
  EXPECT_THAT(errorsOf(ModelWriter(13)
                           .input("a", {2, 3}, Uint8)
                           .initializer(constant("b", {4, 2}, Bytes(8)))
                           .output("y")
                           .node("MatMulInteger", {"a", "b"}, {"y"})),
              HasSubstr("have different inner dimensions"));
  EXPECT_THAT(errorsOf(ModelWriter(13)
                           .input("a", {2, 3}, Int32)
                           .initializer(constant("b", {3, 2}, Bytes(6)))
                           .output("y")
                           .node("MatMulInteger", {"a", "b"}, {"y"})),
              HasSubstr("should be of int8 or uint8"));
  EXPECT_THAT(
      errorsOf(ModelWriter(13)
                   .input("x", {1, 2, 2, 2}, Uint8)
                   .initializer("s", {}, Floats{1})
                   .output("y")
                   .node("QLinearConcat", {"s", "x", "x", "s", "x", "x"}, {"y"},
                         {}, microsoft)),
      HasSubstr("three for each part"));
}

TEST(OnnxQuantizedFaults, SoftmaxIsOfBytes) {
  constexpr int64_t int16 = 5;
  EXPECT_THAT(
      errorsOf(ModelWriter(13)
                   .input("x", {2, 3}, int16)
                   .initializer("s", {}, Floats{0.5F})
                   .initializer(tensor("z", {}, int16, std::string(2, 0)))
                   .output("y")
                   .node("QLinearSoftmax", {"x", "s", "z", "s", "z"}, {"y"},
                         {attribute("opset", 13)}, microsoft)),
      HasSubstr("input 0 is of 'i16', but should be int8 or uint8"));
}

TEST(OnnxQuantizedFaults, RoundingIsTheSpecifications) {
  std::string bytes = ModelWriter(21)
                          .input("x", {2})
                          .initializer("s", {}, Floats{1})
                          .initializer(constant("z", {}, Bytes{0}))
                          .typedOutput("y", int8)
                          .node("QuantizeLinear", {"x", "s", "z"}, {"y"})
                          .bytes();
  auto errorsWith = [&](edgec::Requantize rounding) {
    edgec::ImportOptions options;
    options.modelName = "model";
    options.requantize = rounding;
    return collect([&](mlir::MLIRContext &context) {
             return edgec::onnx::importOnnx(edgec::MappedFile::view(bytes),
                                            "model.onnx", options, context);
           })
        .errors;
  };
  EXPECT_EQ(errorsWith(edgec::Requantize::halfEven), "");
  EXPECT_THAT(errorsWith(edgec::Requantize::doubleRounding),
              AllOf(HasSubstr("node_y"),
                    HasSubstr("leave -requantize away, or give half-even")));
}
