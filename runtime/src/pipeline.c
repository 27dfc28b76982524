/*===- pipeline.c - frames in sessions of their own -----------------------===*\
|*
|* Frame n belongs to station n modulo their number, so that order needs no
|* queue: the source fills stations in turn and waits for an empty one, the
|* receiver empties them in turn and waits for a finished one. One mutex guards
|* all states; frames are milliseconds, not microseconds, apart.
|*
|*     empty --submit--> waiting --thread--> running --> done --receive--> empty
|*
\*===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include "edge/pipeline.h"
#include "message.h"
#include "session.h"
#include "waiting.h"

#include <stdlib.h>
#include <string.h>

typedef enum { EMPTY = 0, WAITING, RUNNING, DONE } station_state;

typedef struct {
  edge_pipeline *pipeline;
  edge_session *session;
  pthread_t thread;
  station_state state;
  const void **inputs; /* input_count */
  void **outputs;      /* output_count */
  edge_status status;
  edge_message message;
} station;

struct edge_pipeline {
  pthread_mutex_t mutex;
  pthread_cond_t changed; /* any state, or `stop` */
  uint64_t submitted, received;
  const edge_model *model;
  void **addresses; /* what inputs and outputs of the stations point to */
  uint32_t count;
  int stop;
  station stations[]; /* count */
};

/*===----------------------------------------------------------------------===*\
 * Stations
\*===----------------------------------------------------------------------===*/

static void *work(void *argument) {
  station *self = argument;
  edge_pipeline *pipeline = self->pipeline;
  /* The session's CPUs were tried when its pool was bound to them. */
  if (self->session->cpu_count)
    edge_bind_this_thread(self->session->cpus, self->session->cpu_count);
  pthread_mutex_lock(&pipeline->mutex);
  for (;;) {
    while (self->state != WAITING && !pipeline->stop)
      pthread_cond_wait(&pipeline->changed, &pipeline->mutex);
    if (pipeline->stop)
      break;
    self->state = RUNNING;
    pthread_mutex_unlock(&pipeline->mutex);
    const edge_status status = edge_session_run(self->session, self->inputs,
                                                self->outputs, &self->message);
    pthread_mutex_lock(&pipeline->mutex);
    self->status = status;
    self->state = DONE;
    pthread_cond_broadcast(&pipeline->changed);
  }
  pthread_mutex_unlock(&pipeline->mutex);
  return NULL;
}

static void stop_stations(edge_pipeline *pipeline, uint32_t count) {
  pthread_mutex_lock(&pipeline->mutex);
  pipeline->stop = 1;
  pthread_cond_broadcast(&pipeline->changed);
  pthread_mutex_unlock(&pipeline->mutex);
  for (uint32_t i = 0; i < count; i++)
    pthread_join(pipeline->stations[i].thread, NULL);
}

/*===----------------------------------------------------------------------===*\
 * Pipelines
\*===----------------------------------------------------------------------===*/

static edge_status check_sessions(edge_session *const *sessions, uint32_t count,
                                  edge_message *message) {
  if (!sessions || count == 0 || count > EDGE_MAX_PIPELINE_DEPTH)
    return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                     "a pipeline takes 1 to %d sessions",
                     EDGE_MAX_PIPELINE_DEPTH);
  for (uint32_t i = 0; i < count; i++) {
    if (!sessions[i] || sessions[i]->model != sessions[0]->model ||
        sessions[i]->shaped->model != sessions[0]->shaped->model)
      return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                       "session %u of the pipeline is NULL or has another "
                       "model or other shapes than the first",
                       i);
    for (uint32_t j = 0; j < i; j++)
      if (sessions[i] == sessions[j])
        return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                         "session %u of the pipeline is session %u again; give "
                         "each frame one of its own",
                         i, j);
  }
  return EDGE_OK;
}

static edge_pipeline *allocate(edge_session *const *sessions, uint32_t count) {
  const edge_model *model = sessions[0]->shaped->model;
  const size_t each = (size_t)model->input_count + model->output_count;
  edge_pipeline *pipeline =
      calloc(1, sizeof(*pipeline) + count * sizeof(station));
  if (!pipeline)
    return NULL;
  pipeline->addresses = calloc(each * count + 1, sizeof(void *));
  if (!pipeline->addresses ||
      !edge_waiting_init(&pipeline->mutex, &pipeline->changed)) {
    free(pipeline->addresses);
    free(pipeline);
    return NULL;
  }
  pipeline->model = model;
  pipeline->count = count;
  for (uint32_t i = 0; i < count; i++) {
    station *s = &pipeline->stations[i];
    s->pipeline = pipeline;
    s->session = sessions[i];
    s->inputs = (const void **)(pipeline->addresses + i * each);
    s->outputs = pipeline->addresses + i * each + model->input_count;
  }
  return pipeline;
}

