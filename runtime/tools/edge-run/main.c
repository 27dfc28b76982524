/*===- main.c - edge-run: load, run, report -------------------------------===*\
|*
|* Runs a compiled model from the command line: reads inputs, runs, writes and
|* checks outputs, measures. The order is that of `run_model` below; everything
|* that can be wrong about the command line's files is found before the first
run.
|*
|*     edge-run mobilenet.so -input=0=cat.npy -output-dir=out -profile
|*
\*===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include "compare.h"
#include "crop.h"
#include "devices.h"
#include "message.h"
#include "options.h"
#include "report.h"
#include "shapes.h"
#include "simulate.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { EXIT_DONE = 0, EXIT_WRONG = 1, EXIT_USAGE = 2, PROFILE_RUNS = 10 };

/* Everything that belongs to one invocation. */
typedef struct {
  options options;
  edge_artifact *artifact;
  edge_session *session;
  devices *devices;
  const edge_model *model; /* for the shapes of this run */
  void **inputs;
  void **outputs;
  cropped_output *produced; /* after the last run */
  const char **expects;     /* file per output, or NULL */
  latency latency;
  int separate; /* JSON: a member has been printed before */
} program;

static double now_microseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e6 + (double)time.tv_nsec * 1e-3;
}

/*===----------------------------------------------------------------------===*\
 * Preparation
\*===----------------------------------------------------------------------===*/

/* Whether an input is state that the model hands on from run to run: it has an
 * output of its own name. */
static int is_state(const edge_model *model, uint32_t input) {
  for (uint32_t i = 0; i < model->output_count; i++)
    if (!strcmp(model->outputs[i].name, model->inputs[input].name))
      return 1;
  return 0;
}

/* Allocates every input and fills it with the sequence, state with 0, or
 * from its file. */
static edge_status prepare_inputs(program *p, edge_message *message) {
  const edge_model *model = p->model;
  edge_status status = EDGE_OK;
  p->inputs = calloc(model->input_count + 1u, sizeof(void *));
  for (uint32_t i = 0; p->inputs && i < model->input_count; i++) {
    p->inputs[i] = tensor_allocate(&model->inputs[i]);
    if (!p->inputs[i])
      break;
    if (is_state(model, i))
      tensor_clear(&model->inputs[i], p->inputs[i]);
    else
      tensor_fill(&model->inputs[i], i + 1, p->inputs[i]);
  }
  if (!p->inputs || (model->input_count && !p->inputs[model->input_count - 1]))
    return edge_fail(message, EDGE_ERROR_OUT_OF_MEMORY, "no memory for inputs");
  for (uint32_t i = 0; !status && i < p->options.inputs.count; i++) {
    uint32_t index = 0;
    const char *file = NULL;
    status = tensor_find(p->options.inputs.values[i], model->inputs,
                         model->input_count, "input", &index, &file, message);
    if (!status)
      status =
          tensor_read(&model->inputs[index], file, p->inputs[index], message);
  }
  return status;
}

static edge_status prepare_outputs(program *p, edge_message *message) {
  const edge_model *model = p->model;
  edge_status status = EDGE_OK;
  p->outputs = calloc(model->output_count + 1u, sizeof(void *));
  p->expects = calloc(model->output_count + 1u, sizeof(char *));
  for (uint32_t i = 0; p->outputs && i < model->output_count; i++)
    p->outputs[i] = tensor_allocate(&model->outputs[i]);
  if (!p->outputs || !p->expects ||
      (model->output_count && !p->outputs[model->output_count - 1]))
    return edge_fail(message, EDGE_ERROR_OUT_OF_MEMORY,
                     "no memory for outputs");
  for (uint32_t i = 0; !status && i < p->options.expects.count; i++) {
    uint32_t index = 0;
    const char *file = NULL;
    npy_array array;
    status = tensor_find(p->options.expects.values[i], model->outputs,
                         model->output_count, "output", &index, &file, message);
    if (status)
      break;
    p->expects[index] = file;
    status = npy_read(file, &array, message);
    npy_free(&array);
  }
  if (!status && p->options.output_dir &&
      mkdir(p->options.output_dir, 0777) != 0 && errno != EEXIST)
    status = edge_fail(message, EDGE_ERROR_FILE, "%s: cannot be created: %s",
                       p->options.output_dir, strerror(errno));
  return status;
}

/* The session leaves its caller's thread, which is this one, where it is. */
static edge_status bind_threads(edge_session *session, const options *o,
                                edge_message *message) {
#ifdef __linux__
  cpu_set_t set;
  CPU_ZERO(&set);
  for (uint32_t i = 0; i < o->cpu_count; i++)
    if (o->cpus[i] < CPU_SETSIZE)
      CPU_SET(o->cpus[i], &set);
  if (sched_setaffinity(0, sizeof(set), &set) != 0)
    return edge_fail(message, EDGE_ERROR_THREAD,
                     "-affinity: this process may use none of these CPUs");
#endif
  return edge_session_set_cpus(session, o->cpus, o->cpu_count, message);
}

