//===- NpuTimingTest.cpp - cycles, stalls and energy ----------------------===//
//
// The formulas of the data sheet on single commands, then random streams
// against a second model of the hardware that goes from cycle to cycle where
// the simulator goes from event to event.
//
//===----------------------------------------------------------------------===//
#include "test/devices/NpuFixture.h"
#include <deque>

using namespace edgec::test;

namespace {

struct Recorder {
  std::vector<edge_npu_record> records;
  edge_npu_observer observer = {
      this, nullptr, [](void *user, const auto *r) {
        static_cast<Recorder *>(user)->records.push_back(*r);
      }};
  const edge_npu_record &of(uint32_t command) const {
    for (const edge_npu_record &record : records)
      if (record.command == command)
        return record;
    ADD_FAILURE() << "no record of command " << command;
    return records.front();
  }
  uint64_t cyclesOf(uint32_t command) const {
    return of(command).end_cycle - of(command).begin_cycle;
  }
};

/// Every cycle of a unit has one cause.
void expectAllCyclesCounted(const edge_npu_statistics &statistics) {
  for (const edge_npu_unit_statistics &unit : statistics.units) {
    uint64_t sum = unit.busy_cycles + unit.idle_cycles;
    for (uint64_t stall : unit.stall_cycles)
      sum += stall;
    EXPECT_EQ(sum, statistics.cycles);
  }
}

Fields macFields(int64_t size, int64_t channels, int64_t outputs,
                 int64_t kernel, size_t weightsBytes) {
  return {{"inputHeight", size},
          {"inputWidth", size},
          {"inputChannels", channels},
          {"inputDtype", NPU_DTYPE_I8},
          {"weightDtype", NPU_DTYPE_I8},
          {"inputRowStride", size * channels},
          {"inputPixelStride", channels},
          {"kernelHeight", kernel},
          {"kernelWidth", kernel},
          {"strideY", 1},
          {"strideX", 1},
          {"dilationY", 1},
          {"dilationX", 1},
          {"weightsAddress", 16384},
          {"weightsBytes", int64_t(weightsBytes)},
          {"outputAddress", 32768},
          {"outputRowStride", size * outputs},
          {"outputPixelStride", outputs},
          {"outputHeight", size},
          {"outputWidth", size},
          {"outputChannels", outputs},
          {"outputDtype", NPU_DTYPE_I8}};
}

/// Cycles of one mac, its code loaded before.
uint64_t macCycles(const Bytes &code, Fields fields, unsigned flags = 0,
                   const Program &program = {},
                   edge_npu_statistics *statistics = nullptr) {
  NpuParameters machine;
  Npu npu(machine);
  npu.buffers[Constants] = code;
  Stream stream(machine);
  stream.load(Constants, 0, 16384, int64_t(code.size()));
  stream.order(NPU_UNIT_LOAD, NPU_UNIT_MAC);
  stream.add(NPU_OPCODE_MAC, flags, fields, program);
  stream.end();
  Recorder recorder;
  EXPECT_EQ(npu.run(stream.finish(), &recorder.observer), EDGE_NPU_OK)
      << npu.error.text;
  if (statistics)
    *statistics = npu.statistics;
  expectAllCyclesCounted(npu.statistics);
  return recorder.cyclesOf(3);
}

} // namespace

// The machine of these tests: 8 x 8, start 16 and 12, 8 stages, 16 decoded
// bytes, 4 bytes per cycle on the bus, latency 50, dispatch 2.

TEST(NpuTiming, MacStepsAndBlocks) {
  edge_npu_statistics statistics;
  // 36 pixels, 20 channels: 23 steps of 180 taps; 17 outputs: 3 blocks.
  Bytes code(3 * 180 * 8, 1);
  EXPECT_EQ(
      macCycles(code, macFields(6, 20, 17, 3, code.size()), 0, {}, &statistics),
      16u + 36 * 3 * 23);
  EXPECT_EQ(statistics.macs, 36u * 17 * 180);
  EXPECT_EQ(statistics.decoded_weight_bytes, code.size());
  EXPECT_EQ(statistics.encoded_weight_bytes, code.size());
  // One pixel: the decoder is the limit.
  Bytes large(180 * 8, 1);
  EXPECT_EQ(macCycles(large, macFields(1, 180, 8, 1, large.size())),
            16u + 180 * 8 / 16);
}

