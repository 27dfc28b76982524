//===- TfliteFuzzTest.cpp - the fuzz target without a fuzzer --------------===//
//
// Runs the fuzz target on the seeds, on what once broke the importer, and on a
// fixed pseudo-random sequence of mutations, so that every ctest exercises the
// importer on damaged models.
//
//===----------------------------------------------------------------------===//
#include "test/fuzz/TfliteImportTarget.h"
#include "test/fuzz/TfliteSeeds.h"
#include "llvm/Support/FileSystem.h"
#include <gtest/gtest.h>
#include <random>

using namespace edgec::test;

TEST(TfliteFuzz, SeedsImport) {
  std::vector<std::string> seeds = tfliteSeeds();
  for (size_t i = 0; i < seeds.size(); ++i)
    EXPECT_TRUE(importFuzzedTflite(seeds[i])) << "seed " << i;
}

TEST(TfliteFuzz, Corpus) {
  std::error_code error;
  unsigned read = 0;
  for (llvm::sys::fs::directory_iterator i(EDGEC_CORPUS_DIR, error), end;
       i != end && !error; i.increment(error)) {
    auto file = edgec::MappedFile::open(i->path());
    ASSERT_TRUE(bool(file)) << i->path();
    importFuzzedTflite(file->bytes());
    ++read;
  }
  EXPECT_GT(read, 0u) << EDGEC_CORPUS_DIR;
}

/// One change: a flipped bit, a new byte, or a small number where a 32-bit
/// field may lie. FlatBuffers are all offsets, so most changes of their length
/// are refused by the verifier at once.
static void mutate(std::string &bytes, std::mt19937 &random) {
  size_t at = random() % bytes.size();
  switch (random() % 8) {
  case 0:
    bytes.resize(at);
    break;
  case 1:
  case 2:
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
    break;
  case 3:
  case 4:
    bytes[at] = static_cast<char>(random());
    break;
  default: {
    static constexpr int32_t numbers[] = {
        -1, 0, 1, 2, 3, 4, 7, 8, 9, 127, 255, 65535, INT32_MAX, INT32_MIN};
    at = at / 4 * 4;
    int32_t number = numbers[random() % std::size(numbers)];
    if (at + sizeof number <= bytes.size())
      memcpy(bytes.data() + at, &number, sizeof number);
    break;
  }
  }
}

TEST(TfliteFuzz, Mutations) {
  std::mt19937 random(1);
  std::vector<std::string> seeds = tfliteSeeds();
  unsigned imported = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = seeds[random() % seeds.size()];
    for (int changes = 1 + int(random() % 3); changes > 0 && !bytes.empty();
         --changes)
      mutate(bytes, random);
    imported += importFuzzedTflite(bytes);
  }
  // Many changes do no harm: they hit names, weights and padding.
  EXPECT_GT(imported, 300u);
}
