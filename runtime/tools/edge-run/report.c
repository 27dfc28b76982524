/*===- report.c - the model, its latency and its outputs ------------------===*\
|*
|* Text is for people: units in every number, names first. JSON keeps to the
|* members that the command-line contract promises.
|*
\*===----------------------------------------------------------------------===*/

#include "report.h"

#include <inttypes.h>
#include <stdlib.h>

/*===----------------------------------------------------------------------===*\
 * JSON
\*===----------------------------------------------------------------------===*/

void json_string(FILE *out, const char *text) {
  fputc('"', out);
  for (; *text; text++) {
    const unsigned char c = (unsigned char)*text;
    if (c == '"' || c == '\\')
      fprintf(out, "\\%c", c);
    else if (c < 0x20 || c == 0x7f)
      fprintf(out, "\\u%04x", c);
    else
      fputc(c, out);
  }
  fputc('"', out);
}

void json_number(FILE *out, double value) {
  if (value - value != 0)
    fputs("null", out);
  else
    fprintf(out, "%.9g", value);
}

static void json_shape(FILE *out, const edge_tensor_info *tensor) {
  fputc('[', out);
  for (uint32_t i = 0; i < tensor->rank; i++)
    fprintf(out, "%s%" PRId64, i ? ", " : "", tensor->shape[i]);
  fputc(']', out);
}

/* One quantization parameter is a number, several are a list. */
static void json_quantization(FILE *out, const edge_tensor_info *tensor) {
  const uint32_t count = tensor->quant_count;
  if (count == 0) {
    fputs(", \"scale\": null, \"zero_point\": null", out);
    return;
  }
  fprintf(out, ", \"scale\": %s", count > 1 ? "[" : "");
  for (uint32_t i = 0; i < count; i++) {
    fputs(i ? ", " : "", out);
    json_number(out, tensor->scales[i]);
  }
  fprintf(out, "%s, \"zero_point\": %s", count > 1 ? "]" : "",
          count > 1 ? "[" : "");
  for (uint32_t i = 0; i < count; i++)
    fprintf(out, "%s%" PRId32, i ? ", " : "", tensor->zero_points[i]);
  if (count > 1)
    fprintf(out, "], \"axis\": %" PRId32, tensor->quant_axis);
}

/*===----------------------------------------------------------------------===*\
 * The model
\*===----------------------------------------------------------------------===*/

/* Prints the smallest shape too where the run chooses sizes. */
static void json_least_shape(FILE *out, const edge_model *model, int is_output,
                             uint32_t tensor, uint32_t rank) {
  if (edge_model_variant_count(model) == 1)
    return;
  fputs(", \"least_shape\": [", out);
  for (uint32_t d = 0; d < rank; d++) {
    int64_t least, most;
    edge_model_size_range(model, is_output, tensor, d, &least, &most);
    fprintf(out, "%s%" PRId64, d ? ", " : "", least);
  }
  fputc(']', out);
}

static void json_tensors(FILE *out, const char *kind, const edge_model *model,
                         int is_output) {
  const edge_tensor_info *tensors = is_output ? model->outputs : model->inputs;
  const uint32_t count = is_output ? model->output_count : model->input_count;
  fprintf(out, ", \"%s\": [", kind);
  for (uint32_t i = 0; i < count; i++) {
    fputs(i ? ", {\"name\": " : "{\"name\": ", out);
    json_string(out, tensors[i].name);
    fputs(", \"shape\": ", out);
    json_shape(out, &tensors[i]);
    json_least_shape(out, model, is_output, i, tensors[i].rank);
    fprintf(out, ", \"dtype\": \"%s\"", edge_dtype_name(tensors[i].dtype));
    json_quantization(out, &tensors[i]);
    if (tensors[i].size_output >= 0)
      fprintf(out,
              ", \"size_output\": %" PRId32 ", \"size_dimension\": %" PRId32,
              tensors[i].size_output, tensors[i].size_dimension);
    fputc('}', out);
  }
  fputc(']', out);
}

/* ", dimension 0 from 1 to 8" for each size that the run chooses. */
static void text_ranges(FILE *out, const edge_model *model, int is_output,
                        uint32_t tensor, uint32_t rank) {
  for (uint32_t d = 0; d < rank; d++) {
    int64_t least, most;
    edge_model_size_range(model, is_output, tensor, d, &least, &most);
    if (least != most)
      fprintf(out, ", dimension %" PRIu32 " from %" PRId64 " to %" PRId64, d,
              least, most);
  }
}

