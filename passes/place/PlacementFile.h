//===- PlacementFile.h - placements that the user decides ------*- C++ -*-===//
//
// Reads {"node name or pattern": "processor", ...}. A pattern has * and ?, and
// an exact name has the last word. Also the names of processors.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_PLACE_PLACEMENTFILE_H
#define EDGEC_PASSES_PLACE_PLACEMENTFILE_H

#include "passes/place/Search.h"

namespace edgec::place {

/// "cpu" and the accelerators' names; of equal ones with their numbers:
/// "npu-256.0", "npu-256.1".
std::vector<std::string> processorNames(const Backends &backends);

/// How users call each node: by the names of the model's nodes in it; what has
/// none by its kernel's name and a number.
std::vector<std::vector<std::string>> nodeNames(const PlacementGraph &graph);

/// Puts what the file says into `rules.forced`. All its faults are reported,
/// at their places in the file: text that is no JSON, names that fit no node,
/// processors that do not exist, nodes that a processor cannot run (with its
/// reason), nodes of one kernel on two processors.
mlir::LogicalResult readPlacementFile(llvm::StringRef path,
                                      const PlacementGraph &graph,
                                      const Backends &backends,
                                      PlacementRules &rules);

} // namespace edgec::place

#endif // EDGEC_PASSES_PLACE_PLACEMENTFILE_H
