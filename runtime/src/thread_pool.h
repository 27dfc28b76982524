/*===- thread_pool.h - splitting a loop over threads ----------------------===*\
|*
|* A pool is a fixed set of threads that wait for loops. Kernels are short
(often
|* a few microseconds), so idle threads first spin and only then sleep: waking a
|* sleeper costs more than many a kernel. A loop is cut into as many contiguous
|* ranges as there are threads, always at the same places: a thread finds the
|* data of the previous kernel in its own cache, and results do not depend on
|* timing.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_SRC_THREAD_POOL_H
#define EDGE_SRC_THREAD_POOL_H

#include "edge/runtime.h"

typedef struct edge_thread_pool edge_thread_pool;

/** Number of CPUs that this process may run on, 1 to EDGE_MAX_THREADS. */
uint32_t edge_cpu_count(void);

/** Starts a pool of `thread_count` threads (1 to EDGE_MAX_THREADS), the caller
 * of edge_thread_pool_run being one of them. Signals are blocked in the others.
 *
 *  *pool is set to the pool, which edge_thread_pool_destroy frees, or to NULL.
 *  Returns EDGE_OK, EDGE_ERROR_OUT_OF_MEMORY or EDGE_ERROR_THREAD. Allocates.
 */
edge_status edge_thread_pool_create(uint32_t thread_count,
                                    edge_thread_pool **pool,
                                    edge_message *message);

/** Binds the pool's own threads to `count` CPUs, numbers below 1024; the caller
 *  of edge_thread_pool_run is not moved. Not during a run. Returns 0 if the
 *  system refuses. */
int edge_thread_pool_bind(edge_thread_pool *pool, const uint32_t *cpus,
                          uint32_t count);

/** Binds the calling thread likewise. */
int edge_bind_this_thread(const uint32_t *cpus, uint32_t count);

/** Ends the threads and frees the pool (NULL is allowed). Not during a run. */
void edge_thread_pool_destroy(edge_thread_pool *pool);

/** Number of threads, the caller of edge_thread_pool_run included. */
uint32_t edge_thread_pool_threads(const edge_thread_pool *pool);

/** Runs task(args, begin, end) on ranges that cover [0, extent) exactly once
 * and returns when all are done; what they wrote is visible to the caller.
 * Thread i of n gets range i of n, whose lengths differ by 1 at most; no thread
 * gets an empty range. extent <= 0 does nothing.
 *
 *  One call per pool at a time, never from within a task. Does not allocate. */
void edge_thread_pool_run(edge_thread_pool *pool, edge_task task, void *args,
                          int64_t extent);

/** Measures what a run costs whose task does nearly nothing, in nanoseconds:
 * the least of some, 0 with one thread, at most 1000 however busy the system
 * is. Takes 0.1 ms, or on a busy system until a worker has started and 1 ms.
 * Not during a run. Does not allocate. */
uint32_t edge_thread_pool_handover(edge_thread_pool *pool);

/** Runs a section of a model on all threads; the arguments are its entry
 *  function's. A call is shared if its longest_handover is more than `handover`
 *  nanoseconds; if that is true of none, the pool is not asked.
 *
 *  One call per pool at a time, never from within a task. Does not allocate. */
void edge_thread_pool_run_section(edge_thread_pool *pool,
                                  const struct edge_section *section,
                                  const edge_context *context,
                                  const void *const *inputs,
                                  void *const *outputs, void *arena,
                                  uint64_t handover);

/** Measures what it costs that a call of a section waits for another thread's
 *  part of the call before, as edge_thread_pool_handover does. */
uint32_t edge_thread_pool_section_handover(edge_thread_pool *pool);

#endif /* EDGE_SRC_THREAD_POOL_H */
