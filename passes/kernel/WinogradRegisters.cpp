//===- WinogradRegisters.cpp - filters that never leave registers ---------===//
//
// Where a layer has few tiles, each transformed filter is used so rarely that
// storing and loading it takes as long as its products. So it is not stored: a
// row of points takes one line of transformed taps, which lives in registers
// while the row's products are added to sums that stay there as well.
//
//   for panel: for inputs in parts: for some tiles:
//     for row of points:                          (unrolled)
//       for c in part:
//         line[x] = taps[panel][c][:][x] at the row's point     3 values
//         filters[x] = line at the point of each column         6, or 4
//         sums[x][tile] += inputs[row][x][tile][c] * filters[x]
//       products[row][:][tile] += sums
//
// A panel is a single vector, and a part's taps stay in the first-level cache
// while all rows pass over them. Filters are bare (WinogradTransform.h): their
// transform is an addition or a multiply-add per value.
//
//===----------------------------------------------------------------------===//
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "passes/kernel/LaneProducts.h"
#include "passes/kernel/WinogradFloat.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

namespace {
class RegisterWinogradWriter : public FloatWinogradWriter {
public:
  using FloatWinogradWriter::FloatWinogradWriter;

private:
  Value scaledInput(Value input, int64_t y, int64_t x) override;
  void multiplyInputs(Index row, Index end, FilterPanel panel) override;
  void multiplyTiles(const FilterPanel &panel, Index point,
                     Index local) override;
  SmallVector<Value> rowOfPoints(const FilterPanel &panel, int64_t y,
                                 Index local);
  SmallVector<Value> filters(const FilterPanel &panel, int64_t y, Index c);
  void fetchTaps(const FilterPanel &panel, Index pass, Index c);
};
} // namespace

Value RegisterWinogradWriter::scaledInput(Value input, int64_t y, int64_t x) {
  double scale = transform.inputScale(y) * transform.inputScale(x);
  if (scale == 1.0)
    return input;
  int64_t lanes = cast<VectorType>(input.getType()).getDimSize(0);
  return arith::MulFOp::create(k.b, k.loc, input, k.splat(float(scale), lanes));
}

void RegisterWinogradWriter::multiplyInputs(Index row, Index end,
                                            FilterPanel panel) {
  panel.filter = tapsOf(panel, panel.input);
  multiplyRows(row, end, /*point=*/0, panel);
}

/// All points of some tiles.
void RegisterWinogradWriter::multiplyTiles(const FilterPanel &panel, Index,
                                           Index local) {
  for (int64_t y = 0; y < shape.side(); ++y) {
    SmallVector<Value> sums = rowOfPoints(panel, y, local);
    for (int64_t x = 0; x < shape.side(); ++x)
      storeProducts(panel, y * shape.side() + x, local,
                    ArrayRef(sums).slice(x * panel.tiles, panel.tiles));
  }
}

/// The sums of a row of points: [column][tile].
SmallVector<Value> RegisterWinogradWriter::rowOfPoints(const FilterPanel &panel,
                                                       int64_t y, Index local) {
  Index from =
      k.add(k.add(inputs, k.mul(local, blocks.inputTile)), panel.input) +
      y * shape.side() * blocks.inputPoint;
  Index pass = k.mul(k.div(local, blocks.rowTiles), shape.side()) + y;
  auto step = [&](Index c, ArrayRef<Value> sums) {
    SmallVector<Value> results(sums), factors = filters(panel, y, c);
    for (int64_t x = 0; x < shape.side(); ++x) {
      for (int64_t tile = 0; tile < panel.tiles; ++tile) {
        Value input = k.loadScalar(
            k.scratchBuffer(),
            k.add(from, c) + (x * blocks.inputPoint + tile * blocks.inputTile));
        Value &sum = results[x * panel.tiles + tile];
        sum = k.fma(k.splat(input, panels.lanes), factors[x], sum);
      }
    }
    return results;
  };
  auto steps = [&](Index first, int64_t count, ArrayRef<Value> sums,
                   std::optional<WeightStream> &) {
    SmallVector<Value> current(sums);
    for (int64_t u = 0; u < count; ++u)
      current = step(first + u, current);
    // Behind the loads, as in ContractionReduce.cpp.
    for (int64_t u = 0; u < count; ++u)
      fetchTaps(panel, pass, first + u);
    return current;
  };
  SmallVector<Value> zeros(shape.side() * panel.tiles,
                           k.splat(0.0f, panels.lanes));
  return loopOverSteps(k, panel.depth,
                       std::min(k.tiling.getUnroll(), panel.depth), zeros,
                       std::nullopt, steps);
}

/// The filters of input `c` at the points in row `y`.
SmallVector<Value> RegisterWinogradWriter::filters(const FilterPanel &panel,
                                                   int64_t y, Index c) {
  Index taps = k.add(panel.filter, k.mul(c, 9 * panel.width));
  SmallVector<Value> line;
  for (int64_t x = 0; x < 3; ++x) {
    SmallVector<Value> column;
    for (int64_t tap = 0; tap < 3; ++tap) {
      column.push_back(k.load(k.operandBuffer(shape.filter),
                              taps + (3 * tap + x) * panel.width,
                              panels.lanes));
    }
    line.push_back(transform.bareFilter(k, y, column));
  }
  return transform.bareFilters(k, line);
}

/// The taps of a later part, which lie behind this one's: each of the passes
/// over a part fetches its share, in order. Not those of the next one, whose
/// first pass would wait wherever memory answers late.
void RegisterWinogradWriter::fetchTaps(const FilterPanel &panel, Index pass,
                                       Index c) {
  int64_t share = llvm::divideCeil(9 * panel.width, shape.side() * blocks.rows);
  constexpr int64_t partsAhead = 2;
  Index next = tapsOf(panel, k.add(panel.input, partsAhead * panel.depth));
  Index step = k.add(k.mul(pass, panel.depth), c);
  for (int64_t line = 0; line < share; line += lineElements)
    k.prefetch(k.operandBuffer(shape.filter),
               k.add(next, k.mul(step, share)) + line, 2);
}

void kernel::writeRegisterWinograd(KernelBuilder &k,
                                   const WinogradShape &shape) {
  RegisterWinogradWriter(k, shape).write();
}
