/*===- run_model.c - the least that runs a compiled model -----------------===*\
|*
|* Loads an artifact through the runtime, gives it inputs filled with one value,
|* runs it and prints the first numbers of each output. What remains to be added
|* in a real program is the data.
|*
|*     c-run-model MODEL.so [VALUE]
|*
\*===----------------------------------------------------------------------===*/

#include "edge/runtime.h"

#include <stdio.h>
#include <stdlib.h>

enum { MAX_TENSORS = 16, SHOWN = 10 };

/* A buffer of the tensor's size; float elements are set to `value`. */
static void *newBuffer(const edge_tensor_info *tensor, float value) {
  unsigned char *buffer =
      calloc(tensor->size_bytes ? tensor->size_bytes : 1, 1);
  if (buffer && tensor->dtype == EDGE_DTYPE_F32)
    for (uint64_t i = 0; i < tensor->size_bytes / sizeof value; ++i)
      ((float *)buffer)[i] = value;
  return buffer;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: %s MODEL.so [VALUE]\n", argv[0]);
    return 2;
  }
  edge_artifact *artifact = NULL;
  edge_session *session = NULL;
  edge_message message;
  if (edge_model_load(argv[1], &artifact, &message)) {
    fprintf(stderr, "%s: %s\n", argv[1], message.text);
    return 1;
  }
  const edge_model *model = edge_artifact_model(artifact);
  if (model->input_count > MAX_TENSORS || model->output_count > MAX_TENSORS ||
      edge_session_create(model, 1, &session, &message)) {
    fprintf(stderr, "%s: cannot be run here\n", argv[1]);
    return 1;
  }

  void *inputs[MAX_TENSORS], *outputs[MAX_TENSORS];
  float value = argc > 2 ? strtof(argv[2], NULL) : 0.5f;
  for (uint32_t i = 0; i < model->input_count; ++i)
    inputs[i] = newBuffer(&model->inputs[i], value);
  for (uint32_t i = 0; i < model->output_count; ++i)
    outputs[i] = newBuffer(&model->outputs[i], 0);

  if (edge_session_run(session, (const void *const *)inputs, outputs,
                       &message)) {
    fprintf(stderr, "%s: %s\n", argv[1], message.text);
    return 1;
  }
  for (uint32_t i = 0; i < model->output_count; ++i) {
    const edge_tensor_info *tensor = &model->outputs[i];
    printf("%s:", tensor->name);
    for (uint64_t k = 0; k < SHOWN && tensor->dtype == EDGE_DTYPE_F32 &&
                         k < tensor->size_bytes / sizeof(float);
         ++k)
      printf(" %.4f", (double)((float *)outputs[i])[k]);
    putchar('\n');
  }

  for (uint32_t i = 0; i < model->input_count; ++i)
    free(inputs[i]);
  for (uint32_t i = 0; i < model->output_count; ++i)
    free(outputs[i]);
  edge_session_destroy(session);
  edge_model_unload(artifact);
  return 0;
}
