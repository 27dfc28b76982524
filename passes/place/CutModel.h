//===- CutModel.h - placements from minimum cuts ---------------*- C++ -*-===//
//
// An additive model of the graph: what each kernel costs alone on each
// processor, and what two neighbours save in one submission (the launch, and
// the transfer between them). Its minimum is a minimum cut for one accelerator,
// and is approached by one cut after the other for several.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_PLACE_CUTMODEL_H
#define EDGEC_PASSES_PLACE_CUTMODEL_H

#include "passes/place/Search.h"

namespace edgec::place {

class CutModel {
public:
  /// Asks for all kernels and all pairs.
  CutModel(Evaluator &evaluator, const PlacementRules &rules);

  /// The cheapest assignment where the host's times and the savings are worth
  /// so many times what the model says.
  Assignment cut(double hostScale, double savingScale) const;

private:
  void expand(Assignment &assignment, int64_t device, double hostScale,
              double savingScale) const;
  double weigh(const Cost &cost) const;

  struct Saving {
    int64_t device;
    unsigned producer, consumer;
    double value;
  };
  const PlacementGraph &graph;
  const PlacementRules &rules;
  size_t deviceCount;
  /// What a nanosecond and a nanojoule count for the objective.
  double perNanosecond = 0, perNanojoule = 0;
  std::vector<double> host;
  /// By device and node.
  std::vector<std::vector<double>> alone;
  std::vector<Saving> savings;
};

} // namespace edgec::place

#endif // EDGEC_PASSES_PLACE_CUTMODEL_H
