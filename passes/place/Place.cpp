//===- Place.cpp - which processor computes what --------------------------===//
//
// Asks the backends what they can compute, looks for the best partition
// (Search.h), tells why (Placement.h) and forms the regions.
//
//   %0 = schedule.kernel "conv2d_3x3" ...     %0 = place.region 0 (%x) { ... }
//   %1 = schedule.kernel "softmax" (%0) ...   %1 = schedule.kernel "softmax"
//   ...
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Alternative.h"
#include "dialects/edge/Control.h"
#include "dialects/edge/Variant.h"
#include "passes/place/BuildRegions.h"
#include "passes/place/DescribePlacement.h"
#include "passes/place/HostCost.h"
#include "passes/place/Passes.h"
#include "passes/place/PlacementFile.h"
#include "passes/place/PlacementRemarks.h"
#include "passes/place/Search.h"
#include "llvm/ADT/SetVector.h"

namespace edgec {
#define GEN_PASS_DEF_PLACE
#include "passes/place/Passes.h.inc"
} // namespace edgec

using namespace mlir;
using namespace edgec;
using namespace edgec::place;

namespace {
struct Place : public edgec::impl::PlaceBase<Place> {
  using PlaceBase::PlaceBase;

  void runOnOperation() override {
    // Reports want to know of the processor as well.
    if (backends.empty() && !listener)
      return;
    predicted.clear();
    decided.clear();
    // Bodies before who runs them, whose time depends on theirs.
    llvm::SetVector<func::FuncOp> functions = functionsToPlace();
    for (func::FuncOp function : llvm::reverse(functions)) {
      if (failed(place(function)))
        return signalPassFailure();
    }
    for (const Placement &placement : llvm::reverse(decided))
      listener(placement);
  }

  Backends backends;
  std::function<void(const Placement &)> listener;

private:
  /// The alternative that does without accelerators.
  static bool isForHost(func::FuncOp function) {
    StringAttr name = edge::alternativeName(function);
    return name && name.getValue() == "cpu";
  }

  /// The models, and the bodies of their branches and loops, each once.
  llvm::SetVector<func::FuncOp> functionsToPlace() {
    llvm::SetVector<func::FuncOp> functions;
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (function.isPublic() && !function.isExternal() &&
          !edge::variantOf(function) && !isForHost(function))
        functions.insert(function);
    }
    for (size_t i = 0; i < functions.size(); ++i) {
      func::FuncOp each = functions[i];
      each.walk([&](Operation *op) {
        if (!edge::isControl(op))
          return;
        for (func::FuncOp called : edge::calledFunctions(op))
          functions.insert(called);
      });
    }
    return functions;
  }

  /// Of the bodies that are placed.
  DenseMap<Operation *, Prediction> predicted;
  /// For the listener, if there is one.
  std::vector<Placement> decided;

  void predictBodies(const PlacementGraph &graph, std::vector<Cost> &costs);
  PlacementRules makeRules(const PlacementGraph &graph);
  LogicalResult place(func::FuncOp function);
};
} // namespace

/// A branch or loop costs what its longest body does where that was placed.
void Place::predictBodies(const PlacementGraph &graph,
                          std::vector<Cost> &costs) {
  for (unsigned node = 0; node < graph.size(); ++node) {
    if (!edge::isControl(graph.operation(node)))
      continue;
    Cost &cost = costs[node] = Cost();
    for (func::FuncOp body : edge::calledFunctions(graph.operation(node))) {
      Prediction prediction = predicted.lookup(body);
      cost.nanoseconds = std::max(cost.nanoseconds, prediction.nanoseconds);
      cost.nanojoules = std::max(cost.nanojoules, prediction.nanojoules);
    }
  }
}

PlacementRules Place::makeRules(const PlacementGraph &graph) {
  PlacementRules rules;
  rules.forced.resize(graph.size());
  for (const auto &backend : backends) {
    std::vector<std::string> &refusals = rules.refusals.emplace_back();
    refusals.resize(graph.size());
    for (unsigned node = 0; node < graph.size(); ++node) {
      schedule::KernelOp kernel = graph.kernel(node);
      if (!kernel)
        refusals[node] = "it decides what runs";
      else if (backend->supports(kernel, refusals[node]))
        refusals[node].clear();
      else if (refusals[node].empty())
        refusals[node] = "it is not supported";
    }
  }
  return rules;
}

LogicalResult Place::place(func::FuncOp function) {
  PlacementGraph graph(function);
  if (graph.size() == 0)
    return success();
  FailureOr<std::vector<Cost>> costs = hostCosts(function, graph);
  if (failed(costs))
    return failure();
  predictBodies(graph, *costs);
  Evaluator evaluator(graph, std::move(*costs), backends, objective);
  PlacementRules rules = makeRules(graph);
  // The file speaks of the model's own nodes; bodies have names of their own.
  if (!overrides.empty() && function.isPublic() &&
      failed(readPlacementFile(overrides, graph, backends, rules)))
    return failure();
  Assignment assignment =
      randomSeed >= 0 ? randomAssignment(graph, rules, uint64_t(randomSeed))
                      : findAssignment(evaluator, rules);
  Partition partition = formRegions(graph, assignment);
  std::vector<WorkItem> items = evaluator.items(partition);
  Timeline timeline = scheduleItems(items);
  predicted[function] = evaluator.predict(partition, timeline);
  if (listener || (!backends.empty() && getContext().getRemarkEngine())) {
    Placement placement = describePlacement(
        {evaluator, rules, assignment, partition, items, timeline},
        processorNames(backends), randomSeed >= 0);
    placement.function = function.getName().str();
    if (!backends.empty())
      remarkPlacement(graph, placement);
    if (listener)
      decided.push_back(std::move(placement));
  }
  numRegions += partition.size();
  for (const Submission &region : partition)
    numPlaced += region.nodes.size();
  if (!partition.empty())
    buildRegions(function, graph, items, timeline);
  return success();
}

std::unique_ptr<Pass>
edgec::createPlace(PlaceOptions options, Backends backends,
                   std::function<void(const Placement &)> listener) {
  auto pass = std::make_unique<Place>(std::move(options));
  pass->backends = std::move(backends);
  pass->listener = std::move(listener);
  return pass;
}
