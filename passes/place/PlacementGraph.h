//===- PlacementGraph.h - kernels and who waits for whom -------*- C++ -*-===//
//
// A function as placement sees it: its kernels (and branches and loops, which
// only the processor runs), numbered in their order, and which of them read
// what others write. Reshapes are views and constants are always there, so
// neither is a node.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_PLACE_PLACEMENTGRAPH_H
#define EDGEC_PASSES_PLACE_PLACEMENTGRAPH_H

#include "dialects/schedule/Schedule.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/DenseMap.h"
#include <vector>

namespace edgec::place {

/// The numbers of nodes, ascending.
using Nodes = std::vector<unsigned>;

class PlacementGraph {
public:
  /// The function has one block.
  explicit PlacementGraph(mlir::func::FuncOp function);

  size_t size() const { return operations.size(); }
  mlir::Operation *operation(unsigned node) const { return operations[node]; }
  /// Null for what is no kernel.
  schedule::KernelOp kernel(unsigned node) const;
  /// Nodes whose results the node reads, each once.
  const Nodes &producers(unsigned node) const { return producersOf[node]; }
  const Nodes &consumers(unsigned node) const { return consumersOf[node]; }
  /// Whether `to` needs what `from` computes, over any number of steps.
  bool reaches(unsigned from, unsigned to) const {
    return descendants[from].test(to);
  }
  /// The node that computes `value`, seen through reshapes.
  std::optional<unsigned> source(mlir::Value value) const;
  /// The kernels of `nodes` and the reshapes between them, in program order.
  std::vector<mlir::Operation *> regionOperations(const Nodes &nodes) const;
  /// The parts of the graph that could run at the same time as others: between
  /// two nodes that everything passes, each component by itself, and within a
  /// component again.
  std::vector<Nodes> branches() const;

private:
  void findBranches(const Nodes &nodes, std::vector<Nodes> &found) const;

  std::vector<mlir::Operation *> operations;
  llvm::DenseMap<mlir::Operation *, unsigned> numbers;
  std::vector<Nodes> producersOf, consumersOf;
  std::vector<llvm::BitVector> descendants;
  /// All reshapes, in program order.
  std::vector<mlir::Operation *> reshapes;
};

} // namespace edgec::place

#endif // EDGEC_PASSES_PLACE_PLACEMENTGRAPH_H