TEST(NpuTiming, MacDepthwiseAndPasses) {
  Bytes code(2 * 9 * 8, 1);
  Fields fields = macFields(6, 16, 16, 3, code.size());
  EXPECT_EQ(macCycles(code, fields, NPU_MAC_FLAG_DEPTHWISE), 16u + 36 * 2 * 2);
  // 17 operations are 3 passes, constants are free.
  Program program(17, micro(NPU_MICRO_MOV, 0, 0));
  program.resize(40, microConst(1, 1));
  EXPECT_EQ(macCycles(code, fields, NPU_MAC_FLAG_DEPTHWISE, program),
            16u + 36 * 2 * 3);
  program.resize(16);
  EXPECT_EQ(macCycles(code, fields, NPU_MAC_FLAG_DEPTHWISE, program),
            16u + 36 * 2 * 2);
}

TEST(NpuTiming, MacSkipsZeroBlocks) {
  Weights weights;
  weights.outputs = 16;
  weights.taps = 32;
  weights.values.assign(16 * 32, 0);
  for (int64_t tap : {0, 9, 31}) // steps 0, 1 and 3 of block 0
    weights.values[size_t(tap)] = 5;
  Bytes code = weights.blockSparse(8, 8);
  Fields fields = macFields(6, 32, 16, 1, code.size());
  fields.emplace_back("weightEncoding", NPU_ENCODING_BLOCK_SPARSE);
  edge_npu_statistics statistics;
  // 3 steps in block 0; block 1 has none, but its outputs leave in one pass.
  EXPECT_EQ(macCycles(code, fields, 0, {}, &statistics), 16u + 36 * (3 + 1));
  EXPECT_EQ(statistics.macs, 36u * 8 * 24);
  EXPECT_EQ(statistics.decoded_weight_bytes, 3u * 64);
}

TEST(NpuTiming, BankConflict) {
  Bytes code(64, 1);
  Fields fields = macFields(6, 8, 8, 1, code.size());
  EXPECT_EQ(macCycles(code, fields), 16u + 36);
  // Banks of 8 KB: the last row of the input reaches into the weights' bank.
  fields.emplace_back("inputAddress", 16384 - 6 * 6 * 8);
  EXPECT_EQ(macCycles(code, fields), 16u + 36);
  fields.emplace_back("inputAddress", 24576); // behind the weights' bank
  EXPECT_EQ(macCycles(code, fields), 16u + 36);
  fields.emplace_back("inputAddress", 16384 + 64);
  edge_npu_statistics statistics;
  EXPECT_EQ(macCycles(code, fields, 0, {}, &statistics), 16u + 2 * 36);
  const edge_npu_unit_statistics &mac = statistics.units[NPU_UNIT_MAC];
  EXPECT_EQ(mac.stall_cycles[EDGE_NPU_STALL_BANK], 36u);
  EXPECT_EQ(mac.busy_cycles, 16u + 36);
}

