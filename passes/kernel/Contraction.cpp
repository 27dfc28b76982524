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
#include "passes/kernel/ContractionShape.h"
#include "passes/kernel/KernelTable.h"
#include "passes/schedule/CostModel.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

namespace {

/// One panel of output channels, as the tile bodies see it.
struct Panel {
  /// first channel in the result
  Index channel;
  /// first element in rhs
  Index rhs;
  /// where lhs starts for this panel's group
  Index lhs;
  /// elements between reduction steps in rhs
  int64_t step;
  /// lanes of each vector as stored, and as computed
  SmallVector<int64_t> stored, computed;

  size_t vectors() const { return stored.size(); }
};

/// Writes the loops of one kernel.
class ContractionWriter {
public:
  ContractionWriter(KernelBuilder &k, const ContractionShape &shape)
      : k(k), shape(shape), tiling(k.tiling), panels(shape, tiling) {}

  void write() { batches(0, {}, shape.lhsOffset, shape.rhsOffset); }

private:
  void batches(size_t dim, SmallVector<Index> index, Index lhs, Index rhs);
  void groups(Index lhs, Index rhs);
  void channelPanels(Index group, Index lhs, Index rhs);
  Panel makePanel(Index group, Index number, bool last, Index lhs, Index rhs);
  void rowsAndColumns(const Panel &panel);
  void columns(const Panel &panel, Index h, int64_t rows);
  void tile(const Panel &panel, Index h, int64_t rows, Index w,
            int64_t columns);
  SmallVector<Value> initial(const Panel &panel, int64_t outputs);
  SmallVector<Value> reduce(const Panel &panel, Index lhs, Index nextPanel,
                            int64_t rows, int64_t columns,
                            SmallVector<Value> accumulators);
  SmallVector<Value> step(const Panel &panel, Index lhs, Index rhs,
                          Index nextPanel, int64_t rows, int64_t columns,
                          ArrayRef<Value> accumulators);
  Value loadRhs(const Panel &panel, Index at, size_t vector);
  Value widen(Value vector, int64_t lanes);
  Value narrow(Value vector, int64_t lanes);

  KernelBuilder &k;
  const ContractionShape &shape;
  schedule::TilingAttr tiling;
  Panels panels;
  SmallVector<Index> batchIndex;
};

} // namespace

//===-- outer loops
//---------------------------------------------------------===//

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
  auto panel = [&](Index number, bool last) {
    rowsAndColumns(makePanel(group, number, last, lhs, rhs));
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
  k.loop(0, panels.full, 1, [&](Index number) { panel(number, false); });
  if (panels.hasLast())
    panel(panels.full, true);
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
    panel.step = last ? panels.lastWidth() : panels.width;
    panel.rhs = k.mul(channel, shape.depth());
    panel.rhs =
        k.add(panel.rhs, k.mul(group, panels.groupWidth() * shape.depth()));
  } else {
    panel.step = shape.rhsRun;
    panel.rhs = k.add(rhs, k.mul(panel.channel, shape.rhsChannel));
  }
  return panel;
}

void ContractionWriter::rowsAndColumns(const Panel &panel) {
  bool split = tiling.getSplit() == schedule::Split::rows;
  int64_t size = tiling.getRows();
  if (shape.height == 1) {
    columns(panel, 0, 1);
    return;
  }
  if (!split) {
    k.tiles(0, shape.height, size,
            [&](Index h, int64_t rows) { columns(panel, h, rows); });
    return;
  }
  // The range counts tiles of rows; the last may be smaller.
  int64_t whole = shape.height / size, rest = shape.height % size;
  Index end = rest ? k.minimum(k.end, whole) : Index(k.end);
  if (whole)
    k.loop(k.begin, end, 1,
           [&](Index t) { columns(panel, k.mul(t, size), size); });
  if (rest)
    k.ifLess(whole, k.end, [&] { columns(panel, whole * size, rest); });
}

void ContractionWriter::columns(const Panel &panel, Index h, int64_t rows) {
  int64_t size = tiling.getColumns();
  bool split = shape.height == 1 && tiling.getSplit() == schedule::Split::rows;
  if (!split) {
    k.tiles(0, shape.width, size, [&](Index w, int64_t columns) {
      tile(panel, h, rows, w, columns);
    });
    return;
  }
  int64_t whole = shape.width / size, rest = shape.width % size;
  Index end = rest ? k.minimum(k.end, whole) : Index(k.end);
  if (whole)
    k.loop(k.begin, end, 1,
           [&](Index t) { tile(panel, h, rows, k.mul(t, size), size); });
  if (rest)
    k.ifLess(whole, k.end, [&] { tile(panel, h, rows, whole * size, rest); });
}

//===-- one tile
//------------------------------------------------------------===//

