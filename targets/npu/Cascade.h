//===- Cascade.h - several layers by stripes -------------------*- C++ -*-===//
//
// Consecutive layers whose intermediate tensors never leave the SRAM. In
// stripes, all layers compute a few rows in turn, on rings of rows, with all
// weights at hand; what a window needs of earlier rows is still in the ring, so
// nothing is computed twice. As one stripe, whole tensors lie in SRAM as long
// as somebody reads them, and weights stream past them. A single layer in
// stripes is a cascade as well. (Vela's cascades for the Ethos-U and the line
// buffers of streaming accelerators are the models.)
//
//     layer 0   rows 0-3           rows 4-7
//     layer 1           rows 0-2           rows 3-6
//     layer 2                   row 0              row 1
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_NPU_CASCADE_H
#define EDGEC_TARGETS_NPU_CASCADE_H

#include "targets/npu/Emitter.h"

namespace edgec::npu {

/// Bytes [first, last) of the SRAM.
struct Area {
  int64_t first = 0, last = 0;

  int64_t overlap(const Area &other) const {
    return std::max<int64_t>(0, std::min(last, other.last) -
                                    std::max(first, other.first));
  }
};

/// Where a group of layers keeps its rows and its weights.
struct Areas {
  Area rows, weights;
};

/// Layers [first, last] of the graph in a number of stripes.
class Cascade {
public:
  Cascade(const Graph &graph, const NpuMachine &machine, int first, int last,
          int64_t stripes);

  /// Whether the layers can be computed together and fit the SRAM; the other
  /// members may be used only then.
  bool isValid() const { return valid; }
  /// Predicted.
  double cycles() const;
  int64_t memoryBytes() const { return loadedBytes + storedBytes; }

  /// Lists the commands, away from `previous` as far as possible so that loads
  /// can begin while the group before still computes; returns its own areas.
  Areas emit(Emitter &emitter, Constants &constants,
             const Areas &previous) const;

private:
  /// A tensor that the cascade keeps in SRAM, or a ring of its rows.
  struct Buffer {
    View view;
    int tensor = -1;
    /// In the cascade; -1: it is loaded.
    int producer = -1;
    /// Layers and their reads.
    llvm::SmallVector<std::pair<int, unsigned>, 4> readers;
    bool stored = false;
    /// Rows that are there when a stripe ends.
    std::vector<int64_t> rows;
    int64_t ringRows = 0, offset = 0;

    int64_t bytes() const {
      return ringRows * rowStrideOf(view.width, view.pixelBytes());
    }
  };

  const Layer &layerAt(int layer) const { return graph.layers[layer]; }
  Buffer *findBuffer(int tensor);
  const Buffer &bufferOf(int tensor) const;
  bool collect();
  void planRows();
  void sizeRings();
  int64_t lowestRow(const Buffer &buffer, int64_t stripe) const;
  bool changesUnit(const Buffer &buffer) const;
  bool placeWhole();
  bool choosePacks();
  void predict();
  /// Rows of a layer's result before and after a stripe.
  std::pair<int64_t, int64_t> rowsOf(int layer, int64_t stripe) const;
  int64_t packUnit(const Layer &layer) const;

  struct Emission;

  const Graph &graph;
  const NpuMachine &machine;
  int first, last;
  int64_t stripes;
  bool valid = false;
  std::vector<Buffer> buffers;
  /// Per layer: output channels of one pack (whole tensors), all in stripes.
  std::vector<int64_t> packOutputs;
  int64_t rowBytes = 0, weightBytes = 0;
  /// A unit's transfers follow each other at least by the memory's latency.
  double transferCycles(double bytes, int64_t transfers) const;

  double macCycles = 0, vectorCycles = 0, loadCycles = 0, storeCycles = 0;
  double firstLoadBytes = 0, transferRows = 0;
  int64_t loadedBytes = 0, storedBytes = 0;
};

} // namespace edgec::npu

#endif // EDGEC_TARGETS_NPU_CASCADE_H
