/*===- timeline.c - when which processor would work -----------------------===*\
|*
|* A frame is a position in the steps and the time at which it got there; a unit
|* is the time until which it works. The next step to play is that of the frame
|* on its way that can begin earliest.
|*
\*===----------------------------------------------------------------------===*/

#include "timeline.h"
#include "message.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  uint32_t number;
  uint32_t step; /* next one; step_count: done, or not begun */
  double time_ns;
  double *job_ends; /* per job of the model */
} frame;

typedef struct {
  const timeline_input *in;
  timeline *out;
  double *free_ns; /* per unit */
  uint32_t depth;
  frame *frames; /* depth; frame n is at n modulo depth */
  double *job_ends;
} player;

static uint32_t unit_of(const player *p, const edge_step *step) {
  const timeline_input *in = p->in;
  if (step->kind == EDGE_STEP_SUBMIT)
    return in->clusters + in->model->jobs[step->index].device;
  uint32_t first = 0;
  for (uint32_t i = 1; i < in->clusters; i++)
    if (p->free_ns[i] < p->free_ns[first])
      first = i;
  return first;
}

static double later(double a, double b) { return a > b ? a : b; }

/* When the next step of a frame can begin. A submission itself takes no time,
   whether the device is free or not. */
static double earliest(const player *p, const frame *f) {
  const edge_step *step = &p->in->steps[f->step];
  if (step->kind == EDGE_STEP_KERNEL)
    return later(f->time_ns, p->free_ns[unit_of(p, step)]);
  if (step->kind == EDGE_STEP_WAIT)
    return later(f->time_ns, f->job_ends[step->index]);
  return f->time_ns;
}

static double work(player *p, const frame *f, const edge_step *step) {
  const uint32_t is_job = step->kind == EDGE_STEP_SUBMIT;
  const uint32_t unit = unit_of(p, step);
  const double start = later(f->time_ns, p->free_ns[unit]);
  const double time =
      is_job ? p->in->job_ns[step->index] : p->in->kernel_ns[step->index];
  p->free_ns[unit] = start + time;
  p->out->busy_ns[unit] += time;
  if (f->number < TIMELINE_KEPT_FRAMES)
    p->out->spans[p->out->span_count++] = (timeline_span){
        f->number, unit, is_job, step->index, start, start + time};
  return start + time;
}

static void play_step(player *p, frame *f) {
  const edge_step *step = &p->in->steps[f->step++];
  if (step->kind == EDGE_STEP_KERNEL)
    f->time_ns = work(p, f, step);
  else if (step->kind == EDGE_STEP_SUBMIT)
    f->job_ends[step->index] = work(p, f, step);
  else
    f->time_ns = later(f->time_ns, f->job_ends[step->index]);
}

/* The frame whose next step begins first, of [oldest, next). */
static frame *first_to_begin(const player *p, uint32_t oldest, uint32_t next) {
  frame *best = NULL;
  double best_ns = 0;
  for (uint32_t n = oldest; n < next; n++) {
    frame *f = &p->frames[n % p->depth];
    if (f->step == p->in->step_count)
      continue;
    const double time = earliest(p, f);
    if (!best || time < best_ns) {
      best = f;
      best_ns = time;
    }
  }
  return best;
}

/* Plays all frames. A frame begins when the one `depth` before it is done. */
static void play(player *p) {
  const timeline_input *in = p->in;
  uint32_t oldest = 0, next = 0;
  double first_end = 0, end = 0;
  while (oldest < in->frames) {
    while (next < in->frames && next - oldest < p->depth) {
      frame *f = &p->frames[next % p->depth];
      f->number = next++;
      f->step = 0;
      f->time_ns = end;
    }
    frame *f = first_to_begin(p, oldest, next);
    if (f)
      play_step(p, f);
    while (oldest < next &&
           p->frames[oldest % p->depth].step == in->step_count) {
      end = later(end, p->frames[oldest % p->depth].time_ns);
      if (oldest == 0)
        first_end = end;
      oldest++;
    }
  }
  p->out->latency_ns = first_end;
  p->out->total_ns = end;
  p->out->period_ns = end / in->frames;
}

static int ascending(const void *a, const void *b) {
  const double x = ((const timeline_span *)a)->start_ns;
  const double y = ((const timeline_span *)b)->start_ns;
  return (x > y) - (x < y);
}

static void find_bound(const timeline_input *in, timeline *out) {
  double cpu = 0;
  for (uint32_t i = 0; i < in->clusters; i++)
    cpu += out->busy_ns[i];
  out->bound_ns = cpu / in->clusters;
  for (uint32_t i = in->clusters; i < out->unit_count; i++)
    out->bound_ns = later(out->bound_ns, out->busy_ns[i]);
  out->bound_ns /= in->frames;
}

edge_status timeline_play(const timeline_input *in, timeline *out,
                          edge_message *message) {
  const uint32_t job_count = edge_model_job_count(in->model);
  const uint32_t kept =
      in->frames < TIMELINE_KEPT_FRAMES ? in->frames : TIMELINE_KEPT_FRAMES;
  memset(out, 0, sizeof(*out));
  out->unit_count = in->clusters + edge_model_device_count(in->model);
  out->spans = calloc((size_t)kept * in->step_count + 1, sizeof(*out->spans));
  out->busy_ns = calloc(out->unit_count, sizeof(double));
  player p = {in,
              out,
              calloc(out->unit_count, sizeof(double)),
              in->depth,
              calloc(in->depth, sizeof(frame)),
              calloc((size_t)in->depth * job_count + 1, sizeof(double))};
  const int has_memory =
      out->spans && out->busy_ns && p.free_ns && p.frames && p.job_ends;
  if (has_memory) {
    for (uint32_t i = 0; i < in->depth; i++)
      p.frames[i].job_ends = p.job_ends + (size_t)i * job_count;
    play(&p);
    qsort(out->spans, out->span_count, sizeof(*out->spans), ascending);
    find_bound(in, out);
  }
  free(p.free_ns);
  free(p.frames);
  free(p.job_ends);
  return has_memory ? EDGE_OK
                    : edge_fail(message, EDGE_ERROR_OUT_OF_MEMORY,
                                "no memory for the time line");
}

void timeline_free(timeline *t) {
  free(t->spans);
  free(t->busy_ns);
}
