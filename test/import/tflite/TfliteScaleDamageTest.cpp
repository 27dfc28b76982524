//===- TfliteScaleDamageTest.cpp - scales and zero points, broken by hand -===//
//
// Every tensor whose scales or zero points mean nothing is named in one run.
//
//===----------------------------------------------------------------------===//
#include "test/import/tflite/TfliteDamage.h"
#include <cmath>

using namespace edgec::test;

//===-- scales and zero points --------------------------------------------===//

TEST_F(TfliteDamage, OfScalesIsRefused) {
  for (auto [scale, text] : {std::pair{0.0F, "0.000000e+00"},
                             {-0.5F, "-5.000000e-01"},
                             {INFINITY, "INF"},
                             {-INFINITY, "-INF"},
                             {NAN, "nan"}}) {
    float value = scale;
    std::string has = std::string("has the scale ") + text;
    expectRefused(std::vector<Damage>{
        {has,
         [=](Network &n) {
           for (TensorNumber i : {image, firstBias, firstFilter, secondResult})
             n.setScale(i, value);
         },
         {"node 'input_1': error: tensor 'input_1' " + has,
          "conv2d_4/Conv2D;functional_1/conv2d/Conv2D' " + has,
          "tensor 'functional_1/conv2d/Conv2D' " + has,
          "functional_1/conv2d_1/Conv2D1' " + has,
          "but should have a positive scale and a zero point in [-128, 127]",
          "but should have a positive scale and a zero point in [0, 0]"}}});
  }
}

TEST_F(TfliteDamage, OfZeroPointsIsRefused) {
  for (int64_t point :
       {int64_t(128), int64_t(-129), int64_t(1) << 40, INT64_MIN}) {
    std::string text = "and the zero point " + std::to_string(point) +
                       ", but should have a positive scale and a zero point "
                       "in [-128, 127]";
    expectRefused(std::vector<Damage>{
        {text,
         [=](Network &n) {
           for (TensorNumber i : {image, firstFilter, secondResult})
             n.setZeroPoint(i, point);
         },
         {"tensor 'input_1' has the scale 5.847029e-01 " + text,
          "tensor 'functional_1/conv2d/Conv2D' has the scale 4.122065e-04 " +
              text,
          "functional_1/conv2d_1/Conv2D1' has the scale 6.002570e-02 " +
              text}}});
  }
  expectRefused(std::vector<Damage>{
      {"a bias that is not symmetric",
       [](Network &n) { n.setZeroPoint(firstBias, 3); },
       {"and the zero point 3, but should have a positive scale and a zero "
        "point in [0, 0]"}},
      {"filters with different zero points",
       [](Network &n) { n.setZeroPoint(firstFilter, 3); },
       {"the filter's channels have different zero points"}},
  });
}

TEST_F(TfliteDamage, OfQuantizationIsRefused) {
  expectRefused(std::vector<Damage>{
      {"dimensions that are not there",
       [](Network &n) {
         n.quantization(firstFilter).dimension = 4;
         n.quantization(secondFilter).dimension = -1;
         n.quantization(depthwiseFilter).dimension = 1;
       },
       {"64 scales along dimension 4, which do not fit the shape 64x10x4x1",
        "64 scales along dimension -1, which do not fit the shape 64x1x1x64",
        "64 scales along dimension 1, which do not fit the shape 1x3x3x64"}},
      {"scales along the inputs",
       [](Network &n) { n.quantization(secondFilter).dimension = 3; },
       {"64 scales along dimension 3, but should have one for each of its "
        "output channels, dimension 0"}},
      {"63 scales for 64 filters",
       [](Network &n) {
         n.quantization(firstFilter).scale.pop_back();
         n.quantization(firstFilter).zero_point.pop_back();
       },
       {"63 scales along dimension 0, which do not fit the shape 64x10x4x1"}},
      {"zero points for other scales",
       [](Network &n) {
         n.quantization(firstFilter).zero_point.resize(3);
         n.quantization(secondFilter).zero_point.resize(65);
       },
       {"tensor 'functional_1/conv2d/Conv2D' has 3 zero points for 64 scales",
        "'functional_1/conv2d_1/Conv2D' has 65 zero points for 64 scales"}},
      {"a scale for each channel of a result",
       [](Network &n) {
         n.quantization(firstResult).scale.assign(64, 0.1F);
         n.quantization(firstResult).zero_point.assign(64, 0);
         n.quantization(firstResult).dimension = 3;
       },
       {"result 0 has 64 scales, but should have one"}},
      {"no scale of the image",
       [](Network &n) { n.tensor(image).quantization.reset(); },
       {"input 0 of type int8 should be quantized"}},
      {"no scale of a filter",
       [](Network &n) { n.tensor(firstFilter).quantization.reset(); },
       {"input 1 of type int8 should be quantized"}},
      {"another kind of quantization",
       [](Network &n) { n.quantization(firstFilter).details_type = 1; },
       {"tensor 'functional_1/conv2d/Conv2D' has a quantization of its own "
        "kind, but should have scales and zero points"}},
      {"another scale behind a reshape",
       [](Network &n) { n.setScale(flat, 0.5F); },
       {"RESHAPE (operator 10, version 1): input and results have different "
        "scales"}},
  });
}
