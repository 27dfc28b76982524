//===- RowChainWriter.cpp - the loops of kernels that run as one ----------===//
//
//   for each iteration of the last kernel:
//     unless what it reads fits behind what its window holds:
//       move the rows that are still needed to the window's start
//     run the kernel before up to the last row that is read, each of its
//       iterations in the same way
//     run the last kernel's iteration
//
// All kernels are written by their own emitters, with all addresses in the
// tensors between them shifted by where their window begins. A part of the
// range that does not begin at 0 computes the first rows that it reads for
// itself, so parts need not wait for each other.
//
//===----------------------------------------------------------------------===//
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/IterationSpace.h"
#include "passes/kernel/RowChain.h"
#include "passes/schedule/TilingDraft.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

namespace {

/// What a window holds: rows of the tensor from `base` on, written by the first
/// `done` iterations of the kernel before.
struct WindowState {
  Value done, base;
};

class ChainWriter {
public:
  ChainWriter(const RowChain &chain, schedule::MachineAttr machine,
              func::FuncOp function, const KernelBuffers &buffers,
              ValueRange windows)
      : chain(chain), machine(machine), function(function), buffers(buffers),
        windows(windows), slots(chain.links.size()),
        k(chain.last().kernel, chain.last().tiling(), machine, function,
          stageBuffers(chain.stages.size() - 1, {}, {})) {}

  LogicalResult write();

private:
  /// The state of all links, as values that loops carry.
  using State = SmallVector<Value>;

  KernelBuffers stageBuffers(size_t stage, Value begin, Value end);
  void writeSlice(Index slice, Index begin, Index end);
  State startState(Index begin);
  void zeroColumns(size_t number);
  State iteration(size_t stage, Index number, State state);
  State advance(size_t number, Index reader, State state);
  void fetchResults(Index number);
  void moveRows(size_t number, Index from, Index rows);
  void fillRows(size_t number, Index lo, Index hi, Index base);
  void run(size_t stage, Index begin, Index end, const State &state);
  Value windowShift(size_t number, const State &state);
  Value sliceShift(ArrayRef<int64_t> steps);

  /// Rows that the reader's iteration reads, in its buffer.
  Index firstRead(const RowLink &link, Index number) {
    return k.maximum(
        subtract(k.div(k.mul(number, link.step), link.unit), link.before), 0);
  }
  Index readEnd(const RowLink &link, Index number) {
    Index end = k.div(k.mul(number, link.step) + (link.span + link.unit - 1),
                      link.unit);
    return k.minimum(subtract(end, link.before),
                     link.top + link.rows + link.bottom);
  }
  /// May be negative.
  Index subtract(Index from, Index subtrahend) {
    if (subtrahend.isConstant())
      return subtrahend.constant == 0 ? from : from + -subtrahend.constant;
    return Index(Value(
        arith::SubIOp::create(k.b, k.loc, k.value(from), k.value(subtrahend))));
  }

  const RowChain &chain;
  schedule::MachineAttr machine;
  func::FuncOp function;
  const KernelBuffers &buffers;
  ValueRange windows;
  /// where this call's windows begin
  SmallVector<Index> slots;
  /// the slice in play, one index per dimension of the batch
  SmallVector<Index> position;
  KernelBuilder k;
  bool failed = false;
};

} // namespace

KernelBuffers ChainWriter::stageBuffers(size_t stage, Value begin, Value end) {
  KernelBuffers of;
  auto next = buffers.operands.begin();
  for (size_t s = 0; s <= stage; ++s) {
    schedule::KernelOp kernel = chain.stages[s].kernel;
    for (unsigned i = 0; i < kernel.getInputs().size(); ++i) {
      bool linked = s > 0 && chain.links[s - 1].operand == i;
      Value buffer = linked ? windows[s - 1] : *next++;
      if (s == stage)
        of.operands.push_back(buffer);
    }
  }
  if (stage + 1 == chain.stages.size())
    of.results = buffers.results;
  else
    of.results = {windows[stage]};
  of.begin = begin ? begin : buffers.begin;
  of.end = end ? end : buffers.end;
  return of;
}

