/*===- session.c - an arena, threads and a profile for one model ----------===*\
|*
|* A session holds everything that a run needs, so that a run itself allocates
|* nothing and takes no lock. The context that it lends to the model points back
|* to it; the callbacks find the thread pool and the profile that way.
|*
\*===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include "session.h"
#include "edge/section.h"
#include "message.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Arenas from this size on are worth huge pages, where the system has them. */
#define HUGE_PAGE_BYTES ((size_t)2 << 20)

/*===----------------------------------------------------------------------===*\
 * Creation
\*===----------------------------------------------------------------------===*/

void edge_session_measure_fork(edge_session *session) {
  if (session->knows_fork)
    return;
  session->context.handover_nanoseconds =
      edge_thread_pool_handover(session->pool);
  session->knows_fork = 1;
}

/* A model whose calls are in sections gets here only while the profile is on:
   what a loop costs is not measured for nothing. */
static void parallel_for(const edge_context *context, edge_task task,
                         void *args, int64_t extent) {
  edge_session *session = context->user;
  edge_session_measure_fork(session);
  edge_thread_pool_run(session->pool, task, args, extent);
}

static void run_section(const edge_context *context,
                        const edge_section *section, const void *const *inputs,
                        void *const *outputs, void *arena) {
  const edge_session *session = context->user;
  edge_thread_pool_run_section(session->pool, section, context, inputs, outputs,
                               arena, session->handover_ns);
}

/* A model without a pool to call skips one indirection per kernel. */
static void refresh_context(edge_session *session) {
  const int has_workers = edge_thread_pool_threads(session->pool) > 1;
  session->context.thread_count = edge_thread_pool_threads(session->pool);
  session->context.parallel_for = has_workers ? parallel_for : NULL;
  session->context.run_section = has_workers ? run_section : NULL;
  session->context.handover_nanoseconds = 0;
  session->knows_fork = 0;
  if (session->context.profile)
    edge_session_measure_fork(session);
  session->handover_ns = edge_thread_pool_section_handover(session->pool);
}

/* The arena is that of the alternative that needs most. Variants need no more
   than the model. */
static void measure_arena(const edge_model *model, uint64_t *bytes,
                          uint64_t *alignment) {
  *bytes = 0;
  *alignment = sizeof(void *);
  for (uint32_t i = 0; i < edge_model_alternative_count(model); i++) {
    const edge_model *other = edge_model_alternative(model, i);
    if (other->arena_bytes > *bytes)
      *bytes = other->arena_bytes;
    if (other->arena_alignment > *alignment)
      *alignment = other->arena_alignment;
  }
}

static void *allocate_arena(size_t bytes, size_t alignment) {
  void *arena;
  const int huge = bytes >= HUGE_PAGE_BYTES;
  if (huge && alignment < HUGE_PAGE_BYTES)
    alignment = HUGE_PAGE_BYTES;
  if (posix_memalign(&arena, alignment, bytes ? bytes : 1) != 0)
    return NULL;
#ifdef MADV_HUGEPAGE
  /* Whole pages only, so that no memory beyond the arena is touched. */
  if (huge)
    madvise(arena, bytes & ~(HUGE_PAGE_BYTES - 1), MADV_HUGEPAGE);
#endif
  return arena;
}

static edge_status check_thread_count(uint32_t *thread_count,
                                      edge_message *message) {
  if (*thread_count > EDGE_MAX_THREADS)
    return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                     "%u threads are more than the limit of %d; use fewer",
                     *thread_count, EDGE_MAX_THREADS);
  if (*thread_count == 0)
    *thread_count = edge_cpu_count();
  return EDGE_OK;
}

edge_status edge_session_create(const edge_model *model, uint32_t thread_count,
                                edge_session **result, edge_message *message) {
  if (!result)
    return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT, "session is NULL");
  *result = NULL;
  edge_status status = edge_model_check(model, message);
  if (!status)
    status = check_thread_count(&thread_count, message);
  if (status)
    return status;

  edge_session *session = calloc(1, sizeof(*session));
  if (!session)
    return edge_fail(message, EDGE_ERROR_OUT_OF_MEMORY,
                     "no memory for a session");
  session->model = model;
  session->fallback = EDGE_NO_ALTERNATIVE;
  session->timeout_ns = UINT64_MAX;
  session->context.struct_size = sizeof(session->context);
  session->context.user = session;
  atomic_init(&session->busy, 0);
  if (!edge_session_make_plans(session)) {
    edge_session_destroy(session);
    return edge_fail(message, EDGE_ERROR_OUT_OF_MEMORY,
                     "no memory for the jobs of model '%s'", model->name);
  }
  uint64_t alignment;
  measure_arena(model, &session->arena_bytes, &alignment);
  session->arena =
      allocate_arena((size_t)session->arena_bytes, (size_t)alignment);
  if (!session->arena) {
    const unsigned long long bytes = session->arena_bytes;
    edge_session_destroy(session);
    return edge_fail(message, EDGE_ERROR_OUT_OF_MEMORY,
                     "no memory for the %llu bytes of the arena of model '%s'",
                     bytes, model->name);
  }
  status = edge_thread_pool_create(thread_count, &session->pool, message);
  if (status) {
    edge_session_destroy(session);
    return status;
  }
  refresh_context(session);
  *result = session;
  return EDGE_OK;
}

