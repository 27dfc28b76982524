//===- Search.cpp - the best placement that can be found ------------------===//
//
// See Search.h. The local search knows these changes: a region goes back to the
// host, two regions become one with what lies between them, a branch moves as a
// whole, a region is cut where the host waits for a part of it or brings a part
// of it late, and a kernel at a border moves over it. The first improvement is
// taken; it ends when there is none, or when backends were asked often enough.
//
//===----------------------------------------------------------------------===//
#include "passes/place/Search.h"

#include "passes/place/CutModel.h"
#include <random>

using namespace edgec::place;

Assignment edgec::place::allOnHost(const PlacementGraph &graph,
                                   const PlacementRules &rules) {
  Assignment assignment(graph.size());
  for (unsigned node = 0; node < graph.size(); ++node)
    assignment.device[node] = rules.forced[node].value_or(onHost);
  return assignment;
}

Assignment edgec::place::allOnDevices(Evaluator &evaluator,
                                      const PlacementRules &rules) {
  const PlacementGraph &graph = evaluator.graph;
  Assignment assignment = allOnHost(graph, rules);
  for (unsigned node = 0; node < graph.size(); ++node) {
    std::optional<Prediction> best;
    for (int64_t device = 0; device < int64_t(rules.refusals.size());
         ++device) {
      if (!rules.allows(node, device))
        continue;
      const Cost &cost = evaluator.regionCost(device, {node});
      Prediction alone{cost.nanoseconds, cost.nanojoules};
      if (best && !evaluator.isBetter(alone, *best))
        continue;
      best = alone;
      assignment.device[node] = device;
    }
  }
  return assignment;
}

Assignment edgec::place::randomAssignment(const PlacementGraph &graph,
                                          const PlacementRules &rules,
                                          uint64_t seed) {
  std::mt19937_64 random(seed);
  // Not a distribution of the library: those differ between libraries.
  auto draw = [&](uint64_t choices) { return random() % choices; };
  Assignment assignment = allOnHost(graph, rules);
  int64_t device = onHost;
  unsigned mark = 0;
  for (unsigned node = 0; node < graph.size(); ++node) {
    if (node == 0 || draw(3) == 0)
      device = int64_t(draw(rules.refusals.size() + 1)) - 1;
    if (draw(6) == 0)
      ++mark;
    if (rules.allows(node, device))
      assignment.device[node] = device;
    assignment.mark[node] = mark;
  }
  return assignment;
}

namespace {
class LocalSearch {
public:
  LocalSearch(Evaluator &evaluator, const PlacementRules &rules)
      : evaluator(evaluator), graph(evaluator.graph), rules(rules),
        branches(graph.branches()), best(graph.size()) {}

  /// The first candidate is taken in any case.
  void consider(Assignment assignment) { tryOut(std::move(assignment)); }

  /// Changes until nothing helps, asking for so many nodes and trying so many
  /// changes at most.
  void improve(size_t mostNodes, size_t mostTries) {
    limit = evaluator.nodesAsked() + mostNodes;
    triesLeft = mostTries;
    while (dropRegion() || joinRegions() || moveBranch() || cutRegion() ||
           moveNode())
      ;
  }

  const Assignment &result() const { return best; }

private:
  bool tryOut(Assignment assignment) {
    if (limit && (evaluator.nodesAsked() >= limit || triesLeft == 0))
      return false;
    triesLeft -= limit ? 1 : 0;
    Partition partition = formRegions(graph, assignment);
    Prediction prediction = evaluator.predict(partition);
    if (hasBest && !evaluator.isBetter(prediction, bestPrediction))
      return false;
    hasBest = true;
    best = std::move(assignment);
    bestPartition = std::move(partition);
    bestPrediction = prediction;
    return true;
  }

  /// Moves what may move; whether that is anything.
  bool move(Assignment &assignment, const Nodes &nodes, int64_t device,
            unsigned mark) const {
    bool isChanged = false;
    for (unsigned node : nodes) {
      if (!rules.allows(node, device))
        continue;
      isChanged |= assignment.device[node] != device ||
                   (device != onHost && assignment.mark[node] != mark);
      assignment.device[node] = device;
      assignment.mark[node] = mark;
    }
    return isChanged;
  }

  bool tryMove(const Nodes &nodes, int64_t device, unsigned mark) {
    Assignment changed = best;
    return move(changed, nodes, device, mark) && tryOut(std::move(changed));
  }

  unsigned newMark() const {
    return *std::max_element(best.mark.begin(), best.mark.end()) + 1;
  }

  bool dropRegion() {
    for (size_t i = 0; i < bestPartition.size(); ++i)
      if (tryMove(bestPartition[i].nodes, onHost, 0))
        return true;
    return false;
  }

  /// What is behind one region and before another.
  Nodes between(const Submission &first, const Submission &second) const {
    Nodes found;
    for (unsigned node = 0; node < graph.size(); ++node) {
      bool isBehind = llvm::any_of(first.nodes, [&](unsigned from) {
        return graph.reaches(from, node);
      });
      bool isBefore = llvm::any_of(
          second.nodes, [&](unsigned to) { return graph.reaches(node, to); });
      if (isBehind && isBefore)
        found.push_back(node);
    }
    return found;
  }

