//===- OnnxSeeds.h - models to start fuzzing from ---------------*- C++ -*-===//
//
// Small models that together reach every operator family, shape arithmetic,
// typed tensor data and the checks of names and shapes.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TEST_FUZZ_ONNXSEEDS_H
#define EDGEC_TEST_FUZZ_ONNXSEEDS_H

#include <string>
#include <vector>

namespace edgec::test {

/// The bytes of each seed model; always the same.
std::vector<std::string> onnxSeeds();

} // namespace edgec::test

#endif // EDGEC_TEST_FUZZ_ONNXSEEDS_H
