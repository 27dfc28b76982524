/*===- variants.c - one model for several shapes --------------------------===*\
|*
|* A model that was compiled for ranges of sizes is a descriptor for the largest
|* and one for each other combination. To choose a size is to look for the one
|* whose inputs have these shapes, so a run knows nothing of it.
|*
\*===----------------------------------------------------------------------===*/

#include "edge/runtime.h"
#include "message.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

uint32_t edge_model_variant_count(const edge_model *model) {
  return model->struct_size < EDGE_MODEL_VARIANTS_SIZE
             ? 1
             : 1 + model->variant_count;
}

const edge_model *edge_model_variant(const edge_model *model, uint32_t index) {
  return index == 0 ? model : model->variants[index - 1];
}

static int has_shape(const edge_tensor_info *tensor, const int64_t *shape) {
  return !shape || tensor->rank == 0 ||
         memcmp(tensor->shape, shape, tensor->rank * sizeof(*shape)) == 0;
}

void edge_model_size_range(const edge_model *model, int is_output,
                           uint32_t tensor, uint32_t dimension, int64_t *least,
                           int64_t *most) {
  *least = INT64_MAX;
  *most = 0;
  for (uint32_t i = 0; i < edge_model_variant_count(model); i++) {
    const edge_model *variant = edge_model_variant(model, i);
    const int64_t size =
        (is_output ? variant->outputs : variant->inputs)[tensor]
            .shape[dimension];
    *least = size < *least ? size : *least;
    *most = size > *most ? size : *most;
  }
}

/* "[1..8, 128]", cut off if there is no room. */
static void format_range(const edge_model *model, uint32_t input, char *text,
                         size_t size) {
  size_t length = (size_t)snprintf(text, size, "[");
  for (uint32_t d = 0; d < model->inputs[input].rank && length < size; d++) {
    int64_t least, most;
    edge_model_size_range(model, 0, input, d, &least, &most);
    length += (size_t)snprintf(text + length, size - length, "%s%" PRId64,
                               d ? ", " : "", least);
    if (least != most && length < size)
      length +=
          (size_t)snprintf(text + length, size - length, "..%" PRId64, most);
  }
  if (length < size)
    snprintf(text + length, size - length, "]");
}

static void format_shape(const edge_tensor_info *tensor, const int64_t *shape,
                         char *text, size_t size) {
  size_t length = (size_t)snprintf(text, size, "[");
  for (uint32_t d = 0; d < tensor->rank && length < size; d++)
    length += (size_t)snprintf(text + length, size - length, "%s%" PRId64,
                               d ? ", " : "", shape[d]);
  if (length < size)
    snprintf(text + length, size - length, "]");
}

/* Blames the first input that no variant takes, else their combination. */
static edge_status refuse(const edge_model *model, const int64_t *const *shapes,
                          edge_message *message) {
  char have[128], range[128];
  const uint32_t count = edge_model_variant_count(model);
  for (uint32_t i = 0; i < model->input_count; i++) {
    int known = 0;
    for (uint32_t v = 0; v < count && !known; v++)
      known = has_shape(&edge_model_variant(model, v)->inputs[i], shapes[i]);
    if (known)
      continue;
    format_shape(&model->inputs[i], shapes[i], have, sizeof(have));
    format_range(model, i, range, sizeof(range));
    return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                     "input '%s' has shape %s but model '%s' takes %s; give it "
                     "such a shape, or compile the model with another -shape",
                     model->inputs[i].name, have, model->name, range);
  }
  return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                   "model '%s' takes each of these shapes but not all of them "
                   "together: sizes that it was compiled to share must be "
                   "equal",
                   model->name);
}

edge_status edge_model_with_shapes(const edge_model *model,
                                   const int64_t *const *shapes,
                                   const edge_model **variant,
                                   edge_message *message) {
  if (!model || !variant || (model->input_count && !shapes))
    return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                     "model, shapes or variant is NULL");
  for (uint32_t v = 0; v < edge_model_variant_count(model); v++) {
    const edge_model *candidate = edge_model_variant(model, v);
    int fits = 1;
    for (uint32_t i = 0; i < model->input_count && fits; i++)
      fits = has_shape(&candidate->inputs[i], shapes[i]);
    if (fits) {
      *variant = candidate;
      return EDGE_OK;
    }
  }
  return refuse(model, shapes, message);
}
