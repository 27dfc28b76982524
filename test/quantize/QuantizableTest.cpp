//===- QuantizableTest.cpp - which values are worth to be integers --------===//
//
// Graphs in text, and the names (locations) of the values that are found, those
// of one group joined by '+'.
//
//===----------------------------------------------------------------------===//
#include "passes/quantize/Quantizable.h"

#include "compiler/Pipeline.h"
#include "mlir/Parser/Parser.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace edgec;
using namespace mlir;
using testing::ElementsAre;
using testing::IsEmpty;

static std::string nameOf(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value))
    return "arg" + std::to_string(argument.getArgNumber());
  auto name = dyn_cast<NameLoc>(value.getLoc());
  return name ? name.getName().str() : "?";
}

/// The groups of a function with these arguments, constants %f [8,1,1,8], %d
/// [8,3,3,1] and %w [4,8], and this body.
static std::vector<std::string> found(const std::string &arguments,
                                      const std::string &body) {
  DialectRegistry registry;
  registerAllDialects(registry);
  MLIRContext context(registry);
  std::string text =
      "func.func @model(" + arguments +
      ") {\n"
      "%f = edge.constant {value = dense<1.0> : tensor<8x1x1x8xf32>} : "
      "tensor<8x1x1x8xf32>\n"
      "%d = edge.constant {value = dense<1.0> : tensor<8x3x3x1xf32>} : "
      "tensor<8x3x3x1xf32>\n"
      "%w = edge.constant {value = dense<1.0> : tensor<4x8xf32>} : "
      "tensor<4x8xf32>\n" +
      body + "return\n}\n";
  auto module = parseSourceString<ModuleOp>(text, &context);
  if (!module) {
    ADD_FAILURE() << text;
    return {};
  }
  auto function = *module->getOps<func::FuncOp>().begin();
  std::vector<std::string> names;
  for (const ValueGroup &group : findQuantizable(function)) {
    std::vector<std::string> members;
    for (Value value : group)
      members.push_back(nameOf(value));
    names.push_back(llvm::join(members, "+"));
  }
  return names;
}

static const std::string image = "tensor<1x4x4x8xf32>";
static const std::string conv =
    " : (" + image + ", tensor<8x1x1x8xf32>) -> " + image;
static const std::string unary = " : (" + image + ") -> " + image;
static const std::string binary =
    " : (" + image + ", " + image + ") -> " + image;

TEST(Quantizable, WhatLayersReadIsBehindTheActivation) {
  EXPECT_THAT(found("%x: " + image,
                    "%a = edge.conv2d %x, %f" + conv + " loc(\"a\")\n" +
                        "%r = edge.relu %a" + unary + " loc(\"r\")\n" +
                        "%b = edge.conv2d %r, %f" + conv + " loc(\"b\")\n"),
              ElementsAre("arg0", "r"));
}

TEST(Quantizable, ALayerThatIsKeptReadsWhatItGets) {
  EXPECT_THAT(
      found("%x: " + image, "%a = edge.conv2d %x, %f {edge.keep_float}" + conv +
                                " loc(\"a\")\n" + "%b = edge.conv2d %a, %f" +
                                conv + " loc(\"b\")\n"),
      ElementsAre("a"));
}

TEST(Quantizable, OfTwoConvolutionsInASumTheFirstGoesThroughMemory) {
  EXPECT_THAT(found("%x: " + image,
                    "%a = edge.conv2d %x, %f" + conv + " loc(\"a\")\n" +
                        "%b = edge.conv2d %x, %f" + conv + " loc(\"b\")\n" +
                        "%s = edge.add %b, %a" + binary + " loc(\"s\")\n" +
                        "%c = edge.conv2d %s, %f" + conv + " loc(\"c\")\n"),
              ElementsAre("arg0", "a", "s"));
}

TEST(Quantizable, WhatMovesSharesItsRange) {
  EXPECT_THAT(
      found("%x: " + image +
                ", %y: tensor<1x4x4x4xf32>, %z: tensor<1x4x4x4xf32>",
            "%c = edge.concat %y, %z {axis = 3 : i64} : (tensor<1x4x4x4xf32>, "
            "tensor<1x4x4x4xf32>) -> " +
                image + " loc(\"c\")\n" +
                "%p = edge.max_pool2d %c {window = array<i64: 1, 1>}" + unary +
                " loc(\"p\")\n" + "%a = edge.conv2d %p, %f" + conv +
                " loc(\"a\")\n" + "%b = edge.conv2d %x, %f" + conv +
                " loc(\"b\")\n"),
      ElementsAre("arg0", "arg1+arg2+c+p"));
}

TEST(Quantizable, APadOfZerosMovesAndOthersDoNot) {
  std::string padded = "tensor<1x6x4x8xf32>";
  auto body = [&](const std::string &value) {
    return "%p = edge.pad %x {low = array<i64: 0, 1, 0, 0>, high = array<i64: "
           "0, 1, 0, 0>, value = " +
           value + " : f32} : (" + image + ") -> " + padded + " loc(\"p\")\n" +
           "%a = edge.conv2d %p, %f : (" + padded +
           ", tensor<8x1x1x8xf32>) -> " + padded + " loc(\"a\")\n";
  };
  EXPECT_THAT(found("%x: " + image, body("0.0")), ElementsAre("arg0+p"));
  EXPECT_THAT(found("%x: " + image, body("1.0")), ElementsAre("p"));
}

TEST(Quantizable, MeansOfImagesAreSumsAndThoseOfNormalisationsAreNot) {
  auto mean = [](const std::string &axes) {
    return "%m = edge.reduce_mean %x {axes = array<i64: " + axes +
           ">, keep_dims = true} : (" + image + ") -> tensor<" +
           (axes == "3" ? "1x4x4x1" : "1x1x1x8") + "xf32> loc(\"m\")\n";
  };
  EXPECT_THAT(found("%x: " + image, mean("1, 2")), ElementsAre("arg0"));
  EXPECT_THAT(found("%x: " + image, mean("3")), IsEmpty());
}

TEST(Quantizable, WeightsOfTheRunAndOtherTypesStayFloat) {
  EXPECT_THAT(found("%x: " + image + ", %g: tensor<8x1x1x8xf32>",
                    "%a = edge.conv2d %x, %g" + conv + " loc(\"a\")\n"),
              IsEmpty());
  EXPECT_THAT(found("%x: tensor<2x8xf32>, %y: tensor<8x2xf32>",
                    "%a = edge.matmul %x, %y : (tensor<2x8xf32>, "
                    "tensor<8x2xf32>) -> tensor<2x2xf32> loc(\"a\")\n"),
              IsEmpty());
  EXPECT_THAT(found("%x: tensor<2x8xf64>",
                    "%a = edge.relu %x : (tensor<2x8xf64>) -> tensor<2x8xf64> "
                    "loc(\"a\")\n"),
              IsEmpty());
}

TEST(Quantizable, FullyConnectedAndDepthwiseLayersCount) {
  EXPECT_THAT(found("%x: tensor<2x8xf32>, %y: " + image,
                    "%a = edge.fully_connected %x, %w : (tensor<2x8xf32>, "
                    "tensor<4x8xf32>) -> tensor<2x4xf32> loc(\"a\")\n"
                    "%b = edge.conv2d %y, %d {groups = 8 : i64, pads = "
                    "array<i64: 1, 1, 1, 1>} : (" +
                        image + ", tensor<8x3x3x1xf32>) -> " + image +
                        " loc(\"b\")\n"),
              ElementsAre("arg0", "arg1"));
}
