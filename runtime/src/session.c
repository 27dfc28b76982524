/*===- session.c - an arena, threads and a profile for one model ----------===*\
|*
|* A session holds everything that a run needs, so that a run itself allocates
|* nothing and takes no lock. The context that it lends to the model points back
|* to it; the callbacks find the thread pool and the profile that way.
|*
\*===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include "edge/runtime.h"
#include "message.h"
#include "thread_pool.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

/* Arenas from this size on are worth huge pages, where the system has them. */
#define HUGE_PAGE_BYTES ((size_t)2 << 20)

struct edge_session {
  edge_context context; /* context.user points to the session */
  const edge_model *model;
  const edge_model *variant; /* for the shapes that are chosen */
  void *arena;
  edge_thread_pool *pool;
  edge_profile_record *records; /* most_kernels, or NULL */
  uint64_t run_start_ns;
  atomic_int busy; /* one thread at a time may run or change the session */
};

/*===----------------------------------------------------------------------===*\
 * Callbacks
\*===----------------------------------------------------------------------===*/

static uint64_t now_nanoseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void parallel_for(const edge_context *context, edge_task task,
                         void *args, int64_t extent) {
  const edge_session *session = context->user;
  edge_thread_pool_run(session->pool, task, args, extent);
}

static void profile(const edge_context *context, uint32_t kernel,
                    uint32_t phase) {
  const edge_session *session = context->user;
  if (kernel >= session->variant->kernel_count)
    return;
  edge_profile_record *record = &session->records[kernel];
  const uint64_t now = now_nanoseconds() - session->run_start_ns;
  if (phase == EDGE_PROFILE_BEGIN) {
    record->start_ns = now;
    return;
  }
  const uint64_t time = now - record->start_ns;
  if (record->run_count == 0 || time < record->min_ns)
    record->min_ns = time;
  record->time_ns = time;
  record->total_ns += time;
  record->run_count++;
}

/* A model without a pool to call skips one indirection per kernel. */
static void refresh_context(edge_session *session) {
  session->context.thread_count = edge_thread_pool_threads(session->pool);
  session->context.parallel_for =
      session->context.thread_count > 1 ? parallel_for : NULL;
}

/*===----------------------------------------------------------------------===*\
 * Creation
\*===----------------------------------------------------------------------===*/

static void *allocate_arena(const edge_model *model) {
  size_t alignment = (size_t)model->arena_alignment;
  const size_t bytes = (size_t)model->arena_bytes;
  void *arena;
  if (alignment < sizeof(void *))
    alignment = sizeof(void *);
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
  session->model = session->variant = model;
  session->context.struct_size = sizeof(session->context);
  session->context.user = session;
  atomic_init(&session->busy, 0);
  session->arena = allocate_arena(model);
  if (!session->arena) {
    edge_session_destroy(session);
    return edge_fail(message, EDGE_ERROR_OUT_OF_MEMORY,
                     "no memory for the %llu bytes of the arena of model '%s'",
                     (unsigned long long)model->arena_bytes, model->name);
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
  free(session->records);
  free(session->arena);
  free(session);
}

/*===----------------------------------------------------------------------===*\
 * Use
\*===----------------------------------------------------------------------===*/

/* Takes the session for the calling thread, or reports who is to blame. */
static edge_status acquire(edge_session *session, edge_message *message) {
  if (!session)
    return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT, "session is NULL");
  if (atomic_exchange_explicit(&session->busy, 1, memory_order_acquire))
    return edge_fail(
        message, EDGE_ERROR_BUSY,
        "the session is in use by another thread; give each thread "
        "a session of its own");
  return EDGE_OK;
}

static edge_status release(edge_session *session, edge_status status) {
  atomic_store_explicit(&session->busy, 0, memory_order_release);
  return status;
}

const edge_model *edge_session_model(const edge_session *session) {
  return session->model;
}

uint32_t edge_session_threads(const edge_session *session) {
  return session->context.thread_count;
}

