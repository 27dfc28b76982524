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

  /// What running `next` takes and gives back, in bytes.
  struct Step {
    int64_t taken = 0, freed = 0;
    bool takesOver = false;
  };
  Step stepOf(const LaunchGraph &graph, size_t next) const {
    const LaunchGraph::Node &node = graph.nodes[next];
    Step step;
    auto touch = [&](size_t number, bool written) {
      const LaunchGraph::Buffer &buffer = graph.buffers[number];
      if (buffer.isOutput)
        return;
      if (left[number] == buffer.steps)
        step.taken += buffer.bytes;
      if (left[number] > 1)
        return;
      // What nobody reads is gone at once.
      step.freed += buffer.bytes;
      step.takesOver |=
          !written && node.inPlace && buffer.bytes == node.resultBytes;
    };
    visitBuffers(node, touch);
    return step;
  }

  int64_t peakAfter(const Step &step) const {
    return std::max(peak, live + (step.takesOver ? 0 : step.taken));
  }
  int64_t liveAfter(const Step &step) const {
    return live + step.taken - step.freed;
  }

  void append(const LaunchGraph &graph, size_t next) {
    Step step = stepOf(graph, next);
    peak = peakAfter(step);
    live = liveAfter(step);
    visitBuffers(graph.nodes[next],
                 [&](size_t number, bool) { --left[number]; });
    done.set(next);
    steps.push_back(next);
  }

private:
  /// Each buffer that the node touches, once, and whether it is written.
  static void visitBuffers(const LaunchGraph::Node &node,
                           llvm::function_ref<void(size_t, bool)> visit) {
    for (size_t buffer : node.writes)
      visit(buffer, /*written=*/true);
    for (size_t buffer : node.reads)
      if (!llvm::is_contained(node.writes, buffer))
        visit(buffer, /*written=*/false);
  }
};

/// A beginning with one more launch, before anything is copied for it: of a
/// graph with many branches nearly all of them are dropped again.
struct Extension {
  const Beginning *beginning;
  size_t rank; // of the beginning's steps among those of all, in their order
  size_t next;
  int64_t peak, live;

  bool operator<(const Extension &other) const {
    return std::tie(peak, live, rank, next) <
           std::tie(other.peak, other.live, other.rank, other.next);
  }
  bool operator>(const Extension &other) const { return other < *this; }
  /// Whether `kept` has run the same launches.
  bool runsAsMuchAs(const Beginning &kept) const {
    if (!kept.done.test(next))
      return false;
    llvm::BitVector done = beginning->done;
    done.set(next);
    return kept.done == done;
  }
};

} // namespace

/// Every beginning with every launch that is ready after it. Sorts the
/// beginnings by their steps.
static std::vector<Extension> extend(const LaunchGraph &graph,
                                     std::vector<Beginning> &beam) {
  std::sort(
      beam.begin(), beam.end(),
      [](const Beginning &a, const Beginning &b) { return a.steps < b.steps; });
  std::vector<Extension> extensions;
  for (auto [rank, beginning] : llvm::enumerate(beam)) {
    for (size_t next = 0; next < graph.nodes.size(); ++next) {
      if (!beginning.isReady(graph, next))
        continue;
      Beginning::Step step = beginning.stepOf(graph, next);
      extensions.push_back({&beginning, rank, next, beginning.peakAfter(step),
                            beginning.liveAfter(step)});
    }
  }
  return extensions;
}

std::vector<rt::LaunchOp>
edgec::orderForPeak(llvm::ArrayRef<rt::LaunchOp> launches) {
  constexpr size_t beamWidth = 16;
  LaunchGraph graph(launches);
  Beginning modelOrder(graph);
  for (size_t index = 0; index < launches.size(); ++index)
    modelOrder.append(graph, index);

  std::vector<Beginning> beam = {Beginning(graph)};
  for (size_t step = 0; step < launches.size(); ++step) {
    std::vector<Extension> extensions = extend(graph, beam);
    // Of two orders of the same launches only the better one goes on.
    std::greater<Extension> worse;
    std::make_heap(extensions.begin(), extensions.end(), worse);
    std::vector<Beginning> best;
    while (!extensions.empty() && best.size() < beamWidth) {
      std::pop_heap(extensions.begin(), extensions.end(), worse);
      Extension extension = extensions.back();
      extensions.pop_back();
      if (llvm::any_of(best, [&](const Beginning &kept) {
            return extension.runsAsMuchAs(kept);
          }))
        continue;
      best.push_back(*extension.beginning);
      best.back().append(graph, extension.next);
    }
    beam = std::move(best);
  }
  std::vector<rt::LaunchOp> result(launches.begin(), launches.end());
  // Found in the order of their merit, and not sorted since.
  if (!beam.empty() && beam.front().peak < modelOrder.peak)
    for (auto [index, step] : llvm::enumerate(beam.front().steps))
      result[index] = launches[step];
  return result;
}
