/*===- devices.c - edge-run's accelerators --------------------------------===*\
|*
|* Drivers are asked in this order: libraries as they were given, then our own.
|* A build without the NPU's specification (the runtime alone, elsewhere) has no
|* driver of its own.
|*
\*===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include "devices.h"
#include "fault_injector.h"
#include "message.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef EDGE_RUN_NPU
#include "npu_driver.h"
#endif

struct devices {
  void **libraries;
  uint32_t library_count;
  const edge_driver **drivers;
  uint32_t driver_count;
  edge_fault_injector *injectors; /* one per driver, or NULL */
  edge_device **opened;
  uint32_t opened_count;
  pthread_mutex_t mutex; /* for the records */
  unit_record *records;
  size_t record_count, record_capacity;
#ifdef EDGE_RUN_NPU
  edge_npu_driver npu;
#endif
};

#ifdef EDGE_RUN_NPU
static void append(devices *d, unit_record record) {
  if (d->record_count == d->record_capacity) {
    const size_t capacity = d->record_capacity ? 2 * d->record_capacity : 1024;
    unit_record *larger = realloc(d->records, capacity * sizeof(*larger));
    if (!larger)
      return;
    d->records = larger;
    d->record_capacity = capacity;
  }
  d->records[d->record_count++] = record;
}

/* Called on the threads of devices. */
static void keep(void *user, const edge_job_info *job,
                 const edge_npu_record *record) {
  devices *d = user;
  pthread_mutex_lock(&d->mutex);
  append(d, (unit_record){job, record->begin_cycle, record->end_cycle,
                          record->command, record->opcode, record->unit});
  pthread_mutex_unlock(&d->mutex);
}
#endif

const unit_record *devices_records(const devices *d, size_t *count) {
  *count = d->record_count;
  return d->records;
}

void devices_forget(devices *d) { d->record_count = 0; }

/*===----------------------------------------------------------------------===*\
 * Drivers
\*===----------------------------------------------------------------------===*/

static edge_status load_driver(devices *d, const char *path,
                               edge_message *message) {
  char local[4096];
  /* dlopen searches the library path for a name without '/'. */
  snprintf(local, sizeof(local), "%s%s", strchr(path, '/') ? "" : "./", path);
  void *library = dlopen(local, RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return edge_fail(message, EDGE_ERROR_FILE, "%s: cannot be loaded: %s", path,
                     dlerror());
  d->libraries[d->library_count++] = library;
  void *symbol = dlsym(library, "edge_driver_library");
  const edge_driver *(*function)(void);
  memcpy(&function, &symbol, sizeof(function));
  const edge_driver *driver = function ? function() : NULL;
  if (!driver)
    return edge_fail(message, EDGE_ERROR_FILE,
                     "%s: has no driver; it should export 'const edge_driver "
                     "*edge_driver_library(void)'",
                     path);
  d->drivers[d->driver_count++] = driver;
  return EDGE_OK;
}

static edge_status gather_drivers(devices *d, const options *o,
                                  edge_message *message) {
  d->libraries = calloc(o->drivers.count + 1u, sizeof(*d->libraries));
  d->drivers = calloc(o->drivers.count + 1u, sizeof(*d->drivers));
  d->injectors = calloc(o->drivers.count + 1u, sizeof(*d->injectors));
  if (!d->libraries || !d->drivers || !d->injectors)
    return edge_fail(message, EDGE_ERROR_OUT_OF_MEMORY, "no memory");
  edge_status status = EDGE_OK;
  for (uint32_t i = 0; !status && i < o->drivers.count; i++)
    status = load_driver(d, o->drivers.values[i], message);
#ifdef EDGE_RUN_NPU
  const edge_npu_listener listener = {d, o->trace_file ? keep : NULL, NULL};
  edge_npu_driver_init(&d->npu, &listener);
  d->drivers[d->driver_count++] = &d->npu.driver;
#endif
  if (!o->inject_kind)
    return status;
  for (uint32_t i = 0; i < d->driver_count; i++) {
    edge_fault_injector_init(&d->injectors[i], d->drivers[i]);
    d->injectors[i].kind = o->inject_kind;
    d->injectors[i].job = o->inject_job;
    d->injectors[i].command = o->inject_command;
    d->drivers[i] = &d->injectors[i].driver;
  }
  return status;
}

/*===----------------------------------------------------------------------===*\
 * Attaching
\*===----------------------------------------------------------------------===*/

static edge_status attach_one(devices *d, edge_session *session, uint32_t index,
                              edge_message *message) {
  edge_device *device = NULL;
  const edge_status status = edge_device_open(
      d->drivers, d->driver_count, edge_session_device_info(session, index),
      &device, message);
  if (status)
    return status;
  d->opened[d->opened_count++] = device;
  return edge_session_attach_device(session, index, device, message);
}

static edge_status attach_all(devices *d, edge_session *session,
                              const options *o, edge_message *message) {
  const uint32_t count = edge_session_device_count(session);
  const int can_do_without =
      o->fallback || o->alternative || o->deadline_ms > 0 || o->energy_uj > 0;
  d->opened = calloc(count + 1u, sizeof(edge_device *));
  if (!d->opened)
    return edge_fail(message, EDGE_ERROR_OUT_OF_MEMORY, "no memory");
  for (uint32_t i = 0; i < count; i++) {
    if (o->only_devices && !(i < 64 && o->device_mask >> i & 1))
      continue;
    edge_message failure;
    const edge_status status = attach_one(d, session, i, &failure);
    if (status && !can_do_without)
      return edge_fail(message, status, "%s", failure.text);
    if (status)
      fprintf(stderr, "edge-run: warning: %s\n", failure.text);
  }
  return EDGE_OK;
}

static edge_status choose(edge_session *session, const options *o,
                          edge_message *message) {
  const edge_model *model = edge_session_model(session);
  edge_status status = EDGE_OK;
  uint32_t index;
  if (o->alternative) {
    status =
        edge_model_find_alternative(model, o->alternative, &index, message);
    if (!status)
      status = edge_session_set_alternative(session, index, message);
  }
  /* Without devices nothing fails, and a fallback is not needed. */
  if (!status && o->fallback && edge_session_device_count(session)) {
    status = edge_model_find_alternative(model, o->fallback, &index, message);
    if (!status)
      status = edge_session_set_fallback(session, index, message);
  }
  if (!status && o->timeout_ms > 0)
    status = edge_session_set_timeout(session, (uint64_t)(o->timeout_ms * 1e6),
                                      message);
  return status;
}

edge_status devices_attach(edge_session *session, const options *options,
                           devices **result, edge_message *message) {
  devices *d = *result = calloc(1, sizeof(*d));
  if (!d)
    return edge_fail(message, EDGE_ERROR_OUT_OF_MEMORY, "no memory");
  pthread_mutex_init(&d->mutex, NULL);
  edge_status status = gather_drivers(d, options, message);
  if (!status)
    status = attach_all(d, session, options, message);
  if (!status)
    status = choose(session, options, message);
  return status;
}

void devices_free(devices *d) {
  if (!d)
    return;
  for (uint32_t i = 0; i < d->opened_count; i++)
    edge_device_close(d->opened[i]);
  for (uint32_t i = 0; i < d->library_count; i++)
    dlclose(d->libraries[i]);
  free(d->libraries);
  free(d->drivers);
  free(d->injectors);
  free(d->opened);
  free(d->records);
  pthread_mutex_destroy(&d->mutex);
  free(d);
}
