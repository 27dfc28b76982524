//===- Plan.h - which layers are computed together -------------*- C++ -*-===//
//
// Cuts the layers of a region into groups: cascades, or single layers by tiles.
// The cut is the cheapest by the cost model, found by dynamic programming over
// the layers' order. Tensors between groups go through memory.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_NPU_PLAN_H
#define EDGEC_TARGETS_NPU_PLAN_H

#include "targets/npu/Graph.h"
#include "targets/npu/Tiles.h"

namespace edgec::npu {

/// Layers [first, last].
struct Group {
  int first = 0, last = 0;
  /// Of a cascade; 0: one layer by tiles.
  int64_t stripes = 0;
  Tiling tiling;
  double cycles = 0;
};

struct PlanOptions {
  /// Each layer by itself, for comparison.
  bool layerByLayer = false;
};

/// Whether some schedule of the layer alone fits the machine.
bool fits(const Layer &layer, const NpuMachine &machine);

/// An error at a layer that does not fit the machine.
mlir::FailureOr<std::vector<Group>> planGroups(const Graph &graph,
                                               const NpuMachine &machine,
                                               const PlanOptions &options);

} // namespace edgec::npu

#endif // EDGEC_TARGETS_NPU_PLAN_H
