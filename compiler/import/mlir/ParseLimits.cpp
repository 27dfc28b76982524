//===- ParseLimits.cpp - what MLIR's parser may be asked to read ----------===//
//
// Text is scanned for brackets outside of strings and comments. The brackets of
// one kind that a text leaves open count as nesting even where the parser would
// have stopped at an error before: such a text is refused either way. Signs
// before an affine expression nest too, one level each.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/mlir/ParseLimits.h"
#include "mlir/IR/Block.h"
#include "mlir/IR/Region.h"
#include "llvm/ADT/StringExtras.h"

using namespace edgec;
using llvm::StringRef;

/// Behind the string or comment that begins at `at`; `at` where none does.
static size_t skipQuoted(StringRef text, size_t at) {
  if (text.substr(at).starts_with("//"))
    return std::min(text.find('\n', at), text.size());
  if (text[at] != '"')
    return at;
  for (size_t end = at + 1; end < text.size(); ++end) {
    if (text[end] == '\\')
      ++end;
    else if (text[end] == '"' || text[end] == '\n')
      return end + 1;
  }
  return text.size();
}

unsigned edgec::findDeepNesting(StringRef text) {
  unsigned depth = 0, signs = 0, line = 1;
  for (size_t at = 0; at < text.size(); ++at) {
    size_t end = skipQuoted(text, at);
    if (end != at) {
      at = end - 1;
      continue;
    }
    char c = text[at];
    line += c == '\n';
    bool isArrow = c == '>' && at > 0 && text[at - 1] == '-';
    if (c == '-')
      ++signs;
    else if (!llvm::isSpace(c))
      signs = 0;
    if (StringRef("([{<").contains(c))
      ++depth;
    else if (StringRef(")]}>").contains(c) && !isArrow && depth > 0)
      --depth;
    if (depth > maxTextNesting || signs > maxTextNesting)
      return line;
  }
  return 0;
}

mlir::Operation *edgec::findDeepOperation(mlir::Operation *root) {
  llvm::SmallVector<std::pair<mlir::Operation *, unsigned>> open{{root, 0}};
  while (!open.empty()) {
    auto [op, depth] = open.pop_back_val();
    if (depth > maxRegionNesting)
      return op;
    for (mlir::Region &region : op->getRegions()) {
      for (mlir::Block &block : region) {
        for (mlir::Operation &inner : block)
          if (inner.getNumRegions())
            open.push_back({&inner, depth + 1});
      }
    }
  }
  return nullptr;
}
