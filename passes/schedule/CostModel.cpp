//===- CostModel.cpp - how many cycles a tile takes -----------------------===//
//
// A register tile of R = rows * columns outputs by V vectors spends, per
// reduction step, the largest of
//   R * V / fmaPerCycle               multiply-adds
//   R, V / loadsPerCycle              one element of lhs per output, V of rhs
//   fmaLatency                        every accumulator waits for itself
//   instructions / issue width
// It needs R * V registers for accumulators, V for rhs and one for the
// element (none when the multiply-add reads it from memory or a scalar
// register); a tile that needs more spills and is not considered. Where
// multiply-adds take lanes, one load brings the elements of several steps, and
// each output has a register for them. Each tile
// also pays its start and end, one mispredicted branch per run, and for
// streaming its weight panel from where that fits. Remainders are bodies of
// their own and pay as such.
//
//===----------------------------------------------------------------------===//
#include "passes/schedule/CostModel.h"
#include "passes/schedule/CacheSets.h"
#include "passes/schedule/CostRates.h"
#include "passes/schedule/OutputTraffic.h"
#include "passes/schedule/SplitChoice.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/TargetParser/Triple.h"
#include <algorithm>

using namespace edgec::schedule;
using llvm::divideCeil;

namespace {

/// Single elements; a group of registers loads no slower than one element.
double scalarLoadRate(MachineAttr machine) {
  return std::max(loadRate(machine), 1.0);
}

/// Bytes per cycle at which a working set of `bytes` can be read again and
/// again; 0 when the first-level cache holds it and loads are counted singly.
double streamRate(int64_t bytes, MachineAttr machine) {
  if (bytes <= machine.getL1Bytes() / 2)
    return 0;
  double l2 = machine.getL2BytesPerCycle() / 100.0,
         memory = machine.getMemoryBytesPerCycle() / 100.0;
  if (bytes <= machine.getL2Bytes() * 3 / 4)
    return l2;
  if (bytes > machine.getL3Bytes() / 2)
    return memory;
  double l3 = machine.getL3BytesPerCycle() / 100.0;
  return l3 > 0 ? l3 : (l2 + memory) / 2;
}

/// Whether a prefetch for each vector of weights is free beside multiply-adds
/// that take one element each. Those that take lanes leave cores few
/// instructions, and cores in order none.
bool hasRoomForPrefetches(MachineAttr machine) {
  return !machine.getInOrder() && elementsPerLoad(machine) == 1;
}

} // namespace

int64_t edgec::schedule::elementsPerLoad(MachineAttr machine,
                                         int64_t elementBits) {
  return machine && llvm::Triple(machine.getTriple()).isAArch64()
             ? 128 / elementBits
             : 1;
}

int64_t edgec::schedule::weightsPerLoad(MachineAttr machine) {
  return machine && elementsPerLoad(machine) > 1 && !machine.getInOrder() ? 4
                                                                          : 1;
}

double edgec::schedule::streamCycles(double bytes, int64_t workingSet,
                                     MachineAttr machine) {
  double rate = streamRate(workingSet, machine);
  return rate > 0 ? bytes / rate : 0;
}

