/*===- worker_device.c - a device that is a thread of the host ------------===*\
|*
|* Events wait in a list that is linked through their driver's words, so that
|* submitting allocates nothing. One mutex guards the list and the states; a
|* condition variable tells of work and of its end.
|*
|*     submit    event: queued -> work
|*     thread    takes the first: running, runs it unlocked, done -> ended
|*     cancel    queued: done at once; running: asks, and waits for its end
|*
\*===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include "edge/device.h"
#include "message.h"
#include "waiting.h"

#include <stdlib.h>
#include <string.h>

enum { WORD_NEXT, WORD_STATE, WORD_CANCELLED };
enum { STATE_DONE = 0, STATE_QUEUED, STATE_RUNNING };

typedef struct {
  edge_device base;
  const edge_worker *worker;
  void *state;
  char name[64];
  pthread_t thread;
  pthread_mutex_t mutex;
  pthread_cond_t changed; /* there is work, or some has ended */
  edge_event *first;      /* the queue, without the one that runs */
  edge_event *last;
  int stop;
} worker_device;

static edge_event *next_of(const edge_event *event) {
  edge_event *next;
  memcpy(&next, &event->driver_words[WORD_NEXT], sizeof(void *));
  return next;
}

static void set_next(edge_event *event, const edge_event *next) {
  memcpy(&event->driver_words[WORD_NEXT], &next, sizeof(void *));
}

int edge_worker_cancelled(const void *cancelled) {
  return __atomic_load_n((const uint64_t *)cancelled, __ATOMIC_RELAXED) != 0;
}

/*===----------------------------------------------------------------------===*\
 * The thread
\*===----------------------------------------------------------------------===*/

/* Ends `event`, with the mutex held. */
static void end_event(worker_device *device, edge_event *event) {
  event->driver_words[WORD_STATE] = STATE_DONE;
  pthread_cond_broadcast(&device->changed);
}

static void *work(void *argument) {
  worker_device *device = argument;
  pthread_mutex_lock(&device->mutex);
  for (;;) {
    while (!device->first && !device->stop)
      pthread_cond_wait(&device->changed, &device->mutex);
    if (!device->first)
      break;
    edge_event *event = device->first;
    device->first = next_of(event);
    event->driver_words[WORD_STATE] = STATE_RUNNING;
    pthread_mutex_unlock(&device->mutex);
    device->worker->run(device->state, event->job, event->program,
                        event->buffers, &event->driver_words[WORD_CANCELLED],
                        &event->completion);
    pthread_mutex_lock(&device->mutex);
    end_event(device, event);
  }
  pthread_mutex_unlock(&device->mutex);
  return NULL;
}

/*===----------------------------------------------------------------------===*\
 * Opening and closing
\*===----------------------------------------------------------------------===*/

static edge_status worker_open(const edge_driver *driver,
                               const edge_device_info *info,
                               edge_device **result, edge_message *message) {
  const edge_worker *worker = driver->worker;
  worker_device *device = calloc(1, sizeof(*device));
  if (!device)
    return edge_fail(message, EDGE_ERROR_OUT_OF_MEMORY,
                     "no memory for device '%s'", info->name);
  device->base.driver = driver;
  device->worker = worker;
  strncpy(device->name, info->name, sizeof(device->name) - 1);
  const edge_status status =
      worker->open(driver->user, info, &device->state, message);
  if (status) {
    free(device);
    return status;
  }
  if (!edge_waiting_init(&device->mutex, &device->changed)) {
    worker->close(device->state);
    free(device);
    return edge_fail(message, EDGE_ERROR_OUT_OF_MEMORY,
                     "no memory for device '%s'", info->name);
  }
  if (!edge_start_thread(&device->thread, work, device)) {
    edge_waiting_destroy(&device->mutex, &device->changed);
    worker->close(device->state);
    free(device);
    return edge_fail(message, EDGE_ERROR_THREAD,
                     "the system refused a thread for device '%s'", info->name);
  }
  *result = &device->base;
  return EDGE_OK;
}

static void worker_close(edge_device *base) {
  worker_device *device = (worker_device *)base;
  pthread_mutex_lock(&device->mutex);
  device->stop = 1;
  pthread_cond_broadcast(&device->changed);
  pthread_mutex_unlock(&device->mutex);
  pthread_join(device->thread, NULL);
  edge_waiting_destroy(&device->mutex, &device->changed);
  device->worker->close(device->state);
  free(device);
}

