//===- Operators.cpp - the table of ONNX operators ------------------------===//
//
// Joins the families' rows; sorted, so that a lookup is a binary search.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Operators.h"

using namespace edgec;
using namespace edgec::onnx;
using llvm::StringRef;

llvm::ArrayRef<Operator> onnx::allOperators() {
  static const std::vector<Operator> table = [] {
    std::vector<Operator> rows;
    for (auto family :
         {convolutionOperators(), elementwiseOperators(), activationOperators(),
          matmulOperators(), normalizationOperators(), reductionOperators(),
          shapeOperators(), constantOperators()})
      rows.insert(rows.end(), family.begin(), family.end());
    llvm::sort(rows, [](const Operator &a, const Operator &b) {
      return a.name < b.name;
    });
    return rows;
  }();
  return table;
}

const Operator *onnx::findOperator(StringRef name) {
  llvm::ArrayRef<Operator> table = allOperators();
  auto row = llvm::lower_bound(
      table, name, [](const Operator &a, StringRef b) { return a.name < b; });
  return row != table.end() && row->name == name ? row : nullptr;
}
