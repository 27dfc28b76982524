//===- AssignLayouts.cpp - where each tensor lies in its buffer ----------===//
//
// A padded convolution reads zeros around its input, or the integers that stand
// for zero. The kernel that produces the input writes it into a larger buffer
// at once (its halo), so that neither a padding copy nor border code is needed.
// Only a buffer that someone else sees (an argument, a result, a reshaped
// value) stays dense, and is copied for its padded readers; and readers that
// ask for different halos. What views put beside each other lies in one buffer
// (SharedBuffers). Between pixels that share few sets or banks of a cache there
// is room for a line where convolutions go from one to the next. See Passes.td
// for the contract.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Control.h"
#include "dialects/edge/Integer.h"
#include "dialects/rt/Jobs.h"
#include "dialects/schedule/Views.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/KernelEmitter.h"
#include "passes/schedule/CacheSets.h"
#include "passes/schedule/CopyKernel.h"
#include "passes/schedule/Passes.h"
#include "passes/schedule/SharedBuffers.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace edgec {
#define GEN_PASS_DEF_ASSIGNLAYOUTS
#include "passes/schedule/Passes.h.inc"

namespace {
using schedule::Halo;

class AssignLayouts : public impl::AssignLayoutsBase<AssignLayouts> {
  void runOnOperation() override;

  void copyResults();
  void copyForPaddedReaders();
  Value makeCopy(OpBuilder &builder, Location loc, Value source);
  schedule::MemoryAttr layoutOf(Value result);

  schedule::SharedBuffers buffers;
};
} // namespace

/// What lies in the value's buffer pixel by pixel.
static Value pixelsOf(Value value) {
  while (schedule::keepsPixels(value.getDefiningOp()))
    value = value.getDefiningOp()->getOperand(0);
  return value;
}

/// What readers of the value and of its pixels otherwise grouped want.
static Halo readPixelHalo(Value value) {
  Halo halo = schedule::readHalo(value);
  for (Operation *user : value.getUsers()) {
    if (!schedule::keepsPixels(user))
      continue;
    Halo wanted = readPixelHalo(user->getResult(0));
    if (!wanted.isEmpty())
      halo.enlarge(wanted);
  }
  return halo;
}

/// Whether nothing sees the value but kernels, pixel by pixel.
static bool isReadByKernels(Value value) {
  return llvm::all_of(value.getUsers(), [](Operation *user) {
    return isa<schedule::KernelOp>(user) ||
           (schedule::keepsPixels(user) && isReadByKernels(user->getResult(0)));
  });
}

/// Only a kernel can write a halo, and only into a buffer that nothing sees
/// but kernels.
static bool canHaveHalo(Value value) {
  Value written = pixelsOf(value);
  return written.getDefiningOp<schedule::KernelOp>() &&
         isReadByKernels(written);
}

static bool isDepthwise(schedule::KernelOp kernel) {
  std::optional<edge::Convolution> conv =
      edge::getConvolution(kernel.getAnchor());
  return conv && conv->isDepthwise;
}

/// Whether a convolution of the kernel reads a row of the value's pixels, each
/// so long, side by side from few sets of the cache. Where its windows overlap
/// it may use Winograd's method, which reads many channels of one pixel.
static bool readsFewSets(schedule::KernelOp kernel, Value value,
                         int64_t pixelBytes) {
  std::optional<edge::Convolution> conv =
      edge::getConvolution(kernel.getAnchor());
  if (!conv || conv->isDepthwise || conv->result.getType().getDimSize(2) == 1)
    return false;
  if (conv->strides[1] == 1 && conv->filter.getType().getDimSize(2) > 1)
    return false;
  auto input = dyn_cast<BlockArgument>(conv->input);
  return input && kernel.getInputs()[input.getArgNumber()] == value &&
         schedule::sharesFewSets(conv->strides[1] * pixelBytes);
}

/// Elements behind the channels of each pixel of an image, or none. Only
/// kernels that go by strides may see them.
static int64_t roomBetweenPixels(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  auto writer = value.getDefiningOp<schedule::KernelOp>();
  if (type.getRank() != 4 || !writer || !kernel::takesParts(writer))
    return 0;
  int64_t bytes =
      kernel::storedType(kernel::elementOf(type)).getIntOrFloatBitWidth() / 8;
  int64_t pixelBytes = type.getDimSize(3) * bytes;
  bool isWalked = isDepthwise(writer), isAcross = false;
  for (Operation *user : value.getUsers()) {
    auto reader = dyn_cast<schedule::KernelOp>(user);
    if (!reader || !kernel::takesParts(reader))
      return 0;
    isWalked |= isDepthwise(reader);
    isAcross |= readsFewSets(reader, value, pixelBytes);
  }
  bool wants = isAcross || (isWalked && schedule::wantsRoom(pixelBytes));
  return wants ? schedule::lineBytes / bytes : 0;
}

