//===- TfliteTensorTest.cpp - types and constants of TFLite models --------===//
//
// Weights in every form in which converters write them, seen through an
// operator that adds them to a float input.
//
//===----------------------------------------------------------------------===//
#include "test/import/tflite/TfliteText.h"
#include <functional>
#include <gmock/gmock.h>

using namespace edgec::test;
using testing::ElementsAre;
using testing::HasSubstr;
using Doubles = std::vector<double>;

/// zeros + weights, where `weights` makes the constant in the writer.
template <typename Make>
static Doubles addTo(const std::vector<int32_t> &shape, size_t size,
                     Make weights) {
  TfliteWriter w;
  int x = w.input("x", shape), y = w.output("y", shape);
  w.op(Builtin::ADD, {x, weights(w)}, {y});
  return evaluateTflite(w, {Doubles(size, 0)}).front();
}

TEST(TfliteTensor, LargeWeightsStayInTheFile) {
  TfliteWriter w;
  int x = w.input("x", {512}), y = w.output("y", {512});
  w.op(Builtin::MUL, {x, w.floats("w", {512}, std::vector<float>(512, 2))},
       {y});
  EXPECT_THAT(importModule(w), HasSubstr("dense_resource<w>"));
}

TEST(TfliteTensor, Float16WeightsBecomeFloat32) {
  Doubles result = addTo({3}, 3, [](TfliteWriter &w) {
    // 1, -2 and the largest below 1.
    int half = w.constant<uint16_t>("half", {3}, ElementType::FLOAT16,
                                    {0x3c00, 0xc000, 0x3bff});
    int full = w.tensor("full", {3});
    w.op(Builtin::DEQUANTIZE, {half}, {full});
    return full;
  });
  EXPECT_THAT(result, ElementsAre(1, -2, 0.99951171875));
}

TEST(TfliteTensor, HybridWeightsAreDequantized) {
  Doubles whole = addTo({3}, 3, [](TfliteWriter &w) {
    TensorExtras extras;
    extras.scales = {0.5F};
    extras.zeroPoints = {1};
    return w.constant<int8_t>("w", {3}, ElementType::INT8, {-128, 1, 127},
                              extras);
  });
  EXPECT_THAT(whole, ElementsAre(-64.5, 0, 63));
  Doubles perChannel = addTo({2, 2, 1}, 4, [](TfliteWriter &w) {
    TensorExtras extras;
    extras.scales = {0.5F, 2};
    extras.zeroPoints = {0, 0};
    extras.quantizedDimension = 1;
    return w.constant<int8_t>("w", {2, 2, 1}, ElementType::INT8, {1, 2, 3, -4},
                              extras);
  });
  EXPECT_THAT(perChannel, ElementsAre(0.5, 4, 1.5, -8));
  Doubles bytes = addTo({2}, 2, [](TfliteWriter &w) {
    TensorExtras extras;
    extras.scales = {2};
    extras.zeroPoints = {128};
    return w.constant<uint8_t>("w", {2}, ElementType::UINT8, {0, 255}, extras);
  });
  EXPECT_THAT(bytes, ElementsAre(-256, 254));
}

TEST(TfliteTensor, FourBitWeightsAreUnpackedLowHalfFirst) {
  Doubles result = addTo({3}, 3, [](TfliteWriter &w) {
    TensorExtras extras;
    extras.scales = {1};
    return w.constant<uint8_t>("w", {3}, ElementType::INT4, {0x8f, 0x07},
                               extras);
  });
  EXPECT_THAT(result, ElementsAre(-1, -8, 7));
}

//===-- sparse weights
//-----------------------------------------------------===//

/// A compressed dimension.
static flatbuffers::Offset<schema::DimensionMetadata>
compressed(TfliteWriter &w, const std::vector<int32_t> &segments,
           const std::vector<uint8_t> &indices) {
  auto first = schema::CreateInt32VectorDirect(w.builder, &segments);
  auto second = schema::CreateUint8VectorDirect(w.builder, &indices);
  return schema::CreateDimensionMetadata(
      w.builder, schema::DimensionFormat::SPARSE_CSR, 0,
      schema::IndexVector::Int32Vector, first.Union(),
      schema::IndexVector::Uint8Vector, second.Union());
}

