//===- EinsumEquation.cpp - what the letters of an Einsum say -------------===//
//
// After the specification of Einsum 12, which is NumPy's without spaces:
//   "...ij, ...jk -> ...ik"; without an arrow, the result has the ellipsis and
//   then, in order of the alphabet, the letters that occur once.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Einsum.h"
#include <map>

using namespace edgec;
using namespace edgec::onnx;
using llvm::StringRef;

static constexpr int ellipsis = 256;

/// The labels of one term; an ellipsis stands for `covered` dimensions.
static std::optional<Labels> readTerm(NodeImport &n, StringRef term,
                                      int64_t covered) {
  Labels labels;
  bool seen = false;
  while (!term.empty()) {
    if (term.consume_front("...") && !seen) {
      seen = true;
      for (int64_t i = covered; i-- > 0;)
        labels.push_back(ellipsis + static_cast<int>(i));
    } else if (!term.empty() && llvm::isAlpha(term.front())) {
      labels.push_back(static_cast<unsigned char>(term.front()));
      term = term.drop_front();
    } else {
      n.error() << "the equation may hold letters and one ellipsis per term, "
                   "but has '"
                << term << "'";
      return std::nullopt;
    }
  }
  return labels;
}

static int64_t countLetters(StringRef term) {
  return llvm::count_if(term, [](char c) { return llvm::isAlpha(c); });
}

std::optional<Equation> onnx::parseEquation(NodeImport &n, StringRef text,
                                            llvm::ArrayRef<int64_t> ranks) {
  std::string dense;
  for (char c : text)
    if (!llvm::isSpace(c))
      dense += c;
  auto [left, right] = StringRef(dense).split("->");
  bool isExplicit = StringRef(dense).contains("->");
  llvm::SmallVector<StringRef> terms;
  left.split(terms, ',');
  if (terms.size() != ranks.size()) {
    n.error() << "the equation '" << text << "' has " << terms.size()
              << " terms for " << ranks.size() << " inputs";
    return std::nullopt;
  }
  Equation equation;
  std::map<int, unsigned> uses;
  int64_t widest = 0;
  for (auto [index, term] : llvm::enumerate(terms)) {
    int64_t covered = ranks[index] - countLetters(term);
    if (covered < 0 || (covered > 0 && !term.contains("..."))) {
      n.error() << "the term '" << term << "' of the equation does not fit "
                << "input " << index << " of " << ranks[index] << " dimensions";
      return std::nullopt;
    }
    auto labels = readTerm(n, term, covered);
    if (!labels)
      return std::nullopt;
    widest = std::max(widest, covered);
    for (int label : *labels)
      ++uses[label];
    equation.operands.push_back(std::move(*labels));
  }
  std::string implied = "...";
  for (auto [label, count] : uses)
    if (label < ellipsis && count == 1)
      implied += static_cast<char>(label);
  auto result = readTerm(n, isExplicit ? right : StringRef(implied), widest);
  if (!result)
    return std::nullopt;
  for (auto [index, label] : llvm::enumerate(*result)) {
    if (uses.count(label) &&
        !llvm::is_contained(llvm::ArrayRef(*result).take_front(index), label))
      continue;
    n.error() << "the result of the equation '" << text
              << "' must name letters of the inputs, each once";
    return std::nullopt;
  }
  equation.result = std::move(*result);
  return equation;
}
