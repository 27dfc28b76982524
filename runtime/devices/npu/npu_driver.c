/*===- npu_driver.c - the NPU in software as a device ---------------------===*\
|*
|* A device has two simulators: one runs jobs on the device's thread, the other
|* checks streams when a session attaches the device, perhaps while a job of
|* another session runs. Time is that of the machine description: the launch
|* and the cycles at its clock.
|*
\*===----------------------------------------------------------------------===*/

#include "npu_driver.h"
#include "npu_constants.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  const edge_npu_driver *driver;
  edge_npu_simulator *runner;
  edge_npu_simulator *checker;
  pthread_mutex_t checking;
  uint64_t launch_nanoseconds;
  edge_npu_buffer run_buffers[EDGE_MAX_JOB_BUFFERS];
  edge_npu_buffer check_buffers[EDGE_MAX_JOB_BUFFERS];
} npu_device;

/* A run, as the simulator's callbacks see it. */
typedef struct {
  const npu_device *device;
  const edge_job_info *job;
  const void *cancelled;
} npu_run;

static edge_status status_of(int32_t status) {
  switch (status) {
  case EDGE_NPU_OK:
    return EDGE_OK;
  case EDGE_NPU_ERROR_MEMORY:
    return EDGE_ERROR_OUT_OF_MEMORY;
  case EDGE_NPU_ERROR_REJECTED:
  case EDGE_NPU_ERROR_FAULT:
  case EDGE_NPU_ERROR_RACE:
    return EDGE_ERROR_REJECTED;
  case EDGE_NPU_ERROR_TIMEOUT:
    return EDGE_ERROR_TIMEOUT;
  case EDGE_NPU_ERROR_CANCELLED:
    return EDGE_ERROR_CANCELLED;
  default:
    return EDGE_ERROR_DEVICE;
  }
}

static edge_status complete(edge_completion *completion,
                            const edge_npu_error *error) {
  completion->status = status_of(error->status);
  completion->command = error->command;
  snprintf(completion->reason, sizeof(completion->reason), "%s%s%.150s",
           error->rule, error->rule[0] ? ": " : "", error->text);
  return completion->status;
}

/* The device's buffers as the simulator takes them; `addresses` may be NULL. */
static void describe_buffers(const edge_job_info *job, void *const *addresses,
                             edge_npu_buffer *buffers) {
  for (uint32_t i = 0; i < job->buffer_count; i++) {
    const uint32_t access = job->buffers[i].access;
    buffers[i].data = addresses ? addresses[i] : NULL;
    buffers[i].size_bytes = job->buffers[i].size_bytes;
    buffers[i].access = (access & EDGE_ACCESS_READ ? EDGE_NPU_READ : 0u) |
                        (access & EDGE_ACCESS_WRITE ? EDGE_NPU_WRITE : 0u);
    buffers[i].reserved = 0;
  }
}

/*===----------------------------------------------------------------------===*\
 * The device
\*===----------------------------------------------------------------------===*/

static void npu_close(void *state) {
  npu_device *device = state;
  edge_npu_destroy(device->runner);
  edge_npu_destroy(device->checker);
  pthread_mutex_destroy(&device->checking);
  free(device);
}

static edge_status npu_open(void *user, const edge_device_info *info,
                            void **state, edge_message *message) {
  const edge_npu_driver *driver = user;
  if (info->format_version != NPU_FORMAT_VERSION) {
    snprintf(message->text, sizeof(message->text),
             "device '%s' takes command streams of version %u but this "
             "simulator runs version %u; compile the model with the edgec of "
             "this runtime",
             info->name, info->format_version, (unsigned)NPU_FORMAT_VERSION);
    return EDGE_ERROR_DEVICE;
  }
  npu_device *device = calloc(1, sizeof(*device));
  if (!device || pthread_mutex_init(&device->checking, NULL) != 0) {
    snprintf(message->text, sizeof(message->text), "no memory for device '%s'",
             info->name);
    free(device);
    return EDGE_ERROR_OUT_OF_MEMORY;
  }
  device->driver = driver;
  edge_npu_error error;
  int32_t status = edge_npu_create(info->parameters, info->parameter_count,
                                   &driver->options, &device->runner, &error);
  if (!status)
    status = edge_npu_create(info->parameters, info->parameter_count,
                             &driver->options, &device->checker, &error);
  if (status) {
    snprintf(message->text, sizeof(message->text),
             "device '%s' cannot be opened: %s", info->name, error.text);
    npu_close(device);
    return status_of(status);
  }
  device->launch_nanoseconds =
      info->parameters[NPU_PARAMETER_LAUNCH_NANOSECONDS];
  *state = device;
  return EDGE_OK;
}

