//===- DepthwiseCost.cpp - cycles of a depthwise convolution --------------===//
//
// A register tile of rows x columns outputs takes as long as its multiply-adds,
// its loads and its instructions, whichever is longest; beside the tiles lines
// pass between the caches (DepthwiseBlocks.cpp).
//
//===----------------------------------------------------------------------===//
#include "passes/schedule/CacheSets.h"
#include "passes/schedule/CostModel.h"
#include "passes/schedule/CostRates.h"
#include "passes/schedule/DepthwiseBlocks.h"
#include "llvm/ADT/SmallSet.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <numeric>

using namespace edgec::schedule;
using llvm::divideCeil;

int64_t DepthwiseWork::positionsRead(int64_t outputs, int64_t stride,
                                     int64_t kernel, int64_t dilation) {
  llvm::SmallSet<int64_t, 32> positions;
  for (int64_t output = 0; output < outputs; ++output)
    for (int64_t tap = 0; tap < kernel; ++tap)
      positions.insert(output * stride + tap * dilation);
  return int64_t(positions.size());
}

namespace {

/// The same where quads are multiplied: each takes four loads, and ten
/// instructions to put the bytes of a channel side by side.
double quadTile(const DepthwiseWork &work, int64_t r, int64_t c,
                MachineAttr machine) {
  double products = double(r * c * work.kernelHeight * work.quadsPerRow);
  auto inputRows = double(work.inputRows(r));
  double quads =
      inputRows * double(divideCeil(c, work.outputsPerQuad) * work.quadsPerRow);
  double instructions =
      products + 10 * quads + r * c * (2.0 + double(work.epilogueOperators));
  return std::max({products / fmaRate(machine), 4 * quads / loadRate(machine),
                   // The shuffles among the ten.
                   6 * quads / fmaRate(machine),
                   instructions / issueWidth(machine)}) +
         4;
}

/// The same where the bytes of a vector's channels make quads for several
/// vectors of sums, per such vector: an instruction to put bytes side by side
/// for every load and two more for each of the vectors, and weights that are
/// loaded again for every row of inputs.
double groupedQuadTile(const DepthwiseWork &work, int64_t r, int64_t c,
                       MachineAttr machine) {
  double vectors = double(work.quadVectors);
  double products = double(r * c * work.kernelHeight * work.quadsPerRow);
  double columns =
      double(divideCeil(c, work.outputsPerQuad) * work.quadsPerRow);
  double quads = double(work.inputRows(r)) * columns;
  double weights =
      double(r * work.kernelHeight * work.outputsPerQuad) * columns / vectors;
  double instructions = products + (4 / vectors + 2) * quads + weights +
                        r * c * (6.0 + double(work.epilogueOperators));
  return std::max({products / fmaRate(machine),
                   (4 * quads / vectors + products) / loadRate(machine),
                   instructions / 2}) +
         2;
}

/// Vectors of sums whose channels are sixteen bytes.
int64_t vectorsPerBytes(MachineAttr machine) {
  return std::max<int64_t>(16 / machine.getFloatLanes(), 1);
}

/// Registers where products of bytes are added up in 16 bits: sums, and what
/// becomes of a chain's factors, of one output or, where those are widened
/// together, of all.
int64_t chainedRegisters(int64_t columns, MachineAttr machine) {
  int64_t vectors = vectorsPerBytes(machine);
  return vectors > 1 ? vectors * (columns + 3)
                     : columns + divideCeil(columns, 2) + 2;
}

/// The same where products of bytes are added up in 16 bits: half an
/// instruction per product, one per chain.
double chainedTile(const DepthwiseWork &work, int64_t r, int64_t c,
                   MachineAttr machine) {
  auto taps = double(work.kernelHeight * work.kernelWidth),
       outputs = double(r * c);
  auto inputs = double(work.inputRows(r) * work.inputColumns(c));
  double loads = (inputs + taps) / double(vectorsPerBytes(machine));
  double products = outputs * (taps / 2 + double(work.chains));
  double instructions =
      products + loads + outputs * (6.0 + double(work.epilogueOperators));
  return std::max({products / fmaRate(machine), loads / loadRate(machine),
                   instructions / issueWidth(machine)}) +
         2;
}

/// Whether a tile multiplies f32 or f16 one tap at a time.
bool isPlain(const DepthwiseWork &work) {
  return !work.outputsPerQuad && !work.chains && !work.widens && !work.converts;
}

/// Whether the core runs through such a tile out of order, in vectors of whole
/// lines: with AVX2 multiply-adds wait less for their inputs, two of which
/// share a line (a layer predicted at 1.3 us took 0.5), and bytes would seem
/// faster.
bool isReordered(const DepthwiseWork &work, MachineAttr machine) {
  return isPlain(work) && !machine.getInOrder() &&
         machine.getVectorBits() / 8 >= lineBytes;
}

/// Few operators find room between the multiply-adds.
double epilogueCycles(const DepthwiseWork &work, int64_t outputs) {
  return double(outputs * std::max<int64_t>(work.epilogueOperators - 2, 0));
}

/// Cycles in which the sums of a tile wait for each other. About a hundred
/// multiply-adds wait in the core at a time (97 in Golden Cove's scheduler).
/// Where chains are long those are of no more sums than the tile has.
double chainCycles(int64_t outputs, int64_t taps, MachineAttr machine) {
  double sums = std::max(double(outputs), 97.0 / double(taps));
  return double(outputs * taps * machine.getFmaLatency()) / sums;
}

/// Cache lines that a vector of channels lies in, on average: more than one
/// where pixels are no whole lines.
double linesPerVector(const DepthwiseWork &work, MachineAttr machine) {
  int64_t apart = std::gcd(work.lhsPixelBytes, lineBytes),
          vectorBytes = machine.getFloatLanes() * 4;
  return apart > 0 && apart < vectorBytes
             ? 1 + double(vectorBytes - apart) / double(lineBytes)
             : 1;
}

/// The same out of order. A tile goes through its rows of inputs, and a row of
/// the filter stays for as long as a row of outputs wants it. Multiply-adds
/// wait for the inputs that are loaded for them, less for the filter, which is
/// an operand of theirs where it does not stay. The factors are the least
/// squares of 2600 tilings, measured on Granite Rapids.
double reorderedTile(const DepthwiseWork &work, int64_t r, int64_t c,
                     MachineAttr machine) {
  int64_t taps = work.taps(), outputs = r * c,
          span = (r - 1) * work.strideHeight + 1;
  int64_t filterRows = std::min<int64_t>(work.kernelHeight,
                                         divideCeil(span, work.dilationHeight));
  bool filterStays = outputs + 3 + filterRows * work.kernelWidth <=
                     machine.getVectorRegisters();
  auto multiplyAdds = double(outputs * taps);
  double inputs = double(work.inputRows(r) * work.inputColumns(c)) *
                  linesPerVector(work, machine);
  double filter = filterStays ? double(taps) : multiplyAdds;
  double instructions = multiplyAdds * (machine.getHasFma() ? 1 : 2) + inputs +
                        (filterStays ? filter : 0) +
                        double(outputs * (2 + work.epilogueOperators)) + 6;
  double compute =
      std::max({multiplyAdds / fmaRate(machine), filter / loadRate(machine),
                instructions / issueWidth(machine),
                chainCycles(outputs, taps, machine)});
  return compute +
         (1.3 * inputs + (filterStays ? 0.2 : 0.4) * filter) /
             loadRate(machine) +
         epilogueCycles(work, outputs) + 4;
}

/// Cycles of one tile of r x c outputs over one vector of channels.
double depthwiseTile(const DepthwiseWork &work, int64_t r, int64_t c,
                     MachineAttr machine) {
  if (work.quadVectors > 1 && work.outputsPerQuad)
    return groupedQuadTile(work, r, c, machine);
  if (work.outputsPerQuad)
    return quadTile(work, r, c, machine);
  if (work.chains)
    return chainedTile(work, r, c, machine);
  if (isReordered(work, machine))
    return reorderedTile(work, r, c, machine);
  int64_t taps = work.kernelHeight * work.kernelWidth;
  double multiplyAdds = double(r * c * taps);
  auto inputs = double(work.inputRows(r) * work.inputColumns(c));
  // A tile of one row goes through the filter row by row.
  int64_t weights = r == 1 ? work.kernelWidth : taps;
  bool weightsStay = r * c + 4 + weights <= machine.getVectorRegisters();
  double loads = inputs + (weightsStay ? taps : multiplyAdds);
  double stores = r * c * 2;
  double instructions =
      multiplyAdds * (machine.getHasFma() && !work.widens ? 1 : 2) + inputs +
      (weightsStay ? taps : 0) + stores + r * c * work.epilogueOperators + 6;
  double products = multiplyAdds;
  if (work.converts)
    instructions += inputs;
  if (work.widens) {
    instructions += loads;
    products = multiplyAdds * (machine.getHasFma() ? 2 : 1.5);
  }
  // Accumulators are few: their chains of `taps` additions must overlap.
  double chains =
      taps * double(machine.getFmaLatency()) / (machine.getInOrder() ? 1 : 3);
  return std::max({products / fmaRate(machine),
                   (loads + stores) / loadRate(machine),
                   instructions / issueWidth(machine), chains}) +
         epilogueCycles(work, r * c) + 4;
}

} // namespace

