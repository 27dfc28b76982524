//===- Strassen.cpp - products by fewer multiplications -------------------===//
//
// One level of Strassen's method in Winograd's form, on register tiles: rows in
// pairs of tiles, the depth in halves, channel panels in pairs. Of a pair of
// tiles and a pair of panels
//
//   A11 A12     B11 B12     S1 = A21 + A22   T1 = B12 - B11
//   A21 A22     B21 B22     S2 = S1 - A11    T2 = B22 - T1
//                           S3 = A11 - A21   T3 = B22 - B12
//                           S4 = A12 - S2    T4 = T2 - B21
//
//   U2 = A11 B11 + S2 T2        C11 = A11 B11 + A12 B21
//   U3 = U2 + S3 T3             C12 = U2 + S1 T1 + S4 B22
//                               C21 = U3 - A22 T4
//                               C22 = U3 + S1 T1
//
// are seven products instead of eight. The T are made at compile time
// (StrassenShape.cpp), the S once for all panels:
//
//   for block of row pairs:
//     for pair: S1..S4[pair] = sums of its rows
//     for panel pair: for pair: four tiles of the result, each with its
//     epilogue
//
// Sums of tiles are additions to what register tiles begin with. Rows that are
// left are multiplied directly, as C1 = A1 B11 + A2 B21 and
// C2 = A1 B11 + A1 T1 + A2 B22, panels that are left by weights of their own.
//
// S. Winograd, "On multiplication of 2x2 matrices", 1971; the error is bounded
// by norms (N. Higham, "Exploiting fast matrix multiplication within the level
// 3 BLAS", 1990): docs/rationale/schedule.md.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/Strassen.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "passes/kernel/KernelTable.h"
#include "passes/kernel/LaneReduction.h"
#include "passes/kernel/StrassenShape.h"
#include "passes/kernel/TileProduct.h"
#include "passes/schedule/CostModel.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// Elements of a cache line.
static constexpr int64_t lineElements = 16;

namespace {

/// Rows of lhs, or of combinations: row i begins at first + i * stride.
struct Rows {
  Value buffer;
  Index first;
  int64_t stride;

  /// The same from column `k` on.
  Rows from(int64_t k) const { return {buffer, first + k, stride}; }
};

/// A register tile's first row: in all rows, in its block, and the number of
/// its pair there.
struct TilePlace {
  Index row, local, pair;

  /// That of the rows behind the first `count`.
  TilePlace below(int64_t count) const {
    return {row + count, local + count, pair};
  }
};

/// Channels of the result: vectors as they are computed and stored.
struct Channels {
  Index first;
  SmallVector<int64_t> computed, stored;
};

class StrassenWriter {
public:
  StrassenWriter(KernelBuilder &k, const StrassenShape &shape)
      : k(k), shape(shape), product(shape.product),
        blocks(getStrassenBlocks(k.kernel, shape, k.tiling)),
        panels(product, k.tiling), half(shape.half()),
        pairElements(strassenProducts * half * panels.width) {}

  void write();

private:
  void block(Index number);
  void copyRows(Index firstRow);
  void combineRows(const TilePlace &at);
  Rows rowsAt(const TilePlace &at);
  Rows combination(Index pair, int64_t number);
  void forPairs(Index number, function_ref<void(const TilePlace &)> pair);
  void forRest(Index number,
               function_ref<void(const TilePlace &, int64_t)> tile);
  void panelPair(Index number, Index panel);
  void restPanel(Index number, int64_t panel, bool last);
  void multiplyPair(Index panel, const TilePlace &at);
  void multiplyRest(Index panel, const TilePlace &at, int64_t count);
  SmallVector<Value> multiply(Index panel, StrassenProduct which,
                              const Rows &rows, int64_t count, Index pair,
                              ArrayRef<Value> sums);
  void fetchWeights(Index rhs, Index pair, Index c);
  void finish(ArrayRef<Value> sums, Index row, const Channels &channels);
  Channels channelsOf(Index panel);
  SmallVector<Index> position(Index row, Index channel);
  Index subtract(int64_t from, Index subtrahend);

  KernelBuilder &k;
  const StrassenShape &shape;
  const ContractionShape &product;
  StrassenBlocks blocks;
  Panels panels;
  int64_t half;
  /// of the weights of a pair of panels
  int64_t pairElements;
  /// this call's scratch, and its panel pairs
  Index slot, firstPanels, endPanels;
};

} // namespace

