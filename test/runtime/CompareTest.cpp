// -expect: which differences count, where the worst one is, and the relative L2
// error, also for types that a double cannot hold and for NaN and infinity.

extern "C" {
#include "compare.h"
}

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

const double inf = HUGE_VAL;

/// Compares `got` of type `dtype` with `want` as it stands in a file of `kind`.
template <typename G, typename W>
comparison compareArrays(edge_dtype dtype, const std::vector<G> &got, char kind,
                         const std::vector<W> &want, tolerance allowed) {
  const int64_t shape[] = {static_cast<int64_t>(got.size())};
  edge_tensor_info tensor = {
      "t",     dtype,   1,  shape, got.size() * sizeof(G), 0, -1,
      nullptr, nullptr, -1, -1};
  npy_header header = {};
  header.kind = kind;
  header.item_bytes = sizeof(W);
  header.rank = 1;
  header.shape[0] = static_cast<int64_t>(want.size());
  header.item_count = want.size();
  char path[] = "/tmp/edge-compare-test-XXXXXX";
  close(mkstemp(path));
  edge_message message;
  comparison result = {};
  EXPECT_EQ(npy_write(path, &header, want.data(), &message), EDGE_OK);
  EXPECT_EQ(
      compare_with_file(&tensor, got.data(), path, &allowed, &result, &message),
      EDGE_OK)
      << message.text;
  unlink(path);
  return result;
}

TEST(Compare, FindsTheWorstElement) {
  comparison c = compareArrays<float, float>(
      EDGE_DTYPE_F32, {1, 2.5, 3, 104}, 'f', {1, 2, 3, 100}, {0.1, 0.01, 0});
  EXPECT_EQ(c.count, 4u);
  EXPECT_EQ(c.wrong, 1u); // 104 is within 10 % of 100
  EXPECT_EQ(c.worst, 1u);
  EXPECT_EQ(c.worst_got, 2.5);
  EXPECT_EQ(c.worst_want, 2);
  EXPECT_DOUBLE_EQ(c.worst_allowed, 0.21);
  EXPECT_EQ(c.max_difference, 4);
  EXPECT_NEAR(c.relative_l2, std::sqrt(16.25 / 10014), 1e-12);
}

TEST(Compare, TakesADoubleReference) {
  comparison c = compareArrays<float, double>(EDGE_DTYPE_F32, {0.1f}, 'f',
                                              {0.1}, {0, 1e-8, 0});
  EXPECT_EQ(c.wrong, 0u);
  EXPECT_GT(c.max_difference, 0);
  EXPECT_LT(c.relative_l2, 1e-7);
}

TEST(Compare, TreatsNanAndInfinityAsValues) {
  const float nan = std::nanf("");
  const float infinity = HUGE_VALF;
  const tolerance loose = {1, 1, 0};
  EXPECT_EQ((compareArrays<float, float>(EDGE_DTYPE_F32, {nan, infinity}, 'f',
                                         {nan, infinity}, loose))
                .wrong,
            0u);
  comparison c = compareArrays<float, float>(
      EDGE_DTYPE_F32, {0, nan, 1, -infinity, infinity}, 'f',
      {0, 1, nan, infinity, 1}, loose);
  EXPECT_EQ(c.wrong, 4u);
  EXPECT_EQ(c.max_difference, inf);
  EXPECT_EQ(c.relative_l2, inf);
  EXPECT_EQ(c.worst, 1u);
}

TEST(Compare, TellsLargeIntegersApart) {
  const int64_t large = INT64_C(1) << 60;
  comparison c = compareArrays<int64_t, int64_t>(EDGE_DTYPE_I64, {large + 1},
                                                 'i', {large}, {0, 0, 0});
  EXPECT_EQ(c.wrong, 1u);
}

TEST(Compare, ReadsBitsOfTypesThatNumpyLacks) {
  // 1.0 as bfloat16 in a file of uint16, and as float32.
  EXPECT_EQ((compareArrays<uint16_t, uint16_t>(EDGE_DTYPE_BF16, {0x3f80}, 'u',
                                               {0x3f80}, {0, 0, 0}))
                .wrong,
            0u);
  EXPECT_EQ((compareArrays<uint16_t, float>(EDGE_DTYPE_BF16, {0x3f80}, 'f', {1},
                                            {0, 0, 0}))
                .wrong,
            0u);
}

TEST(Compare, HandlesZeroAndEmptyReferences) {
  comparison c = compareArrays<float, float>(EDGE_DTYPE_F32, {0, 1}, 'f',
                                             {0, 0}, {0, 0, 0});
  EXPECT_EQ(c.relative_l2, inf);
  c = compareArrays<float, float>(EDGE_DTYPE_F32, {}, 'f', {}, {0, 0, 0});
  EXPECT_EQ(c.count, 0u);
  EXPECT_EQ(c.wrong, 0u);
  EXPECT_EQ(c.relative_l2, 0);
}

} // namespace
