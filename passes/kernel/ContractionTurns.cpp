//===- ContractionTurns.cpp - tiles take turns at a panel's steps ---------===//
//
// The panel of a filter with many taps and inputs is read once by each tile,
// and comes from memory meanwhile. Where it is a good part of the second-level
// cache, and there are few tiles, all of them take some steps before the next
// ones:
//
//   for some steps of the reduction:
//     for tile: sums[tile] += these products; fetch a share of later steps
//   for tile: epilogue of sums[tile]
//
// The panel passes once, in one stream, and little of it waits in the cache.
// The sums are the same: each block of the reduction starts at zero anyway.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/ContractionWriter.h"
#include "passes/kernel/MatrixUnit.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// 0 where tiles do not take turns.
int64_t ContractionWriter::stepsPerTurn() const {
  int64_t taps = shape.kernelHeight * shape.kernelWidth;
  // Of a single tap the first block goes on from what the sums begin with.
  if (taps == 1 || !isLong() || !cutsRuns() || !shape.element.isF32() ||
      shape.run % chainLength() || shape.groups * shape.batchCount() > 1)
    return 0;
  // What neither knows of the next panel nor has all tiles in one call.
  if (!shape.packed || shape.packedInRun || shape.unpackedInRun ||
      !tiling.getPrefetchNext() || elementsPerLoad() > 1 ||
      tiling.getSplit() != schedule::Split::columns)
    return 0;
  int64_t outputs = shape.height * shape.width;
  bool areNear = outputs * panels.width * 4 <= k.machine.getL1Bytes() / 4;
  bool isFar = shape.depth() * panels.width * 4 > k.machine.getL2Bytes() / 8;
  return areNear && isFar ? chainLength() : 0;
}

void ContractionWriter::tilesInTurns(const Panel &panel) {
  int64_t outputs = shape.height * shape.width;
  if (!waitingSums)
    waitingSums = allocateOnStack(k, outputs * panels.width, shape.element);
  auto place = [&](const OutputTile &at, int64_t r, int64_t c, size_t v) {
    Index output = k.add(k.mul(k.add(at.h, r), shape.width), k.add(at.w, c));
    return k.add(k.mul(output, panels.width), int64_t(v) * panels.lanes);
  };
  auto forSums = [&](const OutputTile &at, function_ref<void(Index)> body) {
    for (int64_t r = 0; r < at.rows; ++r) {
      for (int64_t c = 0; c < at.columns; ++c)
        for (size_t v = 0; v < panel.vectors(); ++v)
          body(place(at, r, c, v));
    }
  };
  auto load = [&](const OutputTile &at) {
    SmallVector<Value> sums;
    forSums(at, [&](Index place) {
      sums.push_back(k.load(waitingSums, place, panels.lanes));
    });
    return sums;
  };
  auto store = [&](const OutputTile &at, ArrayRef<Value> sums) {
    const Value *sum = sums.begin();
    forSums(at, [&](Index place) {
      k.store(*sum++, waitingSums, place, panels.lanes);
    });
  };
  tiles([&](const OutputTile &at) {
    store(at, initial(panel, at.rows * at.columns));
  });
  int64_t size = stepsPerTurn();
  constexpr int64_t turnsAhead = 4;
  auto turn = [&](Index kh, Index kw, Index from, const OutputTile &at) {
    Steps steps = makeSteps(panel, lhsOf(panel, at), 0, kh, kw, at);
    // Tiles share the steps of a later turn as they lie.
    int64_t tile = at.rows * at.columns;
    int64_t perOutput = llvm::divideCeil(size * panel.step, outputs);
    Index output = k.add(k.mul(at.h, shape.width), at.w);
    steps.inTurns = true;
    steps.share = llvm::divideCeil(panel.step * tile, outputs);
    steps.next = k.add(
        steps.rhs + turnsAhead * size * panel.step,
        k.add(k.mul(from, panel.step - steps.share), k.mul(output, perOutput)));
    SmallVector<Value> zeros(tile * panel.vectors(), zero(panels.lanes));
    SmallVector<Value> products = chain(steps, from, size, zeros);
    store(at, addSums(k, load(at), products));
  };
  k.loop(0, shape.kernelHeight, 1, [&](Index kh) {
    k.loop(0, shape.kernelWidth, 1, [&](Index kw) {
      k.loop(0, shape.run, size, [&](Index from) {
        tiles([&](const OutputTile &at) { turn(kh, kw, from, at); });
      });
    });
  });
  tiles([&](const OutputTile &at) { finish(panel, at, load(at)); });
}
