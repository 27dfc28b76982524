/* A model whose outputs have sizes that only the run knows: the columns of y
   and the rows of z are as many as the input says. */
#include <edge/model.h>

static const int64_t shape_y[] = {2, 4}, shape_z[] = {3, 2};
static const edge_tensor_info inputs[] = {
    {"n", EDGE_DTYPE_I64, 0, NULL, 8, 0, -1, NULL, NULL, -1, -1},
};
static const edge_tensor_info outputs[] = {
    {"y", EDGE_DTYPE_F32, 2, shape_y, 32, 0, -1, NULL, NULL, 2, 1},
    {"z", EDGE_DTYPE_I16, 2, shape_z, 12, 0, -1, NULL, NULL, 2, 0},
    {"y.size", EDGE_DTYPE_I64, 0, NULL, 8, 0, -1, NULL, NULL, -1, -1},
};

static int32_t run(const edge_context *context, const void *const *in,
                   void *const *out, void *arena) {
  (void)context;
  (void)arena;
  for (int i = 0; i < 8; i++)
    ((float *)out[0])[i] = (float)i;
  for (int i = 0; i < 6; i++)
    ((int16_t *)out[1])[i] = (int16_t)i;
  *(int64_t *)out[2] = *(const int64_t *)in[0];
  return 0;
}

static const edge_model model = {
    .magic = EDGE_MODEL_MAGIC,
    .abi_version = EDGE_ABI_VERSION,
    .struct_size = sizeof(edge_model),
    .architecture = EDGE_ARCHITECTURE_ANY,
    .name = "sized",
    .target = "any-unknown-none",
    .cpu = "test-cpu",
    .build_id = "00bb",
    .arena_alignment = 1,
    .input_count = 1,
    .output_count = 3,
    .inputs = inputs,
    .outputs = outputs,
    .entry = run,
};

/* In C the name is taken by the type, so the symbol is named by hand. */
const edge_model *loader_symbol(void) __asm__(EDGE_MODEL_SYMBOL);
const edge_model *loader_symbol(void) { return &model; }
