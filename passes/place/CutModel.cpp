//===- CutModel.cpp - placements from minimum cuts ------------------------===//
//
// See CutModel.h. A step of the search lets every node choose between where it
// is and one accelerator; as savings are never negative, that choice is a cut.
//
//===----------------------------------------------------------------------===//
#include "passes/place/CutModel.h"

#include "passes/place/MinCut.h"

using namespace edgec::place;

/// Of what cannot be.
static constexpr double never = 1e30;

CutModel::CutModel(Evaluator &evaluator, const PlacementRules &rules)
    : graph(evaluator.graph), rules(rules), deviceCount(rules.refusals.size()),
      alone(rules.refusals.size()) {
  // The product's change is that of its factors, each by its own size.
  Prediction all = evaluator.predict(Partition());
  bool isTime = evaluator.objective == Objective::latency;
  bool isEnergy = evaluator.objective == Objective::energy;
  perNanosecond = isEnergy ? 0
                  : isTime ? 1
                           : 1 / std::max(all.nanoseconds, 1.0);
  perNanojoule = isTime ? 0 : isEnergy ? 1 : 1 / std::max(all.nanojoules, 1.0);

  for (unsigned node = 0; node < graph.size(); ++node)
    host.push_back(weigh(evaluator.hostCost(node)));
  for (int64_t device = 0; device < int64_t(deviceCount); ++device) {
    std::vector<double> &costs = alone[size_t(device)];
    for (unsigned node = 0; node < graph.size(); ++node) {
      costs.push_back(rules.allows(node, device)
                          ? weigh(evaluator.aloneCost(device, node))
                          : never);
    }
    double launch = weigh({evaluator.launchNanoseconds(device), 0, 0});
    for (unsigned node = 0; node < graph.size(); ++node) {
      for (unsigned producer : graph.producers(node)) {
        if (costs[node] >= never || costs[producer] >= never)
          continue;
        double both = weigh(evaluator.regionCost(device, {producer, node}));
        // One launch is saved, whoever of the producers it is.
        double rest = costs[node] + costs[producer] - 2 * launch - both;
        savings.push_back({device, producer, node,
                           std::max(rest, 0.0) +
                               launch / double(graph.producers(node).size())});
      }
    }
  }
}

double CutModel::weigh(const Cost &cost) const {
  return cost.nanoseconds * perNanosecond + cost.nanojoules * perNanojoule;
}

void CutModel::expand(Assignment &assignment, int64_t device, double hostScale,
                      double savingScale) const {
  MinCut cut(graph.size());
  const std::vector<double> &there = alone[size_t(device)];
  for (unsigned node = 0; node < graph.size(); ++node) {
    int64_t now = assignment.device[node];
    double stay =
        now == onHost
            ? (rules.allows(node, onHost) ? hostScale * host[node] : never)
            : alone[size_t(now)][node];
    cut.addNode(node, now == device ? never : stay,
                rules.allows(node, device) ? there[node] : 2 * never);
  }
  for (const Saving &saving : savings) {
    double value = saving.value * savingScale;
    int64_t producer = assignment.device[saving.producer],
            consumer = assignment.device[saving.consumer];
    if (saving.device == device) {
      // Lost as soon as one of them is elsewhere.
      cut.addNode(saving.consumer, value, 0);
      cut.addPair(saving.producer, saving.consumer, value);
    } else if (saving.device == producer && saving.device == consumer) {
      cut.addNode(saving.producer, 0, value);
      cut.addPair(saving.producer, saving.consumer, value);
    }
  }
  std::vector<bool> moves = cut.solve();
  for (unsigned node = 0; node < graph.size(); ++node)
    if (moves[node] && rules.allows(node, device))
      assignment.device[node] = device;
}

Assignment CutModel::cut(double hostScale, double savingScale) const {
  Assignment assignment = allOnHost(graph, rules);
  // A second round sees what the other accelerators took.
  unsigned rounds = deviceCount > 1 ? 2 : 1;
  for (unsigned round = 0; round < rounds; ++round)
    for (int64_t device = 0; device < int64_t(deviceCount); ++device)
      expand(assignment, device, hostScale, savingScale);
  return assignment;
}
