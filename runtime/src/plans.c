/*===- plans.c - memory for every descriptor that a session runs ----------===*\
|*
|* A model, its variants and its alternatives each have jobs and a list of
|* devices of their own. Here each gets its plan, and equal devices of different
|* lists become one slot; attaching a device to a slot prepares all jobs that
|* will use it, so that a run finds everything in place.
|*
\*===----------------------------------------------------------------------===*/

#include "message.h"
#include "session.h"

#include <stdlib.h>
#include <string.h>

/*===----------------------------------------------------------------------===*\
 * Plans and slots
\*===----------------------------------------------------------------------===*/

static int same_device(const edge_device_info *a, const edge_device_info *b) {
  return strcmp(a->kind, b->kind) == 0 && strcmp(a->name, b->name) == 0;
}

/* The slot for device `index` of a model; a new one if there is none yet. There
   is room for it. */
static uint32_t slot_for(edge_session *session, const edge_model *model,
                         uint32_t index) {
  const edge_device_info *info = &model->devices[index];
  uint32_t occurrence = 0, i = 0;
  for (uint32_t d = 0; d < index; d++)
    occurrence += (uint32_t)same_device(&model->devices[d], info);
  for (; i < session->slot_count; i++) {
    const session_slot *slot = &session->slots[i];
    if (slot->info && slot->occurrence == occurrence &&
        same_device(slot->info, info))
      return i;
  }
  session->slots[i].info = info;
  session->slots[i].occurrence = occurrence;
  session->slot_count++;
  return i;
}

static int make_jobs(session_plan *plan) {
  const edge_model *model = plan->model;
  size_t buffers = 0;
  for (uint32_t i = 0; i < plan->job_count; i++)
    buffers += model->jobs[i].buffer_count;
  plan->jobs = calloc(plan->job_count, sizeof(*plan->jobs));
  plan->addresses = calloc(3 * buffers + 1, sizeof(void *));
  if (!plan->jobs || !plan->addresses)
    return 0;
  void **next = plan->addresses;
  for (uint32_t i = 0; i < plan->job_count; i++) {
    session_job *job = &plan->jobs[i];
    const uint32_t count = model->jobs[i].buffer_count;
    job->event.job = &model->jobs[i];
    job->event.buffers = job->addresses = next;
    job->host = next + count;
    job->copies = next + 2 * count;
    next += 3 * count;
  }
  return 1;
}

static int make_plan(edge_session *session, const edge_model *model,
                     uint32_t alternative) {
  session_plan *plan = &session->plans[session->plan_count++];
  const uint32_t device_count = edge_model_device_count(model);
  plan->model = model;
  plan->alternative = alternative;
  plan->job_count = edge_model_job_count(model);
  if (device_count) {
    plan->slots = calloc(device_count, sizeof(*plan->slots));
    if (!plan->slots)
      return 0;
  }
  for (uint32_t i = 0; i < device_count; i++)
    plan->slots[i] = slot_for(session, model, i);
  return !plan->job_count || make_jobs(plan);
}

int edge_session_make_plans(edge_session *session) {
  const edge_model *model = session->model;
  const uint32_t variants = edge_model_variant_count(model);
  const uint32_t alternatives = edge_model_alternative_count(model);
  size_t devices = 0;
  int made = 1;
  for (uint32_t i = 0; i < variants; i++)
    devices += edge_model_device_count(edge_model_variant(model, i));
  for (uint32_t i = 1; i < alternatives; i++)
    devices += edge_model_device_count(edge_model_alternative(model, i));
  session->plans =
      calloc((size_t)variants + alternatives - 1, sizeof(*session->plans));
  session->slots = calloc(devices + 1, sizeof(*session->slots));
  if (!session->plans || !session->slots)
    return 0;
  for (uint32_t i = 0; made && i < variants; i++)
    made = make_plan(session, edge_model_variant(model, i), 0);
  for (uint32_t i = 1; made && i < alternatives; i++)
    made = make_plan(session, edge_model_alternative(model, i), i);
  session->plan = session->chosen = session->shaped = session->plans;
  return made;
}

session_plan *edge_session_plan_of(edge_session *session,
                                   uint32_t alternative) {
  if (alternative == 0)
    return session->shaped;
  if (session->shaped != session->plans ||
      alternative >= edge_model_alternative_count(session->model))
    return NULL;
  return &session->plans[edge_model_variant_count(session->model) +
                         alternative - 1];
}

/*===----------------------------------------------------------------------===*\
 * Attaching
\*===----------------------------------------------------------------------===*/

static void unprepare(session_slot *slot, session_job *job) {
  const edge_driver *driver = slot->device->driver;
  if (job->is_prepared)
    driver->discard(slot->device, job->event.program);
  for (uint32_t i = 0; i < job->event.job->buffer_count; i++) {
    if (job->copies[i])
      driver->release(slot->device, job->copies[i]);
    job->copies[i] = job->host[i] = NULL;
  }
  job->event.program = NULL;
  job->is_prepared = 0;
}

