//===- Timeline.cpp - when each part of a model runs ----------------------===//
//
// See Timeline.h.
//
//===----------------------------------------------------------------------===//
#include "passes/place/Timeline.h"

#include "llvm/ADT/STLExtras.h"
#include <map>
#include <set>

using namespace edgec::place;

std::vector<WorkItem> edgec::place::workItems(const PlacementGraph &graph,
                                              const Partition &partition) {
  std::vector<WorkItem> items;
  std::vector<int64_t> itemOf(graph.size(), -1);
  auto add = [&](WorkItem item) {
    for (unsigned node : item.nodes)
      itemOf[node] = int64_t(items.size());
    items.push_back(std::move(item));
  };
  for (const auto &[index, region] : llvm::enumerate(partition)) {
    WorkItem item;
    item.device = region.device;
    item.region = int64_t(index);
    item.nodes = region.nodes;
    add(std::move(item));
  }
  for (unsigned node = 0; node < graph.size(); ++node) {
    if (itemOf[node] >= 0)
      continue;
    WorkItem item;
    item.nodes = {node};
    add(std::move(item));
  }
  for (auto [index, item] : llvm::enumerate(items)) {
    for (unsigned node : item.nodes) {
      for (unsigned producer : graph.producers(node))
        if (itemOf[producer] != int64_t(index))
          item.needs.push_back(unsigned(itemOf[producer]));
    }
    llvm::sort(item.needs);
    item.needs.erase(llvm::unique(item.needs), item.needs.end());
  }
  return items;
}

namespace {
class Scheduler {
public:
  explicit Scheduler(const std::vector<WorkItem> &items)
      : items(items), readers(items.size()), open(items.size()),
        wayToEnd(items.size(), 0) {
    for (unsigned item = 0; item < items.size(); ++item) {
      open[item] = items[item].needs.size();
      for (unsigned need : items[item].needs)
        readers[need].push_back(item);
    }
    findWays();
    for (unsigned item = 0; item < items.size(); ++item)
      if (items[item].needs.empty())
        makeReady(item);
  }

  Timeline run() {
    while (timeline.order.size() < items.size()) {
      finishUntil(now);
      if (!deviceReady.empty())
        submit();
      else if (!hostReady.empty())
        runOnHost();
      else
        now = running.begin()->first;
    }
    return std::move(timeline);
  }

private:
  void makeReady(unsigned item) {
    if (items[item].device == onHost)
      hostReady.insert({-wayToEnd[item], item});
    else
      deviceReady.insert(item);
  }

  /// The longest sum of times from an item's beginning to the end. Items may
  /// stand in any order.
  void findWays() {
    std::vector<unsigned> left(items.size()), order;
    for (unsigned item = 0; item < items.size(); ++item) {
      left[item] = unsigned(readers[item].size());
      if (left[item] == 0)
        order.push_back(item);
    }
    for (size_t next = 0; next < order.size(); ++next) {
      unsigned item = order[next];
      wayToEnd[item] += items[item].nanoseconds + items[item].launchNanoseconds;
      for (unsigned need : items[item].needs) {
        wayToEnd[need] = std::max(wayToEnd[need], wayToEnd[item]);
        if (--left[need] == 0)
          order.push_back(need);
      }
    }
  }

  void begin(unsigned item, double at, double until) {
    timeline.order.push_back({item, at, until});
    timeline.nanoseconds = std::max(timeline.nanoseconds, until);
    running.insert({until, item});
  }

  void submit() {
    unsigned item =
        *llvm::min_element(deviceReady, [&](unsigned a, unsigned b) {
          return std::pair(-wayToEnd[a], a) < std::pair(-wayToEnd[b], b);
        });
    deviceReady.erase(item);
    double &free = deviceFree[items[item].device];
    double at = std::max(free, now + items[item].launchNanoseconds);
    free = at + items[item].nanoseconds;
    begin(item, at, free);
  }

  void runOnHost() {
    unsigned item = hostReady.begin()->second;
    hostReady.erase(hostReady.begin());
    double until = now + items[item].nanoseconds;
    begin(item, now, until);
    now = until;
  }

  /// The readers of what is done by `time` may have become ready.
  void finishUntil(double time) {
    while (!running.empty() && running.begin()->first <= time) {
      unsigned item = running.begin()->second;
      running.erase(running.begin());
      for (unsigned reader : readers[item])
        if (--open[reader] == 0)
          makeReady(reader);
    }
  }

  const std::vector<WorkItem> &items;
  std::vector<std::vector<unsigned>> readers;
  std::vector<size_t> open;
  std::vector<double> wayToEnd;
  /// By urgency.
  std::set<std::pair<double, unsigned>> hostReady;
  std::set<unsigned> deviceReady;
  /// By the time when they are done.
  std::set<std::pair<double, unsigned>> running;
  std::map<int64_t, double> deviceFree;
  double now = 0;
  Timeline timeline;
};
} // namespace

Timeline edgec::place::scheduleItems(const std::vector<WorkItem> &items) {
  return Scheduler(items).run();
}