  bool joinRegions() {
    for (size_t i = 0; i < bestPartition.size(); ++i) {
      for (size_t j = i + 1; j < bestPartition.size(); ++j) {
        const Submission &first = bestPartition[i], &second = bestPartition[j];
        if (first.device != second.device)
          continue;
        Assignment changed = best;
        unsigned mark = newMark();
        bool isChanged =
            move(changed, between(first, second), first.device, mark);
        isChanged |= move(changed, between(second, first), first.device, mark);
        move(changed, first.nodes, first.device, mark);
        move(changed, second.nodes, first.device, mark);
        bool hadMarks =
            best.mark[first.nodes.front()] != best.mark[second.nodes.front()];
        if ((isChanged || hadMarks) && tryOut(std::move(changed)))
          return true;
      }
    }
    return false;
  }

  bool moveBranch() {
    for (const Nodes &branch : branches) {
      for (int64_t device = onHost; device < int64_t(rules.refusals.size());
           ++device) {
        // By itself, so that it can begin early, or with its neighbours.
        if (tryMove(branch, device, newMark()) ||
            (device != onHost && tryMove(branch, device, 0)))
          return true;
      }
    }
    return false;
  }

  /// The part of a region that is needed for `node`, or needs it.
  Nodes partOf(const Submission &region, unsigned node, bool isNeeded) const {
    Nodes part;
    for (unsigned inside : region.nodes) {
      if (isNeeded ? graph.reaches(inside, node) : graph.reaches(node, inside))
        part.push_back(inside);
    }
    return part;
  }

  bool cutRegion() {
    for (size_t i = 0; i < bestPartition.size(); ++i) {
      const Submission &region = bestPartition[i];
      for (unsigned node = 0; node < graph.size(); ++node) {
        if (llvm::binary_search(region.nodes, node))
          continue;
        for (bool isNeeded : {true, false}) {
          Nodes part = partOf(region, node, isNeeded);
          if (part.empty() || part.size() == region.nodes.size())
            continue;
          if (tryMove(part, region.device, newMark()))
            return true;
        }
      }
    }
    return false;
  }

  /// Whether the node's neighbours are all where it is.
  bool isInner(unsigned node) const {
    auto isSame = [&](unsigned other) {
      return best.device[other] == best.device[node];
    };
    return !graph.producers(node).empty() && !graph.consumers(node).empty() &&
           llvm::all_of(graph.producers(node), isSame) &&
           llvm::all_of(graph.consumers(node), isSame);
  }

  /// Whether the kernel alone takes less time there than where it is.
  bool isFaster(unsigned node, int64_t device) {
    auto time = [&](int64_t where) {
      return where == onHost ? evaluator.hostCost(node).nanoseconds
                             : evaluator.aloneCost(where, node).nanoseconds;
    };
    return time(device) < time(best.device[node]);
  }

  bool moveNode() {
    for (unsigned node = 0; node < graph.size(); ++node) {
      bool isAtBorder = !isInner(node);
      for (int64_t device = onHost; device < int64_t(rules.refusals.size());
           ++device) {
        if (device == best.device[node] || !rules.allows(node, device) ||
            (!isAtBorder && !isFaster(node, device)))
          continue;
        if (tryMove({node}, device, neighbourMark(node, device)))
          return true;
      }
    }
    return false;
  }

  /// Of the region that the node would join.
  unsigned neighbourMark(unsigned node, int64_t device) const {
    for (const Nodes *neighbours :
         {&graph.producers(node), &graph.consumers(node)}) {
      for (unsigned other : *neighbours)
        if (best.device[other] == device)
          return best.mark[other];
    }
    return 0;
  }

  Evaluator &evaluator;
  const PlacementGraph &graph;
  const PlacementRules &rules;
  const std::vector<Nodes> branches;
  /// In improve().
  size_t limit = 0, triesLeft = 0;
  bool hasBest = false;
  Assignment best;
  Partition bestPartition;
  Prediction bestPrediction;
};
} // namespace

Assignment edgec::place::findAssignment(Evaluator &evaluator,
                                        const PlacementRules &rules) {
  LocalSearch search(evaluator, rules);
  search.consider(allOnHost(evaluator.graph, rules));
  search.consider(allOnDevices(evaluator, rules));
  if (evaluator.graph.size() == 0)
    return search.result();
  CutModel model(evaluator, rules);
  for (double hostScale : {1.0, 0.5, 2.0})
    for (double savingScale : {1.0, 0.5, 2.0})
      search.consider(model.cut(hostScale, savingScale));
  // What some dozens of questions about the whole model would take.
  constexpr size_t wholeModels = 50, atLeast = 4000;
  // A change that backends know already takes time as well, which grows with
  // the square of the model.
  size_t nodes = evaluator.graph.size();
  size_t tries = std::clamp<size_t>(20'000'000 / (nodes * nodes), 500, 20'000);
  search.improve(std::max(wholeModels * nodes, atLeast), tries);
  return search.result();
}
