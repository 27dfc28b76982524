//===- Moves.h - layers that only move elements ----------------*- C++ -*-===//
//
// Concatenations, slices, pads, transpositions, broadcasts and resizes to the
// nearest element as boxes: loops that copy from one tensor to another, each
// with its own strides. Boxes whose
// innermost elements lie together on both sides are transfers alone; others go
// through the vector unit, in parts whose elements fit the SRAM.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_NPU_MOVES_H
#define EDGEC_TARGETS_NPU_MOVES_H

#include "dialects/edge/Spatial.h"
#include "targets/npu/Emitter.h"

namespace edgec::npu {

/// The boxes of a moving operator, or nothing if it is none or has more than
/// four loops.
std::optional<std::vector<Box>> readMove(mlir::Operation &op);

/// The boxes of a resampling that copies elements (of every size to every
/// other); `table` says which. Nothing if it is too irregular.
std::optional<std::vector<Box>> readResample(edge::ResampleOp op,
                                             const ConstantData &table);

/// Lists the commands of layer number `index`, a move.
void emitMove(Emitter &emitter, const Graph &graph, int index,
              const NpuMachine &machine);

/// Predicted cycles of a move, and its bytes of traffic.
std::pair<double, int64_t> costOfMove(const Layer &layer,
                                      const NpuMachine &machine);

} // namespace edgec::npu

#endif // EDGEC_TARGETS_NPU_MOVES_H
