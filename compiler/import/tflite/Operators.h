//===- Operators.h - the table of TFLite operators --------------*- C++ -*-===//
//
// One row per operator. The rows stand in the file of their family, beside the
// functions that they name; adding an operator is adding a row. Builtin
// operators are told by their code, custom ones by their name.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_TFLITE_OPERATORS_H
#define EDGEC_COMPILER_IMPORT_TFLITE_OPERATORS_H

#include "compiler/import/tflite/OperatorImport.h"

namespace edgec {
class ImportExtensions;
} // namespace edgec

namespace edgec::tflite {

constexpr unsigned anyNumber = ~0u;

/// What the rows say of their element types.
namespace types {
inline constexpr llvm::StringLiteral floats = "floats";
inline constexpr llvm::StringLiteral numbers = "floats, integers";
inline constexpr llvm::StringLiteral integers = "integers";
inline constexpr llvm::StringLiteral bools = "bool";
inline constexpr llvm::StringLiteral any = "any";
inline constexpr llvm::StringLiteral bytes = "int8, uint8";
inline constexpr llvm::StringLiteral shorts = "int8, uint8, int16";
inline constexpr llvm::StringLiteral signedShorts = "int8, int16";
} // namespace types

struct Operator {
  schema::Builtin code;
  /// The newest version whose meaning we know.
  int maxVersion;
  /// Inputs below `minInputs` are present; `maxInputs` may be anyNumber.
  unsigned minInputs, maxInputs;
  /// Makes the operator's edge ops.
  void (*import)(OperatorImport &);
  /// For docs/operators.md: element types at run time, and what is refused.
  llvm::StringLiteral types = types::floats;
  llvm::StringLiteral notes = "";
};

struct CustomOperator {
  llvm::StringRef name;
  int maxVersion;
  unsigned minInputs, maxInputs;
  void (*import)(OperatorImport &);
  llvm::StringLiteral types = types::floats;
  llvm::StringLiteral notes = "";
};

llvm::ArrayRef<Operator> elementwiseOperators();
llvm::ArrayRef<Operator> activationOperators();
llvm::ArrayRef<Operator> convolutionOperators();
llvm::ArrayRef<Operator> matmulOperators();
llvm::ArrayRef<Operator> normalizationOperators();
llvm::ArrayRef<Operator> reductionOperators();
llvm::ArrayRef<Operator> shapeOperators();
llvm::ArrayRef<Operator> sliceOperators();
llvm::ArrayRef<Operator> constantOperators();
llvm::ArrayRef<Operator> indexingOperators();
llvm::ArrayRef<Operator> recurrentOperators();
llvm::ArrayRef<Operator> controlOperators();
llvm::ArrayRef<Operator> dynamicOperators();
llvm::ArrayRef<Operator> logicOperators();
llvm::ArrayRef<Operator> resizeOperators();

/// Operators on quantized tensors, ordered by code.
llvm::ArrayRef<Operator> quantizedOperators();
llvm::ArrayRef<Operator> quantizedActivations();
llvm::ArrayRef<Operator> quantizedContractions();
llvm::ArrayRef<Operator> quantizedElementwise();
llvm::ArrayRef<Operator> quantizedNormalizations();
llvm::ArrayRef<Operator> quantizedRecurrent();
llvm::ArrayRef<Operator> quantizedResizes();

/// Every row, ordered by code.
llvm::ArrayRef<Operator> allOperators();

llvm::ArrayRef<CustomOperator> customOperators();

/// The row of an operator, or null. Custom operators of ours come before those
/// that `extensions` (may be null) brings.
const Operator *findOperator(schema::Builtin code);
const Operator *findQuantizedOperator(const OperatorKind &kind);
const CustomOperator *findCustomOperator(llvm::StringRef name,
                                         const ImportExtensions *extensions);

bool isSupported(const OperatorKind &kind, const ImportExtensions *extensions);

/// What a user can do about an operator that is not supported.
std::string suggestRemedy(const OperatorKind &kind,
                          const ImportExtensions *extensions);

/// Imports an operator by its row, which exists.
void importRow(OperatorImport &n, const ImportExtensions *extensions);

} // namespace edgec::tflite

#endif // EDGEC_COMPILER_IMPORT_TFLITE_OPERATORS_H
