//===- SectionTable.h - what threads must know of a section -----*- C++ -*-===//
//
// An rt.section as the constant edge_section of
// runtime/include/edge/section.h.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_CPU_SECTIONTABLE_H
#define EDGEC_TARGETS_CPU_SECTIONTABLE_H

#include "dialects/rt/Rt.h"

namespace edgec {

struct SectionTable {
  /// Symbols of the edge_section and of its first edge_section_call.
  std::string section, rows;
};

/// Bytes of an edge_section_call.
constexpr int32_t sectionRowBytes = 40;

/// Writes the table of `section`, whose code is `function`, at the end of
/// `module`.
SectionTable writeSectionTable(mlir::ModuleOp module, rt::SectionOp section,
                               llvm::StringRef function);

} // namespace edgec

#endif // EDGEC_TARGETS_CPU_SECTIONTABLE_H