static edge_status npu_prepare(void *state, const edge_job_info *job,
                               void **program, edge_completion *completion) {
  npu_device *device = state;
  edge_npu_error error;
  (void)program;
  pthread_mutex_lock(&device->checking);
  describe_buffers(job, NULL, device->check_buffers);
  const int32_t status =
      edge_npu_check(device->checker, job->commands, job->commands_bytes,
                     device->check_buffers, job->buffer_count, &error);
  pthread_mutex_unlock(&device->checking);
  return status ? complete(completion, &error) : EDGE_OK;
}

/*===----------------------------------------------------------------------===*\
 * Running
\*===----------------------------------------------------------------------===*/

static int32_t before_command(void *user, uint32_t command, uint32_t offset) {
  const npu_run *run = user;
  (void)command, (void)offset;
  return edge_worker_cancelled(run->cancelled);
}

static void record_command(void *user, const edge_npu_record *record) {
  const npu_run *run = user;
  const edge_npu_listener *listener = &run->device->driver->listener;
  listener->record(listener->user, run->job, record);
}

static uint32_t checksum(const edge_job_info *job, void *const *buffers) {
  uint32_t crc = 0;
  for (uint32_t i = 0; i < job->buffer_count; i++)
    if ((job->buffers[i].access & (EDGE_ACCESS_WRITE | EDGE_ACCESS_SCRATCH)) ==
        EDGE_ACCESS_WRITE)
      crc = edge_crc32(crc, buffers[i], job->buffers[i].size_bytes);
  return crc;
}

static void npu_run_job(void *state, const edge_job_info *job, void *program,
                        void *const *buffers, const void *cancelled,
                        edge_completion *completion) {
  npu_device *device = state;
  const edge_npu_listener *listener = &device->driver->listener;
  npu_run run = {device, job, cancelled};
  const edge_npu_observer observer = {&run, before_command,
                                      listener->record ? record_command : NULL};
  edge_npu_statistics statistics;
  edge_npu_error error;
  (void)program;
  describe_buffers(job, buffers, device->run_buffers);
  if (edge_npu_run(device->runner, job->commands, job->commands_bytes,
                   device->run_buffers, job->buffer_count, &observer,
                   &statistics, &error)) {
    complete(completion, &error);
    return;
  }
  completion->nanoseconds =
      device->launch_nanoseconds +
      edge_npu_nanoseconds(device->runner, statistics.cycles);
  completion->nanojoules =
      (edge_npu_femtojoules(&statistics) + 500000) / 1000000;
  completion->checksum = checksum(job, buffers);
  if (listener->finished)
    listener->finished(listener->user, job, &statistics);
}

static void npu_discard(void *state, void *program) {
  (void)state, (void)program;
}

void edge_npu_driver_init(edge_npu_driver *driver,
                          const edge_npu_listener *listener) {
  static const edge_worker worker = {
      .flags = EDGE_DEVICE_CHECKSUMS | EDGE_DEVICE_SIMULATED,
      .open = npu_open,
      .close = npu_close,
      .prepare = npu_prepare,
      .discard = npu_discard,
      .run = npu_run_job,
  };
  memset(driver, 0, sizeof(*driver));
  if (listener)
    driver->listener = *listener;
  edge_worker_driver(&worker, "npu", driver, &driver->driver);
}
