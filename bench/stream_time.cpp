//===- stream_time.cpp - how fast memory is, measured ---------------------===//
#include "bench/stream_time.h"
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

using namespace edgec;

// The widest vectors that the processor has.
#if defined(__x86_64__)
#define EDGEC_EACH_VECTOR_WIDTH                                                \
  __attribute__((target_clones("default", "avx2", "arch=x86-64-v4")))
#else
#define EDGEC_EACH_VECTOR_WIDTH
#endif

/// Writes the first numbers, changed, and returns a digest of the others.
EDGEC_EACH_VECTOR_WIDTH
static uint64_t pass(const uint64_t *__restrict in, size_t inCount,
                     uint64_t *__restrict out, size_t outCount) {
  size_t both = std::min(inCount, outCount);
  for (size_t i = 0; i < both; ++i)
    out[i] = in[i] + 1;
  for (size_t i = both; i < outCount; ++i)
    out[i] = 1;
  uint64_t digest = 0;
  for (size_t i = both; i < inCount; ++i)
    digest ^= in[i];
  return digest;
}

double edgec::streamSeconds(size_t readBytes, size_t writtenBytes) {
  constexpr size_t page = 4096;
  // Half a page apart, so that no load seems to be of what was stored just now.
  size_t outAt = (readBytes + page - 1) / page * page + page / 2,
         size = (outAt + writtenBytes + page - 1) / page * page;
  std::unique_ptr<char, void (*)(void *)> buffer(
      static_cast<char *>(std::aligned_alloc(page, size)), std::free);
  std::memset(buffer.get(), 0, size);
  auto *in = reinterpret_cast<uint64_t *>(buffer.get()),
       *out = reinterpret_cast<uint64_t *>(buffer.get() + outAt);
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds longEnough(50);
  double least = 1;
  volatile uint64_t digest = 0;
  for (Clock::time_point begin = Clock::now(), now = begin;
       now - begin < longEnough;) {
    digest = digest ^ pass(in, readBytes / 8, out, writtenBytes / 8);
    Clock::time_point end = Clock::now();
    least = std::min(least, std::chrono::duration<double>(end - now).count());
    now = end;
  }
  return least;
}
