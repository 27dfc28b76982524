//===- SpatialTest.cpp - operators on images against numbers by hand ------===//
//
// The tables of resize are those of the ONNX specification's examples, computed
// there in Python; the rest was computed by hand.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/ResizeTable.h"
#include "test/evaluator/EvaluateText.h"

using namespace edgec;
using namespace edgec::evaluator;
using testing::ElementsAre;

namespace {
class SpatialTest : public EvaluateText {
protected:
  const std::string image =
      "%v = edge.constant {value = dense<[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, "
      "8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0]> : tensor<16xf32>} "
      ": tensor<16xf32>\n"
      "%x = edge.reshape %v : (tensor<16xf32>) -> tensor<1x4x4x1xf32>\n";

  /// Resizes [1, 2, 3, 4] with a table computed by the operator.
  std::vector<double> resize(double scale, int64_t output, int64_t columns,
                             const std::string &attributes) {
    std::string type = "tensor<" + std::to_string(output) + "x" +
                       std::to_string(columns) + "xf32>";
    std::string result = "tensor<" + std::to_string(output) + "xf32>";
    return reals(
        "%x = edge.constant {value = dense<[1.0, 2.0, 3.0, 4.0]> : "
        "tensor<4xf32>} : tensor<4xf32>\n"
        "%s = edge.constant {value = dense<" +
            std::to_string(scale) +
            "> : tensor<1xf32>} : tensor<1xf32>\n"
            "%roi = edge.constant {value = dense<[0.25, 1.25]> : "
            "tensor<2xf32>} : tensor<2xf32>\n"
            "%t = edge.resize_table %s, %roi {input_size = 4 : i64, "
            "output_size = " +
            std::to_string(output) + " : i64, " + attributes +
            "} : (tensor<1xf32>, tensor<2xf32>) -> " + type +
            "\n%r = edge.resample %x, %t {axis = 0 : i64} : (tensor<4xf32>, " +
            type + ") -> " + result,
        result);
  }
};
} // namespace

TEST_F(SpatialTest, ResizeByScale) {
  EXPECT_THAT(resize(2, 8, 4, "mode = \"linear\""),
              near({1, 1.25, 1.75, 2.25, 2.75, 3.25, 3.75, 4}));
  EXPECT_THAT(resize(2, 8, 1,
                     "mode = \"nearest\", coordinates = \"asymmetric\", "
                     "rounding = \"floor\""),
              near({1, 1, 2, 2, 3, 3, 4, 4}));
  EXPECT_THAT(
      resize(2, 8, 4, "mode = \"linear\", coordinates = \"align_corners\""),
      near({1, 1 + 3.0 / 7, 1 + 6.0 / 7, 1 + 9.0 / 7, 1 + 12.0 / 7,
            1 + 15.0 / 7, 1 + 18.0 / 7, 4}));
  // Keys' weights at a half, a = -0.75: -3/32, 19/32, 19/32, -3/32.
  EXPECT_THAT(resize(0.5, 2, 6, "mode = \"cubic\""), near({1.40625, 3.59375}));
}

TEST_F(SpatialTest, ResizeOutsideExtrapolates) {
  // Positions 0.75, 2.25, 3.75 of a region that ends outside.
  EXPECT_THAT(resize(0.75, 3, 4,
                     "mode = \"linear\", coordinates = \"tf_crop_and_resize\", "
                     "extrapolation = 9.0 : f32"),
              near({1.75, 3.25, 9}));
}

TEST_F(SpatialTest, ResampleCopiesAnyType) {
  EXPECT_THAT(
      integers("%x = edge.constant {value = dense<[5, 6, 7]> : tensor<3xi32>} "
               ": tensor<3xi32>\n"
               "%t = edge.constant {value = dense<[[2.0], [0.0], [99.0], "
               "[-1.0]]> : tensor<4x1xf32>} : tensor<4x1xf32>\n"
               "%r = edge.resample %x, %t {axis = 0 : i64} : (tensor<3xi32>, "
               "tensor<4x1xf32>) -> tensor<4xi32>",
               "tensor<4xi32>"),
      ElementsAre(7, 5, 7, 5));
}

TEST_F(SpatialTest, ResampleOfIntegersHasWholeWeights) {
  EXPECT_THAT(
      integers("%x = edge.constant {value = dense<[5, -6, 2000000000]> : "
               "tensor<3xi32>} : tensor<3xi32>\n"
               "%t = edge.constant {value = dense<[[0.0, 1.0, 3.0, 2.0], "
               "[1.0, 0.0, 0.0, 4.0]]> : tensor<2x4xf32>} : tensor<2x4xf32>\n"
               "%r = edge.resample %x, %t {axis = 0 : i64} : (tensor<3xi32>, "
               "tensor<2x4xf32>) -> tensor<2xi32>",
               "tensor<2xi32>"),
      ElementsAre(1 + 15 - 12, int32_t(8000000000)));
}

