/* A model that copies inputs to outputs, one of every element type that
   edge-run has to carry between a buffer and a .npy file. Five elements each:
   an odd number, for the types that pack two elements in a byte. */

#include "edge/model.h"

enum { TYPES = 17 };

static const int64_t shape[] = {5};
static const float scales[] = {0.5f};
static const int32_t zero_points[] = {-3};

#define TENSOR(name, dtype, bytes)                                             \
  {name, dtype, 1, shape, bytes, 0, -1, NULL, NULL, -1, -1}

static const edge_tensor_info tensors[TYPES] = {
    TENSOR("f32", EDGE_DTYPE_F32, 20),
    TENSOR("f64", EDGE_DTYPE_F64, 40),
    TENSOR("f16", EDGE_DTYPE_F16, 10),
    TENSOR("bf16", EDGE_DTYPE_BF16, 10),
    {"i8", EDGE_DTYPE_I8, 1, shape, 5, 1, -1, scales, zero_points, -1, -1},
    TENSOR("u8", EDGE_DTYPE_U8, 5),
    TENSOR("i16", EDGE_DTYPE_I16, 10),
    TENSOR("u16", EDGE_DTYPE_U16, 10),
    TENSOR("i32", EDGE_DTYPE_I32, 20),
    TENSOR("u32", EDGE_DTYPE_U32, 20),
    TENSOR("i64", EDGE_DTYPE_I64, 40),
    TENSOR("u64", EDGE_DTYPE_U64, 40),
    TENSOR("bool", EDGE_DTYPE_BOOL, 5),
    TENSOR("i4", EDGE_DTYPE_I4, 3),
    TENSOR("u4", EDGE_DTYPE_U4, 3),
    TENSOR("f8e4m3", EDGE_DTYPE_F8E4M3, 5),
    TENSOR("f8e5m2", EDGE_DTYPE_F8E5M2, 5),
};

static int32_t run(const edge_context *context, const void *const *inputs,
                   void *const *outputs, void *arena) {
  (void)context;
  (void)arena;
  for (int i = 0; i < TYPES; i++) {
    const uint8_t *from = inputs[i];
    uint8_t *to = outputs[i];
    for (uint64_t n = 0; n < tensors[i].size_bytes; n++)
      to[n] = from[n];
  }
  return 0;
}

static const edge_model model = {
    .magic = EDGE_MODEL_MAGIC,
    .abi_version = EDGE_ABI_VERSION,
    .struct_size = sizeof(edge_model),
    .architecture = EDGE_ARCHITECTURE_ANY,
    .name = "identity",
    .target = "any-unknown-none",
    .cpu = "test-cpu",
    .build_id = "00aa",
    .arena_alignment = 1,
    .input_count = TYPES,
    .output_count = TYPES,
    .inputs = tensors,
    .outputs = tensors,
    .entry = run,
};

/* In C the name is taken by the type, so the symbol is named by hand. */
const edge_model *loader_symbol(void) __asm__(EDGE_MODEL_SYMBOL);
const edge_model *loader_symbol(void) { return &model; }
