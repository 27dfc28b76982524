//===- WinogradFloat.cpp - Winograd's method on f32 -----------------------===//
//
// Inputs at all points are f32 in scratch; their products are those of
// register tiles (TileProduct.h).
//
//===----------------------------------------------------------------------===//
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "passes/kernel/TileProduct.h"
#include "passes/kernel/WinogradWriter.h"
#include "passes/schedule/CostModel.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// A cache line of float.
static constexpr int64_t lineElements = 16;

namespace {
class FloatWinogradWriter : public WinogradWriter {
public:
  using WinogradWriter::WinogradWriter;

private:
  int64_t inputLanes() const override { return k.tiling.getLanes(); }
  int64_t outputLanes() const override { return k.tiling.getLanes(); }
  void transformVector(const TilePosition &at, Index local, Index channel,
                       int64_t lanes) override;
  void multiplyTiles(const FilterPanel &panel, Index point,
                     Index local) override;
  void finishVector(const TilePosition &at, Index local, Index channel,
                    int64_t lanes) override;

  void fetchFilter(const FilterPanel &panel, Index next, Index c);
  void fetchAhead(Index at, Index channel, int64_t tile, int64_t point,
                  int64_t channels, bool forWriting);
};
} // namespace

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
          k.store(value, k.scratchBuffer(), to + point * blocks.inputPoint,
                  lanes);
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
  // Each tile fetches its share of the next panel, which lies behind this one.
  Index next = k.add(panel.filter + panel.width * shape.inputs,
                     k.mul(k.div(local, blocks.rowTiles), lineElements));
  TileProduct product;
  product.lhsBuffer = k.scratchBuffer();
  product.lhs = from;
  product.lhsStride = blocks.inputTile;
  product.rhsBuffer = k.operandBuffer(shape.filter);
  product.rhs = panel.filter;
  product.width = panel.width;
  product.vectorLanes = panels.lanes;
  product.lanes = panel.lanes;
  product.outputs = panel.tiles;
  product.depth = shape.inputs;
  auto fetch = [&](Index c) { fetchFilter(panel, next, c); };
  product.fetch = fetch;
  storeProducts(panel, point, local, emitProduct(k, product));
}

/// The panel's rows well ahead, and a part of the next panel's row `c`.
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
  int64_t share = llvm::divideCeil(panel.width, lineElements * blocks.rows);
  for (int64_t line = 0; line < share; ++line)
    k.prefetch(filter, k.add(next + line * blocks.rows * lineElements, row), 2);
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
  FloatWinogradWriter(k, shape).write();
}
