//===- Contraction.cpp - dense and grouped convolutions, matrix products --===//
//
// One loop nest for all (see ContractionShape.h): channel panels outside, then
// tiles of rows x columns outputs, whose accumulators start at the bias and
// stay in registers through the whole reduction and the epilogue.
//
//   for panel: for h, w in tiles:
//     acc[i][j][v] = bias[v]
//     for kh, kw: for k in run: acc[i][j][v] += lhs[i][j][k] * rhs[panel][k][v]
//     result[i][j][v] = epilogue(acc[i][j][v])
//
// Remainders of rows, columns and channels are bodies of their own, cut to
// size: no masked arithmetic in the main one.
//
//===----------------------------------------------------------------------===//
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/ContractionWriter.h"
#include "passes/kernel/HalfArithmetic.h"
#include "passes/kernel/IterationSpace.h"
#include "passes/kernel/KernelTable.h"
#include "passes/kernel/LaneReduction.h"
#include "passes/kernel/Narrowing.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

//===-- outer loops ------------------------------------------------------===//

void ContractionWriter::write() {
  if (!countsBatches(shape, tiling))
    return batches(0, {}, shape.lhsOffset, shape.rhsOffset);
  // The tiles of all batches in a row.
  int64_t parts = rowTiles(shape, tiling);
  Index end = k.div(k.add(k.end, parts - 1), parts);
  k.loop(k.div(k.begin, parts), end, 1, [&](Index batch) {
    Index first = k.mul(batch, parts);
    auto inBatch = [&](Index tile) {
      return arith::SubIOp::create(k.b, k.loc, k.value(tile), k.value(first))
          .getResult();
    };
    rangeBegin = inBatch(k.maximum(k.begin, first));
    rangeEnd = inBatch(k.minimum(k.end, first + parts));
    batchIndex = unflatten(k, batch, shape.batch);
    Index lhs = shape.lhsOffset, rhs = shape.rhsOffset;
    for (auto [d, i] : llvm::enumerate(batchIndex)) {
      lhs = k.add(lhs, k.mul(i, shape.lhsBatch[d]));
      rhs = k.add(rhs, k.mul(i, shape.rhsBatch[d]));
    }
    groups(lhs, rhs);
  });
}

void ContractionWriter::batches(size_t dim, SmallVector<Index> index, Index lhs,
                                Index rhs) {
  if (dim == shape.batch.size()) {
    batchIndex = index;
    return groups(lhs, rhs);
  }
  k.loop(0, shape.batch[dim], 1, [&](Index i) {
    SmallVector<Index> inner(index);
    inner.push_back(i);
    batches(dim + 1, inner, k.add(lhs, k.mul(i, shape.lhsBatch[dim])),
            k.add(rhs, k.mul(i, shape.rhsBatch[dim])));
  });
}

void ContractionWriter::groups(Index lhs, Index rhs) {
  bool split =
      shape.groups > 1 && tiling.getSplit() == schedule::Split::columns;
  Index lo = split ? Index(k.begin) : Index(0);
  Index hi = split ? Index(k.end) : Index(shape.groups);
  k.loop(lo, hi, 1, [&](Index group) { channelPanels(group, lhs, rhs); });
}

void ContractionWriter::channelPanels(Index group, Index lhs, Index rhs) {
  if (shape.packedInRun)
    sumRows(lhs);
  if (tiling.getPanelsInside())
    return panelsInside(group, lhs, rhs);
  auto panel = [&](Index number, bool last) {
    Panel packed = makePanel(group, number, last, lhs, rhs);
    Panel panel = shape.unpackedInRun ? unpackPanel(packed) : packed;
    if (shape.packedInRun)
      packPanel(panel);
    if (!last && stepsPerTurn())
      return tilesInTurns(panel);
    tiles([&](const OutputTile &at) { tile(panel, at); });
  };
  if (shape.groups == 1 && tiling.getSplit() == schedule::Split::columns) {
    Index whole =
        panels.hasLast() ? k.minimum(k.end, panels.full) : Index(k.end);
    if (panels.full)
      k.loop(k.begin, whole, 1, [&](Index number) { panel(number, false); });
    if (panels.hasLast())
      k.ifLess(panels.full, k.end, [&] { panel(panels.full, true); });
    return;
  }
  allPanels(panel);
}