TEST(NpuTiming, VectorAndPool) {
  NpuParameters machine;
  Npu npu(machine);
  Stream stream(machine);
  Program program(9, micro(NPU_MICRO_MOV, 0, 0));
  stream.add(NPU_OPCODE_VECTOR, 0,
             {{"extent0", 2},
              {"extent1", 3},
              {"extent2", 5},
              {"extent3", 17},
              {"outputDtype", NPU_DTYPE_I8},
              {"outputStride0", 255},
              {"outputStride1", 85},
              {"outputStride2", 17},
              {"outputStride3", 1}},
             program);
  Fields pool = {{"inputHeight", 4},
                 {"inputWidth", 4},
                 {"inputChannels", 20},
                 {"inputDtype", NPU_DTYPE_I8},
                 {"inputRowStride", 80},
                 {"inputPixelStride", 20},
                 {"kernelHeight", 3},
                 {"kernelWidth", 2},
                 {"strideY", 1},
                 {"strideX", 1},
                 {"dilationY", 1},
                 {"dilationX", 1},
                 {"outputAddress", 4096},
                 {"outputRowStride", 60},
                 {"outputPixelStride", 20},
                 {"outputHeight", 2},
                 {"outputWidth", 3},
                 {"outputChannels", 20},
                 {"outputDtype", NPU_DTYPE_I8}};
  stream.add(NPU_OPCODE_POOL, 0, pool, program);
  program.resize(8 * 7 + 1, micro(NPU_MICRO_MOV, 0, 0));
  stream.add(NPU_OPCODE_POOL, 0, pool, program);
  stream.end();
  Recorder recorder;
  ASSERT_EQ(npu.run(stream.finish(), &recorder.observer), EDGE_NPU_OK)
      << npu.error.text;
  EXPECT_EQ(recorder.cyclesOf(0), 12u + 30 * 3 * 2);
  EXPECT_EQ(recorder.cyclesOf(1), 12u + 6 * 3 * 6);
  EXPECT_EQ(recorder.cyclesOf(2), 12u + 6 * 3 * 8);
  // They run one after the other, the first when it was dispatched.
  EXPECT_EQ(recorder.of(0).begin_cycle, 2u);
  EXPECT_EQ(recorder.of(1).begin_cycle, recorder.of(0).end_cycle);
  EXPECT_EQ(npu.statistics.cycles, recorder.of(2).end_cycle);
  EXPECT_EQ(npu.statistics.vector_operations,
            30u * 17 * 9 + 120 * (6 + 9) + 120 * (6 + 57));
  expectAllCyclesCounted(npu.statistics);
}

TEST(NpuTiming, TransfersShareTheBus) {
  NpuParameters machine;
  Npu npu(machine);
  Stream stream(machine);
  stream.transfer(NPU_OPCODE_LOAD, Input, 0, 0, 101, 2); // 51 + 2 cycles
  stream.load(Input, 0, 4096, 400);                      // 100 + 1
  stream.store(Output, 0, 8192, 40);                     // 10 + 1
  stream.load(Input, 0, 16384, 4);                       // 1 + 1
  stream.end();
  Recorder recorder;
  ASSERT_EQ(npu.run(stream.finish(), &recorder.observer), EDGE_NPU_OK);
  // Dispatched at 2, the data come 50 later; the next is issued at once.
  EXPECT_EQ(recorder.of(0).begin_cycle, 52u);
  EXPECT_EQ(recorder.of(0).end_cycle, 105u);
  // The store, dispatched at 6, is ready at 56; the second load at 102.
  EXPECT_EQ(recorder.of(2).begin_cycle, 105u);
  EXPECT_EQ(recorder.of(1).begin_cycle, 116u);
  EXPECT_EQ(recorder.of(1).end_cycle, 217u);
  // Issued at 116, ready at 166, while the bus is busy.
  EXPECT_EQ(recorder.of(3).begin_cycle, 217u);
  const edge_npu_unit_statistics &load = npu.statistics.units[NPU_UNIT_LOAD];
  EXPECT_EQ(load.busy_cycles, 53u + 101 + 2);
  EXPECT_EQ(load.stall_cycles[EDGE_NPU_STALL_BUS], 11u);
  EXPECT_EQ(load.stall_cycles[EDGE_NPU_STALL_LATENCY], 50u);
  EXPECT_EQ(load.stall_cycles[EDGE_NPU_STALL_QUEUE], 2u);
  const edge_npu_unit_statistics &store = npu.statistics.units[NPU_UNIT_STORE];
  EXPECT_EQ(store.stall_cycles[EDGE_NPU_STALL_BUS], 105u - 56);
  EXPECT_EQ(npu.statistics.dram_read_bytes, 202u + 400 + 4);
  EXPECT_EQ(npu.statistics.dram_written_bytes, 40u);
  EXPECT_EQ(npu.statistics.sram_written_bytes, 606u);
  expectAllCyclesCounted(npu.statistics);
}

