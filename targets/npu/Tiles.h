//===- Tiles.h - one layer by tiles ----------------------------*- C++ -*-===//
//
// The schedule of a layer that reads its operands from memory and writes its
// result there: tiles of rows, pixels and output channels, and of input
// channels where not even one tile's sums fit. Which loop is outermost decides
// what is loaded once: weights (weight stationary) or inputs (input
// stationary); a split K keeps the sums (output stationary).
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_NPU_TILES_H
#define EDGEC_TARGETS_NPU_TILES_H

#include "targets/npu/Emitter.h"

namespace edgec::npu {

struct Tiling {
  int64_t rows = 0, width = 0, outputs = 0, inputs = 0;
  /// The outer loop is over tiles of the image, not over output channels.
  bool inputStationary = false;
  /// Predicted.
  double cycles = 0;
  int64_t bytes = 0;
};

/// The fastest tiling that fits the SRAM, by the cost model; nothing if none
/// does.
std::optional<Tiling> chooseTiling(const Layer &layer,
                                   const NpuMachine &machine);

/// Lists the commands of layer number `index`.
void emitTiles(Emitter &emitter, const Graph &graph, int index,
               const Tiling &tiling, const NpuMachine &machine,
               Constants &constants);

} // namespace edgec::npu

#endif // EDGEC_TARGETS_NPU_TILES_H
