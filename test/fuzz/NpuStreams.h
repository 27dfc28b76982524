//===- NpuStreams.h - hostile command streams ------------------*- C++ -*-===//
//
// Streams that run, ways to damage them, and a run of what comes out. Damage is
// aimed: fields get values at borders, commands are copied, dropped and
// exchanged, micro-operations replaced, bytes overwritten; lengths, counts and
// the checksum are mostly made right again, so that the damage gets through to
// the checks behind them.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TEST_FUZZ_NPUSTREAMS_H
#define EDGEC_TEST_FUZZ_NPUSTREAMS_H

#include "npu_simulator.h"
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace edgec::test {

/// A stream with what its loads read.
struct NpuSeed {
  std::vector<uint8_t> stream, constants;
};

/// Streams for npu-64 that use every command, encoding and data type.
std::vector<NpuSeed> npuSeeds();

/// Damages the stream.
void mutateNpuStream(std::vector<uint8_t> &stream, std::mt19937 &random);

/// Makes total length, command count and checksum right.
void sealNpuStream(std::vector<uint8_t> &stream);

/// An NPU whose buffers lie between bytes that must not change.
class GuardedNpu {
public:
  GuardedNpu();
  GuardedNpu(const GuardedNpu &) = delete;
  GuardedNpu &operator=(const GuardedNpu &) = delete;
  ~GuardedNpu();

  /// Runs the stream and returns its status. Ends the process with a message if
  /// a byte changed that the stream may not write.
  int32_t run(const std::vector<uint8_t> &stream,
              const std::vector<uint8_t> &constants);

  edge_npu_error error = {};

private:
  struct Memory;
  Memory *memory;
  edge_npu_simulator *npu = nullptr;
};

} // namespace edgec::test

#endif // EDGEC_TEST_FUZZ_NPUSTREAMS_H