TEST(NpuTiming, WaitsAreDependencyStalls) {
  NpuParameters machine;
  Npu npu(machine);
  Stream stream(machine);
  stream.load(Input, 0, 0, 400); // flows from 52 to 153
  stream.order(NPU_UNIT_LOAD, NPU_UNIT_STORE);
  stream.store(Output, 0, 0, 4);
  stream.end();
  Recorder recorder;
  ASSERT_EQ(npu.run(stream.finish(), &recorder.observer), EDGE_NPU_OK);
  EXPECT_EQ(recorder.of(2).begin_cycle, 6u);
  EXPECT_EQ(recorder.of(2).end_cycle, 153u);
  EXPECT_EQ(recorder.of(3).begin_cycle, 153u + 50);
  const edge_npu_unit_statistics &store = npu.statistics.units[NPU_UNIT_STORE];
  EXPECT_EQ(store.stall_cycles[EDGE_NPU_STALL_DEPENDENCY], 153u - 6);
  EXPECT_EQ(npu.statistics.cycles, 205u);
}

TEST(NpuTiming, Energy) {
  NpuParameters machine;
  Npu npu(machine);
  Stream stream(machine);
  npu.buffers[Constants].assign(64, 1);
  stream.load(Constants, 0, 16384, 64);
  stream.order(NPU_UNIT_LOAD, NPU_UNIT_MAC);
  stream.add(NPU_OPCODE_MAC, 0, macFields(6, 8, 8, 1, 64),
             {micro(NPU_MICRO_MOV, 0, 0)});
  stream.end();
  ASSERT_EQ(npu.run(stream.finish()), EDGE_NPU_OK);
  const edge_npu_statistics &s = npu.statistics;
  EXPECT_EQ(s.mac_femtojoules, 300u * 36 * 64);
  EXPECT_EQ(s.vector_femtojoules, 100u * 36 * 8);
  // The load writes 64 bytes; weights, input and output of the mac.
  EXPECT_EQ(s.sram_femtojoules, 1250u * (64 + 64 + 36 * 8 + 36 * 8));
  EXPECT_EQ(s.dram_femtojoules, 100000u * 64);
  // 2 mW at 250 MHz: 8 pJ per cycle.
  EXPECT_EQ(s.idle_femtojoules, 8000u * s.cycles);
  EXPECT_EQ(edge_npu_femtojoules(&s),
            s.mac_femtojoules + s.vector_femtojoules + s.sram_femtojoules +
                s.dram_femtojoules + s.idle_femtojoules);
  EXPECT_EQ(edge_npu_nanoseconds(npu.handle, 1000001), 4000004u);
}

//===-- against a second model
//--------------------------------------------===//

namespace {

/// A command as the second model sees it.
struct Step {
  unsigned opcode, unit;
  uint64_t cycles = 0;
  int64_t semaphore = 0, value = 0;
  uint64_t begin = 0, end = 0;
  bool begun = false;
};

/// The hardware, cycle by cycle.
class SlowModel {
public:
  SlowModel(const NpuParameters &machine, std::vector<Step> &steps)
      : machine(machine), steps(steps) {}

  /// Runs to the end, and returns when that is.
  uint64_t run() {
    for (now = 0; now < 1000000; ++now) {
      while (advance())
        ;
      if (dispatched == steps.size() && isDone())
        return now;
    }
    ADD_FAILURE() << "the second model hangs";
    return 0;
  }

private:
  struct Unit {
    std::deque<size_t> queue;
    std::vector<size_t> started;                    // commands that take time
    std::deque<std::pair<int64_t, size_t>> signals; // semaphore, started before
    int64_t issued = -1;
    uint64_t ready = 0;
  };