void ContractionWriter::tile(const Panel &panel, Index h, int64_t rows, Index w,
                             int64_t columns) {
  Index lhs = k.add(k.add(panel.lhs, k.mul(h, shape.lhsRow)),
                    k.mul(w, shape.lhsColumn));
  // Each tile fetches its share of the next panel.
  Index next;
  if (tiling.getPrefetchNext()) {
    int64_t panelSize = shape.depth() * panel.step;
    int64_t perColumn = llvm::divideCeil(panelSize, shape.width * shape.height);
    next = k.add(panel.rhs + panelSize, k.mul(w, perColumn));
    next = k.add(next, k.mul(h, perColumn * shape.width));
  }
  SmallVector<Value> accumulators =
      reduce(panel, lhs, next, rows, columns, initial(panel, rows * columns));
  Layout result = k.resultLayout();
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < columns; ++c)
      for (size_t v = 0; v < panel.vectors(); ++v) {
        SmallVector<Index> position = shape.position(
            batchIndex, h + r, w + c, panel.channel + v * panels.lanes);
        Value vector = accumulators[(r * columns + c) * panel.vectors() + v];
        vector = narrow(vector, panel.stored[v]);
        vector = emitEpilogue(k, vector, position, panel.stored[v]);
        k.store(vector, k.resultBuffer(), k.address(result, position),
                panel.stored[v]);
      }
}

SmallVector<Value> ContractionWriter::initial(const Panel &panel,
                                              int64_t outputs) {
  SmallVector<Value> bias;
  for (size_t v = 0; v < panel.vectors(); ++v) {
    if (!shape.bias) {
      bias.push_back(k.splat(0.0f, panel.computed[v]));
      continue;
    }
    Layout layout = k.operandLayout(*shape.bias);
    Index at = panel.channel + (v * panels.lanes + layout.offset);
    Value vector = k.load(k.operandBuffer(*shape.bias), at, panel.stored[v]);
    bias.push_back(widen(vector, panel.computed[v]));
  }
  SmallVector<Value> accumulators;
  for (int64_t i = 0; i < outputs; ++i)
    accumulators.append(bias);
  return accumulators;
}

SmallVector<Value> ContractionWriter::reduce(const Panel &panel, Index lhs,
                                             Index next, int64_t rows,
                                             int64_t columns,
                                             SmallVector<Value> accumulators) {
  int64_t unroll = std::min(tiling.getUnroll(), shape.run);
  int64_t whole = shape.run / unroll * unroll;
  // Elements of the next panel that one reduction step fetches.
  int64_t share =
      llvm::divideCeil(panel.step * rows * columns, shape.width * shape.height);
  auto run = [&](Index lhs, Index rhs, Index next,
                 ArrayRef<Value> carried) -> SmallVector<Value> {
    auto steps = [&](Index at, int64_t count, ArrayRef<Value> carried) {
      SmallVector<Value> current(carried);
      for (int64_t u = 0; u < count; ++u) {
        Index here = at + u;
        Index fetched;
        if (tiling.getPrefetchNext())
          fetched = k.add(next, k.mul(here, share));
        current =
            step(panel, k.add(lhs, here), k.add(rhs, k.mul(here, panel.step)),
                 fetched, rows, columns, current);
      }
      return current;
    };
    SmallVector<Value> current =
        k.loop(0, whole, unroll, SmallVector<Value>(carried),
               [&](Index at, ArrayRef<Value> carried) {
                 return steps(at, unroll, carried);
               });
    return steps(whole, shape.run - whole, current);
  };
  return k.loop(0, shape.kernelHeight, 1, accumulators,
                [&](Index kh, ArrayRef<Value> carried) {
                  return k.loop(
                      0, shape.kernelWidth, 1, SmallVector<Value>(carried),
                      [&](Index kw, ArrayRef<Value> carried) {
                        Index taps = k.add(k.mul(kh, shape.kernelWidth), kw);
                        Index rhs = panel.rhs;
                        if (shape.packed)
                          rhs = k.add(rhs, k.mul(taps, shape.run * panel.step));
                        else
                          rhs = k.add(k.add(rhs, k.mul(kh, shape.rhsKernelRow)),
                                      k.mul(kw, shape.rhsKernelColumn));
                        Index from =
                            k.add(k.add(lhs, k.mul(kh, shape.lhsKernelRow)),
                                  k.mul(kw, shape.lhsKernelColumn));
                        Index fetch = next;
                        if (tiling.getPrefetchNext())
                          fetch = k.add(next, k.mul(taps, shape.run * share));
                        return run(from, rhs, fetch, carried);
                      });
                });
}

