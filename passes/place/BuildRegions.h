//===- BuildRegions.h - a partition becomes regions ------------*- C++ -*-===//
#ifndef EDGEC_PASSES_PLACE_BUILDREGIONS_H
#define EDGEC_PASSES_PLACE_BUILDREGIONS_H

#include "passes/place/Timeline.h"

namespace edgec::place {

/// Moves each region's kernels into a place.region and puts all operations into
/// the timeline's order. `graph` knows the function no more.
void buildRegions(mlir::func::FuncOp function, const PlacementGraph &graph,
                  const std::vector<WorkItem> &items, const Timeline &timeline);

} // namespace edgec::place

#endif // EDGEC_PASSES_PLACE_BUILDREGIONS_H
