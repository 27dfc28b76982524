//===- Evaluator.cpp - what a placement would cost ------------------------===//
//
// See Evaluator.h. A run's energy is that of all work, and that of each
// accelerator that idles as long as the run takes; the processor sleeps when it
// waits.
//
//===----------------------------------------------------------------------===//
#include "passes/place/Evaluator.h"

#include <cmath>

using namespace edgec::place;

Evaluator::Evaluator(const PlacementGraph &graph, std::vector<Cost> hostCosts,
                     const Backends &backends, Objective objective)
    : graph(graph), objective(objective), backends(backends),
      ofHost(std::move(hostCosts)) {
  devices.reserve(backends.size());
  for (const auto &backend : backends)
    devices.push_back(backend->figures());
}

static constexpr double farTooMuch = 1e18;

/// A backend from outside may compute anything.
static double sane(double value) {
  return value >= 0 ? std::min(value, farTooMuch) : farTooMuch;
}

const Cost &Evaluator::regionCost(int64_t device, const Nodes &nodes) {
  auto [entry, isNew] = known.try_emplace({device, nodes});
  if (isNew) {
    Cost cost = backends[size_t(device)]->cost(graph.regionOperations(nodes));
    // Work that takes no time is work that cannot be done as a region.
    if (cost.nanoseconds == 0)
      cost.nanoseconds = farTooMuch;
    entry->second = {sane(cost.nanoseconds), sane(cost.nanojoules),
                     sane(cost.memoryBytes)};
    asked += nodes.size();
  }
  return entry->second;
}

Cost Evaluator::aloneCost(int64_t device, unsigned node) {
  Cost cost = regionCost(device, {node});
  cost.nanoseconds += launchNanoseconds(device);
  return cost;
}

std::vector<WorkItem> Evaluator::items(const Partition &partition) {
  std::vector<WorkItem> items = workItems(graph, partition);
  for (WorkItem &item : items) {
    if (item.device == onHost) {
      item.nanoseconds = ofHost[item.nodes.front()].nanoseconds;
      continue;
    }
    item.nanoseconds = regionCost(item.device, item.nodes).nanoseconds;
    item.launchNanoseconds = launchNanoseconds(item.device);
  }
  return items;
}

Prediction Evaluator::predict(const Partition &partition,
                              const Timeline &timeline) {
  Prediction prediction{timeline.nanoseconds, 0};
  std::vector<bool> isPlaced(graph.size(), false);
  for (const Submission &region : partition) {
    prediction.nanojoules += regionCost(region.device, region.nodes).nanojoules;
    for (unsigned node : region.nodes)
      isPlaced[node] = true;
  }
  for (unsigned node = 0; node < graph.size(); ++node)
    if (!isPlaced[node])
      prediction.nanojoules += ofHost[node].nanojoules;
  // A watt for a nanosecond is a nanojoule.
  for (const DeviceFigures &device : devices)
    prediction.nanojoules += device.idleWatts * timeline.nanoseconds;
  return prediction;
}

Prediction Evaluator::predict(const Partition &partition) {
  return predict(partition, scheduleItems(items(partition)));
}

bool Evaluator::isBetter(const Prediction &a, const Prediction &b) const {
  double first = a.value(objective), second = b.value(objective);
  // Sums of the same numbers in another order.
  constexpr double same = 1e-9;
  if (std::abs(first - second) > same * std::max(first, second))
    return first < second;
  double allOfA = a.value(Objective::edp), allOfB = b.value(Objective::edp);
  return allOfA < allOfB * (1 - same);
}
