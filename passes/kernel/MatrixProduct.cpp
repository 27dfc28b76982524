//===- MatrixProduct.cpp - contractions on a matrix unit ------------------===//
//
// The loops of Contraction.cpp with tiles instead of vectors. Sums leave their
// registers through a small buffer, from which the vector unit takes them.
//
//   for pass: for panel: starts = bias [- zero point * sum of the weights]
//     for block of positions of the pass:
//       sums[i][j] = starts[j]
//       for kh, kw, step:
//         sums[i][j] += lhs[i][kh][kw][step] x rhs[step][j]
//         for some rows of the block before:
//           result[position i, row][j] = epilogue(buffer[i][row][j])
//       buffer[i][j] = sums[i][j]
//
// Products and epilogue of different blocks alternate, so that both units work
// at once: a whole epilogue is longer than what a processor looks ahead. Each
// step also fetches its share of the next panel, which lies behind this one.
//
// The range counts blocks, or panels (groups, where there are several).
//
//===----------------------------------------------------------------------===//
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/KernelTable.h"
#include "passes/kernel/MatrixShape.h"
#include "passes/kernel/Narrowing.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

namespace {

/// Channels that share the positions' loop.
struct MatrixPanel {
  Index channel, lhs, rhs;
  int64_t tiles, channels;

  /// Channels in tile `j`.
  int64_t lanes(int64_t j) const {
    return std::min(channels - j * tileLanes, tileLanes);
  }
};

/// A tile of positions: where it begins, and from which of its outputs on no
/// other tile stores them.
struct MatrixTile {
  Index h, w, first;
};

class MatrixWriter {
public:
  MatrixWriter(KernelBuilder &k, const MatrixShape &shape)
      : k(k), shape(shape), product(shape.product), unit(k, shape.elements) {
    Type sum = product.element;
    sums = allocateOnStack(k, 2 * bufferSize(), sum);
    starts = allocateOnStack(k, shape.panelWidth(), sum);
  }

  void write();

private:
  KernelBuilder &k;
  const MatrixShape &shape;
  const ContractionShape &product;
  MatrixUnit unit;
  Value sums, starts;
  SmallVector<Index> batchIndex;

  // Registers: sums, then the tiles of lhs and rhs.
  int64_t sumTile(int64_t i, int64_t j) const {
    return i * shape.panelTiles + j;
  }
  int64_t lhsTile(int64_t i) const {
    return shape.blockTiles * shape.panelTiles + i;
  }
  int64_t rhsTile(int64_t j) const { return lhsTile(shape.blockTiles) + j; }

  /// Outputs of a tile.
  int64_t outputs() const { return shape.imageRows * shape.outputs; }
  /// Sums of a block; there are buffers for two.
  int64_t bufferSize() const {
    return shape.blockTiles * tileRows * shape.panelWidth();
  }
  Index bufferOf(Index block) { return k.mul(k.rem(block, 2), bufferSize()); }

  void batches(size_t dim, SmallVector<Index> index, Index lhs);
  void panels(Index group, Index lhs);
  void passes(Index lo, Index hi, function_ref<void(Index, Index)> pass);
  void panel(Index group, Index number, bool isLast, Index lhs, Index lo,
             Index hi);
  Value packedStart(const MatrixPanel &panel, int64_t j);
  void writeStarts(const MatrixPanel &panel);
  void blocks(const MatrixPanel &panel, Index lo, Index hi);
  /// Called in step `step` behind what is done with the sums of tiles i, j, so
  /// that the vector unit has work; `slot` counts the calls for one step and i.
  using Between = function_ref<void(Index step, int64_t i, int64_t slot)>;
  /// Of a single step storing the sums is worth as many slots as multiplying.
  int64_t slots(const MatrixPanel &panel) const {
    return shape.steps() == 1 ? 2 * panel.tiles : panel.tiles;
  }
  void block(const MatrixPanel &panel, Index number, Between between);
  MatrixTile tileAt(Index number);
  SmallVector<MatrixTile> tilesOf(Index block);
  void reduce(const MatrixPanel &panel, Index number, Between between);
  void fetchNext(const MatrixPanel &panel, Index step);
  void step(const MatrixPanel &panel, ArrayRef<Index> lhs, Index at, Index rhs,
            function_ref<void(int64_t i, int64_t slot)> between);
  void loadStart(int64_t i, int64_t j) {
    unit.load(sumTile(i, j), starts, j * tileLanes, 0);
  }
  void finishShare(const MatrixPanel &panel, Index block, int64_t i,
                   const MatrixTile &tile, Index slot);
  void finish(const MatrixPanel &panel, Index block, int64_t i,
              const MatrixTile &tile, Index lo, Index hi);
  void finishOutput(const MatrixPanel &panel, Index from, Index h, Index w);
  Value resize(Value vector, VectorType type);
};

} // namespace

