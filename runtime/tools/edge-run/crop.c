/*===- crop.c - outputs whose size only a run knows -----------------------===*\
|*
|* Only one dimension is cropped: the tensor is [outer, size, inner], of which
|* the first part of each row stays. Rows move forward, so they may be moved one
|* after the other.
|*
\*===----------------------------------------------------------------------===*/

#include "crop.h"

#include <edge/runtime.h>
#include <stdlib.h>
#include <string.h>

static int64_t actual_size(const edge_tensor_info *tensor,
                           void *const *buffers) {
  int64_t size;
  const int64_t bound = tensor->shape[tensor->size_dimension];
  memcpy(&size, buffers[tensor->size_output], sizeof(size));
  return size < 0 ? 0 : size > bound ? bound : size;
}

static int crop(cropped_output *output, char *buffer, int64_t size) {
  edge_tensor_info *tensor = &output->tensor;
  const uint32_t dimension = (uint32_t)tensor->size_dimension;
  const uint64_t bits = edge_dtype_bits(tensor->dtype);
  uint64_t outer = 1, inner = 1;
  /* Elements that share a byte are not moved; no operator makes such. */
  if (bits % 8)
    return 1;
  output->shape = malloc(tensor->rank * sizeof(int64_t));
  if (!output->shape)
    return 0;
  memcpy(output->shape, tensor->shape, tensor->rank * sizeof(int64_t));
  for (uint32_t i = 0; i < tensor->rank; i++)
    *(i < dimension ? &outer : &inner) *=
        i == dimension ? 1 : (uint64_t)tensor->shape[i];
  const uint64_t unit = inner * (bits / 8);
  const uint64_t row = (uint64_t)tensor->shape[dimension] * unit;
  const uint64_t kept = (uint64_t)size * unit;
  for (uint64_t i = 1; i < outer; i++)
    memmove(buffer + i * kept, buffer + i * row, kept);
  output->shape[dimension] = size;
  tensor->shape = output->shape;
  tensor->size_bytes = outer * kept;
  return 1;
}

cropped_output *outputs_crop(const edge_model *model, void *const *buffers) {
  cropped_output *outputs =
      calloc(model->output_count + 1u, sizeof(cropped_output));
  int complete = outputs != NULL;
  for (uint32_t i = 0; complete && i < model->output_count; i++) {
    const edge_tensor_info *tensor = &model->outputs[i];
    outputs[i].tensor = *tensor;
    if (tensor->size_output < 0)
      continue;
    complete = crop(&outputs[i], buffers[i], actual_size(tensor, buffers));
  }
  if (complete)
    return outputs;
  if (outputs)
    outputs_free(outputs, model->output_count);
  return NULL;
}

void outputs_free(cropped_output *outputs, uint32_t count) {
  for (uint32_t i = 0; outputs && i < count; i++)
    free(outputs[i].shape);
  free(outputs);
}
