/*===- npu_driver.h - the NPU in software as a device ---------------------===*\
|*
|* Lets the runtime run jobs of kind "npu" on the simulator, on a thread of its
|* own, so that the host's kernels go on beside it. Completions carry the time
|* and the energy of the hardware.
|*
|*     edge_npu_driver npu;
|*     edge_npu_driver_init(&npu, NULL);
|*     const edge_driver *drivers[] = {&npu.driver};
|*     edge_device_open(drivers, 1, &model->devices[0], &device, &message);
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_NPU_DRIVER_H
#define EDGE_NPU_DRIVER_H

#include "edge/device.h"
#include "npu_simulator.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What an observer may want to know of the jobs. Called on the device's
 *  thread, each of them may be NULL. */
typedef struct edge_npu_listener {
  void *user;

  /** Each command of a job, as edge_npu_observer::record. */
  void (*record)(void *user, const edge_job_info *job,
                 const edge_npu_record *record);

  /** After a job that succeeded. */
  void (*finished)(void *user, const edge_job_info *job,
                   const edge_npu_statistics *statistics);
} edge_npu_listener;

/** A driver for NPUs. The caller owns it, and fills in the options after
 *  edge_npu_driver_init and before the first device is opened. */
typedef struct edge_npu_driver {
  edge_driver driver;
  edge_npu_options options;   /* of every simulator; zeros at first */
  edge_npu_listener listener; /* likewise */
} edge_npu_driver;

/** Fills in the driver and copies `listener`, which may be NULL. The driver
 *  stays where it is for as long as a device is open. */
void edge_npu_driver_init(edge_npu_driver *driver,
                          const edge_npu_listener *listener);

#ifdef __cplusplus
}
#endif

#endif /* EDGE_NPU_DRIVER_H */
