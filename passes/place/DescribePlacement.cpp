//===- DescribePlacement.cpp - a placement with its reasons ---------------===//
//
// See DescribePlacement.h. The reason for a kernel's processor is what the
// model would need if that kernel alone ran on another one.
//
//===----------------------------------------------------------------------===//
#include "passes/place/DescribePlacement.h"

#include "passes/place/HostCost.h"
#include "passes/place/PlacementFile.h"
#include "llvm/Support/FormatVariadic.h"

using namespace edgec;
using namespace edgec::place;

namespace {
class Describer {
public:
  Describer(const Decision &decision, std::vector<std::string> processors,
            bool isRandom)
      : decision(decision), evaluator(decision.evaluator),
        graph(evaluator.graph), isRandom(isRandom) {
    placement.processors = std::move(processors);
    placement.devices = evaluator.deviceFigures().vec();
    placement.objective = evaluator.objective;
    // Each question is about a region; a model of many kernels has long ones.
    limit = evaluator.nodesAsked() + 60 * graph.size();
  }

  Placement run();

private:
  KernelPlacement describeKernel(unsigned node);
  std::string reason(unsigned node);
  std::string comparison(int64_t device, const Prediction &other) const;
  std::string comparisonAlone(unsigned node, int64_t device);
  PlacedWork describeWork(const ScheduledItem &scheduled);

  const Decision &decision;
  Evaluator &evaluator;
  const PlacementGraph &graph;
  bool isRandom;
  size_t limit;
  Placement placement;
};
} // namespace

std::string Describer::comparison(int64_t device,
                                  const Prediction &other) const {
  const Prediction &placed = placement.placed;
  Objective objective = placement.objective;
  double more = other.value(objective) - placed.value(objective);
  std::string text = "on " + placement.processors[size_t(device + 1)] +
                     " the model would need ";
  // Sums of the same numbers in another order.
  double share = std::abs(more) / std::max(placed.value(objective), 1e-9);
  if (share < 1e-6)
    return text + "as much";
  std::string amount;
  if (objective == Objective::edp)
    amount = llvm::formatv("{0:f1} % of time times energy", 100 * share).str();
  else if (objective == Objective::energy)
    amount = describeEnergy(std::abs(more));
  else
    amount = describeTime(std::abs(more));
  return text + amount +
         (more > 0 ? " more" : " less, which the search did not reach");
}

std::string Describer::comparisonAlone(unsigned node, int64_t device) {
  double time = device == onHost
                    ? evaluator.hostCost(node).nanoseconds
                    : evaluator.aloneCost(device, node).nanoseconds;
  return "on " + placement.processors[size_t(device + 1)] + " it would need " +
         describeTime(time) + " alone";
}

std::string Describer::reason(unsigned node) {
  if (decision.rules.forced[node])
    return "the placement file says so";
  if (isRandom)
    return "processors are drawn at random";
  int64_t own = decision.assignment.device[node];
  std::string best;
  std::optional<Prediction> bestPrediction;
  std::string refusals;
  for (int64_t device = onHost;
       device < int64_t(decision.rules.refusals.size()); ++device) {
    if (device == own)
      continue;
    if (!decision.rules.allows(node, device)) {
      refusals += (refusals.empty() ? "" : ", and ") +
                  placement.processors[size_t(device + 1)] +
                  " cannot compute it: " +
                  decision.rules.refusals[size_t(device)][node];
      continue;
    }
    if (evaluator.nodesAsked() >= limit) {
      best = best.empty() ? comparisonAlone(node, device) : best;
      continue;
    }
    Assignment changed = decision.assignment;
    changed.device[node] = device;
    Prediction other = evaluator.predict(formRegions(graph, changed));
    if (bestPrediction && !evaluator.isBetter(other, *bestPrediction))
      continue;
    bestPrediction = other;
    best = comparison(device, other);
  }
  if (!best.empty())
    return best;
  return refusals.empty() ? "there is no accelerator" : refusals;
}

KernelPlacement Describer::describeKernel(unsigned node) {
  KernelPlacement described;
  schedule::KernelOp kernel = graph.kernel(node);
  described.kernel =
      kernel ? kernel.getKernelName().str()
             : graph.operation(node)->getName().stripDialect().str();
  described.producers = graph.producers(node);
  if (kernel) {
    described.operations = kernelOperations(kernel);
    described.tensorBytes = kernelTensorBytes(kernel);
  }
  int64_t device = decision.assignment.device[node];
  described.processor = unsigned(device + 1);
  for (auto [index, region] : llvm::enumerate(decision.partition))
    if (llvm::binary_search(region.nodes, node))
      described.region = unsigned(index);
  described.options.push_back({"", evaluator.hostCost(node)});
  for (auto [index, refusals] : llvm::enumerate(decision.rules.refusals)) {
    KernelOption option{refusals[node], {}};
    if (option.isPossible())
      option.cost = evaluator.aloneCost(int64_t(index), node);
    described.options.push_back(std::move(option));
  }
  described.reason = reason(node);
  return described;
}

PlacedWork Describer::describeWork(const ScheduledItem &scheduled) {
  const WorkItem &item = decision.items[scheduled.item];
  PlacedWork work;
  work.processor = unsigned(item.device + 1);
  work.kernels = item.nodes;
  work.beginNanoseconds = scheduled.begin;
  work.endNanoseconds = scheduled.end;
  if (item.device == onHost) {
    work.cost = evaluator.hostCost(item.nodes.front());
  } else {
    work.region = unsigned(item.region);
    work.cost = evaluator.regionCost(item.device, item.nodes);
  }
  return work;
}

Placement Describer::run() {
  placement.placed = evaluator.predict(decision.partition, decision.timeline);
  placement.onHost = evaluator.predict(Partition());
  PlacementRules free = decision.rules;
  free.forced.assign(graph.size(), std::nullopt);
  placement.onDevices =
      evaluator.predict(formRegions(graph, allOnDevices(evaluator, free)));
  std::vector<std::vector<std::string>> names = nodeNames(graph);
  for (unsigned node = 0; node < graph.size(); ++node) {
    placement.kernels.push_back(describeKernel(node));
    placement.kernels.back().nodes = std::move(names[node]);
  }
  for (const ScheduledItem &scheduled : decision.timeline.order)
    placement.timeline.push_back(describeWork(scheduled));
  return std::move(placement);
}

Placement edgec::place::describePlacement(const Decision &decision,
                                          std::vector<std::string> processors,
                                          bool isRandom) {
  return Describer(decision, std::move(processors), isRandom).run();
}
