//===- NpuRunTest.cpp - cancelling, limits, traces ------------------------===//
//
// What the caller of the simulator sees besides results: callbacks, time
// limits, runs one after the other, and the trace as JSON.
//
//===----------------------------------------------------------------------===//
#include "test/devices/NpuFixture.h"
#include <nlohmann/json.hpp>

using namespace edgec::test;

namespace {

/// Five loads and stores of 64 bytes.
Bytes copies(const NpuParameters &machine) {
  Stream stream(machine);
  for (int64_t i = 0; i < 5; ++i) {
    stream.note(i);
    stream.load(Input, 64 * i, 64 * i, 64);
    stream.order(NPU_UNIT_LOAD, NPU_UNIT_STORE);
    stream.store(Output, 64 * i, 64 * i, 64);
  }
  stream.end();
  return stream.finish();
}

struct Canceller {
  uint32_t at;
  std::vector<uint32_t> seen = {};
  edge_npu_observer observer = {
      this,
      [](void *user, uint32_t command, uint32_t) -> int32_t {
        auto *self = static_cast<Canceller *>(user);
        self->seen.push_back(command);
        return command == self->at;
      },
      nullptr};
};

} // namespace

TEST(NpuRun, CancelAtEveryCommand) {
  NpuParameters machine;
  Npu npu(machine);
  Bytes stream = copies(machine);
  for (uint32_t at = 0; at < 26; ++at) {
    Canceller canceller{at};
    ASSERT_EQ(npu.run(stream, &canceller.observer), EDGE_NPU_ERROR_CANCELLED);
    EXPECT_EQ(npu.error.command, at);
    EXPECT_EQ(canceller.seen.size(), at + 1);
    EXPECT_EQ(npu.statistics.commands, at);
  }
  // A cancelled run leaves nothing behind.
  Canceller never{1000};
  EXPECT_EQ(npu.run(stream, &never.observer), EDGE_NPU_OK);
  EXPECT_EQ(never.seen.size(), 26u);
}

TEST(NpuRun, CycleLimit) {
  NpuParameters machine;
  Npu free(machine);
  ASSERT_EQ(free.run(copies(machine)), EDGE_NPU_OK);
  edge_npu_options options = {};
  options.max_cycles = 5 * 2 * 17; // of 16 + 1 each
  Npu enough(machine, options);
  EXPECT_EQ(enough.run(copies(machine)), EDGE_NPU_OK) << enough.error.text;
  options.max_cycles--;
  Npu tooFew(machine, options);
  EXPECT_EQ(tooFew.run(copies(machine)), EDGE_NPU_ERROR_TIMEOUT);
  EXPECT_EQ(tooFew.error.command, 24u);
  EXPECT_EQ(tooFew.error.note, 4u);
}

/// A rejected run between two good ones changes neither.
TEST(NpuRun, RunsAreIndependent) {
  NpuParameters machine;
  Npu npu(machine);
  Bytes stream = copies(machine), damaged = stream;
  for (size_t i = 0; i < 320; ++i)
    npu.buffers[Input][i] = uint8_t(i * 7);
  ASSERT_EQ(npu.run(stream), EDGE_NPU_OK);
  edge_npu_statistics first = npu.statistics;
  damaged[80] ^= 1;
  EXPECT_EQ(npu.run(damaged), EDGE_NPU_ERROR_REJECTED);
  npu.buffers[Output].assign(4096, 0);
  ASSERT_EQ(npu.run(stream), EDGE_NPU_OK);
  EXPECT_EQ(std::memcmp(&first, &npu.statistics, sizeof(first)), 0);
  EXPECT_TRUE(std::equal(npu.buffers[Output].begin(),
                         npu.buffers[Output].begin() + 320,
                         npu.buffers[Input].begin()));
}

/// A run cannot see what an earlier one left in SRAM.
TEST(NpuRun, SramIsForgotten) {
  NpuParameters machine;
  Npu npu(machine);
  Stream stream(machine);
  stream.store(Output, 0, 0, 320);
  stream.end();
  Bytes reading = stream.finish();
  ASSERT_EQ(npu.run(reading), EDGE_NPU_OK);
  Bytes before = npu.buffers[Output];
  npu.buffers[Input].assign(4096, 0x77);
  ASSERT_EQ(npu.run(copies(machine)), EDGE_NPU_OK);
  ASSERT_EQ(npu.run(reading), EDGE_NPU_OK);
  EXPECT_EQ(npu.buffers[Output], before);
}

TEST(NpuRun, CheckNeedsNoData) {
  NpuParameters machine;
  Npu npu(machine);
  Bytes stream = copies(machine);
  edge_npu_buffer buffers[4] = {{nullptr, 0, EDGE_NPU_READ, 0},
                                {nullptr, 0, 3, 0},
                                {nullptr, 4096, EDGE_NPU_READ, 0},
                                {nullptr, 320, EDGE_NPU_WRITE, 0}};
  edge_npu_error error;
  EXPECT_EQ(edge_npu_check(npu.handle, stream.data(), stream.size(), buffers, 4,
                           &error),
            EDGE_NPU_OK);
  buffers[3].size_bytes--;
  EXPECT_EQ(edge_npu_check(npu.handle, stream.data(), stream.size(), buffers, 4,
                           &error),
            EDGE_NPU_ERROR_REJECTED);
  EXPECT_STREQ(error.rule, "D3");
}

TEST(NpuRun, TraceIsJson) {
  NpuParameters machine;
  Npu npu(machine);
  char *text = nullptr;
  size_t size = 0;
  FILE *file = open_memstream(&text, &size);
  ASSERT_NE(file, nullptr);
  edge_npu_trace trace;
  edge_npu_trace_begin(&trace, file, npu.handle);
  edge_npu_observer observer = {&trace, nullptr, edge_npu_trace_record};
  ASSERT_EQ(npu.run(copies(machine), &observer), EDGE_NPU_OK);
  trace.start_microseconds = 1000;
  ASSERT_EQ(npu.run(copies(machine), &observer), EDGE_NPU_OK);
  edge_npu_trace_end(&trace);
  std::fclose(file);
  auto json = nlohmann::json::parse(text, nullptr, false);
  std::free(text);
  ASSERT_TRUE(json.is_object());
  std::map<std::string, int> counts;
  double last = 0;
  for (const auto &event : json["traceEvents"]) {
    ++counts[event["name"]];
    if (event["ph"] == "X")
      last = event["ts"].get<double>() + event["dur"].get<double>();
  }
  EXPECT_EQ(counts["thread_name"], 4);
  EXPECT_EQ(counts["load"], 10);
  EXPECT_EQ(counts["store"], 10);
  EXPECT_EQ(counts["signal"], 0);
  // 250 MHz: 4 ns per cycle.
  EXPECT_NEAR(last, 1000 + double(npu.statistics.cycles) * 0.004, 1e-3);
}
