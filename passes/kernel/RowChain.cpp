//===- RowChain.cpp - two kernels that run as one, row by row -------------===//
//
//   for each iteration of the second kernel:
//     unless what it reads fits behind what the window holds:
//       move the rows that are still needed to the window's start
//     run the first kernel up to the last row that is read
//     run the second kernel's iteration
//
// Both kernels are written by their own emitters, with all addresses in the
// tensor between them shifted by where the window begins. A part of the range
// that does not begin at 0 computes the first rows that it reads for itself, so
// parts need not wait for each other.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/RowChain.h"
#include "dialects/edge/Edge.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "passes/kernel/KernelTable.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

//===-- which kernels ----------------------------------------------------===//

/// The operand of a depthwise kernel that another kernel computes for it alone,
/// and that nothing but the convolution reads.
static std::optional<unsigned> findLink(schedule::KernelOp second) {
  auto conv = dyn_cast_or_null<edge::Conv2DOp>(second.getAnchor());
  auto argument =
      conv ? dyn_cast<BlockArgument>(conv.getInput()) : BlockArgument();
  if (!argument || !argument.hasOneUse())
    return std::nullopt;
  Value tensor = second.getInputs()[argument.getArgNumber()];
  auto first = tensor.getDefiningOp<schedule::KernelOp>();
  if (!first || !tensor.hasOneUse() || first.getNumResults() != 1 ||
      first->getBlock() != second->getBlock())
    return std::nullopt;
  return argument.getArgNumber();
}

/// Rows of the window: what an iteration reads and the first kernel's tiles
/// may add at both ends; more where the cache has room, to move less often.
static void chooseWindow(RowChain &chain, schedule::MachineAttr machine) {
  int64_t least = chain.read + 2 * chain.written;
  int64_t room = machine.getL2Bytes() / 4 / (4 * chain.row);
  chain.window = std::max(least, std::min(room, least + 2 * chain.step));
}

std::optional<RowChain> kernel::findRowChain(schedule::KernelOp second,
                                             schedule::MachineAttr machine,
                                             int64_t leastBytes) {
  RowChain chain;
  std::optional<unsigned> link = findLink(second);
  if (!link || !second.getTilingAttr())
    return std::nullopt;
  // Other elements have halos of other values.
  Type linked = second.getInputs()[*link].getType();
  if (!cast<RankedTensorType>(linked).getElementType().isF32())
    return std::nullopt;
  chain.second = second;
  chain.link = *link;
  chain.first = second.getInputs()[*link].getDefiningOp<schedule::KernelOp>();
  chain.firstEmitter = findKernelEmitter(chain.first);
  chain.secondEmitter = findKernelEmitter(second);
  if (chain.firstEmitter != &contractionEmitter() ||
      chain.secondEmitter != &depthwiseEmitter() ||
      !chain.first.getTilingAttr())
    return std::nullopt;
  std::optional<int64_t> written = chain.firstEmitter->rowsPerIteration(
                             chain.first, chain.first.getTilingAttr()),
                         rows = chain.secondEmitter->rowsPerIteration(
                             second, second.getTilingAttr());
  schedule::MemoryAttr memory = chain.first.getLayout(0);
  Layout layout = getResultLayout(chain.first, 0);
  if (!written || !rows || !memory || 4 * layout.allocated < leastBytes)
    return std::nullopt;

  auto conv = cast<edge::Conv2DOp>(second.getAnchor());
  int64_t channels = layout.shape[3], stride = conv.getStrides()[0];
  chain.height = layout.shape[1];
  chain.top = memory.getOffsets()[1];
  chain.bottom = memory.getShape()[1] - chain.top - chain.height;
  if (chain.top != conv.getPads()[0])
    return std::nullopt;
  chain.written = *written;
  chain.step = *rows * stride;
  chain.read =
      (*rows - 1) * stride +
      (conv.getFilter().getType().getDimSize(1) - 1) * conv.getDilations()[0] +
      1;
  chain.iterations =
      chain.secondEmitter->extent(second, second.getTilingAttr());
  chain.row = layout.strides[1];
  chain.left = memory.getOffsets()[2] * channels;
  chain.right = chain.row - chain.left - layout.shape[2] * channels;
  chooseWindow(chain, machine);
  int64_t cores = std::max<int64_t>(machine.getCores(), 1);
  chain.perPart =
      llvm::divideCeil(chain.iterations, std::min(cores, chain.iterations));
  chain.parts = llvm::divideCeil(chain.iterations, chain.perPart);
  // The windows must cost less than what they replace.
  if (chain.scratchElements() > layout.allocated)
    return std::nullopt;
  return chain;
}

//===-- the loops --------------------------------------------------------===//

namespace {

class ChainWriter {
public:
  ChainWriter(RowChain chain, schedule::MachineAttr machine,
              func::FuncOp function, const KernelBuffers &buffers)
      : chain(chain), machine(machine), function(function), buffers(buffers),
        k(this->chain.second, this->chain.second.getTilingAttr(), machine,
          function, secondBuffers(buffers.begin, buffers.end)) {}

  LogicalResult write();

private:
  KernelBuffers firstBuffers(Value begin, Value end);
  KernelBuffers secondBuffers(Value begin, Value end);
  SmallVector<Value> iteration(Index number, Index done, Index base);
  void zeroColumns();
  void moveRows(Index from, Index rows);
  void run(schedule::KernelOp kernel, const KernelEmitter &emitter,
           KernelBuffers kernelBuffers, Value shift);
  Index subtract(Index from, Index subtrahend) {
    return Index(Value(
        arith::SubIOp::create(k.b, k.loc, k.value(from), k.value(subtrahend))));
  }

