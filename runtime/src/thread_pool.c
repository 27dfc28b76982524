/*===- thread_pool.c - spinning, then sleeping workers --------------------===*\
|*
|* A run is published by raising `generation`, and finished when every worker
|* has written that number to its `done`:
|*
|*     caller   work := ...; generation += 1
|*     worker   sees a new generation; runs its range; done := generation
|*     caller   runs its own range; waits for each done == generation
|*
|* What takes time here are lines that cross from core to core, one after the
|* other: that with the generation and the work, that with the arguments, that
|* with a worker's `done`. So the first holds all that a worker has to know, and
|* nobody writes to a line that is not his own. section.c needs fewer.
|*
\*===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include "message.h"
#include "team.h"
#include "waiting.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

/* Longest time that a thread spins before it sleeps. Covers the gap between two
   kernels of a run, serial ones included, but not an idle program. */
#define SPIN_NANOSECONDS 200000u

/*===----------------------------------------------------------------------===*\
 * Workers
\*===----------------------------------------------------------------------===*/

/* The first iteration of the thread's range. Of ranges that cannot be equal the
   last one is a longer one: often the last iteration is only part of a tile. */
static int64_t first_of(int64_t extent, uint32_t index, uint32_t count) {
  const int64_t rest = extent % count;
  return extent / count * index + rest * index / count;
}

edge_range edge_range_of(int64_t extent, uint32_t index, uint32_t count) {
  const edge_range range = {first_of(extent, index, count),
                            first_of(extent, index + 1, count)};
  return range;
}

static void run_range(const edge_thread_pool *pool, uint32_t index) {
  const loop_work *loop = &pool->work.loop;
  const edge_range range =
      edge_range_of(loop->extent, index, pool->thread_count);
  if (range.begin < range.end)
    loop->task(loop->args, range.begin, range.end);
}

static void *work(void *argument) {
  member *self = argument;
  edge_thread_pool *pool = self->pool;
  for (unsigned generation = 1;; generation++) {
    edge_wait_for(&pool->generation, generation, &pool->idle,
                  pool->spin_nanoseconds, &pool->caller_cpu);
    if (pool->kind == WORK_ENDS)
      return NULL;
    if (pool->kind == WORK_SECTION) {
      edge_section_take_part(self);
      continue;
    }
    run_range(pool, self->index);
    edge_post(&self->done, generation, &self->room);
  }
}

unsigned edge_pool_begin(edge_thread_pool *pool) {
  atomic_store_explicit(&pool->caller_cpu, edge_current_cpu(),
                        memory_order_relaxed);
  const unsigned generation =
      atomic_load_explicit(&pool->generation, memory_order_relaxed) + 1;
  edge_post(&pool->generation, generation, &pool->idle);
  return generation;
}

/* Ends the threads of members 1 to `count` - 1. */
static void stop_workers(edge_thread_pool *pool, uint32_t count) {
  pool->kind = WORK_ENDS;
  edge_pool_begin(pool);
  for (uint32_t i = 1; i < count; i++)
    pthread_join(pool->members[i].thread, NULL);
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
  for (uint32_t i = 1; i < pool->thread_count; i++)
    if (!bind_thread(pool->members[i].thread, cpus, count))
      return 0;
  return 1;
}

static void make_room(waiting_room *room) {
  const pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  const pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
  room->mutex = mutex;
  room->changed = condition;
}

static void destroy_room(waiting_room *room) {
  pthread_cond_destroy(&room->changed);
  pthread_mutex_destroy(&room->mutex);
}

static void free_pool(edge_thread_pool *pool) {
  destroy_room(&pool->idle);
  for (uint32_t i = 0; i < pool->thread_count; i++)
    destroy_room(&pool->members[i].room);
  free(pool);
}

/* Allocates a pool without threads. */
static edge_thread_pool *allocate_pool(uint32_t thread_count) {
  const size_t bytes = sizeof(edge_thread_pool) + thread_count * sizeof(member);
  void *memory;
  if (posix_memalign(&memory, CACHE_LINE_BYTES, bytes) != 0)
    return NULL;
  memset(memory, 0, bytes);
  edge_thread_pool *pool = memory;
  pool->thread_count = thread_count;
  /* With fewer CPUs than threads, a spinning thread keeps a working one out. */
  pool->spin_nanoseconds =
      thread_count > edge_cpu_count() ? 0 : SPIN_NANOSECONDS;
  atomic_init(&pool->caller_cpu, -1);
  make_room(&pool->idle);
  for (uint32_t i = 0; i < thread_count; i++) {
    member *m = &pool->members[i];
    make_room(&m->room);
    m->index = i;
    m->pool = pool;
  }
  return pool;
}

edge_status edge_thread_pool_create(uint32_t thread_count,
                                    edge_thread_pool **result,
                                    edge_message *message) {
  *result = NULL;
  edge_thread_pool *pool = allocate_pool(thread_count);
  if (!pool)
    return edge_fail(message, EDGE_ERROR_OUT_OF_MEMORY,
                     "no memory for %u threads; use fewer", thread_count);
  for (uint32_t i = 1; i < thread_count; i++) {
    if (edge_start_thread(&pool->members[i].thread, work, &pool->members[i]))
      continue;
    stop_workers(pool, i);
    free_pool(pool);
    return edge_fail(message, EDGE_ERROR_THREAD,
                     "the system refused to start thread %u of %u; use fewer "
                     "threads",
                     i + 1, thread_count);
  }
  *result = pool;
  return EDGE_OK;
}

void edge_thread_pool_destroy(edge_thread_pool *pool) {
  if (!pool)
    return;
  stop_workers(pool, pool->thread_count);
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
  pool->kind = WORK_LOOP;
  pool->work.loop = (loop_work){task, args, extent};
  const unsigned generation = edge_pool_begin(pool);
  run_range(pool, 0);
  for (uint32_t i = 1; i < pool->thread_count; i++)
    edge_wait_for(&pool->members[i].done, generation, &pool->members[i].room,
                  pool->spin_nanoseconds, NULL);
}