static int64_t bytesWritten(const DepthwiseWork &work) {
  return work.elementBits / 8 * work.batch * work.height * work.width *
         work.channels;
}

/// Cycles in which all of the image and of the result come from beyond the
/// second-level cache; what is written is read first.
static double farCycles(const DepthwiseWork &work, MachineAttr machine) {
  int64_t image = work.lhsBytes + bytesWritten(work);
  return streamCycles(double(image), image, machine);
}

/// How much of them does, of a set that is read again and again: nothing of
/// three quarters of that cache, all of five.
static double farShare(const DepthwiseWork &work, MachineAttr machine) {
  double image = double(work.lhsBytes + bytesWritten(work)),
         caches = image / double(std::max<int64_t>(machine.getL2Bytes(), 1));
  return std::clamp(2 * (caches - 0.75), 0.0, 1.0);
}

/// Cycles in which the filter comes from memory. The first row of tiles waits
/// for it, as nobody fetches it ahead.
static double coldCycles(const DepthwiseWork &work, MachineAttr machine) {
  double bytes = double(work.taps() * work.channels * work.elementBits) / 8;
  return bytes / (double(machine.getMemoryBytesPerCycle()) / 100.0);
}

/// What the operators behind the sums of a pixel take beyond what a tile counts
/// for them: measured, SiLU's nine cycles per vector where that is five.
static double activationCycles(const DepthwiseWork &work, MachineAttr machine) {
  int64_t vectors = divideCeil(work.channels, machine.getFloatLanes());
  double operators = double(std::max<int64_t>(work.epilogueOperators - 2, 0));
  return isPlain(work) ? 0.8 * operators * double(vectors) : 0;
}

