/*===- fault_injector.c - a device that fails on purpose ------------------===*\
|*
|* Submissions go to the wrapped device unless they are the chosen one. Events
|* on their way are kept in a small table, because an injected one is unknown to
|* the device within. Every result gets a checksum here, so that a flipped bit
|* is found whatever the device within can do.
|*
\*===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include "fault_injector.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST_EVENTS 256

typedef struct {
  edge_event *event; /* NULL: free */
  uint32_t kind;     /* EDGE_INJECT_ */
} entry;

typedef struct {
  edge_device base;
  edge_device *inner;
  edge_fault_injector *injector;
  pthread_mutex_t mutex;
  entry entries[MOST_EVENTS]; /* on their way */
  int lost;
} faulty_device;

const char *edge_injection_name(uint32_t kind) {
  static const char *const names[EDGE_INJECT_KINDS] = {
      "nothing", "rejected", "timeout", "lost", "checksum", "out-of-memory"};
  return kind < EDGE_INJECT_KINDS ? names[kind] : NULL;
}

/*===----------------------------------------------------------------------===*\
 * Events
\*===----------------------------------------------------------------------===*/

/* The entry of `event` (NULL: a free one), with the mutex held. */
static entry *find(faulty_device *device, const edge_event *event) {
  for (size_t i = 0; i < MOST_EVENTS; i++)
    if (device->entries[i].event == event)
      return &device->entries[i];
  return NULL;
}

static void blame(edge_event *event, edge_status status, uint32_t command) {
  memset(&event->completion, 0, sizeof(event->completion));
  event->completion.status = status;
  event->completion.command = command;
  snprintf(event->completion.reason, sizeof(event->completion.reason),
           "injected");
}

static int is_result(const edge_job_buffer *buffer) {
  return (buffer->access & EDGE_ACCESS_WRITE) &&
         !(buffer->access & EDGE_ACCESS_SCRATCH);
}

/* A device that stops half-way leaves half a result. */
static void scribble(const edge_event *event) {
  for (uint32_t i = 0; i < event->job->buffer_count; i++)
    if (is_result(&event->job->buffers[i]))
      memset(event->buffers[i], 0xa5, event->job->buffers[i].size_bytes);
}

static uint32_t checksum(const edge_event *event) {
  uint32_t crc = 0;
  for (uint32_t i = 0; i < event->job->buffer_count; i++)
    if (is_result(&event->job->buffers[i]))
      crc =
          edge_crc32(crc, event->buffers[i], event->job->buffers[i].size_bytes);
  return crc;
}

static void flip_bit(const edge_event *event, uint32_t byte) {
  for (uint32_t i = 0; i < event->job->buffer_count; i++) {
    const edge_job_buffer *buffer = &event->job->buffers[i];
    if (!is_result(buffer) || !buffer->size_bytes)
      continue;
    ((uint8_t *)event->buffers[i])[byte % buffer->size_bytes] ^= 4;
    return;
  }
}

/* Whether the device within knows the event. */
static int is_within(const entry *e) {
  return e->kind == EDGE_INJECT_NOTHING || e->kind == EDGE_INJECT_CHECKSUM;
}

/* Ends an entry whose event is done, with the mutex held. */
static void finish(faulty_device *device, entry *e) {
  edge_event *event = e->event;
  if (is_within(e)) {
    if (event->completion.status == EDGE_OK)
      event->completion.checksum = checksum(event);
    if (e->kind == EDGE_INJECT_CHECKSUM)
      flip_bit(event, device->injector->command);
  }
  e->event = NULL;
}

