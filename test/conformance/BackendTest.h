//===- BackendTest.h - one test of ONNX's backend suite --------*- C++ -*-===//
//
// A folder with model.onnx and test_data_set_<n>/{input,output}_<k>.pb: the
// model must turn each set's inputs into its outputs.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TEST_CONFORMANCE_BACKENDTEST_H
#define EDGEC_TEST_CONFORMANCE_BACKENDTEST_H

#include "llvm/ADT/StringRef.h"
#include <string>

namespace edgec::test {

struct BackendResult {
  enum Kind {
    Pass,
    /// The compiler says why it does not take the model.
    Unsupported,
    /// The model compiles and then gives something else.
    Wrong
  };
  Kind kind;
  std::string reason;
};

BackendResult runBackendTest(llvm::StringRef folder);

} // namespace edgec::test

#endif // EDGEC_TEST_CONFORMANCE_BACKENDTEST_H
