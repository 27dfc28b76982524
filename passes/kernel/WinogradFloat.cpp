//===- WinogradFloat.cpp - Winograd's method on f32 -----------------------===//
//
// Inputs at all points are f32 in scratch; their products are those of
// register tiles (TileProduct.h).
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/WinogradFloat.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "passes/kernel/TileProduct.h"
#include "passes/schedule/CostModel.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// Of nine taps those that are fetched while filters are transformed; the rest
/// comes beside products.
static constexpr int64_t tapsInTransform = 4;

//===-- inputs -----------------------------------------------------------===//

void FloatWinogradWriter::transformVector(const TilePosition &at, Index local,
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
          k.store(scaledInput(value, y, int64_t(x)), k.scratchBuffer(),
                  to + point * blocks.inputPoint, lanes);
        }
      });
}

/// The lines of all points that come next: more streams than the hardware
/// follows. With few channels they are the next tile's. Each line once, however
/// many vectors it has.
void FloatWinogradWriter::fetchAhead(Index at, Index channel, int64_t tile,
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

void FloatWinogradWriter::multiplyTiles(const FilterPanel &panel, Index point,
                                        Index local) {
  Index from = k.add(k.add(inputs, k.mul(point, blocks.inputPoint)),
                     k.mul(local, blocks.inputTile));
  bool isInRun = blocks.filterInputs != 0;
  // Each tile fetches its share of the next panel, which lies behind this one:
  // in order, because the hardware follows one stream, and fetches ahead in it.
  Index next = k.add(
      panel.filter + panel.width * shape.inputs,
      k.mul(k.div(local, blocks.rowTiles), nextShare(panel) * shape.inputs));
  TileProduct product;
  product.lhsBuffer = k.scratchBuffer();
  product.lhs = k.add(from, panel.input);
  product.lhsStride = blocks.inputTile;
  product.rhsBuffer =
      isInRun ? k.scratchBuffer() : k.operandBuffer(shape.filter);
  product.rhs = panel.filter;
  product.width = panel.width;
  product.vectorLanes = panels.lanes;
  product.lanes = panel.lanes;
  product.outputs = panel.tiles;
  product.depth = panel.depth;
  auto fetch = [&](Index c) {
    isInRun ? fetchOtherTaps(panel, point, c) : fetchFilter(panel, next, c);
  };
  product.fetch = fetch;
  storeProducts(panel, point, local, emitProduct(k, product));
}

/// The panel's rows well ahead, and step `c`'s part of the next panel.
void FloatWinogradWriter::fetchFilter(const FilterPanel &panel, Index next,
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
  int64_t share = nextShare(panel);
  for (int64_t line = 0; line < share; line += lineElements)
    k.prefetch(filter, k.add(next + line, k.mul(c, share)), 2);
}

//===-- filters that are transformed in the run --------------------------===//

//   for panel: for inputs in parts:
//     filters[point][c][n] = transform(taps[panel][c][:][n])
//     for point: products[point][tile][n] += inputs[point][tile][c] x
//                                            filters[point][c][n]
//
// The taps are 9 numbers where the filters are 36 (or 16), and come from memory
// once; a part's filters stay in the second-level cache.
void FloatWinogradWriter::finishPanels(Index row, Index end, Index first,
                                       Index tiles) {
  if (!blocks.filterInputs)
    return WinogradWriter::finishPanels(row, end, first, tiles);
  k.loop(firstPanel, endPanel, 1, [&](Index panel) {
    FilterPanel filter = panelAt(panel, /*last=*/false);
    firstChannel = filter.channel;
    filter.depth = blocks.filterInputs;
    multiplyInputs(row, end, filter);
    filter.isAdded = true;
    k.loop(filter.depth, shape.inputs, filter.depth, [&](Index input) {
      filter.input = input;
      multiplyInputs(row, end, filter);
    });
    k.loop(0, tiles, 1, [&](Index local) {
      TilePosition at = position(k.add(first, local));
      k.loop(0, panels.width, panels.lanes, [&](Index channel) {
        finishVector(at, local, k.add(filter.channel, channel), panels.lanes);
      });
    });
  });
}

Value FloatWinogradWriter::scaledInput(Value input, int64_t, int64_t) {
  return input;
}

/// Some inputs' share of a panel's products.
void FloatWinogradWriter::multiplyInputs(Index row, Index end,
                                         FilterPanel filter) {
  transformFilters(filter);
  Index filters = products + (blocks.filters - blocks.products);
  k.loop(0, shape.points(), 1, [&](Index point) {
    filter.filter = k.add(filters, k.mul(point, blocks.filterPoint));
    multiplyRows(row, end, point, filter);
  });
}

Index FloatWinogradWriter::tapsOf(const FilterPanel &panel, Index input) {
  return k.add(k.mul(panel.channel, 9 * shape.inputs),
               k.mul(input, 9 * panel.width));
}

void FloatWinogradWriter::transformFilters(const FilterPanel &panel) {
  Index filters = products + (blocks.filters - blocks.products);
  k.loop(0, panel.depth, 1, [&](Index c) {
    Index taps = tapsOf(panel, k.add(panel.input, c));
    Index row = k.add(filters, k.mul(c, panel.width));
    k.loop(0, panel.width, panels.lanes, [&](Index n) {
      transform.filter(
          k,
          [&](int64_t y, int64_t x) {
            return k.load(k.operandBuffer(shape.filter),
                          k.add(taps, n) + (3 * y + x) * panel.width,
                          panels.lanes);
          },
          [&](int64_t y, ArrayRef<Value> values) {
            for (auto [x, value] : llvm::enumerate(values)) {
              int64_t point = y * shape.side() + int64_t(x);
              Index to = k.add(row, n) + point * blocks.filterPoint;
              k.store(value, k.scratchBuffer(), to, panels.lanes);
              // The next input's line, which is in a farther cache.
              k.prefetch(k.scratchBuffer(), to + panel.width, 3,
                         /*forWriting=*/true);
            }
          });
      fetchTaps(panel, k.add(k.mul(c, panel.width), n));
    });
  });
}

/// Some of the nine taps of the inputs behind these, which lie behind theirs:
/// memory must not rest while filters are transformed. `at` counts the vectors
/// before this one in elements.
void FloatWinogradWriter::fetchTaps(const FilterPanel &panel, Index at) {
  Index next = tapsOf(panel, k.add(panel.input, panel.depth));
  for (int64_t tap = 0; tap < tapsInTransform; ++tap)
    k.prefetch(k.operandBuffer(shape.filter),
               k.add(next, k.mul(at, tapsInTransform)) + tap * panels.lanes, 2);
}

/// The rest of them: step `c` at `point` fetches its share.
void FloatWinogradWriter::fetchOtherTaps(const FilterPanel &panel, Index point,
                                         Index c) {
  int64_t elements =
      llvm::divideCeil((9 - tapsInTransform) * panel.width, shape.points());
  Index next = tapsOf(panel, k.add(panel.input, panel.depth)) +
               tapsInTransform * panel.width * panel.depth;
  Index step = k.add(k.mul(point, panel.depth), c);
  for (int64_t line = 0; line < elements; line += lineElements)
    k.prefetch(k.operandBuffer(shape.filter),
               k.add(next, k.mul(step, elements)) + line, 2);
}

//===-- outputs ----------------------------------------------------------===//

void FloatWinogradWriter::finishVector(const TilePosition &at, Index local,
                                       Index channel, int64_t lanes) {
  Index from = productsOf(local, channel);
  fetchAhead(from, channel, blocks.productTile, blocks.productPoint,
             blocks.productTile, false);
  SmallVector<Value> outputs = transformedOutputs(from, lanes);
  if (shape.bias) {
    Index first = channel + k.operandLayout(*shape.bias).offset;
    Value bias = k.load(k.operandBuffer(*shape.bias), first, lanes);
    for (Value &output : outputs)
      output = arith::AddFOp::create(k.b, k.loc, output, bias);
  }
  storeOutputs(at, channel, lanes, outputs);
}

void kernel::writeFloatWinograd(KernelBuilder &k, const WinogradShape &shape) {
  if (schedule::transformsInRegisters(k.tiling))
    return writeRegisterWinograd(k, shape);
  FloatWinogradWriter(k, shape).write();
}
