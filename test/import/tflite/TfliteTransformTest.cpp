//===- TfliteTransformTest.cpp - MediaPipe's landmarks and transforms -----===//
#include "test/import/tflite/TfliteText.h"
#include <cmath>
#include <flatbuffers/flexbuffers.h>
#include <gmock/gmock.h>

using namespace edgec::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pointwise;
using Doubles = std::vector<double>;

MATCHER(Close, "") {
  return std::abs(std::get<0>(arg) - std::get<1>(arg)) <= 2e-5;
}

template <typename BodyT> static std::vector<uint8_t> options(BodyT body) {
  flexbuffers::Builder builder;
  builder.Map([&] { body(builder); });
  builder.Finish();
  return builder.GetBuffer();
}

//===-- TransformTensorBilinear ------------------------------------------===//

/// What the operator says of one channel, in plain loops.
static Doubles transformed(const Doubles &image, int height, int width,
                           const Doubles &matrix, int rows, int columns,
                           double corner) {
  auto read = [&](double y, double x) {
    return y < 0 || x < 0 || y >= height || x >= width
               ? 0
               : image[size_t(y) * width + size_t(x)];
  };
  Doubles result;
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      double u = column + corner, v = row + corner;
      double x = matrix[0] * u + matrix[1] * v + matrix[3] - corner;
      double y = matrix[4] * u + matrix[5] * v + matrix[7] - corner;
      double x0 = std::floor(x), y0 = std::floor(y), fx = x - x0, fy = y - y0;
      bool isInside = x >= 0 && y >= 0 && x <= width - 1 && y <= height - 1;
      double value =
          (1 - fy) * ((1 - fx) * read(y0, x0) + fx * read(y0, x0 + 1)) +
          fy * ((1 - fx) * read(y0 + 1, x0) + fx * read(y0 + 1, x0 + 1));
      result.push_back(isInside ? value : 0);
    }
  }
  return result;
}

static Doubles importTransform(int version, const Doubles &image,
                               const Doubles &matrix) {
  TfliteWriter w;
  int x = w.input("x", {1, 4, 5, 1}), m = w.input("m", {1, 4, 4});
  w.custom("TransformTensorBilinear", {x, m}, {w.output("y", {1, 3, 4, 1})},
           options([&](flexbuffers::Builder &b) {
             if (version == 1) {
               b.String("mode", "bilinear");
               b.TypedVector("output_size", [&] {
                 b.Int(3);
                 b.Int(4);
               });
             } else {
               b.Int("output_height", 3);
               b.Int("output_width", 4);
             }
           }),
           version);
  return evaluateTflite(w, {image, matrix}).front();
}

TEST(TfliteTransform, RegionsAreCutOutOfImages) {
  Doubles image(20);
  for (size_t i = 0; i < image.size(); ++i)
    image[i] = double((i * 7) % 11) - 5;
  // Turned and shifted, partly outside of the image; column 2 is of no use.
  Doubles matrix = {0.75, -0.5, 9, 1.25, 0.5, 0.75, 9, -0.25,
                    0,    0,    1, 0,    0,   0,    0, 1};
  for (int version : {1, 2}) {
    SCOPED_TRACE(version);
    Doubles expected =
        transformed(image, 4, 5, matrix, 3, 4, version == 1 ? 0 : 0.5);
    EXPECT_EQ(std::count(expected.begin(), expected.end(), 0) > 0, true);
    EXPECT_THAT(importTransform(version, image, matrix),
                Pointwise(Close(), expected));
  }
}

//===-- Landmarks2TransformMatrix ----------------------------------------===//

using Matrix = std::array<std::array<double, 3>, 3>;

static Matrix product(const Matrix &a, const Matrix &b) {
  Matrix c{};
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j)
      for (int k = 0; k < 3; ++k)
        c[i][j] += a[i][k] * b[k][j];
  return c;
}

static Matrix rotation(double angle) {
  return {{{std::cos(angle), -std::sin(angle), 0},
           {std::sin(angle), std::cos(angle), 0},
           {0, 0, 1}}};
}

static Matrix scaling(double x, double y, double shiftX = 0,
                      double shiftY = 0) {
  return {{{x, 0, shiftX}, {0, y, shiftY}, {0, 0, 1}}};
}

/// Size of the box around the turned landmarks, and its centre turned back.
struct Box {
  double width, height, x, y;
};

static Box boxAround(const Doubles &landmarks, const std::vector<int> &subset,
                     double angle) {
  double low[2] = {1e9, 1e9}, high[2] = {-1e9, -1e9};
  for (int i : subset) {
    double x = landmarks[3 * i], y = landmarks[3 * i + 1];
    double turned[2] = {x * std::cos(angle) - y * std::sin(angle),
                        x * std::sin(angle) + y * std::cos(angle)};
    for (int d : {0, 1}) {
      low[d] = std::min(low[d], turned[d]);
      high[d] = std::max(high[d], turned[d]);
    }
  }
  double x = (low[0] + high[0]) / 2, y = (low[1] + high[1]) / 2;
  return {high[0] - low[0], high[1] - low[1],
          x * std::cos(-angle) - y * std::sin(-angle),
          x * std::sin(-angle) + y * std::cos(-angle)};
}

