//===- Operators.h - the table of ONNX operators ----------------*- C++ -*-===//
//
// One row per operator type. The rows stand in the file of their family, beside
// the functions that they name; adding an operator is adding a row:
//   {"Clip", {1, 13}, 1, 3, importClip, nullptr, types::numbers, "notes"}
// accepts Clip as every opset from 1 to maxOpset defines it. Where versions
// differ, the importer asks NodeImport::opset and the notes name the
// difference. docs/operators.md is printed from the rows.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_ONNX_OPERATORS_H
#define EDGEC_COMPILER_IMPORT_ONNX_OPERATORS_H

#include "compiler/import/onnx/NodeImport.h"

namespace edgec::onnx {

/// To raise maxOpset: read what changed since, then correct the importers and
/// `reviewed` of the operators that did.
constexpr int64_t minOpset = 1;
constexpr int64_t maxOpset = 27;
constexpr unsigned anyNumber = ~0u;

/// Names of the sets of element types in docs/operators.md, which explains
/// them.
namespace types {
constexpr llvm::StringLiteral floats = "floats";
constexpr llvm::StringLiteral numbers = "floats, integers";
constexpr llvm::StringLiteral integers = "integers";
constexpr llvm::StringLiteral boolean = "bool";
constexpr llvm::StringLiteral anyType = "any";
} // namespace types

struct Versions {
  constexpr Versions(int64_t since) : since(since), reviewed(since) {}
  constexpr Versions(int64_t since, int64_t reviewed)
      : since(since), reviewed(reviewed) {}

  /// The first opset that has the operator.
  int64_t since;
  /// The newest version of the operator that the importer was written to; it
  /// did not change between that and maxOpset.
  int64_t reviewed;
};

struct Operator {
  llvm::StringLiteral name;
  Versions versions;
  /// Inputs below `minInputs` are present; `maxInputs` may be anyNumber.
  unsigned minInputs, maxInputs;
  /// Makes the node's edge ops; null where only constants are supported.
  void (*import)(NodeImport &);
  /// Computes the node on constants; false (and no diagnostic) to leave it to
  /// `import`. Called only when every input is constant.
  bool (*evaluate)(NodeImport &) = nullptr;
  /// Element types at run time: those of input 0 are checked, if stated.
  llvm::StringLiteral types = "";
  /// What is refused, and what versions differ in.
  llvm::StringLiteral notes = "";
};

llvm::ArrayRef<Operator> convolutionOperators();
llvm::ArrayRef<Operator> poolOperators();
llvm::ArrayRef<Operator> spatialOperators();
llvm::ArrayRef<Operator> resizeOperators();
llvm::ArrayRef<Operator> samplingOperators();
llvm::ArrayRef<Operator> elementwiseOperators();
llvm::ArrayRef<Operator> logicOperators();
llvm::ArrayRef<Operator> castOperators();
llvm::ArrayRef<Operator> activationOperators();
llvm::ArrayRef<Operator> lossOperators();
llvm::ArrayRef<Operator> matmulOperators();
llvm::ArrayRef<Operator> batchNormalizationOperators();
llvm::ArrayRef<Operator> normalizationOperators();
llvm::ArrayRef<Operator> recurrentOperators();
llvm::ArrayRef<Operator> reductionOperators();
llvm::ArrayRef<Operator> shapeOperators();
llvm::ArrayRef<Operator> indexingOperators();
llvm::ArrayRef<Operator> selectionOperators();
llvm::ArrayRef<Operator> signalConstantOperators();
llvm::ArrayRef<Operator> signalOperators();
llvm::ArrayRef<Operator> constantOperators();
llvm::ArrayRef<Operator> controlFlowOperators();
llvm::ArrayRef<Operator> attentionOperators();
llvm::ArrayRef<Operator> quantizationOperators();
llvm::ArrayRef<Operator> quantizedContractions();
/// Those of the domain com.microsoft.
llvm::ArrayRef<Operator> microsoftOperators();
llvm::ArrayRef<Operator> microsoftAttentionOperators();
llvm::ArrayRef<Operator> microsoftQuantizationOperators();
llvm::ArrayRef<Operator> microsoftQuantizedContractions();
llvm::ArrayRef<Operator> microsoftQuantizedOperators();
/// Those of the domain ai.onnx.preview.
llvm::ArrayRef<Operator> previewOperators();

/// The standard domain has two names.
bool isStandardDomain(llvm::StringRef domain);

/// Every row of the standard domain, ordered by name.
llvm::ArrayRef<Operator> allOperators();

/// The row of an operator, or null.
const Operator *findOperator(llvm::StringRef name, llvm::StringRef domain = "");

/// What a user can do about a node whose operator has no row (or whose opset is
/// older than the operator).
std::string suggestRemedy(llvm::StringRef opType, llvm::StringRef domain);

//===-- forms of old opsets, used by several families
//---------------------===//

/// The operands of a binary operator. Before opset 7 they broadcast only with
/// the attribute 'broadcast', the right one placed where 'axis' says.
std::array<mlir::Value, 2> binaryOperands(NodeImport &n);

/// The operand under another name, constant or not.
void passThrough(NodeImport &n);

//===-- importers with files of their own
//---------------------------------===//

void importTfIdfVectorizer(NodeImport &n);

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