static void text_tensors(FILE *out, const char *kind, const edge_model *model,
                         int is_output) {
  const edge_tensor_info *tensors = is_output ? model->outputs : model->inputs;
  const uint32_t count = is_output ? model->output_count : model->input_count;
  for (uint32_t i = 0; i < count; i++) {
    char type[256];
    tensor_type_text(&tensors[i], type, sizeof(type));
    fprintf(out, "%-8s %" PRIu32 "  %s: %s", kind, i, tensors[i].name, type);
    if (tensors[i].quant_count == 1)
      fprintf(out, ", scale %.9g, zero point %" PRId32, tensors[i].scales[0],
              tensors[i].zero_points[0]);
    else if (tensors[i].quant_count)
      fprintf(out, ", %" PRIu32 " scales along dimension %" PRId32,
              tensors[i].quant_count, tensors[i].quant_axis);
    if (tensors[i].size_output >= 0)
      fprintf(out,
              ", at most: output %" PRId32 " is the size of dimension %" PRId32,
              tensors[i].size_output, tensors[i].size_dimension);
    text_ranges(out, model, is_output, i, tensors[i].rank);
    fputc('\n', out);
  }
}

static void info_json(FILE *out, const edge_model *model) {
  fputs("\"name\": ", out);
  json_string(out, model->name);
  fputs(", \"target\": ", out);
  json_string(out, model->target);
  fputs(", \"cpu\": ", out);
  json_string(out, model->cpu);
  fputs(", \"features\": [", out);
  for (uint32_t i = 0; i < model->feature_count; i++) {
    fputs(i ? ", " : "", out);
    json_string(out, model->features[i]);
  }
  fputc(']', out);
  json_tensors(out, "inputs", model, 0);
  json_tensors(out, "outputs", model, 1);
  if (edge_model_variant_count(model) > 1)
    fprintf(out, ", \"variants\": %" PRIu32, edge_model_variant_count(model));
  fprintf(out,
          ", \"arena_bytes\": %" PRIu64 ", \"weights_bytes\": %" PRIu64
          ", \"kernels\": %" PRIu32 ", \"build_id\": ",
          model->arena_bytes, model->weights_bytes, model->kernel_count);
  json_string(out, model->build_id);
  report_info_devices(out, model, 1);
}

void report_info(FILE *out, const edge_model *model, int json) {
  if (json) {
    info_json(out, model);
    return;
  }
  fprintf(out, "%-10s %s\n%-10s %s, %s\n", "model", model->name, "target",
          model->target, model->cpu);
  fprintf(out, "%-10s", "features");
  for (uint32_t i = 0; i < model->feature_count; i++)
    fprintf(out, " %s", model->features[i]);
  fputc('\n', out);
  text_tensors(out, "input", model, 0);
  text_tensors(out, "output", model, 1);
  if (edge_model_variant_count(model) > 1)
    fprintf(out, "%-10s %" PRIu32 " combinations of sizes\n", "variants",
            edge_model_variant_count(model));
  fprintf(out,
          "%-10s %" PRIu64 " bytes\n%-10s %" PRIu64 " bytes\n%-10s %" PRIu32
          "\n%-10s %s\n",
          "arena", model->arena_bytes, "weights", model->weights_bytes,
          "kernels", model->kernel_count, "build id", model->build_id);
  report_info_devices(out, model, 0);
}

/*===----------------------------------------------------------------------===*\
 * Runs
\*===----------------------------------------------------------------------===*/

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

void report_latency(FILE *out, latency *measured, int json) {
  double *times = measured->microseconds;
  const uint32_t runs = measured->runs;
  qsort(times, runs, sizeof(times[0]), ascending);
  const double median =
      runs % 2 ? times[runs / 2] : (times[runs / 2 - 1] + times[runs / 2]) / 2;
  /* Nearest rank: the smallest time that 90 % of the runs do not exceed. */
  const double p90 = times[((uint64_t)runs * 9 + 9) / 10 - 1];
  if (json)
    fprintf(out,
            "\"latency_us\": {\"min\": %.3f, \"median\": %.3f, \"p90\": %.3f, "
            "\"max\": %.3f}, \"runs\": %" PRIu32 ", \"threads\": %" PRIu32
            ", \"handover_ns\": %" PRIu32 ", \"load_us\": %.3f"
            ", \"huge_page_bytes\": %" PRIu64,
            times[0], median, p90, times[runs - 1], runs, measured->threads,
            measured->handover_nanoseconds, measured->load_microseconds,
            measured->huge_page_bytes);
  else
    fprintf(out,
            "latency    min %.1f us, median %.1f us, p90 %.1f us, max %.1f us "
            "(%" PRIu32 " runs, %" PRIu32 " thread%s)\nload       %.1f us",
            times[0], median, p90, times[runs - 1], runs, measured->threads,
            measured->threads == 1 ? "" : "s", measured->load_microseconds);
  if (!json && measured->huge_page_bytes)
    fprintf(out, ", %" PRIu64 " MB of weights in huge pages",
            measured->huge_page_bytes >> 20);
  if (!json)
    fprintf(out, "\n");
}

