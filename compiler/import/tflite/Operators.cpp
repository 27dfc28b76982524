//===- Operators.cpp - the table of TFLite operators ----------------------===//
//
// Joins the families' rows; sorted, so that a lookup is a binary search.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/tflite/Operators.h"
#include "compiler/import/Extension.h"
#include "compiler/import/tflite/TfliteImport.h"

using namespace edgec;
using namespace edgec::tflite;

using Families = std::initializer_list<llvm::ArrayRef<Operator>>;

static std::vector<Operator> join(Families families) {
  std::vector<Operator> rows;
  for (llvm::ArrayRef<Operator> family : families)
    rows.insert(rows.end(), family.begin(), family.end());
  llvm::sort(rows, [](const Operator &a, const Operator &b) {
    return a.code < b.code;
  });
  return rows;
}

llvm::ArrayRef<Operator> tflite::allOperators() {
  static const std::vector<Operator> table = join(
      {elementwiseOperators(), activationOperators(), convolutionOperators(),
       matmulOperators(), normalizationOperators(), reductionOperators(),
       shapeOperators(), sliceOperators(), constantOperators(),
       indexingOperators(), recurrentOperators(), controlOperators(),
       dynamicOperators(), logicOperators(), resizeOperators()});
  return table;
}

llvm::ArrayRef<Operator> tflite::quantizedOperators() {
  static const std::vector<Operator> table = join(
      {quantizedActivations(), quantizedContractions(), quantizedElementwise(),
       quantizedNormalizations(), quantizedRecurrent(), quantizedResizes()});
  return table;
}

static const Operator *findIn(llvm::ArrayRef<Operator> table,
                              schema::Builtin code) {
  auto row =
      llvm::lower_bound(table, code, [](const Operator &a, schema::Builtin b) {
        return a.code < b;
      });
  return row != table.end() && row->code == code ? row : nullptr;
}

const Operator *tflite::findOperator(schema::Builtin code) {
  return findIn(allOperators(), code);
}

const Operator *tflite::findQuantizedOperator(const OperatorKind &kind) {
  const Operator *row = findIn(quantizedOperators(), kind.code);
  return row && kind.version <= row->maxVersion ? row : nullptr;
}

const CustomOperator *
tflite::findCustomOperator(llvm::StringRef name,
                           const ImportExtensions *extensions) {
  for (const CustomOperator &row : customOperators())
    if (row.name == name)
      return &row;
  return extensions ? extensions->findTflite(name) : nullptr;
}

/// Whether the operator is there for something else than a result.
static bool mayLackResults(schema::Builtin code) {
  return llvm::is_contained({schema::Builtin::ASSIGN_VARIABLE,
                             schema::Builtin::CALL_ONCE, schema::Builtin::CALL,
                             schema::Builtin::IF, schema::Builtin::WHILE},
                            code);
}

template <typename RowT>
static void importBy(OperatorImport &n, const RowT &row) {
  if (n.resultCount() == 0 && !mayLackResults(n.kind.code)) {
    n.error() << "it has no result; the model is damaged, convert or download "
                 "it again";
    return;
  }
  if (n.inputCount() > row.maxInputs) {
    n.error() << n.inputCount() << " inputs are too many, it takes "
              << row.maxInputs;
    return;
  }
  for (unsigned i = 0; i < row.minInputs; ++i) {
    if (!n.hasInput(i)) {
      n.error() << "input " << i << " is missing, it takes at least "
                << row.minInputs;
      return;
    }
  }
  row.import(n);
}

/// Whether all operands are tensors, or variables where those are taken.
static bool checkHandles(OperatorImport &n) {
  bool takesVariable = n.kind.code == schema::Builtin::READ_VARIABLE ||
                       n.kind.code == schema::Builtin::ASSIGN_VARIABLE;
  for (unsigned i = takesVariable ? 1 : 0; i < n.inputCount(); ++i) {
    if (!n.hasInput(i) || n.type(i))
      continue;
    n.error() << "input " << i << " is the handle of a variable, and should be "
              << "a tensor; read it with READ_VARIABLE";
    return false;
  }
  return true;
}

void tflite::importRow(OperatorImport &n, const ImportExtensions *extensions) {
  if (!checkHandles(n))
    return;
  if (n.kind.isCustom())
    return importBy(n, *findCustomOperator(n.kind.customName, extensions));
  const Operator *row =
      n.isQuantized ? findQuantizedOperator(n.kind) : findOperator(n.kind.code);
  if (row)
    return importBy(n, *row);
  n.error() << "it is known on " << (n.isQuantized ? "other" : "quantized")
            << " tensors only";
}

template <typename RowT>
static OperatorEntry describe(std::string name, const RowT &row) {
  std::string versions =
      row.maxVersion == 1 ? "1" : "1 to " + std::to_string(row.maxVersion);
  return {std::move(name), versions, row.types.str(), row.notes.str()};
}

std::vector<OperatorDoor> tflite::describeOperators() {
  auto byName = [](const OperatorEntry &a, const OperatorEntry &b) {
    return a.name < b.name;
  };
  OperatorDoor builtin;
  builtin.title = "TFLite, builtin operators";
  builtin.introduction = "The versions are those of the operator codes of a "
                         "model; most of them only add element types.";
  for (const Operator &row : allOperators())
    builtin.entries.push_back(describe(schema::EnumNameBuiltin(row.code), row));
  llvm::sort(builtin.entries, byName);
  OperatorDoor quantized;
  quantized.title = "TFLite, builtin operators on quantized tensors";
  quantized.introduction =
      "What is stored and given are integers; [tflite.md](tflite.md) says how "
      "they are rounded.";
  for (const Operator &row : quantizedOperators())
    quantized.entries.push_back(
        describe(schema::EnumNameBuiltin(row.code), row));
  llvm::sort(quantized.entries, byName);
  OperatorDoor custom;
  custom.title = "TFLite, custom operators";
  custom.introduction = "Told by their name.";
  for (const CustomOperator &row : customOperators())
    custom.entries.push_back(describe(row.name.str(), row));
  return {builtin, quantized, custom};
}
