//===- tflite_import_fuzzer.cpp - libFuzzer on the TFLite importer --------===//
//
//   cmake --preset release -B build-fuzz
//     -DEDGEC_FUZZ=ON -DEDGEC_SANITIZE=address,undefined,fuzzer-no-link
//   ninja -C build-fuzz tflite_import_fuzzer tflite-seeds
//   build-fuzz/bin/tflite-seeds corpus
//   build-fuzz/bin/tflite_import_fuzzer -max_total_time=60 corpus
//
//===----------------------------------------------------------------------===//
#include "test/fuzz/TfliteImportTarget.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  edgec::test::importFuzzedTflite(
      llvm::StringRef(reinterpret_cast<const char *>(data), size));
  return 0;
}
