/*===- machine.c - the parameters of one NPU ------------------------------===*\
|*
|* See machine.h.
|*
\*===----------------------------------------------------------------------===*/

#include "machine.h"
#include <stddef.h>

static int32_t out_of_range(edge_npu_error *error, const char *name,
                            uint64_t value, uint64_t low, uint64_t high) {
  return npu_fail(error, EDGE_NPU_ERROR_ARGUMENT, NULL, "",
                  "machine parameter %s is %llu, must be from %llu to %llu",
                  name, (unsigned long long)value, (unsigned long long)low,
                  (unsigned long long)high);
}

int32_t npu_read_machine(const uint64_t *parameters, uint32_t count,
                         npu_machine *machine, edge_npu_error *error) {
  if (!parameters || count != NPU_PARAMETERS_COUNT)
    return npu_fail(error, EDGE_NPU_ERROR_ARGUMENT, NULL, "",
                    "%u machine parameters given, there are %u", count,
                    NPU_PARAMETERS_COUNT);
#define NPU_TAKE(name, macro, index, low, high)                                \
  if (parameters[index] + 1 < (uint64_t)(low) + 1 ||                           \
      parameters[index] > (uint64_t)(high))                                    \
    return out_of_range(error, #name, parameters[index], low, high);           \
  machine->name = (uint32_t)parameters[index];
  NPU_PARAMETERS(NPU_TAKE)
#undef NPU_TAKE
  if (machine->sramBytes % (machine->sramBanks * NPU_LIMIT_LINE_BYTES) != 0)
    return npu_fail(error, EDGE_NPU_ERROR_ARGUMENT, NULL, "",
                    "machine parameter sramBytes is %u, must be a multiple of "
                    "%u * sramBanks",
                    machine->sramBytes, NPU_LIMIT_LINE_BYTES);
  return EDGE_NPU_OK;
}
