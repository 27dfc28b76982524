//===- Timeline.h - when each part of a model runs -------------*- C++ -*-===//
//
// The host runs one kernel after the other and submits a region as soon as what
// it reads is there; devices work through their queues meanwhile. The order in
// which the host does that is chosen here (list scheduling: of what can begin,
// that with the longest way to the end), and is the order of the program.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_PLACE_TIMELINE_H
#define EDGEC_PASSES_PLACE_TIMELINE_H

#include "passes/place/Partition.h"

namespace edgec::place {

/// A region, or a node that the host runs.
struct WorkItem {
  int64_t device = onHost;
  /// Index into the partition; -1 for the host's nodes.
  int64_t region = -1;
  Nodes nodes;
  double nanoseconds = 0;
  /// Between the submission and the beginning.
  double launchNanoseconds = 0;
  /// Items that must be done before.
  std::vector<unsigned> needs;
};

struct ScheduledItem {
  unsigned item = 0;
  double begin = 0, end = 0;
};

struct Timeline {
  /// In the order in which the host begins them.
  std::vector<ScheduledItem> order;
  double nanoseconds = 0;
};

/// The items of a partition, without times: regions first, then the host's.
std::vector<WorkItem> workItems(const PlacementGraph &graph,
                                const Partition &partition);

Timeline scheduleItems(const std::vector<WorkItem> &items);

} // namespace edgec::place

#endif // EDGEC_PASSES_PLACE_TIMELINE_H
