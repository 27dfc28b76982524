/*===- team.c - waiting for numbers that other threads raise --------------===*/

#define _GNU_SOURCE
#include "team.h"
#include "session.h"

#include <sched.h>

/* Looks at a number before the clock is asked: a hand-over takes less. */
#define FIRST_LOOKS 64
#define LOOKS_PER_TIME 64

/* After this time of spinning, a thread offers its CPU between two looks: on a
   busy system the one it waits for may be queued for that very CPU. A worker
   that finds itself on the caller's CPU leaves it: the system would let two
   threads that hand over to each other take turns there for as long as they
   have little to do. */
#define YIELD_NANOSECONDS 10000u

static void pause_cpu(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
  __asm__ volatile("yield");
#elif defined(__riscv)
  __asm__ volatile(".insn i 0x0f, 0, x0, x0, 0x010"); /* pause, a hint */
#endif
}

void edge_post(atomic_uint *number, unsigned value, waiting_room *room) {
  atomic_store(number, value);
  if (atomic_load(&room->sleepers) == 0)
    return;
  pthread_mutex_lock(&room->mutex);
  pthread_cond_broadcast(&room->changed);
  pthread_mutex_unlock(&room->mutex);
}

int edge_current_cpu(void) {
#ifdef __linux__
  return sched_getcpu();
#else
  return -1;
#endif
}

/* Moves this thread off `cpu`, if it may run on another, and lets it go where
   it likes afterwards. Returns whether it may. */
static int leave_cpu(int cpu) {
#ifdef __linux__
  cpu_set_t allowed, others;
  if (cpu >= CPU_SETSIZE || sched_getaffinity(0, sizeof(allowed), &allowed))
    return 0;
  others = allowed;
  CPU_CLR(cpu, &others);
  if (CPU_COUNT(&others) == 0 || sched_setaffinity(0, sizeof(others), &others))
    return 0;
  return sched_setaffinity(0, sizeof(allowed), &allowed) == 0;
#else
  (void)cpu;
  return 0;
#endif
}

static int has_reached(const atomic_uint *number, unsigned value) {
  return (int)(atomic_load(number) - value) >= 0;
}

static int spin(const atomic_uint *number, unsigned value, int looks) {
  for (int i = 0; i < looks; i++) {
    pause_cpu();
    if (has_reached(number, value))
      return 1;
  }
  return 0;
}

static void sleep_until(const atomic_uint *number, unsigned value,
                        waiting_room *room) {
  pthread_mutex_lock(&room->mutex);
  atomic_fetch_add(&room->sleepers, 1);
  while (!has_reached(number, value))
    pthread_cond_wait(&room->changed, &room->mutex);
  atomic_fetch_sub(&room->sleepers, 1);
  pthread_mutex_unlock(&room->mutex);
}

void edge_wait_for(const atomic_uint *number, unsigned value,
                   waiting_room *room, uint32_t spin_nanoseconds,
                   const atomic_int *other_cpu) {
  if (has_reached(number, value))
    return;
  if (spin_nanoseconds) {
    if (spin(number, value, FIRST_LOOKS))
      return;
    const uint64_t start = edge_now_nanoseconds();
    uint64_t elapsed = 0;
    do {
      if (spin(number, value, LOOKS_PER_TIME))
        return;
      elapsed = edge_now_nanoseconds() - start;
      if (elapsed > YIELD_NANOSECONDS) {
        const int cpu = edge_current_cpu();
        if (other_cpu && cpu >= 0 &&
            cpu == atomic_load_explicit(other_cpu, memory_order_relaxed) &&
            !leave_cpu(cpu))
          break;
        sched_yield();
      }
    } while (elapsed < spin_nanoseconds);
  }
  sleep_until(number, value, room);
}
