//===- artifact_load_fuzzer.cpp - hostile artifacts
//------------------------===//
//
// What the runtime reads of a file before the system's loader may have it.
// Seeds are artifacts; run it with -max_len of their size.
//
//===----------------------------------------------------------------------===//
#include "runtime/src/shared_object.h"
#include <cstddef>
#include <cstdint>
#include <sys/mman.h>
#include <unistd.h>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  int file = memfd_create("artifact", 0);
  if (file < 0)
    return 0;
  edge_message message;
  if (write(file, data, size) == ssize_t(size))
    edge_check_shared_object(file, "fuzzed", &message);
  close(file);
  return 0;
}
