/* A model that was compiled for ranges of sizes: y = 2 * x for x of one to
   three rows of two, through its arena. */
#include <edge/model.h>

static void launch(const edge_context *context, uint32_t kernel) {
  if (context && context->profile) {
    context->profile(context, kernel, EDGE_PROFILE_BEGIN);
    context->profile(context, kernel, EDGE_PROFILE_END);
  }
}

/* As many kernels as rows. */
static int32_t run(const edge_context *context, const void *const *in,
                   void *const *out, void *arena, int rows) {
  float *scratch = arena;
  for (int i = 0; i < rows; i++)
    launch(context, (uint32_t)i);
  for (int i = 0; i < 2 * rows; i++)
    scratch[i] = ((const float *)in[0])[i];
  for (int i = 0; i < 2 * rows; i++)
    ((float *)out[0])[i] = 2 * scratch[i];
  return 0;
}

static const edge_kernel_info kernels[] = {
    {"row_0", "a", 2, 16, 1, EDGE_DTYPE_F32, 0},
    {"row_1", "a", 2, 16, 1, EDGE_DTYPE_F32, 0},
    {"row_2", "a", 2, 16, 1, EDGE_DTYPE_F32, 0},
};

#define VARIANT(number, rows, others)                                          \
  static int32_t run_##number(const edge_context *context,                     \
                              const void *const *in, void *const *out,         \
                              void *arena) {                                   \
    return run(context, in, out, arena, rows);                                 \
  }                                                                            \
  static const int64_t shape_##number[] = {rows, 2};                           \
  static const edge_tensor_info x_##number = {                                 \
      "x", EDGE_DTYPE_F32, 2, shape_##number, 8 * rows, 0, -1, NULL, NULL, -1, \
      -1};                                                                     \
  static const edge_tensor_info y_##number = {                                 \
      "y", EDGE_DTYPE_F32, 2, shape_##number, 8 * rows, 0, -1, NULL, NULL, -1, \
      -1};                                                                     \
  static const edge_model model_##number = {                                   \
      .magic = EDGE_MODEL_MAGIC,                                               \
      .abi_version = EDGE_ABI_VERSION,                                         \
      .struct_size = sizeof(edge_model),                                       \
      .architecture = EDGE_ARCHITECTURE_ANY,                                   \
      .name = "ranged",                                                        \
      .target = "any-unknown-none",                                            \
      .cpu = "test-cpu",                                                       \
      .build_id = "00cc",                                                      \
      .arena_bytes = 8 * rows,                                                 \
      .arena_alignment = 16,                                                   \
      .input_count = 1,                                                        \
      .output_count = 1,                                                       \
      .inputs = &x_##number,                                                   \
      .outputs = &y_##number,                                                  \
      .kernel_count = rows,                                                    \
      .kernels = kernels,                                                      \
      .entry = run_##number,                                                   \
      .variant_count = (others) ? 2 : 0,                                       \
      .variants = others,                                                      \
  };

VARIANT(1, 1, NULL)
VARIANT(2, 2, NULL)
static const edge_model *const variants[] = {&model_2, &model_1};
VARIANT(3, 3, variants)

/* In C the name is taken by the type, so the symbol is named by hand. */
const edge_model *loader_symbol(void) __asm__(EDGE_MODEL_SYMBOL);
const edge_model *loader_symbol(void) { return &model_3; }
