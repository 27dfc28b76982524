//===- onnx_import_fuzzer.cpp - libFuzzer on the ONNX importer ------------===//
//
//   cmake --preset release -B build-fuzz
//     -DEDGEC_FUZZ=ON -DEDGEC_SANITIZE=address,undefined,fuzzer-no-link
//   ninja -C build-fuzz onnx_import_fuzzer onnx-seeds
//   build-fuzz/bin/onnx-seeds corpus
//   build-fuzz/bin/onnx_import_fuzzer -max_total_time=60 corpus
//
//===----------------------------------------------------------------------===//
#include "test/fuzz/OnnxImportTarget.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  edgec::test::importFuzzed(
      llvm::StringRef(reinterpret_cast<const char *>(data), size));
  return 0;
}
