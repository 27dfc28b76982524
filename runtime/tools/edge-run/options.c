/*===- options.c - edge-run's command line --------------------------------===*\
|*
|* Options take one or two dashes and their value after '='. The table below is
|* the whole grammar; an option appears once unless it is a list.
|*
\*===----------------------------------------------------------------------===*/

#include "options.h"
#include "fault_injector.h"
#include "message.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char options_help[] =
    "usage: edge-run MODEL.so [options]\n"
    "\n"
    "Runs a model that edgec compiled with -emit=shared.\n"
    "\n"
    "  -input=TENSOR=FILE.npy   values of an input, by name or index; inputs "
    "not\n"
    "                           given get a fixed pseudo-random sequence\n"
    "  -shape=TENSOR=3x128      an input's shape, where the model takes "
    "several\n"
    "                           and no file says it; default the largest\n"
    "  -output-dir=DIR          write DIR/output_<i>.npy\n"
    "  -expect=TENSOR=FILE.npy  compare an output, by name or index\n"
    "  -rtol=R -atol=A          allow |got - want| <= A + R * |want|; default\n"
    "                           R = 1e-3, A = 1e-5 * (1 + largest |want|), "
    "for\n"
    "                           floats of 16 bits and less 1e-2 and 1e-3, for\n"
    "                           integers 0 and 0\n"
    "  -threads=N               threads, 0 for one per CPU; default 1\n"
    "  -affinity=CPU[,CPU...]   as many threads as CPUs are named, which run "
    "on\n"
    "                           these alone\n"
    "  -handover=NS             what sharing a kernel among threads costs, in\n"
    "                           nanoseconds, instead of measuring it\n"
    "  -huge-pages              have the weights in huge pages, in memory of "
    "this\n"
    "                           process: faster where no cache holds them\n"
    "  -benchmark=RUNS          measure the latency of RUNS runs after a "
    "warm-up\n"
    "  -profile                 print the time of each kernel (over the\n"
    "                           benchmark's runs, or over 10)\n"
    "  -profile=FILE.json       also write the last run as a Chrome and "
    "Perfetto\n"
    "                           trace\n"
    "  -simulate                predict the time line of a run from the cost "
    "model and\n"
    "                           the simulated devices, instead of measuring\n"
    "  -frames=N -depth=D       of N frames in a pipeline of at most D at "
    "once\n"
    "                           (default 1 and 2), on -clusters=C of CPUs\n"
    "  -trace=FILE.json         write it as a Chrome and Perfetto trace\n"
    "  -alternative=LABEL       run the model as it was compiled under that "
    "name\n"
    "  -fallback=LABEL|none     run that one when a device fails; default "
    "none\n"
    "  -deadline=MS -energy=UJ  choose an alternative that is expected to keep "
    "to\n"
    "                           these milliseconds and microjoules\n"
    "  -timeout=MS              longest time to wait for a job\n"
    "  -load-driver=FILE.so     a driver of devices, beside the simulated NPU\n"
    "  -device=none|0,2         attach only these devices\n"
    "  -inject=FAULT@JOB:CMD    let a job fail at a command: rejected, "
    "timeout,\n"
    "                           lost, checksum, out-of-memory\n"
    "  -info                    describe the model instead of running it\n"
    "  -json                    print JSON instead of text\n"
    "  -help                    print this\n"
    "\n"
    "Exit status: 0 done; 1 wrong model or input, or an output is not as "
    "expected;\n"
    "2 wrong command line.\n";

enum { MAX_RUNS = 10000000, MAX_FRAMES = 100000, MAX_DEPTH = 64 };

static edge_status wrong(edge_message *message, const char *argument,
                         const char *what) {
  return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                   "%s: %s; see edge-run -help", argument, what);
}

/* Reads a whole number up to `limit`. */
static int parse_count(const char *text, uint32_t limit, uint32_t *value) {
  if (*text < '0' || *text > '9')
    return 0;
  char *end;
  errno = 0;
  const unsigned long long number = strtoull(text, &end, 10);
  if (*end || errno || number > limit)
    return 0;
  *value = (uint32_t)number;
  return 1;
}

