//===- RowChain.cpp - which kernels run as one, row by row ----------------===//
//
// Kernels whose emitters go over rows (KernelEmitter::rowTiles) and say which
// rows of an operand a row needs (rowReads) can be neighbours in a chain.
// RowChainWriter.cpp has the loops, AttentionChain.cpp the chains of slices.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/RowChain.h"
#include "dialects/edge/Edge.h"
#include "mlir/IR/IRMapping.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/KernelTable.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

int64_t RowChain::slices() const { return ShapedType::getNumElements(batch); }

RankedTensorType RowChain::scratch(const RowLink &link) const {
  return RankedTensorType::get({parts * link.slot()}, link.element);
}

RowChain kernel::singleStage(schedule::KernelOp kernel,
                             const KernelEmitter *emitter) {
  RowChain chain;
  chain.stages.push_back({kernel, emitter, kernel});
  return chain;
}

schedule::KernelOp kernel::cloneSlice(schedule::KernelOp original,
                                      Operation *place, ValueRange operands,
                                      ArrayAttr layouts,
                                      function_ref<Type(Value)> cut) {
  OpBuilder builder(place);
  auto slice = schedule::KernelOp::create(
      builder, original.getLoc(), TypeRange(cut(original.getResult(0))),
      operands, original.getKernelNameAttr(), schedule::TilingAttr(), layouts);
  IRMapping mapping;
  original.getBody().cloneInto(&slice.getBody(), mapping);
  auto setType = [&](Value value) {
    mapping.lookup(value).setType(cut(value));
  };
  for (BlockArgument argument : original.getBody().getArguments())
    setType(argument);
  for (Operation &op : original.getBody().front())
    llvm::for_each(op.getResults(), setType);
  return slice;
}

static int64_t bytesOf(Type element, int64_t elements) {
  return elements * storedType(element).getIntOrFloatBitWidth() / 8;
}

schedule::KernelOp kernel::findWriter(schedule::KernelOp second, Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument)
    return nullptr;
  Value tensor = second.getInputs()[argument.getArgNumber()];
  auto first = tensor.getDefiningOp<schedule::KernelOp>();
  if (!first || !tensor.hasOneUse() || first.getNumResults() != 1 ||
      first->getBlock() != second->getBlock())
    return nullptr;
  return first;
}

/// The operand that nobody reads but the anchor, if another kernel computes it.
static std::optional<unsigned> findLinkOperand(schedule::KernelOp second) {
  Operation *anchor = second.getAnchor();
  if (!anchor || anchor->getNumOperands() == 0)
    return std::nullopt;
  auto argument = dyn_cast<BlockArgument>(anchor->getOperand(0));
  if (!argument || !argument.hasOneUse() || !findWriter(second, argument))
    return std::nullopt;
  return argument.getArgNumber();
}

/// Products that take several elements at a time (bytes, pairs of bf16) read
/// beyond what they need, which lies in the tensor but may not lie in a window.
static bool takesWindows(const KernelEmitter *emitter, Type element) {
  bool isWhole = element.isF32() || element.isF16();
  return (emitter == &contractionEmitter() && isWhole) ||
         (emitter == &depthwiseEmitter() && isWhole) ||
         emitter == &windowEmitter() || emitter == &softmaxEmitter();
}

/// Rows of the tensor that its writer counts, in its buffer.
static bool placeRows(schedule::KernelOp first, int64_t rows, RowLink &link) {
  schedule::MemoryAttr memory = first.getLayout(0);
  Layout layout = getResultLayout(first, 0);
  link.rows = rows;
  // Others lie beside it.
  if (memory && memory.isPart())
    return false;
  // There may be room behind the channels of each pixel.
  if (layout.isDense() || memory.getShape().drop_back() ==
                              ArrayRef<int64_t>(layout.shape).drop_back()) {
    link.row = layout.allocated / rows;
    return true;
  }
  // A halo is around the rows and columns of one image.
  if (layout.shape.size() != 4 || layout.shape[0] != 1 ||
      rows != layout.shape[1] || memory.getShape()[0] != 1)
    return false;
  int64_t pixel = layout.strides[2];
  link.top = memory.getOffsets()[1];
  link.bottom = memory.getShape()[1] - link.top - link.rows;
  link.row = layout.strides[1];
  link.left = memory.getOffsets()[2] * pixel;
  link.right = link.row - link.left - layout.shape[2] * pixel;
  link.fill = memory.getFill();
  return true;
}

/// What the reader reads, in rows as the writer counts them.
static bool placeReads(RowReads reads, RowTiles tiles, RowLink &link) {
  if (reads.rows <= 0 || link.rows <= 0)
    return false;
  int64_t factor = 1;
  if (reads.rows > link.rows) {
    // Positions of a row; only one by one.
    link.unit = reads.rows / link.rows;
    if (link.unit * link.rows != reads.rows || reads.step != 1 ||
        reads.span != 1 || reads.before != 0)
      return false;
  } else {
    factor = link.rows / reads.rows;
    if (factor * reads.rows != link.rows)
      return false;
  }
  link.step = tiles.perIteration * reads.step * factor;
  link.span = ((tiles.perIteration - 1) * reads.step + reads.span) * factor;
  link.before = reads.before * factor - link.top;
  return true;
}

