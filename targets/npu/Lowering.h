//===- Lowering.h - a region as a program of the NPU -----------*- C++ -*-===//
//
// From the kernels of a region to the commands that compute it, by way of a
// plan: which layers are computed together and how each is tiled.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_NPU_LOWERING_H
#define EDGEC_TARGETS_NPU_LOWERING_H

#include "targets/npu/Constants.h"
#include "targets/npu/Estimate.h"
#include "targets/npu/Graph.h"
#include "targets/npu/Plan.h"

namespace edgec::npu {

/// A region, lowered.
struct Lowered {
  std::vector<Command> commands;
  std::vector<char> constants;
  int64_t scratchBytes = 0;
  Estimate predicted;
  int64_t macs = 0;
  std::vector<Group> groups;
};

/// Lowers the layers of `graph`, whose tensors get their places in memory. An
/// error at a layer that does not fit the machine. With `predictOnly`, the
/// constants may be missing.
mlir::FailureOr<Lowered> lowerGraph(Graph &graph, const NpuMachine &machine,
                                    const PlanOptions &options = {},
                                    bool predictOnly = false);

} // namespace edgec::npu

#endif // EDGEC_TARGETS_NPU_LOWERING_H
