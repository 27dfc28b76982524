/*===- thread_pool.c - spinning, then sleeping workers --------------------===*\
|*
|* A run is published by raising `generation`, and finished when every worker
|* has written that number to its `done`:
|*
|*     caller   task, args := ...; generation += 1
|*     worker   sees a new generation; runs its range; done := generation
|*     caller   runs its own range; waits for each done == generation
|*
|* What takes time here are lines that cross from core to core, one after the
|* other: that with the generation and the task, that with the arguments, that
|* with a worker's `done`. So the first holds all that a worker has to know, and
|* nobody writes to a line that is not his own.
|*
|* Either side waits by spinning for a while and then sleeping on a condition
|* variable. A sleeper announces itself before it looks at the number for the
|* last time, and a signaller looks for sleepers after it has changed it; with
|* sequentially consistent atomics one of the two must see the other, so no
|* wake-up is lost and the fast path takes no lock.
|*
\*===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include "thread_pool.h"
#include "message.h"
#include "waiting.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Longest time that a thread spins before it sleeps. Covers the gap between two
   kernels of a run, serial ones included, but not an idle program. */
#define SPIN_NANOSECONDS 200000u

/* After this time of spinning, a thread offers its CPU between two looks: on a
   busy system the one it waits for may be queued for that very CPU. A worker
   that finds itself on the caller's CPU sleeps at once: the system leaves two
   threads that hand over to each other where they are, taking turns, but places
   one that it wakes on a CPU that is free. */
#define YIELD_NANOSECONDS 10000u

/* Counters of different writers lie on lines of their own; 128 bytes because
   x86 and Apple's cores fetch lines in pairs. */
#define CACHE_LINE_BYTES 128

/* Where threads sleep. Its line is written by sleepers alone. */
typedef struct {
  _Alignas(CACHE_LINE_BYTES) atomic_uint sleepers;
  pthread_mutex_t mutex;
  pthread_cond_t changed;
} waiting_room;

typedef struct {
  _Alignas(CACHE_LINE_BYTES) atomic_uint done; /* written by the worker */
  uint32_t index;
  edge_thread_pool *pool;
  pthread_t thread;
} worker;

struct edge_thread_pool {
  /* Written by the caller for each run, in one line. */
  _Alignas(CACHE_LINE_BYTES) atomic_uint generation;
  int stop;
  edge_task task;
  void *args;
  int64_t extent;
  atomic_int caller_cpu; /* where the last run was called, or -1 */

  waiting_room idle;    /* workers without a run */
  waiting_room waiting; /* the caller, for its workers */

  uint32_t thread_count;
  uint32_t spin_nanoseconds;
  worker workers[]; /* thread_count - 1 */
};

/*===----------------------------------------------------------------------===*\
 * Waiting
\*===----------------------------------------------------------------------===*/

static void pause_cpu(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
  __asm__ volatile("yield");
#elif defined(__riscv)
  __asm__ volatile(".insn i 0x0f, 0, x0, x0, 0x010"); /* pause, a hint */
#endif
}

static uint64_t now_nanoseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static int room_init(waiting_room *room) {
  atomic_init(&room->sleepers, 0);
  if (pthread_mutex_init(&room->mutex, NULL) != 0)
    return 0;
  if (pthread_cond_init(&room->changed, NULL) == 0)
    return 1;
  pthread_mutex_destroy(&room->mutex);
  return 0;
}

static void room_destroy(waiting_room *room) {
  pthread_cond_destroy(&room->changed);
  pthread_mutex_destroy(&room->mutex);
}

/* Wakes those who sleep in `room`, after the number that they wait for has
   changed. */
static void room_wake(waiting_room *room) {
  if (atomic_load(&room->sleepers) == 0)
    return;
  pthread_mutex_lock(&room->mutex);
  pthread_cond_broadcast(&room->changed);
  pthread_mutex_unlock(&room->mutex);
}

static int reached(const atomic_uint *number, unsigned value, int equal) {
  return (atomic_load(number) == value) == equal;
}

/* The CPU that this thread runs on, or -1. */
static int current_cpu(void) {
#ifdef __linux__
  return sched_getcpu();
#else
  return -1;
#endif
}

/* Returns once *number == value (`equal` = 1) or != value (`equal` = 0). Spins
   no longer than it takes to see that it keeps `other_cpu` (may be NULL) from
   the thread that it waits for. */
