/*===- simulate.c - the predicted time line as text and JSON --------------===*\
|*
|* Times are printed in microseconds, energies in microjoules.
|*
\*===----------------------------------------------------------------------===*/

#include "simulate.h"
#include "message.h"
#include "report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Fills in the times of kernels and jobs. */
static void find_times(simulation *s, double *kernel_ns, double *job_ns) {
  const edge_model *model = s->model;
  for (uint32_t i = 0; i < model->kernel_count; i++) {
    const double cycles = model->kernels[i].predicted_cycles;
    kernel_ns[i] = model->clock_hz > 0 ? cycles / model->clock_hz * 1e9 : 0;
    s->unknown_kernels += kernel_ns[i] == 0;
  }
  for (uint32_t i = 0; i < edge_model_job_count(model); i++) {
    const edge_job_record *job = &s->jobs[i];
    job_ns[i] = job->device_ns ? (double)job->device_ns
                               : (double)model->jobs[i].predicted_nanoseconds;
  }
  /* A loop submits a job several times. */
  for (size_t i = 0; i < s->input.step_count; i++) {
    const edge_step *step = &s->input.steps[i];
    if (step->kind == EDGE_STEP_SUBMIT)
      s->nanojoules += s->jobs[step->index].nanojoules;
  }
}

edge_status simulation_make(edge_session *session, const options *options,
                            simulation *s, edge_message *message) {
  memset(s, 0, sizeof(*s));
  const edge_model *model = s->model = edge_session_variant(session);
  s->jobs = edge_session_job_profile(session);
  s->times =
      calloc((size_t)model->kernel_count + edge_model_job_count(model) + 1,
             sizeof(double));
  if (!s->times)
    return edge_fail(message, EDGE_ERROR_OUT_OF_MEMORY, "no memory");
  timeline_input *in = &s->input;
  in->model = model;
  in->kernel_ns = s->times;
  in->job_ns = s->times + model->kernel_count;
  in->steps = edge_session_steps(session, &in->step_count, &s->steps_left_out);
  in->frames = options->frames;
  in->depth = options->depth;
  in->clusters = options->clusters;
  find_times(s, s->times, s->times + model->kernel_count);
  return timeline_play(in, &s->line, message);
}

void simulation_free(simulation *s) {
  timeline_free(&s->line);
  free(s->times);
}

/*===----------------------------------------------------------------------===*\
 * Reports
\*===----------------------------------------------------------------------===*/

void simulation_unit_name(const simulation *s, uint32_t unit, char *text,
                          size_t size) {
  const uint32_t clusters = s->input.clusters;
  if (unit >= clusters)
    snprintf(text, size, "%s %" PRIu32, s->model->devices[unit - clusters].name,
             unit - clusters);
  else if (clusters == 1)
    snprintf(text, size, "cpu");
  else
    snprintf(text, size, "cpu %" PRIu32, unit);
}

static double share(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}

static void report_json(FILE *out, const simulation *s) {
  const timeline *line = &s->line;
  const edge_model *model = s->model;
  fprintf(out,
          "\"simulation\": {\"latency_us\": %.3f, \"frames\": %" PRIu32
          ", \"depth\": %" PRIu32
          ", \"total_us\": %.3f, \"period_us\": %.3f, \"bound_us\": %.3f, "
          "\"share_of_bound\": %.6f, \"job_energy_uj\": %.3f, "
          "\"kernels_without_prediction\": %" PRIu32
          ", \"steps_left_out\": %" PRIu64 ", \"units\": [",
          line->latency_ns * 1e-3, s->input.frames, s->input.depth,
          line->total_ns * 1e-3, line->period_ns * 1e-3, line->bound_ns * 1e-3,
          share(line->bound_ns, line->period_ns), (double)s->nanojoules * 1e-3,
          s->unknown_kernels, s->steps_left_out);
  for (uint32_t i = 0; i < line->unit_count; i++) {
    char name[128];
    simulation_unit_name(s, i, name, sizeof(name));
    fputs(i ? ", {\"name\": " : "{\"name\": ", out);
    json_string(out, name);
    fprintf(out, ", \"busy_us\": %.3f, \"utilization\": %.6f}",
            line->busy_ns[i] * 1e-3, share(line->busy_ns[i], line->total_ns));
  }
  fputs("], \"jobs\": [", out);
  for (uint32_t i = 0; i < edge_model_job_count(model); i++) {
    const edge_job_info *job = &model->jobs[i];
    fputs(i ? ", {\"name\": " : "{\"name\": ", out);
    json_string(out, job->name);
    fputs(", \"layers\": ", out);
    json_string(out, job->layers);
    fprintf(out,
            ", \"device\": %" PRIu32 ", \"time_us\": %.3f, \"predicted_us\": "
            "%.3f, \"energy_uj\": %.3f, \"predicted_uj\": %.3f, \"macs\": "
            "%" PRIu64 "}",
            job->device, s->input.job_ns[i] * 1e-3,
            (double)job->predicted_nanoseconds * 1e-3,
            (double)s->jobs[i].nanojoules * 1e-3,
            (double)job->predicted_nanojoules * 1e-3, job->macs);
  }
  fputs("]}", out);
}

void simulation_report(FILE *out, const simulation *s, int json) {
  const timeline *line = &s->line;
  const edge_model *model = s->model;
  if (json) {
    report_json(out, s);
    return;
  }
  fprintf(out, "%-10s %.1f us (simulated, one core)\n", "latency",
          line->latency_ns * 1e-3);
  if (s->input.frames > 1)
    fprintf(out,
            "%-10s %" PRIu32 " frames, at most %" PRIu32
            " at once: one each %.1f us; the slower stage alone needs %.1f us "
            "(%.1f%%)\n",
            "pipeline", s->input.frames, s->input.depth, line->period_ns * 1e-3,
            line->bound_ns * 1e-3,
            100 * share(line->bound_ns, line->period_ns));
  for (uint32_t i = 0; i < line->unit_count; i++) {
    char name[128];
    simulation_unit_name(s, i, name, sizeof(name));
    fprintf(out, "%-10s %-16s busy %.1f us of %.1f (%.1f%%)\n", "unit", name,
            line->busy_ns[i] * 1e-3, line->total_ns * 1e-3,
            100 * share(line->busy_ns[i], line->total_ns));
  }
  for (uint32_t i = 0; i < edge_model_job_count(model); i++)
    fprintf(out,
            "%-10s %-16s %.1f us (predicted %.1f), %.3f uJ (predicted %.3f)  "
            "%.60s\n",
            "job", model->jobs[i].name, s->input.job_ns[i] * 1e-3,
            (double)model->jobs[i].predicted_nanoseconds * 1e-3,
            (double)s->jobs[i].nanojoules * 1e-3,
            (double)model->jobs[i].predicted_nanojoules * 1e-3,
            model->jobs[i].layers);
  if (edge_model_job_count(model))
    fprintf(out, "%-10s %.3f uJ in jobs\n", "energy",
            (double)s->nanojoules * 1e-3);
  if (s->unknown_kernels)
    fprintf(out,
            "%-10s %" PRIu32 " kernels without a prediction count as 0 us\n",
            "note", s->unknown_kernels);
  if (s->steps_left_out)
    fprintf(out, "%-10s %" PRIu64 " steps of loops are left out\n", "note",
            s->steps_left_out);
}
