/*===- handover.c - what it costs to share work among threads -------------===*/

#define _GNU_SOURCE
#include "session.h"
#include "team.h"

/* Long enough to find the workers awake, short for who creates a session. */
#define PROBE_RUNS 32
#define PROBE_NANOSECONDS 1000000u

/* Between the slowest cores that we know. On a busy system no probe may find a
   worker at once; that must not keep kernels on one thread for good. */
#define LONGEST_HANDOVER_NANOSECONDS 1000u

/* What a call leaves to the next. */
typedef struct {
  _Alignas(CACHE_LINE_BYTES) volatile int64_t value;
} probe_line;

/* Lines of two results, written in turns. */
typedef struct {
  probe_line results[2][2];
} probe_memory;

typedef struct {
  const probe_line *operand;
  probe_line *result;
  int64_t extent;
} probe_args;

static probe_args args_of(probe_memory *memory, uint32_t call, int64_t extent) {
  return (probe_args){memory->results[call % 2], memory->results[1 - call % 2],
                      extent};
}

/* As a kernel does: reads what another thread wrote last, writes for it. */
static void run_probe(void *args, int64_t begin, int64_t end) {
  const probe_args *p = args;
  if (begin == 0)
    p->result[0].value = p->operand[1].value + 1;
  if (end == p->extent)
    p->result[1].value = p->operand[0].value + 1;
}

/* A section of calls of which each depends on the one before. */
#define PROBE_CALLS 8

static void run_calls(const edge_context *context, const void *const *inputs,
                      void *const *outputs, void *arena, edge_team *team) {
  (void)context, (void)inputs, (void)outputs;
  for (uint32_t i = 0; team && i < PROBE_CALLS; i++) {
    probe_args args = args_of(arena, i, 2);
    team->call(team, i, run_probe, &args);
  }
}

/* One loop, or a section, over all threads. */
static void run_once(edge_thread_pool *pool, const edge_section *section,
                     probe_memory *memory, uint32_t run) {
  probe_args args = args_of(memory, run, pool->thread_count);
  if (section)
    edge_thread_pool_run_section(pool, section, NULL, NULL, NULL, memory, 0);
  else
    edge_thread_pool_run(pool, run_probe, &args, pool->thread_count);
}

/* The least time of a run, divided by its number of calls. */
static uint32_t measure(edge_thread_pool *pool, const edge_section *section,
                        uint32_t calls) {
  if (pool->thread_count == 1)
    return 0;
  probe_memory memory = {{{{0}}}};
  uint64_t least = LONGEST_HANDOVER_NANOSECONDS;
  /* The first run waits for the threads to start. */
  run_once(pool, section, &memory, 0);
  const uint64_t start = edge_now_nanoseconds();
  uint64_t before = start;
  for (uint32_t i = 1; i < PROBE_RUNS && before - start < PROBE_NANOSECONDS;
       i++) {
    run_once(pool, section, &memory, i);
    const uint64_t now = edge_now_nanoseconds();
    const uint64_t time = (now - before) / calls;
    if (time < least)
      least = time ? time : 1;
    before = now;
  }
  return (uint32_t)least;
}

uint32_t edge_thread_pool_handover(edge_thread_pool *pool) {
  return measure(pool, NULL, 1);
}

uint32_t edge_thread_pool_section_handover(edge_thread_pool *pool) {
  edge_section_call calls[PROBE_CALLS];
  edge_dependency dependencies[PROBE_CALLS];
  for (uint32_t i = 0; i < PROBE_CALLS; i++) {
    calls[i] = (edge_section_call){2, 1, 1, 1, i, i > 0, 0};
    dependencies[i] = (edge_dependency){i - 1, 0};
  }
  const edge_section section = {run_calls,   calls, dependencies,
                                PROBE_CALLS, 0,     1};
  return measure(pool, &section, PROBE_CALLS);
}
