//===- OnnxSpatialTest.cpp - operators over images of any rank ------------===//
//
// What each becomes; what the ops compute is tested against ONNX's own tests.
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

static std::string errors(const ModelWriter &model) {
  return importBytes(model.bytes()).errors;
}

static ModelWriter convTranspose(const Ints &filter,
                                 const std::vector<Message> &attributes) {
  int64_t count = 1;
  for (int64_t size : filter)
    count *= size;
  return ModelWriter(13)
      .input("x", {1, 4, 5, 5})
      .initializer("w", filter, Floats(count))
      .output("y")
      .node("ConvTranspose", {"x", "w"}, {"y"}, attributes);
}

static unsigned count(const std::string &text, const std::string &part) {
  unsigned found = 0;
  for (size_t at = text.find(part); at != std::string::npos;
       at = text.find(part, at + 1))
    ++found;
  return found;
}

TEST(OnnxSpatial, ConvOfThreeDimensionsIsASumOverItsDepth) {
  std::string module =
      import(ModelWriter(13)
                 .input("x", {2, 3, 6, 8, 8})
                 .initializer("w", {4, 3, 3, 1, 1}, Floats(36))
                 .output("y", {2, 4, 3, 8, 8})
                 .node("Conv", {"x", "w"}, {"y"},
                       {attribute("strides", Ints{2, 1, 1}),
                        attribute("pads", Ints{1, 0, 0, 0, 0, 0})}));
  EXPECT_EQ(count(module, "edge.conv2d"), 3u);
  EXPECT_THAT(module, AllOf(HasSubstr("tensor<6x8x8x4xf32>"),
                            HasSubstr("-> (tensor<2x4x3x8x8xf32>")));
}

TEST(OnnxSpatial, PoolsOfThreeDimensionsAreTwo) {
  std::string module =
      import(ModelWriter(13)
                 .input("x", {1, 3, 6, 8, 10})
                 .output("y")
                 .node("MaxPool", {"x"}, {"y"},
                       {attribute("kernel_shape", Ints{2, 3, 4})}));
  EXPECT_THAT(module, AllOf(HasSubstr("window = array<i64: 3, 4>"),
                            HasSubstr("window = array<i64: 2, 1>"),
                            HasSubstr("-> (tensor<1x3x5x6x7xf32>")));
}

TEST(OnnxSpatial, ConvTransposeComputesItsPhasesAsChannels) {
  std::string module = import(
      convTranspose({4, 3, 4, 4}, {attribute("strides", Ints{2, 2}),
                                   attribute("pads", Ints{1, 1, 1, 1})}));
  // 12 = 2 * 2 phases of 3 channels, of 2 * 2 taps each.
  EXPECT_THAT(module, AllOf(HasSubstr("tensor<12x2x2x4xf32>"),
                            HasSubstr("-> tensor<1x6x6x12xf32>"),
                            HasSubstr("-> (tensor<1x3x10x10xf32>")));
  EXPECT_EQ(count(module, "edge.conv2d"), 1u);
}

TEST(OnnxSpatial, ConvTransposeSizesFollowOutputShapeAndPadding) {
  EXPECT_THAT(import(convTranspose({4, 3, 3, 3},
                                   {attribute("strides", Ints{3, 2}),
                                    attribute("output_shape", Ints{16, 10})})),
              HasSubstr("-> (tensor<1x3x16x10xf32>"));
  EXPECT_THAT(import(convTranspose({4, 1, 3, 3},
                                   {attribute("strides", Ints{2, 2}),
                                    attribute("group", 4),
                                    attribute("output_padding", Ints{1, 0})})),
              HasSubstr("-> (tensor<1x4x12x11xf32>"));
  EXPECT_THAT(import(convTranspose({4, 3, 3, 3},
                                   {attribute("strides", Ints{2, 2}),
                                    attribute("auto_pad", "SAME_LOWER")})),
              HasSubstr("-> (tensor<1x3x10x10xf32>"));
}

TEST(OnnxSpatial, ConvTransposeRefusesWhatDoesNotFit) {
  EXPECT_THAT(errors(convTranspose({3, 3, 3, 3}, {})),
              HasSubstr("ConvTranspose: the input has 4 channels, but a filter "
                        "of shape 3x3x3x3 in 1 groups takes 3"));
  EXPECT_THAT(errors(convTranspose({4, 3, 3, 3},
                                   {attribute("pads", Ints{9, 0, 9, 0})})),
              HasSubstr("ConvTranspose: the pads leave nothing of 5 input "
                        "elements with a stride of 1 and a window of 3"));
  EXPECT_THAT(
      errors(convTranspose({4, 3, 3, 3},
                           {attribute("output_padding", Ints{-1, 0})})),
      HasSubstr("attribute 'output_padding' must be 2 integers of at least 0"));
  EXPECT_THAT(errors(convTranspose({4, 512, 1, 1},
                                   {attribute("strides", Ints{5000, 5000})})),
              HasSubstr("is too large"));
}

TEST(OnnxSpatial, BlocksMoveBetweenSpaceAndDepth) {
  auto move = [](const char *op, const std::vector<Message> &attributes) {
    return ModelWriter(13)
        .input("x", {1, 8, 4, 6})
        .output("y")
        .node(op, {"x"}, {"y"}, attributes);
  };
  EXPECT_THAT(import(move("DepthToSpace", {attribute("blocksize", 2)})),
              AllOf(HasSubstr("tensor<1x4x6x2x2x2xf32>"),
                    HasSubstr("array<i64: 0, 1, 3, 2, 4, 5>"),
                    HasSubstr("-> (tensor<1x2x8x12xf32>")));
  EXPECT_THAT(import(move("DepthToSpace", {attribute("blocksize", 2),
                                           attribute("mode", "CRD")})),
              HasSubstr("array<i64: 0, 1, 4, 2, 5, 3>"));
  EXPECT_THAT(import(move("SpaceToDepth", {attribute("blocksize", 2)})),
              HasSubstr("-> (tensor<1x32x2x3xf32>"));
  EXPECT_THAT(errors(move("SpaceToDepth", {attribute("blocksize", 4)})),
              HasSubstr("blocks of 4x4 pixels do not fit an image of 4x6"));
  EXPECT_THAT(errors(move("DepthToSpace", {attribute("blocksize", 3)})),
              HasSubstr("blocks of 3x3 pixels do not fit 8 channels"));
}
