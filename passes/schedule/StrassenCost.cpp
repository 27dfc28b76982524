//===- StrassenCost.cpp - how long Strassen's method takes ----------------===//
//
// Rows and channel panels in pairs: seven products of half the depth for each
// two by two of them (contractionCycles), what is left of rows and panels by
// direct products. Before them the combinations of each pair of rows, once for
// all panels; behind them some additions to register tiles that do not fit
// registers together. The weights, 1.75 times as large, pass by once for each
// block of row pairs, whose combinations stay in the second-level cache.
//
//===----------------------------------------------------------------------===//
#include "passes/schedule/StrassenCost.h"
#include "passes/schedule/CostModel.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>

using namespace edgec::schedule;
using llvm::divideCeil;

namespace {

/// How the work is cut for one register tile.
struct Cut {
  Cut(const StrassenWork &work, TilingAttr tiling)
      : tileRows(tiling.getColumns()),
        width(tiling.getLanes() * tiling.getVectors()),
        rowPairs(work.rows / (2 * tileRows)),
        panelPairs(work.channels / (2 * width)),
        restRows(work.rows - rowPairs * 2 * tileRows),
        restChannels(work.channels - panelPairs * 2 * width) {}

  int64_t tileRows, width, rowPairs, panelPairs, restRows, restChannels;
};

/// Loads, additions and stores of the combinations of `pairs` row pairs.
double combineCycles(const StrassenWork &work, int64_t pairs, int64_t tileRows,
                     int64_t lanes, MachineAttr machine) {
  double fma = std::max<int64_t>(machine.getFmaPerCycle(), 1) / 100.0,
         load = std::max<int64_t>(machine.getLoadsPerCycle(), 1) / 100.0;
  double vectors =
      double(pairs * tileRows) * double(divideCeil(work.depth / 2, lanes));
  int64_t stores = work.copiesRows ? 8 : 4;
  double each = std::max(4 / fma, 4 / load + 2.0 * double(stores) / load);
  int64_t bytes = 4 * pairs * tileRows * 2 * work.depth;
  return vectors * each + streamCycles(bytes, 2 * bytes, machine);
}

/// What the weights that the method adds take from memory, once in a run.
/// Prefetches hide little of it where multiply-adds are fast: measured on Zen 5
/// in a model whose weights leave the caches, layers with 0.2 and 0.8 MB more
/// lose 30 and 60 us, twice the bytes' time at full rate and more.
double coldCycles(const StrassenWork &work, int64_t paired,
                  MachineAttr machine) {
  double rate = std::max<int64_t>(machine.getMemoryBytesPerCycle(), 1) / 100.0;
  double more = 0.75 * 4.0 * double(paired * work.depth);
  return 2 * more / rate;
}

} // namespace

double edgec::schedule::strassenCycles(const StrassenWork &work,
                                       TilingAttr tiling, MachineAttr machine) {
  Cut cut(work, tiling);
  int64_t half = work.depth / 2, lanes = tiling.getLanes();
  ContractionWork product;
  product.weightsPerLoad = weightsPerLoad(machine);
  product.lhsColumnBytes =
      work.copiesRows ? 4 * (work.depth + 16) : work.lhsColumnBytes;
  auto multiply = [&](int64_t rows, int64_t depth, int64_t channels) {
    if (!rows || !depth || !channels)
      return 0.0;
    product.width = rows;
    product.run = depth;
    product.channels = channels;
    product.lhsBytes = 4 * rows * 2 * depth;
    return contractionCycles(product, tiling, machine);
  };
  int64_t paired = cut.panelPairs * 2 * cut.width;
  int64_t pairsLeft = cut.rowPairs;
  double cycles = 0;
  while (pairsLeft > 0) {
    int64_t pairs = std::min(pairsLeft, tiling.getRows());
    cycles += 7 * multiply(pairs * cut.tileRows, half, paired / 2) +
              multiply(pairs * 2 * cut.tileRows, work.depth, cut.restChannels) +
              combineCycles(work, pairs, cut.tileRows, lanes, machine);
    pairsLeft -= pairs;
  }
  // Three register tiles wait, and are added to five times, for each four of
  // the result.
  double load = std::max<int64_t>(machine.getLoadsPerCycle(), 1) / 100.0;
  double waiting = double(cut.rowPairs * cut.panelPairs) *
                   double(cut.tileRows * tiling.getVectors()) * 14.0 / load;
  product.epilogueOperators = work.epilogueOperators;
  double epilogue = double(work.rows) * double(divideCeil(paired, lanes)) *
                    (1.0 + double(work.epilogueOperators));
  return cycles + waiting + epilogue + coldCycles(work, paired, machine) +
         multiply(cut.restRows, work.depth, work.channels);
}

/// Blocks grow until there is one, or their combinations have left the
/// second-level cache.
llvm::SmallVector<TilingAttr>
edgec::schedule::strassenTilings(const StrassenWork &work,
                                 MachineAttr machine) {
  int64_t lanes = machine.getFloatLanes();
  int64_t largest = std::max<int64_t>(machine.getL2Bytes(), 1 << 18);
  llvm::SmallVector<TilingAttr> tilings;
  auto consider = [&](int64_t rows, int64_t columns, int64_t vectors) {
    ContractionWork product;
    product.channels = work.channels;
    product.run = work.depth / 2;
    product.weightsPerLoad = weightsPerLoad(machine);
    product.lhsColumnBytes = work.lhsColumnBytes;
    product.width = rows * columns;
    product.lhsBytes = 4 * product.width * work.depth;
    TilingAttr base =
        makeContractionTiling(product, machine, 1, columns, vectors);
    int64_t blocks = divideCeil(work.rows, rows * 2 * columns),
            panels = work.channels / (2 * vectors * lanes);
    bool byPanels =
        blocks < 2 * machine.getCores() && panels >= machine.getCores();
    auto make = [&](int64_t cycles) {
      return TilingAttr::get(
          machine.getContext(), base.getLanes(), rows, columns, vectors,
          base.getUnroll(), base.getPrefetch(), base.getPrefetchNext(),
          byPanels ? Split::columns : Split::rows, cycles, /*winograd=*/0,
          /*strassen=*/1, /*filtersInRun=*/false, /*panelsInside=*/false);
    };
    tilings.push_back(make(int64_t(strassenCycles(work, make(0), machine))));
  };
  // Who must read weights that are packed for the method takes it without a
  // pair as well.
  int64_t mostRows = work.panelVectors ? work.rows : work.rows / 2;
  for (int64_t vectors = 1;
       vectors <= 8 && 2 * vectors * lanes <= work.channels; ++vectors) {
    if (work.panelVectors && vectors != work.panelVectors)
      continue;
    for (int64_t columns = 1;
         columns <= std::min<int64_t>(mostRows, 32) &&
         fitsRegisters(columns, vectors, weightsPerLoad(machine), machine);
         ++columns) {
      for (int64_t rows = 1;; rows += divideCeil(rows, 3)) {
        consider(rows, columns, vectors);
        int64_t bytes = 16 * rows * columns * work.depth;
        if (rows * 2 * columns >= work.rows || bytes > largest)
          break;
      }
    }
  }
  return tilings;
}
