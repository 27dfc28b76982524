/*===- waiting.c - threads that wait for each other, with a limit ---------===*/

#define _GNU_SOURCE
#include "waiting.h"

#include <signal.h>

#define STACK_BYTES (1024 * 1024)
#define NANOSECONDS_PER_SECOND 1000000000u

int edge_start_thread(pthread_t *thread, void *(*work)(void *),
                      void *argument) {
  pthread_attr_t attributes;
  sigset_t blocked, previous;
  if (pthread_attr_init(&attributes) != 0)
    return 0;
  pthread_attr_setstacksize(&attributes, STACK_BYTES);
  sigfillset(&blocked);
  /* These come from what the thread itself does. The system ends a program that
   * blocks them, past the handler that the program may have. */
  const int own[] = {SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV};
  for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
    sigdelset(&blocked, own[i]);
  pthread_sigmask(SIG_SETMASK, &blocked, &previous);
  const int failed = pthread_create(thread, &attributes, work, argument);
  pthread_sigmask(SIG_SETMASK, &previous, NULL);
  pthread_attr_destroy(&attributes);
  return !failed;
}

int edge_waiting_init(pthread_mutex_t *mutex, pthread_cond_t *condition) {
  pthread_condattr_t attributes;
  if (pthread_mutex_init(mutex, NULL) != 0)
    return 0;
  int made = pthread_condattr_init(&attributes) == 0;
  if (made) {
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    made = pthread_cond_init(condition, &attributes) == 0;
    pthread_condattr_destroy(&attributes);
  }
  if (!made)
    pthread_mutex_destroy(mutex);
  return made;
}

void edge_waiting_destroy(pthread_mutex_t *mutex, pthread_cond_t *condition) {
  pthread_cond_destroy(condition);
  pthread_mutex_destroy(mutex);
}

edge_limit edge_limit_after(uint64_t nanoseconds) {
  edge_limit limit = {.is_forever = nanoseconds > UINT64_MAX / 4};
  if (limit.is_forever)
    return limit;
  clock_gettime(CLOCK_MONOTONIC, &limit.time);
  const uint64_t sum =
      (uint64_t)limit.time.tv_nsec + nanoseconds % NANOSECONDS_PER_SECOND;
  limit.time.tv_sec += (time_t)(nanoseconds / NANOSECONDS_PER_SECOND +
                                sum / NANOSECONDS_PER_SECOND);
  limit.time.tv_nsec = (long)(sum % NANOSECONDS_PER_SECOND);
  return limit;
}

int edge_wait_until(pthread_cond_t *condition, pthread_mutex_t *mutex,
                    const edge_limit *limit) {
  if (limit->is_forever)
    return pthread_cond_wait(condition, mutex) == 0;
  return pthread_cond_timedwait(condition, mutex, &limit->time) == 0;
}
