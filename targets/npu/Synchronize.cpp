//===- Synchronize.cpp - orders the units ---------------------------------===//
//
// Remembers for every line of SRAM and of the scratch memory who wrote it last
// and who has read it since. A command depends on the last writer of what it
// reads, and on the last writer and all readers of what it writes; within a
// unit that holds by itself. What a unit knows to be done, it knows through
// others too: each completed command passes on what its unit had waited for.
//
//===----------------------------------------------------------------------===//
#include "targets/npu/Synchronize.h"

#include "npu_constants.h"

using namespace edgec;
using namespace edgec::npu;

namespace {
constexpr int unitCount = 4;
/// The last command of each unit, or -1.
using Clock = std::array<int64_t, unitCount>;
constexpr Clock never = {-1, -1, -1, -1};

struct Line {
  Clock reader = never;
  int64_t writer = -1;
  int writerUnit = 0;
};

/// Who touched which lines.
class Memory {
public:
  explicit Memory(const NpuMachine &machine)
      : sram(machine.sramBytes / NPU_LIMIT_LINE_BYTES) {}

  /// The last commands of each unit that command `index` of `unit` depends on.
  Clock dependencies(llvm::ArrayRef<Span> spans) {
    Clock clock = never;
    visit(spans, [&](Line &line, bool isWrite) {
      if (line.writer >= 0)
        clock[line.writerUnit] = std::max(clock[line.writerUnit], line.writer);
      for (int unit = 0; isWrite && unit < unitCount; ++unit)
        clock[unit] = std::max(clock[unit], line.reader[unit]);
    });
    return clock;
  }

  void record(llvm::ArrayRef<Span> spans, int64_t index, int unit) {
    visit(spans, [&](Line &line, bool isWrite) {
      if (isWrite) {
        line.writer = index;
        line.writerUnit = unit;
        line.reader = never;
      } else {
        line.reader[unit] = index;
      }
    });
  }

private:
  /// Scratch memory in coarser lines: tensors begin on them.
  static constexpr int64_t scratchLine = 64;

  template <typename Function>
  void visit(llvm::ArrayRef<Span> spans, Function &&function) {
    for (const Span &span : spans) {
      // Constants and inputs are only read, outputs written by one unit.
      if (span.buffer > 1 || span.buffer == 0)
        continue;
      std::vector<Line> &lines = span.buffer == 1 ? scratch : sram;
      int64_t size = span.buffer == 1 ? scratchLine : NPU_LIMIT_LINE_BYTES;
      int64_t last = ceilDiv(span.last, size);
      if (span.buffer == 1 && last > int64_t(lines.size()))
        lines.resize(last);
      for (int64_t line = span.first / size; line < last; ++line)
        function(lines[line], span.isWrite);
    }
  }

  std::vector<Line> sram, scratch;
};
} // namespace

std::vector<Command> edgec::npu::synchronize(std::vector<Command> commands,
                                             const NpuMachine &machine) {
  Memory memory(machine);
  auto count = int64_t(commands.size());
  // What each command waits for, what its unit knows to be done when it begins,
  // and who is waited for.
  std::vector<Clock> waits(count, never), known(count, never);
  std::vector<bool> signals(count, false);
  std::array<Clock, unitCount> now;
  now.fill(never);
  llvm::SmallVector<Span> spans;
  for (int64_t index = 0; index < count; ++index) {
    spans.clear();
    findAccesses(commands[index], spans);
    int unit = int(commands[index].unit);
    Clock clock = memory.dependencies(spans);
    memory.record(spans, index, unit);
    // The latest first: through it others may be known to be done already.
    for (int round = 0; round < unitCount; ++round) {
      int latest = -1;
      for (int other = 0; other < unitCount; ++other) {
        if (other != unit && clock[other] > now[unit][other] &&
            (latest < 0 || clock[other] > clock[latest]))
          latest = other;
      }
      if (latest < 0)
        break;
      int64_t producer = clock[latest];
      waits[index][latest] = producer;
      signals[producer] = true;
      for (int other = 0; other < unitCount; ++other)
        now[unit][other] = std::max(now[unit][other], known[producer][other]);
      now[unit][latest] = std::max(now[unit][latest], producer);
    }
    known[index] = now[unit];
    known[index][unit] = index;
  }

  std::vector<Command> result;
  result.reserve(count * 2);
  std::array<int64_t, unitCount> signalled = {};
  std::vector<int64_t> ordinal(count, 0);
  for (int64_t index = 0; index < count; ++index) {
    Unit unit = commands[index].unit;
    int32_t layer = commands[index].layer;
    for (int other = 0; other < unitCount; ++other) {
      if (waits[index][other] < 0)
        continue;
      Command wait(Opcode::wait, unit, layer);
      wait.semaphore = other;
      wait.value = ordinal[waits[index][other]];
      result.push_back(std::move(wait));
    }
    result.push_back(std::move(commands[index]));
    if (!signals[index])
      continue;
    ordinal[index] = ++signalled[int(unit)];
    Command signal(Opcode::signal, unit, layer);
    signal.semaphore = int(unit);
    result.push_back(std::move(signal));
  }
  return result;
}