static void worker_properties(edge_device *base,
                              edge_device_properties *properties) {
  const worker_device *device = (worker_device *)base;
  memset(properties, 0, sizeof(*properties));
  memcpy(properties->name, device->name, sizeof(properties->name));
  properties->flags = device->worker->flags | EDGE_DEVICE_HOST_MEMORY;
  properties->buffer_alignment = 1;
}

static edge_status worker_prepare(edge_device *base, const edge_job_info *job,
                                  void **program, edge_completion *completion) {
  const worker_device *device = (worker_device *)base;
  *program = NULL;
  memset(completion, 0, sizeof(*completion));
  completion->command = EDGE_NO_COMMAND;
  if (!device->worker->prepare)
    return EDGE_OK;
  return device->worker->prepare(device->state, job, program, completion);
}

static void worker_discard(edge_device *base, void *program) {
  const worker_device *device = (worker_device *)base;
  if (device->worker->discard)
    device->worker->discard(device->state, program);
}

/*===----------------------------------------------------------------------===*\
 * Events
\*===----------------------------------------------------------------------===*/

static edge_status worker_submit(edge_device *base, edge_event *event) {
  worker_device *device = (worker_device *)base;
  memset(&event->completion, 0, sizeof(event->completion));
  event->completion.command = EDGE_NO_COMMAND;
  pthread_mutex_lock(&device->mutex);
  set_next(event, NULL);
  event->driver_words[WORD_STATE] = STATE_QUEUED;
  event->driver_words[WORD_CANCELLED] = 0;
  if (device->first)
    set_next(device->last, event);
  else
    device->first = event;
  device->last = event;
  pthread_cond_broadcast(&device->changed);
  pthread_mutex_unlock(&device->mutex);
  return EDGE_OK;
}

static int worker_poll(edge_device *base, edge_event *event) {
  worker_device *device = (worker_device *)base;
  pthread_mutex_lock(&device->mutex);
  const int done = event->driver_words[WORD_STATE] == STATE_DONE;
  pthread_mutex_unlock(&device->mutex);
  return done;
}

static edge_status worker_wait(edge_device *base, edge_event *event,
                               uint64_t limit_nanoseconds) {
  worker_device *device = (worker_device *)base;
  const edge_limit limit = edge_limit_after(limit_nanoseconds);
  pthread_mutex_lock(&device->mutex);
  while (event->driver_words[WORD_STATE] != STATE_DONE)
    if (!edge_wait_until(&device->changed, &device->mutex, &limit))
      break;
  const int done = event->driver_words[WORD_STATE] == STATE_DONE;
  pthread_mutex_unlock(&device->mutex);
  return done ? EDGE_OK : EDGE_ERROR_TIMEOUT;
}

/* Takes an event out of the queue, with the mutex held. */
static void unlink_event(worker_device *device, const edge_event *event) {
  edge_event *before = NULL;
  for (edge_event *at = device->first; at != event; at = next_of(at))
    before = at;
  if (before)
    set_next(before, next_of(event));
  else
    device->first = next_of(event);
  if (device->last == event)
    device->last = before;
}

static edge_status worker_cancel(edge_device *base, edge_event *event) {
  worker_device *device = (worker_device *)base;
  pthread_mutex_lock(&device->mutex);
  if (event->driver_words[WORD_STATE] == STATE_QUEUED) {
    unlink_event(device, event);
    event->completion.status = EDGE_ERROR_CANCELLED;
    end_event(device, event);
  }
  __atomic_store_n(&event->driver_words[WORD_CANCELLED], 1, __ATOMIC_RELAXED);
  while (event->driver_words[WORD_STATE] != STATE_DONE)
    pthread_cond_wait(&device->changed, &device->mutex);
  pthread_mutex_unlock(&device->mutex);
  return EDGE_OK;
}

void edge_worker_driver(const edge_worker *worker, const char *kind, void *user,
                        edge_driver *driver) {
  memset(driver, 0, sizeof(*driver));
  driver->version = EDGE_DRIVER_VERSION;
  driver->kind = kind;
  driver->user = user;
  driver->worker = worker;
  driver->open = worker_open;
  driver->close = worker_close;
  driver->properties = worker_properties;
  driver->prepare = worker_prepare;
  driver->discard = worker_discard;
  driver->submit = worker_submit;
  driver->poll = worker_poll;
  driver->wait = worker_wait;
  driver->cancel = worker_cancel;
}