void MatrixWriter::write() {
  SmallVector<TileShape> shapes;
  int64_t lhsBytes = shape.stepElements * shape.elements.elementBytes();
  shapes.append(shape.blockTiles * shape.panelTiles,
                TileShape{shape.rows, tileRowBytes});
  shapes.append(shape.blockTiles, TileShape{shape.rows, lhsBytes});
  shapes.append(shape.panelTiles, TileShape{lhsBytes / 4, tileRowBytes});
  unit.configure(shapes);
  batches(0, {}, product.lhsOffset);
  unit.release();
}

//===-- outer loops ------------------------------------------------------===//

void MatrixWriter::batches(size_t dim, SmallVector<Index> index, Index lhs) {
  if (dim < product.batch.size()) {
    k.loop(0, product.batch[dim], 1, [&](Index i) {
      SmallVector<Index> inner(index);
      inner.push_back(i);
      batches(dim + 1, inner, k.add(lhs, k.mul(i, product.lhsBatch[dim])));
    });
    return;
  }
  batchIndex = index;
  bool split =
      product.groups > 1 && k.tiling.getSplit() == schedule::Split::columns;
  k.loop(split ? Index(k.begin) : Index(0),
         split ? Index(k.end) : Index(product.groups), 1,
         [&](Index group) { panels(group, lhs); });
}

void MatrixWriter::panels(Index group, Index lhs) {
  bool byPanels = k.tiling.getSplit() == schedule::Split::columns;
  int64_t full = shape.fullPanels();
  auto pass = [&](Index lo, Index hi) {
    auto whole = [&](Index number) {
      panel(group, number, false, lhs, lo, hi);
    };
    auto last = [&] { panel(group, full, true, lhs, lo, hi); };
    bool hasLast = shape.lastChannels() != 0;
    if (!byPanels || product.groups > 1) {
      k.loop(0, full, 1, whole);
      if (hasLast)
        last();
      return;
    }
    if (full)
      k.loop(k.begin, hasLast ? k.minimum(k.end, full) : Index(k.end), 1,
             whole);
    if (hasLast)
      k.ifLess(full, k.end, last);
  };
  if (byPanels)
    return passes(0, shape.blocks(), pass);
  k.ifLess(k.begin, k.end, [&] { passes(k.begin, k.end, pass); });
}

/// Calls `pass` for blocks [lo, hi), some at a time.
void MatrixWriter::passes(Index lo, Index hi,
                          function_ref<void(Index, Index)> pass) {
  if (shape.passBlocks >= shape.blocks())
    return pass(lo, hi);
  k.loop(lo, hi, shape.passBlocks, [&](Index from) {
    pass(from, k.minimum(from + shape.passBlocks, hi));
  });
}

void MatrixWriter::panel(Index group, Index number, bool isLast, Index lhs,
                         Index lo, Index hi) {
  MatrixPanel panel;
  panel.tiles = isLast ? shape.lastTiles() : shape.panelTiles;
  panel.channels = isLast ? shape.lastChannels() : shape.panelWidth();
  panel.channel =
      k.add(k.mul(number, shape.panelWidth()), k.mul(group, product.channels));
  panel.lhs = k.add(lhs, k.mul(group, product.lhsGroup));
  panel.rhs = k.add(k.mul(number, shape.panelElements(shape.panelTiles)),
                    k.mul(group, shape.groupElements()));
  writeStarts(panel);
  blocks(panel, lo, hi);
}

/// The vector's lanes in another type, the others of any value.
Value MatrixWriter::resize(Value vector, VectorType type) {
  int64_t from = cast<VectorType>(vector.getType()).getDimSize(0);
  if (from == type.getDimSize(0))
    return vector;
  SmallVector<int64_t> order;
  for (int64_t lane = 0; lane < type.getDimSize(0); ++lane)
    order.push_back(std::min(lane, from - 1));
  return vector::ShuffleOp::create(k.b, k.loc, vector, vector, order);
}

