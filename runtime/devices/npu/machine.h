/*===- machine.h - the parameters of one NPU ------------------------------===*\
|*
|* The numbers that distinguish one configuration from another, with the names
|* of the specification.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_NPU_MACHINE_H
#define EDGE_NPU_MACHINE_H

#include "failure.h"

typedef struct npu_machine {
#define NPU_MEMBER(name, macro, index, low, high) uint32_t name;
  NPU_PARAMETERS(NPU_MEMBER)
#undef NPU_MEMBER
} npu_machine;

/** Reads `count` parameters in the specification's order; all of them must be
 *  there and within their ranges. EDGE_NPU_ERROR_ARGUMENT otherwise. */
int32_t npu_read_machine(const uint64_t *parameters, uint32_t count,
                         npu_machine *machine, edge_npu_error *error);

static inline uint64_t npu_ceil_divide(uint64_t value, uint64_t divisor) {
  return value / divisor + (value % divisor != 0);
}

#endif /* EDGE_NPU_MACHINE_H */