static edge_status load(program *p, edge_message *message) {
  const double start = now_microseconds();
  edge_status status = edge_model_load(p->options.model, &p->artifact, message);
  if (status)
    return status;
  p->model = edge_artifact_model(p->artifact);
  if (p->options.info)
    return EDGE_OK;
  if (p->options.huge_pages)
    status = edge_artifact_use_huge_pages(p->artifact,
                                          &p->latency.huge_page_bytes, message);
  if (status)
    return status;
  status =
      edge_session_create(p->model, p->options.threads, &p->session, message);
  p->latency.load_microseconds = now_microseconds() - start;
  if (!status && p->options.cpu_count)
    status = bind_threads(p->session, &p->options, message);
  if (!status && p->options.set_handover)
    status =
        edge_session_set_handover(p->session, p->options.handover_ns, message);
  if (!status)
    status = shapes_choose(p->session, &p->options, message);
  if (!status)
    status = devices_attach(p->session, &p->options, &p->devices, message);
  /* From here on, the model of these shapes. */
  if (!status)
    p->model = edge_session_variant(p->session);
  return status;
}

/*===----------------------------------------------------------------------===*\
 * Running
\*===----------------------------------------------------------------------===*/

/* A limit in the runtime's units: at least 1, because 0 is no limit. */
static uint64_t limit_of(double value, double units) {
  if (!(value > 0))
    return 0;
  return value * units < 1 ? 1 : (uint64_t)(value * units);
}

static edge_status run_once(program *p, edge_message *message) {
  const options *o = &p->options;
  const void *const *inputs = (const void *const *)p->inputs;
  if (o->deadline_ms > 0 || o->energy_uj > 0)
    return edge_session_run_within(p->session, inputs, p->outputs,
                                   limit_of(o->deadline_ms, 1e6),
                                   limit_of(o->energy_uj, 1e3), NULL, message);
  return edge_session_run(p->session, inputs, p->outputs, message);
}

/* The run whose time line is predicted. */
static edge_status run_to_simulate(program *p, edge_message *message) {
  edge_status status = edge_session_set_profile(p->session, 1, message);
  devices_forget(p->devices);
  return status ? status : run_once(p, message);
}

/* Runs once, or, to measure, warms up and runs as often as asked for. */
static edge_status run(program *p, edge_message *message) {
  const options *o = &p->options;
  if (o->simulate)
    return run_to_simulate(p, message);
  edge_status status = run_once(p, message);
  if (status || (!o->benchmark && !o->profile))
    return status;
  const uint32_t runs = o->benchmark ? o->benchmark : PROFILE_RUNS;
  uint32_t warm_up = runs / 10 > 20 ? 20 : runs / 10;
  while (!status && warm_up--)
    status = run_once(p, message);
  if (!status && o->profile)
    status = edge_session_set_profile(p->session, 1, message);
  p->latency.runs = runs;
  p->latency.threads = edge_session_threads(p->session);
  p->latency.handover_nanoseconds = edge_session_handover(p->session);
  p->latency.microseconds = malloc(runs * sizeof(double));
  if (!p->latency.microseconds)
    return edge_fail(message, EDGE_ERROR_OUT_OF_MEMORY,
                     "no memory for %u times; ask for fewer runs", runs);
  for (uint32_t i = 0; !status && i < runs; i++) {
    const double start = now_microseconds();
    status = run_once(p, message);
    p->latency.microseconds[i] = now_microseconds() - start;
  }
  return status;
}

/*===----------------------------------------------------------------------===*\
 * Reporting
\*===----------------------------------------------------------------------===*/

static edge_status write_outputs(program *p, edge_message *message) {
  edge_status status = EDGE_OK;
  const char *folder = p->options.output_dir;
  const size_t size = strlen(folder) + 32;
  char *path = malloc(size);
  if (!path)
    return edge_fail(message, EDGE_ERROR_OUT_OF_MEMORY, "no memory");
  for (uint32_t i = 0; !status && i < p->model->output_count; i++) {
    snprintf(path, size, "%s/output_%u.npy", folder, i);
    status = tensor_write(&p->produced[i].tensor, path, p->outputs[i], message);
  }
  free(path);
  return status;
}

/* Begins a member of the JSON object, which exists only once it has one. */
static void separate(program *p) {
  if (p->options.json)
    fputs(p->separate ? ", " : "{", stdout);
  p->separate = 1;
}

/* Reports every -expect; *wrong counts the outputs that are not as expected. */
static edge_status check_expectations(program *p, uint32_t *wrong,
                                      edge_message *message) {
  const options *o = &p->options;
  edge_status status = EDGE_OK;
  int first = 1;
  *wrong = 0;
  separate(p);
  if (o->json)
    fputs("\"expect\": [", stdout);
  for (uint32_t i = 0; !status && i < p->model->output_count; i++) {
    const edge_tensor_info *tensor = &p->produced[i].tensor;
    comparison result;
    if (!p->expects[i])
      continue;
    tolerance allowed = default_tolerance(tensor);
    if (o->rtol >= 0)
      allowed.rtol = o->rtol;
    if (o->atol >= 0) {
      allowed.atol = o->atol;
      allowed.stol = 0;
    }
    status = compare_with_file(tensor, p->outputs[i], p->expects[i], &allowed,
                               &result, message);
    if (status)
      break;
    *wrong += result.wrong != 0;
    if (o->json && !first)
      fputs(", ", stdout);
    first = 0;
    report_comparison(stdout, tensor, i, &result, o->json);
    if (result.wrong && o->json)
      report_comparison(stderr, tensor, i, &result, 0);
  }
  if (o->json)
    fputc(']', stdout);
  return status;
}

