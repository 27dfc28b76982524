/*===- simulate_trace.c - the predicted time line for Perfetto ------------===*\
|*
|* One process per processor: the CPU's clusters and the devices' jobs, one row
|* each; below an NPU's jobs, its units. Times are in microseconds.
|*
\*===----------------------------------------------------------------------===*/

#include "output_file.h"
#include "report.h"
#include "simulate.h"

#include <inttypes.h>

#ifdef EDGE_RUN_NPU
#include "npu_constants.h"
#endif

enum { ROW_JOBS = 0, ROW_UNITS = 1 }; /* thread ids of a device's process */

static void name_row(FILE *out, uint32_t process, uint32_t row,
                     const char *what, const char *name) {
  fprintf(out,
          "%s{\"ph\": \"M\", \"pid\": %" PRIu32 ", \"tid\": %" PRIu32
          ", \"name\": \"%s\", \"args\": {\"name\": ",
          process == 1 && row == 0 && what[0] == 'p' ? "" : ",\n", process, row,
          what);
  json_string(out, name);
  fputs("}}", out);
}

static void write_span(FILE *out, const simulation *s,
                       const timeline_span *span) {
  const edge_model *model = s->model;
  const char *name, *layers;
  if (span->is_job) {
    name = model->jobs[span->index].name;
    layers = model->jobs[span->index].layers;
  } else {
    name = model->kernels[span->index].name;
    layers = model->kernels[span->index].layers;
  }
  fprintf(out,
          ",\n{\"ph\": \"X\", \"cat\": \"%s\", \"pid\": %" PRIu32
          ", \"tid\": %d, \"ts\": %.4f, \"dur\": %.4f, \"name\": ",
          span->is_job ? "job" : "kernel", span->unit + 1, ROW_JOBS,
          span->start_ns * 1e-3, (span->end_ns - span->start_ns) * 1e-3);
  json_string(out, name);
  fprintf(out,
          ", \"args\": {\"frame\": %" PRIu32 ", \"layers\": ", span->frame);
  json_string(out, layers);
  fputs("}}", out);
}

#ifdef EDGE_RUN_NPU
static const char *opcode_name(uint8_t opcode) {
  switch (opcode) {
#define OPCODE_NAME(name, macro, code, bytes)                                  \
  case code:                                                                   \
    return #name;
    NPU_COMMANDS(OPCODE_NAME)
#undef OPCODE_NAME
  default:
    return "?";
  }
}

static void name_units(FILE *out, uint32_t process) {
#define UNIT_NAME(name, macro, code)                                           \
  name_row(out, process, ROW_UNITS + (code), "thread_name", #name);
  NPU_UNITS(UNIT_NAME)
#undef UNIT_NAME
}

/* The units' commands, within the span of their job in the first frame. */
static void write_records(FILE *out, const simulation *s,
                          const timeline_span *span, const unit_record *records,
                          size_t count) {
  const edge_job_info *job = &s->model->jobs[span->index];
  const edge_device_info *device = &s->model->devices[job->device];
  if (device->parameter_count != NPU_PARAMETERS_COUNT)
    return;
  const double us_per_cycle =
      1e3 / (double)device->parameters[NPU_PARAMETER_CLOCK_KILOHERTZ];
  const double start =
      span->start_ns * 1e-3 +
      (double)device->parameters[NPU_PARAMETER_LAUNCH_NANOSECONDS] * 1e-3;
  for (size_t i = 0; i < count; i++) {
    const unit_record *r = &records[i];
    if (r->job != job || r->begin_cycle == r->end_cycle)
      continue;
    fprintf(out,
            ",\n{\"ph\": \"X\", \"cat\": \"command\", \"pid\": %" PRIu32
            ", \"tid\": %d, \"ts\": %.4f, \"dur\": %.4f, \"name\": \"%s\", "
            "\"args\": {\"command\": %" PRIu32 ", \"cycles\": %" PRIu64 "}}",
            span->unit + 1, ROW_UNITS + r->unit,
            start + (double)r->begin_cycle * us_per_cycle,
            (double)(r->end_cycle - r->begin_cycle) * us_per_cycle,
            opcode_name(r->opcode), r->command, r->end_cycle - r->begin_cycle);
  }
}
#endif

edge_status simulation_trace(const char *path, const simulation *s,
                             const unit_record *records, size_t record_count,
                             edge_message *message) {
  output_file file;
  const edge_status status = output_file_open(&file, path, message);
  if (status)
    return status;
  FILE *out = file.stream;
  fputs("{\"displayTimeUnit\": \"ns\", \"traceEvents\": [\n", out);
  for (uint32_t unit = 0; unit < s->line.unit_count; unit++) {
    char name[128];
    simulation_unit_name(s, unit, name, sizeof(name));
    name_row(out, unit + 1, ROW_JOBS, "process_name", name);
    name_row(out, unit + 1, ROW_JOBS, "thread_name",
             unit < s->input.clusters ? "kernels" : "jobs");
#ifdef EDGE_RUN_NPU
    if (unit >= s->input.clusters && record_count)
      name_units(out, unit + 1);
#endif
  }
  for (size_t i = 0; i < s->line.span_count; i++) {
    const timeline_span *span = &s->line.spans[i];
    write_span(out, s, span);
#ifdef EDGE_RUN_NPU
    if (span->is_job && span->frame == 0)
      write_records(out, s, span, records, record_count);
#else
    (void)records, (void)record_count;
#endif
  }
  fputs("\n]}\n", out);
  return output_file_commit(&file, message);
}
