//===- ContractionPack.cpp - a second factor packed in each run -----------===//
//
// Of a product of two values, no side is known at compile time. The kernel
// itself puts a panel of rhs in the order that instructions on four bytes want,
// before the loops over the rows of lhs:
//
//   for step of four rows: for vector:
//     packed[step][vector] = rhs[4 step + 0][v0], rhs[4 step + 1][v0], ...
//     sums[vector] += 1 . packed[step][vector]
//   starts[vector] = -offset * sums[vector]
//
// which is what packRhs() makes of constants. It reads and writes each byte
// once, while each is multiplied with all rows of lhs.
//
//===----------------------------------------------------------------------===//
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/ContractionWriter.h"
#include "passes/kernel/MatrixUnit.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

Value ContractionWriter::rhsBuffer() {
  if (!shape.packedInRun && !shape.unpackedInRun)
    return k.operandBuffer(shape.rhs);
  if (!packedPanel) {
    int64_t bytes = runPanelBytes(shape, panels);
    packedPanel = shape.unpackedInRun
                      ? allocateOnStack(k, bytes / 4, shape.element)
                      : allocateOnStack(k, bytes, k.b.getI8Type());
  }
  return packedPanel;
}

/// Leaves movedSums() of the rows that this call computes on the stack.
void ContractionWriter::sumRows(Index lhs) {
  constexpr int64_t mostRows = 4096;
  if (!shape.dot->rhsMovedBy || panels.count() == 1 || shape.width > mostRows)
    return;
  rowSums = allocateOnStack(k, shape.width, k.b.getI32Type());
  Index lo = 0, hi = shape.width;
  if (tiling.getSplit() == schedule::Split::rows) {
    int64_t size = tiling.getColumns();
    lo = k.mul(rangeBegin, size);
    hi = k.minimum(k.mul(rangeEnd, size), shape.width);
  }
  k.loop(lo, hi, 1, [&](Index w) {
    Index row = k.add(lhs, k.mul(w, shape.lhsColumn));
    k.storeScalar(movedSums(row, 1, 1).front(), rowSums, w);
  });
}

/// Rows [at, at + 4) of one vector's channels side by side, as signed bytes;
/// only rows [skipped, skipped + count) of these are read, the others are zero.
Value ContractionWriter::packStep(const Panel &panel, size_t vector, Index at,
                                  int64_t skipped, int64_t count) {
  int64_t stored = panel.stored[vector], lanes = panel.computed[vector];
  Value buffer = k.operandBuffer(shape.rhs), rows[dotBytes], nothing;
  for (int64_t t = 0; t < dotBytes; ++t) {
    if (t < skipped || t >= skipped + count) {
      if (!nothing)
        nothing = k.splat(k.b.getI8IntegerAttr(0), lanes);
      rows[t] = nothing;
      continue;
    }
    Index row = k.add(panel.source, k.mul(k.add(at, t), shape.rhsRun));
    rows[t] = widen(k.load(buffer, row + int64_t(vector) * panels.lanes, stored,
                           Form::stored),
                    lanes);
    if (isUnsignedElement(shape.rhsElement)) {
      auto sign = IntegerAttr::get(k.b.getI8Type(), llvm::APInt(8, 0x80));
      rows[t] =
          arith::XOrIOp::create(k.b, k.loc, rows[t], k.splat(sign, lanes));
    }
  }
  int64_t width = cast<VectorType>(rows[0].getType()).getDimSize(0);
  // Neighbours first, then pairs of them.
  auto interleave = [&](Value x, Value y, int64_t size) -> Value {
    int64_t elements = cast<VectorType>(x.getType()).getDimSize(0);
    SmallVector<int64_t> order;
    for (int64_t first = 0; first < elements; first += size) {
      for (int64_t i = 0; i < size; ++i)
        order.push_back(first + i);
      for (int64_t i = 0; i < size; ++i)
        order.push_back(elements + first + i);
    }
    return vector::ShuffleOp::create(k.b, k.loc, x, y, order);
  };
  Value packed = interleave(interleave(rows[0], rows[1], 1),
                            interleave(rows[2], rows[3], 1), 2);
  return vector::BitCastOp::create(
      k.b, k.loc, VectorType::get(width, k.b.getI32Type()), packed);
}

void ContractionWriter::packPanel(const Panel &panel) {
  bool hasStarts = shape.dotOffset() != 0;
  int64_t startBytes = int64_t(panel.step) / dotBytes * shape.packedStart();
  Index steps = panel.rhs + startBytes;
  auto one = IntegerAttr::get(k.b.getI32Type(), llvm::APInt(32, 0x01010101));
  // `skipped` rows were packed by the step before.
  auto pack = [&](Index step, Index at, int64_t skipped, int64_t count,
                  ArrayRef<Value> sums) {
    SmallVector<Value> results(sums);
    for (size_t v = 0; v < panel.vectors(); ++v) {
      Value words = packStep(panel, v, at, skipped, count);
      Value bytes = factors(words);
      Index to = k.add(steps, k.mul(step, panel.step)) +
                 int64_t(v) * panels.lanes * dotBytes;
      vector::StoreOp::create(k.b, k.loc, bytes, rhsBuffer(),
                              ValueRange{k.value(to)});
      if (hasStarts) {
        results[v] =
            shape.dot->emit(k.b, k.loc, results[v],
                            factors(k.splat(one, panel.computed[v])), bytes);
      }
    }
    return results;
  };
  SmallVector<Value> sums;
  if (hasStarts)
    for (int64_t lanes : panel.computed)
      sums.push_back(zero(lanes));
  int64_t whole = shape.run / dotBytes, rest = shape.run % dotBytes;
  sums = k.loop(0, whole, 1, sums, [&](Index step, ArrayRef<Value> carried) {
    return pack(step, k.mul(step, dotBytes), 0, dotBytes, carried);
  });
  if (rest) {
    // Of a run that has four, the last step takes the last four.
    int64_t skipped = whole ? dotBytes - rest : 0;
    sums = pack(whole, shape.run - rest - skipped, skipped, rest, sums);
  }
  if (!hasStarts)
    return;
  auto number = [&](int64_t value, int64_t lanes) {
    return k.splat(IntegerAttr::get(k.b.getI32Type(),
                                    llvm::APInt(64, uint64_t(value)).trunc(32)),
                   lanes);
  };
  for (size_t v = 0; v < panel.vectors(); ++v) {
    int64_t lanes = panel.computed[v];
    Value sum = arith::AddIOp::create(
        k.b, k.loc, sums[v], number(shape.run * shape.dot->rhsMovedBy, lanes));
    Value start = arith::MulIOp::create(k.b, k.loc, sum,
                                        number(-shape.dotOffset(), lanes));
    Index to = panel.rhs + int64_t(v) * panels.lanes * shape.packedStart();
    vector::StoreOp::create(k.b, k.loc, factors(start), rhsBuffer(),
                            ValueRange{k.value(to)});
  }
}
