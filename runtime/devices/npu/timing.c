/*===- timing.c - when each command runs ----------------------------------===*\
|*
|* At each step the earliest of all possible events happens:
|*
|*   head      the first command of a queue begins, or a wait ends
|*   transfer  an issued load or store gets the bus
|*   signal    a unit has done what stands before a signal
|*
|* The checks guarantee that every wait is for signals before it in the stream,
|* so that an event is always possible while a queue is not empty.
|*
\*===----------------------------------------------------------------------===*/

#include "timing.h"
#include <string.h>

static uint64_t max64(uint64_t a, uint64_t b) { return a > b ? a : b; }

/*===-- accounting --------------------------------------------------------===*/

/* Books the cycles of [.., end) that are not booked yet on `counter`. */
static void count_until(npu_unit *unit, uint64_t end, uint64_t *counter) {
  if (end <= unit->counted)
    return;
  *counter += end - unit->counted;
  unit->counted = end;
}

static uint64_t *stall(npu_timing *timing, uint32_t unit, uint32_t cause) {
  return &timing->statistics->units[unit].stall_cycles[cause];
}

static void emit_record(const npu_timing *timing, uint32_t unit,
                        const npu_entry *entry, uint64_t begin, uint64_t end) {
  if (!timing->observer || !timing->observer->record)
    return;
  const edge_npu_record record = {.command = entry->command,
                                  .offset = entry->offset,
                                  .note = entry->note,
                                  .opcode = entry->opcode,
                                  .unit = (uint8_t)unit,
                                  .dispatch_cycle = entry->dispatch,
                                  .begin_cycle = begin,
                                  .end_cycle = end};
  timing->observer->record(timing->observer->user, &record);
}

/*===-- events ------------------------------------------------------------===*/

enum { NEVER_HAPPENS, HEAD, TRANSFER, SIGNAL };

typedef struct npu_event {
  int kind;
  uint32_t unit;
  uint64_t time;
} npu_event;

static int is_dma(uint32_t unit) {
  return unit == NPU_UNIT_LOAD || unit == NPU_UNIT_STORE;
}

static npu_entry *head_of(npu_unit *unit) { return &unit->queue[unit->first]; }

/* When the first command of the queue can leave it. */
static npu_event head_event(npu_timing *timing, uint32_t index) {
  npu_unit *unit = &timing->units[index];
  npu_event event = {NEVER_HAPPENS, index, 0};
  if (unit->count == 0 || unit->has_transfer)
    return event;
  const npu_entry *entry = head_of(unit);
  event.time = max64(unit->free, entry->dispatch);
  if (entry->opcode == NPU_OPCODE_WAIT) {
    if (timing->semaphores[entry->semaphore] < entry->value)
      return event;
    event.time = max64(event.time, timing->last_signal[entry->semaphore]);
  }
  if (entry->opcode == NPU_OPCODE_SIGNAL && unit->signal_count == NPU_QUEUE)
    return event;
  event.kind = HEAD;
  return event;
}

static npu_event next_event(npu_timing *timing) {
  npu_event best = {NEVER_HAPPENS, 0, UINT64_MAX};
  for (uint32_t i = 0; i < NPU_UNITS_COUNT; i++) {
    npu_unit *unit = &timing->units[i];
    if (unit->signal_count &&
        unit->signals[unit->first_signal].time < best.time)
      best = (npu_event){SIGNAL, i, unit->signals[unit->first_signal].time};
    const npu_event head = head_event(timing, i);
    if (head.kind != NEVER_HAPPENS && head.time < best.time)
      best = head;
    if (!unit->has_transfer)
      continue;
    const uint64_t time = max64(unit->ready, timing->bus_free);
    /* The bus goes to whoever was ready first. */
    if (time < best.time || (time == best.time && best.kind == TRANSFER &&
                             unit->ready < timing->units[best.unit].ready))
      best = (npu_event){TRANSFER, i, time};
  }
  return best;
}

static void pop(npu_unit *unit) {
  unit->first = (unit->first + 1) % NPU_QUEUE;
  unit->count--;
}

static void issue_transfer(npu_timing *timing, uint32_t index, uint64_t time) {
  npu_unit *unit = &timing->units[index];
  unit->transfer = *head_of(unit);
  unit->has_transfer = 1;
  unit->issued = time;
  unit->ready = time + timing->machine->dmaLatencyCycles;
  count_until(unit, unit->transfer.dispatch,
              stall(timing, index, EDGE_NPU_STALL_QUEUE));
}

static void begin_transfer(npu_timing *timing, uint32_t index, uint64_t time) {
  npu_unit *unit = &timing->units[index];
  edge_npu_unit_statistics *statistics = &timing->statistics->units[index];
  const uint64_t end = time + unit->transfer.cycles;
  count_until(unit, unit->ready, stall(timing, index, EDGE_NPU_STALL_LATENCY));
  count_until(unit, time, stall(timing, index, EDGE_NPU_STALL_BUS));
  count_until(unit, end, &statistics->busy_cycles);
  statistics->commands++;
  timing->bus_free = end;
  unit->free = time;
  unit->done = end;
  unit->has_transfer = 0;
  emit_record(timing, index, &unit->transfer, time, end);
}

