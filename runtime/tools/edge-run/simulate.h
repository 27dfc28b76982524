/*===- simulate.h - edge-run -simulate ------------------------------------===*\
|*
|* Predicts when the processors would work: kernels take what the compiler's
|* cost model says at the clock of its machine description, on one core; jobs
|* take what their device reports of a real run, or else what was predicted.
|* Nothing here measures the machine that it runs on, so that the same model
|* gives the same figures everywhere.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_RUN_SIMULATE_H
#define EDGE_RUN_SIMULATE_H

#include "devices.h"
#include "timeline.h"

#include <stdio.h>

typedef struct simulation {
  const edge_model *model;
  const edge_job_record *jobs; /* the session's; NULL without jobs */
  timeline_input input;
  timeline line;
  double *times;            /* what input's times point to */
  uint64_t nanojoules;      /* of the jobs of one run */
  uint64_t steps_left_out;  /* of loops that turn very often */
  uint32_t unknown_kernels; /* without prediction; they count as 0 */
} simulation;

/** Makes the time line of the session's last profiled run. The caller gives `s`
 *  to simulation_free, on an error too. */
edge_status simulation_make(edge_session *session, const options *options,
                            simulation *s, edge_message *message);

/** Writes a name of a unit of the time line: "cpu", "npu-256 0". */
void simulation_unit_name(const simulation *s, uint32_t unit, char *text,
                          size_t size);

/** Prints latency, what each unit did, and the jobs. */
void simulation_report(FILE *out, const simulation *s, int json);

/** Writes the first frames as a trace for Chrome and Perfetto, with the units
 *  of NPUs during the jobs of the first. */
edge_status simulation_trace(const char *path, const simulation *s,
                             const unit_record *records, size_t record_count,
                             edge_message *message);

void simulation_free(simulation *s);

#endif /* EDGE_RUN_SIMULATE_H */
