//===- npu-mutations.cpp - runs damaged command streams -------------------===//
//
//   npu-mutations [-count=20000] [-seed=1]
//
// Prints how many of them ran, and which rules refused the others. Built with
// the address and undefined-behaviour checks, so a fault ends it.
//
//===----------------------------------------------------------------------===//
#include "test/fuzz/NpuStreams.h"
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

using namespace edgec::test;

static unsigned long option(int argc, char **argv, const char *name,
                            unsigned long value) {
  size_t length = std::strlen(name);
  for (int i = 1; i < argc; ++i)
    if (std::strncmp(argv[i], name, length) == 0)
      value = std::strtoul(argv[i] + length, nullptr, 10);
  return value;
}

int main(int argc, char **argv) {
  unsigned long count = option(argc, argv, "-count=", 20000);
  std::mt19937 random(unsigned(option(argc, argv, "-seed=", 1)));
  std::vector<NpuSeed> seeds = npuSeeds();
  GuardedNpu npu;
  for (const NpuSeed &seed : seeds) {
    if (npu.run(seed.stream, seed.constants) != EDGE_NPU_OK) {
      std::fprintf(stderr, "a seed does not run: %s\n", npu.error.text);
      return 1;
    }
  }
  std::map<std::string, unsigned long> outcomes;
  for (unsigned long i = 0; i < count; ++i) {
    NpuSeed seed = seeds[random() % seeds.size()];
    mutateNpuStream(seed.stream, random);
    int32_t status = npu.run(seed.stream, seed.constants);
    std::string outcome = status == EDGE_NPU_OK              ? "ran"
                          : status == EDGE_NPU_ERROR_TIMEOUT ? "timeout"
                                                             : npu.error.rule;
    ++outcomes[outcome];
  }
  std::printf("%lu damaged streams:", count);
  for (const auto &[outcome, times] : outcomes)
    std::printf(" %s %lu", outcome.c_str(), times);
  std::printf("\n");
  return 0;
}