static void free_pipeline(edge_pipeline *pipeline) {
  edge_waiting_destroy(&pipeline->mutex, &pipeline->changed);
  free(pipeline->addresses);
  free(pipeline);
}

edge_status edge_pipeline_create(edge_session *const *sessions, uint32_t count,
                                 edge_pipeline **result,
                                 edge_message *message) {
  if (!result)
    return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT, "pipeline is NULL");
  *result = NULL;
  const edge_status status = check_sessions(sessions, count, message);
  if (status)
    return status;
  edge_pipeline *pipeline = allocate(sessions, count);
  if (!pipeline)
    return edge_fail(message, EDGE_ERROR_OUT_OF_MEMORY,
                     "no memory for a pipeline");
  for (uint32_t i = 0; i < count; i++) {
    station *s = &pipeline->stations[i];
    if (edge_start_thread(&s->thread, work, s))
      continue;
    stop_stations(pipeline, i);
    free_pipeline(pipeline);
    return edge_fail(message, EDGE_ERROR_THREAD,
                     "the system refused thread %u of the pipeline", i);
  }
  *result = pipeline;
  return EDGE_OK;
}

void edge_pipeline_destroy(edge_pipeline *pipeline) {
  if (!pipeline)
    return;
  stop_stations(pipeline, pipeline->count);
  free_pipeline(pipeline);
}

/*===----------------------------------------------------------------------===*\
 * Frames
\*===----------------------------------------------------------------------===*/

edge_status edge_pipeline_submit(edge_pipeline *pipeline,
                                 const void *const *inputs,
                                 void *const *outputs,
                                 uint64_t limit_nanoseconds,
                                 edge_message *message) {
  if (!pipeline)
    return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT, "pipeline is NULL");
  const edge_model *model = pipeline->model;
  const edge_status status =
      edge_session_check_buffers(model, inputs, outputs, message);
  if (status)
    return status;
  const edge_limit limit = edge_limit_after(limit_nanoseconds);
  pthread_mutex_lock(&pipeline->mutex);
  while (pipeline->submitted - pipeline->received == pipeline->count)
    if (!edge_wait_until(&pipeline->changed, &pipeline->mutex, &limit))
      break;
  const int has_room =
      pipeline->submitted - pipeline->received < pipeline->count;
  if (has_room) {
    station *s = &pipeline->stations[pipeline->submitted++ % pipeline->count];
    if (model->input_count)
      memcpy(s->inputs, inputs, model->input_count * sizeof(void *));
    if (model->output_count)
      memcpy(s->outputs, outputs, model->output_count * sizeof(void *));
    s->state = WAITING;
    pthread_cond_broadcast(&pipeline->changed);
  }
  pthread_mutex_unlock(&pipeline->mutex);
  if (!has_room)
    return edge_fail(message, EDGE_ERROR_BUSY,
                     "%u frames are on their way, as many as the pipeline "
                     "takes; receive one first",
                     pipeline->count);
  return EDGE_OK;
}

/* Empties a station that is done, with the mutex held. */
static edge_status take(edge_pipeline *pipeline, station *s, edge_frame *frame,
                        edge_message *message) {
  const edge_fault *fault = edge_session_fault(s->session);
  if (frame) {
    memset(frame, 0, sizeof(*frame));
    frame->index = pipeline->received;
    frame->status = s->status;
    frame->session = (uint32_t)(s - pipeline->stations);
    frame->report = *edge_session_report(s->session);
    if (fault)
      frame->fault = *fault;
  }
  if (message && s->status)
    *message = s->message;
  s->state = EMPTY;
  pipeline->received++;
  pthread_cond_broadcast(&pipeline->changed);
  return s->status;
}

static station *oldest(edge_pipeline *pipeline) {
  return &pipeline->stations[pipeline->received % pipeline->count];
}

edge_status edge_pipeline_receive(edge_pipeline *pipeline,
                                  uint64_t limit_nanoseconds, edge_frame *frame,
                                  edge_message *message) {
  if (!pipeline)
    return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT, "pipeline is NULL");
  const edge_limit limit = edge_limit_after(limit_nanoseconds);
  pthread_mutex_lock(&pipeline->mutex);
  /* Another thread may receive meanwhile: the oldest is then another. */
  while (oldest(pipeline)->state != DONE)
    if (!edge_wait_until(&pipeline->changed, &pipeline->mutex, &limit))
      break;
  station *s = oldest(pipeline);
  const edge_status status =
      s->state == DONE ? take(pipeline, s, frame, message)
                       : edge_fail(message, EDGE_ERROR_BUSY,
                                   "the oldest frame is not done yet");
  pthread_mutex_unlock(&pipeline->mutex);
  return status;
}