static void leave_queue(npu_timing *timing, uint32_t index, uint64_t time) {
  npu_unit *unit = &timing->units[index];
  const npu_entry *entry = head_of(unit);
  edge_npu_unit_statistics *statistics = &timing->statistics->units[index];
  if (is_dma(index) && entry->opcode != NPU_OPCODE_WAIT &&
      entry->opcode != NPU_OPCODE_SIGNAL) {
    issue_transfer(timing, index, time);
    pop(unit);
    return;
  }
  count_until(unit, entry->dispatch,
              stall(timing, index, EDGE_NPU_STALL_QUEUE));
  if (entry->opcode == NPU_OPCODE_WAIT) {
    count_until(unit, time, stall(timing, index, EDGE_NPU_STALL_DEPENDENCY));
    emit_record(timing, index, entry, max64(unit->free, entry->dispatch), time);
    unit->free = time;
    unit->done = max64(unit->done, time);
  } else if (entry->opcode == NPU_OPCODE_SIGNAL) {
    const uint32_t at = (unit->first_signal + unit->signal_count) % NPU_QUEUE;
    const uint64_t done = max64(unit->done, time);
    unit->signals[at] = (npu_pending_signal){entry->semaphore, done};
    unit->signal_count++;
    emit_record(timing, index, entry, done, done);
  } else {
    const uint64_t end = time + entry->cycles;
    count_until(unit, end - entry->bank_cycles, &statistics->busy_cycles);
    count_until(unit, end, stall(timing, index, EDGE_NPU_STALL_BANK));
    statistics->commands++;
    unit->free = end;
    unit->done = end;
    emit_record(timing, index, entry, time, end);
  }
  pop(unit);
}

static void fire_signal(npu_timing *timing, uint32_t index) {
  npu_unit *unit = &timing->units[index];
  const npu_pending_signal *signal = &unit->signals[unit->first_signal];
  timing->semaphores[signal->semaphore]++;
  timing->last_signal[signal->semaphore] = signal->time;
  unit->first_signal = (unit->first_signal + 1) % NPU_QUEUE;
  unit->signal_count--;
}

/* Lets the earliest event happen; false if there is none. */
static int step(npu_timing *timing) {
  const npu_event event = next_event(timing);
  if (event.kind == NEVER_HAPPENS)
    return 0;
  timing->now = max64(timing->now, event.time);
  if (event.kind == HEAD)
    leave_queue(timing, event.unit, event.time);
  else if (event.kind == TRANSFER)
    begin_transfer(timing, event.unit, event.time);
  else
    fire_signal(timing, event.unit);
  return 1;
}

/*===-- the stream --------------------------------------------------------===*/

void npu_timing_begin(npu_timing *timing, const npu_machine *machine,
                      const edge_npu_observer *observer,
                      edge_npu_statistics *statistics) {
  memset(timing, 0, sizeof(*timing));
  timing->machine = machine;
  timing->observer = observer;
  timing->statistics = statistics;
}

void npu_timing_dispatch(npu_timing *timing, const npu_command *command,
                         const npu_work *work) {
  uint64_t time = timing->dispatched + timing->machine->dispatchCycles;
  if (command->unit < NPU_UNITS_COUNT) {
    npu_unit *unit = &timing->units[command->unit];
    int was_full = 0;
    while (unit->count >= timing->machine->queueDepth && step(timing))
      was_full = 1;
    if (was_full)
      time = max64(time, timing->now);
    npu_entry *entry = &unit->queue[(unit->first + unit->count) % NPU_QUEUE];
    *entry = (npu_entry){.command = command->index,
                         .offset = command->offset,
                         .note = command->note,
                         .opcode = command->opcode,
                         .dispatch = time,
                         .cycles = work->cycles,
                         .bank_cycles = work->bank_cycles};
    if (command->opcode == NPU_OPCODE_WAIT) {
      entry->semaphore = command->fields.wait.semaphore;
      entry->value = command->fields.wait.value;
    } else if (command->opcode == NPU_OPCODE_SIGNAL) {
      entry->semaphore = command->fields.signal.semaphore;
    }
    unit->count++;
  } else if (command->opcode == NPU_OPCODE_NOTE) {
    return; /* takes no time */
  }
  timing->dispatched = time;
}

void npu_timing_end(npu_timing *timing) {
  while (step(timing))
    ;
  uint64_t end = timing->dispatched;
  for (uint32_t i = 0; i < NPU_UNITS_COUNT; i++)
    end = max64(end, timing->units[i].done);
  timing->statistics->cycles = end;
  for (uint32_t i = 0; i < NPU_UNITS_COUNT; i++)
    count_until(&timing->units[i], end,
                &timing->statistics->units[i].idle_cycles);
}