void edge_session_destroy(edge_session *session) {
  if (!session)
    return;
  edge_thread_pool_destroy(session->pool);
  edge_session_free_plans(session);
  edge_session_free_profile(session);
  free(session->cpus);
  free(session->arena);
  free(session);
}

/*===----------------------------------------------------------------------===*\
 * Use
\*===----------------------------------------------------------------------===*/

edge_status edge_session_acquire(edge_session *session, edge_message *message) {
  if (!session)
    return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT, "session is NULL");
  if (atomic_exchange_explicit(&session->busy, 1, memory_order_acquire))
    return edge_fail(
        message, EDGE_ERROR_BUSY,
        "the session is in use by another thread; give each thread "
        "a session of its own");
  return EDGE_OK;
}

edge_status edge_session_release(edge_session *session, edge_status status) {
  atomic_store_explicit(&session->busy, 0, memory_order_release);
  return status;
}

const edge_model *edge_session_model(const edge_session *session) {
  return session->model;
}

uint32_t edge_session_threads(const edge_session *session) {
  return session->context.thread_count;
}

/* Puts a new pool in the place of the old one; bound, if the session is. */
static edge_status replace_pool(edge_session *session, uint32_t thread_count,
                                edge_message *message) {
  edge_thread_pool *pool;
  const edge_status status =
      edge_thread_pool_create(thread_count, &pool, message);
  if (status)
    return status;
  if (session->cpu_count &&
      !edge_thread_pool_bind(pool, session->cpus, session->cpu_count)) {
    edge_thread_pool_destroy(pool);
    return edge_fail(message, EDGE_ERROR_THREAD,
                     "the system refuses to bind threads to these %u CPUs",
                     session->cpu_count);
  }
  edge_thread_pool_destroy(session->pool);
  session->pool = pool;
  refresh_context(session);
  return EDGE_OK;
}

edge_status edge_session_set_threads(edge_session *session,
                                     uint32_t thread_count,
                                     edge_message *message) {
  edge_status status = check_thread_count(&thread_count, message);
  if (status)
    return status;
  status = edge_session_acquire(session, message);
  if (status)
    return status;
  if (thread_count != session->context.thread_count)
    status = replace_pool(session, thread_count, message);
  return edge_session_release(session, status);
}

edge_status edge_session_set_cpus(edge_session *session, const uint32_t *cpus,
                                  uint32_t count, edge_message *message) {
  if (count > EDGE_MAX_THREADS || (count && !cpus))
    return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                     "cpus is NULL, or %u CPUs are more than %d", count,
                     EDGE_MAX_THREADS);
  edge_status status = edge_session_acquire(session, message);
  if (status)
    return status;
  uint32_t *copy = malloc((count + 1) * sizeof(*copy));
  if (!copy)
    return edge_session_release(
        session,
        edge_fail(message, EDGE_ERROR_OUT_OF_MEMORY, "no memory for CPUs"));
  if (count)
    memcpy(copy, cpus, count * sizeof(*copy));
  uint32_t *before = session->cpus;
  const uint32_t before_count = session->cpu_count;
  session->cpus = copy;
  session->cpu_count = count;
  status = replace_pool(session, count ? count : session->context.thread_count,
                        message);
  if (status) {
    session->cpus = before;
    session->cpu_count = before_count;
    before = copy;
  }
  free(before);
  return edge_session_release(session, status);
}

edge_status edge_session_set_handover(edge_session *session,
                                      uint32_t nanoseconds,
                                      edge_message *message) {
  const edge_status status = edge_session_acquire(session, message);
  if (status)
    return status;
  session->context.handover_nanoseconds = nanoseconds;
  session->knows_fork = 1;
  session->handover_ns = nanoseconds;
  return edge_session_release(session, EDGE_OK);
}

uint32_t edge_session_handover(const edge_session *session) {
  return session->handover_ns;
}

const edge_model *edge_session_variant(const edge_session *session) {
  return session->plan->model;
}

static session_plan *plan_with(edge_session *session, const edge_model *model) {
  session_plan *plan = session->plans;
  while (plan->model != model)
    plan++;
  return plan;
}

edge_status edge_session_set_shapes(edge_session *session,
                                    const int64_t *const *shapes,
                                    edge_message *message) {
  edge_status status = edge_session_acquire(session, message);
  if (status)
    return status;
  const edge_model *variant = NULL;
  status = edge_model_with_shapes(session->model, shapes, &variant, message);
  if (!status) {
    const session_plan *before = session->shaped;
    session->shaped = plan_with(session, variant);
    /* A variant has no alternatives: the largest keeps the one chosen. */
    if (session->shaped != before)
      edge_session_choose(session, session->shaped);
  }
  return edge_session_release(session, status);
}

edge_status edge_session_set_timeout(edge_session *session,
                                     uint64_t nanoseconds,
                                     edge_message *message) {
  const edge_status status = edge_session_acquire(session, message);
  if (status)
    return status;
  session->timeout_ns = nanoseconds;
  return edge_session_release(session, EDGE_OK);
}
