//===- Winograd.cpp - 3x3 convolutions by fewer multiplications -----------===//
//
// Tiles of m x m outputs, m = 4 or 2, in blocks that stay in the second-level
// cache; filters come transformed (WinogradShape.cpp).
//
//   for block of tiles:
//     for tile, c in vectors:  inputs[point][tile][c] = transform(input tile)
//     for point: for panel:
//       products[point][tile][n] = inputs[point][tile][:] x filter[point][:][n]
//     for tile, n in vectors:  result tile = epilogue(transform(products) +
//     bias)
//
// The range counts blocks, or channel panels where blocks are too few to share
// (then each iteration transforms all inputs for itself, which costs little
// beside large products). Tiles at the lower and right end overlap their
// neighbours instead of being cut; an output in two tiles is stored by the
// first of them, so that it does not depend on who computes what when.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/Winograd.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/KernelTable.h"
#include "passes/kernel/LaneProducts.h"
#include "passes/kernel/LaneReduction.h"
#include "passes/kernel/WinogradShape.h"
#include "passes/kernel/WinogradTransform.h"
#include "passes/schedule/CostModel.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// A cache line of float.
static constexpr int64_t lineElements = 16;

namespace {

/// Where a tile's outputs begin.
struct TilePosition {
  Index image, h, w;
  /// number of the tile in its column and row
  Index row, column;
};

/// Some channel panels of one width, at one point.
struct FilterPanel {
  /// first element in the packed filters, first channel
  Index filter, channel;
  SmallVector<int64_t> lanes;
  int64_t width = 0;
  /// tiles that are multiplied at once
  int64_t tiles = 0;
};

class WinogradWriter {
public:
  WinogradWriter(KernelBuilder &k, const WinogradShape &shape)
      : k(k), shape(shape), transform(shape.outputs),
        blocks(getWinogradBlocks(k.kernel, shape, k.tiling)),
        panels(shape.product(), k.tiling) {}

  void write();

private:
  void block(Index number);
  TilePosition position(Index tile);
  void transformInputs(Index tile, Index local);
  void transformVector(const TilePosition &at, Index local, Index channel,
                       int64_t lanes);
  void multiply(Index number, Index point);
  void multiplyPanel(Index number, Index point, Index panel, bool last);
  void multiplyTiles(FilterPanel panel, Index point, Index local,
                     int64_t tiles);
  SmallVector<Value> sumChannels(const FilterPanel &panel, Index from,
                                 Index next, SmallVector<Value> sums);
  SmallVector<Value> multiplyChain(const FilterPanel &panel, Index from,
                                   Index next, Index first, int64_t length,
                                   ArrayRef<Value> sums);
  SmallVector<Value> multiplyStep(const FilterPanel &panel, Index inputs,
                                  Index c, ArrayRef<Value> sums);
  SmallVector<Value> stepsByLanes(const FilterPanel &panel, Index inputs,
                                  Index c, int64_t count,
                                  std::optional<WeightStream> &weights,
                                  ArrayRef<Value> sums);
  void fetchFilter(const FilterPanel &panel, Index next, Index c);
  void transformProducts(Index tile, Index local);
  void finishVector(const TilePosition &at, Index local, Index channel,
                    int64_t lanes);
  void storeRow(const TilePosition &at, Index channel, int64_t lanes,
                int64_t row, ArrayRef<Value> outputs);
  void unlessRepeated(int64_t size, int64_t output, Index number,
                      function_ref<void()> body);
  void fetchAhead(Index at, Index channel, int64_t tile, int64_t point,
                  int64_t channels, bool forWriting);
  Index subtract(int64_t from, Index subtrahend);

  KernelBuilder &k;
  const WinogradShape &shape;
  WinogradTransform transform;
  WinogradBlocks blocks;
  Panels panels;
  /// this call's scratch, and its channel panels
  Index inputs, products;
  Index firstPanel, endPanel;
};

} // namespace