void ContractionWriter::allPanels(function_ref<void(Index, bool)> panel) {
  k.loop(0, panels.full, 1, [&](Index number) { panel(number, false); });
  if (panels.hasLast())
    panel(panels.full, true);
}

/// All channels of a tile before the next tile (OutputTraffic.h).
void ContractionWriter::panelsInside(Index group, Index lhs, Index rhs) {
  tiles([&](const OutputTile &at) {
    allPanels([&](Index number, bool last) {
      tile(makePanel(group, number, last, lhs, rhs), at);
    });
  });
}

Panel ContractionWriter::makePanel(Index group, Index number, bool last,
                                   Index lhs, Index rhs) {
  Panel panel;
  int64_t whole = last ? panels.lastVectors : panels.vectors;
  panel.stored.assign(whole, panels.lanes);
  panel.computed = panel.stored;
  if (last && panels.tailLanes) {
    panel.stored.push_back(panels.tailLanes);
    panel.computed.push_back(panels.tailWidth);
  }
  panel.lhs = k.add(lhs, k.mul(group, shape.lhsGroup));
  Index channel = k.mul(number, panels.width);
  panel.channel = k.add(channel, k.mul(group, shape.channels));
  if (shape.packed) {
    int64_t perChannel = shape.packedPerChannel();
    panel.step = shape.packedStep() *
                 (last ? panels.lastWidth() : panels.width) / rhsPerByte;
    panel.rhs = k.mul(number, panels.width * perChannel / rhsPerByte);
    panel.rhs = k.add(
        panel.rhs, k.mul(group, panels.groupWidth() * perChannel / rhsPerByte));
    if (shape.packedInRun) {
      panel.rhs = 0;
      panel.source = k.add(rhs, k.mul(panel.channel, shape.rhsChannel));
    }
  } else {
    panel.step = shape.packedStep() * shape.rhsRun;
    panel.rhs = k.add(rhs, k.mul(panel.channel, shape.rhsChannel));
  }
  return panel;
}

/// Calls `body` for the tiles of this call's range.
void ContractionWriter::tiles(function_ref<void(const OutputTile &)> body) {
  bool split = tiling.getSplit() == schedule::Split::rows;
  auto columns = [&](Index h, int64_t rows, bool isSplit) {
    alongSplit(shape.width, tiling.getColumns(), isSplit,
               [&](Index w, int64_t columns) { body({h, w, rows, columns}); });
  };
  if (shape.height == 1)
    return columns(0, 1, split);
  alongSplit(shape.height, tiling.getRows(), split,
             [&](Index h, int64_t rows) { columns(h, rows, false); });
}

/// [0, extent) in tiles of `size`, of which the last may be smaller; those that
/// the range counts if `split`.
void ContractionWriter::alongSplit(int64_t extent, int64_t size, bool split,
                                   function_ref<void(Index, int64_t)> body) {
  if (!split)
    return k.tiles(0, extent, size, body);
  int64_t whole = extent / size, rest = extent % size;
  Index end = rest ? k.minimum(rangeEnd, whole) : rangeEnd;
  if (whole)
    k.loop(rangeBegin, end, 1, [&](Index t) { body(k.mul(t, size), size); });
  if (rest)
    k.ifLess(whole, rangeEnd, [&] { body(whole * size, rest); });
}

//===-- one tile ---------------------------------------------------------===//

Index ContractionWriter::lhsOf(const Panel &panel, const OutputTile &at) {
  return k.add(k.add(panel.lhs, k.mul(at.h, shape.lhsRow)),
               k.mul(at.w, shape.lhsColumn));
}

