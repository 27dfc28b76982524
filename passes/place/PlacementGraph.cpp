//===- PlacementGraph.cpp - kernels and who waits for whom ----------------===//
//
// See PlacementGraph.h. Who reaches whom is a bit set for each node, filled
// from the last one backwards.
//
//===----------------------------------------------------------------------===//
#include "passes/place/PlacementGraph.h"

#include "dialects/edge/Edge.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallPtrSet.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::place;

static void sortUnique(Nodes &nodes) {
  llvm::sort(nodes);
  nodes.erase(llvm::unique(nodes), nodes.end());
}

PlacementGraph::PlacementGraph(func::FuncOp function) {
  for (Operation &op : function.getBody().front().without_terminator()) {
    if (isa<edge::ReshapeOp>(op))
      reshapes.push_back(&op);
    if (isa<edge::ConstantOp, edge::ReshapeOp>(op))
      continue;
    numbers[&op] = operations.size();
    operations.push_back(&op);
  }
  producersOf.resize(size());
  consumersOf.resize(size());
  for (unsigned node = 0; node < size(); ++node) {
    for (Value operand : operations[node]->getOperands())
      if (std::optional<unsigned> producer = source(operand))
        producersOf[node].push_back(*producer);
    sortUnique(producersOf[node]);
    for (unsigned producer : producersOf[node])
      consumersOf[producer].push_back(node);
  }
  descendants.assign(size(), llvm::BitVector(size()));
  for (unsigned node = size(); node-- > 0;) {
    for (unsigned consumer : consumersOf[node]) {
      descendants[node] |= descendants[consumer];
      descendants[node].set(consumer);
    }
  }
}

schedule::KernelOp PlacementGraph::kernel(unsigned node) const {
  return dyn_cast<schedule::KernelOp>(operations[node]);
}

std::optional<unsigned> PlacementGraph::source(Value value) const {
  while (auto reshape = value.getDefiningOp<edge::ReshapeOp>())
    value = reshape.getX();
  auto found = numbers.find(value.getDefiningOp());
  if (found == numbers.end())
    return std::nullopt;
  return found->second;
}

std::vector<Operation *>
PlacementGraph::regionOperations(const Nodes &nodes) const {
  auto contains = [&](Value value) {
    std::optional<unsigned> from = source(value);
    return from && llvm::binary_search(nodes, *from);
  };
  // From the last reshape backwards: one that only another one reads is
  // between two kernels if that one is.
  llvm::SmallPtrSet<Operation *, 8> inside;
  for (unsigned node : nodes)
    inside.insert(operations[node]);
  std::vector<Operation *> region;
  for (Operation *reshape : llvm::reverse(reshapes)) {
    if (!contains(reshape->getResult(0)) ||
        llvm::none_of(reshape->getUsers(),
                      [&](Operation *user) { return inside.contains(user); }))
      continue;
    inside.insert(reshape);
    region.push_back(reshape);
  }
  for (unsigned node : nodes)
    region.push_back(operations[node]);
  llvm::sort(region,
             [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  return region;
}

std::vector<Nodes> PlacementGraph::branches() const {
  Nodes all(size());
  for (unsigned node = 0; node < size(); ++node)
    all[node] = node;
  std::vector<Nodes> found;
  findBranches(all, found);
  return found;
}

/// Adds the components of `nodes` without those that all others are before or
/// behind, and their own branches.
void PlacementGraph::findBranches(const Nodes &nodes,
                                  std::vector<Nodes> &found) const {
  llvm::BitVector isLoose(size());
  for (unsigned node : nodes) {
    if (llvm::any_of(nodes, [&](unsigned other) {
          return other != node && !reaches(node, other) &&
                 !reaches(other, node);
        }))
      isLoose.set(node);
  }
  llvm::BitVector isSeen(size());
  std::vector<Nodes> components;
  for (unsigned node : nodes) {
    if (!isLoose.test(node) || isSeen.test(node))
      continue;
    Nodes component, open = {node};
    isSeen.set(node);
    while (!open.empty()) {
      unsigned at = open.back();
      open.pop_back();
      component.push_back(at);
      auto visit = [&](unsigned next) {
        if (!isLoose.test(next) || isSeen.test(next))
          return;
        isSeen.set(next);
        open.push_back(next);
      };
      llvm::for_each(producersOf[at], visit);
      llvm::for_each(consumersOf[at], visit);
    }
    llvm::sort(component);
    components.push_back(std::move(component));
  }
  for (Nodes &component : components) {
    bool isSmaller = component.size() < nodes.size();
    if (isSmaller && component.size() > 1)
      findBranches(component, found);
    if (isSmaller)
      found.push_back(std::move(component));
  }
}
