//===- AttentionTest.cpp - attention operators against their formula ------===//
//
// The expected numbers are softmax(scale * Q K' + bias) V in plain loops, with
// the options that change which keys a query sees. ONNX's own tests of
// Attention are in test/conformance.
//
//===----------------------------------------------------------------------===//
#include "test/import/ModelMeaning.h"

using namespace edgec::test;
using testing::HasSubstr;

namespace {
/// Sizes of [B, heads, length, size] tensors and how they attend.
struct Reference {
  int64_t batch, heads, keyHeads, queries, keys, size;
  /// Added to the scores of (batch, query, key).
  std::function<double(int64_t, int64_t, int64_t)> bias =
      [](int64_t, int64_t, int64_t) { return 0.0; };

  /// [B, H, L, D] from operands in the same layout.
  Reals run(const Reals &q, const Reals &k, const Reals &v) const {
    Reals result;
    for (int64_t b = 0; b < batch; ++b)
      for (int64_t h = 0; h < heads; ++h)
        for (int64_t i = 0; i < queries; ++i)
          append(result, b, h, i, q, k, v);
    return result;
  }

private:
  void append(Reals &result, int64_t b, int64_t h, int64_t i, const Reals &q,
              const Reals &k, const Reals &v) const {
    int64_t shared = h / (heads / keyHeads);
    const double *query = &q[((b * heads + h) * queries + i) * size];
    const double *key = &k[(b * keyHeads + shared) * keys * size];
    const double *value = &v[(b * keyHeads + shared) * keys * size];
    Reals weights;
    double sum = 0;
    for (int64_t j = 0; j < keys; ++j) {
      double score = 0;
      for (int64_t d = 0; d < size; ++d)
        score += query[d] * key[j * size + d];
      weights.push_back(
          std::exp(score / std::sqrt(double(size)) + bias(b, i, j)));
      sum += weights.back();
    }
    for (int64_t d = 0; d < size; ++d) {
      double mixed = 0;
      for (int64_t j = 0; j < keys; ++j)
        mixed += weights[j] * value[j * size + d];
      result.push_back(sum == 0 ? 0 : mixed / sum);
    }
  }
};
} // namespace

/// [B, H, L, D] as [B, L, H * D].
static Reals joinHeads(const Reals &x, int64_t batch, int64_t heads,
                       int64_t length, int64_t size) {
  Reals result;
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t i = 0; i < length; ++i)
      for (int64_t h = 0; h < heads; ++h)
        for (int64_t d = 0; d < size; ++d)
          result.push_back(x[((b * heads + h) * length + i) * size + d]);
  return result;
}

static const Reals q = someNumbers(2 * 4 * 3 * 2),
                   k = someNumbers(2 * 2 * 5 * 2, 2),
                   v = someNumbers(2 * 2 * 5 * 2, 3);

static ModelWriter attention(const std::vector<Message> &attributes) {
  return ModelWriter(24)
      .input("q", {2, 4, 3, 2})
      .input("k", {2, 2, 5, 2})
      .input("v", {2, 2, 5, 2})
      .output("y")
      .node("Attention", {"q", "k", "v"}, {"y"}, attributes);
}

TEST(Attention, QueryHeadsShareKeyHeads) {
  Reference reference{2, 4, 2, 3, 5, 2};
  EXPECT_THAT(meaningOf(attention({}), {q, k, v})[0],
              close(reference.run(q, k, v)));
  // No head is copied: the group's queries are rows of one product.
  EXPECT_THAT(importBytes(attention({}).bytes()).module,
              HasSubstr("(tensor<2x2x6x2xf32>, tensor<2x2x2x5xf32>)"));
}

TEST(Attention, CausalQueriesSeeNothingLater) {
  Reference reference{2, 4, 2, 3, 5, 2};
  reference.bias = [](int64_t, int64_t i, int64_t j) {
    return j <= i ? 0.0 : -INFINITY;
  };
  EXPECT_THAT(meaningOf(attention({attribute("is_causal", 1)}), {q, k, v})[0],
              close(reference.run(q, k, v)));
}

