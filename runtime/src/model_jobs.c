/*===- model_jobs.c - devices, jobs and alternatives of a descriptor ------===*\
|*
|* Checked like the rest of the descriptor: what a session relies on is looked
|* at once, so that a damaged artifact is a message and never a crash. What the
|* commands of a job say is the device's own business.
|*
\*===----------------------------------------------------------------------===*/

#include "model_jobs.h"
#include "message.h"

#include <string.h>

/* Generous bounds that a damaged count will exceed. */
#define MAX_DEVICES 256u
#define MAX_PARAMETERS 1024u
#define MAX_JOBS (1u << 20)
#define MAX_ALTERNATIVES 256u
#define MAX_BUFFER_BYTES ((uint64_t)1 << 56)

static int has_devices(const edge_model *model) {
  return model->struct_size >= sizeof(edge_model);
}

uint32_t edge_model_device_count(const edge_model *model) {
  return has_devices(model) ? model->device_count : 0;
}

uint32_t edge_model_job_count(const edge_model *model) {
  return has_devices(model) ? model->job_count : 0;
}

uint32_t edge_model_alternative_count(const edge_model *model) {
  return has_devices(model) && model->alternative_count
             ? model->alternative_count
             : 1;
}

const edge_alternative *edge_model_alternative_info(const edge_model *model,
                                                    uint32_t index) {
  return has_devices(model) && index < model->alternative_count
             ? &model->alternatives[index]
             : NULL;
}

const edge_model *edge_model_alternative(const edge_model *model,
                                         uint32_t index) {
  return index == 0 ? model : model->alternatives[index].model;
}

static int device_fits(const edge_device_info *device) {
  return device->kind && device->name &&
         device->parameter_count <= MAX_PARAMETERS &&
         (!device->parameter_count || device->parameters);
}

static int access_fits(uint32_t access) {
  switch (access) {
  case EDGE_ACCESS_READ:
  case EDGE_ACCESS_WRITE:
  case EDGE_ACCESS_READ | EDGE_ACCESS_WRITE:
  case EDGE_ACCESS_READ | EDGE_ACCESS_CONSTANT:
  case EDGE_ACCESS_READ | EDGE_ACCESS_WRITE | EDGE_ACCESS_SCRATCH:
    return 1;
  default:
    return 0;
  }
}

static int job_fits(const edge_job_info *job, uint32_t device_count) {
  if (!job->name || !job->layers || job->device >= device_count ||
      job->buffer_count > EDGE_MAX_JOB_BUFFERS ||
      (job->buffer_count && !job->buffers) ||
      (job->commands_bytes && !job->commands) ||
      job->commands_bytes > MAX_BUFFER_BYTES || (uintptr_t)job->commands % 4)
    return 0;
  for (uint32_t i = 0; i < job->buffer_count; i++)
    if (job->buffers[i].size_bytes > MAX_BUFFER_BYTES ||
        !access_fits(job->buffers[i].access))
      return 0;
  return 1;
}

edge_status edge_check_jobs(const edge_model *model, edge_message *message) {
  const uint32_t device_count = edge_model_device_count(model);
  const uint32_t job_count = edge_model_job_count(model);
  if (device_count > MAX_DEVICES || (device_count && !model->devices) ||
      job_count > MAX_JOBS || (job_count && !model->jobs))
    return edge_fail(message, EDGE_ERROR_CORRUPT,
                     "model '%s' has a damaged list of devices or jobs; "
                     "compile it again",
                     model->name);
  for (uint32_t i = 0; i < device_count; i++)
    if (!device_fits(&model->devices[i]))
      return edge_fail(message, EDGE_ERROR_CORRUPT,
                       "model '%s' has a damaged description of device %u; "
                       "compile it again",
                       model->name, i);
  for (uint32_t i = 0; i < job_count; i++)
    if (!job_fits(&model->jobs[i], device_count))
      return edge_fail(message, EDGE_ERROR_CORRUPT,
                       "model '%s' has a damaged description of job %u; "
                       "compile it again",
                       model->name, i);
  return EDGE_OK;
}

/* Whether entry `index` of the list is well formed and has a label that no
   earlier one has. */
static int alternative_fits(const edge_model *model, uint32_t index) {
  const edge_alternative *entry = &model->alternatives[index];
  if (!entry->label || (index == 0) != (entry->model == NULL))
    return 0;
  for (uint32_t i = 0; i < index; i++)
    if (strcmp(model->alternatives[i].label, entry->label) == 0)
      return 0;
  return 1;
}

edge_status edge_check_alternative_list(const edge_model *model,
                                        edge_message *message) {
  if (!has_devices(model))
    return EDGE_OK;
  const uint32_t count = model->alternative_count;
  int fits = count <= MAX_ALTERNATIVES && (!count || model->alternatives);
  for (uint32_t i = 0; fits && i < count; i++)
    fits = alternative_fits(model, i);
  if (!fits)
    return edge_fail(message, EDGE_ERROR_CORRUPT,
                     "model '%s' has a damaged list of alternatives; compile "
                     "it again",
                     model->name);
  return EDGE_OK;
}