static void wait_for(const atomic_uint *number, unsigned value, int equal,
                     waiting_room *room, uint32_t spin_nanoseconds,
                     const atomic_int *other_cpu) {
  if (reached(number, value, equal))
    return;
  if (spin_nanoseconds) {
    const uint64_t start = now_nanoseconds();
    uint64_t elapsed = 0;
    do {
      for (int i = 0; i < 64; i++) {
        pause_cpu();
        if (reached(number, value, equal))
          return;
      }
      elapsed = now_nanoseconds() - start;
      if (elapsed > YIELD_NANOSECONDS) {
        if (other_cpu && current_cpu() >= 0 &&
            current_cpu() ==
                atomic_load_explicit(other_cpu, memory_order_relaxed))
          break;
        sched_yield();
      }
    } while (elapsed < spin_nanoseconds);
  }
  pthread_mutex_lock(&room->mutex);
  atomic_fetch_add(&room->sleepers, 1);
  while (!reached(number, value, equal))
    pthread_cond_wait(&room->changed, &room->mutex);
  atomic_fetch_sub(&room->sleepers, 1);
  pthread_mutex_unlock(&room->mutex);
}

/*===----------------------------------------------------------------------===*\
 * Workers
\*===----------------------------------------------------------------------===*/

/* Runs range `index` of the pool's loop. The first `extent % count` ranges are
   one longer than the rest. */
static void run_range(const edge_thread_pool *pool, uint32_t index) {
  const int64_t count = pool->thread_count;
  const int64_t length = pool->extent / count;
  const int64_t longer = pool->extent % count;
  const int64_t begin = index * length + (index < longer ? index : longer);
  const int64_t end = begin + length + (index < longer);
  if (begin < end)
    pool->task(pool->args, begin, end);
}

static void *work(void *argument) {
  worker *self = argument;
  edge_thread_pool *pool = self->pool;
  for (unsigned generation = 0;;) {
    wait_for(&pool->generation, generation, 0, &pool->idle,
             pool->spin_nanoseconds, &pool->caller_cpu);
    generation++;
    if (pool->stop)
      return NULL;
    run_range(pool, self->index);
    atomic_store(&self->done, generation);
    room_wake(&pool->waiting);
  }
}

static void stop_workers(edge_thread_pool *pool, uint32_t count) {
  pool->stop = 1;
  atomic_fetch_add(&pool->generation, 1);
  room_wake(&pool->idle);
  for (uint32_t i = 0; i < count; i++)
    pthread_join(pool->workers[i].thread, NULL);
}

/*===----------------------------------------------------------------------===*\
 * Pools
\*===----------------------------------------------------------------------===*/

uint32_t edge_cpu_count(void) {
  int count = 0;
#ifdef __linux__
  cpu_set_t cpus;
  if (sched_getaffinity(0, sizeof(cpus), &cpus) == 0)
    count = CPU_COUNT(&cpus);
#endif
  if (count < 1)
    return 1;
  return count > EDGE_MAX_THREADS ? EDGE_MAX_THREADS : (uint32_t)count;
}

static int bind_thread(pthread_t thread, const uint32_t *cpus, uint32_t count) {
#ifdef __linux__
  cpu_set_t set;
  CPU_ZERO(&set);
  for (uint32_t i = 0; i < count; i++) {
    if (cpus[i] >= CPU_SETSIZE)
      return 0;
    CPU_SET(cpus[i], &set);
  }
  return pthread_setaffinity_np(thread, sizeof(set), &set) == 0;
#else
  (void)thread, (void)cpus, (void)count;
  return 0;
#endif
}

int edge_bind_this_thread(const uint32_t *cpus, uint32_t count) {
  return bind_thread(pthread_self(), cpus, count);
}

int edge_thread_pool_bind(edge_thread_pool *pool, const uint32_t *cpus,
                          uint32_t count) {
  for (uint32_t i = 0; i < pool->thread_count - 1; i++)
    if (!bind_thread(pool->workers[i].thread, cpus, count))
      return 0;
  return 1;
}

/* Allocates a pool without threads. */
static edge_thread_pool *allocate_pool(uint32_t thread_count) {
  const size_t bytes =
      sizeof(edge_thread_pool) + (thread_count - 1) * sizeof(worker);
  void *memory;
  if (posix_memalign(&memory, CACHE_LINE_BYTES, bytes) != 0)
    return NULL;
  memset(memory, 0, bytes);
  edge_thread_pool *pool = memory;
  pool->thread_count = thread_count;
  /* With fewer CPUs than threads, a spinning thread keeps a working one out. */
  atomic_init(&pool->caller_cpu, -1);
  pool->spin_nanoseconds =
      thread_count > edge_cpu_count() ? 0 : SPIN_NANOSECONDS;
  atomic_init(&pool->generation, 0);
  for (uint32_t i = 0; i < thread_count - 1; i++)
    atomic_init(&pool->workers[i].done, 0);
  if (!room_init(&pool->idle)) {
    free(pool);
    return NULL;
  }
  if (!room_init(&pool->waiting)) {
    room_destroy(&pool->idle);
    free(pool);
    return NULL;
  }
  return pool;
}