Index StrassenWriter::subtract(int64_t from, Index subtrahend) {
  if (subtrahend.isConstant())
    return from - subtrahend.constant;
  return Index(Value(arith::SubIOp::create(k.b, k.loc, k.constantIndex(from),
                                           k.value(subtrahend))));
}

//===-- blocks -----------------------------------------------------------===//

void StrassenWriter::write() {
  // Parts of the range that run at once begin at different iterations.
  slot = k.mul(k.begin, blocks.slot);
  Index first = k.mul(k.begin, blocks.perIteration),
        end = k.mul(k.end, blocks.perIteration);
  if (blocks.byPanels) {
    firstPanels = first;
    endPanels = end;
    k.loop(0, blocks.count, 1, [&](Index number) { block(number); });
    return;
  }
  firstPanels = 0;
  endPanels = blocks.panelWork();
  k.loop(first, k.minimum(end, blocks.count), 1,
         [&](Index number) { block(number); });
}

void StrassenWriter::block(Index number) {
  if (blocks.copiesRows)
    copyRows(k.mul(number, blocks.pairs * 2 * blocks.tileRows));
  if (blocks.panelPairs) {
    forPairs(number, [&](const TilePlace &at) { combineRows(at); });
    k.loop(firstPanels, k.minimum(endPanels, blocks.panelPairs), 1,
           [&](Index panel) { panelPair(number, panel); });
  }
  if (!blocks.restPanels)
    return;
  auto rest = [&] {
    for (int64_t i = 0; i < blocks.restPanels; ++i) {
      int64_t panel = 2 * blocks.panelPairs + i;
      restPanel(number, panel, panel == panels.full);
    }
  };
  if (blocks.byPanels)
    return k.ifLess(blocks.panelPairs, endPanels, rest);
  rest();
}

/// The block's pairs of row tiles, each by its first row.
void StrassenWriter::forPairs(Index number,
                              function_ref<void(const TilePlace &)> pair) {
  if (!blocks.allPairs)
    return;
  int64_t pairRows = 2 * blocks.tileRows;
  Index first = k.mul(number, blocks.pairs);
  Index count = k.minimum(subtract(blocks.allPairs, first), blocks.pairs);
  k.loop(0, count, 1, [&](Index local) {
    Index row = k.mul(local, pairRows);
    pair({k.add(k.mul(first, pairRows), row), row, local});
  });
}

/// What rows are left behind the last block's pairs, as tiles of so many.
void StrassenWriter::forRest(
    Index number, function_ref<void(const TilePlace &, int64_t)> tile) {
  if (!blocks.restRows)
    return;
  auto rest = [&] {
    int64_t pairRows = 2 * blocks.tileRows;
    int64_t pair = blocks.allPairs - (blocks.count - 1) * blocks.pairs;
    TilePlace at{blocks.allPairs * pairRows, pair * pairRows, pair};
    int64_t left = blocks.restRows;
    if (left >= blocks.tileRows) {
      tile(at, blocks.tileRows);
      at = at.below(blocks.tileRows);
      left -= blocks.tileRows;
    }
    if (left)
      tile(at, left);
  };
  if (blocks.count == 1)
    return rest();
  k.ifEqual(number, blocks.count - 1, rest);
}

//===-- rows -------------------------------------------------------------===//

/// What a block reads of lhs, where that does not lie well.
void StrassenWriter::copyRows(Index firstRow) {
  Index count = k.minimum(subtract(shape.rows(), firstRow),
                          blocks.pairs * 2 * blocks.tileRows);
  k.loop(0, count, 1, [&](Index local) {
    Index row = k.add(firstRow, local);
    Index from = k.mul(row, product.lhsColumn);
    if (product.height > 1) {
      from = k.add(k.mul(k.div(row, product.width), product.lhsRow),
                   k.mul(k.rem(row, product.width), product.lhsColumn));
    }
    from = from + product.lhsOffset;
    Index to = k.add(slot, k.mul(local, blocks.rowStride)) + blocks.sums;
    k.tiles(0, product.run, k.tiling.getLanes(), [&](Index c, int64_t lanes) {
      k.store(k.load(k.operandBuffer(product.lhs), k.add(from, c), lanes),
              k.scratchBuffer(), k.add(to, c), lanes);
    });
  });
}