/// What passes between the two nearest caches for a tile of r x c outputs.
/// Blocks of channels read short pieces of each pixel, which from afar come
/// slower than whole ones: they are for what takes longer than that.
static DepthwiseTraffic trafficOf(const DepthwiseWork &work, int64_t r,
                                  int64_t c, MachineAttr machine) {
  // Bytes are a quarter as many.
  if (!isPlain(work))
    return {};
  double vectorsPerLine = 16.0 / double(machine.getFloatLanes());
  // Lines disturb multiply-adds that take half as long again, too: measured on
  // Granite Rapids.
  double perLine = (isReordered(work, machine) ? 0.72 : 1) *
                   depthwiseTile(work, r, c, machine) * vectorsPerLine /
                   double(r * c);
  if (farShare(work, machine) > 0)
    perLine = std::max(perLine, farCycles(work, machine) * lineBytes /
                                    double(bytesWritten(work)));
  return chooseDepthwiseBlock(work, r, c, perLine, machine);
}

/// How much the multiply-adds wait for that, measured on Granite Rapids: whole
/// pixels are fetched ahead, blocks of channels are short for that.
static double trafficDisturbance(const DepthwiseWork &work,
                                 const DepthwiseTraffic &traffic,
                                 MachineAttr machine) {
  if (!isReordered(work, machine))
    return 0;
  return traffic.vectors > 1 ? 0.6 : 0.35;
}

