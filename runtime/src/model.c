/*===- model.c - checking a descriptor before anything runs ---------------===*\
|*
|* A descriptor may come from another compiler version, another machine or a
|* damaged file. Everything that the rest of the runtime relies on is checked
|* here, once, so that a wrong artifact is a message and never a crash: first
|* what is stable over all versions, then the machine, then the details.
|*
\*===----------------------------------------------------------------------===*/

#include "edge/model_layout.h"
#include "edge/runtime.h"
#include "machine.h"
#include "message.h"
#include "model_jobs.h"

#include <string.h>

/* Generous bounds that a damaged count will exceed. */
#define MAX_TENSORS 4096u
#define MAX_RANK 32u
#define MAX_KERNELS (1u << 24)
#define MAX_FEATURES 1024u
#define MAX_VARIANTS (1u << 16)

static const struct {
  char name[15];
  uint8_t bits;
} dtypes[] = {
    [EDGE_DTYPE_INVALID] = {"invalid", 0},
    [EDGE_DTYPE_F32] = {"float32", 32},
    [EDGE_DTYPE_F64] = {"float64", 64},
    [EDGE_DTYPE_F16] = {"float16", 16},
    [EDGE_DTYPE_BF16] = {"bfloat16", 16},
    [EDGE_DTYPE_I8] = {"int8", 8},
    [EDGE_DTYPE_U8] = {"uint8", 8},
    [EDGE_DTYPE_I16] = {"int16", 16},
    [EDGE_DTYPE_U16] = {"uint16", 16},
    [EDGE_DTYPE_I32] = {"int32", 32},
    [EDGE_DTYPE_U32] = {"uint32", 32},
    [EDGE_DTYPE_I64] = {"int64", 64},
    [EDGE_DTYPE_U64] = {"uint64", 64},
    [EDGE_DTYPE_BOOL] = {"bool", 8},
    [EDGE_DTYPE_I4] = {"int4", 4},
    [EDGE_DTYPE_U4] = {"uint4", 4},
    [EDGE_DTYPE_F8E4M3] = {"float8_e4m3fn", 8},
    [EDGE_DTYPE_F8E5M2] = {"float8_e5m2", 8},
};

static uint32_t dtype_index(edge_dtype dtype) {
  return dtype < sizeof(dtypes) / sizeof(dtypes[0]) ? dtype : 0;
}

const char *edge_dtype_name(edge_dtype dtype) {
  return dtypes[dtype_index(dtype)].name;
}

uint32_t edge_dtype_bits(edge_dtype dtype) {
  return dtypes[dtype_index(dtype)].bits;
}

/* Computes the bytes of a tensor's buffer; returns 0 if its type, rank or shape
   is impossible. */
static int tensor_bytes(const edge_tensor_info *tensor, uint64_t *bytes) {
  const uint64_t limit = (uint64_t)1 << 60; /* so that bits stay in 64 bits */
  uint64_t count = 1;
  if (edge_dtype_bits(tensor->dtype) == 0 || tensor->rank > MAX_RANK ||
      (tensor->rank && !tensor->shape))
    return 0;
  for (uint32_t i = 0; i < tensor->rank; i++) {
    const int64_t size = tensor->shape[i];
    if (size < 0 || (size && count > limit / 64 / (uint64_t)size))
      return 0;
    count *= (uint64_t)size;
  }
  *bytes = (count * edge_dtype_bits(tensor->dtype) + 7) / 8;
  return 1;
}

static int quantization_fits(const edge_tensor_info *tensor) {
  if (tensor->quant_count == 0)
    return 1;
  if (!tensor->scales || !tensor->zero_points)
    return 0;
  if (tensor->quant_axis == -1)
    return tensor->quant_count == 1;
  return tensor->quant_axis >= 0 &&
         (uint32_t)tensor->quant_axis < tensor->rank &&
         tensor->shape[tensor->quant_axis] == (int64_t)tensor->quant_count;
}

/* Whether the size of an output is where `tensor` says; inputs have none. */
static int size_fits(const edge_tensor_info *tensor,
                     const edge_tensor_info *outputs, uint32_t output_count) {
  if (tensor->size_output == -1)
    return tensor->size_dimension == -1;
  if (tensor->size_output < 0 ||
      (uint32_t)tensor->size_output >= output_count ||
      tensor->size_dimension < 0 ||
      (uint32_t)tensor->size_dimension >= tensor->rank)
    return 0;
  const edge_tensor_info *size = &outputs[tensor->size_output];
  return size->dtype == EDGE_DTYPE_I64 && size->size_bytes == sizeof(int64_t) &&
         size->size_output == -1;
}