/// The rows of lhs from a tile's first on.
Rows StrassenWriter::rowsAt(const TilePlace &at) {
  if (!blocks.copiesRows) {
    return {k.operandBuffer(product.lhs),
            k.mul(at.row, product.lhsColumn) + product.lhsOffset,
            product.lhsColumn};
  }
  return {k.scratchBuffer(),
          k.add(slot, k.mul(at.local, blocks.rowStride)) + blocks.sums,
          blocks.rowStride};
}

/// S1 to S4 of a pair.
Rows StrassenWriter::combination(Index pair, int64_t number) {
  int64_t size = blocks.tileRows * blocks.sumStride;
  return {k.scratchBuffer(),
          k.add(slot, k.mul(pair, 4 * size)) + (number - 1) * size,
          blocks.sumStride};
}

void StrassenWriter::combineRows(const TilePlace &at) {
  Rows upper = rowsAt(at);
  int64_t lanes = k.tiling.getLanes();
  auto vector = [&](Index tileRow, Index c, int64_t lanes) {
    Index first = k.add(k.add(upper.first, k.mul(tileRow, upper.stride)), c);
    auto load = [&](int64_t further) {
      return k.load(upper.buffer, first + further, lanes);
    };
    int64_t lower = blocks.tileRows * upper.stride;
    Value a11 = load(0), a12 = load(half), a21 = load(lower),
          a22 = load(lower + half);
    Value s1 = arith::AddFOp::create(k.b, k.loc, a21, a22);
    Value s2 = arith::SubFOp::create(k.b, k.loc, s1, a11);
    Value s3 = arith::SubFOp::create(k.b, k.loc, a11, a21);
    Value s4 = arith::SubFOp::create(k.b, k.loc, a12, s2);
    Value sums[] = {s1, s2, s3, s4};
    for (int64_t number = 1; number <= 4; ++number) {
      Rows to = combination(at.pair, number);
      k.store(sums[number - 1], to.buffer,
              k.add(k.add(to.first, k.mul(tileRow, to.stride)), c), lanes);
    }
  };
  // Several vectors to an iteration: the loop would cost as much as a vector.
  constexpr int64_t unroll = 4;
  k.loop(0, blocks.tileRows, 1, [&](Index tileRow) {
    k.tiles(0, half, unroll * lanes, [&](Index c, int64_t size) {
      for (int64_t done = 0; done < size; done += lanes)
        vector(tileRow, c + done, std::min(lanes, size - done));
    });
  });
}

//===-- panels -----------------------------------------------------------===//

void StrassenWriter::panelPair(Index number, Index panel) {
  forPairs(number, [&](const TilePlace &at) { multiplyPair(panel, at); });
  forRest(number, [&](const TilePlace &at, int64_t count) {
    multiplyRest(panel, at, count);
  });
}

/// The channels of a whole panel.
Channels StrassenWriter::channelsOf(Index panel) {
  Channels channels;
  channels.first = k.mul(panel, panels.width);
  channels.computed.assign(panels.vectors, panels.lanes);
  channels.stored = channels.computed;
  return channels;
}

/// A panel without partner: direct products.
void StrassenWriter::restPanel(Index number, int64_t panel, bool last) {
  Channels channels = channelsOf(panel);
  TileProduct tile;
  tile.width = last ? panels.lastWidth() : panels.width;
  if (last) {
    channels.computed.assign(panels.lastVectors, panels.lanes);
    channels.stored = channels.computed;
    if (panels.tailLanes) {
      channels.computed.push_back(panels.tailWidth);
      channels.stored.push_back(panels.tailLanes);
    }
  }
  tile.rhsBuffer = k.operandBuffer(product.rhs);
  tile.rhs = blocks.panelPairs * pairElements +
             (panel - 2 * blocks.panelPairs) * panels.width * product.run;
  tile.vectorLanes = panels.lanes;
  tile.lanes = channels.computed;
  tile.depth = product.run;
  auto multiplyTile = [&](const TilePlace &at, int64_t count) {
    Rows rows = rowsAt(at);
    tile.lhsBuffer = rows.buffer;
    tile.lhs = rows.first;
    tile.lhsStride = rows.stride;
    tile.outputs = count;
    finish(emitProduct(k, tile), at.row, channels);
  };
  forPairs(number, [&](const TilePlace &at) {
    k.loop(0, 2, 1, [&](Index i) {
      Index further = k.mul(i, blocks.tileRows);
      multiplyTile({k.add(at.row, further), k.add(at.local, further), at.pair},
                   blocks.tileRows);
    });
  });
  forRest(number, multiplyTile);
}

