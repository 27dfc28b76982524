/*===- profile.c - time per kernel as a table, JSON and a trace -----------===*\
|*
|* Rates are of the mean time: operations per second as GFLOP/s, or GOP/s for a
|* kernel that computes in integers, and the share of the machine's peak when
|* the artifact says what that is. Beside the time stands what the compiler's
|* cost model predicted for one core at the clock of its machine description.
|*
\*===----------------------------------------------------------------------===*/

#include "output_file.h"
#include "report.h"

#include <inttypes.h>

/* A kernel's mean over all profiled runs. */
typedef struct {
  double nanoseconds;
  double gflops;    /* operations per nanosecond; 0 if not known */
  double share;     /* of the sum over all kernels, 0 to 1 */
  double peak;      /* of the machine's peak, 0 if not known */
  double predicted; /* nanoseconds; 0 if not known */
} kernel_times;

static double mean_nanoseconds(const edge_profile_record *record) {
  if (record->run_count == 0)
    return 0;
  return (double)record->total_ns / (double)record->run_count;
}

static double sum_nanoseconds(const edge_model *model,
                              const edge_profile_record *records) {
  double sum = 0;
  for (uint32_t i = 0; i < model->kernel_count; i++)
    sum += mean_nanoseconds(&records[i]);
  return sum;
}

static int is_float(edge_dtype dtype) {
  return dtype == EDGE_DTYPE_F32 || dtype == EDGE_DTYPE_F64 ||
         dtype == EDGE_DTYPE_F16 || dtype == EDGE_DTYPE_BF16 ||
         dtype == EDGE_DTYPE_F8E4M3 || dtype == EDGE_DTYPE_F8E5M2;
}

static kernel_times times_of(const edge_model *model, uint32_t index,
                             const edge_profile_record *records, double sum,
                             uint32_t threads) {
  const edge_kernel_info *kernel = &model->kernels[index];
  kernel_times times = {mean_nanoseconds(&records[index]), 0, 0, 0, 0};
  if (model->clock_hz > 0)
    times.predicted = kernel->predicted_cycles / model->clock_hz * 1e9;
  if (sum > 0)
    times.share = times.nanoseconds / sum;
  if (times.nanoseconds > 0)
    times.gflops = (double)kernel->flops / times.nanoseconds;
  const double peak =
      model->peak_flops_per_cycle * model->clock_hz * 1e-9 * threads;
  if (peak > 0 && kernel->compute_dtype == EDGE_DTYPE_F32)
    times.peak = times.gflops / peak;
  return times;
}

static void json_known(FILE *out, double number) {
  if (number > 0)
    json_number(out, number);
  else
    fputs("null", out);
}

static void profile_json(FILE *out, const edge_model *model,
                         const edge_profile_record *records, double sum,
                         uint32_t threads) {
  fputs("\"profile\": [", out);
  for (uint32_t i = 0; i < model->kernel_count; i++) {
    const edge_kernel_info *kernel = &model->kernels[i];
    const kernel_times times = times_of(model, i, records, sum, threads);
    fputs(i ? ", {\"name\": " : "{\"name\": ", out);
    json_string(out, kernel->name);
    fputs(", \"layers\": ", out);
    json_string(out, kernel->layers);
    fprintf(out,
            ", \"time_us\": %.3f, \"min_us\": %.3f, \"share\": %.6f, "
            "\"flops\": %" PRIu64 ", \"bytes_moved\": %" PRIu64
            ", \"extent\": %" PRId64 ", \"%s\": %.3f, \"peak_share\": ",
            times.nanoseconds * 1e-3, (double)records[i].min_ns * 1e-3,
            times.share, kernel->flops, kernel->bytes_moved, kernel->extent,
            is_float(kernel->compute_dtype) ? "gflops" : "gops", times.gflops);
    json_known(out, times.peak);
    fputs(", \"predicted_us\": ", out);
    json_known(out, times.predicted * 1e-3);
    fputc('}', out);
  }
  fputc(']', out);
}

void report_profile(FILE *out, const edge_model *model,
                    const edge_profile_record *records, uint32_t threads,
                    int json) {
  const double sum = sum_nanoseconds(model, records);
  if (json) {
    profile_json(out, model, records, sum, threads);
    return;
  }
  const int has_peak = model->peak_flops_per_cycle * model->clock_hz > 0;
  double predicted = 0;
  fprintf(out, "%4s  %-24s %10s %12s %7s %15s %s%9s  %s\n", "", "kernel",
          "time us", "predicted us", "share", "rate",
          has_peak ? "   peak " : "", "moved KB", "layers");
  for (uint32_t i = 0; i < model->kernel_count; i++) {
    const edge_kernel_info *kernel = &model->kernels[i];
    const kernel_times times = times_of(model, i, records, sum, threads);
    fprintf(out, "%4" PRIu32 "  %-24.24s %10.1f ", i, kernel->name,
            times.nanoseconds * 1e-3);
    if (times.predicted > 0)
      fprintf(out, "%12.1f", times.predicted * 1e-3);
    else
      fprintf(out, "%12s", "");
    fprintf(out, " %6.1f%% ", times.share * 100);
    predicted += times.predicted;
    if (kernel->flops)
      fprintf(out, "%7.1f %s", times.gflops,
              is_float(kernel->compute_dtype) ? "GFLOP/s" : "GOP/s  ");
    else
      fprintf(out, "%15s", "");
    if (has_peak && times.peak > 0)
      fprintf(out, " %6.1f%%", times.peak * 100);
    else if (has_peak)
      fprintf(out, " %7s", "");
    fprintf(out, " %9.1f  %s\n", (double)kernel->bytes_moved / 1024,
            kernel->layers);
  }
  fprintf(out, "%4s  %-24s %10.1f %12.1f\n", "", "sum", sum * 1e-3,
          predicted * 1e-3);
}

edge_status report_trace(const char *path, const edge_model *model,
                         const edge_profile_record *records,
                         edge_message *message) {
  output_file file;
  const edge_status status = output_file_open(&file, path, message);
  if (status)
    return status;
  FILE *out = file.stream;
  fputs("{\"displayTimeUnit\": \"ns\", \"traceEvents\": [\n"
        "{\"ph\": \"M\", \"pid\": 1, \"tid\": 1, \"name\": \"process_name\", "
        "\"args\": {\"name\": ",
        out);
  json_string(out, model->name);
  fputs("}}", out);
  for (uint32_t i = 0; i < model->kernel_count; i++) {
    const edge_kernel_info *kernel = &model->kernels[i];
    fputs(",\n{\"ph\": \"X\", \"pid\": 1, \"tid\": 1, \"cat\": \"kernel\", "
          "\"name\": ",
          out);
    json_string(out, kernel->name);
    /* Trace times are in microseconds. */
    fprintf(out, ", \"ts\": %.3f, \"dur\": %.3f, \"args\": {\"layers\": ",
            (double)records[i].start_ns * 1e-3,
            (double)records[i].time_ns * 1e-3);
    json_string(out, kernel->layers);
    fprintf(out,
            ", \"flops\": %" PRIu64 ", \"bytes_moved\": %" PRIu64
            ", \"extent\": %" PRId64 "}}",
            kernel->flops, kernel->bytes_moved, kernel->extent);
  }
  fputs("\n]}\n", out);
  return output_file_commit(&file, message);
}
