//===- MicrosoftTest.cpp - the fused operators of com.microsoft -----------===//
//
// Each against its formula in ONNX Runtime's ContribOperators.md, computed here
// in plain loops.
//
//===----------------------------------------------------------------------===//
#include "test/import/ModelMeaning.h"

using namespace edgec::test;
using testing::HasSubstr;

using Shape = std::vector<int64_t>;

static const char *microsoft = "com.microsoft";

/// One node with inputs x0, x1, ... of these shapes; an empty shape list entry
/// {-1} leaves the input out.
static ModelWriter fused(const std::string &opType,
                         const std::vector<Shape> &shapes,
                         const std::vector<Message> &attributes = {},
                         const std::vector<std::string> &outputs = {"y"}) {
  ModelWriter model(17);
  std::vector<std::string> names;
  for (const Shape &shape : shapes) {
    if (shape == Shape{-1}) {
      names.emplace_back();
      continue;
    }
    names.push_back("x" + std::to_string(names.size()));
    model.input(names.back(), std::vector<Dim>(shape.begin(), shape.end()));
  }
  for (const std::string &output : outputs)
    if (!output.empty())
      model.output(output);
  return model.node(opType, names, outputs, attributes, microsoft);
}

static double gelu(double x) { return x * 0.5 * std::erfc(-x / std::sqrt(2)); }
static double fastGelu(double x) {
  return 0.5 * x *
         (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
}
static double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

/// function(x[i] + b[i % |b|])
template <typename Function>
static Reals mapSum(const Reals &x, const Reals &b, Function function) {
  Reals result;
  for (size_t i = 0; i < x.size(); ++i)
    result.push_back(function(x[i] + (b.empty() ? 0 : b[i % b.size()])));
  return result;
}

TEST(Microsoft, Activations) {
  Reals x = someNumbers(12), b = someNumbers(4, 2);
  EXPECT_THAT(meaningOf(fused("Gelu", {{3, 4}}), {x})[0],
              close(mapSum(x, {}, gelu)));
  EXPECT_THAT(meaningOf(fused("BiasGelu", {{3, 4}, {4}}), {x, b})[0],
              close(mapSum(x, b, gelu)));
  EXPECT_THAT(meaningOf(fused("FastGelu", {{3, 4}}), {x})[0],
              close(mapSum(x, {}, fastGelu)));
  EXPECT_THAT(meaningOf(fused("FastGelu", {{3, 4}, {4}}), {x, b})[0],
              close(mapSum(x, b, fastGelu)));
  EXPECT_THAT(
      meaningOf(fused("QuickGelu", {{3, 4}}), {x})[0],
      close(mapSum(x, {}, [](double v) { return v * sigmoid(1.702 * v); })));
  EXPECT_THAT(meaningOf(fused("BiasAdd", {{3, 4}, {4}, {3, 4}}), {x, b, x})[0],
              close([&] {
                Reals sum = mapSum(x, b, [](double v) { return v; });
                for (size_t i = 0; i < x.size(); ++i)
                  sum[i] += x[i];
                return sum;
              }()));
}

TEST(Microsoft, BiasSplitGeluGatesItsFirstHalf) {
  Reals x = someNumbers(12), b = someNumbers(4, 2), expected;
  Reals sum = mapSum(x, b, [](double v) { return v; });
  for (size_t row = 0; row < 3; ++row)
    for (size_t i = 0; i < 2; ++i)
      expected.push_back(sum[row * 4 + i] * gelu(sum[row * 4 + 2 + i]));
  EXPECT_THAT(meaningOf(fused("BiasSplitGelu", {{1, 3, 4}, {4}}), {x, b})[0],
              close(expected));
  EXPECT_THAT(
      importBytes(fused("BiasSplitGelu", {{1, 3, 5}, {5}}).bytes()).errors,
      HasSubstr("does not split into halves"));
}

namespace {
/// A layer norm of rows of 4, by its formula.
struct RowNorm {
  Reals result, mean, inverse;

  RowNorm(const Reals &x, double epsilon, bool centers) : result(x) {
    for (size_t row = 0; row < x.size() / 4; ++row) {
      double sum = 0, squares = 0;
      for (size_t i = 0; i < 4; ++i)
        sum += x[row * 4 + i] / 4;
      double center = centers ? sum : 0;
      for (size_t i = 0; i < 4; ++i)
        squares += std::pow(x[row * 4 + i] - center, 2) / 4;
      mean.push_back(sum);
      inverse.push_back(1 / std::sqrt(squares + epsilon));
      for (size_t i = 0; i < 4; ++i)
        result[row * 4 + i] = (x[row * 4 + i] - center) * inverse.back();
    }
  }
  Reals scaled(const Reals &gamma, const Reals &beta = Reals(4, 0)) const {
    Reals y = result;
    for (size_t i = 0; i < y.size(); ++i)
      y[i] = y[i] * gamma[i % 4] + beta[i % 4];
    return y;
  }
};
} // namespace

static Reals add(Reals a, const Reals &b) {
  for (size_t i = 0; i < a.size(); ++i)
    a[i] += b[i % b.size()];
  return a;
}

TEST(Microsoft, SkipLayerNormalization) {
  Reals x = someNumbers(24), skip = someNumbers(24, 3), gamma = someNumbers(4),
        beta = someNumbers(4, 4), bias = someNumbers(4, 5);
  auto found = meaningOf(
      fused("SkipLayerNormalization", {{2, 3, 4}, {2, 3, 4}, {4}, {4}, {4}},
            {attribute("epsilon", 0.25F)}, {"y", "mean", "inverse", "sum"}),
      {x, skip, gamma, beta, bias});
  ASSERT_EQ(found.size(), 4U);
  Reals sum = add(add(x, skip), bias);
  RowNorm norm(sum, 0.25, true);
  EXPECT_THAT(found[0], close(norm.scaled(gamma, beta)));
  EXPECT_THAT(found[1], close(norm.mean));
  EXPECT_THAT(found[2], close(norm.inverse));
  EXPECT_THAT(found[3], close(sum));
  // Without beta and bias; the skip repeats over the batch.
  Reals shared = someNumbers(12, 3);
  found = meaningOf(fused("SkipLayerNormalization", {{2, 3, 4}, {3, 4}, {4}}),
                    {x, shared, gamma});
  EXPECT_THAT(found[0],
              close(RowNorm(add(x, shared), 1e-12, true).scaled(gamma)));
}

TEST(Microsoft, SimplifiedNormsHaveNoMean) {
  Reals x = someNumbers(12), skip = someNumbers(12, 3), gamma = someNumbers(4);
  auto found = meaningOf(
      fused("SkipSimplifiedLayerNormalization", {{1, 3, 4}, {1, 3, 4}, {4}},
            {attribute("epsilon", 0.25F)}, {"y", "", "inverse", "sum"}),
      {x, skip, gamma});
  RowNorm norm(add(x, skip), 0.25, false);
  EXPECT_THAT(found[0], close(norm.scaled(gamma)));
  EXPECT_THAT(found[1], close(norm.inverse));
  EXPECT_THAT(found[2], close(add(x, skip)));
  // ONNX Runtime writes the other one in the standard domain.
  ModelWriter model(17);
  model.input("x", {3, 4})
      .input("g", {4})
      .output("y")
      .node("SimplifiedLayerNormalization", {"x", "g"}, {"y"},
            {attribute("axis", -1), attribute("epsilon", 0.5F),
             attribute("stash_type", 1)});
  EXPECT_THAT(meaningOf(model, {x, gamma})[0],
              close(RowNorm(x, 0.5, false).scaled(gamma)));
}

TEST(Microsoft, FusedMatMulTransposesAndScales) {
  Reals a = someNumbers(6), b = someNumbers(12, 2), expected;
  // a: [3, 2] transposed, b: [4, 3] transposed.
  for (size_t i = 0; i < 2; ++i) {
    for (size_t j = 0; j < 4; ++j) {
      double sum = 0;
      for (size_t k = 0; k < 3; ++k)
        sum += a[k * 2 + i] * b[j * 3 + k];
      expected.push_back(0.5 * sum);
    }
  }
  EXPECT_THAT(meaningOf(fused("FusedMatMul", {{3, 2}, {4, 3}},
                              {attribute("transA", 1), attribute("transB", 1),
                               attribute("alpha", 0.5F)}),
                        {a, b})[0],
              close(expected));
  // transBatchA: [rows, batch, depth] is read as [batch, rows, depth].
  EXPECT_THAT(importBytes(fused("FusedMatMul", {{5, 2, 3}, {2, 3, 4}},
                                {attribute("transBatchA", 1)})
                              .bytes())
                  .module,
              HasSubstr("permutation = array<i64: 1, 0, 2>"));
}

TEST(Microsoft, FusedGemmAndConvActivate) {
  Reals a = someNumbers(6), b = someNumbers(12, 2), c = someNumbers(4, 3),
        expected;
  for (size_t i = 0; i < 2; ++i) {
    for (size_t j = 0; j < 4; ++j) {
      double sum = c[j];
      for (size_t k = 0; k < 3; ++k)
        sum += a[i * 3 + k] * b[k * 4 + j];
      expected.push_back(sum > 0 ? sum : 0.25 * sum);
    }
  }
  EXPECT_THAT(meaningOf(fused("FusedGemm", {{2, 3}, {3, 4}, {4}},
                              {attribute("activation", "LeakyRelu"),
                               attribute("activation_alpha", 0.25F)}),
                        {a, b, c})[0],
              close(expected));
  // A 1x1 convolution of one channel by 2, plus Z, clipped to [-1, 0.5].
  Reals x = someNumbers(4), z = someNumbers(4, 4), clipped;
  for (size_t i = 0; i < 4; ++i)
    clipped.push_back(std::min(std::max(2 * x[i] + z[i], -1.0), 0.5));
  auto conv = [](const char *activation, std::vector<float> parameters) {
    return fused("FusedConv", {{1, 1, 2, 2}, {1, 1, 1, 1}, {-1}, {1, 1, 2, 2}},
                 {attribute("activation", activation),
                  attribute("activation_params", parameters)});
  };
  EXPECT_THAT(meaningOf(conv("Clip", {-1.0F, 0.5F}), {x, {2.0}, z})[0],
              close(clipped));
  EXPECT_THAT(importBytes(conv("Mystery", {}).bytes()).errors,
              HasSubstr("activation 'Mystery' is not supported"));
}

namespace {
/// A matrix in blocks of numbers of a few bits, and what it means.
struct BlockedMatrix {
  int64_t units, depth, bits, block;
  bool hasZeroPoints;
  std::string bytes, zeroPoints;
  std::vector<float> scales;
  /// [units, depth]
  Reals values;

  BlockedMatrix(int64_t units, int64_t depth, int64_t bits, int64_t block,
                bool hasZeroPoints)
      : units(units), depth(depth), bits(bits), block(block),
        hasZeroPoints(hasZeroPoints) {
    int64_t blocks = (depth + block - 1) / block;
    for (int64_t row = 0; row < units; ++row) {
      std::vector<int> numbers, zeros;
      for (int64_t b = 0; b < blocks; ++b) {
        scales.push_back(0.01F * float(1 + (row * 7 + b * 3) % 5));
        int middle = 1 << (bits - 1);
        zeros.push_back(hasZeroPoints ? middle - int((row + b) % 4) : middle);
        for (int64_t i = 0; i < block; ++i) {
          int number = int((row * 31 + b * 17 + i * 13) % (1 << bits));
          number = bits == 8 ? 64 + number / 2 : number;
          numbers.push_back(number);
          if (b * block + i < depth)
            values.push_back(double(scales.back()) * (number - zeros.back()));
        }
      }
      bytes += pack(numbers);
      zeroPoints += pack(zeros);
    }
  }

  /// The first number in the low bits; a row ends with a whole byte.
  std::string pack(const std::vector<int> &numbers) const {
    std::string result;
    for (size_t i = 0; i < numbers.size(); i += bits == 4 ? 2 : 1) {
      int high = bits == 4 && i + 1 < numbers.size() ? numbers[i + 1] : 0;
      result.push_back(char(numbers[i] | (bits == 4 ? high << 4 : 0)));
    }
    return result;
  }

  Reals multiply(const Reals &x) const {
    Reals result;
    for (size_t row = 0; row < x.size(); row += size_t(depth)) {
      for (int64_t n = 0; n < units; ++n) {
        double sum = 0;
        for (int64_t k = 0; k < depth; ++k)
          sum += x[row + size_t(k)] * values[size_t(n * depth + k)];
        result.push_back(sum);
      }
    }
    return result;
  }

  ModelWriter model(int64_t rows, int64_t statedUnits,
                    const std::vector<std::string> &inputs) const {
    auto size = [](const std::string &text) { return int64_t(text.size()); };
    return ModelWriter(17)
        .input("x", {rows, depth})
        .output("y")
        .initializer(tensor("matrix", {size(bytes)}, Uint8, bytes))
        .initializer("scales", {int64_t(scales.size())}, scales)
        .initializer(tensor("zeros", {size(zeroPoints)}, Uint8, zeroPoints))
        .initializer("bias", {units}, std::vector<float>(size_t(units), 0.25F))
        .node("MatMulNBits", inputs, {"y"},
              {attribute("N", int(statedUnits)), attribute("K", int(depth)),
               attribute("bits", int(bits)),
               attribute("block_size", int(block))},
              microsoft);
  }
};
} // namespace

TEST(Microsoft, MatMulNBitsScalesBlocksOfItsMatrix) {
  for (int64_t bits : {4, 8}) {
    // 40 does not fill its last block, and 3 blocks of 4 bits no byte.
    for (int64_t depth : {32, 40}) {
      for (bool hasZeroPoints : {false, true}) {
        BlockedMatrix matrix(5, depth, bits, 16, hasZeroPoints);
        Reals x = someNumbers(size_t(3 * depth));
        std::vector<std::string> inputs = {"x", "matrix", "scales"};
        if (hasZeroPoints)
          inputs.emplace_back("zeros");
        EXPECT_THAT(meaningOf(matrix.model(3, 5, inputs), {x})[0],
                    close(matrix.multiply(x)));
        inputs.resize(5);
        inputs.emplace_back("bias");
        EXPECT_THAT(meaningOf(matrix.model(3, 5, inputs), {x})[0],
                    close(mapSum(matrix.multiply(x), {0.25},
                                 [](double v) { return v; })));
      }
    }
  }
}

TEST(Microsoft, MatMulNBitsRefusesWhatContradicts) {
  auto errors = [](const ModelWriter &model) {
    return importBytes(model.bytes()).errors;
  };
  BlockedMatrix matrix(5, 32, 4, 16, false);
  std::vector<std::string> inputs = {"x", "matrix", "scales"};
  EXPECT_THAT(errors(matrix.model(3, 6, inputs)),
              HasSubstr("the matrix (input 1) should be a constant of 96 "));
  EXPECT_THAT(errors(matrix.model(3, 0, inputs)),
              HasSubstr("'N' and 'K' are 0 and 32"));
  EXPECT_THAT(errors(matrix.model(3, 5, {"x", "matrix", "bias"})),
              HasSubstr("should be 5 times 2"));
  EXPECT_THAT(errors(matrix.model(3, 5, {"x", "matrix", "scales", "", "bias"})),
              HasSubstr("'g_idx'"));
  EXPECT_THAT(errors(BlockedMatrix(5, 32, 4, 8, false).model(3, 5, inputs)),
              HasSubstr("'block_size' 8"));
}

TEST(Microsoft, OthersOfTheDomainAreRefused) {
  EXPECT_THAT(importBytes(fused("MatMulBnb4", {{2, 2}}).bytes()).errors,
              HasSubstr("operator 'MatMulBnb4' of domain 'com.microsoft' is "
                        "not supported"));
  // Its Gelu is not the standard one, which exists since opset 20.
  EXPECT_THAT(importBytes(ModelWriter(17)
                              .input("x", {2})
                              .output("y")
                              .node("Gelu", {"x"}, {"y"})
                              .bytes())
                  .errors,
              HasSubstr("since opset 20"));
}
