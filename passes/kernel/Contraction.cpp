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
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/KernelTable.h"
#include "passes/kernel/LaneReduction.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// Additions in a row before a sum is put aside; the rounding error of random
/// terms grows with the square root of this and of the number of blocks.
static constexpr int64_t longestChain = 64;

/// Elements of a cache line.
static int64_t lineElements(Type element) {
  return 64 / (storedType(element).getIntOrFloatBitWidth() / 8);
}

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

/// One run of reduction steps of a tile.
struct Steps {
  const Panel &panel;
  int64_t rows, columns;
  /// first elements
  Index lhs, rhs;
  /// where the tile fetches the next panel, and how much each step does
  Index next;
  int64_t share = 0;
  /// likewise for what the next tile reads of lhs; 0: nothing
  Index nextLhs;
  int64_t lhsShare = 0;
};

/// Writes the loops of one kernel.
class ContractionWriter {
public:
  ContractionWriter(KernelBuilder &k, const ContractionShape &shape)
      : k(k), shape(shape), tiling(k.tiling), panels(shape, tiling) {
    // What is larger than the second-level cache is not left to the hardware's
    // prefetching, which cannot see a tile's many short streams coming.
    int64_t near = k.machine.getL2Bytes() / int64_t(sizeof(float));
    farLhs = near && k.operandLayout(shape.lhs).allocated > near;
    // A short reduction is over before these lines could come.
    farResult = near && k.resultLayout().allocated > near / 2 &&
                shape.depth() >= 4 * longestChain;
  }

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
  void fetchOutputs(const Panel &panel, Index h, int64_t rows, Index w,
                    int64_t columns);
  SmallVector<Value> initial(const Panel &panel, int64_t outputs);
  SmallVector<Value> reduce(const Panel &panel, Index lhs, Index next,
                            int64_t rows, int64_t columns,
                            SmallVector<Value> sums);
  Steps makeSteps(const Panel &panel, Index lhs, Index next, Index kh, Index kw,
                  int64_t rows, int64_t columns);
  SmallVector<Value>
  addFromZero(ArrayRef<Value> sums,
              function_ref<SmallVector<Value>(ArrayRef<Value>)> body);
  SmallVector<Value> blocks(const Steps &steps, ArrayRef<Value> sums);
  SmallVector<Value> chain(const Steps &steps, Index from, int64_t length,
                           ArrayRef<Value> sums);
  SmallVector<Value> step(const Steps &steps, Index at, ArrayRef<Value> sums);
  void fetchAhead(const Steps &steps, Index at);
  Value loadRhs(const Panel &panel, Index at, size_t vector);
  /// What is multiplied: narrow integers become those of the sums.
  Value factor(Value x, Type element, int64_t zeroPoint) {
    return element == shape.element
               ? x
               : emitFactor(k.b, k.loc, x, element, zeroPoint);
  }
  /// Additions in a row before a sum is put aside. The error is least where a
  /// reduction has as many chains as a chain has additions, but putting sums
  /// aside takes time: only the shortest reductions have shorter chains.
  int64_t chainLength() const {
    return shape.depth() <= 2 * longestChain ? longestChain / 2 : longestChain;
  }
  /// Zero in every lane.
  Value zero(int64_t lanes) {
    return k.splat(computedNumber(shape.element, 0), lanes);
  }
  Value widen(Value vector, int64_t lanes);
  Value narrow(Value vector, int64_t lanes);

  KernelBuilder &k;
  const ContractionShape &shape;
  schedule::TilingAttr tiling;
  Panels panels;
  bool farLhs, farResult;
  SmallVector<Index> batchIndex;
};

} // namespace

//===-- outer loops ------------------------------------------------------===//

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

//===-- one tile ---------------------------------------------------------===//

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
  fetchOutputs(panel, h, rows, w, columns);
  SmallVector<Value> accumulators =
      reduce(panel, lhs, next, rows, columns, initial(panel, rows * columns));
  Layout result = k.resultLayout();
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < columns; ++c) {
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
  }
}

/// The lines that the tile's end reads and writes come while it computes.
void ContractionWriter::fetchOutputs(const Panel &panel, Index h, int64_t rows,
                                     Index w, int64_t columns) {
  if (!farResult)
    return;
  Layout result = k.resultLayout();
  SmallVector<std::pair<Value, Layout>> residuals;
  for (Operation &op : k.kernel.getBody().front().without_terminator()) {
    for (Value operand : op.getOperands()) {
      auto argument = dyn_cast<BlockArgument>(operand);
      if (&op == k.kernel.getAnchor() || !argument)
        continue;
      Layout layout = k.layoutOf(argument);
      if (layout.shape == result.shape)
        residuals.push_back({k.bufferOf(argument), layout});
    }
  }
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < columns; ++c) {
      for (size_t v = 0; v < panel.vectors(); ++v) {
        int64_t first = v * panels.lanes;
        if (first % lineElements(shape.element))
          continue;
        SmallVector<Index> position =
            shape.position(batchIndex, h + r, w + c, panel.channel + first);
        for (const auto &[buffer, layout] : residuals)
          k.prefetch(buffer, k.address(layout, position), 3);
        k.prefetch(k.resultBuffer(), k.address(result, position), 3,
                   /*forWriting=*/true);
      }
    }
  }
}

