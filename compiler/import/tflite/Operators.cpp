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

llvm::ArrayRef<Operator> tflite::allOperators() {
  static const std::vector<Operator> table = [] {
    std::vector<Operator> rows;
    for (auto family :
         {elementwiseOperators(), activationOperators(), convolutionOperators(),
          matmulOperators(), normalizationOperators(), reductionOperators(),
          shapeOperators(), sliceOperators(), constantOperators(),
          indexingOperators(), recurrentOperators(), controlOperators(),
          dynamicOperators(), logicOperators(), resizeOperators()})
      rows.insert(rows.end(), family.begin(), family.end());
    llvm::sort(rows, [](const Operator &a, const Operator &b) {
      return a.code < b.code;
    });
    return rows;
  }();
  return table;
}

const Operator *tflite::findOperator(schema::Builtin code) {
  llvm::ArrayRef<Operator> table = allOperators();
  auto row =
      llvm::lower_bound(table, code, [](const Operator &a, schema::Builtin b) {
        return a.code < b;
      });
  return row != table.end() && row->code == code ? row : nullptr;
}

const CustomOperator *
tflite::findCustomOperator(llvm::StringRef name,
                           const ImportExtensions *extensions) {
  for (const CustomOperator &row : customOperators())
    if (row.name == name)
      return &row;
  return extensions ? extensions->findTflite(name) : nullptr;
}

template <typename RowT>
static void importBy(OperatorImport &n, const RowT &row) {
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
    importBy(n, *findCustomOperator(n.kind.customName, extensions));
  else
    importBy(n, *findOperator(n.kind.code));
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
  OperatorDoor custom;
  custom.title = "TFLite, custom operators";
  custom.introduction = "Told by their name.";
  for (const CustomOperator &row : customOperators())
    custom.entries.push_back(describe(row.name.str(), row));
  return {builtin, custom};
}