static Doubles flattened(const Matrix &m) {
  return {m[0][0], m[0][1], 0, m[0][2], m[1][0], m[1][1], 0, m[1][2],
          0,       0,       1, 0,       0,       0,       0, 1};
}

static Doubles importMatrix(int version, const std::vector<uint8_t> &bytes,
                            const Doubles &landmarks) {
  TfliteWriter w;
  int x = w.input("x", {1, 1, 1, 15});
  w.custom("Landmarks2TransformMatrix", {x}, {w.output("y", {1, 4, 4})}, bytes,
           version);
  return evaluateTflite(w, {landmarks}).front();
}

static const Doubles face = {10, 12, 1, 60, 30,  -2, 35, 70,
                             4,  20, 9, 0,  -30, 14, 5};
static const std::vector<int> subset = {0, 1, 2, 4, 3};

TEST(TfliteTransform, LandmarksGiveTheMatrixOfARegion) {
  for (double target : {0.0, 0.4}) {
    for (auto [left, right] : {std::pair(0, 1), std::pair(1, 4)}) {
      auto bytes = options([&, l = left, r = right](flexbuffers::Builder &b) {
        b.Int("left_rotation_idx", l);
        b.Int("right_rotation_idx", r);
        b.Float("target_rotation_radians", float(target));
        b.Int("output_height", 16);
        b.Int("output_width", 24);
        b.Float("scale_x", 1.5F);
        b.Float("scale_y", 1.25F);
        b.TypedVector("subset_idxs", [&] {
          for (int i : subset)
            b.Int(i);
        });
      });
      double angle =
          target - std::atan2(face[3 * right + 1] - face[3 * left + 1],
                              face[3 * right] - face[3 * left]);
      Box box = boxAround(face, subset, angle);
      Matrix expected = product(
          scaling(1, 1, box.x, box.y),
          product(rotation(-angle),
                  product(scaling(1.5 * box.width / 24, 1.25 * box.height / 16),
                          scaling(1, 1, -12, -8))));
      EXPECT_THAT(importMatrix(2, bytes, face),
                  Pointwise(Close(), flattened(expected)));
    }
  }
}

TEST(TfliteTransform, TheFirstVersionCountsRelativeToTheImage) {
  for (auto [left, right] : {std::pair(0, 1), std::pair(1, 4)}) {
    auto bytes = options([&, l = left, r = right](flexbuffers::Builder &b) {
      auto pair = [&](const char *name, int first, int second) {
        b.TypedVector(name, [&] {
          b.Int(first);
          b.Int(second);
        });
      };
      pair("input_hw", 24, 32);
      pair("output_hw", 16, 12);
      b.Int("dimensions", 3);
      b.Int("landmarks_range", 96);
      b.Float("bbox_size_multiplier", 1.5F);
      b.Int("left_rotation_idx", l);
      b.Int("right_rotation_idx", r);
      b.TypedVector("subset", [&] {
        for (int i : subset)
          b.Int(i);
      });
    });
    double angle = -std::atan((face[3 * right + 1] - face[3 * left + 1]) /
                              (face[3 * right] - face[3 * left]));
    Box box = boxAround(face, subset, angle);
    Matrix turn = rotation(-angle);
    turn[0][2] = box.x / 96 * 2 - 1;
    turn[1][2] = box.y / 96 * 2 - 1;
    Matrix expected = product(
        scaling(15.5, 11.5, 15.5, 11.5),
        product(turn,
                product(scaling(1.5 * box.width / 96, 1.5 * box.height / 96),
                        scaling(2.0 / 11, 2.0 / 15, -1, -1))));
    EXPECT_THAT(importMatrix(1, bytes, face),
                Pointwise(Close(), flattened(expected)));
  }
}

TEST(TfliteTransform, DamagedOptionsAreRefused) {
  TfliteWriter w;
  int x = w.input("x", {1, 1, 1, 15}), m = w.input("m", {1, 4, 4});
  int image = w.input("i", {1, 4, 5, 1});
  auto empty = options([](flexbuffers::Builder &) {});
  auto outside = options([](flexbuffers::Builder &b) {
    b.Int("left_rotation_idx", 5);
    b.Int("output_height", 16);
    b.Int("output_width", 24);
    b.Float("scale_x", 1.5F);
    b.Float("scale_y", 1.5F);
    b.TypedVector("subset_idxs", [&] {
      b.Int(1);
      b.Int(2);
    });
  });
  w.custom("Landmarks2TransformMatrix", {x}, {w.output("y", {1, 4, 4})}, empty,
           2);
  w.custom("Landmarks2TransformMatrix", {x}, {w.output("z", {1, 4, 4})},
           outside, 2);
  w.custom("TransformTensorBilinear", {image, m}, {w.output("u", {1, 3, 4, 1})},
           empty, 2);
  w.custom("TransformTensorBilinear", {m, m}, {w.output("v", {1, 3, 4, 1})},
           options([](flexbuffers::Builder &b) {
             b.Int("output_height", 3);
             b.Int("output_width", 4);
           }),
           2);
  EXPECT_THAT(
      importTflite(w, {}).errors,
      testing::AllOf(HasSubstr("should be positive; convert the model again"),
                     HasSubstr("three numbers for each of those"),
                     HasSubstr("a region of 0 x 0"),
                     HasSubstr("[1, height, width, channels] and [4, 4]")));
}
