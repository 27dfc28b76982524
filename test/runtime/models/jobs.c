/* A hand-written model with jobs for two devices of kind "tally", as edgec
   would emit it:

     kernel 0   a = x + 1          CPU
     job 0      b = (a * a + a) * c   first device, beside
     job 1      d = (x + x) * c       second device, beside
     kernel 1   e = 3 * x             CPU
     kernel 2   y = b + d + e         CPU, after both jobs

   c is a constant. There are three alternatives: "tally" (this), "cpu" (the
   same bits without jobs) and "rough" (y = 0 and a large error). */

#include "tally.h"

#ifndef MODEL_STREAM_0
#define MODEL_STREAM_0                                                         \
  {TALLY_MUL, 1, 2, 2}, {TALLY_ADD, 1, 1, 2}, {TALLY_MUL, 3, 1, 0}
#endif

enum { COUNT = 64, BYTES = COUNT * 4 };

static const int32_t constant[COUNT] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8};

static const tally_command stream_0[] = {MODEL_STREAM_0};
static const tally_command stream_1[] = {{TALLY_ADD, 1, 2, 2},
                                         {TALLY_MUL, 3, 1, 0}};
static const edge_job_buffer buffers[] = {
    {BYTES, EDGE_ACCESS_READ | EDGE_ACCESS_CONSTANT, 0},
    {BYTES, EDGE_ACCESS_READ | EDGE_ACCESS_WRITE | EDGE_ACCESS_SCRATCH, 0},
    {BYTES, EDGE_ACCESS_READ, 0},
    {BYTES, EDGE_ACCESS_WRITE, 0}};
static const edge_job_info jobs[] = {
    {"tally_0", "square, add", 0, 4, buffers, stream_0, sizeof(stream_0),
     3000000, 30, 0},
    {"tally_1", "double", 1, 4, buffers, stream_1, sizeof(stream_1), 2000000,
     20, 0}};
static const uint64_t parameters[] = {8, 16};
static const edge_device_info devices[] = {
    {"tally", "tally-8", parameters, 2, 1},
    {"tally", "tally-8", parameters, 2, 1}};

/* The arena: a, b, d, e and a scratch for each job. */
typedef struct {
  int32_t a[COUNT], b[COUNT], d[COUNT], e[COUNT];
  int32_t scratch[2][COUNT];
} memory;

static void begin(const edge_context *context, uint32_t kernel) {
  if (context && context->profile)
    context->profile(context, kernel, EDGE_PROFILE_BEGIN);
}

static void end(const edge_context *context, uint32_t kernel) {
  if (context && context->profile)
    context->profile(context, kernel, EDGE_PROFILE_END);
}

static void increment(const int32_t *x, int32_t *a) {
  for (int i = 0; i < COUNT; i++)
    a[i] = x[i] + 1;
}

static void triple(const int32_t *x, int32_t *e) {
  for (int i = 0; i < COUNT; i++)
    e[i] = 3 * x[i];
}

static void join(const memory *m, int32_t *y) {
  for (int i = 0; i < COUNT; i++)
    y[i] = m->b[i] + m->d[i] + m->e[i];
}

static int32_t run(const edge_context *context, const void *const *inputs,
                   void *const *outputs, void *arena) {
  memory *m = arena;
  int32_t status;
  if (!context || !context->submit)
    return EDGE_ERROR_DEVICE;
  void *first[] = {(void *)constant, m->scratch[0], m->a, m->b};
  void *second[] = {(void *)constant, m->scratch[1], (void *)inputs[0], m->d};
  begin(context, 0);
  increment(inputs[0], m->a);
  end(context, 0);
  if ((status = context->submit(context, 0, first)) ||
      (status = context->submit(context, 1, second)))
    return status;
  begin(context, 1);
  triple(inputs[0], m->e);
  end(context, 1);
  if ((status = context->wait(context, 0)) ||
      (status = context->wait(context, 1)))
    return status;
  begin(context, 2);
  join(m, outputs[0]);
  end(context, 2);
  return 0;
}

static int32_t run_on_cpu(const edge_context *context,
                          const void *const *inputs, void *const *outputs,
                          void *arena) {
  memory *m = arena;
  const int32_t *x = inputs[0];
  begin(context, 0);
  increment(x, m->a);
  triple(x, m->e);
  for (int i = 0; i < COUNT; i++) {
    m->b[i] = (m->a[i] * m->a[i] + m->a[i]) * constant[i];
    m->d[i] = 2 * x[i] * constant[i];
  }
  join(m, outputs[0]);
  end(context, 0);
  return 0;
}

static int32_t run_roughly(const edge_context *context,
                           const void *const *inputs, void *const *outputs,
                           void *arena) {
  int32_t *y = outputs[0];
  (void)context, (void)inputs, (void)arena;
  for (int i = 0; i < COUNT; i++)
    y[i] = 0;
  return 0;
}

static const int64_t shape[] = {COUNT};
static const edge_tensor_info input = {
    "x", EDGE_DTYPE_I32, 1, shape, BYTES, 0, -1, NULL, NULL, -1, -1};
static const edge_tensor_info output = {
    "y", EDGE_DTYPE_I32, 1, shape, BYTES, 0, -1, NULL, NULL, -1, -1};
static const edge_kernel_info kernels[] = {
    {"increment", "a", 64, 512, 1, EDGE_DTYPE_I32, 1000000},
    {"triple", "e", 64, 512, 1, EDGE_DTYPE_I32, 4000000},
    {"join", "y", 128, 1024, 1, EDGE_DTYPE_I32, 2000000}};
static const edge_kernel_info cpu_kernel = {
    "all", "a, b, d, e, y", 512, 512, 1, EDGE_DTYPE_I32, 20000000};

#define COMMON                                                                 \
  .magic = EDGE_MODEL_MAGIC, .abi_version = EDGE_ABI_VERSION,                  \
  .struct_size = sizeof(edge_model), .architecture = EDGE_ARCHITECTURE_ANY,    \
  .name = "jobs", .target = "any-unknown-none", .cpu = "test-cpu",             \
  .build_id = "00ff", .arena_alignment = 64, .clock_hz = 1e9,                  \
  .input_count = 1, .output_count = 1, .inputs = &input, .outputs = &output

static const edge_model cpu = {COMMON, .arena_bytes = sizeof(memory) + 64,
                               .kernel_count = 1, .kernels = &cpu_kernel,
                               .entry = run_on_cpu};
static const edge_model rough = {COMMON, .arena_bytes = 0,
                                 .entry = run_roughly};
static const edge_alternative alternatives[] = {
    {"tally", NULL, 6000000, 100, 0},
    {"cpu", &cpu, 20000000, 1000, 0},
    {"rough", &rough, 1000, 1, 0.5}};
static const edge_model model = {COMMON,
                                 .arena_bytes = sizeof(memory),
                                 .kernel_count = 3,
                                 .kernels = kernels,
                                 .entry = run,
                                 .device_count = 2,
                                 .job_count = 2,
                                 .devices = devices,
                                 .jobs = jobs,
                                 .alternative_count = 3,
                                 .alternatives = alternatives};

const edge_model *edge_model_jobs(void);
const edge_model *edge_model_jobs(void) { return &model; }

/* In C the name is taken by the type, so the symbol is named by hand. */
const edge_model *loader_symbol(void) __asm__(EDGE_MODEL_SYMBOL);
const edge_model *loader_symbol(void) { return &model; }
