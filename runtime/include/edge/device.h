/*===- edge/device.h - drivers of accelerators ----------------------------===*\
|*
|* A driver is a table of functions that an embedder gives to the runtime: there
|* is no registry and no global state. It opens devices; a device takes jobs (a
|* command stream and the addresses of its buffers), works on them while the
|* host goes on, and completes events.
|*
|*     edge_device_open(drivers, count, &model->devices[0], &device, &message);
|*     device->driver->submit(device, &event);      starts, returns at once
|*     ...                                          the host computes
|*     device->driver->wait(device, &event, limit); done: event.completion
|*     edge_device_close(device);
|*
|* Who only runs models calls edge_session_attach_device and nothing of the
|* table. docs/devices.md has a driver from top to bottom.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_DEVICE_H
#define EDGE_DEVICE_H

#include "edge/runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct edge_driver edge_driver;
typedef struct edge_event edge_event;

/** Version of the table below. A runtime refuses drivers of other versions. */
#define EDGE_DRIVER_VERSION UINT32_C(1)

/** A time limit that never ends. */
#define EDGE_FOREVER UINT64_MAX

/** An open device: what `edge_driver::open` makes begins with this struct. */
struct edge_device {
  const edge_driver *driver;
};

/** What a device can do (`edge_device_properties::flags`), a set of bits. */
enum {
  /** Reads and writes any memory of the process in place: buffers are handed
   *  over without a copy. */
  EDGE_DEVICE_HOST_MEMORY = 1,
  /** Fills in edge_completion::checksum; the runtime then compares. */
  EDGE_DEVICE_CHECKSUMS = 2,
  /** edge_completion::nanoseconds is what the hardware would take, and has
   *  nothing to do with the time that passes here. */
  EDGE_DEVICE_SIMULATED = 4
};

typedef struct edge_device_properties {
  char name[64];             /* for people, terminated by NUL */
  uint32_t flags;            /* EDGE_DEVICE_ bits */
  uint32_t reserved;         /* 0 */
  uint64_t buffer_alignment; /* of addresses of buffers, in bytes; >= 1 */
  uint64_t memory_bytes;     /* what `allocate` has to give; 0: not known */
} edge_device_properties;

/** "No command is to blame" in edge_completion::command. */
#define EDGE_NO_COMMAND UINT32_MAX

/** How a job ended. */
typedef struct edge_completion {
  /** EDGE_OK or EDGE_ERROR_REJECTED, _DEVICE_LOST, _OUT_OF_MEMORY, _TIMEOUT,
   *  _CHECKSUM, _CANCELLED or _DEVICE (anything else). */
  edge_status status;

  /** Index of the command in the stream that failed, or EDGE_NO_COMMAND. */
  uint32_t command;

  /** CRC-32 (IEEE 802.3, as zlib's) of the bytes that the job wrote as the
   *  device knows them: of every buffer with EDGE_ACCESS_WRITE and without
   *  EDGE_ACCESS_SCRATCH, one after the other. Only with
   *  EDGE_DEVICE_CHECKSUMS. */
  uint32_t checksum;

  /** 0. */
  uint32_t reserved;

  /** Time from the job's start on the device to its end, by the device's own
   *  clock, waiting in the queue not included; 0 if not known. */
  uint64_t nanoseconds;

  /** Energy of the job; 0 if not known. */
  uint64_t nanojoules;

  /** Why it failed: lower case, no full stop, terminated by NUL; "" if there is
   *  nothing to add to status and command. */
  char reason[160];
} edge_completion;

/** One job on its way through a device.
 *
 *  The memory belongs to whoever submits it, and so do `job` and `buffers`: all
 *  of it stays as it is from `submit` until the event is done (`poll` says so,
 *  `wait` returned EDGE_OK, or `cancel` returned). */
struct edge_event {
  const edge_job_info *job;

  /** What `prepare` made of the job, or NULL. */
  void *program;

  /** edge_job_info::buffer_count addresses that the device sees. */
  void *const *buffers;

  /** Written by the driver before the event is done. */
  edge_completion completion;

  /** The driver's own between submit and the end of the event; of any content
   *  before. */
  uint64_t driver_words[8];
};

/** The functions of a driver. All but those that are said to may be NULL must
 *  be there.
 *
 *  Threads: `open` and `close` of different devices may run at the same time;
 *  every other function of one device may be called from several threads at
 *  once, for different events. No function ends the process, and none but
 *  `open`, `allocate`, `import` and `prepare` allocates. A device that was lost
 *  answers every call at once. */
struct edge_driver {
  /** EDGE_DRIVER_VERSION. */
  uint32_t version;

  /** 0. */
  uint32_t reserved;

  /** The edge_device_info::kind that it drives. */
  const char *kind;

  /** The driver's own; how one table is made for several configurations. */
  void *user;

  /** Of drivers that edge_worker_driver made; else NULL. */
  const struct edge_worker *worker;

  /** Opens a device that can run what `info` describes, with the parameters
   *  that the model was compiled for.
   *
   *  device  Set to a device whose `driver` is `driver`, to be given to
   *          `close`; NULL on an error.
   *  message Not NULL; to be written on an error.
   *
   *  Returns EDGE_OK, EDGE_ERROR_DEVICE (there is none, or its parameters or
   *  its format_version are others), EDGE_ERROR_OUT_OF_MEMORY or
   *  EDGE_ERROR_THREAD. Allocates. */
  edge_status (*open)(const edge_driver *driver, const edge_device_info *info,
                      edge_device **device, edge_message *message);

  /** Closes a device and frees what belongs to it. No event is on its way. */
  void (*close)(edge_device *device);

  /** Fills in all fields. Always the same for one device. */
  void (*properties)(edge_device *device, edge_device_properties *properties);

