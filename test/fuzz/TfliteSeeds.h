//===- TfliteSeeds.h - models to start fuzzing from -------------*- C++ -*-===//
#ifndef EDGEC_TEST_FUZZ_TFLITESEEDS_H
#define EDGEC_TEST_FUZZ_TFLITESEEDS_H

#include <string>
#include <vector>

namespace edgec::test {

/// Small intact models that together use every operator that the importer
/// knows.
std::vector<std::string> tfliteSeeds();

} // namespace edgec::test

#endif // EDGEC_TEST_FUZZ_TFLITESEEDS_H
