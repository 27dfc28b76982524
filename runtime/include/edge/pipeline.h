/*===- edge/pipeline.h - several frames on their way at once --------------===*\
|*
|* A pipeline runs consecutive inputs of one model at the same time, each in a
|* session of its own: while an accelerator works on one frame, the CPU works on
|* the next. Results come out in the order in which frames went in.
|*
|*     edge_pipeline_create(sessions, 2, &pipeline, &message);
|*     for (;;) {
|*       edge_pipeline_submit(pipeline, inputs[n % 2], outputs[n % 2],
|*                            EDGE_FOREVER, &message);
|*       if (++n >= 2)
|*         edge_pipeline_receive(pipeline, EDGE_FOREVER, &frame, &message);
|*     }
|*
|* Sessions that share a device take turns on it. Sessions with CPUs of their
|* own (edge_session_set_cpus) are the clusters of a processor, each with a
|* frame.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_PIPELINE_H
#define EDGE_PIPELINE_H

#include "edge/device.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct edge_pipeline edge_pipeline;

/** Most sessions of a pipeline. */
#define EDGE_MAX_PIPELINE_DEPTH 64

/** Starts a pipeline with one thread for each of its sessions.
 *
 *  sessions  `count` different sessions on one model, with the same shapes
 *            chosen, their devices attached. The array is copied. The sessions
 *            are not owned, but nobody else uses them until the pipeline is
 *            destroyed: calls that change one return EDGE_ERROR_BUSY at best.
 *  count     1 to EDGE_MAX_PIPELINE_DEPTH: the most frames on their way.
 *  pipeline  Set to a new pipeline that the caller gives back to
 *            edge_pipeline_destroy, or to NULL on an error.
 *
 *  Returns EDGE_OK, EDGE_ERROR_INVALID_ARGUMENT, EDGE_ERROR_OUT_OF_MEMORY or
 *  EDGE_ERROR_THREAD. Allocates. Any thread. */
edge_status edge_pipeline_create(edge_session *const *sessions, uint32_t count,
                                 edge_pipeline **pipeline,
                                 edge_message *message);

/** Ends the pipeline: frames that run are finished, those that have not begun
 *  are dropped, results that were not received are lost. NULL is allowed. Not
 *  while another thread is in one of the calls below. */
void edge_pipeline_destroy(edge_pipeline *pipeline);

/** Hands in the next frame. Waits while as many frames as there are sessions
 *  have been handed in and not received; this is how a slow receiver holds up a
 *  fast source.
 *
 *  inputs, outputs    As for edge_session_run. The arrays are copied; the
 *                     buffers belong to the pipeline until the frame is
 *                     received.
 *  limit_nanoseconds  Longest time to wait for room: 0 does not wait,
 *                     EDGE_FOREVER has no end. Who submits and receives on one
 *                     thread receives before it is full.
 *
 *  Returns EDGE_OK, EDGE_ERROR_INVALID_ARGUMENT, or EDGE_ERROR_BUSY: there was
 *  no room in time, and nothing was done. Does not allocate. Any thread; frames
 *  are in the order in which the calls return. */
edge_status edge_pipeline_submit(edge_pipeline *pipeline,
                                 const void *const *inputs,
                                 void *const *outputs,
                                 uint64_t limit_nanoseconds,
                                 edge_message *message);

/** What became of a frame. */
typedef struct edge_frame {
  uint64_t index;         /* 0 for the first that was handed in */
  edge_status status;     /* of its run */
  uint32_t session;       /* index of the session that ran it */
  edge_run_report report; /* edge_session_report */
  edge_fault fault;       /* edge_session_fault; status is 0 if there is none */
} edge_frame;

/** Takes out the oldest frame, when it is done.
 *
 *  limit_nanoseconds  Longest time to wait, as above; for a frame to be handed
 *                     in, too.
 *  frame              Filled in unless EDGE_ERROR_BUSY or
 *                     EDGE_ERROR_INVALID_ARGUMENT is returned without a frame;
 *                     may be NULL.
 *
 *  Returns the status of the frame's run with its message, or EDGE_ERROR_BUSY:
 *  it was not done in time and stays where it is. A run in a pipeline never
 *  ends with EDGE_ERROR_BUSY. Does not allocate. Any thread. */
edge_status edge_pipeline_receive(edge_pipeline *pipeline,
                                  uint64_t limit_nanoseconds, edge_frame *frame,
                                  edge_message *message);

#ifdef __cplusplus
}
#endif

#endif /* EDGE_PIPELINE_H */
