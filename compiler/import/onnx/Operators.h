//===- Operators.h - the table of ONNX operators ----------------*- C++ -*-===//
//
// One row per operator type. The rows stand in the file of their family, beside
// the functions that they name; adding an operator is adding a row.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_ONNX_OPERATORS_H
#define EDGEC_COMPILER_IMPORT_ONNX_OPERATORS_H

#include "compiler/import/onnx/NodeImport.h"

namespace edgec::onnx {

constexpr int64_t minOpset = 11;
constexpr int64_t maxOpset = 22;
constexpr unsigned anyNumber = ~0u;

struct Operator {
  llvm::StringLiteral name;
  /// The first opset that has the operator; 1 for those older than minOpset.
  int64_t since;
  /// Inputs below `minInputs` are present; `maxInputs` may be anyNumber.
  unsigned minInputs, maxInputs;
  /// Makes the node's edge ops; null where only constants are supported.
  void (*import)(NodeImport &);
  /// Computes the node on constants; false (and no diagnostic) to leave it to
  /// `import`. Called only when every input is constant.
  bool (*evaluate)(NodeImport &) = nullptr;
};

llvm::ArrayRef<Operator> convolutionOperators();
llvm::ArrayRef<Operator> elementwiseOperators();
llvm::ArrayRef<Operator> activationOperators();
llvm::ArrayRef<Operator> matmulOperators();
llvm::ArrayRef<Operator> normalizationOperators();
llvm::ArrayRef<Operator> reductionOperators();
llvm::ArrayRef<Operator> shapeOperators();
llvm::ArrayRef<Operator> constantOperators();

/// Every row, ordered by name.
llvm::ArrayRef<Operator> allOperators();

/// The row of a standard operator, or null.
const Operator *findOperator(llvm::StringRef name);

/// What a user can do about a node whose operator has no row (or whose opset is
/// older than the operator).
std::string suggestRemedy(llvm::StringRef opType, llvm::StringRef domain);

//===-- evaluation on constants, used by the rows of several families
//-------===//

bool evaluateAdd(NodeImport &n);
bool evaluateSub(NodeImport &n);
bool evaluateMul(NodeImport &n);
bool evaluateDiv(NodeImport &n);
bool evaluateMod(NodeImport &n);
bool evaluateMin(NodeImport &n);
bool evaluateMax(NodeImport &n);
bool evaluateNeg(NodeImport &n);
bool evaluateAbs(NodeImport &n);
bool evaluateFloor(NodeImport &n);
bool evaluateCeil(NodeImport &n);
bool evaluateSqrt(NodeImport &n);
bool evaluateReduceProd(NodeImport &n);
bool evaluateReshape(NodeImport &n);
bool evaluateTranspose(NodeImport &n);
bool evaluateConcat(NodeImport &n);
bool evaluateSlice(NodeImport &n);
bool evaluateGather(NodeImport &n);
bool evaluateExpand(NodeImport &n);

} // namespace edgec::onnx

#endif // EDGEC_COMPILER_IMPORT_ONNX_OPERATORS_H
