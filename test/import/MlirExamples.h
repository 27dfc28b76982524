//===- MlirExamples.h - functions of TOSA and linalg ------------*- C++ -*-===//
#ifndef EDGEC_TEST_IMPORT_MLIREXAMPLES_H
#define EDGEC_TEST_IMPORT_MLIREXAMPLES_H

#include <string>
#include <vector>

namespace edgec::test {

/// Where the inputs lie.
struct Range {
  double low = -2.0, high = 2.0;
};

struct MlirExample {
  std::string name;
  /// What follows "func.func @f".
  std::string function;
  Range range = {};
  /// Of the largest element: upstream adds up in float32.
  double tolerance = 1e-5;
};

std::vector<MlirExample> linalgExamples();
std::vector<MlirExample> tosaExamples();

inline std::vector<MlirExample> mlirExamples() {
  std::vector<MlirExample> all = linalgExamples();
  std::vector<MlirExample> tosa = tosaExamples();
  all.insert(all.end(), tosa.begin(), tosa.end());
  return all;
}

} // namespace edgec::test

#endif // EDGEC_TEST_IMPORT_MLIREXAMPLES_H
