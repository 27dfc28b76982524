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
// The range counts rows of tiles, which are cut into blocks from where a call
// begins, or channel panels where rows are too few to share (then each
// iteration transforms all inputs for itself, which costs little beside large
// products). Tiles at the lower and right end overlap their neighbours instead
// of being cut; an output in two tiles is stored by the first of them, so that
// it does not depend on who computes what when.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/Winograd.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "passes/kernel/KernelTable.h"
#include "passes/kernel/WinogradWriter.h"
#include "passes/schedule/CostModel.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

Index WinogradWriter::subtract(Index from, Index subtrahend) {
  if (subtrahend.isConstant())
    return from + -subtrahend.constant;
  return Index(Value(
      arith::SubIOp::create(k.b, k.loc, k.value(from), k.value(subtrahend))));
}

//===-- blocks -----------------------------------------------------------===//

void WinogradWriter::write() {
  // Parts of the range that run at once begin at different iterations.
  inputs = k.mul(k.begin, blocks.slot);
  Index first = 0, end = blocks.allRows();
  if (!blocks.byPanels) {
    first = firstOf(k.begin);
    end = firstOf(k.end);
  }
  k.loop(first, end, blocks.rows,
         [&](Index row) { block(row, k.minimum(row + blocks.rows, end)); });
}

/// The first panel or row of an iteration of the range.
Index WinogradWriter::firstOf(Index iteration) {
  return k.div(k.mul(iteration, blocks.work), blocks.extent);
}

void WinogradWriter::block(Index row, Index end) {
  Index first = k.mul(row, blocks.rowTiles);
  Index tiles =
      subtract(k.minimum(k.mul(end, blocks.rowTiles), shape.tiles()), first);
  k.loop(0, tiles, 1,
         [&](Index local) { transformInputs(k.add(first, local), local); });
  auto finish = [&](Index iteration) {
    products = k.mul(iteration, blocks.slot) + blocks.products;
    finishPanels(row, end, first, tiles);
  };
  if (!blocks.byPanels) {
    firstPanel = 0;
    endPanel = panels.count();
    return finish(k.begin);
  }
  k.loop(k.begin, k.end, 1, [&](Index iteration) {
    firstPanel = firstOf(iteration);
    endPanel = firstOf(iteration + 1);
    finish(iteration);
  });
}

void WinogradWriter::finishPanels(Index row, Index end, Index first,
                                  Index tiles) {
  firstChannel = k.mul(firstPanel, panels.width);
  k.loop(0, shape.points(), 1, [&](Index point) { multiply(row, end, point); });
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
  k.tiles(0, shape.inputs, inputLanes(), [&](Index channel, int64_t lanes) {
    transformVector(at, local, channel, lanes);
  });
}

//===-- products ---------------------------------------------------------===//

void WinogradWriter::multiply(Index row, Index end, Index point) {
  if (panels.full) {
    k.loop(firstPanel,
           panels.hasLast() ? k.minimum(endPanel, panels.full) : endPanel, 1,
           [&](Index panel) { multiplyPanel(row, end, point, panel, false); });
  }
  if (!panels.hasLast())
    return;
  if (!blocks.byPanels)
    return multiplyPanel(row, end, point, panels.full, true);
  k.ifLess(panels.full, endPanel,
           [&] { multiplyPanel(row, end, point, panels.full, true); });
}

void WinogradWriter::multiplyPanel(Index row, Index end, Index point,
                                   Index panel, bool last) {
  FilterPanel filter = panelAt(panel, last);
  filter.filter =
      k.add(k.mul(point, panels.groupWidth() * shape.factors()), filter.filter);
  multiplyRows(row, end, point, filter);
}

FilterPanel WinogradWriter::panelAt(Index panel, bool last) {
  FilterPanel filter;
  filter.lanes.assign(last ? panels.lastVectors : panels.vectors, panels.lanes);
  if (last && panels.tailLanes)
    filter.lanes.push_back(panels.tailWidth);
  filter.width = last ? panels.lastWidth() : panels.width;
  filter.channel = k.mul(panel, panels.width);
  filter.filter = k.mul(filter.channel, shape.factors());
  filter.depth = shape.inputs;
  return filter;
}

