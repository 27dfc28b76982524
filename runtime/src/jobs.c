/*===- jobs.c - the jobs of a run -----------------------------------------===*\
|*
|* The callbacks that a model submits with and waits with. Everything that a job
|* needs was allocated when the session was made or the device was attached. A
|* device that sees the host's memory gets the model's own addresses; for
|* others, what a job reads is copied before it and what it wrote after it.
|*
|* A simulated device takes longer here than the hardware would. The session
|* keeps the difference: virtual time is the time that passed plus `skew_ns`, to
|* which a wait adds what the hardware would have made the host wait, and from
|* which it takes what the simulator did. Jobs of one device are taken to be
|* waited for in the order in which they were submitted.
|*
\*===----------------------------------------------------------------------===*/

#include "message.h"
#include "session.h"

#include <stdio.h>
#include <string.h>

static uint64_t virtual_now(const edge_session *session) {
  return edge_now_nanoseconds() - session->run_start_ns +
         (uint64_t)session->skew_ns;
}

/* Keeps the first fault of a run. */
static edge_status fail(edge_session *session, uint32_t index,
                        edge_status status, uint32_t command,
                        const char *reason) {
  edge_fault *fault = &session->fault;
  if (fault->status)
    return status;
  fault->status = status;
  fault->alternative = session->plan->alternative;
  fault->job = index;
  fault->command = command;
  fault->job_name = session->plan->model->jobs[index].name;
  snprintf(fault->reason, sizeof(fault->reason), "%s", reason);
  return status;
}

static edge_status fail_as(edge_session *session, uint32_t index,
                           const edge_completion *completion) {
  return fail(session, index, completion->status, completion->command,
              completion->reason);
}

/*===----------------------------------------------------------------------===*\
 * Buffers
\*===----------------------------------------------------------------------===*/

static int sees(const edge_session *session, const session_slot *slot,
                const void *memory, uint64_t bytes) {
  if (slot->properties.flags & EDGE_DEVICE_HOST_MEMORY)
    return 1;
  const uintptr_t begin = (uintptr_t)memory, arena = (uintptr_t)session->arena;
  return slot->sees_arena && begin >= arena && bytes <= session->arena_bytes &&
         begin - arena <= session->arena_bytes - bytes;
}

/* Decides where the device finds each buffer, and copies there what it is to
   read. Returns the first buffer that it cannot take as it is, or the count. */
static uint32_t give_buffers(const edge_session *session,
                             const session_slot *slot, session_job *job,
                             void *const *buffers) {
  const edge_job_info *info = job->event.job;
  for (uint32_t i = 0; i < info->buffer_count; i++) {
    const edge_job_buffer *buffer = &info->buffers[i];
    const int is_same = job->host[i] == buffers[i];
    job->host[i] = job->addresses[i] = buffers[i];
    if (!sees(session, slot, buffers[i], buffer->size_bytes)) {
      job->addresses[i] = job->copies[i];
      const int needs_copy =
          (buffer->access & EDGE_ACCESS_READ) &&
          !(buffer->access & EDGE_ACCESS_SCRATCH) &&
          !((buffer->access & EDGE_ACCESS_CONSTANT) && is_same);
      if (needs_copy)
        memcpy(job->copies[i], buffers[i], buffer->size_bytes);
    }
    if ((uintptr_t)job->addresses[i] % slot->properties.buffer_alignment)
      return i;
  }
  return info->buffer_count;
}

static int is_result(const edge_job_buffer *buffer) {
  return (buffer->access & EDGE_ACCESS_WRITE) &&
         !(buffer->access & EDGE_ACCESS_SCRATCH);
}

/* Brings the results back; returns their checksum if `sum` is not 0. */
static uint32_t take_results(const session_job *job, int sum) {
  const edge_job_info *info = job->event.job;
  uint32_t crc = 0;
  for (uint32_t i = 0; i < info->buffer_count; i++) {
    const edge_job_buffer *buffer = &info->buffers[i];
    if (!is_result(buffer))
      continue;
    if (job->addresses[i] != job->host[i])
      memcpy(job->host[i], job->addresses[i], buffer->size_bytes);
    if (sum)
      crc = edge_crc32(crc, job->host[i], buffer->size_bytes);
  }
  return crc;
}

/*===----------------------------------------------------------------------===*\
 * Submitting and waiting
\*===----------------------------------------------------------------------===*/

/* The device of a job, or NULL after a fault has been noted. */
static session_slot *find_slot(edge_session *session, uint32_t index) {
  const session_plan *plan = session->plan;
  const uint32_t device = plan->model->jobs[index].device;
  session_slot *slot = &session->slots[plan->slots[device]];
  if (slot->device && !slot->lost)
    return slot;
  fail(session, index,
       slot->device ? EDGE_ERROR_DEVICE_LOST : EDGE_ERROR_DEVICE,
       EDGE_NO_COMMAND,
       slot->device ? "it was lost before" : "no device is attached");
  return NULL;
}

