//===- MinCut.h - the cheapest of two labels for each node -----*- C++ -*-===//
//
// Minimizes a sum of costs of single nodes and of pairs, where each node gets
// one of two labels, exactly: as a minimum cut, found by augmenting the flow
// along shortest paths (Edmonds and Karp).
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_PLACE_MINCUT_H
#define EDGEC_PASSES_PLACE_MINCUT_H

#include <cstddef>
#include <vector>

namespace edgec::place {

class MinCut {
public:
  explicit MinCut(size_t nodes) : first(nodes), second(nodes) {}

  /// What the node costs with the first label and with the second one.
  void addNode(unsigned node, double costFirst, double costSecond) {
    first[node] += costFirst;
    second[node] += costSecond;
  }
  /// What it costs, at least 0, that `a` has the first and `b` the second.
  void addPair(unsigned a, unsigned b, double cost) {
    pairs.push_back({a, b, cost});
  }
  /// Whether each node gets the second label.
  std::vector<bool> solve() const;

private:
  struct Pair {
    unsigned a, b;
    double cost;
  };
  std::vector<double> first, second;
  std::vector<Pair> pairs;
};

} // namespace edgec::place

#endif // EDGEC_PASSES_PLACE_MINCUT_H