double edgec::schedule::depthwiseCycles(const DepthwiseWork &work,
                                        TilingAttr tiling,
                                        MachineAttr machine) {
  int64_t vectors = divideCeil(work.channels, tiling.getLanes());
  Cut rows(work.height, tiling.getRows()),
      columns(work.width, tiling.getColumns());
  double cycles = 0;
  auto add = [&](int64_t count, int64_t r, int64_t c) {
    if (count && r && c)
      cycles += count * (vectors * depthwiseTile(work, r, c, machine) +
                         branchMissCycles(machine));
  };
  add(rows.whole * columns.whole, tiling.getRows(), tiling.getColumns());
  add(rows.whole, tiling.getRows(), columns.rest);
  add(columns.whole, rows.rest, tiling.getColumns());
  add(1, rows.rest, columns.rest);
  DepthwiseTraffic traffic =
      trafficOf(work, tiling.getRows(), tiling.getColumns(), machine);
  double between =
      traffic.lines * streamCycles(double(bytesWritten(work)),
                                   machine.getL2Bytes() / 2, machine);
  cycles += activationCycles(work, machine) * double(work.height * work.width);
  double warm =
      overlapped(overlapped(cycles * work.batch, between,
                            trafficDisturbance(work, traffic, machine)),
                 farShare(work, machine) * farCycles(work, machine), 0.05);
  return warm + (isPlain(work) ? coldCycles(work, machine) : 0);
}

llvm::SmallVector<TilingAttr>
edgec::schedule::depthwiseTilings(const DepthwiseWork &work,
                                  MachineAttr machine) {
  llvm::SmallVector<TilingAttr> tilings;
  // The sums of large filters are long chains: out of order, more of them
  // hide each other's latency.
  bool isWide = isPlain(work) && work.kernelWidth >= 5 && !machine.getInOrder();
  int64_t mostColumns = isWide ? 16 : 8, mostProducts = isWide ? 700 : 256;
  for (int64_t rows = 1; rows <= std::min<int64_t>(work.height, 4); ++rows) {
    for (int64_t columns = 1;
         columns <= std::min<int64_t>(work.width, mostColumns); ++columns) {
      if (rows * columns + 3 > machine.getVectorRegisters())
        break;
      // Beside the sums: quads, the filter's, and what becomes quads.
      if (work.outputsPerQuad && work.quadVectors > 1 && rows * columns > 1 &&
          work.quadVectors * (rows * columns + 3) >
              machine.getVectorRegisters())
        break;
      if (work.converts &&
          work.quadVectors * rows * columns + 3 > machine.getVectorRegisters())
        break;
      if (work.chains && rows * columns > 1 &&
          (rows > 1 ||
           chainedRegisters(columns, machine) > machine.getVectorRegisters()))
        break;
      // All taps of all outputs are unrolled: mind the instruction cache.
      if (rows * columns > 1 &&
          rows * columns * work.kernelHeight * work.kernelWidth > mostProducts)
        break;
      auto make = [&](int64_t cycles) {
        return TilingAttr::get(
            machine.getContext(), lanesOf(work.elementBits, machine), rows,
            columns, trafficOf(work, rows, columns, machine).vectors,
            /*unroll=*/1, /*prefetch=*/0, /*prefetchNext=*/false, Split::rows,
            cycles);
      };
      tilings.push_back(make(int64_t(depthwiseCycles(work, make(0), machine))));
    }
  }
  return tilings;
}