static flatbuffers::Offset<schema::DimensionMetadata> dense(TfliteWriter &w,
                                                            int size) {
  return schema::CreateDimensionMetadata(w.builder,
                                         schema::DimensionFormat::DENSE, size);
}

/// Weights that DENSIFY makes dense, added to zeros.
static Doubles
densify(const std::vector<int32_t> &shape, size_t size,
        const std::vector<float> &stored, const std::vector<int32_t> &order,
        const std::vector<int32_t> &blocks,
        const std::function<
            std::vector<flatbuffers::Offset<schema::DimensionMetadata>>(
                TfliteWriter &)> &dimensions) {
  return addTo(shape, size, [&](TfliteWriter &w) {
    auto metadata = dimensions(w);
    TensorExtras extras;
    extras.sparsity =
        schema::CreateSparsityDirect(w.builder, &order, &blocks, &metadata);
    int sparse =
        w.constant("sparse", shape, ElementType::FLOAT32, stored, extras);
    int full = w.tensor("full", shape);
    w.op(Builtin::DENSIFY, {sparse}, {full});
    return full;
  });
}

TEST(TfliteTensor, CompressedRowsBecomeDense) {
  EXPECT_THAT(densify({3, 2}, 6, {7, 8, 9}, {0, 1}, {},
                      [](TfliteWriter &w) {
                        return std::vector{
                            dense(w, 3),
                            compressed(w, {0, 1, 1, 3}, {1, 0, 1})};
                      }),
              ElementsAre(0, 7, 0, 0, 8, 9));
}

TEST(TfliteTensor, ColumnsAndBlocksFollowTheTraversalOrder) {
  // Columns first: column 0 holds row 2, column 1 rows 0 and 1.
  EXPECT_THAT(densify({3, 2}, 6, {7, 8, 9}, {1, 0}, {},
                      [](TfliteWriter &w) {
                        return std::vector{dense(w, 2),
                                           compressed(w, {0, 1, 3}, {2, 0, 1})};
                      }),
              ElementsAre(0, 8, 0, 9, 7, 0));
  // Blocks of 1x2: row 0 has its second block, row 1 its first.
  EXPECT_THAT(densify({2, 4}, 8, {1, 2, 3, 4}, {0, 1, 2}, {1},
                      [](TfliteWriter &w) {
                        return std::vector{dense(w, 2),
                                           compressed(w, {0, 1, 2}, {1, 0}),
                                           dense(w, 2)};
                      }),
              ElementsAre(0, 0, 1, 2, 3, 4, 0, 0));
}

/// The error for the sparse matrix [2, 2] whose rows are compressed so.
static std::string sparseError(const std::vector<int32_t> &segments,
                               const std::vector<uint8_t> &indices,
                               const std::vector<int32_t> &order = {0, 1}) {
  TfliteWriter w;
  std::vector metadata = {dense(w, 2), compressed(w, segments, indices)};
  TensorExtras extras;
  extras.sparsity =
      schema::CreateSparsityDirect(w.builder, &order, nullptr, &metadata);
  int x = w.input("x", {2, 2}), y = w.output("y", {2, 2});
  int sparse =
      w.constant<float>("w", {2, 2}, ElementType::FLOAT32, {1, 2}, extras);
  w.op(Builtin::ADD, {x, sparse}, {y});
  return importTflite(w).errors;
}

TEST(TfliteTensor, DamagedSparsityIsRefused) {
  EXPECT_THAT(sparseError({0, 1, 2}, {0, 2}), HasSubstr("out of range"));
  EXPECT_THAT(sparseError({0, 2, 2}, {1, 1}), HasSubstr("out of range"));
  EXPECT_THAT(sparseError({0, 1, 9}, {0, 1}), HasSubstr("out of range"));
  EXPECT_THAT(sparseError({0, 1}, {0, 1}), HasSubstr("out of range"));
  EXPECT_THAT(sparseError({0, 2, 3}, {0, 1, 0}), HasSubstr("out of range"));
  EXPECT_THAT(sparseError({0, 1, 2}, {0, 1}, {0, 0}),
              HasSubstr("no permutation"));
  EXPECT_THAT(sparseError({0, 1, 2}, {0, 1}, {0}),
              HasSubstr("not those of the tensor"));
}