static void free_pool(edge_thread_pool *pool) {
  room_destroy(&pool->idle);
  room_destroy(&pool->waiting);
  free(pool);
}

edge_status edge_thread_pool_create(uint32_t thread_count,
                                    edge_thread_pool **result,
                                    edge_message *message) {
  *result = NULL;
  edge_thread_pool *pool = allocate_pool(thread_count);
  if (!pool)
    return edge_fail(message, EDGE_ERROR_OUT_OF_MEMORY,
                     "no memory for %u threads; use fewer", thread_count);
  for (uint32_t i = 0; i < thread_count - 1; i++) {
    worker *w = &pool->workers[i];
    w->pool = pool;
    w->index = i + 1; /* the caller is thread 0 */
    if (edge_start_thread(&w->thread, work, w))
      continue;
    stop_workers(pool, i);
    free_pool(pool);
    return edge_fail(message, EDGE_ERROR_THREAD,
                     "the system refused to start thread %u of %u; use fewer "
                     "threads",
                     i + 2, thread_count);
  }
  *result = pool;
  return EDGE_OK;
}

void edge_thread_pool_destroy(edge_thread_pool *pool) {
  if (!pool)
    return;
  stop_workers(pool, pool->thread_count - 1);
  free_pool(pool);
}

uint32_t edge_thread_pool_threads(const edge_thread_pool *pool) {
  return pool->thread_count;
}

void edge_thread_pool_run(edge_thread_pool *pool, edge_task task, void *args,
                          int64_t extent) {
  if (extent <= 0)
    return;
  /* One iteration or one thread: there is nothing to share. */
  if (extent == 1 || pool->thread_count == 1) {
    task(args, 0, extent);
    return;
  }
  pool->task = task;
  pool->args = args;
  pool->extent = extent;
  atomic_store_explicit(&pool->caller_cpu, current_cpu(), memory_order_relaxed);
  const unsigned generation = atomic_fetch_add(&pool->generation, 1) + 1;
  room_wake(&pool->idle);
  run_range(pool, 0);
  for (uint32_t i = 0; i < pool->thread_count - 1; i++)
    wait_for(&pool->workers[i].done, generation, 1, &pool->waiting,
             pool->spin_nanoseconds, NULL);
}

/*===----------------------------------------------------------------------===*\
 * What a run costs
\*===----------------------------------------------------------------------===*/

/* Long enough to find the workers awake, short for who creates a session. */
#define PROBE_RUNS 64
#define PROBE_NANOSECONDS 1000000u

/* Between the slowest cores that we know. On a busy system no probe may find a
   worker at once; that must not keep kernels on one thread for good. */
#define LONGEST_HANDOVER_NANOSECONDS 1000u

/* As a kernel does: an operand of the caller's, a result for the caller. */
typedef struct {
  _Alignas(CACHE_LINE_BYTES) int64_t operand;
  int64_t extent;
  _Alignas(CACHE_LINE_BYTES) volatile int64_t result;
} probe;

static void run_probe(void *args, int64_t begin, int64_t end) {
  probe *p = args;
  (void)begin;
  if (end == p->extent)
    p->result = p->operand + end;
}

uint32_t edge_thread_pool_handover(edge_thread_pool *pool) {
  if (pool->thread_count == 1)
    return 0;
  probe p = {.operand = 0, .extent = pool->thread_count, .result = 0};
  uint64_t least = LONGEST_HANDOVER_NANOSECONDS;
  /* The first run waits for the threads to start. */
  edge_thread_pool_run(pool, run_probe, &p, pool->thread_count);
  const uint64_t start = now_nanoseconds();
  uint64_t before = start;
  for (int i = 0; i < PROBE_RUNS && before - start < PROBE_NANOSECONDS; i++) {
    p.operand = p.result + i;
    edge_thread_pool_run(pool, run_probe, &p, pool->thread_count);
    const uint64_t now = now_nanoseconds();
    if (now - before < least)
      least = now - before;
    before = now;
  }
  return (uint32_t)least;
}