/* Reads whole numbers with commas between them. */
static int parse_cpus(const char *text, options *result) {
  for (;;) {
    char number[12];
    const size_t length = strcspn(text, ",");
    if (length >= sizeof(number) || result->cpu_count == EDGE_MAX_THREADS)
      return 0;
    memcpy(number, text, length);
    number[length] = '\0';
    if (!parse_count(number, UINT32_MAX, &result->cpus[result->cpu_count++]))
      return 0;
    if (!text[length])
      return 1;
    text += length + 1;
  }
}

/* Reads a finite number >= 0. */
static int parse_tolerance(const char *text, double *value) {
  char *end;
  *value = strtod(text, &end);
  return end != text && *end == '\0' && *value >= 0 && *value < __builtin_inf();
}

/* Reads a number > 0 that stays in 64 bits as nanoseconds. */
static int parse_limit(const char *text, double *value) {
  return parse_tolerance(text, value) && *value > 0 && *value <= 1e12;
}

/* Adds a TENSOR=FILE value. */
static int add(option_list *list, const char *value) {
  const char *equals = strchr(value, '=');
  if (!equals || equals == value || !equals[1])
    return 0;
  list->values[list->count++] = value;
  return 1;
}

/* Handles an option without value. Returns 0 if there is none of that name. */
static int parse_flag(const char *name, options *result) {
  static const struct {
    const char *name;
    size_t offset;
  } flags[] = {{"profile", offsetof(options, profile)},
               {"info", offsetof(options, info)},
               {"json", offsetof(options, json)},
               {"simulate", offsetof(options, simulate)},
               {"huge-pages", offsetof(options, huge_pages)},
               {"help", offsetof(options, help)},
               {"h", offsetof(options, help)}};
  for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
    if (strcmp(flags[i].name, name) == 0) {
      ((uint8_t *)result)[flags[i].offset] = 1;
      return 1;
    }
  return 0;
}

enum {
  OPTION_INPUT,
  OPTION_OUTPUT_DIR,
  OPTION_EXPECT,
  OPTION_SHAPE,
  OPTION_RTOL,
  OPTION_ATOL,
  OPTION_THREADS,
  OPTION_AFFINITY,
  OPTION_HANDOVER,
  OPTION_BENCHMARK,
  OPTION_PROFILE,
  OPTION_LOAD_DRIVER,
  OPTION_DEADLINE,
  OPTION_ENERGY,
  OPTION_TIMEOUT,
  OPTION_FRAMES,
  OPTION_DEPTH,
  OPTION_CLUSTERS,
  OPTION_DEVICE,
  OPTION_INJECT,
  OPTION_ALTERNATIVE,
  OPTION_FALLBACK,
  OPTION_TRACE,
  OPTION_COUNT
};

static const char *const option_names[OPTION_COUNT] = {
    [OPTION_INPUT] = "input",
    [OPTION_OUTPUT_DIR] = "output-dir",
    [OPTION_EXPECT] = "expect",
    [OPTION_RTOL] = "rtol",
    [OPTION_ATOL] = "atol",
    [OPTION_THREADS] = "threads",
    [OPTION_AFFINITY] = "affinity",
    [OPTION_HANDOVER] = "handover",
    [OPTION_BENCHMARK] = "benchmark",
    [OPTION_PROFILE] = "profile",
    [OPTION_SHAPE] = "shape",
    [OPTION_LOAD_DRIVER] = "load-driver",
    [OPTION_DEADLINE] = "deadline",
    [OPTION_ENERGY] = "energy",
    [OPTION_TIMEOUT] = "timeout",
    [OPTION_FRAMES] = "frames",
    [OPTION_DEPTH] = "depth",
    [OPTION_CLUSTERS] = "clusters",
    [OPTION_DEVICE] = "device",
    [OPTION_INJECT] = "inject",
    [OPTION_ALTERNATIVE] = "alternative",
    [OPTION_FALLBACK] = "fallback",
    [OPTION_TRACE] = "trace",
};

static int find_option(const char *name, size_t length) {
  for (int i = 0; i < OPTION_COUNT; i++)
    if (strlen(option_names[i]) == length &&
        memcmp(option_names[i], name, length) == 0)
      return i;
  return OPTION_COUNT;
}

