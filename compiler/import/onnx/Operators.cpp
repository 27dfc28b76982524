//===- Operators.cpp - the table of ONNX operators ------------------------===//
//
// Joins the families' rows; sorted, so that a lookup is a binary search.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Operators.h"
#include "compiler/import/onnx/OnnxImport.h"

using namespace edgec;
using namespace edgec::onnx;
using llvm::StringRef;

llvm::ArrayRef<Operator> onnx::allOperators() {
  static const std::vector<Operator> table = [] {
    std::vector<Operator> rows;
    for (auto family :
         {activationOperators(), batchNormalizationOperators(),
          constantOperators(), controlFlowOperators(), convolutionOperators(),
          elementwiseOperators(), matmulOperators(), normalizationOperators(),
          poolOperators(), reductionOperators(), shapeOperators(),
          spatialOperators()})
      rows.insert(rows.end(), family.begin(), family.end());
    llvm::sort(rows, [](const Operator &a, const Operator &b) {
      return a.name < b.name;
    });
    return rows;
  }();
  return table;
}

bool onnx::isStandardDomain(StringRef domain) {
  return domain.empty() || domain == "ai.onnx";
}

const Operator *onnx::findOperator(StringRef name, StringRef domain) {
  if (!isStandardDomain(domain))
    return nullptr;
  llvm::ArrayRef<Operator> table = allOperators();
  auto row = llvm::lower_bound(
      table, name, [](const Operator &a, StringRef b) { return a.name < b; });
  return row != table.end() && row->name == name ? row : nullptr;
}

static OperatorEntry describe(const Operator &row) {
  std::string notes = row.notes.str();
  if (!row.import)
    notes = "of constants" + (notes.empty() ? "" : "; " + notes);
  return {row.name.str(),
          std::to_string(row.versions.since) + " to " +
              std::to_string(maxOpset),
          row.types.str(), notes};
}

std::vector<OperatorDoor> onnx::describeOperators() {
  OperatorDoor standard = {
      "ONNX, standard domain",
      "Versions are opsets: those of the model that names the operator.",
      {}};
  for (const Operator &row : allOperators())
    standard.entries.push_back(describe(row));
  return {standard};
}