SmallVector<Value> ContractionWriter::step(const Panel &panel, Index lhs,
                                           Index rhs, Index next, int64_t rows,
                                           int64_t columns,
                                           ArrayRef<Value> accumulators) {
  constexpr int64_t lineElements = 64 / sizeof(float);
  Value rhsBuffer = k.operandBuffer(shape.rhs);
  Value lhsBuffer = k.operandBuffer(shape.lhs);
  SmallVector<Value> factors;
  for (size_t v = 0; v < panel.vectors(); ++v)
    factors.push_back(loadRhs(panel, rhs, v));
  if (tiling.getPrefetch() && shape.packed)
    for (int64_t at = 0; at < panel.step; at += lineElements)
      k.prefetch(rhsBuffer, rhs + (tiling.getPrefetch() * panel.step + at), 3);
  if (tiling.getPrefetchNext())
    k.prefetch(rhsBuffer, next, 2);
  SmallVector<Value> results(accumulators);
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < columns; ++c) {
      Value scalar = k.loadScalar(
          lhsBuffer, lhs + (r * shape.lhsRow + c * shape.lhsColumn));
      for (size_t v = 0; v < panel.vectors(); ++v) {
        Value &sum = results[(r * columns + c) * panel.vectors() + v];
        auto type = cast<VectorType>(sum.getType());
        Value factor = vector::BroadcastOp::create(k.b, k.loc, type, scalar);
        sum = k.fma(factor, factors[v], sum);
      }
    }
  return results;
}

Value ContractionWriter::loadRhs(const Panel &panel, Index at, size_t vector) {
  Value buffer = k.operandBuffer(shape.rhs);
  int64_t lanes = panel.computed[vector], first = vector * panels.lanes;
  if (shape.packed)
    return k.load(buffer, at + first, lanes);
  if (shape.rhsChannel == 1)
    return widen(k.load(buffer, at + first, panel.stored[vector]), lanes);
  // Weights computed at run time, in filter order: one element at a time.
  SmallVector<Value> elements;
  for (int64_t lane = 0; lane < lanes; ++lane) {
    int64_t used = std::min(lane, panel.stored[vector] - 1);
    elements.push_back(
        k.loadScalar(buffer, at + (first + used) * shape.rhsChannel));
  }
  return vector::FromElementsOp::create(k.b, k.loc, k.vectorType(lanes),
                                        elements);
}

/// The vector's lanes and others of any value, `lanes` in all.
Value ContractionWriter::widen(Value vector, int64_t lanes) {
  int64_t width = cast<VectorType>(vector.getType()).getDimSize(0);
  if (width == lanes)
    return vector;
  SmallVector<int64_t> mask(lanes);
  for (int64_t lane = 0; lane < lanes; ++lane)
    mask[lane] = std::min(lane, width - 1);
  return vector::ShuffleOp::create(k.b, k.loc, vector, vector, mask);
}

/// The first lanes, in the type that carries as many.
Value ContractionWriter::narrow(Value vector, int64_t lanes) {
  VectorType type = k.vectorType(lanes);
  if (vector.getType() == type)
    return vector;
  auto mask = llvm::to_vector(llvm::seq<int64_t>(0, type.getDimSize(0)));
  return vector::ShuffleOp::create(k.b, k.loc, vector, vector, mask);
}

//===-- the emitter
//---------------------------------------------------------===//

namespace {

class ContractionEmitter : public KernelEmitter {
public:
  StringRef name() const override { return "contraction"; }

  bool matches(schedule::KernelOp kernel) const override {
    return getContractionShape(kernel).has_value();
  }

  schedule::TilingAttr schedule(schedule::KernelOp kernel,
                                schedule::MachineAttr machine) const override {
    ContractionShape shape = *getContractionShape(kernel);
    return schedule::chooseContractionTiling(work(kernel, shape), machine);
  }

  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr tiling) const override {
    ContractionShape shape = *getContractionShape(kernel);
    if (tiling.getSplit() == schedule::Split::columns)
      return shape.groups > 1 ? shape.groups : Panels(shape, tiling).count();
    return shape.height > 1
               ? llvm::divideCeil(shape.height, tiling.getRows())
               : llvm::divideCeil(shape.width, tiling.getColumns());
  }

  LogicalResult emit(KernelBuilder &k) const override {
    ContractionShape shape = *getContractionShape(k.kernel);
    ContractionWriter(k, shape).write();
    return success();
  }

  std::optional<Packing> packing(schedule::KernelOp kernel,
                                 schedule::TilingAttr tiling,
                                 unsigned operand) const override {
    ContractionShape shape = *getContractionShape(kernel);
    if (!shape.packed || operand != shape.rhs)
      return std::nullopt;
    return packRhs(kernel, shape, tiling);
  }

  int64_t flops(schedule::KernelOp kernel) const override {
    ContractionShape shape = *getContractionShape(kernel);
    return 2 * shape.batchCount() * shape.height * shape.width * shape.groups *
           shape.channels * shape.depth();
  }

private:
  static schedule::ContractionWork work(schedule::KernelOp kernel,
                                        const ContractionShape &shape) {
    schedule::ContractionWork work;
    work.batch = shape.batchCount();
    work.height = shape.height;
    work.width = shape.width;
    work.groups = shape.groups;
    work.channels = shape.channels;
    work.runs = shape.kernelHeight * shape.kernelWidth;
    work.run = shape.run;
    work.packed = shape.packed;
    work.lhsBytes = 4 * getOperandLayout(kernel, shape.lhs).allocated;
    work.epilogueOperators = countEpilogueOperators(kernel);
    return work;
  }
};

} // namespace

const KernelEmitter &kernel::contractionEmitter() {
  static const ContractionEmitter emitter;
  return emitter;
}