  /** Gives memory that both the device and the host see, aligned to
   *  buffer_alignment; `release` takes it back. Called only for devices without
   *  EDGE_DEVICE_HOST_MEMORY; both may be NULL for others.
   *
   *  Returns EDGE_OK, EDGE_ERROR_OUT_OF_MEMORY or EDGE_ERROR_DEVICE_LOST. */
  edge_status (*allocate)(edge_device *device, uint64_t size_bytes,
                          void **memory);
  void (*release)(edge_device *device, void *memory);

  /** Lets the device see memory of the host in place, until `forget`, which
   *  gets the same address. For devices without EDGE_DEVICE_HOST_MEMORY that
   *  can do this; both may be NULL.
   *
   *  Returns EDGE_OK; any other status means that buffers there are copied. */
  edge_status (*import)(edge_device *device, void *memory, uint64_t size_bytes);
  void (*forget)(edge_device *device, void *memory);

  /** Looks at a job before it is first submitted: checks and translates the
   *  commands, or loads them into the device. *program is given to `discard`
   *  before the device is closed. Both may be NULL.
   *
   *  Returns EDGE_OK, or the status that it wrote into `completion` together
   *  with the command to blame; *program is then not looked at. Allocates. */
  edge_status (*prepare)(edge_device *device, const edge_job_info *job,
                         void **program, edge_completion *completion);
  void (*discard)(edge_device *device, void *program);

  /** Queues `event`, whose job runs when those before it are done. Does not
   *  wait for them: a driver whose hardware has no room keeps the event in a
   *  list of its own, for which driver_words has the links.
   *
   *  Returns EDGE_OK, or a status of edge_completion: the event is then not on
   *  its way, and its completion says the same. Does not allocate. */
  edge_status (*submit)(edge_device *device, edge_event *event);

  /** Returns 1 if `event` is done, else 0. */
  int (*poll)(edge_device *device, edge_event *event);

  /** Waits for `event`, at most `limit_nanoseconds` of a monotonic clock
   *  (EDGE_FOREVER: as long as it takes).
   *
   *  Returns EDGE_OK when the event is done, well or not (its completion says
   *  which), or EDGE_ERROR_TIMEOUT: it is still on its way. */
  edge_status (*wait)(edge_device *device, edge_event *event,
                      uint64_t limit_nanoseconds);

  /** Takes `event` back, and returns when it is done: as it is if it was done
   *  before, else with EDGE_ERROR_CANCELLED or another error. From then on the
   *  device does not touch its buffers, even if that means to reset or to
   *  isolate it.
   *
   *  Returns EDGE_OK, or EDGE_ERROR_DEVICE_LOST if the device cannot be used
   *  any more. */
  edge_status (*cancel)(edge_device *device, edge_event *event);
};

/** Opens a device for `info` with the first of `count` drivers that has its
 *  kind and opens it.
 *
 *  device  Set to the device, which the caller gives to edge_device_close after
 *          all sessions that it is attached to are destroyed, or to NULL.
 *
 *  Returns EDGE_OK, EDGE_ERROR_INVALID_ARGUMENT (a NULL pointer, or a table
 *  that lacks a function or has another version), EDGE_ERROR_DEVICE (no driver
 *  has that kind), or the status of the last driver that has. Allocates. Any
 *  thread. */
edge_status edge_device_open(const edge_driver *const *drivers, uint32_t count,
                             const edge_device_info *info, edge_device **device,
                             edge_message *message);

/** Closes `device`; NULL is allowed. */
void edge_device_close(edge_device *device);

/** Returns the CRC-32 of edge_completion::checksum, continued from `crc` (0 for
 *  the first bytes). Any thread; does not allocate. */
uint32_t edge_crc32(uint32_t crc, const void *memory, size_t size_bytes);

/*===----------------------------------------------------------------------===*\
 * Devices that are a thread of the host
\*===----------------------------------------------------------------------===*/

/** What a device that is computed by the host, a simulator for example, brings
 *  along; edge_worker_driver makes the rest: a thread, a queue, waiting with a
 *  limit and cancelling. */
typedef struct edge_worker {
  /** EDGE_DEVICE_ bits; EDGE_DEVICE_HOST_MEMORY is added. */
  uint32_t flags;

  /** 0. */
  uint32_t reserved;

  /** As edge_driver::open, but *state is the worker's own. `user` is the
   *  driver's. `message` is not NULL. */
  edge_status (*open)(void *user, const edge_device_info *info, void **state,
                      edge_message *message);
  void (*close)(void *state);

  /** As edge_driver::prepare and discard; both may be NULL. */
  edge_status (*prepare)(void *state, const edge_job_info *job, void **program,
                         edge_completion *completion);
  void (*discard)(void *state, void *program);

  /** Runs a job, on the device's thread, one at a time, and fills in the
   *  completion, which is all zero but for the command, EDGE_NO_COMMAND. A job
   *  that may take long looks at `cancelled` now and then, and returns early if
   *  edge_worker_cancelled says so. Does not allocate. */
  void (*run)(void *state, const edge_job_info *job, void *program,
              void *const *buffers, const void *cancelled,
              edge_completion *completion);
} edge_worker;

/** Whether the job that got `cancelled` is to be given up. Any thread. */
int edge_worker_cancelled(const void *cancelled);

/** Fills in a driver whose devices run `worker` on a thread of their own, with
 *  signals blocked and a stack of 1 MB. The caller owns `driver`, and keeps it,
 *  `worker` and `kind` for as long as a device is open.
 *
 *  user  Given to edge_worker::open. */
void edge_worker_driver(const edge_worker *worker, const char *kind, void *user,
                        edge_driver *driver);

#ifdef __cplusplus
}
#endif

#endif /* EDGE_DEVICE_H */
