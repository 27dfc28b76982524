//===- QuantizedConstants.h - integers in ONNX test models -----*- C++ -*-===//
#ifndef EDGEC_TEST_IMPORT_QUANTIZEDCONSTANTS_H
#define EDGEC_TEST_IMPORT_QUANTIZEDCONSTANTS_H

#include "test/import/ModelWriter.h"

namespace edgec::test {

using Shape = std::vector<int64_t>;
using Floats = std::vector<float>;
using Bytes = std::vector<int8_t>;
using Naturals = std::vector<uint8_t>;
using Words = std::vector<int32_t>;

/// ONNX's number for the type.
constexpr int64_t int8 = 3;

inline Message constant(const std::string &name, const Shape &dims,
                        const Bytes &numbers) {
  return tensor(name, dims, int8, rawBytes(numbers));
}
inline Message constant(const std::string &name, const Shape &dims,
                        const Naturals &numbers) {
  return tensor(name, dims, Uint8, rawBytes(numbers));
}
inline Message constant(const std::string &name, const Shape &dims,
                        const Words &numbers) {
  return tensor(name, dims, Int32, rawBytes(numbers));
}

} // namespace edgec::test

#endif // EDGEC_TEST_IMPORT_QUANTIZEDCONSTANTS_H
