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

namespace {
struct Domain {
  llvm::StringLiteral name, title, introduction;
  std::vector<Operator> rows;
};
} // namespace

using Family = llvm::ArrayRef<Operator> (*)();

// One a line, so that families meet in a merge without a conflict.
// clang-format off
static constexpr Family standardFamilies[] = {
    activationOperators,
    attentionOperators,
    batchNormalizationOperators,
    castOperators,
    constantOperators,
    controlFlowOperators,
    convolutionOperators,
    elementwiseOperators,
    indexingOperators,
    logicOperators,
    lossOperators,
    matmulOperators,
    normalizationOperators,
    poolOperators,
    quantizationOperators,
    quantizedContractions,
    recurrentOperators,
    reductionOperators,
    resizeOperators,
    samplingOperators,
    selectionOperators,
    shapeOperators,
    signalConstantOperators,
    signalOperators,
    spatialOperators,
};
// clang-format on

static std::vector<Operator> join(llvm::ArrayRef<Family> families) {
  std::vector<Operator> rows;
  for (Family family : families)
    llvm::append_range(rows, family());
  llvm::sort(rows, [](const Operator &a, const Operator &b) {
    return a.name < b.name;
  });
  return rows;
}

/// Every domain with its rows; the standard one comes first.
static llvm::ArrayRef<Domain> domains() {
  static const Domain table[] = {
      {"", "ONNX, standard domain",
       "Versions are opsets: those of the model that names the operator.",
       join(standardFamilies)},
      {"com.microsoft", "ONNX, domain com.microsoft",
       "What ONNX Runtime's optimizer and exporters fuse; the domain has one "
       "version.",
       join({microsoftOperators, microsoftAttentionOperators,
             microsoftQuantizationOperators, microsoftQuantizedContractions,
             microsoftQuantizedOperators})},
      {"ai.onnx.preview", "ONNX, domain ai.onnx.preview",
       "Operators that may still change; the domain has one version.",
       join({previewOperators})},
  };
  return table;
}

bool onnx::isStandardDomain(StringRef domain) {
  return domain.empty() || domain == "ai.onnx";
}

llvm::ArrayRef<Operator> onnx::allOperators() { return domains().front().rows; }

const Operator *onnx::findOperator(StringRef name, StringRef domain) {
  if (isStandardDomain(domain))
    domain = "";
  const auto *found = llvm::find_if(
      domains(), [&](const Domain &known) { return known.name == domain; });
  if (found == domains().end())
    return nullptr;
  auto row =
      llvm::lower_bound(found->rows, name, [](const Operator &a, StringRef b) {
        return a.name < b;
      });
  return row != found->rows.end() && row->name == name ? &*row : nullptr;
}

static OperatorEntry describe(const Operator &row, bool hasVersions) {
  std::string notes = row.notes.str();
  if (!row.import)
    notes = "of constants" + (notes.empty() ? "" : "; " + notes);
  std::string versions = std::to_string(row.versions.since);
  if (hasVersions)
    versions += " to " + std::to_string(maxOpset);
  return {row.name.str(), versions, row.types.str(), notes};
}

std::vector<OperatorDoor> onnx::describeOperators() {
  std::vector<OperatorDoor> doors;
  for (const Domain &domain : domains()) {
    OperatorDoor &door = doors.emplace_back();
    door.title = domain.title.str();
    door.introduction = domain.introduction.str();
    for (const Operator &row : domain.rows)
      door.entries.push_back(describe(row, domain.name.empty()));
  }
  return doors;
}
