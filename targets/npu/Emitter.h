//===- Emitter.h - lists the commands of a schedule ------------*- C++ -*-===//
//
// Makes commands for parts of tensors and layers: transfers of rows, pixels or
// channels, and the tiles that compute them. It knows rings and strides but
// decides nothing: where things lie and in which order they happen is said by
// Tiles.cpp and Cascade.cpp, and Synchronize.cpp orders the units.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_NPU_EMITTER_H
#define EDGEC_TARGETS_NPU_EMITTER_H

#include "targets/npu/Constants.h"
#include "targets/npu/Graph.h"

namespace edgec::npu {

/// The part of an image that lies in SRAM: rows [y, y + rows), pixels and
/// channels likewise. In a ring, row y lies in slot y mod ringRows.
struct Patch {
  int64_t address = 0;
  int64_t y = 0, rows = 0, x = 0, width = 0, channel = 0, channels = 0;
  int64_t rowStride = 0, pixelStride = 0, ringRows = 0;
  Element element = Element::none;

  int64_t slotOf(int64_t row) const {
    return ringRows ? row % ringRows : row - y;
  }
  int64_t addressOf(int64_t row, int64_t pixel, int64_t firstChannel) const {
    return address + slotOf(row) * rowStride + (pixel - x) * pixelStride +
           (firstChannel - channel) * bytesOf(element);
  }
};

/// Bytes from row to row in SRAM: rows begin on lines of their own, so that one
/// can be written while its neighbour is read.
int64_t rowStrideOf(int64_t width, int64_t pixelBytes);

/// A patch of whole rows of `view` that covers SRAM from `address` on: all
/// rows, or a ring.
Patch rowsPatch(const View &view, int64_t address, int64_t ringRows);

/// The part of a layer's result that a command computes.
struct Region {
  int64_t y = 0, rows = 0, x = 0, width = 0;
};

/// What computes a region beside its operands: where the pack lies in SRAM.
struct Work {
  const Pack *pack = nullptr;
  int64_t packAddress = 0;
  Part part;
  /// A split K: sums so far, and whether the result is sums as well.
  const Patch *accumulator = nullptr;
  bool raw = false;
};

class Emitter {
public:
  Emitter(const Graph &graph, const NpuMachine &machine)
      : graph(graph), machine(machine) {}

  void loadPack(const Pack &pack, int64_t address);
  /// Rows [first, last) of the patch, of image `image` of a tensor seen as
  /// `view`.
  void load(int tensor, int64_t image, const View &view, const Patch &patch,
            int64_t first, int64_t last);
  /// To all places where the tensor must be stored: the buffers of outputs,
  /// and scratch memory if a layer loads it again.
  void store(int tensor, int64_t image, const View &view, const Patch &patch,
             int64_t first, int64_t last);
  void compute(int layer, const Region &region, const Patch &out,
               llvm::ArrayRef<Patch> reads, const Work &work);

  std::vector<Command> commands;
  /// The layer that commands are made for.
  int current = -1;

private:
  void transfer(Opcode opcode, int64_t buffer, int64_t offset, const View &view,
                const Patch &patch, int64_t first, int64_t last);
  void computeRows(int layer, const Region &region, const Patch &out,
                   llvm::ArrayRef<Patch> reads, const Work &work);
  void addMac(const Layer &layer, const Region &region, const Patch &out,
              llvm::ArrayRef<Patch> reads, const Work &work, int64_t group);
  void addPool(const Layer &layer, const Region &region, const Patch &out,
               llvm::ArrayRef<Patch> reads, const Work &work);
  void addVector(const Layer &layer, const Region &region, const Patch &out,
                 llvm::ArrayRef<Patch> reads, const Work &work);
  Command base(Opcode opcode, Unit unit, const Layer &layer, const Work &work);

  const Graph &graph;
  const NpuMachine &machine;
};

} // namespace edgec::npu

#endif // EDGEC_TARGETS_NPU_EMITTER_H