/* Reads "none" or "0,2". */
static int parse_devices(const char *text, options *result) {
  result->only_devices = 1;
  if (strcmp(text, "none") == 0)
    return 1;
  for (;;) {
    char *end;
    if (*text < '0' || *text > '9')
      return 0;
    const unsigned long index = strtoul(text, &end, 10);
    if (index >= 64)
      return 0;
    result->device_mask |= (uint64_t)1 << index;
    if (*end == '\0')
      return 1;
    if (*end != ',')
      return 0;
    text = end + 1;
  }
}

/* Reads `mark` and a whole number, and moves on to what follows. */
static int parse_prefix(const char **text, char mark, uint32_t *value) {
  const char *number = *text + 1;
  if (**text != mark || *number < '0' || *number > '9')
    return 0;
  char *end;
  errno = 0;
  const unsigned long long read = strtoull(number, &end, 10);
  *text = end;
  *value = (uint32_t)read;
  return !errno && read <= UINT32_MAX;
}

/* Reads "timeout", "timeout@2" or "timeout@2:17". */
static int parse_injection(const char *text, options *result) {
  const size_t length = strcspn(text, "@");
  for (uint32_t kind = 1; edge_injection_name(kind); kind++) {
    const char *name = edge_injection_name(kind);
    if (strlen(name) == length && memcmp(name, text, length) == 0)
      result->inject_kind = kind;
  }
  text += length;
  if (!result->inject_kind || *text == '\0')
    return result->inject_kind != 0;
  if (!parse_prefix(&text, '@', &result->inject_job))
    return 0;
  return *text == '\0' ||
         (parse_prefix(&text, ':', &result->inject_command) && *text == '\0');
}

/* The options of devices and simulation. */
static edge_status parse_device_value(const char *argument, int option,
                                      const char *value, options *result,
                                      edge_message *message) {
  switch (option) {
  case OPTION_ALTERNATIVE:
    result->alternative = value;
    break;
  case OPTION_FALLBACK:
    result->fallback = strcmp(value, "none") == 0 ? NULL : value;
    break;
  case OPTION_TRACE:
    result->trace_file = value;
    result->simulate = 1;
    break;
  case OPTION_DEADLINE:
    if (!parse_limit(value, &result->deadline_ms))
      return wrong(message, argument, "should be milliseconds > 0");
    break;
  case OPTION_ENERGY:
    if (!parse_limit(value, &result->energy_uj))
      return wrong(message, argument, "should be microjoules > 0");
    break;
  case OPTION_TIMEOUT:
    if (!parse_limit(value, &result->timeout_ms))
      return wrong(message, argument, "should be milliseconds > 0");
    break;
  case OPTION_FRAMES:
    if (!parse_count(value, MAX_FRAMES, &result->frames) || !result->frames)
      return wrong(message, argument, "should be 1 to 100000 frames");
    break;
  case OPTION_DEPTH:
    if (!parse_count(value, MAX_DEPTH, &result->depth) || !result->depth)
      return wrong(message, argument, "should be 1 to 64 frames");
    break;
  case OPTION_CLUSTERS:
    if (!parse_count(value, MAX_DEPTH, &result->clusters) || !result->clusters)
      return wrong(message, argument, "should be 1 to 64 clusters");
    break;
  case OPTION_DEVICE:
    if (!parse_devices(value, result))
      return wrong(message, argument, "should be none, or numbers like 0,2");
    break;
  default:
    if (!parse_injection(value, result))
      return wrong(message, argument,
                   "should be FAULT@JOB:COMMAND, as timeout@2:17");
  }
  return EDGE_OK;
}