Index WinogradWriter::subtract(int64_t from, Index subtrahend) {
  if (subtrahend.isConstant())
    return from - subtrahend.constant;
  return Index(Value(arith::SubIOp::create(k.b, k.loc, k.constantIndex(from),
                                           k.value(subtrahend))));
}

//===-- blocks -----------------------------------------------------------===//

void WinogradWriter::write() {
  // Parts of the range that run at once begin at different iterations.
  inputs = k.mul(k.begin, blocks.slot);
  Index first = k.mul(k.begin, blocks.perIteration),
        end = k.mul(k.end, blocks.perIteration);
  if (blocks.byPanels) {
    products = blocks.products;
    firstPanel = first;
    endPanel = k.minimum(end, panels.count());
    k.loop(0, blocks.count, 1, [&](Index number) { block(number); });
    return;
  }
  products = inputs + blocks.products;
  firstPanel = 0;
  endPanel = panels.count();
  k.loop(first, k.minimum(end, blocks.count), 1,
         [&](Index number) { block(number); });
}

void WinogradWriter::block(Index number) {
  Index first = k.mul(number, blocks.tiles);
  Index tiles = k.minimum(subtract(shape.tiles(), first), blocks.tiles);
  k.loop(0, tiles, 1,
         [&](Index local) { transformInputs(k.add(first, local), local); });
  k.loop(0, shape.points(), 1, [&](Index point) { multiply(number, point); });
  k.loop(0, tiles, 1,
         [&](Index local) { transformProducts(k.add(first, local), local); });
}

TilePosition WinogradWriter::position(Index tile) {
  int64_t across = shape.tileColumns(), perImage = shape.tileRows() * across;
  TilePosition at;
  Index inImage = shape.batch == 1 ? tile : k.rem(tile, perImage);
  at.image = shape.batch == 1 ? Index(0) : k.div(tile, perImage);
  at.row = k.div(inImage, across);
  at.column = k.rem(inImage, across);
  at.h = k.minimum(k.mul(at.row, shape.outputs), shape.height - shape.outputs);
  at.w =
      k.minimum(k.mul(at.column, shape.outputs), shape.width - shape.outputs);
  return at;
}

//===-- inputs -----------------------------------------------------------===//

void WinogradWriter::transformInputs(Index tile, Index local) {
  TilePosition at = position(tile);
  k.tiles(0, shape.inputs, k.tiling.getLanes(),
          [&](Index channel, int64_t lanes) {
            transformVector(at, local, channel, lanes);
          });
}

void WinogradWriter::transformVector(const TilePosition &at, Index local,
                                     Index channel, int64_t lanes) {
  Layout input = k.operandLayout(shape.input);
  Index from = k.address(input, {at.image, at.h, at.w, channel}) +
               (-shape.top * input.strides[1] - shape.left * input.strides[2]);
  Index to = k.add(k.add(inputs, k.mul(local, blocks.inputTile)), channel);
  fetchAhead(to, channel, blocks.inputTile, blocks.inputPoint, shape.inputs,
             true);
  transform.input(
      k,
      [&](int64_t y, int64_t x) {
        return k.load(k.operandBuffer(shape.input),
                      from + (y * input.strides[1] + x * input.strides[2]),
                      lanes);
      },
      [&](int64_t y, ArrayRef<Value> row) {
        for (auto [x, value] : llvm::enumerate(row)) {
          int64_t point = y * shape.side() + int64_t(x);
          k.store(value, k.scratchBuffer(), to + point * blocks.inputPoint,
                  lanes);
        }
      });
}

/// The lines of all points that come next: more streams than the hardware
/// follows. With few channels they are the next tile's. Each line once, however
/// many vectors it has.
void WinogradWriter::fetchAhead(Index at, Index channel, int64_t tile,
                                int64_t point, int64_t channels,
                                bool forWriting) {
  int64_t ahead = channels > 8 * lineElements ? 2 * lineElements : tile;
  auto fetch = [&] {
    for (int64_t i = 0; i < shape.points(); ++i)
      k.prefetch(k.scratchBuffer(), at + (ahead + i * point), 3, forWriting);
  };
  if (k.tiling.getLanes() >= lineElements)
    return fetch();
  k.ifEqual(k.rem(channel, lineElements), 0, fetch);
}

