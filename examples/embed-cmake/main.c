/*===- main.c - a model that was linked statically, run by the runtime ---===*\
|*
|* The model's archive and its header model.h were written by edgec while this
|* project was built. A session gives it memory and threads; nothing is loaded
|* from a file.
|*
\*===----------------------------------------------------------------------===*/

#include "edge/runtime.h"
#include "model.h"

#include <stdio.h>
#include <stdlib.h>

int main(void) {
  const edge_model *model = edge_model_model();
  edge_session *session = NULL;
  edge_message message;
  if (edge_session_create(model, 1, &session, &message)) {
    fprintf(stderr, "%s\n", message.text);
    return 1;
  }
  void *input = calloc(1, model->inputs[0].size_bytes);
  void *output = calloc(1, model->outputs[0].size_bytes);
  const void *inputs[] = {input};
  void *outputs[] = {output};
  if (!input || !output ||
      edge_session_run(session, inputs, outputs, &message)) {
    fprintf(stderr, "the run failed\n");
    return 1;
  }
  printf("%s ran: %s[0] = %.4f\n", model->name, model->outputs[0].name,
         (double)((const float *)output)[0]);
  edge_session_destroy(session);
  free(input);
  free(output);
  return 0;
}
