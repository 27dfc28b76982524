//===- Search.h - the best placement that can be found ---------*- C++ -*-===//
//
// Starts from minimum cuts of an additive model (kernels alone, and what pairs
// of them save together) and from the two obvious placements, and improves the
// best by local changes, all compared by the Evaluator. So the result is never
// worse than the host alone, nor than all that is supported on accelerators.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_PLACE_SEARCH_H
#define EDGEC_PASSES_PLACE_SEARCH_H

#include "passes/place/Evaluator.h"

namespace edgec::place {

/// What may run where.
struct PlacementRules {
  /// By device and node; empty if it can, else why not.
  std::vector<std::vector<std::string>> refusals;
  /// By node: where it must run.
  std::vector<std::optional<int64_t>> forced;

  bool allows(unsigned node, int64_t device) const {
    if (forced[node])
      return *forced[node] == device;
    return device == onHost || refusals[size_t(device)][node].empty();
  }
};

/// Everything on the host but what is forced elsewhere.
Assignment allOnHost(const PlacementGraph &graph, const PlacementRules &rules);
/// Everything on the accelerator that needs the least for it alone, as far as
/// one supports it.
Assignment allOnDevices(Evaluator &evaluator, const PlacementRules &rules);
/// Runs of kernels on processors that a generator of random numbers draws.
Assignment randomAssignment(const PlacementGraph &graph,
                            const PlacementRules &rules, uint64_t seed);

Assignment findAssignment(Evaluator &evaluator, const PlacementRules &rules);

} // namespace edgec::place

#endif // EDGEC_PASSES_PLACE_SEARCH_H
