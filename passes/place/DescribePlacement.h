//===- DescribePlacement.h - a placement with its reasons ------*- C++ -*-===//
#ifndef EDGEC_PASSES_PLACE_DESCRIBEPLACEMENT_H
#define EDGEC_PASSES_PLACE_DESCRIBEPLACEMENT_H

#include "passes/place/Search.h"

namespace edgec::place {

/// What was decided.
struct Decision {
  Evaluator &evaluator;
  const PlacementRules &rules;
  const Assignment &assignment;
  const Partition &partition;
  const std::vector<WorkItem> &items;
  const Timeline &timeline;
};

/// The decision in words and numbers. Asks the backends what the model would
/// need if single kernels ran elsewhere.
Placement describePlacement(const Decision &decision,
                            std::vector<std::string> processors, bool isRandom);

} // namespace edgec::place

#endif // EDGEC_PASSES_PLACE_DESCRIBEPLACEMENT_H