Value AssignLayouts::makeCopy(OpBuilder &builder, Location loc, Value source) {
  ++numCopies;
  return schedule::makeCopyKernel(builder, loc, source);
}

/// The value of which `value` is a view.
static Value viewedValue(Value value) {
  while (auto reshape = value.getDefiningOp<edge::ReshapeOp>())
    value = reshape.getX();
  return value;
}

/// Gives each of the function's results a kernel of its own.
void AssignLayouts::copyResults() {
  Operation *terminator = getOperation().getBody().front().getTerminator();
  OpBuilder builder(terminator);
  llvm::SmallSetVector<Value, 4> written;
  // A second copy copies the first: two alike would become one again.
  DenseMap<Value, Value> copies;
  for (OpOperand &result : terminator->getOpOperands()) {
    Value source = viewedValue(result.get());
    Operation *writer = source.getDefiningOp();
    // A concatenation is written by those who write its parts.
    bool isWritten =
        isa_and_nonnull<schedule::KernelOp, rt::WaitOp, edge::ConcatOp>(
            writer) ||
        edge::isControl(writer);
    if (isWritten && written.insert(source))
      continue;
    // Nothing is written where nothing is.
    if (cast<RankedTensorType>(source.getType()).getNumElements() == 0)
      continue;
    Value &last = copies.try_emplace(result.get(), result.get()).first->second;
    last = makeCopy(builder, result.get().getLoc(), last);
    result.set(last);
  }
}

/// Copies values that must stay dense, or have another halo, for the padded
/// convolutions that read them; those that want the same halo share one copy.
void AssignLayouts::copyForPaddedReaders() {
  llvm::MapVector<std::pair<Value, int64_t>, SmallVector<OpOperand *>> readers;
  DenseMap<Value, int64_t> fills;
  getOperation().walk([&](schedule::KernelOp kernel) {
    for (OpOperand &operand : kernel->getOpOperands()) {
      Halo halo = schedule::readHalo(operand);
      Value value = operand.get();
      // What lies beside others has one halo with them.
      if (halo.isEmpty() || buffers.find(value))
        continue;
      int64_t fill =
          fills.try_emplace(pixelsOf(value), halo.fill).first->second;
      if (fill != halo.fill || !canHaveHalo(value))
        readers[{value, halo.fill}].push_back(&operand);
    }
  });
  for (auto &[key, operands] : readers) {
    Value value = key.first;
    // The walk visits in program order: the first reader needs the copy.
    Operation *first = operands.front()->getOwner();
    OpBuilder builder(first);
    Value copy = makeCopy(builder, first->getLoc(), value);
    for (OpOperand *operand : operands)
      operand->set(copy);
  }
}

schedule::MemoryAttr AssignLayouts::layoutOf(Value value) {
  if (schedule::MemoryAttr memory = buffers.memoryOf(value))
    return memory;
  Halo halo = readPixelHalo(value);
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> shape(type.getShape()), offsets(type.getRank(), 0);
  if (!halo.isEmpty()) {
    for (size_t d : {1, 2}) {
      shape[d] += halo.before(d) + halo.behind(d);
      offsets[d] = halo.before(d);
    }
  }
  if (int64_t room = roomBetweenPixels(value)) {
    shape[3] += room;
    ++numApart;
  }
  return schedule::MemoryAttr::get(value.getContext(), shape, offsets,
                                   halo.fill);
}

void AssignLayouts::runOnOperation() {
  if (!getOperation().getBody().hasOneBlock())
    return;
  buffers = schedule::SharedBuffers::get(getOperation());
  copyResults();
  copyForPaddedReaders();
  getOperation().walk([&](schedule::KernelOp kernel) {
    SmallVector<Attribute> layouts;
    for (Value result : kernel.getResults()) {
      layouts.push_back(layoutOf(result));
      numHalos += !readPixelHalo(result).isEmpty();
    }
    kernel.setLayoutsAttr(ArrayAttr::get(&getContext(), layouts));
  });
}

} // namespace edgec