//===-- products ---------------------------------------------------------===//

void WinogradWriter::multiply(Index number, Index point) {
  if (panels.full) {
    k.loop(firstPanel,
           panels.hasLast() ? k.minimum(endPanel, panels.full) : endPanel, 1,
           [&](Index panel) { multiplyPanel(number, point, panel, false); });
  }
  if (!panels.hasLast())
    return;
  if (!blocks.byPanels)
    return multiplyPanel(number, point, panels.full, true);
  k.ifLess(panels.full, endPanel,
           [&] { multiplyPanel(number, point, panels.full, true); });
}

void WinogradWriter::multiplyPanel(Index number, Index point, Index panel,
                                   bool last) {
  FilterPanel filter;
  filter.lanes.assign(last ? panels.lastVectors : panels.vectors, panels.lanes);
  if (last && panels.tailLanes)
    filter.lanes.push_back(panels.tailWidth);
  filter.width = last ? panels.lastWidth() : panels.width;
  filter.channel = k.mul(panel, panels.width);
  filter.filter = k.add(k.mul(point, panels.groupWidth() * shape.inputs),
                        k.mul(filter.channel, shape.inputs));
  // Rows before this block, and in it.
  Index before = k.mul(number, blocks.rows);
  Index rows = k.minimum(subtract(blocks.wholeRows, before), blocks.rows);
  k.loop(0, rows, 1, [&](Index row) {
    multiplyTiles(filter, point, k.mul(row, blocks.rowTiles), blocks.rowTiles);
  });
  if (!blocks.restTiles)
    return;
  int64_t local = blocks.wholeRows % blocks.rows * blocks.rowTiles;
  auto rest = [&] { multiplyTiles(filter, point, local, blocks.restTiles); };
  if (blocks.count == 1)
    return rest();
  k.ifEqual(number, blocks.wholeRows / blocks.rows, rest);
}

void WinogradWriter::multiplyTiles(FilterPanel panel, Index point, Index local,
                                   int64_t tiles) {
  panel.tiles = tiles;
  Index from = k.add(k.add(inputs, k.mul(point, blocks.inputPoint)),
                     k.mul(local, blocks.inputTile));
  // Each tile fetches its share of the next panel, which lies behind this one.
  Index next = k.add(panel.filter + panel.width * shape.inputs,
                     k.mul(k.div(local, blocks.rowTiles), lineElements));
  SmallVector<Value> sums;
  for (int64_t tile = 0; tile < tiles; ++tile)
    for (int64_t lanes : panel.lanes)
      sums.push_back(k.splat(0.0f, lanes));
  sums = sumChannels(panel, from, next, sums);
  Index to = k.add(k.add(products, k.mul(point, blocks.productPoint)),
                   k.add(k.mul(local, blocks.productTile), panel.channel));
  size_t count = panel.lanes.size();
  for (int64_t tile = 0; tile < tiles; ++tile) {
    for (size_t v = 0; v < count; ++v) {
      k.store(sums[tile * count + v], k.scratchBuffer(),
              to + (tile * blocks.productTile + int64_t(v) * panels.lanes),
              panel.lanes[v]);
    }
  }
}

