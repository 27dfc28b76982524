//===- PlacementRemarks.h - why each kernel runs where it does -*- C++ -*-===//
#ifndef EDGEC_PASSES_PLACE_PLACEMENTREMARKS_H
#define EDGEC_PASSES_PLACE_PLACEMENTREMARKS_H

#include "passes/place/Placement.h"
#include "passes/place/PlacementGraph.h"

namespace edgec::place {

/// One remark of category "place" for each kernel, and one for the model. Costs
/// nothing unless someone listens.
void remarkPlacement(const PlacementGraph &graph, const Placement &placement);

} // namespace edgec::place

#endif // EDGEC_PASSES_PLACE_PLACEMENTREMARKS_H