TEST(Attention, RowsWithoutAnyKeyAreZero) {
  ModelWriter model(24);
  model.input("q", {2, 4, 3, 2})
      .input("k", {2, 2, 5, 2})
      .input("v", {2, 2, 5, 2})
      .input("m", {3, 5}, Bool)
      .output("y")
      .node("Attention", {"q", "k", "v", "m"}, {"y"});
  Reals mask(15, 1);
  std::fill(mask.begin() + 5, mask.begin() + 10, 0);
  mask[2] = 0;
  Reference reference{2, 4, 2, 3, 5, 2};
  reference.bias = [&](int64_t, int64_t i, int64_t j) {
    return mask[i * 5 + j] != 0 ? 0.0 : -INFINITY;
  };
  EXPECT_THAT(meaningOf(model, {q, k, v, mask})[0],
              close(reference.run(q, k, v)));
}

TEST(Attention, LengthsOfPaddedKeys) {
  ModelWriter model(24);
  model.input("q", {2, 4, 3, 2})
      .input("k", {2, 2, 5, 2})
      .input("v", {2, 2, 5, 2})
      .input("l", {2}, Int64)
      .output("y")
      .node("Attention", {"q", "k", "v", "", "", "", "l"}, {"y"},
            {attribute("is_causal", 1)});
  // The last query stands at the last key that counts.
  Reals lengths = {4, 5};
  Reference reference{2, 4, 2, 3, 5, 2};
  reference.bias = [&](int64_t b, int64_t i, int64_t j) {
    return j <= i + lengths[b] - 3 && j < lengths[b] ? 0.0 : -INFINITY;
  };
  EXPECT_THAT(meaningOf(model, {q, k, v, lengths})[0],
              close(reference.run(q, k, v)));
}

TEST(Attention, WrongShapesAreRefused) {
  auto errors = [](const std::vector<Dim> &key,
                   const std::vector<Message> &attributes) {
    return importBytes(
               ModelWriter(23)
                   .input("q", {2, 4, 3, 2})
                   .input("k", key)
                   .output("y")
                   .node("Attention", {"q", "k", "k"}, {"y"}, attributes)
                   .bytes())
        .errors;
  };
  EXPECT_THAT(errors({2, 3, 5, 2}, {}), HasSubstr("a multiple of the others'"));
  EXPECT_THAT(errors({2, 4, 5, 3}, {}), HasSubstr("a multiple of the others'"));
  EXPECT_THAT(errors({2, 5, 8}, {}), HasSubstr("3 or 4 dimensions"));
  EXPECT_THAT(errors({2, 4, 5, 2}, {attribute("qk_matmul_output_mode", 4)}),
              HasSubstr("should be 0 to 3"));
  EXPECT_THAT(errors({2, 4, 5, 2}, {attribute("softmax_precision", 7)}),
              HasSubstr("should be a float type"));
}

TEST(Attention, DeclaredLengthsDoNotFillMemory) {
  EXPECT_THAT(importBytes(ModelWriter(23)
                              .input("q", {1, 1, 1 << 30, 1})
                              .output("y")
                              .node("Attention", {"q", "q", "q"}, {"y"},
                                    {attribute("is_causal", 1)})
                              .bytes())
                  .errors,
              HasSubstr("too long for a mask by position"));
}

//===-- com.microsoft
//-------------------------------------------------------===//

TEST(MicrosoftAttention, MultiHeadWithBiasAndMask) {
  // 2 heads of 2; masks count ones and zeros.
  Reals qs = someNumbers(2 * 2 * 3 * 2), ks = someNumbers(2 * 2 * 5 * 2, 2),
        vs = someNumbers(2 * 2 * 5 * 2, 3);
  Reals bias = {0.5, -0.25, 0.125, 1, -1, 0.5, 0.25, -0.5, 1, 2, -2, 0.5};
  Reals mask = {1, 1, 0, 1, 1, 1, 0, 1, 1, 0};
  ModelWriter model(17);
  model.input("q", {2, 3, 4})
      .input("k", {2, 5, 4})
      .input("v", {2, 5, 4})
      .input("b", {12})
      .input("m", {2, 5}, Int32)
      .output("y")
      .node("MultiHeadAttention", {"q", "k", "v", "b", "m"}, {"y"},
            {attribute("num_heads", 2)}, "com.microsoft");
  auto biased = [&](Reals x, int64_t length, int64_t first) {
    for (size_t at = 0; at < x.size(); ++at) {
      int64_t d = at % 2, h = at / 2 / length % 2;
      x[at] += bias[first + h * 2 + d];
    }
    return x;
  };
  Reference reference{2, 2, 2, 3, 5, 2};
  reference.bias = [&](int64_t b, int64_t, int64_t j) {
    return mask[b * 5 + j] != 0 ? 0.0 : -10000.0;
  };
  Reals expected =
      reference.run(biased(qs, 3, 0), biased(ks, 5, 4), biased(vs, 5, 8));
  EXPECT_THAT(
      meaningOf(model, {joinHeads(qs, 2, 2, 3, 2), joinHeads(ks, 2, 2, 5, 2),
                        joinHeads(vs, 2, 2, 5, 2), bias, mask})[0],
      close(joinHeads(expected, 2, 2, 3, 2)));
}