/* What the chosen submission does at once. */
static edge_status inject(faulty_device *device, edge_event *event) {
  const uint32_t command = device->injector->command;
  switch (device->injector->kind) {
  case EDGE_INJECT_REJECTED:
    scribble(event);
    blame(event, EDGE_ERROR_REJECTED, command);
    return EDGE_OK;
  case EDGE_INJECT_TIMEOUT:
    scribble(event);
    blame(event, EDGE_ERROR_TIMEOUT, command);
    return EDGE_OK;
  case EDGE_INJECT_LOST:
    scribble(event);
    blame(event, EDGE_ERROR_DEVICE_LOST, command);
    device->lost = 1;
    return EDGE_OK;
  case EDGE_INJECT_OUT_OF_MEMORY:
    blame(event, EDGE_ERROR_OUT_OF_MEMORY, command);
    return EDGE_ERROR_OUT_OF_MEMORY;
  default:
    return device->inner->driver->submit(device->inner, event);
  }
}

static edge_status faulty_submit(edge_device *base, edge_event *event) {
  faulty_device *device = (faulty_device *)base;
  edge_fault_injector *injector = device->injector;
  pthread_mutex_lock(&device->mutex);
  const uint32_t number =
      __atomic_fetch_add(&injector->submissions, 1, __ATOMIC_RELAXED);
  const int chosen =
      injector->kind != EDGE_INJECT_NOTHING && number == injector->job;
  entry *e = find(device, NULL);
  edge_status status;
  if (device->lost) {
    blame(event, EDGE_ERROR_DEVICE_LOST, EDGE_NO_COMMAND);
    status = EDGE_ERROR_DEVICE_LOST;
  } else if (!e) {
    blame(event, EDGE_ERROR_OUT_OF_MEMORY, EDGE_NO_COMMAND);
    status = EDGE_ERROR_OUT_OF_MEMORY;
  } else {
    if (chosen)
      injector->injected++;
    e->kind = chosen ? injector->kind : EDGE_INJECT_NOTHING;
    status = chosen ? inject(device, event)
                    : device->inner->driver->submit(device->inner, event);
    e->event = status ? NULL : event;
  }
  pthread_mutex_unlock(&device->mutex);
  return status;
}

static int faulty_poll(edge_device *base, edge_event *event) {
  faulty_device *device = (faulty_device *)base;
  pthread_mutex_lock(&device->mutex);
  entry *e = find(device, event);
  int done = 1;
  if (e && e->kind == EDGE_INJECT_TIMEOUT)
    done = 0;
  else if (e && is_within(e))
    done = device->inner->driver->poll(device->inner, event);
  if (e && done)
    finish(device, e);
  pthread_mutex_unlock(&device->mutex);
  return done;
}

/* A hang without a limit would be the test's; it lasts a moment instead. */
static edge_status hang(uint64_t limit_nanoseconds) {
  const uint64_t most = 1000000000;
  if (limit_nanoseconds > most)
    limit_nanoseconds = most;
  const struct timespec time = {(time_t)(limit_nanoseconds / most),
                                (long)(limit_nanoseconds % most)};
  nanosleep(&time, NULL);
  return EDGE_ERROR_TIMEOUT;
}

static edge_status faulty_wait(edge_device *base, edge_event *event,
                               uint64_t limit_nanoseconds) {
  faulty_device *device = (faulty_device *)base;
  pthread_mutex_lock(&device->mutex);
  entry *e = find(device, event);
  const uint32_t kind = e ? e->kind : EDGE_INJECT_NOTHING;
  const int within = e && is_within(e);
  pthread_mutex_unlock(&device->mutex);
  if (kind == EDGE_INJECT_TIMEOUT)
    return hang(limit_nanoseconds);
  if (within && device->inner->driver->wait(device->inner, event,
                                            limit_nanoseconds) != EDGE_OK)
    return EDGE_ERROR_TIMEOUT;
  pthread_mutex_lock(&device->mutex);
  e = find(device, event);
  if (e)
    finish(device, e);
  pthread_mutex_unlock(&device->mutex);
  return EDGE_OK;
}

