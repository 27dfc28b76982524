//===- QuantizedModels.h - small quantized models for tests -----*- C++ -*-===//
//
// One operator each, on scales, zero points and shapes that are drawn at
// random, for tests that ask every target for the same bits.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TEST_IMPORT_TFLITE_QUANTIZEDMODELS_H
#define EDGEC_TEST_IMPORT_TFLITE_QUANTIZEDMODELS_H

#include "test/import/tflite/TfliteWriter.h"
#include <functional>

namespace edgec::test {

struct QuantizedModel {
  std::string name;
  std::function<void(TfliteWriter &)> write;
};

/// The same list for the same seed.
std::vector<QuantizedModel> quantizedModels(uint32_t seed);

/// Scales (one, or one per element of `dimension`) and a zero point.
TensorExtras scaled(std::vector<float> scales, int64_t zeroPoint,
                    int dimension = 0);

} // namespace edgec::test

#endif // EDGEC_TEST_IMPORT_TFLITE_QUANTIZEDMODELS_H
