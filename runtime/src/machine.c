/*===- machine.c - architectures by name, and machines without features ---===*\
|*
|* The part that is the same everywhere. An architecture without a file of its
|* own knows no features, so a model that lists one is refused there.
|*
\*===----------------------------------------------------------------------===*/

#include "machine.h"

edge_architecture edge_machine_architecture(void) {
#if defined(__x86_64__)
  return EDGE_ARCHITECTURE_X86_64;
#elif defined(__aarch64__)
  return EDGE_ARCHITECTURE_AARCH64;
#elif defined(__riscv) && __riscv_xlen == 64
  return EDGE_ARCHITECTURE_RISCV64;
#elif defined(__riscv) && __riscv_xlen == 32
  return EDGE_ARCHITECTURE_RISCV32;
#elif defined(__arm__)
  return EDGE_ARCHITECTURE_ARM;
#else
#error "this architecture has no EDGE_ARCHITECTURE_ value in edge/model.h"
#endif
}

const char *edge_architecture_name(edge_architecture architecture) {
  switch (architecture) {
  case EDGE_ARCHITECTURE_ANY:
    return "any";
  case EDGE_ARCHITECTURE_X86_64:
    return "x86_64";
  case EDGE_ARCHITECTURE_AARCH64:
    return "aarch64";
  case EDGE_ARCHITECTURE_RISCV64:
    return "riscv64";
  case EDGE_ARCHITECTURE_ARM:
    return "arm";
  case EDGE_ARCHITECTURE_RISCV32:
    return "riscv32";
  default:
    return "unknown";
  }
}

#if !defined(__x86_64__) && !defined(__aarch64__) &&                           \
    !(defined(__riscv) && __riscv_xlen == 64)
edge_presence edge_machine_feature(const char *name) {
  (void)name;
  return EDGE_UNKNOWN;
}
#endif
