//===- WinogradCost.cpp - how long Winograd's method takes ----------------===//
//
// Three parts, one after the other for each block of tiles: the inputs'
// transform, a matrix product at each point (contractionCycles), the outputs'
// transform. The two transforms are bound by instructions or by stores; all
// three pass over the block's values in scratch, which pays for blocks that the
// second-level cache holds. Large blocks in turn read the filters less often.
//
//===----------------------------------------------------------------------===//
#include "passes/schedule/WinogradCost.h"
#include "passes/schedule/CostModel.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>

using namespace edgec::schedule;
using llvm::divideCeil;

/// Arithmetic of a tile's two transforms on one vector of channels; counted in
/// WinogradTransform.cpp.
static int64_t inputOperations(int64_t outputs) {
  return outputs == 4 ? 2 * 6 * 12 : 2 * 4 * 4;
}
static int64_t outputOperations(int64_t outputs) {
  return outputs == 4 ? (6 + 4) * 12 : (4 + 2) * 4;
}

/// One vector of channels of one tile: what it loads, computes and stores.
static double transformCycles(int64_t loads, int64_t operations, int64_t stores,
                              MachineAttr machine) {
  double fma = machine.getFmaPerCycle() / 100.0,
         load = machine.getLoadsPerCycle() / 100.0;
  // Half of the values do not fit into registers in between.
  double spills = loads / 2.0;
  double memory = (loads + spills) / load + 2.0 * (stores + spills) / load;
  return std::max(operations / fma, memory) +
         0.3 * std::min(operations / fma, memory);
}

double edgec::schedule::winogradCycles(const WinogradWork &work,
                                       TilingAttr tiling, MachineAttr machine) {
  int64_t points = work.points(), lanes = tiling.getLanes();
  int64_t block = std::min(tiling.getColumns() * tiling.getRows(), work.tiles);
  ContractionWork product;
  product.channels = work.channels;
  product.run = work.inputs;
  product.weightsPerLoad = weightsPerLoad(machine);
  product.lhsColumnBytes = 4 * (work.inputs + 16);
  auto multiply = [&](int64_t tiles) {
    if (!tiles)
      return 0.0;
    product.width = tiles;
    product.lhsBytes = tiles * product.lhsColumnBytes;
    return points * contractionCycles(product, tiling, machine);
  };
  int64_t whole = work.tiles / block;
  double cycles = whole * multiply(block) + multiply(work.tiles % block);

  double tileCycles = divideCeil(work.inputs, lanes) *
                          transformCycles(points, inputOperations(work.outputs),
                                          points, machine) +
                      divideCeil(work.channels, lanes) *
                          transformCycles(points,
                                          outputOperations(work.outputs) +
                                              work.outputs * work.outputs *
                                                  (1 + work.epilogueOperators),
                                          work.outputs * work.outputs, machine);
  int64_t scratch = 4 * points * block * (work.inputs + work.channels);
  double blocks = double(work.tiles) / block;
  double stream = 2 * blocks * streamCycles(scratch, scratch, machine) +
                  streamCycles(work.imageBytes, work.imageBytes, machine);
  return cycles + std::max(work.tiles * tileCycles, stream) +
         0.2 * std::min(work.tiles * tileCycles, stream);
}

/// Blocks grow until there is one, or their values have left every cache.
llvm::SmallVector<TilingAttr>
edgec::schedule::winogradTilings(const WinogradWork &work,
                                 MachineAttr machine) {
  ContractionWork product;
  product.channels = work.channels;
  product.run = work.inputs;
  product.weightsPerLoad = weightsPerLoad(machine);
  product.lhsColumnBytes = 4 * (work.inputs + 16);
  int64_t needed = divideCeil(work.channels, machine.getFloatLanes());
  int64_t largest = std::max<int64_t>(2 * machine.getL2Bytes(), 1 << 20);
  llvm::SmallVector<TilingAttr> tilings;
  auto consider = [&](int64_t rows, int64_t columns, int64_t vectors) {
    product.width = std::min(rows * columns, work.tiles);
    product.lhsBytes = product.width * product.lhsColumnBytes;
    TilingAttr base =
        makeContractionTiling(product, machine, 1, columns, vectors);
    int64_t blocks = divideCeil(work.tiles, rows * columns),
            panels = divideCeil(needed, vectors);
    bool byPanels =
        blocks < 2 * machine.getCores() && panels >= machine.getCores();
    auto make = [&](int64_t cycles) {
      return TilingAttr::get(
          machine.getContext(), base.getLanes(), rows, columns, vectors,
          base.getUnroll(), base.getPrefetch(), base.getPrefetchNext(),
          byPanels ? Split::columns : Split::rows, cycles, work.outputs);
    };
    tilings.push_back(make(int64_t(winogradCycles(work, make(0), machine))));
  };
  for (int64_t vectors = 1; vectors <= std::min<int64_t>(needed, 8);
       ++vectors) {
    if (work.panelVectors && vectors != work.panelVectors)
      continue;
    for (int64_t columns = 1;
         columns <= std::min<int64_t>(work.tiles, 32) &&
         fitsRegisters(columns, vectors, weightsPerLoad(machine), machine);
         ++columns) {
      for (int64_t rows = 1;; rows += divideCeil(rows, 3)) {
        consider(rows, columns, vectors);
        int64_t bytes =
            4 * work.points() * rows * columns * (work.inputs + work.channels);
        if (rows * columns >= work.tiles || bytes > largest)
          break;
      }
    }
  }
  return tilings;
}