LogicalResult ChainWriter::write() {
  for (auto [slot, link] : llvm::zip_equal(slots, chain.links))
    slot = k.mul(k.begin, link.slot());
  for (size_t number = 0; number < chain.links.size(); ++number)
    zeroColumns(number);
  int64_t slices = chain.slices();
  Index begin = k.mul(k.begin, chain.perPart);
  Index end = k.minimum(k.mul(k.end, chain.perPart), chain.iterations * slices);
  if (slices == 1) {
    position.assign(chain.batch.size(), Index(0));
    writeSlice(0, begin, end);
    return failure(failed);
  }
  Index firstSlice = k.div(begin, chain.iterations);
  Index endSlice = k.div(end + (chain.iterations - 1), chain.iterations);
  k.loop(firstSlice, endSlice, 1, [&](Index slice) {
    position = unflatten(k, slice, chain.batch);
    Index start = k.mul(slice, chain.iterations);
    Index from = k.maximum(subtract(begin, start), 0),
          until = k.minimum(subtract(end, start), chain.iterations);
    writeSlice(slice, from, until);
  });
  return failure(failed);
}

/// Iterations [begin, end) of the last kernel.
void ChainWriter::writeSlice(Index slice, Index begin, Index end) {
  k.loop(begin, end, 1, startState(begin),
         [&](Index number, ArrayRef<Value> carried) {
           return iteration(chain.stages.size() - 1, number, State(carried));
         });
}

/// The first iteration of each kernel is the one that writes the first row that
/// is read; the window begins there, or with the halo above.
ChainWriter::State ChainWriter::startState(Index begin) {
  State state(2 * chain.links.size());
  Index reader = begin;
  for (size_t number = chain.links.size(); number-- > 0;) {
    const RowLink &link = chain.links[number];
    Index wanted = firstRead(link, reader);
    Index done = k.div(k.maximum(subtract(wanted, link.top), 0), link.written);
    Index base = k.minimum(wanted, k.mul(done, link.written) + link.top);
    if (link.top)
      fillRows(number, base, link.top, base);
    state[2 * number] = k.value(done);
    state[2 * number + 1] = k.value(base);
    reader = done;
  }
  return state;
}

/// Nobody else writes the halo's columns, and moving keeps them.
void ChainWriter::zeroColumns(size_t number) {
  const RowLink &link = chain.links[number];
  if (!link.left && !link.right)
    return;
  k.loop(0, link.window, 1, [&](Index row) {
    Index at = k.add(slots[number], k.mul(row, link.row));
    k.fill(windows[number], at, link.left, link.fill);
    k.fill(windows[number], at + (link.row - link.right), link.right,
           link.fill);
  });
}

/// Rows [lo, hi) of the halo, in a window that begins at `base`.
void ChainWriter::fillRows(size_t number, Index lo, Index hi, Index base) {
  const RowLink &link = chain.links[number];
  k.loop(lo, hi, 1, [&](Index row) {
    Index at = k.mul(subtract(row, base), link.row);
    k.fill(windows[number], k.add(slots[number], at), link.row, link.fill);
  });
}

/// One iteration of a kernel, and before it what it needs of those before.
ChainWriter::State ChainWriter::iteration(size_t stage, Index number,
                                          State state) {
  if (stage + 1 == chain.stages.size() && chain.fetchesResults)
    fetchResults(number);
  if (stage > 0)
    state = advance(stage - 1, number, state);
  run(stage, number, number + 1, state);
  return state;
}

/// The lines that the last kernel's iteration writes come while those before it
/// compute: a panel's are far apart, which no processor sees coming, and
/// another core may have them.
void ChainWriter::fetchResults(Index number) {
  const RowStage &last = chain.last();
  std::optional<RowTiles> tiles =
      last.emitter->rowTiles(last.kernel, last.tiling());
  Layout layout = getResultLayout(last.kernel, 0);
  int64_t line = lineElements(k.elementIn(k.resultBuffer()));
  Index first = k.mul(number, tiles->perIteration);
  Index end = k.minimum(first + tiles->perIteration, tiles->rows);
  Value slice = sliceShift(last.resultSteps);
  k.loop(first, end, 1, [&](Index row) {
    k.loop(0, layout.shape[2], 1, [&](Index column) {
      for (int64_t c = 0; c < layout.shape[3]; c += line) {
        Index at = k.address(layout, {Index(0), row, column, Index(c)});
        k.prefetch(k.resultBuffer(), slice ? k.add(at, Index(slice)) : at, 3,
                   /*forWriting=*/true);
      }
    });
  });
}

