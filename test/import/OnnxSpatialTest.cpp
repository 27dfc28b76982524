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
  EXPECT_THAT(errors(convTranspose({4, 32, 1, 1},
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

//===-- resizing
//-----------------------------------------------------------===//

static ModelWriter resize(const std::vector<Message> &attributes,
                          const Floats &scales, const Ints &sizes = {}) {
  ModelWriter model(19);
  model.input("x", {1, 2, 4, 6}).output("y");
  if (!scales.empty())
    model.initializer("scales", {int64_t(scales.size())}, scales);
  if (!sizes.empty())
    model.initializer("sizes", {int64_t(sizes.size())}, sizes);
  return model.node(
      "Resize",
      {"x", "", scales.empty() ? "" : "scales", sizes.empty() ? "" : "sizes"},
      {"y"}, attributes);
}

TEST(OnnxSpatial, ResizeResamplesEachDimensionChannelsLast) {
  std::string module =
      import(resize({attribute("mode", "linear")}, Floats{1, 1, 2, 1.5F}));
  EXPECT_EQ(count(module, "edge.resample"), 2u);
  // The width first, because it grows least.
  EXPECT_THAT(module,
              AllOf(HasSubstr("{axis = 2 : i64} : (tensor<1x4x6x2xf32>, "
                              "tensor<9x4xf32>) -> tensor<1x4x9x2xf32>"),
                    HasSubstr("-> (tensor<1x2x8x9xf32>"),
                    Not(HasSubstr("resize_table"))));
}

TEST(OnnxSpatial, ResizeToSizes) {
  EXPECT_THAT(import(resize({attribute("axes", Ints{3, 2})}, {}, {3, 8})),
              AllOf(HasSubstr("tensor<3x1xf32>"),
                    HasSubstr("-> (tensor<1x2x8x3xf32>")));
  EXPECT_THAT(
      import(resize({attribute("axes", Ints{2, 3}),
                     attribute("keep_aspect_ratio_policy", "not_larger")},
                    {}, {8, 9})),
      HasSubstr("-> (tensor<1x2x6x9xf32>"));
  // Nothing remains of a resize to the same size.
  EXPECT_THAT(import(resize({}, {}, {1, 2, 4, 6})),
              Not(HasSubstr("edge.resample")));
}

TEST(OnnxSpatial, ResizeByScalesOfTheRunComputesItsTable) {
  auto model = [](const std::vector<Dim> &output) {
    ModelWriter writer(13);
    writer.input("x", {1, 1, 4, 4}).input("s", {4});
    if (output.empty())
      writer.output("y");
    else
      writer.output("y", output);
    return writer.node("Resize", {"x", "", "s"}, {"y"},
                       {attribute("mode", "cubic")});
  };
  EXPECT_THAT(import(model({1, 1, 3, 4})),
              AllOf(HasSubstr("input_size = 4"), HasSubstr("output_size = 3"),
                    HasSubstr("(tensor<1xf32>, tensor<2xf32>) -> "
                              "tensor<3x6xf32>")));
  EXPECT_THAT(errors(model({})),
              HasSubstr("Resize: the scales are computed and the model does "
                        "not state the result's shape"));
}

TEST(OnnxSpatial, ResizeRefusesWhatItIsNot) {
  EXPECT_THAT(errors(resize({attribute("mode", "lanczos")}, {1, 1, 2, 2})),
              HasSubstr("attribute 'mode' is 'lanczos', but should be one of "
                        "nearest, linear, cubic"));
  EXPECT_THAT(errors(resize({}, {1, 1, 2})),
              HasSubstr("the scales (input 2) must have 4 elements, not 3"));
  EXPECT_THAT(errors(resize({}, {1, 1, 2, -1})),
              HasSubstr("a scale of -1 for a dimension of 6 elements"));
  EXPECT_THAT(errors(resize({}, {})),
              HasSubstr("needs either scales or sizes"));
  EXPECT_THAT(errors(resize({attribute("coordinate_transformation_mode",
                                       "tf_crop_and_resize")},
                            {1, 1, 2, 2})),
              HasSubstr("for tf_crop_and_resize a roi"));
}

TEST(OnnxSpatial, UpsampleReadsItsScalesWhereTheOpsetHasThem) {
  EXPECT_THAT(import(ModelWriter(9)
                         .input("x", {1, 1, 4, 4})
                         .initializer("s", {4}, Floats{1, 1, 2, 3})
                         .output("y")
                         .node("Upsample", {"x", "s"}, {"y"})),
              HasSubstr("-> (tensor<1x1x8x12xf32>"));
}

TEST(OnnxSpatial, PadByElementsOfTheInput) {
  auto pad = [](const char *mode) {
    return import(
        ModelWriter(19)
            .input("x", {3, 4})
            .initializer("p", {4}, Ints{0, 2, 0, 1})
            .output("y")
            .node("Pad", {"x", "p"}, {"y"}, {attribute("mode", mode)}));
  };
  auto table = [](const std::string &numbers) {
    return HasSubstr("dense<" + numbers + "> : tensor<7x1xf32>");
  };
  EXPECT_THAT(pad("reflect"),
              table("[[2.000000e+00], [1.000000e+00], [0.000000e+00], "
                    "[1.000000e+00], [2.000000e+00], [3.000000e+00], "
                    "[2.000000e+00]]"));
  EXPECT_THAT(pad("edge"),
              table("[[0.000000e+00], [0.000000e+00], [0.000000e+00], "
                    "[1.000000e+00], [2.000000e+00], [3.000000e+00], "
                    "[3.000000e+00]]"));
  EXPECT_THAT(pad("wrap"),
              table("[[2.000000e+00], [3.000000e+00], [0.000000e+00], "
                    "[1.000000e+00], [2.000000e+00], [3.000000e+00], "
                    "[0.000000e+00]]"));
}

TEST(OnnxSpatial, CenterCropPadCutsAndPads) {
  EXPECT_THAT(import(ModelWriter(18)
                         .input("x", {20, 8, 3})
                         .initializer("s", {2}, Ints{10, 11})
                         .output("y")
                         .node("CenterCropPad", {"x", "s"}, {"y"},
                               {attribute("axes", Ints{-3, 1})})),
              AllOf(HasSubstr("offsets = array<i64: 5, 0, 0>"),
                    HasSubstr("high = array<i64: 0, 2, 0>, low = array<i64: 0, "
                              "1, 0>"),
                    HasSubstr("-> (tensor<10x11x3xf32>")));
}

//===-- sampling
//-----------------------------------------------------------===//

TEST(OnnxSpatial, GridSampleMapsItsGridToElements) {
  auto model = [](const std::vector<Dim> &grid) {
    return ModelWriter(20)
        .input("x", {1, 3, 4, 6})
        .input("g", grid)
        .output("y")
        .node("GridSample", {"x", "g"}, {"y"},
              {attribute("padding_mode", "border")});
  };
  EXPECT_THAT(import(model({1, 5, 7, 2})),
              AllOf(HasSubstr("dense<[3.000000e+00, 2.000000e+00]>"),
                    HasSubstr("edge.sample"),
                    HasSubstr("-> (tensor<1x3x5x7xf32>")));
  EXPECT_THAT(errors(model({1, 5, 7, 3})),
              HasSubstr("a grid of shape 1x5x7x3 does not fit an input of "
                        "shape 1x3x4x6; it should be [N, spatial..., 2]"));
}

TEST(OnnxSpatial, DeformConvConvolvesWhatItSampled) {
  std::string module =
      import(ModelWriter(19)
                 .input("x", {1, 4, 5, 5})
                 .initializer("w", {6, 2, 3, 3}, Floats(108))
                 .input("offset", {1, 36, 3, 3})
                 .output("y")
                 .node("DeformConv", {"x", "w", "offset"}, {"y"},
                       {attribute("group", 2), attribute("offset_group", 2)}));
  EXPECT_THAT(module, AllOf(HasSubstr("(tensor<2x5x5x2xf32>, "
                                      "tensor<2x81x2xf32>) -> "
                                      "tensor<2x81x2xf32>"),
                            HasSubstr("groups = 2"),
                            HasSubstr("-> (tensor<1x6x3x3xf32>")));
}

TEST(OnnxSpatial, Col2ImIsATransposedConvolution) {
  auto model = [](const Ints &block) {
    return ModelWriter(18)
        .input("x", {1, 9, 4})
        .initializer("image", {2}, Ints{5, 5})
        .initializer("block", {2}, block)
        .output("y")
        .node("Col2Im", {"x", "image", "block"}, {"y"},
              {attribute("strides", Ints{2, 2})});
  };
  EXPECT_THAT(
      import(model({3, 3})),
      AllOf(HasSubstr("edge.conv2d"), HasSubstr("-> (tensor<1x1x5x5xf32>")));
  EXPECT_THAT(errors(model({9, 1})),
              HasSubstr("Col2Im: an input of shape 1x9x4 does not hold the "
                        "blocks of 9x1 of an image of 5x5"));
}