/// What rhs says that the sums of tile `j` begin with; null: nothing.
Value MatrixWriter::packedStart(const MatrixPanel &panel, int64_t j) {
  int64_t elements = shape.startElements(1);
  if (elements == 0)
    return nullptr;
  Value packed = k.operandBuffer(product.rhs);
  auto stored = VectorType::get(
      elements, cast<MemRefType>(packed.getType()).getElementType());
  Value start =
      vector::LoadOp::create(k.b, k.loc, stored, packed,
                             ValueRange{k.value(panel.rhs + j * elements)});
  return vector::BitCastOp::create(
      k.b, k.loc, VectorType::get(tileLanes, product.element), start);
}

void MatrixWriter::writeStarts(const MatrixPanel &panel) {
  auto whole = VectorType::get(tileLanes, product.element);
  for (int64_t j = 0; j < panel.tiles; ++j) {
    Value start = packedStart(panel, j), bias;
    if (product.bias) {
      Index at = panel.channel +
                 (j * tileLanes + k.operandLayout(*product.bias).offset);
      bias = resize(k.load(k.operandBuffer(*product.bias), at, panel.lanes(j)),
                    whole);
    }
    if (start && bias)
      start = arith::AddIOp::create(k.b, k.loc, start, bias);
    else if (bias)
      start = bias;
    else if (!start)
      start = arith::ConstantOp::create(k.b, k.loc, k.b.getZeroAttr(whole));
    vector::StoreOp::create(k.b, k.loc, start, starts,
                            ValueRange{k.constantIndex(j * tileLanes)});
  }
}

//===-- blocks -----------------------------------------------------------===//

void MatrixWriter::blocks(const MatrixPanel &panel, Index lo, Index hi) {
  block(panel, lo, [](Index, int64_t, int64_t) {});
  k.loop(lo + 1, hi, 1, [&](Index number) {
    Index before = number + -1;
    SmallVector<MatrixTile> tiles = tilesOf(before);
    block(panel, number, [&](Index step, int64_t i, int64_t slot) {
      finishShare(panel, before, i, tiles[i], k.mul(step, slots(panel)) + slot);
    });
  });
  Index last = hi + -1;
  SmallVector<MatrixTile> tiles = tilesOf(last);
  for (int64_t i = 0; i < shape.blockTiles; ++i)
    finish(panel, last, i, tiles[i], tiles[i].first, outputs());
}

MatrixTile MatrixWriter::tileAt(Index number) {
  Index row = k.div(number, shape.across), column = k.rem(number, shape.across);
  // The last one begins early; what lies before its own part is `stored`.
  auto place = [&](Index at, int64_t size, int64_t total, Index &stored) {
    Index wanted = k.mul(at, size);
    if (total % size == 0)
      return wanted;
    Index begin = k.minimum(wanted, total - size);
    stored = Index(Value(
        arith::SubIOp::create(k.b, k.loc, k.value(wanted), k.value(begin))));
    return begin;
  };
  Index rows, columns;
  MatrixTile tile;
  tile.h = place(row, shape.imageRows, product.height, rows);
  tile.w = place(column, shape.outputs, product.width, columns);
  tile.first = k.add(k.mul(rows, shape.outputs), columns);
  return tile;
}

/// Where the number of tiles is odd, the last block has one twice and stores it
/// once.
SmallVector<MatrixTile> MatrixWriter::tilesOf(Index block) {
  SmallVector<MatrixTile> tiles;
  Index number = k.mul(block, shape.blockTiles);
  for (int64_t i = 0; i < shape.blockTiles; ++i) {
    bool mayRepeat = i && shape.tiles % shape.blockTiles;
    if (!mayRepeat) {
      tiles.push_back(tileAt(number + i));
      continue;
    }
    Index at = k.minimum(number + i, shape.tiles - 1);
    MatrixTile tile = tileAt(at);
    Index beyond = Index(Value(
        arith::SubIOp::create(k.b, k.loc, k.value(number + i), k.value(at))));
    tile.first = k.add(tile.first, k.mul(beyond, outputs()));
    tiles.push_back(tile);
  }
  return tiles;
}

/// The sums of one block into its buffer.
void MatrixWriter::block(const MatrixPanel &panel, Index number,
                         Between between) {
  if (shape.steps() > 1) {
    for (int64_t i = 0; i < shape.blockTiles; ++i)
      for (int64_t j = 0; j < panel.tiles; ++j)
        loadStart(i, j);
  }
  reduce(panel, number, between);
  Index buffer = bufferOf(number);
  int64_t rowSums = shape.panelWidth();
  for (int64_t i = 0; i < shape.blockTiles; ++i) {
    for (int64_t j = 0; j < panel.tiles; ++j) {
      unit.store(sumTile(i, j), sums,
                 buffer + (i * tileRows * rowSums + j * tileLanes),
                 rowSums * 4);
      if (shape.steps() == 1)
        between(0, i, panel.tiles + j);
    }
  }
}

