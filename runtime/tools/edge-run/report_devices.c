/*===- report_devices.c - devices, jobs, alternatives and choices ---------===*\
|*
|* Members of JSON appear only in models that have devices or alternatives.
|*
\*===----------------------------------------------------------------------===*/

#include "report.h"

#include <inttypes.h>

static const char *label_of(const edge_model *model, uint32_t index) {
  const edge_alternative *info = edge_model_alternative_info(model, index);
  return info ? info->label : model->name;
}

static void json_devices(FILE *out, const edge_model *model) {
  fputs(", \"devices\": [", out);
  for (uint32_t i = 0; i < model->device_count; i++) {
    const edge_device_info *device = &model->devices[i];
    fputs(i ? ", {\"kind\": " : "{\"kind\": ", out);
    json_string(out, device->kind);
    fputs(", \"name\": ", out);
    json_string(out, device->name);
    fprintf(out, ", \"format_version\": %" PRIu32 ", \"parameters\": [",
            device->format_version);
    for (uint32_t k = 0; k < device->parameter_count; k++)
      fprintf(out, "%s%" PRIu64, k ? ", " : "", device->parameters[k]);
    fputs("]}", out);
  }
  fputs("], \"jobs\": [", out);
  for (uint32_t i = 0; i < model->job_count; i++) {
    const edge_job_info *job = &model->jobs[i];
    fputs(i ? ", {\"name\": " : "{\"name\": ", out);
    json_string(out, job->name);
    fputs(", \"layers\": ", out);
    json_string(out, job->layers);
    fprintf(out,
            ", \"device\": %" PRIu32 ", \"buffers\": %" PRIu32
            ", \"commands_bytes\": %" PRIu64 ", \"predicted_us\": %.3f, "
            "\"predicted_uj\": %.3f, \"macs\": %" PRIu64 "}",
            job->device, job->buffer_count, job->commands_bytes,
            (double)job->predicted_nanoseconds * 1e-3,
            (double)job->predicted_nanojoules * 1e-3, job->macs);
  }
  fputc(']', out);
}

static void json_alternatives(FILE *out, const edge_model *model) {
  fputs(", \"alternatives\": [", out);
  for (uint32_t i = 0; i < model->alternative_count; i++) {
    const edge_alternative *info = &model->alternatives[i];
    fputs(i ? ", {\"label\": " : "{\"label\": ", out);
    json_string(out, info->label);
    fprintf(out,
            ", \"jobs\": %" PRIu32 ", \"arena_bytes\": %" PRIu64
            ", \"predicted_us\": %.3f, \"predicted_uj\": %.3f, \"error\": ",
            edge_model_job_count(edge_model_alternative(model, i)),
            edge_model_alternative(model, i)->arena_bytes,
            (double)info->predicted_nanoseconds * 1e-3,
            (double)info->predicted_nanojoules * 1e-3);
    json_number(out, info->error);
    fputc('}', out);
  }
  fputc(']', out);
}

static void text_devices(FILE *out, const edge_model *model) {
  for (uint32_t i = 0; i < model->device_count; i++)
    fprintf(out, "%-8s %" PRIu32 "  %s (%s), commands of version %" PRIu32 "\n",
            "device", i, model->devices[i].name, model->devices[i].kind,
            model->devices[i].format_version);
  for (uint32_t i = 0; i < model->job_count; i++) {
    const edge_job_info *job = &model->jobs[i];
    fprintf(out,
            "%-8s %" PRIu32 "  %s on device %" PRIu32 ": %" PRIu64
            " bytes of commands, predicted %.1f us, %.3f uJ; %.60s\n",
            "job", i, job->name, job->device, job->commands_bytes,
            (double)job->predicted_nanoseconds * 1e-3,
            (double)job->predicted_nanojoules * 1e-3, job->layers);
  }
}

static void text_alternatives(FILE *out, const edge_model *model) {
  for (uint32_t i = 0; i < model->alternative_count; i++) {
    const edge_alternative *info = &model->alternatives[i];
    fprintf(out, "%-11s %s: %" PRIu32 " jobs, predicted %.1f us, %.3f uJ",
            "alternative", info->label,
            edge_model_job_count(edge_model_alternative(model, i)),
            (double)info->predicted_nanoseconds * 1e-3,
            (double)info->predicted_nanojoules * 1e-3);
    if (info->error >= 0) /* false for NaN */
      fprintf(out, ", error %.3g", info->error);
    fputc('\n', out);
  }
}

void report_info_devices(FILE *out, const edge_model *model, int json) {
  if (edge_model_device_count(model))
    (json ? json_devices : text_devices)(out, model);
  if (edge_model_alternative_info(model, 0))
    (json ? json_alternatives : text_alternatives)(out, model);
}

void report_choice(FILE *out, const edge_session *session, int json) {
  const edge_model *model = edge_session_model(session);
  const edge_run_report *report = edge_session_report(session);
  if (!json) {
    fprintf(out, "%-10s %s", "choice", label_of(model, report->planned));
    if (report->alternative != report->planned)
      fprintf(out, ", fell back to %s", label_of(model, report->alternative));
    fprintf(
        out, "; expected %.1f us, %.3f uJ%s; took %.1f us, %.3f uJ in jobs\n",
        (double)report->expected_ns * 1e-3, (double)report->expected_nj * 1e-3,
        report->fits ? "" : " (beyond the limits)",
        (double)report->nanoseconds * 1e-3, (double)report->nanojoules * 1e-3);
    return;
  }
  fputs("\"choice\": {\"planned\": ", out);
  json_string(out, label_of(model, report->planned));
  fputs(", \"alternative\": ", out);
  json_string(out, label_of(model, report->alternative));
  fprintf(out,
          ", \"fits\": %s, \"expected_us\": %.3f, \"expected_uj\": %.3f, "
          "\"time_us\": %.3f, \"job_energy_uj\": %.3f",
          report->fits ? "true" : "false", (double)report->expected_ns * 1e-3,
          (double)report->expected_nj * 1e-3,
          (double)report->nanoseconds * 1e-3,
          (double)report->nanojoules * 1e-3);
  const edge_fault *fault = edge_session_fault(session);
  if (fault) {
    fprintf(out,
            ", \"fault\": {\"status\": %d, \"text\": ", (int)fault->status);
    json_string(out, edge_status_text(fault->status));
    fputs(", \"job\": ", out);
    json_string(out, fault->job_name);
    if (fault->command != UINT32_MAX)
      fprintf(out, ", \"command\": %" PRIu32, fault->command);
    fputs(", \"reason\": ", out);
    json_string(out, fault->reason);
    fputc('}', out);
  }
  fputc('}', out);
}

void report_fault(FILE *out, const edge_session *session) {
  const edge_fault *fault = edge_session_fault(session);
  const edge_run_report *report = edge_session_report(session);
  fprintf(out, "edge-run: warning: job '%s' failed: %s", fault->job_name,
          edge_status_text(fault->status));
  if (fault->command != UINT32_MAX)
    fprintf(out, " at command %" PRIu32, fault->command);
  fprintf(out, "%s%s; the outputs are those of '%s'\n",
          fault->reason[0] ? ": " : "", fault->reason,
          label_of(edge_session_model(session), report->alternative));
}