static edge_status check_tensors(const edge_model *model, const char *kind,
                                 const edge_tensor_info *tensors,
                                 uint32_t count, int are_outputs,
                                 edge_message *message) {
  if (count > MAX_TENSORS || (count && !tensors))
    return edge_fail(message, EDGE_ERROR_CORRUPT,
                     "model '%s' has a damaged list of %ss; compile it again",
                     model->name, kind);
  for (uint32_t i = 0; i < count; i++) {
    const edge_tensor_info *tensor = &tensors[i];
    uint64_t bytes;
    if (!tensor->name || !tensor_bytes(tensor, &bytes) ||
        bytes != tensor->size_bytes || !quantization_fits(tensor) ||
        !size_fits(tensor, tensors, are_outputs ? count : 0))
      return edge_fail(message, EDGE_ERROR_CORRUPT,
                       "model '%s' has a damaged description of %s %u; compile "
                       "it again",
                       model->name, kind, i);
  }
  return EDGE_OK;
}

static edge_status check_layout(const edge_model *model,
                                edge_message *message) {
  const uint64_t alignment = model->arena_alignment;
  int fits = model->entry && alignment && (alignment & (alignment - 1)) == 0 &&
             alignment <= ((uint64_t)1 << 30) &&
             model->arena_bytes < SIZE_MAX - alignment &&
             model->kernel_count <= MAX_KERNELS &&
             (!model->kernel_count || model->kernels) && model->build_id;
  for (uint32_t i = 0; fits && i < model->kernel_count; i++)
    fits = model->kernels[i].name && model->kernels[i].layers;
  if (!fits)
    return edge_fail(message, EDGE_ERROR_CORRUPT,
                     "model '%s' has a damaged descriptor; compile it again",
                     model->name);
  edge_status status = check_tensors(model, "input", model->inputs,
                                     model->input_count, 0, message);
  if (!status)
    status = check_tensors(model, "output", model->outputs, model->output_count,
                           1, message);
  if (!status)
    status = edge_check_jobs(model, message);
  return status;
}

/* Whether tensors of a variant are those of the model, and not larger. */
static int tensors_agree(const edge_tensor_info *tensors,
                         const edge_tensor_info *largest, uint32_t count) {
  for (uint32_t i = 0; i < count; i++)
    if (tensors[i].dtype != largest[i].dtype ||
        tensors[i].rank != largest[i].rank ||
        tensors[i].size_bytes > largest[i].size_bytes ||
        strcmp(tensors[i].name, largest[i].name) != 0)
      return 0;
  return 1;
}

/* What a session relies on when it runs a variant in the model's memory. */
static edge_status check_variant(const edge_model *model,
                                 const edge_model *variant,
                                 edge_message *message) {
  int fits = variant && variant->magic == EDGE_MODEL_MAGIC &&
             variant->abi_version == EDGE_ABI_VERSION &&
             variant->struct_size >= EDGE_MODEL_VARIANTS_SIZE &&
             variant->variant_count == 0 && variant->name &&
             edge_model_alternative_count(variant) == 1 &&
             variant->input_count == model->input_count &&
             variant->output_count == model->output_count &&
             variant->arena_bytes <= model->arena_bytes &&
             variant->arena_alignment <= model->arena_alignment;
  if (fits) {
    const edge_status status = check_layout(variant, message);
    if (status)
      return status;
    fits = tensors_agree(variant->inputs, model->inputs, model->input_count) &&
           tensors_agree(variant->outputs, model->outputs, model->output_count);
  }
  if (!fits)
    return edge_fail(message, EDGE_ERROR_CORRUPT,
                     "model '%s' has a damaged variant; compile it again",
                     model->name);
  return EDGE_OK;
}

static edge_status check_variants(const edge_model *model,
                                  edge_message *message) {
  if (model->variant_count > MAX_VARIANTS ||
      (model->variant_count && !model->variants))
    return edge_fail(message, EDGE_ERROR_CORRUPT,
                     "model '%s' has a damaged list of variants; compile it "
                     "again",
                     model->name);
  edge_status status = EDGE_OK;
  for (uint32_t i = 0; !status && i < model->variant_count; i++)
    status = check_variant(model, model->variants[i], message);
  return status;
}

/* Appends `text` to the string in `buffer`, cut off if there is no room. */
static void append(char *buffer, size_t size, const char *text) {
  const size_t length = strlen(buffer);
  strncat(buffer, text, size - length - 1);
}

/* A list of feature names, for one message. */
typedef struct {
  char text[256];
  uint32_t count;
} name_list;

static void add_name(name_list *list, const char *name) {
  if (list->count++)
    append(list->text, sizeof(list->text), ", ");
  append(list->text, sizeof(list->text), name);
}

/* Names every feature that the processor lacks, or that cannot be looked for.
 */
