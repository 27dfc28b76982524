/*===- shapes.c - which of a model's sizes to run -------------------------===*\
|*
|* Files come first: their headers say the shapes. An array of another rank says
|* nothing here; reading it as the input will say what is wrong with it.
|*
\*===----------------------------------------------------------------------===*/

#include "shapes.h"
#include "message.h"
#include "tensors.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What is known of each input's shape: NPY_MAX_RANK sizes each, or NULL. */
typedef struct {
  const edge_model *model;
  const int64_t **shapes;
  int64_t *sizes;
} request;

static void set_shape(request *r, uint32_t input, const int64_t *shape) {
  int64_t *place = r->sizes + (size_t)input * NPY_MAX_RANK;
  memcpy(place, shape, r->model->inputs[input].rank * sizeof(*shape));
  r->shapes[input] = place;
}

static edge_status from_file(request *r, const char *value,
                             edge_message *message) {
  uint32_t input = 0;
  const char *file = NULL;
  npy_array array;
  edge_status status =
      tensor_find(value, r->model->inputs, r->model->input_count, "input",
                  &input, &file, message);
  if (status)
    return status;
  status = npy_read(file, &array, message);
  if (status)
    return status;
  if (array.header.rank == r->model->inputs[input].rank)
    set_shape(r, input, array.header.shape);
  npy_free(&array);
  return EDGE_OK;
}

/* Reads "1x3x128" into as many sizes as `rank`. */
static int parse_shape(const char *text, uint32_t rank, int64_t *shape) {
  for (uint32_t d = 0; d < rank; d++) {
    char *end;
    errno = 0;
    shape[d] = strtoll(text, &end, 10);
    const char expected = d + 1 < rank ? 'x' : '\0';
    if (*text < '0' || *text > '9' || errno || *end != expected)
      return 0;
    text = end + 1;
  }
  return 1;
}

static edge_status from_option(request *r, const char *value,
                               edge_message *message) {
  uint32_t input = 0;
  const char *text = NULL;
  int64_t shape[NPY_MAX_RANK];
  const edge_status status =
      tensor_find(value, r->model->inputs, r->model->input_count, "input",
                  &input, &text, message);
  if (status)
    return status;
  const uint32_t rank = r->model->inputs[input].rank;
  if (rank > NPY_MAX_RANK)
    return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                     "-shape=%s: inputs of more than %d dimensions cannot be "
                     "given here",
                     value, NPY_MAX_RANK);
  if (rank == 0 || !parse_shape(text, rank, shape))
    return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                     "-shape=%s: should be %u sizes joined by 'x'", value,
                     (unsigned)rank);
  set_shape(r, input, shape);
  return EDGE_OK;
}

edge_status shapes_choose(edge_session *session, const options *options,
                          edge_message *message) {
  request r = {edge_session_model(session), NULL, NULL};
  const size_t count = r.model->input_count + 1u;
  edge_status status = EDGE_OK;
  if (edge_model_variant_count(r.model) == 1 && options->shapes.count == 0)
    return EDGE_OK;
  r.shapes = calloc(count, sizeof(*r.shapes));
  r.sizes = calloc(count * NPY_MAX_RANK, sizeof(*r.sizes));
  if (!r.shapes || !r.sizes)
    status = edge_fail(message, EDGE_ERROR_OUT_OF_MEMORY, "no memory");
  for (uint32_t i = 0; !status && i < options->shapes.count; i++)
    status = from_option(&r, options->shapes.values[i], message);
  for (uint32_t i = 0; !status && i < options->inputs.count; i++)
    status = from_file(&r, options->inputs.values[i], message);
  if (!status)
    status = edge_session_set_shapes(session, r.shapes, message);
  free(r.shapes);
  free(r.sizes);
  return status;
}
