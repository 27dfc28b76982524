/*===- npu_simulator.h - an NPU in software -------------------------------===*\
|*
|* Executes command streams of the NPU bit for bit and tells how many cycles the
|* hardware would take. Written from docs/npu.md alone; it shares with the
|* compiler only the generated numbers of the specification. A stream is checked
|* from end to end before its first command runs, and nothing outside of the
|* given buffers is ever read or written, whatever the stream says.
|*
|*     edge_npu_simulator *npu;
|*     edge_npu_error error;
|*     if (edge_npu_create(parameters, count, NULL, &npu, &error) ||
|*         edge_npu_run(npu, stream, bytes, buffers, 4, NULL, &statistics,
|*                      &error))
|*       fprintf(stderr, "command %u: %s\n", error.command, error.text);
|*     edge_npu_destroy(npu);
|*
|* C11 and the C library only. No global state; one simulator serves one thread
|* at a time, several simulators are independent of each other.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_NPU_SIMULATOR_H
#define EDGE_NPU_SIMULATOR_H

#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Result of a call. */
enum {
  EDGE_NPU_OK = 0,
  EDGE_NPU_ERROR_ARGUMENT = -1,  /* the caller broke a rule stated here */
  EDGE_NPU_ERROR_MEMORY = -2,    /* malloc failed */
  EDGE_NPU_ERROR_REJECTED = -3,  /* the stream breaks a rule of the format */
  EDGE_NPU_ERROR_FAULT = -4,     /* coded weights are damaged */
  EDGE_NPU_ERROR_RACE = -5,      /* two units use memory at the same time */
  EDGE_NPU_ERROR_TIMEOUT = -6,   /* more cycles than edge_npu_options allow */
  EDGE_NPU_ERROR_CANCELLED = -7, /* the observer said so */
};

/** Why a call failed. The caller owns it. */
typedef struct edge_npu_error {
  int32_t status;   /* as returned */
  uint32_t command; /* number of the failing command, 0 the first;
                       UINT32_MAX: none, the stream as a whole */
  uint32_t offset;  /* its byte offset in the stream */
  uint32_t note;    /* value of the last note before it, UINT32_MAX: none */
  char rule[4];     /* the broken rule of docs/npu.md, such as "T4"; or "" */
  char text[204];   /* one line for people, terminated by NUL */
} edge_npu_error;

/** How a simulator is to behave; zeros are the defaults. */
typedef struct edge_npu_options {
  /** Not 0: report unsynchronised accesses of two units to the same memory, and
   *  reads of on-chip memory that nothing has written (EDGE_NPU_ERROR_RACE). */
  uint32_t check_races;
  /** Most commands of a stream if races are checked; 0: 1 million. */
  uint32_t max_commands;
  /** Most cycles that the commands of a run may take together; 0: no limit. */
  uint64_t max_cycles;
} edge_npu_options;

/** How a stream may use a buffer. */
enum { EDGE_NPU_READ = 1, EDGE_NPU_WRITE = 2 };

/** Memory outside of the NPU. It belongs to the caller. */
typedef struct edge_npu_buffer {
  void *data; /* may be NULL if size_bytes is 0 */
  uint64_t size_bytes;
  uint32_t access;   /* EDGE_NPU_READ and/or EDGE_NPU_WRITE */
  uint32_t reserved; /* 0 */
} edge_npu_buffer;

/** Why a unit stood still (index of edge_npu_unit_statistics::stall_cycles). */
enum {
  EDGE_NPU_STALL_DEPENDENCY = 0, /* waited for a semaphore */
  EDGE_NPU_STALL_BUS = 1,        /* the other DMA unit had the bus */
  EDGE_NPU_STALL_LATENCY = 2,    /* waited for the memory's first data */
  EDGE_NPU_STALL_QUEUE = 3,      /* no command had been dispatched to it */
  EDGE_NPU_STALL_BANK = 4,       /* input and weights in one SRAM bank */
  EDGE_NPU_STALLS = 5
};

/** One unit in one run; cycles = busy + all stalls + idle. */
typedef struct edge_npu_unit_statistics {
  uint64_t commands; /* without wait and signal */
  uint64_t busy_cycles;
  uint64_t stall_cycles[EDGE_NPU_STALLS];
  uint64_t idle_cycles; /* after its last command */
} edge_npu_unit_statistics;