void MatrixWriter::reduce(const MatrixPanel &panel, Index number,
                          Between between) {
  SmallVector<Index> lhs;
  for (const MatrixTile &tile : tilesOf(number))
    lhs.push_back(k.add(k.add(panel.lhs, k.mul(tile.h, product.lhsRow)),
                        k.mul(tile.w, product.lhsColumn)));
  int64_t stepSize = panel.tiles * shape.rhsTile();
  Index rhs = panel.rhs + shape.startElements(panel.tiles);
  int64_t lastTap = (product.kernelHeight - 1) * product.lhsKernelRow +
                    (product.kernelWidth - 1) * product.lhsKernelColumn;
  auto tapSteps = [&](Index kh, Index kw) {
    Index tap = k.add(k.mul(kh, product.lhsKernelRow),
                      k.mul(kw, product.lhsKernelColumn));
    if (shape.lastTapShift())
      tap = k.minimum(tap, lastTap - shape.lastTapShift());
    Index first =
        k.mul(k.add(k.mul(kh, product.kernelWidth), kw), shape.stepsPerRun);
    k.loop(0, shape.stepsPerRun, 1, [&](Index s) {
      Index begin = k.mul(s, shape.stepElements);
      if (shape.stepsPerRun > 1 && product.run % shape.stepElements != 0)
        begin = k.minimum(begin, product.run - shape.stepElements);
      Index at = k.add(first, s);
      step(panel, lhs, k.add(tap, begin), k.add(rhs, k.mul(at, stepSize)),
           [&](int64_t i, int64_t slot) { between(at, i, slot); });
      fetchNext(panel, k.add(k.mul(number, shape.steps()), at));
    });
  };
  k.loop(0, product.kernelHeight, 1, [&](Index kh) {
    k.loop(0, product.kernelWidth, 1, [&](Index kw) { tapSteps(kh, kw); });
  });
}

/// `step` counts all of a panel's.
void MatrixWriter::fetchNext(const MatrixPanel &panel, Index step) {
  constexpr int64_t lineBytes = 64;
  int64_t bytes = shape.elements.elementBytes();
  int64_t size = shape.panelElements(panel.tiles);
  // What is small is in a cache soon.
  if (product.groups * shape.groupElements() * bytes <= k.machine.getL1Bytes())
    return;
  int64_t share = llvm::divideCeil(size, shape.passBlocks * shape.steps());
  Index next = k.add(panel.rhs + size, k.mul(step, share));
  for (int64_t at = 0; at < share; at += lineBytes / bytes)
    k.prefetch(k.operandBuffer(product.rhs), next + at, /*locality=*/2);
}

/// Each tile is loaded just before its first product: a tile of lhs that comes
/// from the second-level cache holds up those of rhs before it no longer.
void MatrixWriter::step(const MatrixPanel &panel, ArrayRef<Index> lhs, Index at,
                        Index rhs,
                        function_ref<void(int64_t i, int64_t slot)> between) {
  Value lhsBuffer = k.operandBuffer(product.lhs),
        rhsBuffer = k.operandBuffer(product.rhs);
  int64_t bytes = shape.elements.elementBytes();
  for (int64_t i = 0; i < shape.blockTiles; ++i) {
    unit.load(lhsTile(i), lhsBuffer, k.add(lhs[i], at),
              product.lhsColumn * bytes);
    for (int64_t j = 0; j < panel.tiles; ++j) {
      if (i == 0)
        unit.load(rhsTile(j), rhsBuffer, rhs + j * shape.rhsTile(),
                  tileRowBytes);
      if (shape.steps() == 1)
        loadStart(i, j);
      unit.multiply(sumTile(i, j), lhsTile(i), rhsTile(j));
      between(i, j);
    }
  }
}

//===-- results ----------------------------------------------------------===//

/// Turns what slot `slot` of a block takes of the one before into results: an
/// equal part of a tile's outputs, so that the loop over it has a known length.
void MatrixWriter::finishShare(const MatrixPanel &panel, Index block, int64_t i,
                               const MatrixTile &tile, Index slot) {
  int64_t count = shape.steps() * slots(panel);
  int64_t share = llvm::divideCeil(outputs(), count);
  while (outputs() % share != 0)
    ++share;
  Index from = k.mul(slot, share);
  auto all = [&] { finish(panel, block, i, tile, from, from + share); };
  bool isWhole = !tile.first.dynamic && tile.first.constant == 0;
  if (!isWhole) {
    finish(panel, block, i, tile, k.maximum(tile.first, from),
           k.minimum(from + share, outputs()));
  } else if (share * count == outputs()) {
    all();
  } else {
    k.ifLess(from, outputs(), all);
  }
}

