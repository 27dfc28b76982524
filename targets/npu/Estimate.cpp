//===- Estimate.cpp - how long commands take ------------------------------===//
//
// One pass over the commands: since every wait is satisfied by signals in front
// of it, all times that a command depends on are known when it is reached.
//
//===----------------------------------------------------------------------===//
#include "targets/npu/Estimate.h"

#include <deque>

using namespace edgec;
using namespace edgec::npu;

static int64_t programPasses(const Command &command,
                             const NpuMachine &machine) {
  return command.program ? command.program->passes(machine.vectorStages) : 1;
}

int64_t edgec::npu::busyCycles(const Command &command,
                               const NpuMachine &machine) {
  switch (command.opcode) {
  case Opcode::load:
  case Opcode::store:
    return ceilDiv(command.rows * command.rowBytes, machine.dmaBytesPerCycle) +
           command.rows * machine.dmaRowCycles;
  case Opcode::mac:
    return machine.macStartCycles +
           std::max(
               command.output.height * command.output.width *
                   command.weightSteps,
               ceilDiv(command.decodedBytes, machine.decoderBytesPerCycle));
  case Opcode::pool:
    return machine.vectorStartCycles +
           command.output.height * command.output.width *
               ceilDiv(command.output.channels, machine.vectorLanes) *
               std::max(command.window.kernelY * command.window.kernelX,
                        programPasses(command, machine));
  case Opcode::vector:
    return machine.vectorStartCycles +
           command.extents[0] * command.extents[1] * command.extents[2] *
               ceilDiv(command.extents[3], machine.vectorLanes) *
               programPasses(command, machine);
  case Opcode::wait:
  case Opcode::signal:
    return 0;
  }
  return 0;
}

/// Energy of what a command does, without the idle part.
static double femtojoules(const Command &command, const NpuMachine &machine) {
  auto elements = double(command.output.height * command.output.width *
                         command.output.channels);
  double program = command.program ? double(command.program->length()) : 0;
  switch (command.opcode) {
  case Opcode::load:
  case Opcode::store: {
    auto bytes = double(command.rows * command.rowBytes);
    return bytes * double(machine.femtojoulesPerDramByte +
                          machine.femtojoulesPerSramByte);
  }
  case Opcode::mac: {
    double macs = elements / double(command.output.channels) *
                  double(command.decodedBytes);
    return macs * double(machine.femtojoulesPerMac) +
           elements * program * double(machine.femtojoulesPerVectorOp) +
           (elements * double(bytesOf(command.output.element)) +
            double(command.weightsBytes + command.input.height *
                                              command.input.width *
                                              command.input.channels)) *
               double(machine.femtojoulesPerSramByte);
  }
  case Opcode::pool:
    return elements * ((program + double(command.window.kernelY *
                                         command.window.kernelX)) *
                           double(machine.femtojoulesPerVectorOp) +
                       2 * double(machine.femtojoulesPerSramByte));
  case Opcode::vector: {
    double count = 1;
    for (int64_t extent : command.extents)
      count *= double(extent);
    return count * (program * double(machine.femtojoulesPerVectorOp) +
                    double(1 + command.inputs.size()) *
                        double(machine.femtojoulesPerSramByte));
  }
  case Opcode::wait:
  case Opcode::signal:
    return 0;
  }
  return 0;
}

namespace {
/// The machine's clockwork: dispatches commands and lets their events happen in
/// the order of their times.
class Timeline {
public:
  /// Writes to `intervals`, unless it is null, by a command's place behind
  /// `first`.
  Timeline(const NpuMachine &machine, const Command *first,
           std::vector<Interval> *intervals)
      : machine(machine), first(first), intervals(intervals) {}

  void dispatch(const Command &command);
  int64_t finish();

private:
  struct Entry {
    const Command *command;
    int64_t dispatched;
  };
  struct Signal {
    int64_t semaphore, time;
  };
  struct Queue {
    std::deque<Entry> entries;
    /// Free for the next command; done with all so far.
    int64_t free = 0, done = 0;
    /// A transfer that waits for the bus, from when on it could have it.
    const Command *transfer = nullptr;
    int64_t ready = 0;
    std::deque<Signal> signals;
  };
  enum class Event : uint8_t { none, head, transfer, signal };

  /// When the first entry can leave the queue; -1: not yet known.
  int64_t headTime(const Queue &queue) const;
  bool step();
  void leave(Queue &queue, int64_t time);

  void note(const Command &command, int64_t begin, int64_t end) {
    if (intervals)
      (*intervals)[size_t(&command - first)] = {begin, end};
  }

