/*===- model_jobs.h - what a descriptor says of devices -------------------===*\
|*
|* Devices, jobs and alternatives are younger than the rest of the descriptor:
|* they are read through functions that know when they are not there.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_SRC_MODEL_JOBS_H
#define EDGE_SRC_MODEL_JOBS_H

#include "edge/runtime.h"

/** Checks the devices and the jobs of `model`, whose name is known to be there:
 *  counts, pointers, indices, sizes and access bits.
 *
 *  Returns EDGE_OK or EDGE_ERROR_CORRUPT. Does not allocate; any thread. */
edge_status edge_check_jobs(const edge_model *model, edge_message *message);

/** Checks the list of alternatives, but not the descriptors in it. Likewise. */
edge_status edge_check_alternative_list(const edge_model *model,
                                        edge_message *message);

#endif /* EDGE_SRC_MODEL_JOBS_H */