int32_t edge_session_submit(const edge_context *context, uint32_t index,
                            void *const *buffers) {
  edge_session *session = context->user;
  const session_plan *plan = session->plan;
  if (index >= plan->job_count || plan->jobs[index].running)
    return EDGE_ERROR_MODEL;
  session_job *job = &plan->jobs[index];
  session_slot *slot = find_slot(session, index);
  if (!slot)
    return session->fault.status;
  edge_session_note(session, EDGE_STEP_SUBMIT, index);
  const uint32_t wrong = give_buffers(session, slot, job, buffers);
  if (wrong < job->event.job->buffer_count) {
    char reason[64];
    snprintf(reason, sizeof(reason), "buffer %u is not aligned to %llu bytes",
             wrong, (unsigned long long)slot->properties.buffer_alignment);
    return fail(session, index, EDGE_ERROR_DEVICE, EDGE_NO_COMMAND, reason);
  }
  const uint64_t now = virtual_now(session);
  job->start_ns = now > slot->busy_ns ? now : slot->busy_ns;
  const edge_status status =
      slot->device->driver->submit(slot->device, &job->event);
  if (status) {
    slot->lost |= status == EDGE_ERROR_DEVICE_LOST;
    return fail_as(session, index, &job->event.completion);
  }
  job->running = 1;
  return EDGE_OK;
}

/* Waits, or cancels when it takes too long. */
static void await(edge_session *session, session_slot *slot, session_job *job) {
  edge_device *device = slot->device;
  edge_event *event = &job->event;
  if (device->driver->wait(device, event, session->timeout_ns) == EDGE_OK) {
    slot->lost |= event->completion.status == EDGE_ERROR_DEVICE_LOST;
    return;
  }
  slot->lost |= device->driver->cancel(device, event) == EDGE_ERROR_DEVICE_LOST;
  /* It may have ended in between, but too late is too late. */
  event->completion.status = EDGE_ERROR_TIMEOUT;
  if (event->completion.reason[0] == '\0')
    snprintf(event->completion.reason, sizeof(event->completion.reason),
             "not done after %llu ns", (unsigned long long)session->timeout_ns);
}

/* Replaces what the simulator took by what the hardware would have. */
static void pass_virtual_time(edge_session *session, session_slot *slot,
                              const session_job *job, uint64_t waited_ns) {
  const uint64_t time_ns = job->event.completion.nanoseconds;
  if (!(slot->properties.flags & EDGE_DEVICE_SIMULATED) || time_ns == 0)
    return;
  const uint64_t start =
      job->start_ns > slot->busy_ns ? job->start_ns : slot->busy_ns;
  slot->busy_ns = start + time_ns;
  session->skew_ns -= (int64_t)waited_ns;
  const uint64_t now = virtual_now(session);
  if (slot->busy_ns > now)
    session->skew_ns += (int64_t)(slot->busy_ns - now);
}

int32_t edge_session_wait(const edge_context *context, uint32_t index) {
  edge_session *session = context->user;
  const session_plan *plan = session->plan;
  if (index >= plan->job_count || !plan->jobs[index].running)
    return EDGE_ERROR_MODEL;
  session_job *job = &plan->jobs[index];
  session_slot *slot =
      &session->slots[plan->slots[plan->model->jobs[index].device]];
  edge_session_note(session, EDGE_STEP_WAIT, index);
  const uint64_t before = edge_now_nanoseconds();
  await(session, slot, job);
  job->running = 0;
  pass_virtual_time(session, slot, job, edge_now_nanoseconds() - before);
  const edge_completion *completion = &job->event.completion;
  if (completion->status)
    return fail_as(session, index, completion);
  const int sum = (slot->properties.flags & EDGE_DEVICE_CHECKSUMS) != 0;
  const uint32_t crc = take_results(job, sum);
  if (sum && crc != completion->checksum)
    return fail(session, index, EDGE_ERROR_CHECKSUM, EDGE_NO_COMMAND,
                "what arrived is not what the device wrote");
  session->run_nj += completion->nanojoules;
  edge_session_note_job(session, index, completion);
  return EDGE_OK;
}

void edge_session_drain(edge_session *session) {
  const session_plan *plan = session->plan;
  for (uint32_t i = 0; i < plan->job_count; i++) {
    session_job *job = &plan->jobs[i];
    if (!job->running)
      continue;
    session_slot *slot = &session->slots[plan->slots[job->event.job->device]];
    slot->lost |= slot->device->driver->cancel(slot->device, &job->event) ==
                  EDGE_ERROR_DEVICE_LOST;
    job->running = 0;
  }
}

int edge_session_has_devices(const edge_session *session,
                             const session_plan *plan) {
  for (uint32_t i = 0; i < plan->job_count; i++) {
    const session_slot *slot =
        &session->slots[plan->slots[plan->model->jobs[i].device]];
    if (!slot->device || slot->lost)
      return 0;
  }
  return 1;
}
