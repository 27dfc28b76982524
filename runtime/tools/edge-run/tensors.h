/*===- tensors.h - the model's buffers and their files --------------------===*\
|*
|* Between a model's tensors and NumPy's arrays. Element types that NumPy lacks
|* travel as their bits: bfloat16 as uint16, 8-bit floats as uint8, int4 as int8
|* and uint4 as uint8, one element per entry (in the model's buffer two 4-bit
|* elements share a byte).
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_RUN_TENSORS_H
#define EDGE_RUN_TENSORS_H

#include "npy.h"

/** Finds the tensor that "NAME=REST" or "INDEX=REST" means. A name may itself
 *  contain '=', and names go before indices. `kind` is what messages call it.
 *  `rest` points into `value`, which has a '='.
 *
 *  Returns EDGE_OK or EDGE_ERROR_INVALID_ARGUMENT. */
edge_status tensor_find(const char *value, const edge_tensor_info *tensors,
                        uint32_t count, const char *kind, uint32_t *index,
                        const char **rest, edge_message *message);

/** Number of elements of a tensor of a checked model. */
uint64_t tensor_elements(const edge_tensor_info *tensor);

/** Describes how `tensor` travels in a `.npy` file: all but `header_bytes`. */
void tensor_header(const edge_tensor_info *tensor, npy_header *header);

/** Allocates a buffer for `tensor`, aligned to 64 bytes, with undefined
 * content; the caller frees it. NULL if there is no memory. */
void *tensor_allocate(const edge_tensor_info *tensor);

/** Fills `buffer` with element values from the file at `path`, whose type and
 *  shape must be the tensor's.
 *
 *  Returns EDGE_OK, an error of npy_read, or EDGE_ERROR_INVALID_ARGUMENT. */
edge_status tensor_read(const edge_tensor_info *tensor, const char *path,
                        void *buffer, edge_message *message);

/** Writes `buffer` to the file at `path`. Errors as npy_write. */
edge_status tensor_write(const edge_tensor_info *tensor, const char *path,
                         const void *buffer, edge_message *message);

/** Fills `buffer` with a pseudo-random sequence that depends only on `seed` and
 *  the element type: floating-point numbers in [-1, 1), integers of up to 16
 * bits over their whole range, wider ones in [0, 8), booleans 0 or 1. */
void tensor_fill(const edge_tensor_info *tensor, uint32_t seed, void *buffer);

/** Fills `buffer` with the real number 0: the zero point of integers that are
 *  quantized as a whole, else zero bytes. */
void tensor_clear(const edge_tensor_info *tensor, void *buffer);

/** Element `index` of `buffer` as a double (64-bit integers are rounded). */
double tensor_value(const edge_tensor_info *tensor, const void *buffer,
                    uint64_t index);

/** Formats type and shape: "float32[1, 3, 224, 224]", cut off if too long. */
void tensor_type_text(const edge_tensor_info *tensor, char *text, size_t size);

#endif /* EDGE_RUN_TENSORS_H */