/// All channels, in blocks from zero as in ContractionReduce.cpp: long chains
/// lose digits.
SmallVector<Value> WinogradWriter::sumChannels(const FilterPanel &panel,
                                               Index from, Index next,
                                               SmallVector<Value> sums) {
  int64_t parts = llvm::divideCeil(shape.inputs, longestChain);
  int64_t size = llvm::alignTo(llvm::divideCeil(shape.inputs, parts),
                               std::max<int64_t>(k.tiling.getUnroll(), 1));
  int64_t perLoad = schedule::elementsPerLoad(k.machine);
  bool byLanes = schedule::weightsPerLoad(k.machine) > 1 &&
                 k.tiling.getUnroll() >= perLoad;
  auto block = [&](Index first, int64_t length, ArrayRef<Value> sums) {
    if (byLanes && length >= perLoad)
      return addSums(k, sums,
                     multiplyChain(panel, from, next, first, length, {}));
    return addFromZero(k, k.b.getF32Type(), sums, [&](ArrayRef<Value> zeros) {
      return multiplyChain(panel, from, next, first, length, zeros);
    });
  };
  // The sums begin at zero: the first block is theirs.
  size = std::min(size, shape.inputs);
  bool asProducts = byLanes && size >= perLoad;
  sums = multiplyChain(panel, from, next, 0, size,
                       asProducts ? ArrayRef<Value>() : sums);
  if (size == shape.inputs)
    return sums;
  int64_t whole = shape.inputs / size * size;
  sums = k.loop(size, whole, size, sums, [&](Index c, ArrayRef<Value> sums) {
    return block(c, size, sums);
  });
  return whole < shape.inputs ? block(whole, shape.inputs - whole, sums) : sums;
}

/// The channels [first, first + length), added to `sums`; without those, which
/// steps by lanes can do, their sums alone.
SmallVector<Value> WinogradWriter::multiplyChain(const FilterPanel &panel,
                                                 Index from, Index next,
                                                 Index first, int64_t length,
                                                 ArrayRef<Value> sums) {
  int64_t perLoad = schedule::elementsPerLoad(k.machine);
  auto steps = [&](Index step, int64_t count, ArrayRef<Value> sums,
                   std::optional<WeightStream> &weights) {
    Index c = k.add(first, step);
    SmallVector<Value> current(sums);
    int64_t u = 0;
    for (; u + perLoad <= count && perLoad > 1; u += perLoad)
      current = stepsByLanes(panel, from, c + u, perLoad, weights, current);
    for (; u < count; ++u)
      current = multiplyStep(panel, from, c + u, current);
    // Behind the loads, as in ContractionReduce.cpp.
    for (int64_t u = 0; u < count; ++u)
      fetchFilter(panel, next, c + u);
    return current;
  };
  int64_t unroll = std::min(k.tiling.getUnroll(), length);
  std::optional<WeightStream> weights;
  if (schedule::weightsPerLoad(k.machine) > 1 && unroll % perLoad == 0)
    weights.emplace(k, k.b.getF32Type(), k.operandBuffer(shape.filter),
                    k.add(panel.filter, k.mul(first, panel.width)), from);
  return loopOverSteps(k, length, unroll, sums, weights, steps);
}

SmallVector<Value> WinogradWriter::multiplyStep(const FilterPanel &panel,
                                                Index inputs, Index c,
                                                ArrayRef<Value> sums) {
  Index row = k.add(panel.filter, k.mul(c, panel.width));
  SmallVector<Value> factors;
  for (auto [v, lanes] : llvm::enumerate(panel.lanes))
    factors.push_back(k.load(k.operandBuffer(shape.filter),
                             row + int64_t(v) * panels.lanes, lanes));
  SmallVector<Value> results(sums);
  size_t count = panel.lanes.size();
  for (size_t tile = 0; tile * count < sums.size(); ++tile) {
    Value scalar = k.loadScalar(
        k.scratchBuffer(), k.add(inputs, c) + int64_t(tile) * blocks.inputTile);
    for (size_t v = 0; v < count; ++v) {
      Value &sum = results[tile * count + v];
      sum = k.fma(k.splat(scalar, panel.lanes[v]), factors[v], sum);
    }
  }
  return results;
}