void ContractionWriter::tile(const Panel &panel, const OutputTile &at) {
  auto [h, w, rows, columns] = at;
  Index lhs = lhsOf(panel, at);
  // Each tile fetches its share of the next panel.
  Index next;
  if (tiling.getPrefetchNext()) {
    int64_t panelSize = packedElements(panel), range = threadOutputs();
    Index position = k.rem(k.add(k.mul(h, shape.width), w), range);
    int64_t perOutput = llvm::divideCeil(panelSize, range * fetchStreams());
    next = k.add(panel.rhs + panelSize, k.mul(position, perOutput));
  }
  SmallVector<Value> accumulators = initial(panel, rows * columns);
  if (shape.dot && shape.dot->rhsMovedBy)
    addMovedSums(panel, lhs, rows, w, columns, accumulators);
  bool inBlocks = shape.dot && shape.dot->takesRowPairs();
  if (inBlocks)
    accumulators = rowsToBlocks(accumulators, panel.vectors());
  accumulators = reduce(panel, lhs, next, at, accumulators);
  if (inBlocks)
    accumulators = blocksToRows(accumulators, panel.vectors());
  finish(panel, at, accumulators);
}

/// The epilogue of a tile's sums, and its stores.
void ContractionWriter::finish(const Panel &panel, const OutputTile &at,
                               ArrayRef<Value> all) {
  auto [h, w, rows, columns] = at;
  Layout result = k.resultLayout();
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < columns; ++c) {
      ArrayRef<Value> sums =
          all.slice((r * columns + c) * panel.vectors(), panel.vectors());
      for (size_t v = 0, count; v < panel.vectors(); v += count) {
        SmallVector<Index> position = shape.position(
            batchIndex, h + r, w + c, panel.channel + v * panels.lanes);
        count = epilogueVectors(panel, v);
        int64_t lanes =
            int64_t(count - 1) * panels.lanes + panel.stored[v + count - 1];
        Value vector = count == 1
                           ? narrow(sums[v], lanes)
                           : joinVectors(k.b, k.loc, sums.slice(v, count));
        vector = emitEpilogue(k, vector, position, lanes);
        k.store(vector, k.resultBuffer(), k.address(result, position), lanes);
      }
    }
  }
}

/// How many whole vectors from `first` on the epilogue treats as one: a power
/// of two.
size_t ContractionWriter::epilogueVectors(const Panel &panel,
                                          size_t first) const {
  auto isWhole = [&](size_t v) {
    return panel.stored[v] == panels.lanes && panel.computed[v] == panels.lanes;
  };
  size_t most = size_t(epilogueLanes(k.kernel, k.machine) / panels.lanes);
  size_t count = 1;
  while (2 * count <= most && first + 2 * count <= panel.vectors() &&
         isWhole(first + 2 * count - 1))
    count *= 2;
  return count;
}

SmallVector<Value> ContractionWriter::initial(const Panel &panel,
                                              int64_t outputs) {
  SmallVector<Value> bias;
  // Of a product that needs no offset, zeros are packed.
  bool hasOffset = shape.packedStart() && shape.dotOffset() != 0;
  for (size_t v = 0; v < panel.vectors(); ++v) {
    Value offset =
        hasOffset
            ? loadWords(rhsBuffer(),
                        panel.rhs + v * panels.lanes * shape.packedStart(),
                        panel.computed[v])
            : nullptr;
    auto begin = [&](Value first) {
      bias.push_back(hasWideSums() ? toFloat32(k, first) : first);
    };
    if (!shape.bias) {
      begin(offset ? offset : zero(panel.computed[v]));
      continue;
    }
    Layout layout = k.operandLayout(*shape.bias);
    Index at = panel.channel + (v * panels.lanes + layout.offset);
    Value vector = k.load(k.operandBuffer(*shape.bias), at, panel.stored[v]);
    vector = widen(vector, panel.computed[v]);
    if (offset)
      vector = arith::AddIOp::create(k.b, k.loc, vector, offset);
    begin(vector);
  }
  SmallVector<Value> accumulators;
  for (int64_t i = 0; i < outputs; ++i)
    accumulators.append(bias);
  return accumulators;
}

void kernel::writeContraction(KernelBuilder &k, const ContractionShape &shape) {
  ContractionWriter(k, shape).write();
}
