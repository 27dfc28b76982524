/* A driver whose devices are threads of the host (edge_worker): checks a job
   when it is prepared, then runs its commands one by one. */

#define _GNU_SOURCE
#include "tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static edge_status tally_open(void *user, const edge_device_info *info,
                              void **state, edge_message *message) {
  if (info->format_version != 1) {
    if (message)
      snprintf(message->text, sizeof(message->text),
               "'%s' has commands of version %u and should have version 1",
               info->name, info->format_version);
    return EDGE_ERROR_DEVICE;
  }
  *state = user;
  return EDGE_OK;
}

static void tally_close(void *state) { (void)state; }

static edge_status reject(edge_completion *completion, uint32_t command,
                          const char *reason) {
  completion->status = EDGE_ERROR_REJECTED;
  completion->command = command;
  snprintf(completion->reason, sizeof(completion->reason), "%s", reason);
  return EDGE_ERROR_REJECTED;
}

/* Everything that `run` relies on. */
static edge_status tally_prepare(void *state, const edge_job_info *job,
                                 void **program, edge_completion *completion) {
  const tally_command *commands = job->commands;
  const uint32_t count =
      (uint32_t)(job->commands_bytes / sizeof(tally_command));
  (void)state;
  *program = NULL;
  for (uint32_t i = 0; i < count; i++) {
    const tally_command c = commands[i];
    if (c.operation < TALLY_ADD || c.operation > TALLY_HANG)
      return reject(completion, i, "there is no such operation");
    if (c.to >= job->buffer_count || c.from >= job->buffer_count ||
        c.with >= job->buffer_count)
      return reject(completion, i, "there is no such buffer");
    if (!(job->buffers[c.to].access & EDGE_ACCESS_WRITE))
      return reject(completion, i, "the buffer is read only");
    const uint64_t bytes = job->buffers[c.to].size_bytes;
    if (job->buffers[c.from].size_bytes < bytes ||
        job->buffers[c.with].size_bytes < bytes)
      return reject(completion, i, "the operand is shorter than the result");
  }
  return EDGE_OK;
}

static void tally_discard(void *state, void *program) {
  (void)state;
  (void)program;
}

static void sleep_microseconds(uint32_t microseconds) {
  const struct timespec time = {microseconds / 1000000,
                                (long)(microseconds % 1000000) * 1000};
  nanosleep(&time, NULL);
}

static void run_command(const edge_job_info *job, const tally_command *c,
                        void *const *buffers) {
  const uint64_t count = job->buffers[c->to].size_bytes / sizeof(int32_t);
  int32_t *to = buffers[c->to];
  const int32_t *from = buffers[c->from], *with = buffers[c->with];
  for (uint64_t i = 0; i < count; i++)
    to[i] = c->operation == TALLY_ADD ? from[i] + with[i] : from[i] * with[i];
}

static void tally_run(void *state, const edge_job_info *job, void *program,
                      void *const *buffers, const void *cancelled,
                      edge_completion *completion) {
  const tally_command *commands = job->commands;
  const uint64_t count = job->commands_bytes / sizeof(tally_command);
  tally_options *options = state;
  (void)program;
  if (options && options->delay_us)
    sleep_microseconds(options->delay_us);
  for (uint32_t i = 0; i < count; i++) {
    if (options && commands[i].operation == TALLY_HANG)
      __atomic_fetch_add(&options->hangs, 1, __ATOMIC_RELEASE);
    while (commands[i].operation == TALLY_HANG &&
           !edge_worker_cancelled(cancelled))
      sleep_microseconds(100);
    if (edge_worker_cancelled(cancelled)) {
      completion->status = EDGE_ERROR_CANCELLED;
      completion->command = i;
      return;
    }
    run_command(job, &commands[i], buffers);
  }
  completion->nanoseconds = count * TALLY_NANOSECONDS_PER_COMMAND;
  completion->nanojoules = count * TALLY_NANOJOULES_PER_COMMAND;
  for (uint32_t i = 0; i < job->buffer_count; i++)
    if ((job->buffers[i].access & (EDGE_ACCESS_WRITE | EDGE_ACCESS_SCRATCH)) ==
        EDGE_ACCESS_WRITE)
      completion->checksum = edge_crc32(completion->checksum, buffers[i],
                                        job->buffers[i].size_bytes);
}

static const edge_worker worker = {
    .flags = EDGE_DEVICE_CHECKSUMS | EDGE_DEVICE_SIMULATED,
    .open = tally_open,
    .close = tally_close,
    .prepare = tally_prepare,
    .discard = tally_discard,
    .run = tally_run,
};

/* What a device with memory of its own does differently. */
static const tally_options *options_of(const edge_device *device) {
  return device->driver->user;
}

static void own_properties(edge_device *device,
                           edge_device_properties *properties) {
  memset(properties, 0, sizeof(*properties));
  snprintf(properties->name, sizeof(properties->name), "tally apart");
  properties->flags = EDGE_DEVICE_CHECKSUMS;
  properties->buffer_alignment = 64;
  (void)device;
}

static edge_status own_allocate(edge_device *device, uint64_t size_bytes,
                                void **memory) {
  const tally_options *options = options_of(device);
  if (options->most_copies && options->copies == options->most_copies)
    return EDGE_ERROR_OUT_OF_MEMORY;
  *memory = aligned_alloc(64, (size_bytes + 63) / 64 * 64);
  if (*memory)
    ((tally_options *)options_of(device))->copies++;
  return *memory ? EDGE_OK : EDGE_ERROR_OUT_OF_MEMORY;
}

static void own_release(edge_device *device, void *memory) {
  ((tally_options *)options_of(device))->copies--;
  free(memory);
}

static edge_status own_import(edge_device *device, void *memory,
                              uint64_t size_bytes) {
  (void)memory;
  (void)size_bytes;
  if (options_of(device)->own_memory < 2)
    return EDGE_ERROR_DEVICE;
  ((tally_options *)options_of(device))->imports++;
  return EDGE_OK;
}

static void own_forget(edge_device *device, void *memory) {
  (void)memory;
  ((tally_options *)options_of(device))->imports--;
}

void tally_driver(tally_options *options, edge_driver *driver) {
  edge_worker_driver(&worker, "tally", options, driver);
  if (!options || !options->own_memory)
    return;
  driver->properties = own_properties;
  driver->allocate = own_allocate;
  driver->release = own_release;
  driver->import = own_import;
  driver->forget = own_forget;
}

#ifdef TALLY_LIBRARY
/* For programs that load drivers: edge-run -load-driver=tally.so. */
const edge_driver *edge_driver_library(void);
const edge_driver *edge_driver_library(void) {
  static edge_driver driver;
  tally_driver(NULL, &driver);
  return &driver;
}
#endif
