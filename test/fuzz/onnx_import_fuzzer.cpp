//===- onnx_import_fuzzer.cpp - libFuzzer on the ONNX importer ------------===//
//
// Build with -DEDGEC_FUZZ=ON and -DEDGEC_SANITIZE=address, then
//   bin/onnx-seeds corpus && bin/onnx_import_fuzzer -max_total_time=60 corpus
//
//===----------------------------------------------------------------------===//
#include "test/fuzz/OnnxImportTarget.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  edgec::test::importFuzzed(
      llvm::StringRef(reinterpret_cast<const char *>(data), size));
  return 0;
}