namespace {

/// Steps whose elements of lhs one load brings.
int64_t stepsPerLoad(const ContractionWork &work, MachineAttr machine) {
  return std::max<int64_t>(
      elementsPerLoad(machine, work.elementBits) / work.outputsPerProduct, 1);
}

/// One body: `outputs` x `vectors`, its whole reduction and its epilogue.
double tileCycles(const ContractionWork &work, int64_t rows, int64_t columns,
                  int64_t vectors, int64_t unroll, MachineAttr machine) {
  int64_t paired = work.outputsPerProduct;
  int64_t outputs = llvm::alignTo(rows * columns, paired);
  double multiplyAdds = outputs * vectors;
  int64_t perLoad = stepsPerLoad(work, machine);
  bool byLanes = perLoad > 1 && unroll % perLoad == 0;
  double lhsLoads = double(outputs) / (byLanes ? perLoad : 1);
  auto weights = double(vectors * paired);
  double loads =
      lhsLoads / scalarLoadRate(machine) + weights / loadRate(machine);
  bool isOne = machine.getHasFma() && !work.addsSeparately;
  double instructions =
      multiplyAdds * (isOne ? 1 : 2) * double(work.productInstructions) +
      outputs * double(work.elementInstructions) +
      weights * (1.0 / double(work.weightsPerLoad) +
                 double(work.vectorInstructions)) +
      (machine.getHasScalarOperand() && vectors == 1 && !byLanes ? 0
                                                                 : lhsLoads) +
      // The elements of two outputs are put side by side.
      (paired > 1 ? double(outputs) / double(paired) : 0) + 3.0 / unroll;
  double products = multiplyAdds * double(work.productInstructions);
  // Additions of integers have three ports where multiply-adds have two
  // (Haswell to Zen 4); without those, floats are added separately as well.
  if (work.addsSeparately) {
    double others = multiplyAdds + double(vectors * work.vectorInstructions);
    products = std::max(products,
                        (products + others) / (machine.getHasFma() ? 1.5 : 2));
  }
  double step = std::max({products / fmaRate(machine), loads,
                          double(machine.getFmaLatency()),
                          instructions / issueWidth(machine)});
  // Multiply-adds wait for load ports that are always in use: measured on Zen
  // 5, where tiles of one vector have as many loads as multiply-adds.
  if (hasRoomForPrefetches(machine))
    step += 0.02 * loads;
  // Of equals the one with fewer instructions, which leave cores with short
  // vectors least time for anything else.
  if (byLanes)
    step += 0.15 * instructions;
  // Each costs the whole set misses: measured, two cycles.
  step += 2.0 * double(conflictingLines(rows, columns, work.lhsRowBytes,
                                        work.lhsColumnBytes, machine));
  double ends = work.runs * branchMissCycles(machine) + 8 +
                multiplyAdds * (1.5 + 1.0 * work.epilogueOperators) +
                (paired > 1 ? multiplyAdds + weights : 0);
  // A vector of two elements a lane is a load and a store.
  if (work.widensLhs)
    ends += 1.5 * outputs * work.runs *
            double(divideCeil(work.run, machine.getFloatLanes()));
  return work.runs * work.run * step + ends;
}

/// Registers of a tile; see the head of the file.
int64_t tileRegisters(int64_t outputs, int64_t vectors, int64_t perLoad,
                      MachineAttr machine) {
  // A single output multiplies rhs right out of memory.
  if (outputs == 1)
    return vectors + 2;
  if (elementsPerLoad(machine) > 1) {
    // Out of order, two vectors of rhs at a time are loaded early enough.
    int64_t passing = machine.getInOrder()
                          ? vectors + 2
                          : std::max(perLoad, std::min<int64_t>(vectors, 2));
    return outputs * vectors + outputs + passing;
  }
  int64_t element = vectors > 1 || !machine.getHasScalarOperand();
  // In program order, elements must be loaded well before their use.
  if (element && machine.getInOrder())
    element += machine.getVectorRegisters() / 6;
  // Without fused multiply-add the product needs a register as well.
  return outputs * vectors + vectors + element + !machine.getHasFma();
}

/// Reads of lhs from beyond the first-level cache: once per panel.
double panelCycles(const ContractionWork &work, TilingAttr tiling,
                   int64_t vectors, int64_t panelElements,
                   MachineAttr machine) {
  Cut rows(work.height, tiling.getRows()),
      columns(work.width, tiling.getColumns());
  int64_t depth = work.runs * work.run;
  int64_t panelBytes = work.rhsBits * panelElements * depth / 8;
  bool inside = tiling.getPanelsInside();
  int64_t reread = inside ? weightBytes(work) : panelBytes;
  // Panels in the first-level cache are not counted.
  double stream = work.isRhsNear
                      ? panelBytes / (machine.getL2BytesPerCycle() / 100.0)
                      : streamCycles(panelBytes, reread, machine);
  double cycles = 0;
  auto add = [&](int64_t count, int64_t r, int64_t c) {
    if (count && r && c) {
      cycles += count * overlapped(tileCycles(work, r, c, vectors,
                                              tiling.getUnroll(), machine),
                                   stream, work.isRhsNear ? 0.5 : 0.2);
    }
  };
  add(rows.whole * columns.whole, tiling.getRows(), tiling.getColumns());
  add(rows.whole, tiling.getRows(), columns.rest);
  add(columns.whole, rows.rest, tiling.getColumns());
  add(1, rows.rest, columns.rest);
  // Packed panels are read once from memory before anything is in a cache.
  double cold = work.isRhsNear
                    ? 0
                    : panelBytes / (machine.getMemoryBytesPerCycle() / 100.0);
  double lhs = streamCycles(work.lhsBytes, work.lhsBytes, machine) /
               std::max<int64_t>(work.batch, 1);
  if (inside) {
    lhs *= double(panelElements) / double(work.channels);
    // The first tile reads all weights, and has little time for that (measured
    // on Granite Rapids: 256 to 1024 channels at 14x14, 128 to 512 at 28x28).
    return overlapped(overlapped(cycles, cold, 0.7), lhs, 0.05);
  }
  // What nobody fetches ahead is waited for, if there is not much else to do
  // (measured on Granite Rapids).
  int64_t tiles = divideCeil(work.height, tiling.getRows()) *
                  divideCeil(work.width, tiling.getColumns());
  bool waits = hasRoomForPrefetches(machine) && tiles <= 64 &&
               !tiling.getPrefetch() && !tiling.getPrefetchNext();
  return overlapped(cycles, std::max(cold, lhs), waits ? 0.7 : 0.05);
}

} // namespace

