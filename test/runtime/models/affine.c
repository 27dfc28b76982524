/* A hand-written model as edgec would emit it: y = 2 * x + b in two kernels,
   the first of which leaves its result in the arena. The macros below break it
   in one way each; every variant is a shared object of its own. */

#include "edge/model.h"

#ifndef MODEL_MAGIC
#define MODEL_MAGIC EDGE_MODEL_MAGIC
#endif
#ifndef MODEL_VERSION
#define MODEL_VERSION EDGE_ABI_VERSION
#endif
#ifndef MODEL_ARCHITECTURE
#define MODEL_ARCHITECTURE EDGE_ARCHITECTURE_ANY
#endif
#ifndef MODEL_OUTPUT_BYTES
#define MODEL_OUTPUT_BYTES 96
#endif
#ifndef MODEL_STATUS
#define MODEL_STATUS 0
#endif

/* The factor is the last of as many weights, all of them 2. */
#ifdef MODEL_WEIGHTS
static const float weights[MODEL_WEIGHTS] = {[0 ... MODEL_WEIGHTS - 1] = 2};
static float factor(void) {
  const volatile float *last = &weights[MODEL_WEIGHTS - 1];
  return *last;
}
#else
static float factor(void) { return 2; }
#endif

/* args: {input, output}; rows of 4 elements */
static void double_rows(void *args, int64_t begin, int64_t end) {
  void **buffers = args;
  const float *x = buffers[0];
  float *y = buffers[1];
  for (int64_t i = begin * 4; i < end * 4; i++)
    y[i] = factor() * x[i];
}

/* args: {input, bias, output} */
static void add_bias(void *args, int64_t begin, int64_t end) {
  void **buffers = args;
  const float *x = buffers[0], *b = buffers[1];
  float *y = buffers[2];
  for (int64_t i = begin * 4; i < end * 4; i++)
    y[i] = x[i] + b[i % 4];
}

static void launch(const edge_context *context, uint32_t kernel, edge_task task,
                   void **args, int64_t extent) {
  if (context && context->profile)
    context->profile(context, kernel, EDGE_PROFILE_BEGIN);
  if (context && context->parallel_for)
    context->parallel_for(context, task, args, extent);
  else
    task(args, 0, extent);
  if (context && context->profile)
    context->profile(context, kernel, EDGE_PROFILE_END);
}

static int32_t run(const edge_context *context, const void *const *inputs,
                   void *const *outputs, void *arena) {
  void *first[] = {(void *)inputs[0], arena};
  void *second[] = {arena, (void *)inputs[1], outputs[0]};
  launch(context, 0, double_rows, first, 6);
  launch(context, 1, add_bias, second, 6);
  return MODEL_STATUS;
}

static const int64_t shape_x[] = {2, 3, 4};
static const int64_t shape_b[] = {4};
static const edge_tensor_info inputs[] = {
    {"x", EDGE_DTYPE_F32, 3, shape_x, 96, 0, -1, NULL, NULL, -1, -1},
    {"bias=b", EDGE_DTYPE_F32, 1, shape_b, 16, 0, -1, NULL, NULL, -1, -1},
};
static const edge_tensor_info outputs[] = {
    {"y", EDGE_DTYPE_F32, 3, shape_x, MODEL_OUTPUT_BYTES, 0, -1, NULL, NULL, -1,
     -1},
};
static const edge_kernel_info kernels[] = {
    {"double_0", "scale \"a\"", 24, 192, 6, EDGE_DTYPE_F32, 5000},
    {"add_1", "add, relu", 24, 208, 6, EDGE_DTYPE_F32, 0},
};
#ifdef MODEL_FEATURES
static const char *const features[] = {MODEL_FEATURES};
#define FEATURE_COUNT (sizeof(features) / sizeof(features[0]))
#else
static const char *const features[] = {""};
#define FEATURE_COUNT 0
#endif

static const edge_model model = {
    .magic = MODEL_MAGIC,
    .abi_version = MODEL_VERSION,
    .struct_size = sizeof(edge_model),
    .architecture = MODEL_ARCHITECTURE,
    .name = "affine",
    .target = "any-unknown-none",
    .cpu = "test-cpu",
    .build_id = "00ff",
    .arena_bytes = 96,
    .arena_alignment = 64,
    .weights_bytes = 0,
    .peak_flops_per_cycle = 32,
    .clock_hz = 2e9,
    .input_count = 2,
    .output_count = 1,
    .inputs = inputs,
    .outputs = outputs,
    .kernel_count = 2,
    .feature_count = FEATURE_COUNT,
    .kernels = kernels,
    .features = features,
    .entry = run,
};

const edge_model *edge_model_affine(void);
const edge_model *edge_model_affine(void) { return &model; }

/* In C the name is taken by the type, so the symbol is named by hand. */
#ifndef MODEL_WITHOUT_SYMBOL
const edge_model *loader_symbol(void) __asm__(EDGE_MODEL_SYMBOL);
const edge_model *loader_symbol(void) { return &model; }
#endif