/** What a run cost. */
typedef struct edge_npu_statistics {
  uint64_t cycles; /* from the first dispatch to the end of all units */
  uint64_t commands;
  edge_npu_unit_statistics units[4]; /* load, store, mac, vector */
  uint64_t macs;              /* multiplications that skip no zero block */
  uint64_t vector_operations; /* micro-operations times elements */
  uint64_t encoded_weight_bytes, decoded_weight_bytes;
  uint64_t sram_read_bytes, sram_written_bytes;
  uint64_t dram_read_bytes, dram_written_bytes;
  uint64_t mac_femtojoules, vector_femtojoules, sram_femtojoules,
      dram_femtojoules, idle_femtojoules;
} edge_npu_statistics;

/** One command and its time, in cycles from the first dispatch. For load and
 *  store, `begin` is when the data flow; for wait, when the unit came to it. */
typedef struct edge_npu_record {
  uint32_t command, offset; /* number and byte offset in the stream */
  uint32_t note;            /* of the last note before it; UINT32_MAX: none */
  uint8_t opcode, unit;     /* as in the stream */
  uint16_t reserved;
  uint64_t dispatch_cycle, begin_cycle, end_cycle;
} edge_npu_record;

/** Callbacks of a run, each of which may be NULL. They run on the caller's
 *  thread and must not call the simulator. */
typedef struct edge_npu_observer {
  void *user;
  /** Before each command runs; anything but 0 ends the run with
   *  EDGE_NPU_ERROR_CANCELLED, the command not executed. */
  int32_t (*before_command)(void *user, uint32_t command, uint32_t offset);
  /** After each command but note and end, in the order in which their times
   *  become known. */
  void (*record)(void *user, const edge_npu_record *record);
} edge_npu_observer;

typedef struct edge_npu_simulator edge_npu_simulator;

/** Makes an NPU with the machine parameters of the specification, in its order
 *  (edge_device_info::parameters). `options` NULL: all zeros.
 *
 *  *simulator is set to the NPU, which edge_npu_destroy frees, or to NULL.
 *  Returns EDGE_NPU_OK, EDGE_NPU_ERROR_ARGUMENT (a parameter is missing or out
 *  of range) or EDGE_NPU_ERROR_MEMORY; `error` (NULL is allowed) is written
 *  only on failure. The only call that allocates. */
int32_t edge_npu_create(const uint64_t *parameters, uint32_t parameter_count,
                        const edge_npu_options *options,
                        edge_npu_simulator **simulator, edge_npu_error *error);

/** Frees the NPU; NULL is allowed. Not during a run. */
void edge_npu_destroy(edge_npu_simulator *simulator);

/** Checks the stream against the format, the machine and the buffers without
 *  running it. Returns EDGE_NPU_OK or EDGE_NPU_ERROR_REJECTED. Reads only the
 *  stream; the buffers' data may be NULL. */
int32_t edge_npu_check(edge_npu_simulator *simulator, const void *stream,
                       uint64_t stream_bytes, const edge_npu_buffer *buffers,
                       uint32_t buffer_count, edge_npu_error *error);

/** Checks the stream and runs it to its end. `observer`, `statistics` and
 *  `error` may be NULL; `statistics` is written also on failure, up to the
 *  failing command. A rejected stream has touched nothing; after any other
 *  failure the buffers that may be written have undefined contents.
 *
 *  Returns EDGE_NPU_OK, EDGE_NPU_ERROR_REJECTED, _FAULT, _RACE, _TIMEOUT or
 *  _CANCELLED. Does not allocate. */
int32_t edge_npu_run(edge_npu_simulator *simulator, const void *stream,
                     uint64_t stream_bytes, const edge_npu_buffer *buffers,
                     uint32_t buffer_count, const edge_npu_observer *observer,
                     edge_npu_statistics *statistics, edge_npu_error *error);

/** Nanoseconds that `cycles` take on this NPU, the launch not included. */
uint64_t edge_npu_nanoseconds(const edge_npu_simulator *simulator,
                              uint64_t cycles);

/** Sum of the energies of a run, in 10^-15 J. */
uint64_t edge_npu_femtojoules(const edge_npu_statistics *statistics);

/** A trace of runs in the JSON that Perfetto and Chrome read: one row per unit.
 *  edge_npu_trace_begin writes the head to `file`, which stays the caller's;
 *  edge_npu_trace_record is the `record` callback, with the trace as `user`;
 *  edge_npu_trace_end writes the tail. */
typedef struct edge_npu_trace {
  FILE *file;
  double microseconds_per_cycle;
  double start_microseconds; /* of the run on the time line; set it per run */
  uint32_t records;
} edge_npu_trace;
void edge_npu_trace_begin(edge_npu_trace *trace, FILE *file,
                          const edge_npu_simulator *simulator);
void edge_npu_trace_record(void *trace, const edge_npu_record *record);
void edge_npu_trace_end(edge_npu_trace *trace);

#ifdef __cplusplus
}
#endif

#endif /* EDGE_NPU_SIMULATOR_H */