void report_output(FILE *out, const edge_tensor_info *tensor, uint32_t index,
                   const void *buffer, int json) {
  const uint64_t count = tensor_elements(tensor);
  double low = __builtin_inf(), high = -__builtin_inf(), sum = 0;
  uint64_t largest = 0;
  for (uint64_t i = 0; i < count; i++) {
    const double value = tensor_value(tensor, buffer, i);
    sum += value;
    if (value < low)
      low = value;
    if (value > high) {
      high = value;
      largest = i;
    }
  }
  const double mean = count ? sum / (double)count : 0;
  if (!json) {
    char type[256];
    tensor_type_text(tensor, type, sizeof(type));
    fprintf(out, "output %" PRIu32 "  %s: %s", index, tensor->name, type);
    if (count)
      fprintf(out, ", min %.6g, mean %.6g, max %.6g at element %" PRIu64, low,
              mean, high, largest);
    fputc('\n', out);
    return;
  }
  fputs("{\"name\": ", out);
  json_string(out, tensor->name);
  fputs(", \"shape\": ", out);
  json_shape(out, tensor);
  fprintf(out,
          ", \"dtype\": \"%s\", \"min\": ", edge_dtype_name(tensor->dtype));
  json_number(out, low);
  fputs(", \"mean\": ", out);
  json_number(out, mean);
  fputs(", \"max\": ", out);
  json_number(out, high);
  fprintf(out, ", \"argmax\": %" PRIu64 "}", largest);
}

/* Prints the coordinates of element `index`: "[0, 3, 17]". */
static void print_position(FILE *out, const edge_tensor_info *tensor,
                           uint64_t index) {
  uint64_t stride = tensor_elements(tensor);
  fputc('[', out);
  for (uint32_t i = 0; i < tensor->rank; i++) {
    stride /= (uint64_t)tensor->shape[i];
    fprintf(out, "%s%" PRIu64, i ? ", " : "", index / stride);
    index %= stride;
  }
  fputc(']', out);
}

static void comparison_json(FILE *out, const edge_tensor_info *tensor,
                            const comparison *result) {
  fputs("{\"name\": ", out);
  json_string(out, tensor->name);
  fprintf(out,
          ", \"matches\": %s, \"elements\": %" PRIu64 ", \"wrong\": %" PRIu64
          ", \"max_difference\": ",
          result->wrong ? "false" : "true", result->count, result->wrong);
  json_number(out, result->max_difference);
  fputs(", \"relative_l2\": ", out);
  json_number(out, result->relative_l2);
  if (result->wrong) {
    fputs(", \"worst\": {\"at\": ", out);
    print_position(out, tensor, result->worst);
    fputs(", \"got\": ", out);
    json_number(out, result->worst_got);
    fputs(", \"want\": ", out);
    json_number(out, result->worst_want);
    fputc('}', out);
  }
  fputc('}', out);
}

void report_comparison(FILE *out, const edge_tensor_info *tensor,
                       uint32_t index, const comparison *result, int json) {
  if (json) {
    comparison_json(out, tensor, result);
    return;
  }
  fprintf(out, "expect %" PRIu32 "  %s: ", index, tensor->name);
  if (!result->wrong) {
    fprintf(out, "matches, largest difference %.3g, relative L2 error %.3g\n",
            result->max_difference, result->relative_l2);
    return;
  }
  fprintf(out, "%" PRIu64 " of %" PRIu64 " elements are wrong; worst at ",
          result->wrong, result->count);
  print_position(out, tensor, result->worst);
  fprintf(out, ": got %.9g, want %.9g within %.3g; relative L2 error %.3g\n",
          result->worst_got, result->worst_want, result->worst_allowed,
          result->relative_l2);
}