/// `count` channels that one load per tile brings; see stepsByLanes in
/// ContractionReduce.cpp.
SmallVector<Value> WinogradWriter::stepsByLanes(
    const FilterPanel &panel, Index inputs, Index c, int64_t count,
    std::optional<WeightStream> &weights, ArrayRef<Value> sums) {
  SmallVector<Value> elements;
  size_t vectors = panel.lanes.size();
  for (int64_t tile = 0; tile < panel.tiles; ++tile) {
    elements.push_back(k.load(
        k.scratchBuffer(), k.add(inputs, c) + tile * blocks.inputTile, count));
  }
  auto weight = [&](int64_t u, int64_t v) {
    if (weights)
      return weights->next();
    Index row = k.add(panel.filter, k.mul(c + u, panel.width));
    return k.load(k.operandBuffer(shape.filter), row + v * panels.lanes,
                  panel.lanes[v]);
  };
  return multiplyByLanes(k, elements, int64_t(vectors), weight, sums);
}

/// The panel's rows well ahead, and a part of the next panel's row `c`.
void WinogradWriter::fetchFilter(const FilterPanel &panel, Index next,
                                 Index c) {
  Value filter = k.operandBuffer(shape.filter);
  Index row = k.mul(c, panel.width);
  if (k.tiling.getPrefetch()) {
    Index ahead = k.add(panel.filter, row);
    for (int64_t line = 0; line < panel.width; line += lineElements)
      k.prefetch(filter, ahead + (k.tiling.getPrefetch() * panel.width + line),
                 3);
  }
  if (!k.tiling.getPrefetchNext())
    return;
  int64_t share = llvm::divideCeil(panel.width, lineElements * blocks.rows);
  for (int64_t line = 0; line < share; ++line)
    k.prefetch(filter, k.add(next + line * blocks.rows * lineElements, row), 2);
}

//===-- outputs ----------------------------------------------------------===//

void WinogradWriter::transformProducts(Index tile, Index local) {
  TilePosition at = position(tile);
  int64_t lanes = k.tiling.getLanes();
  if (!blocks.byPanels) {
    return k.tiles(0, shape.channels, lanes, [&](Index channel, int64_t size) {
      finishVector(at, local, channel, size);
    });
  }
  int64_t whole = shape.channels / lanes * lanes;
  Index first = k.mul(firstPanel, panels.width),
        end = k.mul(endPanel, panels.width);
  k.loop(first, k.minimum(end, whole), lanes,
         [&](Index channel) { finishVector(at, local, channel, lanes); });
  if (whole < shape.channels)
    k.ifLess(whole, end,
             [&] { finishVector(at, local, whole, shape.channels - whole); });
}

void WinogradWriter::finishVector(const TilePosition &at, Index local,
                                  Index channel, int64_t lanes) {
  Index from =
      k.add(k.add(products, k.mul(local, blocks.productTile)), channel);
  fetchAhead(from, channel, blocks.productTile, blocks.productPoint,
             shape.channels, false);
  SmallVector<Value> outputs;
  transform.output(
      k,
      [&](int64_t y, int64_t x) {
        int64_t point = y * shape.side() + x;
        return k.load(k.scratchBuffer(), from + point * blocks.productPoint,
                      lanes);
      },
      [&](int64_t, ArrayRef<Value> row) {
        outputs.append(row.begin(), row.end());
      });
  if (shape.bias) {
    Index first = channel + k.operandLayout(*shape.bias).offset;
    Value bias = k.load(k.operandBuffer(*shape.bias), first, lanes);
    for (Value &output : outputs)
      output = arith::AddFOp::create(k.b, k.loc, output, bias);
  }
  for (int64_t row = 0; row < shape.outputs; ++row) {
    unlessRepeated(shape.height, row, at.row, [&] {
      storeRow(at, channel, lanes, row,
               ArrayRef(outputs).slice(row * shape.outputs, shape.outputs));
    });
  }
}

void WinogradWriter::storeRow(const TilePosition &at, Index channel,
                              int64_t lanes, int64_t row,
                              ArrayRef<Value> outputs) {
  for (int64_t column = 0; column < shape.outputs; ++column) {
    unlessRepeated(shape.width, column, at.column, [&] {
      SmallVector<Index> to = {at.image, at.h + row, at.w + column, channel};
      Value result = emitEpilogue(k, outputs[column], to, lanes);
      k.store(result, k.resultBuffer(), k.address(k.resultLayout(), to), lanes);
    });
  }
}