/// What an iteration reads, what the writer's tiles may add at both ends, and
/// more where the cache has room, to move less often.
static void chooseWindow(RowLink &link, schedule::MachineAttr machine) {
  int64_t bytes = link.element.getIntOrFloatBitWidth() / 8;
  int64_t least = link.read() + 2 * link.written;
  int64_t room = machine.getL2Bytes() / 4 / (bytes * link.row);
  int64_t step = llvm::divideCeil(link.step, link.unit);
  link.window = std::max(least, std::min(room, least + 2 * step));
}

/// Bytes of all operands but the rows that are linked: what every iteration may
/// read again.
static int64_t repeatedBytes(schedule::KernelOp kernel,
                             std::optional<unsigned> linked) {
  int64_t bytes = 0;
  for (unsigned i = 0; i < kernel.getInputs().size(); ++i) {
    if (i != linked && getConstantOperand(kernel, i)) {
      bytes += bytesOf(elementOf(kernel.getInputs()[i].getType()),
                       getOperandLayout(kernel, i).allocated);
    }
  }
  return bytes;
}

std::optional<RowLink> kernel::findRowLink(schedule::KernelOp second,
                                           schedule::MachineAttr machine,
                                           int64_t leastBytes,
                                           int64_t mostBytes) {
  std::optional<unsigned> operand = findLinkOperand(second);
  if (!operand || !second.getTilingAttr())
    return std::nullopt;
  Value tensor = second.getInputs()[*operand];
  auto first = tensor.getDefiningOp<schedule::KernelOp>();
  Type element = elementOf(tensor.getType());
  const KernelEmitter *writer = findKernelEmitter(first),
                      *reader = findKernelEmitter(second);
  if (!first.getTilingAttr() || !writer || !reader ||
      !takesWindows(writer, element) || !takesWindows(reader, element))
    return std::nullopt;
  std::optional<RowTiles> written =
                              writer->rowTiles(first, first.getTilingAttr()),
                          rows =
                              reader->rowTiles(second, second.getTilingAttr());
  std::optional<RowReads> reads = reader->rowReads(second, *operand);
  if (!written || !rows || !reads)
    return std::nullopt;
  RowLink link;
  link.operand = *operand;
  link.written = written->perIteration;
  link.element = storedType(element);
  int64_t bytes = link.element.getIntOrFloatBitWidth() / 8;
  if (bytes * getResultLayout(first, 0).allocated < leastBytes ||
      repeatedBytes(first, std::nullopt) + repeatedBytes(second, operand) >
          mostBytes ||
      !placeRows(first, written->rows, link) ||
      !placeReads(*reads, *rows, link))
    return std::nullopt;
  chooseWindow(link, machine);
  return link;
}

/// What lies in memory while the chain runs: all that it reads (weights do not
/// count) and writes, and its windows.
static int64_t memoryBytes(const RowChain &chain) {
  int64_t bytes = 0;
  llvm::SmallSetVector<Value, 4> read;
  for (const auto &[number, stage] : llvm::enumerate(chain.stages)) {
    schedule::KernelOp kernel = stage.original;
    for (auto [operand, value] : llvm::enumerate(kernel.getInputs())) {
      bool isLink = number > 0 && chain.links[number - 1].operand == operand;
      if (!isLink && !getConstantOperand(kernel, operand) && read.insert(value))
        bytes += bytesOf(elementOf(value.getType()),
                         getOperandLayout(kernel, operand).allocated);
    }
  }
  for (const RowLink &link : chain.links)
    bytes += bytesOf(link.element, chain.scratch(link).getNumElements());
  schedule::KernelOp last = chain.last().original;
  return bytes + bytesOf(elementOf(last.getResult(0).getType()),
                         getResultLayout(last, 0).allocated);
}

std::optional<RowChain> kernel::joinRows(const RowChain &first,
                                         const RowLink &link,
                                         const RowStage &second,
                                         schedule::MachineAttr machine) {
  RowChain chain = first;
  chain.stages.push_back(second);
  chain.links.push_back(link);
  chain.iterations = second.emitter->extent(second.kernel, second.tiling());
  int64_t all = chain.iterations * chain.slices();
  int64_t cores = std::max<int64_t>(machine.getCores(), 1);
  chain.perPart = llvm::divideCeil(all, std::min(cores, all));
  chain.parts = llvm::divideCeil(all, chain.perPart);
  int64_t apart = std::max(memoryBytes(first),
                           memoryBytes(singleStage(second.original, nullptr)));
  if (memoryBytes(chain) > apart)
    return std::nullopt;
  return chain;
}
