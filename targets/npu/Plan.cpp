//===- Plan.cpp - which layers are computed together ----------------------===//
//
// best[n] is the cheapest way to compute the first n layers: some group ends
// there, before it stands best of the rest.
//
//===----------------------------------------------------------------------===//
#include "targets/npu/Plan.h"

#include "targets/npu/Cascade.h"
#include "targets/npu/Moves.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::npu;

/// Longer cascades would gain nothing: the rows that start and end them are few
/// already.
static constexpr int longestCascade = 24;

/// What a byte of traffic counts beside the time that it takes: of two plans
/// that are equally fast, the one with less is cooler.
static constexpr double trafficWeight = 0.1;

namespace {
class Planner {
public:
  Planner(const Graph &graph, const NpuMachine &machine)
      : graph(graph), machine(machine), best(graph.layers.size() + 1),
        alone(graph.layers.size()) {
    best[0].cost = 0;
  }

  void considerTiles(int layer, const Tiling &tiling);
  void considerCascades(int first, int last, bool &stripesFit, bool &wholeFits);
  bool isReached(int layer) const { return best[layer].cost >= 0; }
  /// Whether layer `layer` alone is a cascade.
  bool hasGroup(int layer) const { return alone[layer]; }
  std::vector<Group> take() const;

private:
  struct Step {
    double cost = -1;
    Group group;
  };
  void consider(const Group &group, double bytes);

  const Graph &graph;
  const NpuMachine &machine;
  std::vector<Step> best;
  std::vector<bool> alone;
};
} // namespace

void Planner::consider(const Group &group, double bytes) {
  double cost = best[group.first].cost + group.cycles +
                trafficWeight * bytes / double(machine.dmaBytesPerCycle);
  Step &step = best[group.last + 1];
  if (step.cost < 0 || cost < step.cost)
    step = {cost, group};
}

void Planner::considerTiles(int layer, const Tiling &tiling) {
  Group group;
  group.first = group.last = layer;
  group.tiling = tiling;
  group.cycles = tiling.cycles;
  consider(group, double(tiling.bytes));
}

/// Tries cascades of layers [first, last], and says whether longer ones could
/// fit.
void Planner::considerCascades(int first, int last, bool &stripesFit,
                               bool &wholeFits) {
  int64_t highest = 1;
  for (int layer = first; layer <= last; ++layer)
    highest = std::max(highest, graph.layers[layer].out.height);
  auto attempt = [&](int64_t stripes) {
    Cascade cascade(graph, machine, first, last, stripes);
    if (!cascade.isValid())
      return false;
    Group group;
    group.first = first;
    group.last = last;
    group.stripes = stripes;
    group.cycles = cascade.cycles();
    consider(group, double(cascade.memoryBytes()));
    if (first == last)
      alone[first] = true;
    return true;
  };
  if (wholeFits)
    wholeFits = attempt(1);
  if (!stripesFit)
    return;
  // From single rows, which take the least memory, to halves.
  bool fits = false;
  for (int64_t rows = 1; rows < highest; rows *= 2) {
    bool isFirst = rows == 1;
    bool valid = attempt(ceilDiv(highest, rows));
    fits |= valid;
    if (!valid && !isFirst)
      break;
  }
  stripesFit = fits || highest == 1;
}

std::vector<Group> Planner::take() const {
  std::vector<Group> groups;
  for (int at = int(best.size()) - 1; at > 0; at = groups.back().first)
    groups.push_back(best[at].group);
  std::reverse(groups.begin(), groups.end());
  return groups;
}

FailureOr<std::vector<Group>>
edgec::npu::planGroups(const Graph &graph, const NpuMachine &machine,
                       const PlanOptions &options) {
  Planner planner(graph, machine);
  auto count = int(graph.layers.size());
  for (int first = 0; first < count; ++first) {
    bool stripesFit = true, wholeFits = true;
    int longest = options.layerByLayer ? 1 : count - first;
    for (int last = first; last < first + longest; ++last) {
      if (last - first >= longestCascade)
        stripesFit = false;
      planner.considerCascades(first, last, stripesFit, wholeFits);
      if (!stripesFit && !wholeFits)
        break;
    }
    // By tiles, only what fits no other way: it loads halos again.
    std::optional<Tiling> tiling;
    const Layer &layer = graph.layers[first];
    if (layer.kind == Layer::Kind::move) {
      tiling.emplace();
      std::tie(tiling->cycles, tiling->bytes) = costOfMove(layer, machine);
    } else if (!planner.hasGroup(first))
      tiling = chooseTiling(graph.layers[first], machine);
    if (tiling)
      planner.considerTiles(first, *tiling);
    if (!planner.isReached(first + 1))
      return graph.layers[first].kernel->emitError("cannot run on ")
             << machine.name << ": not even one tile fits its SRAM";
  }
  return planner.take();
}

bool edgec::npu::fits(const Layer &layer, const NpuMachine &machine) {
  return layer.kind == Layer::Kind::move ||
         chooseTiling(layer, machine).has_value();
}