/// The last tile's first outputs may be its neighbour's; `output` and the
/// tile's `number` count in one dimension of `size`.
void WinogradWriter::unlessRepeated(int64_t size, int64_t output, Index number,
                                    function_ref<void()> body) {
  int64_t last = llvm::divideCeil(size, shape.outputs) - 1;
  int64_t repeated = (last + 1) * shape.outputs - size;
  if (output >= repeated)
    return body();
  k.ifLess(number, last, body);
}

//===-- the emitter ------------------------------------------------------===//

static schedule::WinogradWork workOf(schedule::KernelOp kernel,
                                     const WinogradShape &shape) {
  schedule::WinogradWork work;
  work.outputs = shape.outputs;
  work.tiles = shape.tiles();
  work.inputs = shape.inputs;
  work.channels = shape.channels;
  work.imageBytes =
      4 * (getOperandLayout(kernel, shape.input).allocated +
           shape.batch * shape.height * shape.width * shape.channels);
  work.epilogueOperators = countEpilogueOperators(kernel);
  return work;
}

static std::optional<WinogradShape> scheduledShape(schedule::KernelOp kernel) {
  schedule::TilingAttr tiling = kernel.getTilingAttr();
  if (!tiling || !tiling.getWinograd())
    return std::nullopt;
  return getWinogradShape(kernel, tiling.getWinograd());
}

namespace {

class WinogradEmitter : public KernelEmitter {
public:
  StringRef name() const override { return "winograd"; }
  bool takesParts(schedule::KernelOp) const override { return true; }

  bool matches(schedule::KernelOp kernel) const override {
    return scheduledShape(kernel).has_value();
  }

  SmallVector<schedule::TilingAttr>
  candidates(schedule::KernelOp kernel,
             schedule::MachineAttr machine) const override {
    return winogradTilings(workOf(kernel, *scheduledShape(kernel)), machine);
  }

  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr tiling) const override {
    return getWinogradBlocks(kernel, *scheduledShape(kernel), tiling).extent;
  }

  LogicalResult emit(KernelBuilder &k) const override {
    WinogradShape shape = *scheduledShape(k.kernel);
    WinogradWriter(k, shape).write();
    return success();
  }

  std::optional<Packing> packing(schedule::KernelOp kernel,
                                 schedule::TilingAttr tiling,
                                 unsigned operand) const override {
    WinogradShape shape = *scheduledShape(kernel);
    if (operand != shape.filter)
      return std::nullopt;
    return packWinogradFilter(kernel, shape, tiling);
  }

  RankedTensorType scratch(schedule::KernelOp kernel,
                           schedule::TilingAttr tiling) const override {
    int64_t elements =
        getWinogradBlocks(kernel, *scheduledShape(kernel), tiling).scratch;
    return RankedTensorType::get({elements},
                                 Float32Type::get(kernel.getContext()));
  }

  /// Those of the convolution as it is defined, so that rates compare.
  int64_t flops(schedule::KernelOp kernel) const override {
    return contractionEmitter().flops(kernel);
  }
};

} // namespace

const KernelEmitter &kernel::winogradEmitter() {
  static const WinogradEmitter emitter;
  return emitter;
}

//===-- the method -------------------------------------------------------===//

std::optional<WinogradMethod>
kernel::getWinogradMethod(schedule::KernelOp kernel,
                          schedule::MachineAttr machine, int64_t outputs,
                          int64_t panelVectors) {
  std::optional<WinogradShape> shape = getWinogradShape(kernel, outputs);
  if (!shape)
    return std::nullopt;
  schedule::WinogradWork work = workOf(kernel, *shape);
  work.panelVectors = panelVectors;
  schedule::TilingAttr tiling =
      schedule::fastest(winogradTilings(work, machine));
  return WinogradMethod{
      tiling, packWinogradFilter(kernel, *shape, tiling).type.getNumElements() *
                  int64_t(sizeof(float))};
}
