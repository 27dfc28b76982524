//===- OnnxFuzzTest.cpp - the fuzz target without a fuzzer ----------------===//
//
// Runs the fuzz target on the seeds, on what once broke the importer, and on a
// fixed pseudo-random sequence of mutations, so that every ctest exercises the
// importer on damaged models.
//
//===----------------------------------------------------------------------===//
#include "test/fuzz/Mutation.h"
#include "test/fuzz/OnnxImportTarget.h"
#include "test/fuzz/OnnxSeeds.h"
#include "llvm/Support/FileSystem.h"
#include <gtest/gtest.h>

using namespace edgec::test;

TEST(OnnxFuzz, SeedsImport) {
  std::vector<std::string> seeds = onnxSeeds();
  // The last one refers to external data that is not there.
  for (size_t i = 0; i < seeds.size(); ++i)
    EXPECT_EQ(importFuzzed(seeds[i]), i + 1 < seeds.size()) << "seed " << i;
}

TEST(OnnxFuzz, Corpus) {
  std::error_code error;
  unsigned read = 0;
  for (llvm::sys::fs::directory_iterator i(EDGEC_CORPUS_DIR, error), end;
       i != end && !error; i.increment(error)) {
    auto file = edgec::MappedFile::open(i->path());
    ASSERT_TRUE(bool(file)) << i->path();
    importFuzzed(file->bytes());
    ++read;
  }
  EXPECT_GT(read, 0u) << EDGEC_CORPUS_DIR;
}

TEST(OnnxFuzz, MutatedSeeds) {
  constexpr int rounds = 4000;
  std::mt19937 random(20);
  std::vector<std::string> seeds = onnxSeeds();
  for (int round = 0; round < rounds; ++round) {
    std::string bytes = seeds[round % seeds.size()];
    for (unsigned changes = 1 + random() % 4; changes > 0; --changes)
      mutate(bytes, random);
    importFuzzed(bytes);
  }
}
