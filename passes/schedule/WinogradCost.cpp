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
static int64_t filterOperations(int64_t outputs) {
  return outputs == 4 ? (3 + 6) * 8 : (3 + 4) * 4;
}

/// The same on integers, which take shifts for what multiply-adds do on the
/// way, with the widening of each input, and what follows each output: a shift
/// and the start, and of tiles of 4x4 a product of 32 bits, which is slow.
static int64_t wholeInputOperations(int64_t outputs) {
  return outputs == 4 ? 2 * 6 * 17 + 36 : 2 * 4 * 4 + 16;
}
static int64_t wholeOutputOperations(int64_t outputs) {
  return outputs == 4 ? (6 + 4) * 17 + 16 * 6 : (4 + 2) * 4 + 4 * 2;
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

/// The product of all tiles at one point, but for how many there are.
static ContractionWork productOf(const WinogradWork &work,
                                 MachineAttr machine) {
  ContractionWork product;
  product.channels = work.channels;
  product.run = work.inputs;
  product.weightsPerLoad = weightsPerLoad(machine);
  product.lhsColumnBytes = 4 * (work.inputWords() + 16);
  if (!work.ofBytes)
    return product;
  product.weightsPerLoad = 1;
  product.run = work.inPairs ? work.inputWords() : work.inputs;
  product.rhsBits = work.inPairs ? 32 : 16;
  product.addsSeparately = work.inPairs;
  return product;
}

int64_t edgec::schedule::winogradInputLanes(MachineAttr machine) {
  int64_t wide = machine.getVectorBits() / 16;
  if (machine.getVectorRegisters() < 16)
    wide /= 2;
  return std::max<int64_t>(wide, 2);
}

/// What both transforms of a tile take.
static double tileTransformCycles(const WinogradWork &work, int64_t lanes,
                                  MachineAttr machine) {
  int64_t points = work.points(), outputs = work.outputs * work.outputs;
  int64_t input = inputOperations(work.outputs),
          output = outputOperations(work.outputs);
  if (!work.ofBytes) {
    return divideCeil(work.inputs, lanes) *
               transformCycles(points, input, points, machine) +
           divideCeil(work.channels, lanes) *
               transformCycles(points,
                               output + outputs * (1 + work.epilogueOperators),
                               outputs, machine);
  }
  // An epilogue of integers takes what it takes behind a direct sum.
  return divideCeil(work.inputs, winogradInputLanes(machine)) *
             transformCycles(points, wholeInputOperations(work.outputs), points,
                             machine) +
         divideCeil(work.channels, lanes) *
             (transformCycles(points, wholeOutputOperations(work.outputs), 0,
                              machine) +
              outputs * (1.5 + double(work.epilogueOperators)));
}

/// The same of panels of `vectors`.
static int64_t partOfInputs(int64_t points, int64_t inputs, int64_t vectors,
                            MachineAttr machine) {
  constexpr int64_t least = 16, most = 128;
  int64_t width = vectors * machine.getFloatLanes();
  int64_t room = vectors == 1 ? machine.getL1Bytes() * 7 / 8 / (4 * 9 * width)
                              : machine.getL2Bytes() / 4 / (4 * points * width);
  for (int64_t count = std::min({room, inputs, most}); count >= least; --count)
    if (inputs % count == 0)
      return count;
  return 0;
}

int64_t edgec::schedule::filterInputsInRun(int64_t points, int64_t inputs,
                                           TilingAttr tiling,
                                           MachineAttr machine) {
  return partOfInputs(points, inputs, tiling.getVectors(), machine);
}

/// Tiles whose sums at a row of points fit registers, beside a line of taps,
/// what becomes of it, and the numbers that it is multiplied by.
static bool fitsRow(int64_t outputs, int64_t tiles, MachineAttr machine) {
  int64_t numbers = outputs == 4 ? 2 : 0;
  return (outputs + 2) * tiles + 3 + 2 + numbers <=
         machine.getVectorRegisters();
}

/// All rows of points of `tiles` tiles over `inputs` inputs, a vector of
/// filters each, which are transformed in registers (WinogradRegisters.cpp).
static double rowsCycles(int64_t outputs, int64_t tiles, int64_t inputs,
                         MachineAttr machine) {
  double fma = machine.getFmaPerCycle() / 100.0,
         load = machine.getLoadsPerCycle() / 100.0;
  int64_t side = outputs + 2, products = side * tiles;
  double cycles = 0;
  for (int64_t row = 0; row < side; ++row) {
    // Three columns of taps, two operations each unless the row is a tap's.
    bool isTap = row == 0 || row == side - 1;
    int64_t line = outputs == 4 ? 6 : 3;
    auto operations = double(products + (isTap ? 0 : 6) + line);
    auto loads = double(products + (isTap ? 3 : 9));
    // Nearly as many loads as operations: they disturb each other.
    double step = std::max({operations / fma, loads / load,
                            double(machine.getFmaLatency())}) +
                  0.06 * std::min(operations / fma, loads / load);
    // Sums are added to the products of the inputs before.
    cycles += double(inputs) * step + 20 + 2.0 * double(products);
  }
  return cycles;
}

/// The products of a block of `tiles` with filters that are transformed in
/// registers. A part's taps stay in the first-level cache.
static double inRegistersCycles(const WinogradWork &work, int64_t tiles,
                                TilingAttr tiling, MachineAttr machine) {
  int64_t lanes = tiling.getLanes(), columns = tiling.getColumns();
  int64_t inputs =
      filterInputsInRun(work.points(), work.inputs, tiling, machine);
  int64_t groups = tiles / columns;
  double cycles =
      double(groups) * rowsCycles(work.outputs, columns, inputs, machine);
  if (tiles % columns)
    cycles += rowsCycles(work.outputs, tiles % columns, inputs, machine);
  int64_t bytes = 4 * work.points() * inputs * tiles;
  double stream =
      streamCycles(double(bytes), bytes * (work.inputs / inputs), machine);
  double taps = double(4 * 9 * inputs * lanes) /
                (machine.getMemoryBytesPerCycle() / 100.0);
  double farther = std::max(stream, taps);
  int64_t parts = work.inputs / inputs * (work.channels / lanes);
  return double(parts) *
         (std::max(cycles, farther) + 0.05 * std::min(cycles, farther));
}

/// The products of a block of `tiles` with filters that are transformed in the
/// run, and those transforms. The taps come from memory meanwhile, once.
static double inRunCycles(const WinogradWork &work, int64_t tiles,
                          TilingAttr tiling, MachineAttr machine) {
  int64_t points = work.points(),
          width = tiling.getLanes() * tiling.getVectors();
  int64_t inputs = filterInputsInRun(points, work.inputs, tiling, machine);
  ContractionWork product = productOf(work, machine);
  product.run = inputs;
  product.channels = width;
  product.isRhsNear = true;
  product.width = tiles;
  // Sums are loaded and added to those of the inputs before.
  product.epilogueOperators = 1;
  int64_t bytes = 4 * points * inputs * width;
  // Lines come to be written, and leave: little of that goes on beside the
  // arithmetic (measured on Granite Rapids: 140 to 165 cycles per vector).
  double transform =
      double(inputs * tiling.getVectors()) *
          transformCycles(9, filterOperations(work.outputs), points, machine) +
      2 * streamCycles(double(bytes), bytes, machine);
  double cycles =
      transform + double(points) * contractionCycles(product, tiling, machine);
  double taps = double(4 * 9 * inputs * width) /
                (machine.getMemoryBytesPerCycle() / 100.0);
  int64_t parts = work.inputs / inputs * (work.channels / width);
  return double(parts) *
         (std::max(cycles, taps) + 0.3 * std::min(cycles, taps));
}

double edgec::schedule::winogradCycles(const WinogradWork &work,
                                       TilingAttr tiling, MachineAttr machine) {
  int64_t points = work.points(), lanes = tiling.getLanes();
  int64_t block = std::min(tiling.getColumns() * tiling.getRows(), work.tiles);
  ContractionWork product = productOf(work, machine);
  auto multiply = [&](int64_t tiles) {
    if (!tiles)
      return 0.0;
    if (transformsInRegisters(tiling))
      return inRegistersCycles(work, tiles, tiling, machine);
    if (work.filtersInRun)
      return inRunCycles(work, tiles, tiling, machine);
    product.width = tiles;
    product.lhsBytes = tiles * product.lhsColumnBytes;
    return points * contractionCycles(product, tiling, machine);
  };
  int64_t whole = work.tiles / block;
  double cycles = whole * multiply(block) + multiply(work.tiles % block);

  double tileCycles = tileTransformCycles(work, lanes, machine);
  int64_t scratch = 4 * points * block * (work.inputWords() + work.channels);
  double blocks = double(work.tiles) / block;
  double stream = 2 * blocks * streamCycles(scratch, scratch, machine) +
                  streamCycles(work.imageBytes, work.imageBytes, machine);
  return cycles + std::max(work.tiles * tileCycles, stream) +
         0.2 * std::min(work.tiles * tileCycles, stream);
}

/// The longest part's share of `count` equal pieces of work, in that of equal
/// parts.
static double imbalance(int64_t count, int64_t cores) {
  return double(divideCeil(count, cores) * cores) / double(count);
}

/// Whether threads share the channel panels instead of the rows of tiles. Then
/// each reads its part of the filters alone, but transforms all inputs, and
/// gets and leaves half of each pixel where the other core has the rest: that
/// pays where filters are much larger than the images (measured on two cores
/// without a common cache), or rows too few.
static bool sharesPanels(const WinogradWork &work, int64_t rows, int64_t panels,
                         MachineAttr machine) {
  // Filters are transformed once in all.
  if (work.filtersInRun)
    return panels > 1;
  int64_t cores = std::max<int64_t>(machine.getCores(), 1);
  int64_t filterBytes =
      (work.ofBytes ? 2 : 4) * work.points() * work.inputs * work.channels;
  double ofRows = imbalance(rows, cores), ofPanels = imbalance(panels, cores);
  return ofRows > 1.5 * ofPanels ||
         (filterBytes > 16 * work.imageBytes && ofPanels <= 1.25 * ofRows);
}

/// Whether filters can be transformed in the run in panels of `vectors`: all
/// panels are whole. A single vector leaves no room beside its loads to fetch
/// taps, so its filters stay in registers; that takes multiply-adds which read
/// a factor from memory.
static bool suitsRun(const WinogradWork &work, int64_t vectors,
                     MachineAttr machine) {
  if (vectors == 1 &&
      (!machine.getHasScalarOperand() || elementsPerLoad(machine) > 1))
    return false;
  return work.channels % (vectors * machine.getFloatLanes()) == 0 &&
         partOfInputs(work.points(), work.inputs, vectors, machine);
}

/// Whether a register tile of `columns` tiles and `vectors` does not spill.
static bool fits(const WinogradWork &work, int64_t columns, int64_t vectors,
                 MachineAttr machine) {
  if (work.filtersInRun && vectors == 1)
    return fitsRow(work.outputs, columns, machine);
  return fitsRegisters(columns, vectors, weightsPerLoad(machine), machine);
}

/// Blocks grow until there is one, or their values have left every cache.
llvm::SmallVector<TilingAttr>
edgec::schedule::winogradTilings(const WinogradWork &work,
                                 MachineAttr machine) {
  ContractionWork product = productOf(work, machine);
  int64_t needed = divideCeil(work.channels, machine.getFloatLanes());
  int64_t largest = std::max<int64_t>(2 * machine.getL2Bytes(), 1 << 20);
  llvm::SmallVector<TilingAttr> tilings;
  auto consider = [&](int64_t rows, int64_t columns, int64_t vectors) {
    product.width = std::min(rows * columns, work.tiles);
    product.lhsBytes = product.width * product.lhsColumnBytes;
    // Between two uses of a point's filters come those of all others. Where
    // multiply-adds take lanes, instructions count more.
    ContractionWork all = product;
    if (elementsPerLoad(machine) == 1 && !machine.getInOrder())
      all.groups = work.points();
    TilingAttr base = makeContractionTiling(all, machine, 1, columns, vectors);
    bool byPanels = sharesPanels(work, divideCeil(work.tiles, columns),
                                 divideCeil(needed, vectors), machine);
    // A row of points is as much as a loop should hold.
    int64_t unroll = work.filtersInRun && vectors == 1 ? 1 : base.getUnroll();
    auto make = [&](int64_t cycles) {
      return TilingAttr::get(
          machine.getContext(), base.getLanes(), rows, columns, vectors, unroll,
          base.getPrefetch(), base.getPrefetchNext(),
          byPanels ? Split::columns : Split::rows, cycles, work.outputs,
          /*strassen=*/0, work.filtersInRun, /*panelsInside=*/false);
    };
    tilings.push_back(make(int64_t(winogradCycles(work, make(0), machine))));
  };
  for (int64_t vectors = 1; vectors <= std::min<int64_t>(needed, 8);
       ++vectors) {
    if (work.panelVectors && vectors != work.panelVectors)
      continue;
    if (work.filtersInRun && !suitsRun(work, vectors, machine))
      continue;
    for (int64_t columns = 1; columns <= std::min<int64_t>(work.tiles, 32) &&
                              fits(work, columns, vectors, machine);
         ++columns) {
      for (int64_t rows = 1;; rows += divideCeil(rows, 3)) {
        consider(rows, columns, vectors);
        int64_t bytes = 4 * work.points() * rows * columns *
                        (work.inputWords() + work.channels);
        if (rows * columns >= work.tiles || bytes > largest)
          break;
      }
    }
  }
  return tilings;
}