/// Makes the rows that the iteration of the link's reader reads.
ChainWriter::State ChainWriter::advance(size_t number, Index reader,
                                        State state) {
  const RowLink &link = chain.links[number];
  Index done(state[2 * number]), base(state[2 * number + 1]);
  Index first = firstRead(link, reader), end = readEnd(link, reader);
  Index wanted = k.minimum(k.maximum(subtract(end, link.top), 0), link.rows);
  Index until =
      k.maximum(k.div(wanted + (link.written - 1), link.written), done);
  Index writtenEnd = k.mul(until, link.written) + link.top;

  Index needed = subtract(k.maximum(end, writtenEnd), base);
  Value moves =
      arith::CmpIOp::create(k.b, k.loc, arith::CmpIPredicate::sgt,
                            k.value(needed), k.constantIndex(link.window));
  Index present = k.mul(done, link.written) + link.top;
  Value start = arith::SelectOp::create(
      k.b, k.loc, moves, k.value(k.minimum(first, present)), k.value(base));
  k.ifLess(base, Index(start), [&] {
    moveRows(number, subtract(Index(start), base),
             subtract(present, Index(start)));
  });
  state[2 * number + 1] = start;
  if (number == 0) {
    run(0, done, until, state);
  } else {
    State inner =
        k.loop(done, until, 1, state, [&](Index i, ArrayRef<Value> carried) {
          State now(carried);
          now[2 * number + 1] = start;
          return iteration(number, i, now);
        });
    std::copy_n(inner.begin(), 2 * number, state.begin());
  }
  // The halo below, as far as it is read.
  if (link.bottom)
    fillRows(number, link.top + link.rows, end, Index(start));
  state[2 * number] = k.value(until);
  return state;
}

/// Copies rows to the window's start, in ascending order: they may overlap.
void ChainWriter::moveRows(size_t number, Index from, Index rows) {
  const RowLink &link = chain.links[number];
  Value window = windows[number];
  Index source = k.add(slots[number], k.mul(from, link.row));
  k.loop(0, rows, 1, [&](Index row) {
    Index at = k.mul(row, link.row);
    k.tiles(0, link.row, k.lanes(), [&](Index element, int64_t lanes) {
      Index place = k.add(at, element);
      Value vector = k.load(window, k.add(source, place), lanes, Form::stored);
      k.store(vector, window, k.add(slots[number], place), lanes);
    });
  });
}

/// From an address in the whole tensor to that in the window.
Value ChainWriter::windowShift(size_t number, const State &state) {
  return k.value(subtract(slots[number], k.mul(Index(state[2 * number + 1]),
                                               chain.links[number].row)));
}

/// To the slice in play; null if it is no further.
Value ChainWriter::sliceShift(ArrayRef<int64_t> steps) {
  Index shift = 0;
  for (auto [index, step] : llvm::zip(position, steps))
    if (step != 0)
      shift = k.add(shift, k.mul(index, step));
  return shift.isConstant() && shift.constant == 0 ? Value() : k.value(shift);
}

void ChainWriter::run(size_t stage, Index begin, Index end,
                      const State &state) {
  const RowStage &of = chain.stages[stage];
  schedule::KernelOp kernel = of.kernel;
  KernelBuffers its = stageBuffers(stage, k.value(begin), k.value(end));
  schedule::TilingDraft tiling(of.tiling());
  // What a window holds stays in the cache.
  if (stage < chain.links.size())
    tiling.panelsInside = false;
  KernelBuilder inner(kernel, tiling.get(kernel.getContext()), machine,
                      function, its);
  inner.b.restoreInsertionPoint(k.b.saveInsertionPoint());
  for (auto [buffer, steps] : llvm::zip(its.operands, of.operandSteps))
    if (Value shift = sliceShift(steps))
      inner.shift(buffer, shift);
  if (Value shift = sliceShift(of.resultSteps);
      shift && stage + 1 == chain.stages.size())
    inner.shift(its.results.front(), shift);
  if (stage > 0)
    inner.shift(windows[stage - 1], windowShift(stage - 1, state));
  if (stage < chain.links.size())
    inner.shift(windows[stage], windowShift(stage, state));
  inner.b.restoreInsertionPoint(k.b.saveInsertionPoint());
  failed |= ::mlir::failed(of.emitter->emit(inner));
}

LogicalResult kernel::emitRowChain(const RowChain &chain,
                                   schedule::MachineAttr machine,
                                   func::FuncOp function,
                                   const KernelBuffers &buffers,
                                   ValueRange windows) {
  return ChainWriter(chain, machine, function, buffers, windows).write();
}
