/*===- devices.h - edge-run's accelerators --------------------------------===*\
|*
|* Which drivers there are (the simulated NPU, and libraries given with
|* -load-driver), which devices of the model get one, and what a run does when
|* one fails. With -inject, every driver is wrapped in one that lets a job go
|* wrong.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_RUN_DEVICES_H
#define EDGE_RUN_DEVICES_H

#include "edge/device.h"
#include "options.h"

/** One command of an NPU's job, kept for the trace. */
typedef struct unit_record {
  const edge_job_info *job;
  uint64_t begin_cycle, end_cycle;
  uint32_t command;
  uint8_t opcode, unit;
} unit_record;

typedef struct devices devices;

/** Loads the drivers, and opens and attaches the devices of `session`. A device
 *  that cannot be attached is an error unless there is a fallback or a choice;
 *  it is then a warning on stderr. Also sets the alternative, the fallback and
 *  the time limit that the options ask for.
 *
 *  *result is set, on an error too, and given to devices_free after the session
 *  is destroyed. */
edge_status devices_attach(edge_session *session, const options *options,
                           devices **result, edge_message *message);

void devices_free(devices *d);

/** What the NPUs did in the jobs since the last call of devices_forget, in the
 *  order of their times, if the options ask for a trace. */
const unit_record *devices_records(const devices *d, size_t *count);
void devices_forget(devices *d);

#endif /* EDGE_RUN_DEVICES_H */