  bool isDoneUpTo(const Unit &unit, size_t count) const {
    for (size_t i = 0; i < count; ++i)
      if (!steps[unit.started[i]].begun || steps[unit.started[i]].end > now)
        return false;
    return true;
  }
  bool isDone() const {
    for (const Unit &unit : units)
      if (!unit.queue.empty() || unit.issued >= 0 || !unit.signals.empty() ||
          !isDoneUpTo(unit, unit.started.size()))
        return false;
    return true;
  }

  bool dispatch() {
    uint64_t cycles = machine[NPU_PARAMETER_DISPATCH_CYCLES];
    if (dispatched == steps.size() || now < lastDispatch + cycles)
      return false;
    const Step &step = steps[dispatched];
    if (step.opcode != NPU_OPCODE_END) {
      Unit &unit = units[step.unit];
      if (unit.queue.size() >= machine[NPU_PARAMETER_QUEUE_DEPTH])
        return false;
      unit.queue.push_back(dispatched);
    }
    lastDispatch = now;
    ++dispatched;
    return true;
  }

  bool fire(Unit &unit) {
    if (unit.signals.empty() || !isDoneUpTo(unit, unit.signals.front().second))
      return false;
    ++counters[unit.signals.front().first];
    unit.signals.pop_front();
    return true;
  }

  bool takeHead(Unit &unit, bool isDma) {
    if (unit.queue.empty() || unit.issued >= 0)
      return false;
    if (!isDma && !isDoneUpTo(unit, unit.started.size()))
      return false;
    size_t index = unit.queue.front();
    Step &step = steps[index];
    if (step.opcode == NPU_OPCODE_WAIT) {
      if (counters[step.semaphore] < step.value)
        return false;
      step.end = now;
    } else if (step.opcode == NPU_OPCODE_SIGNAL) {
      unit.signals.emplace_back(step.semaphore, unit.started.size());
    } else if (isDma) {
      unit.issued = int64_t(index);
      unit.ready = now + machine[NPU_PARAMETER_DMA_LATENCY_CYCLES];
      unit.started.push_back(index);
    } else {
      start(step);
      unit.started.push_back(index);
    }
    unit.queue.pop_front();
    return true;
  }

  void start(Step &step) {
    step.begun = true;
    step.begin = now;
    step.end = now + step.cycles;
  }

  bool takeBus() {
    if (now < busFree)
      return false;
    Unit *best = nullptr;
    for (Unit *unit : {&units[NPU_UNIT_LOAD], &units[NPU_UNIT_STORE]})
      if (unit->issued >= 0 && unit->ready <= now &&
          (!best || unit->ready < best->ready))
        best = unit;
    if (!best)
      return false;
    Step &step = steps[size_t(best->issued)];
    start(step);
    busFree = step.end;
    best->issued = -1;
    return true;
  }

  bool advance() {
    bool changed = false;
    for (unsigned u = 0; u < NPU_UNITS_COUNT; ++u)
      changed |= fire(units[u]);
    changed |= takeBus();
    for (unsigned u = 0; u < NPU_UNITS_COUNT; ++u)
      changed |= takeHead(units[u], u == NPU_UNIT_LOAD || u == NPU_UNIT_STORE);
    changed |= dispatch();
    return changed;
  }