//===-- tiles ------------------------------------------------------------===//

/// `which` product of the panel pair, of half the depth, added to `sums` if
/// there are any.
SmallVector<Value> StrassenWriter::multiply(Index panel, StrassenProduct which,
                                            const Rows &rows, int64_t count,
                                            Index pair, ArrayRef<Value> sums) {
  TileProduct tile;
  tile.lhsBuffer = rows.buffer;
  tile.lhs = rows.first;
  tile.lhsStride = rows.stride;
  tile.rhsBuffer = k.operandBuffer(product.rhs);
  tile.rhs = k.mul(panel, pairElements) + which * half * panels.width;
  tile.width = panels.width;
  tile.vectorLanes = panels.lanes;
  tile.lanes.assign(panels.vectors, panels.lanes);
  tile.outputs = count;
  tile.depth = half;
  auto fetch = [&](Index c) { fetchWeights(tile.rhs, pair, c); };
  tile.fetch = fetch;
  return sums.empty() ? emitProduct(k, tile)
                      : emitProductSum(k, tile, SmallVector<Value>(sums));
}

void StrassenWriter::multiplyPair(Index panel, const TilePlace &at) {
  int64_t count = blocks.tileRows;
  Index row = at.row, lowerRow = row + count;
  Rows upper = rowsAt(at), lower = rowsAt(at.below(count));
  Channels left = channelsOf(k.mul(panel, 2)),
           right = channelsOf(k.mul(panel, 2) + 1);
  auto add = [&](StrassenProduct which, const Rows &rows,
                 ArrayRef<Value> sums) {
    return multiply(panel, which, rows, count, at.pair, sums);
  };
  SmallVector<Value> first = add(p1, upper, {});
  finish(add(p2, upper.from(half), first), row, left);
  SmallVector<Value> u2 = add(p6, combination(at.pair, 2), first);
  SmallVector<Value> u3 = add(p7, combination(at.pair, 3), u2);
  finish(add(p4, lower.from(half), u3), lowerRow, left);
  SmallVector<Value> fifth = add(p5, combination(at.pair, 1), {});
  finish(addSums(k, u3, fifth), lowerRow, right);
  finish(add(p3, combination(at.pair, 4), addSums(k, u2, fifth)), row, right);
}

void StrassenWriter::multiplyRest(Index panel, const TilePlace &at,
                                  int64_t count) {
  Rows rows = rowsAt(at);
  auto add = [&](StrassenProduct which, const Rows &rows,
                 ArrayRef<Value> sums) {
    return multiply(panel, which, rows, count, at.pair, sums);
  };
  SmallVector<Value> first = add(p1, rows, {});
  finish(add(p2, rows.from(half), first), at.row, channelsOf(k.mul(panel, 2)));
  SmallVector<Value> second = add(p5, rows, first);
  finish(add(p3, rows.from(half), second), at.row,
         channelsOf(k.mul(panel, 2) + 1));
}

/// Rows of the weights well ahead, and this pair's share of those of the next
/// panels.
void StrassenWriter::fetchWeights(Index rhs, Index pair, Index c) {
  Value buffer = k.operandBuffer(product.rhs);
  Index row = k.add(rhs, k.mul(c, panels.width));
  if (k.tiling.getPrefetch()) {
    for (int64_t line = 0; line < panels.width; line += lineElements)
      k.prefetch(buffer, row + (k.tiling.getPrefetch() * panels.width + line),
                 3);
  }
  if (!k.tiling.getPrefetchNext())
    return;
  Index next = k.add(row + pairElements, k.mul(pair, lineElements));
  for (int64_t line = 0; line < panels.width;
       line += blocks.pairs * lineElements)
    k.prefetch(buffer, next + line, 2);
}

/// Result positions in rows of the product.
SmallVector<Index> StrassenWriter::position(Index row, Index channel) {
  SmallVector<Index> batch(product.batch.size(), Index(0));
  if (product.height == 1)
    return product.position(batch, 0, row, channel);
  return product.position(batch, k.div(row, product.width),
                          k.rem(row, product.width), channel);
}

