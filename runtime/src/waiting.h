/*===- waiting.h - threads that wait for each other, with a limit ---------===*\
|*
|* What the pool, the worker devices and the pipelines share of POSIX threads:
|* starting one that no signal disturbs, and condition variables on a clock that
|* nobody sets.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_SRC_WAITING_H
#define EDGE_SRC_WAITING_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

/** Starts a thread with all signals blocked but those that a faulting
 *  instruction raises, and a stack of 1 MB: kernels keep their tiles in
 *  registers, the rest is room for the C library. Returns 0 if the system
 *  refuses. */
int edge_start_thread(pthread_t *thread, void *(*work)(void *), void *argument);

/** Makes a mutex and a condition variable that waits by CLOCK_MONOTONIC.
 *  Returns 0 if the system refuses; there is then nothing to destroy. */
int edge_waiting_init(pthread_mutex_t *mutex, pthread_cond_t *condition);
void edge_waiting_destroy(pthread_mutex_t *mutex, pthread_cond_t *condition);

/** A point in time, or none. */
typedef struct {
  struct timespec time;
  int is_forever;
} edge_limit;

/** The point `nanoseconds` from now; EDGE_FOREVER, or centuries, is none. */
edge_limit edge_limit_after(uint64_t nanoseconds);

/** Waits for `condition` with `mutex` held. Returns 0 if the limit has passed;
 *  1 may also mean nothing. */
int edge_wait_until(pthread_cond_t *condition, pthread_mutex_t *mutex,
                    const edge_limit *limit);

#endif /* EDGE_SRC_WAITING_H */