TEST(MicrosoftAttention, WeightsMakeQueryKeyAndValue) {
  // One head of 2; the weights copy the input three times, scaled.
  Reals x = someNumbers(1 * 3 * 2),
        weights = {1, 0, 2, 0, 3, 0, 0, 1, 0, 2, 0, 3};
  auto scaled = [&](double factor) {
    Reals result = x;
    for (double &element : result)
      element *= factor;
    return result;
  };
  ModelWriter model(17);
  model.input("x", {1, 3, 2})
      .input("w", {2, 6})
      .input("b", {6})
      .output("y")
      .output("p")
      .node("Attention", {"x", "w", "b"}, {"y", "p"},
            {attribute("num_heads", 1), attribute("unidirectional", 1)},
            "com.microsoft");
  Reference reference{1, 1, 1, 3, 3, 2};
  reference.bias = [](int64_t, int64_t i, int64_t j) {
    return j <= i ? 0.0 : -10000.0;
  };
  auto found = meaningOf(model, {x, weights, Reals(6, 0)});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_THAT(found[0], close(reference.run(x, scaled(2), scaled(3))));
  Reals present = scaled(2);
  for (double element : scaled(3))
    present.push_back(element);
  EXPECT_THAT(found[1], close(present));
}

TEST(MicrosoftAttention, RotaryEmbeddingTurnsPairs) {
  // 1 sequence of 2, 1 head of 4, from position 1 on; tables of 3 rows.
  Reals x = {1, 2, 3, 4, 5, 6, 7, 8}, angles = {0, 0, 0.5, 1, 1.5, 2};
  Reals cosines, sines, expected;
  for (double angle : angles) {
    cosines.push_back(std::cos(angle));
    sines.push_back(std::sin(angle));
  }
  for (size_t i = 0; i < 2; ++i) {
    const double *a = &x[i * 4], *b = a + 2, *c = &cosines[(i + 1) * 2],
                 *s = &sines[(i + 1) * 2];
    for (size_t d = 0; d < 2; ++d)
      expected.push_back(a[d] * c[d] - b[d] * s[d]);
    for (size_t d = 0; d < 2; ++d)
      expected.push_back(a[d] * s[d] + b[d] * c[d]);
  }
  ModelWriter model(17);
  model.input("x", {1, 2, 4})
      .input("p", {1}, Int64)
      .input("c", {3, 2})
      .input("s", {3, 2})
      .output("y")
      .node("RotaryEmbedding", {"x", "p", "c", "s"}, {"y"}, {},
            "com.microsoft");
  EXPECT_THAT(meaningOf(model, {x, {1}, cosines, sines})[0], close(expected));
}

TEST(MicrosoftAttention, WhatIsNotSupportedSaysSo) {
  auto errors = [](const std::vector<std::string> &inputs,
                   const std::vector<Message> &attributes) {
    return importBytes(ModelWriter(17)
                           .input("x", {1, 3, 4})
                           .input("w", {4, 12})
                           .input("m", {7}, Int32)
                           .output("y")
                           .node("Attention", inputs, {"y"}, attributes,
                                 "com.microsoft")
                           .bytes())
        .errors;
  };
  EXPECT_THAT(errors({"x", "w"}, {attribute("num_heads", 3)}),
              HasSubstr("do not split into query, key and value of 3 heads"));
  EXPECT_THAT(errors({"x", "w", "", "m"}, {attribute("num_heads", 2)}),
              HasSubstr("a mask of shape 7 is not supported"));
  EXPECT_THAT(errors({"x", "w"},
                     {attribute("num_heads", 2), attribute("do_rotary", 1)}),
              HasSubstr("do_rotary"));
}
