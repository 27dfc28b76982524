/*===- timing.h - when each command runs ----------------------------------===*\
|*
|* A discrete-event simulation beside the execution. Commands are handed over in
|* the order of the stream, each with the time it occupies its unit; the queues,
|* semaphores and the memory bus then decide when it runs. Events are taken in
|* the order of their times, so the two DMA units share the bus as they reach
|* it, not as they stand in the stream. The state has a fixed size.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_NPU_TIMING_H
#define EDGE_NPU_TIMING_H

#include "state.h"

enum { NPU_QUEUE = 64 }; /* most that queueDepth can be */

/** A command in a queue. */
typedef struct npu_entry {
  uint32_t command, offset, note;
  uint8_t opcode;
  uint32_t semaphore, value;
  uint64_t dispatch, cycles, bank_cycles;
} npu_entry;

/** A signal that has left the queue and comes when the unit is done. */
typedef struct npu_pending_signal {
  uint32_t semaphore;
  uint64_t time;
} npu_pending_signal;

typedef struct npu_unit {
  npu_entry queue[NPU_QUEUE]; /* a ring */
  uint32_t first, count;
  npu_pending_signal signals[NPU_QUEUE]; /* a ring, times ascend */
  uint32_t first_signal, signal_count;
  uint64_t free;    /* the next command may start */
  uint64_t done;    /* all commands so far are done */
  uint64_t counted; /* up to here, every cycle has its cause */
  int has_transfer; /* DMA: issued, its data do not flow yet */
  npu_entry transfer;
  uint64_t issued, ready; /* of it */
} npu_unit;

typedef struct npu_timing {
  const npu_machine *machine;
  npu_unit units[NPU_UNITS_COUNT];
  uint32_t semaphores[256]; /* signals that have come */
  uint64_t last_signal[256];
  uint64_t now, dispatched, bus_free;
  edge_npu_statistics *statistics;
  const edge_npu_observer *observer; /* NULL: none */
} npu_timing;

void npu_timing_begin(npu_timing *timing, const npu_machine *machine,
                      const edge_npu_observer *observer,
                      edge_npu_statistics *statistics);

/** Hands over the next command of the stream; `work` says how long it occupies
 *  its unit. */
void npu_timing_dispatch(npu_timing *timing, const npu_command *command,
                         const npu_work *work);

/** Runs until nothing is left and completes the statistics. */
void npu_timing_end(npu_timing *timing);

#endif /* EDGE_NPU_TIMING_H */