  const NpuParameters &machine;
  std::vector<Step> &steps;
  Unit units[NPU_UNITS_COUNT];
  std::map<int64_t, int64_t> counters;
  size_t dispatched = 0;
  uint64_t now = 0, lastDispatch = 0, busFree = 0;
};

/// A random stream that keeps the rules of semaphores.
void runAgainstSlowModel(unsigned seed) {
  std::mt19937 random(seed);
  auto pick = [&](int64_t low, int64_t high) {
    return low + int64_t(random() % uint64_t(high - low + 1));
  };
  NpuParameters machine;
  machine[NPU_PARAMETER_DISPATCH_CYCLES] = uint64_t(pick(1, 9));
  machine[NPU_PARAMETER_QUEUE_DEPTH] = uint64_t(pick(1, 5));
  machine[NPU_PARAMETER_DMA_LATENCY_CYCLES] = uint64_t(pick(1, 60));
  machine[NPU_PARAMETER_DMA_ROW_CYCLES] = uint64_t(pick(0, 3));
  Npu npu(machine);
  Stream stream(machine);
  std::vector<Step> steps;
  int64_t signals[8] = {};
  for (int64_t i = 0, count = pick(1, 60); i < count; ++i) {
    auto unit = unsigned(pick(0, 3));
    int64_t kind = pick(0, 4);
    if (kind == 0) { // two semaphores per unit
      int64_t semaphore = 2 * unit + pick(0, 1);
      stream.signal(unit, semaphore);
      ++signals[semaphore];
      steps.push_back({NPU_OPCODE_SIGNAL, unit, 0, semaphore});
    } else if (kind == 1) {
      int64_t semaphore = pick(0, 7);
      if (!signals[semaphore])
        continue;
      int64_t value = pick(1, signals[semaphore]);
      stream.wait(unit, semaphore, value);
      steps.push_back({NPU_OPCODE_WAIT, unit, 0, semaphore, value});
    } else if (unit == NPU_UNIT_LOAD || unit == NPU_UNIT_STORE) {
      int64_t bytes = pick(1, 200), rows = pick(1, 3);
      bool isLoad = unit == NPU_UNIT_LOAD;
      stream.transfer(isLoad ? NPU_OPCODE_LOAD : NPU_OPCODE_STORE,
                      isLoad ? Input : Output, 0, 0, bytes, rows);
      steps.push_back(
          {isLoad ? unsigned(NPU_OPCODE_LOAD) : NPU_OPCODE_STORE, unit,
           uint64_t((bytes * rows + 3) / 4) +
               uint64_t(rows) * machine[NPU_PARAMETER_DMA_ROW_CYCLES]});
    } else if (unit == NPU_UNIT_MAC) {
      int64_t size = pick(1, 6);
      stream.add(NPU_OPCODE_MAC, 0, macFields(size, 8, 8, 1, 64));
      steps.push_back({NPU_OPCODE_MAC, unit,
                       uint64_t(16 + std::max<int64_t>(size * size, 4))});
    } else {
      int64_t positions = pick(1, 40);
      stream.add(NPU_OPCODE_VECTOR, 0,
                 {{"extent0", 1},
                  {"extent1", 1},
                  {"extent2", positions},
                  {"extent3", 1},
                  {"outputDtype", NPU_DTYPE_I8},
                  {"outputStride2", 1}});
      steps.push_back({NPU_OPCODE_VECTOR, unit, uint64_t(12 + positions)});
    }
  }
  stream.end();
  steps.push_back({NPU_OPCODE_END, NPU_UNITS_COUNT});
  Recorder recorder;
  ASSERT_EQ(npu.run(stream.finish(), &recorder.observer), EDGE_NPU_OK)
      << npu.error.text;
  EXPECT_EQ(npu.statistics.cycles, SlowModel(machine, steps).run());
  for (const edge_npu_record &record : recorder.records) {
    const Step &step = steps[record.command];
    if (step.opcode == NPU_OPCODE_SIGNAL)
      continue;
    ASSERT_EQ(record.end_cycle, step.end) << "command " << record.command;
    if (step.opcode != NPU_OPCODE_WAIT)
      ASSERT_EQ(record.begin_cycle, step.begin) << "command " << record.command;
  }
  expectAllCyclesCounted(npu.statistics);
}

} // namespace

TEST(NpuTiming, EventsAgreeWithCycles) {
  for (unsigned seed = 0; seed < 1500; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    runAgainstSlowModel(seed);
    if (testing::Test::HasFailure())
      return;
  }
}
