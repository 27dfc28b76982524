//===- Remedies.cpp - what to do about an unsupported operator ------------===//
//
// A refusal says what helps: the reason we know for a whole class of operators,
// else where such operators come from.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/tflite/Operators.h"

using namespace edgec;
using namespace edgec::tflite;
using llvm::StringRef;

template <typename RowT> static std::string newerVersion(const RowT &row) {
  return "versions up to " + std::to_string(row.maxVersion) +
         " are; convert the model with an older converter or for an older "
         "runtime";
}

bool tflite::isSupported(const OperatorKind &kind,
                         const ImportExtensions *extensions) {
  if (kind.isCustom()) {
    const CustomOperator *row = findCustomOperator(kind.customName, extensions);
    return row && kind.version <= row->maxVersion;
  }
  const Operator *row = findOperator(kind.code);
  return (row && kind.version <= row->maxVersion) ||
         findQuantizedOperator(kind);
}

std::string tflite::suggestRemedy(const OperatorKind &kind,
                                  const ImportExtensions *extensions) {
  if (kind.isCustom()) {
    if (const CustomOperator *row =
            findCustomOperator(kind.customName, extensions))
      return newerVersion(*row);
    if (kind.customName.starts_with("Flex"))
      return "it is an operator of TensorFlow itself; convert the model with "
             "TFLITE_BUILTINS only (without SELECT_TF_OPS)";
    return "express it with builtin operators when converting, or compute it "
           "with a C function of yours: -custom-operator=" +
           kind.name() + "=SYMBOL, or with a library: -load-extension=FILE.so";
  }
  if (const Operator *row = findOperator(kind.code))
    return newerVersion(*row);
  StringRef name = schema::EnumNameBuiltin(kind.code);
  if (name.starts_with("HASHTABLE"))
    return "look strings up before the model runs, and give it their numbers";
  if (name.starts_with("RANDOM") || name == "MULTINOMIAL")
    return "give the model random numbers as an input";
  if (name.starts_with("STABLEHLO"))
    return "convert the model with builtin operators instead of StableHLO";
  return "express it with other operators when converting, or convert the "
         "model to ONNX or TOSA if that avoids it";
}