static edge_status parse_value(const char *argument, int option,
                               const char *value, options *result,
                               edge_message *message) {
  switch (option) {
  case OPTION_INPUT:
  case OPTION_EXPECT:
    if (!add(option == OPTION_INPUT ? &result->inputs : &result->expects,
             value))
      return wrong(message, argument, "should be TENSOR=FILE.npy");
    return EDGE_OK;
  case OPTION_SHAPE:
    if (!add(&result->shapes, value))
      return wrong(message, argument, "should be TENSOR=1x3x224x224");
    return EDGE_OK;
  case OPTION_OUTPUT_DIR:
    result->output_dir = value;
    break;
  case OPTION_PROFILE:
    result->profile_file = value;
    result->profile = 1;
    break;
  case OPTION_RTOL:
  case OPTION_ATOL:
    if (!parse_tolerance(value,
                         option == OPTION_RTOL ? &result->rtol : &result->atol))
      return wrong(message, argument, "should be a number >= 0");
    break;
  case OPTION_THREADS:
    if (!parse_count(value, EDGE_MAX_THREADS, &result->threads))
      return wrong(message, argument, "should be 0 to 256 threads");
    break;
  case OPTION_LOAD_DRIVER:
    result->drivers.values[result->drivers.count++] = value;
    break;
  case OPTION_AFFINITY:
    if (!parse_cpus(value, result))
      return wrong(message, argument,
                   "should be CPU numbers with commas between them, at most "
                   "256");
    break;
  case OPTION_HANDOVER:
    if (!parse_count(value, UINT32_MAX, &result->handover_ns))
      return wrong(message, argument, "should be nanoseconds");
    result->set_handover = 1;
    break;
  case OPTION_BENCHMARK:
    if (!parse_count(value, MAX_RUNS, &result->benchmark) ||
        result->benchmark == 0)
      return wrong(message, argument, "should be 1 to 10000000 runs");
    break;
  default: {
    const edge_status status =
        parse_device_value(argument, option, value, result, message);
    if (status)
      return status;
  }
  }
  if (!*value)
    return wrong(message, argument, "has no value");
  return EDGE_OK;
}

static edge_status parse_argument(const char *argument, uint32_t *seen,
                                  options *result, edge_message *message) {
  if (argument[0] != '-' || argument[1] == '\0') {
    if (result->model)
      return wrong(message, argument, "there is a model already");
    result->model = argument;
    return EDGE_OK;
  }
  const char *name = argument + (argument[1] == '-' ? 2 : 1);
  const char *equals = strchr(name, '=');
  if (!equals) {
    if (parse_flag(name, result))
      return EDGE_OK;
    if (find_option(name, strlen(name)) != OPTION_COUNT)
      return wrong(message, argument, "needs a value after '='");
    return wrong(message, argument, "unknown option");
  }
  const int option = find_option(name, (size_t)(equals - name));
  if (option == OPTION_COUNT)
    return wrong(message, argument, "unknown option");
  if (option != OPTION_INPUT && option != OPTION_EXPECT &&
      option != OPTION_SHAPE && option != OPTION_LOAD_DRIVER) {
    if (*seen >> option & 1)
      return wrong(message, argument, "is given twice");
    *seen |= 1u << option;
  }
  return parse_value(argument, option, equals + 1, result, message);
}

edge_status options_parse(int argc, char **argv, options *result,
                          edge_message *message) {
  uint32_t seen = 0;
  edge_status status = EDGE_OK;
  memset(result, 0, sizeof(*result));
  result->rtol = result->atol = -1;
  result->threads = 1;
  result->frames = 1;
  result->depth = 2;
  result->clusters = 1;
  result->inputs.values = calloc((size_t)argc + 1, sizeof(char *));
  result->expects.values = calloc((size_t)argc + 1, sizeof(char *));
  result->shapes.values = calloc((size_t)argc + 1, sizeof(char *));
  result->drivers.values = calloc((size_t)argc + 1, sizeof(char *));
  result->cpus = calloc(EDGE_MAX_THREADS, sizeof(*result->cpus));
  if (!result->inputs.values || !result->expects.values ||
      !result->shapes.values || !result->drivers.values || !result->cpus) {
    options_free(result);
    return edge_fail(message, EDGE_ERROR_OUT_OF_MEMORY, "no memory");
  }
  for (int i = 1; !status && i < argc; i++)
    status = parse_argument(argv[i], &seen, result, message);
  if (!status && !result->model && !result->help)
    status = edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                       "no model is given; see edge-run -help");
  if (!status && result->cpu_count) {
    if (seen >> OPTION_THREADS & 1)
      status = wrong(message, "-affinity", "says how many threads there are");
    result->threads = result->cpu_count;
  }
  if (status)
    options_free(result);
  return status;
}

void options_free(options *result) {
  free(result->inputs.values);
  free(result->expects.values);
  free(result->shapes.values);
  free(result->drivers.values);
  free(result->cpus);
  result->cpus = NULL;
  result->inputs.values = result->expects.values = NULL;
  result->shapes.values = result->drivers.values = NULL;
}
