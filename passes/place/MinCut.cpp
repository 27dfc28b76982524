//===- MinCut.cpp - the cheapest of two labels for each node --------------===//
//
// See MinCut.h. Nodes on the source's side of the cut have the first label.
//
//===----------------------------------------------------------------------===//
#include "passes/place/MinCut.h"

#include <algorithm>
#include <limits>

using namespace edgec::place;

namespace {
class Network {
public:
  explicit Network(size_t nodes) : edgesOf(nodes) {}

  void connect(unsigned from, unsigned to, double capacity) {
    edgesOf[from].push_back(edges.size());
    edges.push_back({to, capacity});
    edgesOf[to].push_back(edges.size());
    edges.push_back({from, 0});
  }

  void saturate(unsigned source, unsigned sink) {
    while (findPath(source), arrivedBy[sink] != none) {
      double flow = std::numeric_limits<double>::infinity();
      for (unsigned at = sink; at != source; at = tail(arrivedBy[at]))
        flow = std::min(flow, edges[arrivedBy[at]].capacity);
      for (unsigned at = sink; at != source; at = tail(arrivedBy[at])) {
        edges[arrivedBy[at]].capacity -= flow;
        edges[arrivedBy[at] ^ 1].capacity += flow;
      }
    }
  }

  /// After saturate(): whether the node lies on the source's side.
  bool isReached(unsigned node) const { return arrivedBy[node] != none; }

private:
  struct Edge {
    unsigned head;
    double capacity;
  };
  static constexpr size_t none = std::numeric_limits<size_t>::max();

  unsigned tail(size_t edge) const { return edges[edge ^ 1].head; }

  void findPath(unsigned source) {
    arrivedBy.assign(edgesOf.size(), none);
    std::vector<unsigned> open = {source};
    for (size_t next = 0; next < open.size(); ++next) {
      for (size_t edge : edgesOf[open[next]]) {
        unsigned head = edges[edge].head;
        if (edges[edge].capacity <= 0 || head == source ||
            arrivedBy[head] != none)
          continue;
        arrivedBy[head] = edge;
        open.push_back(head);
      }
    }
  }

  std::vector<Edge> edges;
  std::vector<std::vector<size_t>> edgesOf;
  std::vector<size_t> arrivedBy;
};
} // namespace

std::vector<bool> MinCut::solve() const {
  unsigned source = unsigned(first.size()), sink = source + 1;
  Network network(first.size() + 2);
  for (unsigned node = 0; node < source; ++node) {
    // Only the difference matters, and capacities are not negative.
    double common = std::min(first[node], second[node]);
    network.connect(source, node, second[node] - common);
    network.connect(node, sink, first[node] - common);
  }
  for (const Pair &pair : pairs)
    network.connect(pair.a, pair.b, pair.cost);
  network.saturate(source, sink);
  std::vector<bool> isSecond(first.size());
  for (unsigned node = 0; node < source; ++node)
    isSecond[node] = !network.isReached(node);
  return isSecond;
}
