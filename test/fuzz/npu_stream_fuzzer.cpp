//===- npu_stream_fuzzer.cpp - libFuzzer on command streams ---------------===//
//
//   cmake --preset release -B build-fuzz
//     -DEDGEC_FUZZ=ON -DEDGEC_SANITIZE=address,undefined,fuzzer-no-link
//   ninja -C build-fuzz npu_stream_fuzzer
//   build-fuzz/bin/npu_stream_fuzzer -max_total_time=60
//
// Without a corpus it starts from the seeds of the mutation test: its own
// mutator damages them as that test does, or lets libFuzzer do it.
//
//===----------------------------------------------------------------------===//
#include "test/fuzz/NpuStreams.h"
#include <cstring>

using namespace edgec::test;

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t maxSize);

static const std::vector<NpuSeed> &seeds() {
  static const std::vector<NpuSeed> all = npuSeeds();
  return all;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static GuardedNpu npu;
  npu.run(std::vector<uint8_t>(data, data + size), seeds().front().constants);
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size,
                                          size_t maxSize, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<uint8_t> stream(data, data + size);
  if (size < 64) {
    stream = seeds()[random() % seeds().size()].stream;
  } else if (random() % 4 == 0) {
    stream.resize(LLVMFuzzerMutate(data, size, maxSize));
    std::memcpy(stream.data(), data, stream.size());
    sealNpuStream(stream);
  } else {
    mutateNpuStream(stream, random);
  }
  stream.resize(std::min(stream.size(), maxSize));
  std::memcpy(data, stream.data(), stream.size());
  return stream.size();
}
