//===- Cases.h - what the emitters are tested with -------------*- C++ -*-===//
//
// Tables of cases, one table per family of kernels. To test a new operator or a
// new emitter, add rows to the table of its family (or a table to
// caseTables()); every target and thread count then runs them.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TEST_KERNEL_CASES_H
#define EDGEC_TEST_KERNEL_CASES_H

#include "test/kernel/GraphWriter.h"

namespace edgec::test {

/// A few operators that end in one or more outputs.
struct Case {
  std::string name;
  std::function<void(GraphWriter &)> write;
};

struct CaseTable {
  std::string name;
  std::vector<Case> (*cases)();
};
/// How GoogleTest prints it as a parameter.
inline void PrintTo(const CaseTable &table, std::ostream *stream) {
  *stream << table.name;
}

std::vector<Case> convolutionCases();
std::vector<Case> depthwiseCases();
std::vector<Case> matrixCases();
std::vector<Case> windowCases();
std::vector<Case> spatialCases();
std::vector<Case> regionCases();
std::vector<Case> unaryCases();
std::vector<Case> specialCases();
std::vector<Case> binaryCases();
std::vector<Case> reductionCases();
std::vector<Case> moveCases();
std::vector<Case> dynamicCases();
std::vector<Case> recurrentCases();
std::vector<Case> fusionCases();
std::vector<Case> genericCases();
std::vector<Case> typeElementwiseCases();
std::vector<Case> typeCastCases();
std::vector<Case> typeAnchorCases();
std::vector<Case> indexingCases();
std::vector<Case> selectionCases();
std::vector<Case> integerCases();
/// Convolutions of bytes that are large enough for a matrix unit.
std::vector<Case> matrixUnitCases();
/// Products of f32 that -precision=bf16 computes on bf16.
std::vector<Case> brainCases();
std::vector<Case> fixedPointCases();
std::vector<Case> quantizedCases();
std::vector<Case> requantizeCases();
std::vector<Case> prunedCases();

inline std::vector<CaseTable> caseTables() {
  return {{"Convolution", convolutionCases},
          {"Depthwise", depthwiseCases},
          {"Matrix", matrixCases},
          {"Window", windowCases},
          {"Spatial", spatialCases},
          {"Region", regionCases},
          {"Unary", unaryCases},
          {"Special", specialCases},
          {"Binary", binaryCases},
          {"Reduction", reductionCases},
          {"Move", moveCases},
          {"Dynamic", dynamicCases},
          {"Recurrent", recurrentCases},
          {"Fusion", fusionCases},
          {"Generic", genericCases},
          {"TypeElementwise", typeElementwiseCases},
          {"TypeCast", typeCastCases},
          {"TypeAnchor", typeAnchorCases},
          {"Indexing", indexingCases},
          {"Selection", selectionCases},
          {"Integer", integerCases},
          {"MatrixUnit", matrixUnitCases},
          {"FixedPoint", fixedPointCases},
          {"Quantized", quantizedCases},
          {"Requantize", requantizeCases},
          {"Pruned", prunedCases}};
}

/// Those with products that a matrix unit may compute.
inline std::vector<CaseTable> matrixUnitCaseTables() {
  return {{"MatrixUnit", matrixUnitCases},
          {"Integer", integerCases},
          {"Quantized", quantizedCases}};
}

/// All of `cases` in one module.
TestModule writeModule(mlir::MLIRContext &context, llvm::ArrayRef<Case> cases);

/// "1x7x7x3", for names.
std::string text(Shape shape);

/// A convolution's parameters with the usual ones as defaults.
struct Conv {
  int64_t filters = 8;
  std::array<int64_t, 2> kernel = {3, 3};
  std::array<int64_t, 2> strides = {1, 1};
  std::array<int64_t, 4> pads = {0, 0, 0, 0};
  std::array<int64_t, 2> dilations = {1, 1};
  int64_t groups = 1;
  bool bias = true;
};
/// With random weights that keep the result's size about the input's.
mlir::Value conv2d(GraphWriter &graph, mlir::Value x, const Conv &conv);
std::string text(const Conv &conv);

} // namespace edgec::test

#endif // EDGEC_TEST_KERNEL_CASES_H
