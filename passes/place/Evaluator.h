//===- Evaluator.h - what a placement would cost ---------------*- C++ -*-===//
//
// Predicts a partition: the times of its regions from their backends (each
// asked once), those of the host's kernels, and the timeline that they make
// together.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_PLACE_EVALUATOR_H
#define EDGEC_PASSES_PLACE_EVALUATOR_H

#include "passes/place/Backend.h"
#include "passes/place/Placement.h"
#include "passes/place/Timeline.h"
#include <map>

namespace edgec::place {

class Evaluator {
public:
  Evaluator(const PlacementGraph &graph, std::vector<Cost> hostCosts,
            const Backends &backends, Objective objective);

  const Cost &hostCost(unsigned node) const { return ofHost[node]; }
  /// Without the launch.
  const Cost &regionCost(int64_t device, const Nodes &nodes);
  double launchNanoseconds(int64_t device) const {
    return devices[size_t(device)].launchNanoseconds;
  }
  llvm::ArrayRef<DeviceFigures> deviceFigures() const { return devices; }
  /// The kernel as a submission of its own.
  Cost aloneCost(int64_t device, unsigned node);

  /// The items of the partition with their times.
  std::vector<WorkItem> items(const Partition &partition);
  Prediction predict(const Partition &partition);
  /// Of what the devices do and how long the run takes.
  Prediction predict(const Partition &partition, const Timeline &timeline);
  /// Whether the objective prefers `a`; of equals what needs less time and
  /// energy.
  bool isBetter(const Prediction &a, const Prediction &b) const;

  /// Nodes that backends were asked for, to bound a search by.
  size_t nodesAsked() const { return asked; }

  const PlacementGraph &graph;
  const Objective objective;

private:
  const Backends &backends;
  std::vector<Cost> ofHost;
  std::vector<DeviceFigures> devices;
  std::map<std::pair<int64_t, Nodes>, Cost> known;
  size_t asked = 0;
};

} // namespace edgec::place

#endif // EDGEC_PASSES_PLACE_EVALUATOR_H
