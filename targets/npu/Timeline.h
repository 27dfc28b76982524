//===- Timeline.h - the machine's clockwork --------------------*- C++ -*-===//
//
// The timing rules of docs/npu.md: a dispatcher that hands commands to the
// queues of four units, semaphores between them, one bus for loads and stores.
// The cost model runs a whole stream through it; the order of dispatch is
// chosen by it as well.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_NPU_TIMELINE_H
#define EDGEC_TARGETS_NPU_TIMELINE_H

#include "targets/npu/Estimate.h"
#include <deque>

namespace edgec::npu {

/// Dispatches commands and lets their events happen in the order of their
/// times. The commands must outlive it.
class Timeline {
public:
  /// Writes when commands run to `intervals`, unless it is null, by their
  /// places behind `first`.
  explicit Timeline(const NpuMachine &machine, const Command *first = nullptr,
                    std::vector<Interval> *intervals = nullptr)
      : machine(machine), first(first), intervals(intervals) {}

  /// Hands over the next command, when its unit's queue has room.
  void dispatch(const Command &command);
  /// Lets all events happen up to the time when the next command could be
  /// dispatched.
  void catchUp();
  /// Lets one more event happen, and time pass up to it; false if there is
  /// none.
  bool passTime();
  bool hasRoom(Unit unit) const {
    return int64_t(queues[size_t(unit)].entries.size()) < machine.queueDepth;
  }
  /// The cycle in which all is done.
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
  enum class Kind : uint8_t { none, head, transfer, signal };
  struct Event {
    Kind kind = Kind::none;
    size_t queue = 0;
    int64_t time = 0;
  };

  /// When the first entry can leave the queue; -1: not yet known.
  int64_t headTime(const Queue &queue) const;
  Event nextEvent() const;
  void happen(const Event &event);
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

} // namespace edgec::npu

#endif // EDGEC_TARGETS_NPU_TIMELINE_H