static edge_status faulty_cancel(edge_device *base, edge_event *event) {
  faulty_device *device = (faulty_device *)base;
  edge_status status = EDGE_OK;
  pthread_mutex_lock(&device->mutex);
  entry *e = find(device, event);
  const int within = e && is_within(e);
  if (e && e->kind == EDGE_INJECT_TIMEOUT)
    event->completion.status = EDGE_ERROR_CANCELLED;
  if (e)
    e->event = NULL;
  const int lost = device->lost;
  pthread_mutex_unlock(&device->mutex);
  if (within)
    status = device->inner->driver->cancel(device->inner, event);
  return lost ? EDGE_ERROR_DEVICE_LOST : status;
}

/*===----------------------------------------------------------------------===*\
 * The device
\*===----------------------------------------------------------------------===*/

static edge_status faulty_open(const edge_driver *driver,
                               const edge_device_info *info,
                               edge_device **result, edge_message *message) {
  edge_fault_injector *injector = driver->user;
  faulty_device *device = calloc(1, sizeof(*device));
  if (!device)
    return EDGE_ERROR_OUT_OF_MEMORY;
  device->base.driver = driver;
  device->injector = injector;
  const edge_status status =
      injector->inner->open(injector->inner, info, &device->inner, message);
  if (status || pthread_mutex_init(&device->mutex, NULL) != 0) {
    if (!status)
      injector->inner->close(device->inner);
    free(device);
    return status ? status : EDGE_ERROR_OUT_OF_MEMORY;
  }
  *result = &device->base;
  return EDGE_OK;
}

static void faulty_close(edge_device *base) {
  faulty_device *device = (faulty_device *)base;
  edge_device_close(device->inner);
  pthread_mutex_destroy(&device->mutex);
  free(device);
}

static void faulty_properties(edge_device *base,
                              edge_device_properties *properties) {
  edge_device *inner = ((faulty_device *)base)->inner;
  inner->driver->properties(inner, properties);
  properties->flags |= EDGE_DEVICE_CHECKSUMS;
}

static edge_status faulty_allocate(edge_device *base, uint64_t size_bytes,
                                   void **memory) {
  edge_device *inner = ((faulty_device *)base)->inner;
  return inner->driver->allocate(inner, size_bytes, memory);
}

static void faulty_release(edge_device *base, void *memory) {
  edge_device *inner = ((faulty_device *)base)->inner;
  inner->driver->release(inner, memory);
}

static edge_status faulty_import(edge_device *base, void *memory,
                                 uint64_t size_bytes) {
  edge_device *inner = ((faulty_device *)base)->inner;
  return inner->driver->import(inner, memory, size_bytes);
}

static void faulty_forget(edge_device *base, void *memory) {
  edge_device *inner = ((faulty_device *)base)->inner;
  inner->driver->forget(inner, memory);
}

static edge_status faulty_prepare(edge_device *base, const edge_job_info *job,
                                  void **program, edge_completion *completion) {
  edge_device *inner = ((faulty_device *)base)->inner;
  return inner->driver->prepare(inner, job, program, completion);
}

static void faulty_discard(edge_device *base, void *program) {
  edge_device *inner = ((faulty_device *)base)->inner;
  inner->driver->discard(inner, program);
}

void edge_fault_injector_init(edge_fault_injector *injector,
                              const edge_driver *inner) {
  memset(injector, 0, sizeof(*injector));
  injector->inner = inner;
  edge_driver *driver = &injector->driver;
  driver->version = EDGE_DRIVER_VERSION;
  driver->kind = inner->kind;
  driver->user = injector;
  driver->open = faulty_open;
  driver->close = faulty_close;
  driver->properties = faulty_properties;
  driver->allocate = inner->allocate ? faulty_allocate : NULL;
  driver->release = inner->release ? faulty_release : NULL;
  driver->import = inner->import ? faulty_import : NULL;
  driver->forget = inner->forget ? faulty_forget : NULL;
  driver->prepare = inner->prepare ? faulty_prepare : NULL;
  driver->discard = inner->discard ? faulty_discard : NULL;
  driver->submit = faulty_submit;
  driver->poll = faulty_poll;
  driver->wait = faulty_wait;
  driver->cancel = faulty_cancel;
}