/// Bias, epilogue and store of a register tile whose first row is `row`.
void StrassenWriter::finish(ArrayRef<Value> sums, Index row,
                            const Channels &channels) {
  size_t vectors = channels.computed.size();
  SmallVector<Value> bias;
  if (product.bias) {
    Index first = channels.first + k.operandLayout(*product.bias).offset;
    for (size_t v = 0; v < vectors; ++v) {
      bias.push_back(k.load(k.operandBuffer(*product.bias),
                            first + int64_t(v) * panels.lanes,
                            channels.stored[v]));
    }
  }
  Layout result = k.resultLayout();
  for (size_t output = 0; output * vectors < sums.size(); ++output) {
    for (size_t v = 0; v < vectors; ++v) {
      int64_t lanes = channels.stored[v];
      Value sum = resizeVector(k, sums[output * vectors + v],
                               k.vectorType(lanes).getDimSize(0));
      if (product.bias)
        sum = arith::AddFOp::create(k.b, k.loc, sum, bias[v]);
      SmallVector<Index> to = position(
          row + int64_t(output), channels.first + int64_t(v) * panels.lanes);
      k.store(emitEpilogue(k, sum, to, lanes), k.resultBuffer(),
              k.address(result, to), lanes);
    }
  }
}

//===-- the emitter ------------------------------------------------------===//

static schedule::StrassenWork workOf(schedule::KernelOp kernel,
                                     const StrassenShape &shape) {
  schedule::StrassenWork work;
  work.rows = shape.rows();
  work.depth = shape.product.run;
  work.channels = shape.product.channels;
  work.copiesRows = shape.copiesRows();
  work.lhsColumnBytes = 4 * shape.product.lhsColumn;
  work.epilogueOperators = countEpilogueOperators(kernel);
  return work;
}

static std::optional<StrassenShape> scheduledShape(schedule::KernelOp kernel) {
  schedule::TilingAttr tiling = kernel.getTilingAttr();
  if (!tiling || tiling.getStrassen() != 1)
    return std::nullopt;
  return getStrassenShape(kernel);
}

namespace {

class StrassenEmitter : public KernelEmitter {
public:
  StringRef name() const override { return "strassen"; }
  bool takesParts(schedule::KernelOp) const override { return true; }

  bool matches(schedule::KernelOp kernel) const override {
    return scheduledShape(kernel).has_value();
  }

  SmallVector<schedule::TilingAttr>
  candidates(schedule::KernelOp kernel,
             schedule::MachineAttr machine) const override {
    return strassenTilings(workOf(kernel, *scheduledShape(kernel)), machine);
  }

  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr tiling) const override {
    return getStrassenBlocks(kernel, *scheduledShape(kernel), tiling).extent;
  }

  LogicalResult emit(KernelBuilder &k) const override {
    StrassenShape shape = *scheduledShape(k.kernel);
    StrassenWriter(k, shape).write();
    return success();
  }

  std::optional<Packing> packing(schedule::KernelOp kernel,
                                 schedule::TilingAttr tiling,
                                 unsigned operand) const override {
    StrassenShape shape = *scheduledShape(kernel);
    if (operand != shape.product.rhs)
      return std::nullopt;
    return packStrassenWeights(kernel, shape, tiling);
  }

  RankedTensorType scratch(schedule::KernelOp kernel,
                           schedule::TilingAttr tiling) const override {
    int64_t elements =
        getStrassenBlocks(kernel, *scheduledShape(kernel), tiling).scratch();
    return elements ? RankedTensorType::get(
                          {elements}, Float32Type::get(kernel.getContext()))
                    : nullptr;
  }

  /// Those of the product as it is defined, so that rates compare.
  int64_t flops(schedule::KernelOp kernel) const override {
    return contractionEmitter().flops(kernel);
  }
};

} // namespace

const KernelEmitter &kernel::strassenEmitter() {
  static const StrassenEmitter emitter;
  return emitter;
}

//===-- the method -------------------------------------------------------===//

std::optional<StrassenMethod>
kernel::getStrassenMethod(schedule::KernelOp kernel,
                          schedule::MachineAttr machine, int64_t panelVectors) {
  std::optional<StrassenShape> shape = getStrassenShape(kernel);
  if (!shape)
    return std::nullopt;
  schedule::StrassenWork work = workOf(kernel, *shape);
  work.panelVectors = panelVectors;
  schedule::TilingAttr tiling =
      schedule::fastest(strassenTilings(work, machine));
  if (!tiling)
    return std::nullopt;
  return StrassenMethod{
      tiling,
      packStrassenWeights(kernel, *shape, tiling).type.getNumElements() *
          int64_t(sizeof(float))};
}
