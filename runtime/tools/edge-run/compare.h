/*===- compare.h - is an output what was expected -------------------------===*\
|*
|* Compares an output with an expected array element by element, and as a whole
|* by the relative L2 error |got - want| / |want|, the measure that says
|* whether a network's result is right when single elements near zero say
|* little.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_RUN_COMPARE_H
#define EDGE_RUN_COMPARE_H

#include "tensors.h"

/** Differences allowed:
 *  |got - want| <= atol + rtol * |want| + stol * max |want|.
 *  The last term is for sums that cancel: their rounding error follows the size
 *  of what was added, which an element near zero no longer shows. */
typedef struct tolerance {
  double rtol, atol, stol; /* >= 0 */
} tolerance;

typedef struct comparison {
  uint64_t count;        /* elements compared */
  uint64_t wrong;        /* elements beyond the tolerance */
  uint64_t worst;        /* index of the element that is furthest beyond the
                            tolerance, or nearest to it if none is */
  double worst_got;      /* its value */
  double worst_want;     /* its expected value */
  double worst_allowed;  /* its tolerance */
  double max_difference; /* largest |got - want|; NaN counts as infinity */
  double relative_l2;    /* 0 if both are 0; infinity if only `want` is */
} comparison;

/** Compares `buffer`, an output described by `tensor`, with the file at `path`:
 *  an array of the tensor's shape and either its own type or any integer or
 *  floating-point type (a float64 reference, say). A NaN equals a NaN, an
 * infinity equals one of the same sign.
 *
 *  Returns EDGE_OK when the two could be compared (`result` says how they
 *  differ), an error of npy_read, or EDGE_ERROR_INVALID_ARGUMENT. */
edge_status compare_with_file(const edge_tensor_info *tensor,
                              const void *buffer, const char *path,
                              const tolerance *allowed, comparison *result,
                              edge_message *message);

/** Tolerance without options: none for integers; rtol 1e-3, atol and stol 1e-5
 *  for 32 and 64-bit floats; 1e-2 and 1e-3 for smaller ones. */
tolerance default_tolerance(const edge_tensor_info *tensor);

#endif /* EDGE_RUN_COMPARE_H */
