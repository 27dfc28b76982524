//===- OperatorList.h - what every front door accepts -----------*- C++ -*-===//
//
// Each door has a table of operators; here is what all of them say about a row,
// for `edgec -list-operators` and docs/operators.md, which is printed from it:
//   | Clip | 1 to 27 | floats, integers | bounds may be computed |
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_OPERATORLIST_H
#define EDGEC_COMPILER_IMPORT_OPERATORLIST_H

#include <string>
#include <vector>

namespace edgec {

struct OperatorEntry {
  /// As the model's format spells it.
  std::string name;
  /// In the format's own terms: "1 to 27", "1, 2"; may be empty.
  std::string versions;
  /// Element types at run time: "floats", "floats, integers".
  std::string types;
  /// What is refused, and what the versions differ in; may be empty.
  std::string notes;
};

struct OperatorDoor {
  /// A heading: "ONNX, standard domain".
  std::string title;
  /// One sentence on what the versions are.
  std::string introduction;
  /// In order of names.
  std::vector<OperatorEntry> entries;
};

/// All doors, each from its own table.
std::vector<OperatorDoor> listOperators();

enum class OperatorFormat { Text, Markdown };

/// The whole of docs/operators.md, or the same as lines of text.
std::string printOperators(OperatorFormat format);

} // namespace edgec

#endif // EDGEC_COMPILER_IMPORT_OPERATORLIST_H