static edge_status make_copies(session_slot *slot, session_job *job,
                               edge_message *message) {
  const edge_job_info *info = job->event.job;
  for (uint32_t i = 0; i < info->buffer_count; i++) {
    const uint64_t bytes = info->buffers[i].size_bytes;
    const edge_status status = slot->device->driver->allocate(
        slot->device, bytes ? bytes : 1, &job->copies[i]);
    if (!status)
      continue;
    job->copies[i] = NULL;
    return edge_fail(message, status,
                     "device '%s' has no %llu bytes for buffer %u of job '%s': "
                     "%s",
                     slot->properties.name, (unsigned long long)bytes, i,
                     info->name, edge_status_text(status));
  }
  return EDGE_OK;
}

static edge_status prepare(session_slot *slot, session_job *job,
                           edge_message *message) {
  const edge_driver *driver = slot->device->driver;
  const edge_job_info *info = job->event.job;
  edge_status status = EDGE_OK;
  if (!(slot->properties.flags & EDGE_DEVICE_HOST_MEMORY))
    status = make_copies(slot, job, message);
  if (status || !driver->prepare)
    return status;
  edge_completion *completion = &job->event.completion;
  memset(completion, 0, sizeof(*completion));
  completion->command = EDGE_NO_COMMAND;
  status = driver->prepare(slot->device, info, &job->event.program, completion);
  job->is_prepared = !status;
  if (!status)
    return EDGE_OK;
  char command[32];
  edge_command_text(completion->command, command, sizeof(command));
  return edge_fail(message, status, "device '%s' cannot run job '%s': %s%s%s%s",
                   slot->properties.name, info->name, edge_status_text(status),
                   command, completion->reason[0] ? ": " : "",
                   completion->reason);
}

/* Calls for each job of the session that runs on `slot`. */
static edge_status prepare_all(edge_session *session, session_slot *slot,
                               edge_message *message) {
  edge_status status = EDGE_OK;
  for (uint32_t p = 0; p < session->plan_count; p++) {
    session_plan *plan = &session->plans[p];
    for (uint32_t i = 0; !status && i < plan->job_count; i++)
      if (&session->slots[plan->slots[plan->model->jobs[i].device]] == slot)
        status = prepare(slot, &plan->jobs[i], message);
  }
  return status;
}

static void detach(edge_session *session, session_slot *slot) {
  if (!slot->device)
    return;
  for (uint32_t p = 0; p < session->plan_count; p++) {
    session_plan *plan = &session->plans[p];
    for (uint32_t i = 0; i < plan->job_count; i++)
      if (&session->slots[plan->slots[plan->model->jobs[i].device]] == slot)
        unprepare(slot, &plan->jobs[i]);
  }
  if (slot->sees_arena)
    slot->device->driver->forget(slot->device, session->arena);
  slot->device = NULL;
  slot->sees_arena = slot->lost = 0;
}

void edge_session_free_plans(edge_session *session) {
  for (uint32_t i = 0; i < session->slot_count; i++)
    detach(session, &session->slots[i]);
  for (uint32_t i = 0; i < session->plan_count; i++) {
    free(session->plans[i].jobs);
    free(session->plans[i].addresses);
    free(session->plans[i].slots);
  }
  free(session->plans);
  free(session->slots);
}

static edge_status attach(edge_session *session, session_slot *slot,
                          edge_device *device, edge_message *message) {
  const edge_driver *driver = device->driver;
  detach(session, slot);
  slot->device = device;
  driver->properties(device, &slot->properties);
  const int in_place = slot->properties.flags & EDGE_DEVICE_HOST_MEMORY;
  edge_status status = EDGE_OK;
  if (slot->properties.buffer_alignment == 0 ||
      (!in_place && !driver->allocate))
    status = edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                       "the driver of device '%s' contradicts itself: it can "
                       "neither see nor give memory, or aligns to 0 bytes",
                       slot->info->name);
  if (!status && !in_place && driver->import && session->arena_bytes)
    slot->sees_arena =
        driver->import(device, session->arena, session->arena_bytes) == EDGE_OK;
  if (!status)
    status = prepare_all(session, slot, message);
  if (status)
    detach(session, slot);
  return status;
}

edge_status edge_session_attach_device(edge_session *session, uint32_t index,
                                       edge_device *device,
                                       edge_message *message) {
  edge_status status = edge_session_acquire(session, message);
  if (status)
    return status;
  if (index >= session->slot_count)
    return edge_session_release(
        session, edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                           "model '%s' has no device %u; it uses %u",
                           session->model->name, index, session->slot_count));
  session_slot *slot = &session->slots[index];
  if (!device)
    detach(session, slot);
  else if (strcmp(device->driver->kind, slot->info->kind) != 0)
    status = edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                       "device %u is of kind '%s' and should be of kind '%s'",
                       index, device->driver->kind, slot->info->kind);
  else
    status = attach(session, slot, device, message);
  return edge_session_release(session, status);
}

uint32_t edge_session_device_count(const edge_session *session) {
  return session->slot_count;
}

const edge_device_info *edge_session_device_info(const edge_session *session,
                                                 uint32_t index) {
  return session->slots[index].info;
}