edge_status edge_session_set_threads(edge_session *session,
                                     uint32_t thread_count,
                                     edge_message *message) {
  edge_status status = check_thread_count(&thread_count, message);
  if (status)
    return status;
  status = acquire(session, message);
  if (status)
    return status;
  if (thread_count == session->context.thread_count)
    return release(session, EDGE_OK);
  edge_thread_pool *pool;
  status = edge_thread_pool_create(thread_count, &pool, message);
  if (!status) {
    edge_thread_pool_destroy(session->pool);
    session->pool = pool;
    refresh_context(session);
  }
  return release(session, status);
}

const edge_model *edge_session_variant(const edge_session *session) {
  return session->variant;
}

static size_t most_kernels(const edge_model *model) {
  size_t most = 0;
  for (uint32_t i = 0; i < edge_model_variant_count(model); i++) {
    const size_t count = edge_model_variant(model, i)->kernel_count;
    most = count > most ? count : most;
  }
  return most;
}

static void clear_records(edge_session *session) {
  if (session->records)
    memset(session->records, 0,
           most_kernels(session->model) * sizeof(*session->records));
}

edge_status edge_session_set_shapes(edge_session *session,
                                    const int64_t *const *shapes,
                                    edge_message *message) {
  edge_status status = acquire(session, message);
  if (status)
    return status;
  const edge_model *before = session->variant;
  status = edge_model_with_shapes(session->model, shapes, &session->variant,
                                  message);
  if (session->variant != before)
    clear_records(session);
  return release(session, status);
}

/* A buffer must exist and be aligned to its element. */
static edge_status check_buffer(const edge_tensor_info *tensor,
                                const char *kind, const void *buffer,
                                edge_message *message) {
  const uint32_t bits = edge_dtype_bits(tensor->dtype);
  const uintptr_t element_bytes = bits < 8 ? 1 : bits / 8;
  if (!buffer && tensor->size_bytes)
    return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                     "the buffer of %s '%s' is NULL", kind, tensor->name);
  if ((uintptr_t)buffer % element_bytes)
    return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                     "the buffer of %s '%s' is not aligned to %u bytes", kind,
                     tensor->name, (unsigned)element_bytes);
  return EDGE_OK;
}

static edge_status check_buffers(const edge_model *model,
                                 const void *const *inputs,
                                 void *const *outputs, edge_message *message) {
  edge_status status = EDGE_OK;
  if ((model->input_count && !inputs) || (model->output_count && !outputs))
    return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                     "inputs or outputs is NULL");
  for (uint32_t i = 0; !status && i < model->input_count; i++)
    status = check_buffer(&model->inputs[i], "input", inputs[i], message);
  for (uint32_t i = 0; !status && i < model->output_count; i++)
    status = check_buffer(&model->outputs[i], "output", outputs[i], message);
  return status;
}

/* The last run's times are those of this run, or 0. */
static void start_profile(edge_session *session) {
  for (uint32_t i = 0; i < session->variant->kernel_count; i++)
    session->records[i].start_ns = session->records[i].time_ns = 0;
  session->run_start_ns = now_nanoseconds();
}

edge_status edge_session_run(edge_session *session, const void *const *inputs,
                             void *const *outputs, edge_message *message) {
  edge_status status = acquire(session, message);
  if (status)
    return status;
  const edge_model *model = session->variant;
  status = check_buffers(model, inputs, outputs, message);
  if (status)
    return release(session, status);
  if (session->context.profile)
    start_profile(session);
  const int32_t result =
      model->entry(&session->context, inputs, outputs, session->arena);
  if (result)
    status =
        edge_fail(message, EDGE_ERROR_MODEL, "model '%s' failed with status %d",
                  model->name, (int)result);
  return release(session, status);
}

edge_status edge_session_set_profile(edge_session *session, int enabled,
                                     edge_message *message) {
  const edge_status status = acquire(session, message);
  if (status)
    return status;
  session->context.profile = NULL;
  if (!enabled)
    return release(session, EDGE_OK);
  const size_t count = most_kernels(session->model);
  if (!session->records)
    session->records = malloc(count ? count * sizeof(*session->records) : 1);
  if (!session->records)
    return release(session, edge_fail(message, EDGE_ERROR_OUT_OF_MEMORY,
                                      "no memory for the profile"));
  clear_records(session);
  session->context.profile = profile;
  return release(session, EDGE_OK);
}

const edge_profile_record *edge_session_profile(const edge_session *session) {
  return session->records;
}
