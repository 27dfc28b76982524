//===- Timeline.cpp - the machine's clockwork -----------------------------===//
//
// Three kinds of events: the first entry of a queue begins, a transfer gets the
// bus, a signal is given. The earliest of all happens next.
//
//===----------------------------------------------------------------------===//
#include "targets/npu/Timeline.h"

using namespace edgec;
using namespace edgec::npu;

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

Timeline::Event Timeline::nextEvent() const {
  Event next;
  auto consider = [&](Kind kind, size_t queue, int64_t time) {
    if (next.kind == Kind::none || time < next.time)
      next = {kind, queue, time};
  };
  for (size_t index = 0; index < queues.size(); ++index) {
    const Queue &queue = queues[index];
    if (!queue.signals.empty())
      consider(Kind::signal, index, queue.signals.front().time);
    int64_t head = headTime(queue);
    if (head >= 0)
      consider(Kind::head, index, head);
    if (!queue.transfer)
      continue;
    int64_t time = std::max(queue.ready, bus);
    // The bus goes to whoever was ready first.
    if (next.kind == Kind::transfer && time == next.time &&
        queue.ready < queues[next.queue].ready)
      next.queue = index;
    consider(Kind::transfer, index, time);
  }
  return next;
}

void Timeline::happen(const Event &event) {
  Queue &queue = queues[event.queue];
  now = std::max(now, event.time);
  if (event.kind == Kind::head) {
    leave(queue, event.time);
  } else if (event.kind == Kind::transfer) {
    queue.free = event.time;
    queue.done = bus = event.time + busyCycles(*queue.transfer, machine);
    note(*queue.transfer, event.time, bus);
    queue.transfer = nullptr;
  } else {
    Signal signal = queue.signals.front();
    queue.signals.pop_front();
    ++counts[signal.semaphore];
    lastSignal[signal.semaphore] = signal.time;
  }
}

void Timeline::dispatch(const Command &command) {
  int64_t time = dispatched + machine.dispatchCycles;
  Queue &queue = queues[size_t(command.unit)];
  while (!hasRoom(command.unit)) {
    Event event = nextEvent();
    if (event.kind == Kind::none)
      break;
    happen(event);
    time = std::max(time, now);
  }
  queue.entries.push_back({&command, time});
  dispatched = time;
}

void Timeline::catchUp() {
  for (Event event = nextEvent();
       event.kind != Kind::none &&
       event.time <= dispatched + machine.dispatchCycles;
       event = nextEvent())
    happen(event);
}

bool Timeline::passTime() {
  Event event = nextEvent();
  if (event.kind == Kind::none)
    return false;
  happen(event);
  dispatched = std::max(dispatched, now - machine.dispatchCycles);
  return true;
}

int64_t Timeline::finish() {
  for (Event event = nextEvent(); event.kind != Kind::none; event = nextEvent())
    happen(event);
  int64_t end = dispatched + machine.dispatchCycles;
  for (const Queue &queue : queues)
    end = std::max(end, queue.done);
  return end;
}