void WinogradWriter::multiplyRows(Index row, Index end, Index point,
                                  FilterPanel filter) {
  Index rows = subtract(k.minimum(end, blocks.wholeRows), row);
  k.loop(0, rows, 1, [&](Index local) {
    filter.tiles = blocks.rowTiles;
    multiplyTiles(filter, point, k.mul(local, blocks.rowTiles));
  });
  if (!blocks.restTiles)
    return;
  Index local = k.mul(subtract(blocks.wholeRows, row), blocks.rowTiles);
  filter.tiles = blocks.restTiles;
  k.ifLess(blocks.wholeRows, end, [&] { multiplyTiles(filter, point, local); });
}

void WinogradWriter::storeProducts(const FilterPanel &panel, Index point,
                                   Index local, ArrayRef<Value> sums) {
  Index to = k.add(productsOf(local, panel.channel),
                   k.mul(point, blocks.productPoint));
  size_t count = panel.lanes.size();
  for (int64_t tile = 0; tile < panel.tiles; ++tile) {
    for (size_t v = 0; v < count; ++v) {
      Index at = to + (tile * blocks.productTile + int64_t(v) * panels.lanes);
      Value sum = sums[tile * count + v];
      if (panel.isAdded)
        sum = arith::AddFOp::create(
            k.b, k.loc, k.load(k.scratchBuffer(), at, panel.lanes[v]), sum);
      k.store(sum, k.scratchBuffer(), at, panel.lanes[v]);
    }
  }
}

//===-- outputs ----------------------------------------------------------===//

void WinogradWriter::transformProducts(Index tile, Index local) {
  TilePosition at = position(tile);
  int64_t lanes = outputLanes();
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

SmallVector<Value> WinogradWriter::transformedOutputs(Index from,
                                                      int64_t lanes) {
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
  return outputs;
}

void WinogradWriter::storeOutputs(const TilePosition &at, Index channel,
                                  int64_t lanes, ArrayRef<Value> outputs) {
  for (int64_t row = 0; row < shape.outputs; ++row) {
    unlessRepeated(shape.height, row, at.row, [&] {
      storeRow(at, channel, lanes, row,
               outputs.slice(row * shape.outputs, shape.outputs));
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
                                     const WinogradShape &shape,
                                     bool filtersInRun) {
  schedule::WinogradWork work;
  work.filtersInRun = filtersInRun;
  work.outputs = shape.outputs;
  work.tiles = shape.tiles();
  work.inputs = shape.inputs;
  work.channels = shape.channels;
  work.ofBytes = shape.integers.has_value();
  work.inPairs = work.ofBytes && shape.integers->pairs;
  work.imageBytes = (work.ofBytes ? 1 : 4) *
                    (getOperandLayout(kernel, shape.input).allocated +
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
    return winogradTilings(workOf(kernel, *scheduledShape(kernel),
                                  kernel.getTilingAttr().getFiltersInRun()),
                           machine);
  }

  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr tiling) const override {
    return getWinogradBlocks(kernel, *scheduledShape(kernel), tiling).extent;
  }

  LogicalResult emit(KernelBuilder &k) const override {
    WinogradShape shape = *scheduledShape(k.kernel);
    if (shape.integers)
      writeIntegerWinograd(k, shape);
    else
      writeFloatWinograd(k, shape);
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
    return RankedTensorType::get(
        {elements},
        scheduledShape(kernel)->scratchElement(kernel.getContext()));
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
                          bool filtersInRun, int64_t panelVectors) {
  std::optional<WinogradShape> shape = getWinogradShape(kernel, outputs);
  if (!shape || (filtersInRun && shape->integers))
    return std::nullopt;
  schedule::WinogradWork work = workOf(kernel, *shape, filtersInRun);
  work.panelVectors = panelVectors;
  schedule::TilingAttr tiling =
      schedule::fastest(winogradTilings(work, machine));
  if (!tiling)
    return std::nullopt;
  RankedTensorType filter = packWinogradFilter(kernel, *shape, tiling).type;
  return WinogradMethod{tiling, filter.getNumElements() *
                                    filter.getElementTypeBitWidth() / 8};
}