//===-- contraction
//--------------------------------------------------------===//

double edgec::schedule::contractionCycles(const ContractionWork &work,
                                          TilingAttr tiling,
                                          MachineAttr machine) {
  int64_t lanes = tiling.getLanes(), width = lanes * tiling.getVectors();
  Cut panels(work.channels, width);
  double cycles = 0;
  if (panels.whole)
    cycles += panels.whole *
              panelCycles(work, tiling, tiling.getVectors(), width, machine);
  if (panels.rest)
    cycles += panelCycles(work, tiling, divideCeil(panels.rest, lanes),
                          panels.rest, machine);
  bool inOrder = tiling.getPanelsInside() || work.channels <= width;
  return withOutputTraffic(cycles * work.batch * work.groups, work, inOrder,
                           machine);
}

/// Reduction steps per iteration: enough to hide the loop behind the
/// multiply-adds, few enough to stay in the loop buffer.
static int64_t chooseUnroll(const ContractionWork &work, int64_t outputs,
                            int64_t vectors, bool fetchesNext,
                            MachineAttr machine) {
  // Two loads of elements: the loop itself takes little then.
  if (int64_t elements = stepsPerLoad(work, machine); elements > 1) {
    if (work.weightsPerLoad > 1 && work.elementBits == 32 &&
        (work.run >= 8 * elements || work.run % (4 * elements) == 0))
      return 4 * elements;
    return work.run >= 2 * elements ? 2 * elements
                                    : std::min(work.run, elements);
  }
  int64_t wanted = 1;
  // A step's share of the next panel is less than a line: several fetch one.
  // (Winograd's points, groups of their own, are fetched otherwise.)
  if (fetchesNext && work.groups == 1 && hasRoomForPrefetches(machine))
    return std::min<int64_t>(work.run, 4);
  // The next step's rhs is loaded early and needs registers of its own.
  if (tileRegisters(outputs, vectors, work.weightsPerLoad, machine) + vectors >
      machine.getVectorRegisters())
    return 1;
  if (machine.getInOrder())
    wanted = 4;
  else if (outputs * vectors <= 8)
    wanted = 4;
  else if (outputs * vectors <= 16)
    wanted = 2;
  while (wanted > 1 && work.run % wanted)
    --wanted;
  return wanted;
}

bool edgec::schedule::fitsRegisters(int64_t outputs, int64_t vectors,
                                    int64_t perLoad, MachineAttr machine) {
  return tileRegisters(outputs, vectors, perLoad, machine) <=
         machine.getVectorRegisters();
}