SmallVector<Value> ContractionWriter::initial(const Panel &panel,
                                              int64_t outputs) {
  SmallVector<Value> bias;
  for (size_t v = 0; v < panel.vectors(); ++v) {
    if (!shape.bias) {
      bias.push_back(zero(panel.computed[v]));
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

/// The whole reduction. One long chain of additions loses digits as it grows,
/// so a long one is cut into blocks that start at zero and are added up: the
/// inner loop keeps its registers, the sums of blocks wait on the stack.
SmallVector<Value> ContractionWriter::reduce(const Panel &panel, Index lhs,
                                             Index next, int64_t rows,
                                             int64_t columns,
                                             SmallVector<Value> sums) {
  int64_t length = chainLength();
  bool isLong = isa<FloatType>(shape.element) && shape.depth() >= 2 * length;
  bool cutRuns = isLong && 2 * shape.run >= length;
  bool cutRows = isLong && !cutRuns;
  auto row = [&](Index kh, ArrayRef<Value> sums) {
    return k.loop(0, shape.kernelWidth, 1, SmallVector<Value>(sums),
                  [&](Index kw, ArrayRef<Value> sums) {
                    Steps steps =
                        makeSteps(panel, lhs, next, kh, kw, rows, columns);
                    return cutRuns ? blocks(steps, sums)
                                   : chain(steps, 0, shape.run, sums);
                  });
  };
  auto rowsFrom = [&](Index first, int64_t count, ArrayRef<Value> sums) {
    return k.loop(first, first + count, 1, SmallVector<Value>(sums), row);
  };
  if (!cutRows)
    return rowsFrom(0, shape.kernelHeight, sums);
  // Several rows of the filter make a block.
  int64_t rowSteps = shape.kernelWidth * shape.run;
  int64_t size = llvm::divideCeil(length, rowSteps);
  int64_t whole = shape.kernelHeight / size * size;
  auto block = [&](Index first, int64_t count, ArrayRef<Value> sums) {
    return addFromZero(sums, [&](ArrayRef<Value> zeros) {
      return rowsFrom(first, count, zeros);
    });
  };
  SmallVector<Value> result =
      k.loop(0, whole, size, sums, [&](Index first, ArrayRef<Value> sums) {
        return block(first, size, sums);
      });
  return whole < shape.kernelHeight
             ? block(whole, shape.kernelHeight - whole, result)
             : result;
}

Steps ContractionWriter::makeSteps(const Panel &panel, Index lhs, Index next,
                                   Index kh, Index kw, int64_t rows,
                                   int64_t columns) {
  Steps steps{panel, rows, columns, {}, {}, {}, 0, {}, 0};
  Index taps = k.add(k.mul(kh, shape.kernelWidth), kw);
  if (shape.packed)
    steps.rhs = k.add(panel.rhs, k.mul(taps, shape.run * panel.step));
  else
    steps.rhs = k.add(k.add(panel.rhs, k.mul(kh, shape.rhsKernelRow)),
                      k.mul(kw, shape.rhsKernelColumn));
  steps.lhs = k.add(k.add(lhs, k.mul(kh, shape.lhsKernelRow)),
                    k.mul(kw, shape.lhsKernelColumn));
  if (farLhs && kw.isConstant()) {
    int64_t across = columns * shape.lhsColumn;
    steps.nextLhs = steps.lhs + across;
    steps.lhsShare = llvm::divideCeil(across, shape.run);
  }
  if (tiling.getPrefetchNext()) {
    steps.share = llvm::divideCeil(panel.step * rows * columns,
                                   shape.width * shape.height);
    steps.next = k.add(next, k.mul(taps, shape.run * steps.share));
  }
  return steps;
}

/// sums + body(zeros)
SmallVector<Value> ContractionWriter::addFromZero(
    ArrayRef<Value> sums,
    function_ref<SmallVector<Value>(ArrayRef<Value>)> body) {
  SmallVector<Value> zeros;
  for (Value sum : sums)
    zeros.push_back(zero(cast<VectorType>(sum.getType()).getDimSize(0)));
  SmallVector<Value> parts = body(zeros);
  Reduction addition{Reduction::sum, shape.element};
  for (auto [sum, part] : llvm::zip_equal(sums, parts))
    part = addition.combine(k, sum, part);
  return parts;
}

/// One run in blocks of equal length, which may leave a shorter one.
SmallVector<Value> ContractionWriter::blocks(const Steps &steps,
                                             ArrayRef<Value> sums) {
  int64_t count = llvm::divideCeil(shape.run, chainLength());
  int64_t size =
      llvm::alignTo(llvm::divideCeil(shape.run, count), tiling.getUnroll());
  int64_t whole = shape.run / size * size;
  auto block = [&](Index from, int64_t length, ArrayRef<Value> sums) {
    return addFromZero(sums, [&](ArrayRef<Value> zeros) {
      return chain(steps, from, length, zeros);
    });
  };
  SmallVector<Value> result = k.loop(0, whole, size, SmallVector<Value>(sums),
                                     [&](Index from, ArrayRef<Value> sums) {
                                       return block(from, size, sums);
                                     });
  return whole < shape.run ? block(whole, shape.run - whole, result) : result;
}

/// Reduction steps [from, from + length) of one run.
SmallVector<Value> ContractionWriter::chain(const Steps &steps, Index from,
                                            int64_t length,
                                            ArrayRef<Value> sums) {
  auto some = [&](Index at, int64_t count, ArrayRef<Value> sums) {
    SmallVector<Value> current(sums);
    for (int64_t u = 0; u < count; ++u)
      current = step(steps, at + u, current);
    // Behind the loads: LLVM takes a prefetch for a write, and would not join a
    // load with its broadcasts across one.
    for (int64_t u = 0; u < count; ++u)
      fetchAhead(steps, at + u);
    return current;
  };
  int64_t unroll = std::min(tiling.getUnroll(), length);
  int64_t whole = length / unroll * unroll;
  SmallVector<Value> result = k.loop(
      from, from + whole, unroll, SmallVector<Value>(sums),
      [&](Index at, ArrayRef<Value> sums) { return some(at, unroll, sums); });
  return some(from + whole, length - whole, result);
}

SmallVector<Value> ContractionWriter::step(const Steps &steps, Index at,
                                           ArrayRef<Value> sums) {
  const Panel &panel = steps.panel;
  Value lhsBuffer = k.operandBuffer(shape.lhs);
  Index lhs = k.add(steps.lhs, at),
        rhs = k.add(steps.rhs, k.mul(at, panel.step));
  SmallVector<Value> factors;
  for (size_t v = 0; v < panel.vectors(); ++v)
    factors.push_back(
        factor(loadRhs(panel, rhs, v), shape.rhsElement, shape.rhsZeroPoint));
  SmallVector<Value> results(sums);
  for (int64_t r = 0; r < steps.rows; ++r) {
    for (int64_t c = 0; c < steps.columns; ++c) {
      Value scalar = k.loadScalar(
          lhsBuffer, lhs + (r * shape.lhsRow + c * shape.lhsColumn));
      scalar = factor(scalar, shape.lhsElement, shape.lhsZeroPoint);
      for (size_t v = 0; v < panel.vectors(); ++v) {
        Value &sum = results[(r * steps.columns + c) * panel.vectors() + v];
        Value broadcast = vector::BroadcastOp::create(
            k.b, k.loc, cast<VectorType>(sum.getType()), scalar);
        sum = k.fma(broadcast, factors[v], sum);
      }
    }
  }
  return results;
}

/// What later steps, tiles and panels read, on its way while this one computes.
void ContractionWriter::fetchAhead(const Steps &steps, Index at) {
  const Panel &panel = steps.panel;
  Value rhsBuffer = k.operandBuffer(shape.rhs);
  Value lhsBuffer = k.operandBuffer(shape.lhs);
  Index rhs = k.add(steps.rhs, k.mul(at, panel.step));
  if (tiling.getPrefetch() && shape.packed) {
    for (int64_t line = 0; line < panel.step;
         line += lineElements(shape.rhsElement))
      k.prefetch(rhsBuffer, rhs + (tiling.getPrefetch() * panel.step + line),
                 3);
  }
  if (tiling.getPrefetchNext())
    k.prefetch(rhsBuffer, k.add(steps.next, k.mul(at, steps.share)), 2);
  for (int64_t line = 0; line < steps.lhsShare;
       line += lineElements(shape.lhsElement))
    k.prefetch(lhsBuffer,
               k.add(steps.nextLhs, k.mul(at, steps.lhsShare)) + line, 2);
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
  return vector::FromElementsOp::create(
      k.b, k.loc, k.vectorType(lanes, computedType(shape.rhsElement)),
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
  VectorType type = k.vectorType(lanes, computedType(shape.element));
  if (vector.getType() == type)
    return vector;
  auto mask = llvm::to_vector(llvm::seq<int64_t>(0, type.getDimSize(0)));
  return vector::ShuffleOp::create(k.b, k.loc, vector, vector, mask);
}

void kernel::writeContraction(KernelBuilder &k, const ContractionShape &shape) {
  ContractionWriter(k, shape).write();
}
