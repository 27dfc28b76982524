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

/// The launches as a graph of numbers: what each needs, and which buffers it
/// reads and writes.
struct LaunchGraph {
  struct Node {
    int64_t resultBytes = 0;
    llvm::SmallVector<size_t> needs;         // nodes whose results it reads
    llvm::SmallVector<size_t> reads, writes; // buffers, each once
    bool inPlace = false;                    // may take over a dying operand
  };
  struct Buffer {
    int64_t bytes = 0;
    size_t steps = 0;      // nodes that read or write it
    bool isOutput = false; // its memory is not ours
  };
  std::vector<Node> nodes;
  std::vector<Buffer> buffers;

  explicit LaunchGraph(llvm::ArrayRef<rt::LaunchOp> launches) {
    if (launches.empty())
      return;
    rt::LaunchOp first = launches.front();
    JoinedResults joined(*first->getBlock());
    llvm::DenseMap<Operation *, size_t> number;
    llvm::DenseMap<Value, size_t> bufferOf;
    auto addOnce = [](llvm::SmallVector<size_t> &list, size_t item) {
      if (!llvm::is_contained(list, item))
        list.push_back(item);
    };
    for (size_t index = 0; index < launches.size(); ++index) {
      rt::LaunchOp launch = launches[index];
      number[launch] = index;
      Node node;
      node.inPlace = !launch.getInPlace().empty();
      for (Value operand : launch.getInputs()) {
        llvm::SmallVector<Operation *> writers;
        collectWriters(operand, writers);
        for (Operation *writer : writers)
          if (auto found = number.find(writer); found != number.end())
            addOnce(node.needs, found->second);
        auto buffer = bufferOf.find(joined.leader(viewedValue(operand)));
        if (buffer != bufferOf.end())
          addOnce(node.reads, buffer->second);
      }
      for (OpResult result : launch->getResults()) {
        auto [found, isNew] =
            bufferOf.try_emplace(joined.leader(result), buffers.size());
        if (isNew) {
          buffers.emplace_back();
          buffers.back().bytes = alignBuffer(bufferBytes(result));
          node.resultBytes += buffers.back().bytes;
        }
        buffers[found->second].isOutput |= leavesFunction(launch);
        addOnce(node.writes, found->second);
      }
      nodes.push_back(std::move(node));
    }
    for (const Node &node : nodes) {
      for (size_t buffer : node.reads)
        buffers[buffer].steps += !llvm::is_contained(node.writes, buffer);
      for (size_t buffer : node.writes)
        ++buffers[buffer].steps;
    }
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
  std::vector<size_t> left; // steps to come, by buffer
  int64_t live = 0;
  int64_t peak = 0;

  explicit Beginning(const LaunchGraph &graph) : done(graph.nodes.size()) {
    left.reserve(graph.buffers.size());
    for (const LaunchGraph::Buffer &buffer : graph.buffers)
      left.push_back(buffer.steps);
  }

  bool isReady(const LaunchGraph &graph, size_t next) const {
    return !done.test(next) &&
           llvm::all_of(graph.nodes[next].needs,
                        [&](size_t need) { return done.test(need); });
  }

  void append(const LaunchGraph &graph, size_t next) {
    const LaunchGraph::Node &node = graph.nodes[next];
    int64_t taken = 0, freed = 0;
    bool takesOver = false;
    auto touch = [&](size_t number, bool written) {
      const LaunchGraph::Buffer &buffer = graph.buffers[number];
      if (buffer.isOutput)
        return;
      if (left[number] == buffer.steps)
        taken += buffer.bytes;
      if (--left[number] > 0)
        return;
      // What nobody reads is gone at once.
      freed += buffer.bytes;
      takesOver |= !written && node.inPlace && buffer.bytes == node.resultBytes;
    };
    for (size_t buffer : node.writes)
      touch(buffer, /*written=*/true);
    for (size_t buffer : node.reads)
      if (!llvm::is_contained(node.writes, buffer))
        touch(buffer, /*written=*/false);
    peak = std::max(peak, live + (takesOver ? 0 : taken));
    live += taken - freed;
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