  const NpuMachine &machine;
  const Command *first;
  std::vector<Interval> *intervals;
  std::array<Queue, 4> queues;
  std::array<int64_t, 4> counts = {}, lastSignal = {};
  int64_t dispatched = 0, bus = 0, now = 0;
};
} // namespace

int64_t Timeline::headTime(const Queue &queue) const {
  if (queue.entries.empty() || queue.transfer)
    return -1;
  const Entry &entry = queue.entries.front();
  int64_t time = std::max(queue.free, entry.dispatched);
  const Command &command = *entry.command;
  if (command.opcode != Opcode::wait)
    return time;
  if (counts[command.semaphore] < command.value)
    return -1;
  return std::max(time, lastSignal[command.semaphore]);
}

void Timeline::leave(Queue &queue, int64_t time) {
  const Command &command = *queue.entries.front().command;
  queue.entries.pop_front();
  switch (command.opcode) {
  case Opcode::wait:
    queue.free = time;
    queue.done = std::max(queue.done, time);
    return;
  case Opcode::signal:
    queue.signals.push_back({command.semaphore, std::max(queue.done, time)});
    return;
  case Opcode::load:
  case Opcode::store:
    queue.transfer = &command;
    queue.ready = time + machine.dmaLatencyCycles;
    return;
  default:
    queue.free = queue.done = time + busyCycles(command, machine);
    note(command, time, queue.done);
  }
}

/// Lets the earliest event happen; false if there is none.
bool Timeline::step() {
  Event kind = Event::none;
  Queue *at = nullptr;
  int64_t earliest = 0;
  auto consider = [&](Event event, Queue &queue, int64_t time) {
    if (kind != Event::none && time >= earliest)
      return;
    kind = event;
    at = &queue;
    earliest = time;
  };
  for (Queue &queue : queues) {
    if (!queue.signals.empty())
      consider(Event::signal, queue, queue.signals.front().time);
    int64_t head = headTime(queue);
    if (head >= 0)
      consider(Event::head, queue, head);
    if (!queue.transfer)
      continue;
    int64_t time = std::max(queue.ready, bus);
    // The bus goes to whoever was ready first.
    if (kind == Event::transfer && time == earliest && queue.ready < at->ready)
      at = &queue;
    consider(Event::transfer, queue, time);
  }
  if (kind == Event::none)
    return false;
  now = std::max(now, earliest);
  if (kind == Event::head) {
    leave(*at, earliest);
  } else if (kind == Event::transfer) {
    at->free = earliest;
    at->done = bus = earliest + busyCycles(*at->transfer, machine);
    note(*at->transfer, earliest, bus);
    at->transfer = nullptr;
  } else {
    Signal signal = at->signals.front();
    at->signals.pop_front();
    ++counts[signal.semaphore];
    lastSignal[signal.semaphore] = signal.time;
  }
  return true;
}

void Timeline::dispatch(const Command &command) {
  int64_t time = dispatched + machine.dispatchCycles;
  Queue &queue = queues[size_t(command.unit)];
  bool wasFull = false;
  while (int64_t(queue.entries.size()) >= machine.queueDepth && step())
    wasFull = true;
  if (wasFull)
    time = std::max(time, now);
  queue.entries.push_back({&command, time});
  dispatched = time;
}

int64_t Timeline::finish() {
  while (step())
    ;
  int64_t end = dispatched + machine.dispatchCycles;
  for (const Queue &queue : queues)
    end = std::max(end, queue.done);
  return end;
}

Estimate edgec::npu::estimate(llvm::ArrayRef<Command> commands,
                              const NpuMachine &machine,
                              std::vector<Interval> *intervals) {
  Estimate result;
  Timeline timeline(machine, commands.data(), intervals);
  for (const Command &command : commands) {
    timeline.dispatch(command);
    result.femtojoules += femtojoules(command, machine);
    if (command.opcode == Opcode::wait || command.opcode == Opcode::signal)
      continue;
    result.busy[size_t(command.unit)] += busyCycles(command, machine);
    int64_t bytes = command.rows * command.rowBytes;
    if (command.opcode == Opcode::load)
      result.loadedBytes += bytes;
    if (command.opcode == Opcode::store)
      result.storedBytes += bytes;
  }
  result.cycles = timeline.finish();
  double seconds =
      double(result.cycles) / (1e3 * double(machine.clockKilohertz));
  result.femtojoules += seconds * double(machine.idleMicrowatts) * 1e9;
  return result;
}
