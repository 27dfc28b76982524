//===- Partition.h - which nodes run together ------------------*- C++ -*-===//
//
// A device for each node, and from that regions: as large as they can be
// without one having to wait for what itself computes.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_PLACE_PARTITION_H
#define EDGEC_PASSES_PLACE_PARTITION_H

#include "passes/place/PlacementGraph.h"

namespace edgec::place {

/// The processor that compiles as before, among numbers of devices.
inline constexpr int64_t onHost = -1;

/// Where each node runs. Nodes of a device with the same mark may become one
/// region; different marks keep regions small on purpose.
struct Assignment {
  std::vector<int64_t> device;
  std::vector<unsigned> mark;

  explicit Assignment(size_t nodes) : device(nodes, onHost), mark(nodes, 0) {}
};

/// Nodes that a device computes in one submission.
struct Submission {
  int64_t device = 0;
  Nodes nodes;
};

/// Regions that do not overlap, by their first nodes; other nodes run on the
/// host.
using Partition = std::vector<Submission>;

/// The fewest regions that a greedy search finds: it joins nodes with their
/// producers first, then whatever else may be one submission. No path leaves a
/// region and comes back, not even over other regions.
Partition formRegions(const PlacementGraph &graph,
                      const Assignment &assignment);

} // namespace edgec::place

#endif // EDGEC_PASSES_PLACE_PARTITION_H
