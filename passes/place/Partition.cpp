//===- Partition.cpp - which nodes run together ---------------------------===//
//
// See Partition.h. Two groups may become one if every path between them is a
// single step: one over a third group would leave the new one and come back.
//
//===----------------------------------------------------------------------===//
#include "passes/place/Partition.h"

#include "llvm/ADT/STLExtras.h"

using namespace edgec::place;

namespace {
/// Groups of nodes, at first one for each node.
class Groups {
public:
  explicit Groups(const PlacementGraph &graph)
      : graph(graph), groupOf(graph.size()), members(graph.size()) {
    for (unsigned node = 0; node < graph.size(); ++node) {
      groupOf[node] = node;
      members[node] = {node};
    }
  }

  unsigned of(unsigned node) const { return groupOf[node]; }
  const Nodes &nodes(unsigned group) const { return members[group]; }

  bool canJoin(unsigned a, unsigned b) const {
    return !leadsAround(a, b) && !leadsAround(b, a);
  }

  void join(unsigned into, unsigned from) {
    for (unsigned node : members[from])
      groupOf[node] = into;
    Nodes merged;
    merged.reserve(members[into].size() + members[from].size());
    std::merge(members[into].begin(), members[into].end(),
               members[from].begin(), members[from].end(),
               std::back_inserter(merged));
    members[into] = std::move(merged);
    members[from].clear();
  }

private:
  /// Whether a path from `from` to `to` visits a third group.
  bool leadsAround(unsigned from, unsigned to) const {
    llvm::BitVector isSeen(graph.size());
    std::vector<unsigned> open;
    auto visitConsumers = [&](unsigned group, bool isStart) {
      for (unsigned node : members[group]) {
        for (unsigned consumer : graph.consumers(node)) {
          unsigned next = groupOf[consumer];
          if (next == to && !isStart)
            return true;
          if (next == from || next == to || isSeen.test(next))
            continue;
          isSeen.set(next);
          open.push_back(next);
        }
      }
      return false;
    };
    visitConsumers(from, true);
    while (!open.empty()) {
      unsigned group = open.back();
      open.pop_back();
      if (visitConsumers(group, false))
        return true;
    }
    return false;
  }

  const PlacementGraph &graph;
  std::vector<unsigned> groupOf;
  std::vector<Nodes> members;
};
} // namespace

Partition edgec::place::formRegions(const PlacementGraph &graph,
                                    const Assignment &assignment) {
  Groups groups(graph);
  auto belongTogether = [&](unsigned a, unsigned b) {
    return assignment.device[a] != onHost &&
           assignment.device[a] == assignment.device[b] &&
           assignment.mark[a] == assignment.mark[b];
  };
  for (unsigned node = 0; node < graph.size(); ++node) {
    for (unsigned producer : graph.producers(node)) {
      unsigned into = groups.of(producer), from = groups.of(node);
      if (into != from && belongTogether(node, producer) &&
          groups.canJoin(into, from))
        groups.join(into, from);
    }
  }
  std::vector<unsigned> found;
  for (unsigned node = 0; node < graph.size(); ++node) {
    if (assignment.device[node] != onHost &&
        groups.nodes(groups.of(node)).front() == node)
      found.push_back(node);
  }
  for (size_t i = 0; i < found.size(); ++i) {
    for (size_t j = i + 1; j < found.size();) {
      unsigned into = groups.of(found[i]), from = groups.of(found[j]);
      if (!belongTogether(found[i], found[j]) || !groups.canJoin(into, from)) {
        ++j;
        continue;
      }
      groups.join(into, from);
      found.erase(found.begin() + std::ptrdiff_t(j));
    }
  }
  Partition partition;
  partition.reserve(found.size());
  for (unsigned node : found)
    partition.push_back(
        {assignment.device[node], groups.nodes(groups.of(node))});
  return partition;
}
