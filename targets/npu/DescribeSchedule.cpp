//===- DescribeSchedule.cpp - when an NPU does what, for reports ----------===//
//
// Commands of one layer that follow each other closely on one unit become one.
// The SRAM is looked at in blocks: whose bytes lie there, from the command that
// wrote them to the last that touched them before others took their place.
//
//===----------------------------------------------------------------------===//
#include "targets/npu/DescribeSchedule.h"

#include "targets/npu/Accesses.h"
#include "targets/npu/Estimate.h"

using namespace edgec;
using namespace edgec::npu;

namespace {

/// Gaps of less than this share of the whole time are not shown.
constexpr double finestGap = 0.002;
constexpr int64_t blockCount = 128;

/// What lies in a block: written for a layer, by a transfer or a computation.
struct Content {
  int32_t layer = -1;
  bool isLoaded = false;
  int64_t begin = 0, end = 0;
};

class ScheduleDescription {
public:
  ScheduleDescription(llvm::ArrayRef<Command> commands,
                      const NpuMachine &machine,
                      llvm::ArrayRef<std::string> layers,
                      place::DeviceProgram &program)
      : commands(commands), machine(machine), layers(layers), program(program),
        intervals(commands.size()), contents(blockCount) {
    cycles = estimate(commands, machine, &intervals).cycles;
  }

  void describe() {
    for (auto [command, interval] : llvm::zip_equal(commands, intervals)) {
      if (command.opcode == Opcode::wait || command.opcode == Opcode::signal)
        continue;
      addRun(command, interval);
      addAccesses(command, interval);
    }
    for (int64_t block = 0; block < blockCount; ++block)
      close(block);
    mergeBlocks();
  }

private:
  llvm::ArrayRef<Command> commands;
  const NpuMachine &machine;
  llvm::ArrayRef<std::string> layers;
  place::DeviceProgram &program;
  std::vector<Interval> intervals;
  std::vector<Content> contents;
  int64_t cycles = 0;
  /// Of each unit: the run that it is in, in program.schedule; -1: none.
  std::array<int, 4> runOf = {-1, -1, -1, -1};
  std::array<int32_t, 4> layerOf = {-1, -1, -1, -1};

  double nanoseconds(int64_t cycle) const {
    return double(cycle) * 1e6 / double(machine.clockKilohertz);
  }
  std::string nameOf(int32_t layer) const {
    return layer < 0 ? "" : layers[size_t(layer)];
  }
  int64_t blockBytes() const { return ceilDiv(machine.sramBytes, blockCount); }

  void addRun(const Command &command, const Interval &interval) {
    static constexpr const char *units[] = {"load", "store", "mac", "vector"};
    auto unit = size_t(command.unit);
    double begin = nanoseconds(interval.begin), end = nanoseconds(interval.end);
    bool goesOn = runOf[unit] >= 0 && layerOf[unit] == command.layer &&
                  begin - program.schedule[size_t(runOf[unit])].endNanoseconds <
                      finestGap * nanoseconds(cycles);
    if (!goesOn) {
      runOf[unit] = int(program.schedule.size());
      layerOf[unit] = command.layer;
      program.schedule.push_back(
          {units[unit], nameOf(command.layer), begin, end, 0, 0});
    }
    place::ScheduledWork &run = program.schedule[size_t(runOf[unit])];
    run.endNanoseconds = std::max(run.endNanoseconds, end);
    if (command.opcode == Opcode::load || command.opcode == Opcode::store)
      run.memoryBytes += double(command.rows * command.rowBytes);
    if (command.opcode == Opcode::mac) {
      run.macs += command.output.height * command.output.width *
                  command.output.channels * command.window.kernelY *
                  command.window.kernelX *
                  (command.depthwise ? 1 : command.input.channels);
    }
  }

  void addAccesses(const Command &command, const Interval &interval) {
    llvm::SmallVector<Span> spans;
    findAccesses(command, spans);
    bool isLoad = command.opcode == Opcode::load;
    for (const Span &span : spans) {
      if (span.buffer >= 0)
        continue;
      for (int64_t block = span.first / blockBytes();
           block <= (span.last - 1) / blockBytes(); ++block) {
        Content &content = contents[size_t(block)];
        bool isOthers = content.layer != command.layer ||
                        content.isLoaded != isLoad || content.end == 0;
        if (span.isWrite && isOthers) {
          close(block);
          content = {command.layer, isLoad, interval.begin, interval.end};
        }
        content.end = std::max(content.end, interval.end);
      }
    }
  }

  /// Lists what lay in a block.
  void close(int64_t block) {
    Content &content = contents[size_t(block)];
    if (content.end > content.begin) {
      program.localBuffers.push_back(
          {(content.isLoaded ? "for " : "result of ") + nameOf(content.layer),
           block * blockBytes(), blockBytes(), nanoseconds(content.begin),
           nanoseconds(content.end)});
    }
    content = {};
  }

  /// Joins blocks above each other that hold the same at about the same time.
  void mergeBlocks() {
    auto &buffers = program.localBuffers;
    llvm::sort(buffers, [](const auto &a, const auto &b) {
      return std::tie(a.name, a.offsetBytes, a.beginNanoseconds,
                      a.endNanoseconds) < std::tie(b.name, b.offsetBytes,
                                                   b.beginNanoseconds,
                                                   b.endNanoseconds);
    });
    std::vector<place::LocalBuffer> merged;
    for (place::LocalBuffer &buffer : buffers) {
      auto below = llvm::find_if(
          llvm::reverse(merged), [&](const place::LocalBuffer &other) {
            return other.name == buffer.name &&
                   other.offsetBytes + other.sizeBytes == buffer.offsetBytes &&
                   other.beginNanoseconds <= buffer.endNanoseconds &&
                   buffer.beginNanoseconds <= other.endNanoseconds;
          });
      if (below == merged.rend()) {
        merged.push_back(std::move(buffer));
        continue;
      }
      below->sizeBytes += buffer.sizeBytes;
      below->beginNanoseconds =
          std::min(below->beginNanoseconds, buffer.beginNanoseconds);
      below->endNanoseconds =
          std::max(below->endNanoseconds, buffer.endNanoseconds);
    }
    buffers = std::move(merged);
  }
};

} // namespace

void edgec::npu::describeSchedule(llvm::ArrayRef<Command> commands,
                                  const NpuMachine &machine,
                                  llvm::ArrayRef<std::string> layers,
                                  place::DeviceProgram &program) {
  ScheduleDescription(commands, machine, layers, program).describe();
}
