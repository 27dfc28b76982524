/*===- timeline.h - when which processor would work -----------------------===*\
|*
|* Plays what the host did in a run (edge_step) with given times: kernels occupy
|* a cluster of CPUs, jobs occupy their device from the submission or from the
|* end of the job before, a wait lasts until its job is done. Several frames may
|* be on their way, as in an edge_pipeline; of steps that can begin, the one
|* that can begin first does, and of those the one of the oldest frame.
|*
|*     cpu   |k0|k1|--|k2|k0|k1|         |k2|
|*     npu      |  job 0  |  |  job 0    |
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_RUN_TIMELINE_H
#define EDGE_RUN_TIMELINE_H

#include "edge/runtime.h"

/** What is to be played. All times are in nanoseconds. */
typedef struct timeline_input {
  const edge_model *model;
  const edge_step *steps;
  uint32_t step_count;
  const double *kernel_ns; /* per kernel of the model */
  const double *job_ns;    /* per job of the model, on its device */
  uint32_t frames;         /* >= 1 */
  uint32_t depth;          /* frames at once, >= 1 */
  uint32_t clusters;       /* of CPUs, >= 1; each has one kernel at a time */
} timeline_input;

/** A kernel or a job at work. */
typedef struct timeline_span {
  uint32_t frame;
  uint32_t unit; /* a cluster, or clusters + a device */
  uint32_t is_job;
  uint32_t index; /* of the kernel or job */
  double start_ns, end_ns;
} timeline_span;

/** Frames whose spans are kept. */
enum { TIMELINE_KEPT_FRAMES = 16 };

typedef struct timeline {
  timeline_span *spans; /* of the first frames, in the order of their start */
  size_t span_count;
  double *busy_ns;     /* per unit, over all frames */
  uint32_t unit_count; /* clusters, then devices of the model */
  double latency_ns;   /* of the first frame */
  double total_ns;     /* until the last frame is done */
  double period_ns;    /* total_ns per frame, filling and draining included */
  double bound_ns;     /* per frame, of the unit (all clusters are one) that has
                          most     to do: no schedule has a shorter period */
} timeline;

/** Plays the steps. The caller gives `result` to timeline_free, on an error
 *  too. Returns EDGE_OK or EDGE_ERROR_OUT_OF_MEMORY. */
edge_status timeline_play(const timeline_input *input, timeline *result,
                          edge_message *message);

void timeline_free(timeline *t);

#endif /* EDGE_RUN_TIMELINE_H */