static void print_outputs(program *p) {
  separate(p);
  if (p->options.json)
    fputs("\"outputs\": [", stdout);
  for (uint32_t i = 0; i < p->model->output_count; i++) {
    if (p->options.json && i)
      fputs(", ", stdout);
    report_output(stdout, &p->produced[i].tensor, i, p->outputs[i],
                  p->options.json);
  }
  if (p->options.json)
    fputc(']', stdout);
}

static edge_status report_simulation(program *p, edge_message *message) {
  const options *o = &p->options;
  simulation s;
  edge_status status = simulation_make(p->session, o, &s, message);
  if (!status) {
    separate(p);
    simulation_report(stdout, &s, o->json);
  }
  if (!status && o->trace_file) {
    size_t count;
    const unit_record *records = devices_records(p->devices, &count);
    status = simulation_trace(o->trace_file, &s, records, count, message);
  }
  simulation_free(&s);
  return status;
}

/* What was chosen, if there was a choice, and what went wrong on the way. */
static void report_how(program *p) {
  const options *o = &p->options;
  const edge_fault *fault = edge_session_fault(p->session);
  if (o->deadline_ms > 0 || o->energy_uj > 0 || fault) {
    separate(p);
    report_choice(stdout, p->session, o->json);
  }
  if (fault)
    report_fault(stderr, p->session);
}

static edge_status report(program *p, uint32_t *wrong, edge_message *message) {
  const options *o = &p->options;
  edge_status status = EDGE_OK;
  p->produced = outputs_crop(p->model, p->outputs);
  if (!p->produced)
    return edge_fail(message, EDGE_ERROR_OUT_OF_MEMORY, "no memory");
  if (o->output_dir)
    status = write_outputs(p, message);
  if (status)
    return status;
  report_how(p);
  if (o->simulate)
    status = report_simulation(p, message);
  if (!o->simulate && o->benchmark) {
    separate(p);
    report_latency(stdout, &p->latency, o->json);
  }
  if (!o->simulate && o->profile) {
    const edge_profile_record *records = edge_session_profile(p->session);
    separate(p);
    report_profile(stdout, p->model, records, p->latency.threads, o->json);
    if (o->profile_file)
      status = report_trace(o->profile_file, p->model, records, message);
  }
  if (!status && o->expects.count)
    status = check_expectations(p, wrong, message);
  if (!o->benchmark && !o->profile && !o->simulate && !o->expects.count)
    print_outputs(p);
  return status;
}

/*===----------------------------------------------------------------------===*\
 * The program
\*===----------------------------------------------------------------------===*/

static edge_status run_model(program *p, uint32_t *wrong,
                             edge_message *message) {
  edge_status status = load(p, message);
  if (status)
    return status;
  if (p->options.info) {
    separate(p);
    report_info(stdout, p->model, p->options.json);
  } else {
    status = prepare_inputs(p, message);
    if (!status)
      status = prepare_outputs(p, message);
    if (!status)
      status = run(p, message);
    if (!status)
      status = report(p, wrong, message);
  }
  if (p->options.json && p->separate)
    fputs("}\n", stdout);
  return status;
}

static void free_buffers(void **buffers, uint32_t count) {
  for (uint32_t i = 0; buffers && i < count; i++)
    free(buffers[i]);
  free(buffers);
}

static void free_program(program *p) {
  if (p->model) {
    free_buffers(p->inputs, p->model->input_count);
    free_buffers(p->outputs, p->model->output_count);
    outputs_free(p->produced, p->model->output_count);
  }
  free(p->expects);
  free(p->latency.microseconds);
  edge_session_destroy(p->session);
  devices_free(p->devices);
  edge_model_unload(p->artifact);
  options_free(&p->options);
}

int main(int argc, char **argv) {
  program p;
  edge_message message = {""};
  uint32_t wrong = 0;
  memset(&p, 0, sizeof(p));
  if (options_parse(argc, argv, &p.options, &message)) {
    fprintf(stderr, "edge-run: error: %s\n", message.text);
    return EXIT_USAGE;
  }
  if (p.options.help) {
    fputs(options_help, stdout);
    options_free(&p.options);
    return EXIT_DONE;
  }
  edge_status status = run_model(&p, &wrong, &message);
  free_program(&p);
  if (fflush(stdout) != 0 || ferror(stdout))
    status =
        edge_fail(&message, EDGE_ERROR_FILE, "cannot write to standard output");
  if (status)
    fprintf(stderr, "edge-run: error: %s\n", message.text);
  return status || wrong ? EXIT_WRONG : EXIT_DONE;
}