static edge_status check_features(const edge_model *model,
                                  edge_message *message) {
  name_list absent = {"", 0};
  name_list unknown = {"", 0};
  int fits = model->feature_count <= MAX_FEATURES &&
             (!model->feature_count || model->features);
  for (uint32_t i = 0; fits && i < model->feature_count; i++) {
    const char *feature = model->features[i];
    fits = feature != NULL;
    if (!fits)
      break;
    const edge_presence presence = edge_machine_feature(feature);
    if (presence != EDGE_PRESENT)
      add_name(presence == EDGE_ABSENT ? &absent : &unknown, feature);
  }
  if (!fits)
    return edge_fail(message, EDGE_ERROR_CORRUPT,
                     "model '%s' has a damaged list of features; compile it "
                     "again",
                     model->name);
  if (absent.count)
    return edge_fail(message, EDGE_ERROR_FEATURE,
                     "model '%s' is compiled for %s and needs %s, which this "
                     "processor or system lacks; compile it with -mcpu=native "
                     "on this machine or for a smaller -mcpu",
                     model->name, model->cpu, absent.text);
  if (unknown.count)
    return edge_fail(message, EDGE_ERROR_FEATURE,
                     "model '%s' is compiled for %s and needs %s, which this "
                     "runtime cannot look for; use the runtime that came with "
                     "the compiler, or compile with -mattr=-FEATURE",
                     model->name, model->cpu, unknown.text);
  return EDGE_OK;
}

/* Whether an alternative can stand in for the model: the same tensors. */
static int can_replace(const edge_model *other, const edge_model *model) {
  if (edge_model_variant_count(other) != 1 ||
      edge_model_alternative_count(other) != 1 ||
      other->input_count != model->input_count ||
      other->output_count != model->output_count ||
      !tensors_agree(other->inputs, model->inputs, model->input_count) ||
      !tensors_agree(other->outputs, model->outputs, model->output_count))
    return 0;
  for (uint32_t i = 0; i < model->input_count; i++)
    if (other->inputs[i].size_bytes != model->inputs[i].size_bytes)
      return 0;
  for (uint32_t i = 0; i < model->output_count; i++)
    if (other->outputs[i].size_bytes != model->outputs[i].size_bytes)
      return 0;
  return 1;
}

static edge_status check_model(const edge_model *model, int is_alternative,
                               edge_message *message);

static edge_status check_alternatives(const edge_model *model,
                                      edge_message *message) {
  edge_status status = edge_check_alternative_list(model, message);
  const uint32_t count = edge_model_alternative_count(model);
  for (uint32_t i = 1; !status && i < count; i++) {
    const edge_model *other = edge_model_alternative(model, i);
    status = check_model(other, 1, message);
    if (!status && !can_replace(other, model))
      status =
          edge_fail(message, EDGE_ERROR_CORRUPT,
                    "alternative '%s' of model '%s' has other inputs or "
                    "outputs; compile it again",
                    edge_model_alternative_info(model, i)->label, model->name);
  }
  return status;
}

static edge_status check_model(const edge_model *model, int is_alternative,
                               edge_message *message) {
  if (!model)
    return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT, "model is NULL");
  if (model->magic != EDGE_MODEL_MAGIC)
    return edge_fail(
        message, EDGE_ERROR_NOT_AN_ARTIFACT,
        "the descriptor lacks EdgeC's magic number; use a file made "
        "by edgec");
  if (model->abi_version != EDGE_ABI_VERSION)
    return edge_fail(message, EDGE_ERROR_ABI_VERSION,
                     "the model has ABI version %u but this runtime reads "
                     "version %u; compile the model with the edgec of this "
                     "runtime",
                     model->abi_version, EDGE_ABI_VERSION);
  if (model->struct_size < EDGE_MODEL_FIRST_SIZE || !model->name ||
      !model->target || !model->cpu)
    return edge_fail(message, EDGE_ERROR_CORRUPT,
                     "the model has a damaged descriptor; compile it again");
  if (model->architecture != EDGE_ARCHITECTURE_ANY &&
      model->architecture != edge_machine_architecture())
    return edge_fail(message, EDGE_ERROR_ARCHITECTURE,
                     "model '%s' is compiled for %s but this machine is %s; "
                     "compile it with -target=%s",
                     model->name, edge_architecture_name(model->architecture),
                     edge_architecture_name(edge_machine_architecture()),
                     edge_architecture_name(edge_machine_architecture()));
  edge_status status = check_features(model, message);
  if (!status)
    status = check_layout(model, message);
  if (!status && model->struct_size >= EDGE_MODEL_VARIANTS_SIZE)
    status = check_variants(model, message);
  /* Alternatives have none of their own, so that this ends. */
  if (!status && !is_alternative)
    status = check_alternatives(model, message);
  return status;
}

edge_status edge_model_check(const edge_model *model, edge_message *message) {
  return check_model(model, 0, message);
}
