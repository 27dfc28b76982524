//===- ContractionUnpack.cpp - weights become floats once per panel -------===//
//
// Weights of fewer bits than the sums have are made f32 a panel at a time where
// many tiles read them: once for all, not in each tile.
//
//   for panel:
//     for i in panel's weights: buffer[i] = f32(packed[i])
//     for tiles: sums += lhs x buffer
//
//===----------------------------------------------------------------------===//
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/ContractionWriter.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// Unpacking costs once what each tile would take, and a store and a load.
bool kernel::unpacksInRun(const ContractionShape &shape,
                          schedule::MachineAttr machine) {
  constexpr int64_t fewestPositions = 24, narrowestPanel = 2;
  int64_t panelBytes =
      narrowestPanel * machine.getFloatLanes() * 4 * shape.depth();
  return shape.packed && !shape.dot && shape.element.isF32() &&
         shape.lhsElement == shape.element &&
         shape.rhsElement != shape.element &&
         shape.height * shape.width >= fewestPositions &&
         panelBytes <= mostRunPanelBytes;
}

/// Weights that are unpacked together: several vectors, whose instructions then
/// work on whole registers.
static constexpr int64_t together = 32;

/// `together` bytes, or twice as many halves of half as many.
Value ContractionWriter::loadManyWeights(Index at) {
  int64_t lanes = panels.lanes, count = together / rhsPerByte;
  Value bytes = vector::LoadOp::create(
      k.b, k.loc, VectorType::get(count, k.b.getI8Type()),
      k.operandBuffer(shape.rhs), ValueRange{k.value(at)});
  if (rhsPerByte == 1)
    return bytes;
  Value four = k.splat(k.b.getI8IntegerAttr(4), count);
  Value low = arith::ShLIOp::create(k.b, k.loc, bytes, four);
  low = arith::ShRSIOp::create(k.b, k.loc, low, four);
  Value high = arith::ShRSIOp::create(k.b, k.loc, bytes, four);
  // Of each vector, the first half of its lanes lies in the low bits.
  SmallVector<int64_t> order;
  for (int64_t first = 0; first < count; first += lanes / 2) {
    for (int64_t half : {int64_t(0), count})
      for (int64_t lane = 0; lane < lanes / 2; ++lane)
        order.push_back(half + first + lane);
  }
  return vector::ShuffleOp::create(k.b, k.loc, low, high, order);
}

/// The panel's weights as f32 in the buffer, and the panel that reads them.
Panel ContractionWriter::unpackPanel(const Panel &panel) {
  Panel unpacked = panel;
  unpacked.rhs = 0;
  unpacked.step = panel.step * rhsPerByte;
  auto store = [&](Value weights, Index to) {
    weights = factor(weights, shape.rhsElement, shape.rhsZeroPoint);
    vector::StoreOp::create(k.b, k.loc, weights, rhsBuffer(),
                            ValueRange{k.value(to)});
  };
  bool isWhole = llvm::all_of(
      panel.computed, [&](int64_t lanes) { return lanes == panels.lanes; });
  int64_t count = shape.depth() * unpacked.step;
  if (isWhole && shape.rhsElement.isSignlessInteger(8) &&
      together % panels.lanes == 0 && panels.lanes > 1 &&
      count % together == 0) {
    k.loop(0, count, together, [&](Index first) {
      store(loadManyWeights(k.add(panel.rhs, k.div(first, rhsPerByte))), first);
    });
    return unpacked;
  }
  k.loop(0, shape.depth(), 1, [&](Index step) {
    Index from = k.add(panel.rhs, k.mul(step, panel.step)),
          to = k.mul(step, unpacked.step);
    for (size_t v = 0; v < panel.vectors(); ++v)
      store(loadPacked(panel, from, v), to + int64_t(v) * panels.lanes);
  });
  return unpacked;
}