  RowChain chain;
  schedule::MachineAttr machine;
  func::FuncOp function;
  const KernelBuffers &buffers;
  KernelBuilder k;
  /// where this call's window begins
  Index slot;
  bool failed = false;
};

} // namespace

KernelBuffers ChainWriter::firstBuffers(Value begin, Value end) {
  KernelBuffers of;
  size_t count = chain.first.getInputs().size();
  of.operands.assign(buffers.operands.begin(),
                     buffers.operands.begin() + count);
  of.results = {buffers.scratch};
  of.begin = begin;
  of.end = end;
  return of;
}

KernelBuffers ChainWriter::secondBuffers(Value begin, Value end) {
  KernelBuffers of;
  auto next = buffers.operands.begin() + chain.first.getInputs().size();
  for (unsigned i = 0; i < chain.second.getInputs().size(); ++i)
    of.operands.push_back(i == chain.link ? buffers.scratch : *next++);
  of.results = buffers.results;
  of.begin = begin;
  of.end = end;
  return of;
}

LogicalResult ChainWriter::write() {
  slot = k.mul(k.begin, chain.slot());
  Index begin = k.mul(k.begin, chain.perPart);
  Index end = k.minimum(k.mul(k.end, chain.perPart), chain.iterations);
  zeroColumns();
  k.ifEqual(k.begin, 0,
            [&] { k.fill(buffers.scratch, slot, chain.top * chain.row); });
  // The first iteration of the first kernel is the one that writes the first
  // row that is read; the window begins there, or with the halo above.
  Index wanted = k.mul(begin, chain.step);
  Index done = k.div(k.maximum(subtract(wanted, chain.top), 0), chain.written);
  Index base = k.minimum(wanted, k.mul(done, chain.written) + chain.top);
  k.loop(begin, end, 1, {k.value(done), k.value(base)},
         [&](Index number, ArrayRef<Value> carried) {
           return iteration(number, carried[0], carried[1]);
         });
  return failure(failed);
}

/// Nobody else writes the halo's columns, and moving keeps them.
void ChainWriter::zeroColumns() {
  if (!chain.left && !chain.right)
    return;
  k.loop(0, chain.window, 1, [&](Index row) {
    Index at = k.add(slot, k.mul(row, chain.row));
    k.fill(buffers.scratch, at, chain.left);
    k.fill(buffers.scratch, at + (chain.row - chain.right), chain.right);
  });
}

/// One iteration of the second kernel. `done`: iterations of the first so far;
/// `base`: the row that lies first in the window. Returns the next of both.
SmallVector<Value> ChainWriter::iteration(Index number, Index done,
                                          Index base) {
  Index first = k.mul(number, chain.step);
  Index readEnd =
      k.minimum(first + chain.read, chain.top + chain.height + chain.bottom);
  Index wanted =
      k.minimum(k.maximum(subtract(readEnd, chain.top), 0), chain.height);
  Index until =
      k.maximum(k.div(wanted + (chain.written - 1), chain.written), done);
  Index writtenEnd = k.mul(until, chain.written) + chain.top;

  Index needed = subtract(k.maximum(readEnd, writtenEnd), base);
  Value moves =
      arith::CmpIOp::create(k.b, k.loc, arith::CmpIPredicate::sgt,
                            k.value(needed), k.constantIndex(chain.window));
  Index present = k.mul(done, chain.written) + chain.top;
  Value start = arith::SelectOp::create(
      k.b, k.loc, moves, k.value(k.minimum(first, present)), k.value(base));
  k.ifLess(base, Index(start), [&] {
    moveRows(subtract(Index(start), base), subtract(present, Index(start)));
  });

  Index shift = subtract(slot, k.mul(Index(start), chain.row));
  run(chain.first, *chain.firstEmitter,
      firstBuffers(k.value(done), k.value(until)), k.value(shift));
  // The halo below, as far as it is read.
  if (chain.bottom) {
    k.loop(chain.top + chain.height, readEnd, 1, [&](Index row) {
      Index at = k.mul(subtract(row, Index(start)), chain.row);
      k.fill(buffers.scratch, k.add(slot, at), chain.row);
    });
  }
  run(chain.second, *chain.secondEmitter,
      secondBuffers(k.value(number), k.value(number + 1)), k.value(shift));
  return {k.value(until), start};
}

/// Copies rows to the window's start, in ascending order: they may overlap.
void ChainWriter::moveRows(Index from, Index rows) {
  Index source = k.add(slot, k.mul(from, chain.row));
  k.loop(0, rows, 1, [&](Index row) {
    Index at = k.mul(row, chain.row);
    k.tiles(0, chain.row, k.lanes(), [&](Index element, int64_t lanes) {
      Index place = k.add(at, element);
      Value vector =
          k.load(buffers.scratch, k.add(source, place), lanes, Form::stored);
      k.store(vector, buffers.scratch, k.add(slot, place), lanes);
    });
  });
}

void ChainWriter::run(schedule::KernelOp kernel, const KernelEmitter &emitter,
                      KernelBuffers kernelBuffers, Value shift) {
  KernelBuilder inner(kernel, kernel.getTilingAttr(), machine, function,
                      std::move(kernelBuffers));
  inner.shift(buffers.scratch, shift);
  inner.b.restoreInsertionPoint(k.b.saveInsertionPoint());
  failed |= ::mlir::failed(emitter.emit(inner));
}

LogicalResult kernel::emitRowChain(RowChain chain,
                                   schedule::MachineAttr machine,
                                   func::FuncOp function,
                                   const KernelBuffers &buffers) {
  return ChainWriter(chain, machine, function, buffers).write();
}
