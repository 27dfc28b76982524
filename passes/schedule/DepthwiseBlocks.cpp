//===- DepthwiseBlocks.cpp - channels that share the near cache -----------===//
//
// Each line of outputs is fetched and written back, and its inputs come
//
//   once                       if the rows under a tile, all columns of them,
//                              stay in the first-level cache until the next row
//                              of tiles, which shares some of them,
//   once per row of tiles      if the inputs of one tile stay until the next,
//   once per tile              otherwise, and with them the filter.
//
// A tile that goes through a thousand channels before its neighbour does has
// left the cache by then. With two lines of channels at a time whole rows stay,
// unless pixels lie a large power of two apart: then such lines share few sets
// (CacheSets.h), which layouts avoid where they can (AssignLayouts.cpp).
//
//===----------------------------------------------------------------------===//
#include "passes/schedule/DepthwiseBlocks.h"
#include "passes/schedule/CacheSets.h"
#include <algorithm>

using namespace edgec::schedule;

namespace {

/// A tile on its way through the image.
class Sweep {
public:
  Sweep(const DepthwiseWork &work, int64_t rows, int64_t columns,
        MachineAttr machine)
      : work(work), ways(double(machine.getL1Bytes()) / wayBytes),
        outputs(rows * columns), taps(work.taps()),
        inputs(work.inputRows(rows) * work.inputColumns(columns)),
        newInputs(work.inputRows(rows) * columns * work.strideWidth),
        rowInputs(spannedRows(work, rows) * work.inputColumns(work.width)),
        rowOutputs(rows * work.width) {}

  /// Whether the rows under a tile stay until the next row of tiles, and the
  /// inputs of a tile until its neighbour, with so many lines of channels.
  bool keepsRows(double channelLines) const {
    return fits(rowInputs, rowOutputs, channelLines);
  }
  bool keepsTile(double channelLines) const {
    return fits(inputs, outputs, channelLines);
  }

  /// Lines per line of outputs in these cases and in the third one.
  double linesByRows() const {
    return 2 + double(work.strideHeight * work.strideWidth);
  }
  double linesByTiles() const {
    return 2 + double(newInputs) / double(outputs);
  }
  double linesAlways() const {
    return 2 + double(inputs + taps) / double(outputs);
  }

private:
  /// With those that wait for a later row of tiles.
  static int64_t spannedRows(const DepthwiseWork &work, int64_t rows) {
    return (rows - 1) * work.strideHeight +
           (work.kernelHeight - 1) * work.dilationHeight + 1;
  }

  /// So many pixels of the input and the result, and the filter.
  bool fits(int64_t read, int64_t written, double channelLines) const {
    double lines =
        linesPerSet(double(read), channelLines, work.lhsPixelBytes) +
        linesPerSet(double(written), channelLines, work.resultPixelBytes) +
        linesPerSet(double(taps), channelLines, lineBytes);
    // Replacement is not exact LRU, and a little too much does well.
    return lines <= 1.1 * ways;
  }

  const DepthwiseWork &work;
  double ways;
  int64_t outputs, taps, inputs, newInputs, rowInputs, rowOutputs;
};

} // namespace

DepthwiseTraffic
edgec::schedule::chooseDepthwiseBlock(const DepthwiseWork &work, int64_t rows,
                                      int64_t columns, double cyclesPerLine,
                                      MachineAttr machine) {
  Sweep sweep(work, rows, columns, machine);
  int64_t pixelBytes = work.channels * work.elementBits / 8;
  bool keepsTile = sweep.keepsTile(double(pixelBytes) / lineBytes);
  DepthwiseTraffic best{1,
                        keepsTile ? sweep.linesByTiles() : sweep.linesAlways()};
  double rate = double(machine.getL2BytesPerCycle()) / 100.0;
  if (rate <= 0 || best.lines * lineBytes / rate <= cyclesPerLine)
    return best;
  // A core fetches lines by two. What is left of the channels would be a loop
  // of its own, so that longer blocks are taken where they leave nothing.
  int64_t vectorBytes = machine.getFloatLanes() * 4;
  int64_t two = std::max<int64_t>(2 * lineBytes / vectorBytes, 2);
  for (int64_t vectors : {two, two * 3 / 2, two * 2}) {
    int64_t bytes = vectors * vectorBytes;
    bool hasRest = pixelBytes % bytes != 0;
    if (bytes >= pixelBytes || !sweep.keepsRows(double(bytes) / lineBytes))
      continue;
    if (best.vectors == 1 || !hasRest)
      best = {vectors, sweep.linesByRows()};
    if (!hasRest)
      break;
  }
  return best;
}