TilingAttr edgec::schedule::makeContractionTiling(const ContractionWork &work,
                                                  MachineAttr machine,
                                                  int64_t rows, int64_t columns,
                                                  int64_t vectors) {
  int64_t lanes = lanesOf(work.elementBits, machine);
  int64_t depth = work.runs * work.run, bytes = work.elementBits / 8;
  int64_t weightBytes = bytes * depth * work.groups * work.channels;
  int64_t panelBytes = bytes * depth * lanes * vectors;
  int64_t tiles =
      divideCeil(work.height, rows) * divideCeil(work.width, columns);
  int64_t panels = divideCeil(work.channels, lanes * vectors);
  bool cold = work.packed && weightBytes > machine.getL1Bytes();
  // Few tiles are over soon after the panel has come, however small it is.
  bool isShort = tiles <= 64 && hasRoomForPrefetches(machine);
  // A panel that stays in the first-level cache is fetched once.
  bool leaves = panelBytes > machine.getL1Bytes() / 2;
  // A single tile of few rows has nothing else to do meanwhile.
  bool computes = tiles > 1 || (rows * columns >= 4 && isShort);
  int64_t prefetch = cold && computes && (leaves || isShort) ? 16 : 0;
  // One row reads each weight once, and faster from memory if it asks 2 KB
  // ahead (measured on Granite Rapids).
  if (cold && isShort && work.height * work.width == 1 &&
      weightBytes > machine.getL2Bytes() / 2)
    prefetch = divideCeil(2048, bytes * lanes * vectors);
  bool next = cold && panels > 1 && computes && tiles <= 64 &&
              (isShort || panelBytes * 4 > machine.getL1Bytes());
  auto make = [&](Split split, int64_t cycles) {
    return TilingAttr::get(
        machine.getContext(), lanes, rows, columns, vectors,
        chooseUnroll(work, rows * columns, vectors, next, machine), prefetch,
        next, split, cycles);
  };
  auto cycles = int64_t(contractionCycles(work, make(Split::rows, 0), machine));
  return make(
      chooseSplit(work, rows, columns, lanes * vectors, cycles, machine),
      cycles);
}

TilingAttr edgec::schedule::fastest(llvm::ArrayRef<TilingAttr> tilings) {
  TilingAttr best;
  for (TilingAttr tiling : tilings)
    if (!best || tiling.getCycles() < best.getCycles())
      best = tiling;
  return best;
}

llvm::SmallVector<TilingAttr>
edgec::schedule::contractionTilings(const ContractionWork &work,
                                    MachineAttr machine) {
  int64_t lanes = lanesOf(work.elementBits, machine);
  int64_t needed = divideCeil(work.channels, lanes);
  llvm::SmallVector<TilingAttr> tilings;
  for (int64_t vectors = 1; vectors <= std::min<int64_t>(needed, 8);
       ++vectors) {
    if (work.panelVectors && vectors != work.panelVectors)
      continue;
    for (int64_t rows = 1; rows <= std::min<int64_t>(work.height, 4); ++rows) {
      for (int64_t columns = 1;
           columns <= std::min<int64_t>(work.width, 32) &&
           tileRegisters(llvm::alignTo(rows * columns, work.outputsPerProduct),
                         vectors, work.weightsPerLoad, machine) +
                   work.temporaries <=
               machine.getVectorRegisters();
           ++columns) {
        TilingAttr outside =
            makeContractionTiling(work, machine, rows, columns, vectors);
        tilings.push_back(outside);
        if (suitsPanelsInside(work, vectors, machine))
          tilings.push_back(withPanelsInside(outside, work, machine));
      }
    }
  }
  if (tilings.empty()) {
    tilings.push_back(makeContractionTiling(
        work, machine, 1, 1, std::max<int64_t>(work.panelVectors, 1)));
  }
  return tilings;
}

//===-- elementwise
//--------------------------------------------------------===//

double edgec::schedule::elementwiseCycles(int64_t elements, int64_t operators,
                                          int64_t bytes, MachineAttr machine) {
  double vectors = double(divideCeil(elements, machine.getFloatLanes()));
  double compute = vectors * operators / fmaRate(machine);
  double loads = bytes / (4.0 * machine.getFloatLanes()) / loadRate(machine);
  return std::max({compute, loads, streamCycles(bytes, bytes, machine)});
}
