//===- Order.cpp - an order of launches for peak memory -------------------===//
//
// Branches of a graph may run in any order, and which one runs first decides
// how much is alive at once. A beam search keeps the few best beginnings of an
// order and extends each by every launch that is ready. Chains, which have one
// order only, cost nothing.
//
//===----------------------------------------------------------------------===//
#include "passes/memory/MemoryPlan.h"

#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>

using namespace edgec;
using namespace mlir;

namespace {

/// The launches as a graph of numbers: what each produces and needs.
struct LaunchGraph {
  struct Node {
    int64_t resultBytes = 0;
    llvm::SmallVector<size_t> needs; // nodes whose results it reads
    size_t readers = 0;              // nodes that read its results
    bool isOutput = false;           // its memory is not ours
    bool inPlace = false;            // may take over a dying operand
  };
  std::vector<Node> nodes;

  explicit LaunchGraph(llvm::ArrayRef<rt::LaunchOp> launches) {
    llvm::DenseMap<Operation *, size_t> number;
    for (size_t index = 0; index < launches.size(); ++index) {
      rt::LaunchOp launch = launches[index];
      number[launch] = index;
      Node node;
      for (OpResult result : launch->getResults())
        node.resultBytes += alignBuffer(bufferBytes(result));
      node.inPlace = !launch.getInPlace().empty();
      node.isOutput = leavesFunction(launch);
      for (Value operand : launch.getInputs()) {
        if (Operation *source = viewedValue(operand).getDefiningOp()) {
          if (auto found = number.find(source); found != number.end())
            if (!llvm::is_contained(node.needs, found->second))
              node.needs.push_back(found->second);
        }
      }
      nodes.push_back(std::move(node));
    }
    for (Node &node : nodes)
      for (size_t source : node.needs)
        ++nodes[source].readers;
  }

  static bool leavesFunction(Operation *op) {
    return llvm::any_of(op->getUsers(), [](Operation *user) {
      if (user->hasTrait<OpTrait::ReturnLike>())
        return true;
      return user->getNumRegions() == 0 && !isa<rt::LaunchOp>(user) &&
             leavesFunction(user);
    });
  }
};

/// The beginning of an order.
struct Beginning {
  std::vector<size_t> steps;
  llvm::BitVector done;
  std::vector<size_t> unread; // readers still to come, by node
  int64_t live = 0;
  int64_t peak = 0;

  explicit Beginning(const LaunchGraph &graph) : done(graph.nodes.size()) {
    for (const LaunchGraph::Node &node : graph.nodes)
      unread.push_back(node.readers);
  }

  bool isReady(const LaunchGraph &graph, size_t next) const {
    return !done.test(next) &&
           llvm::all_of(graph.nodes[next].needs,
                        [&](size_t need) { return done.test(need); });
  }

  void append(const LaunchGraph &graph, size_t next) {
    const LaunchGraph::Node &node = graph.nodes[next];
    int64_t taken = node.isOutput ? 0 : node.resultBytes;
    int64_t freed = 0;
    bool takesOver = false;
    for (size_t source : node.needs) {
      const LaunchGraph::Node &operand = graph.nodes[source];
      if (--unread[source] > 0 || operand.isOutput)
        continue;
      freed += operand.resultBytes;
      takesOver |= node.inPlace && operand.resultBytes == node.resultBytes;
    }
    peak = std::max(peak, live + (takesOver ? 0 : taken));
    live += taken - freed;
    // What nobody reads is gone at once.
    if (node.readers == 0)
      live -= taken;
    done.set(next);
    steps.push_back(next);
  }

  bool operator<(const Beginning &other) const {
    return std::tie(peak, live, steps) <
           std::tie(other.peak, other.live, other.steps);
  }
};

} // namespace

std::vector<rt::LaunchOp>
edgec::orderForPeak(llvm::ArrayRef<rt::LaunchOp> launches) {
  constexpr size_t beamWidth = 16;
  LaunchGraph graph(launches);
  Beginning modelOrder(graph);
  for (size_t index = 0; index < launches.size(); ++index)
    modelOrder.append(graph, index);

  std::vector<Beginning> beam = {Beginning(graph)};
  for (size_t step = 0; step < launches.size(); ++step) {
    std::vector<Beginning> extended;
    for (const Beginning &beginning : beam) {
      for (size_t next = 0; next < launches.size(); ++next) {
        if (beginning.isReady(graph, next)) {
          extended.push_back(beginning);
          extended.back().append(graph, next);
        }
      }
    }
    std::sort(extended.begin(), extended.end());
    // Of two orders of the same launches only the better one goes on.
    beam.clear();
    for (Beginning &candidate : extended) {
      bool isKnown = llvm::any_of(beam, [&](const Beginning &kept) {
        return kept.done == candidate.done;
      });
      if (!isKnown)
        beam.push_back(std::move(candidate));
      if (beam.size() == beamWidth)
        break;
    }
  }
  std::vector<rt::LaunchOp> result(launches.begin(), launches.end());
  if (!beam.empty() && beam.front().peak < modelOrder.peak)
    for (auto [index, step] : llvm::enumerate(beam.front().steps))
      result[index] = launches[step];
  return result;
}
