/*===- crop.h - outputs whose size only a run knows -----------------------===*\
|*
|* The buffer of such an output has the largest shape that it can have. What the
|* user gets is the part that the run filled.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_RUN_CROP_H
#define EDGE_RUN_CROP_H

#include <edge/model.h>

/** An output after a run. */
typedef struct cropped_output {
  edge_tensor_info tensor; /* as in the model, with the actual shape */
  int64_t *shape;          /* tensor.shape where it differs, else NULL */
} cropped_output;

/** Describes the model's outputs, whose `buffers` a run has just written, with
 *  their actual shapes; moves the elements of those that are smaller than their
 *  buffer to its front, densely.
 *
 *  Returns an array of output_count, to be freed by outputs_free, or NULL when
 *  there is no memory. */
cropped_output *outputs_crop(const edge_model *model, void *const *buffers);

void outputs_free(cropped_output *outputs, uint32_t count);

#endif /* EDGE_RUN_CROP_H */
