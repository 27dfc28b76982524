/*===- team.h - the threads of a pool, and how they wait for each other ---===*\
|*
|* Threads tell each other how far they are by numbers that only rise, each in a
|* line of memory that only one thread writes. Who waits for a number spins for
|* a while and then sleeps on a condition variable in the writer's room. A
|* sleeper announces itself before it looks at the number for the last time, and
|* a writer looks for sleepers after it has changed it; with sequentially
|* consistent atomics one of the two must see the other, so no wake-up is lost
|* and the fast path takes no lock.
|*
|* Numbers wrap around: of two that are compared, one is less than 2^31 ahead.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_SRC_TEAM_H
#define EDGE_SRC_TEAM_H

#include "edge/section.h"
#include "thread_pool.h"

#include <pthread.h>
#include <stdatomic.h>

/* Counters of different writers lie on lines of their own; 128 bytes because
   x86 and Apple's cores fetch lines in pairs. */
#define CACHE_LINE_BYTES 128

/* Where threads sleep. Its first line is written by sleepers alone. */
typedef struct {
  _Alignas(CACHE_LINE_BYTES) atomic_uint sleepers;
  pthread_mutex_t mutex;
  pthread_cond_t changed;
} waiting_room;

/* One thread of a pool; that with index 0 is whoever calls a run. */
typedef struct {
  _Alignas(CACHE_LINE_BYTES) atomic_uint done; /* generation that is over */
  atomic_uint progress;                        /* calls of sections, so far */
  waiting_room room;                           /* for those who wait for both */
  uint32_t index;
  edge_thread_pool *pool;
  pthread_t thread;
} member;

typedef struct {
  int64_t begin, end;
} edge_range;

typedef enum { WORK_LOOP, WORK_SECTION, WORK_ENDS } work_kind;

/* A task over a range. */
typedef struct {
  edge_task task;
  void *args;
  int64_t extent;
} loop_work;

/* A section of a model. */
typedef struct {
  const edge_section *section;
  const edge_context *context;
  const void *const *inputs;
  void *const *outputs;
  void *arena;
  uint64_t handover;
} section_work;

struct edge_thread_pool {
  /* Written by the caller for each run, in one line of 64 bytes: all that a
     worker has to know. */
  _Alignas(CACHE_LINE_BYTES) atomic_uint generation;
  atomic_int caller_cpu;   /* where the last run was called, or -1 */
  uint32_t first_progress; /* all members' when the section begins */
  work_kind kind;
  union {
    loop_work loop;
    section_work section;
  } work;

  waiting_room idle; /* workers without a run */

  uint32_t thread_count;
  uint32_t spin_nanoseconds;
  member members[]; /* thread_count */
};

/** Returns once *number has reached `value`. A thread that finds itself on
 *  `other_cpu` (may be NULL), where the one runs that it waits for, leaves that
 *  CPU, or sleeps if it may run on no other. */
void edge_wait_for(const atomic_uint *number, unsigned value,
                   waiting_room *room, uint32_t spin_nanoseconds,
                   const atomic_int *other_cpu);

/** Sets *number, for which others may wait in `room`. */
void edge_post(atomic_uint *number, unsigned value, waiting_room *room);

/** The CPU that this thread runs on, or -1. */
int edge_current_cpu(void);

/** Begins a run whose kind and work are set, on all workers. Returns its
 *  generation. */
unsigned edge_pool_begin(edge_thread_pool *pool);

/** Range `index` of `count` of [0, extent). Lengths differ by one at most; the
 *  last range is not shorter than others. */
edge_range edge_range_of(int64_t extent, uint32_t index, uint32_t count);

/** Does `self`'s part of the section that the pool runs. */
void edge_section_take_part(member *self);

#endif /* EDGE_SRC_TEAM_H */
