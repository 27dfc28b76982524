//===- mlir_import_fuzzer.cpp - libFuzzer on the MLIR importer ------------===//
//
//   cmake --preset release -B build-fuzz
//     -DEDGEC_FUZZ=ON -DEDGEC_SANITIZE=address,undefined,fuzzer-no-link
//   ninja -C build-fuzz mlir_import_fuzzer
//   build-fuzz/bin/mlir_import_fuzzer -max_total_time=60 test/import
//
//===----------------------------------------------------------------------===//
#include "test/fuzz/MlirImportTarget.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  edgec::test::importMlirFuzzed(
      llvm::StringRef(reinterpret_cast<const char *>(data), size));
  return 0;
}