/// Turns outputs [lo, hi) of tile `i` of a block into results.
void MatrixWriter::finish(const MatrixPanel &panel, Index block, int64_t i,
                          const MatrixTile &tile, Index lo, Index hi) {
  int64_t rowSums = shape.panelWidth();
  Index buffer = bufferOf(block) + i * tileRows * rowSums;
  k.loop(lo, hi, 1, [&](Index output) {
    Index row = 0, column = output;
    if (shape.imageRows > 1) {
      row = k.div(output, shape.outputs);
      column = k.rem(output, shape.outputs);
    }
    Index from = k.add(k.mul(row, shape.pitch), column);
    finishOutput(panel, k.add(buffer, k.mul(from, rowSums)), k.add(tile.h, row),
                 k.add(tile.w, column));
  });
}

void MatrixWriter::finishOutput(const MatrixPanel &panel, Index from, Index h,
                                Index w) {
  Layout result = k.resultLayout();
  // Tiles beside each other are one vector where the epilogue takes such.
  int64_t together = 1;
  if (panel.channels == panel.tiles * tileLanes &&
      epilogueLanes(k.kernel, k.machine) >= panel.channels)
    together = panel.tiles;
  auto whole = VectorType::get(together * tileLanes, product.element);
  for (int64_t j = 0; j < panel.tiles; j += together) {
    int64_t lanes = together > 1 ? panel.channels : panel.lanes(j);
    Value vector = vector::LoadOp::create(
        k.b, k.loc, whole, sums, ValueRange{k.value(from + j * tileLanes)});
    vector = resize(vector, k.vectorType(lanes, product.element));
    SmallVector<Index> position =
        product.position(batchIndex, h, w, panel.channel + j * tileLanes);
    vector = emitEpilogue(k, vector, position, lanes);
    k.store(vector, k.resultBuffer(), k.address(result, position), lanes);
  }
}

//===-- the emitter ------------------------------------------------------===//

namespace {

class MatrixEmitter : public KernelEmitter {
public:
  StringRef name() const override { return "matrix"; }
  bool takesParts(schedule::KernelOp) const override { return true; }

  bool matches(schedule::KernelOp kernel) const override {
    return getMatrixShape(kernel).has_value();
  }

  schedule::TilingAttr schedule(schedule::KernelOp kernel,
                                schedule::MachineAttr machine) const override {
    MatrixShape shape = *getMatrixShape(kernel);
    schedule::MatrixWork work = matrixWork(kernel, shape);
    int64_t parts =
        shape.product.groups > 1 ? shape.product.groups : shape.panels();
    // Threads share what is larger: each reads all of the other.
    bool fewBlocks = shape.blocks() < 4 * machine.getCores();
    int64_t weights = shape.product.groups * shape.groupElements();
    bool byPanels = parts > 1 && fewBlocks &&
                    (parts > shape.blocks() || weights > work.lhsBytes);
    return schedule::TilingAttr::get(
        kernel.getContext(), tileLanes, /*rows=*/1,
        shape.blockTiles * shape.rows, shape.panelTiles, /*unroll=*/1,
        /*prefetch=*/0, /*prefetchNext=*/false,
        byPanels ? schedule::Split::columns : schedule::Split::rows,
        int64_t(schedule::matrixCycles(work, machine)));
  }

  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr tiling) const override {
    MatrixShape shape = *getMatrixShape(kernel);
    if (tiling.getSplit() == schedule::Split::rows)
      return shape.blocks();
    return shape.product.groups > 1 ? shape.product.groups : shape.panels();
  }

  LogicalResult emit(KernelBuilder &k) const override {
    MatrixShape shape = *getMatrixShape(k.kernel);
    MatrixWriter(k, shape).write();
    return success();
  }

  std::optional<Packing> packing(schedule::KernelOp kernel,
                                 schedule::TilingAttr tiling,
                                 unsigned operand) const override {
    MatrixShape shape = *getMatrixShape(kernel);
    if (operand != shape.product.rhs)
      return std::nullopt;
    return packMatrix(shape);
  }

  int64_t flops(schedule::KernelOp kernel) const override {
    return contractionEmitter().flops(kernel);
  }
};

} // namespace

const KernelEmitter &kernel::matrixEmitter() {
  static const MatrixEmitter emitter;
  return emitter;
}