TEST_F(SpatialTest, TablesOfCompileTimeAreTheOperators) {
  edge::Interpolation cubic;
  cubic.mode = "cubic";
  cubic.antialias = true;
  edge::ResampleTable table =
      edge::resizeTable({4, 3, 0.75}, "half_pixel", cubic);
  std::vector<double> result;
  for (int64_t o = 0; o < 3; ++o) {
    double sum = 0;
    const float *row = table.elements.data() + o * table.columns;
    for (int64_t t = 2; t < table.columns; ++t)
      sum += row[t] * (row[0] + float(t - 2) + 1);
    result.push_back(sum);
  }
  std::vector<double> expected =
      resize(0.75, 3, 6, "mode = \"cubic\", antialias = true");
  ASSERT_EQ(expected.size(), 3u);
  for (int64_t o = 0; o < 3; ++o)
    EXPECT_NEAR(result[o], expected[o], 1e-6);
}

TEST_F(SpatialTest, SampleBetweenElements) {
  auto sample = [&](const std::string &positions,
                    const std::string &attributes) {
    return reals(image + "%p = edge.constant {value = dense<[[" + positions +
                     "]]> : tensor<1x3x2xf32>} : tensor<1x3x2xf32>\n"
                     "%r = edge.sample %x, %p {" +
                     attributes +
                     "} : (tensor<1x4x4x1xf32>, tensor<1x3x2xf32>) -> "
                     "tensor<1x3x1xf32>",
                 "tensor<1x3x1xf32>");
  };
  const std::string points = "[0.5, 1.0], [-0.5, 0.0], [3.0, 4.25]";
  EXPECT_THAT(sample(points, "mode = \"linear\""), near({5.5, 0.5, 0}));
  EXPECT_THAT(sample(points, "mode = \"linear\", padding = \"border\""),
              near({5.5, 1, 16}));
  EXPECT_THAT(sample(points, "mode = \"linear\", padding = \"reflection\", "
                             "align_corners = true"),
              near({5.5, 1.5, 11}));
  // Ties go to the even element: column 0, column 0, row 4 outside.
  EXPECT_THAT(sample(points, "mode = \"nearest\""), near({5, 1, 0}));
  EXPECT_THAT(sample("[1.0, 1.0], [2.0, 3.0], [0.0, 0.0]", "mode = \"cubic\""),
              near({6, 15, 1}));
}

TEST_F(SpatialTest, RegionsOfInterest) {
  auto align = [&](const std::string &attributes) {
    return reals(image +
                     "%rois = edge.constant {value = dense<[[0.5, 0.5, 2.5, "
                     "2.5]]> : tensor<1x4xf32>} : tensor<1x4xf32>\n"
                     "%b = edge.constant {value = dense<0> : tensor<1xi64>} : "
                     "tensor<1xi64>\n"
                     "%r = edge.roi_align %x, %rois, %b {output_size = "
                     "array<i64: 2, 2>, " +
                     attributes +
                     "} : (tensor<1x4x4x1xf32>, tensor<1x4xf32>, "
                     "tensor<1xi64>) -> tensor<1x2x2x1xf32>",
                 "tensor<1x2x2x1xf32>");
  };
  // Bins of one element; their centres are at 0.5 and 1.5.
  EXPECT_THAT(align("sampling_ratio = 1 : i64"), near({3.5, 4.5, 7.5, 8.5}));
  EXPECT_THAT(align("sampling_ratio = 0 : i64"), near({3.5, 4.5, 7.5, 8.5}));
  // A quarter of the largest corner.
  EXPECT_THAT(align("sampling_ratio = 1 : i64, mode = \"max\""),
              near({1.5, 1.75, 2.5, 2.75}));
}

TEST_F(SpatialTest, PositionsOfMaxima) {
  EXPECT_THAT(
      integers("%x = edge.constant {value = dense<[[[1.0], [5.0], [5.0], "
               "[2.0], [3.0]]]> : tensor<1x5x1xf32>} : tensor<1x5x1xf32>\n"
               "%r = edge.arg_max_pool %x {window = array<i64: 3>, strides = "
               "array<i64: 2>, pads = array<i64: 1, 1>, dilations = "
               "array<i64: 1>, index_strides = array<i64: 10>} : "
               "(tensor<1x5x1xf32>) -> tensor<1x3x1xi64>",
               "tensor<1x3x1xi64>"),
      ElementsAre(10, 10, 40));
}
