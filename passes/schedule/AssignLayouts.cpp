//===- AssignLayouts.cpp - where each tensor lies in its buffer ----------===//
//
// A padded convolution reads zeros around its input, or the integers that stand
// for zero. The kernel that produces the input writes it into a larger buffer
// at once (its halo), so that neither a padding copy nor border code is needed.
// Only a buffer that someone else sees (an argument, a result, a view) stays
// dense, and is copied for its padded readers; and readers that ask for
// different halos. See Passes.td for the contract.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Control.h"
#include "dialects/edge/Integer.h"
#include "dialects/rt/Jobs.h"
#include "passes/schedule/Passes.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace edgec {
#define GEN_PASS_DEF_ASSIGNLAYOUTS
#include "passes/schedule/Passes.h.inc"

namespace {
/// What lies around an image: how many elements, and their value.
struct Halo {
  int64_t top = 0, left = 0, bottom = 0, right = 0;
  int64_t fill = 0;

  bool isEmpty() const { return !(top || left || bottom || right); }
  void enlarge(const Halo &other) {
    top = std::max(top, other.top);
    left = std::max(left, other.left);
    bottom = std::max(bottom, other.bottom);
    right = std::max(right, other.right);
    fill = other.fill;
  }
};

class AssignLayouts : public impl::AssignLayoutsBase<AssignLayouts> {
  void runOnOperation() override;

  void copyResults();
  void copyForPaddedReaders();
  Value makeCopy(OpBuilder &builder, Location loc, Value source);
};
} // namespace

/// What a convolution reads around its input. At the bottom and
/// right a stride may leave some of the pads (or of the input) unread.
static Halo readHalo(const edge::Convolution &conv) {
  ArrayRef<int64_t> input = conv.input.getType().getShape();
  ArrayRef<int64_t> filter = conv.filter.getType().getShape();
  ArrayRef<int64_t> output = conv.result.getType().getShape();
  ArrayRef<int64_t> pads = conv.pads;
  auto after = [&](int d) {
    int64_t last = (output[d + 1] - 1) * conv.strides[d] +
                   (filter[d + 1] - 1) * conv.dilations[d] - pads[d];
    return std::max<int64_t>(0, last - (input[d + 1] - 1));
  };
  return {pads[0], pads[1], after(0), after(1), conv.padValue};
}

/// What the kernel needs around the operand; empty when it is not the input of
/// a padded convolution.
static Halo readHalo(OpOperand &use) {
  auto kernel = dyn_cast<schedule::KernelOp>(use.getOwner());
  if (!kernel)
    return {};
  std::optional<edge::Convolution> conv =
      edge::getConvolution(kernel.getAnchor());
  Value argument = kernel.getBody().getArgument(use.getOperandNumber());
  return conv && conv->input == argument ? readHalo(*conv) : Halo();
}

static Halo readHalo(Value value) {
  Halo halo;
  for (OpOperand &use : value.getUses()) {
    Halo wanted = readHalo(use);
    if (!wanted.isEmpty())
      halo.enlarge(wanted);
  }
  return halo;
}

/// Only a kernel can write a halo, and only into a buffer that nothing sees
/// but kernels.
static bool canHaveHalo(Value value) {
  return value.getDefiningOp<schedule::KernelOp>() &&
         llvm::all_of(value.getUsers(), [](Operation *user) {
           return isa<schedule::KernelOp>(user);
         });
}

/// `%c = schedule.kernel "copy"(%source) { edge.copy }`
Value AssignLayouts::makeCopy(OpBuilder &builder, Location loc, Value source) {
  auto kernel = schedule::KernelOp::create(
      builder, loc, TypeRange(source.getType()), ValueRange(source),
      builder.getStringAttr("copy"), schedule::TilingAttr(), ArrayAttr());
  OpBuilder::InsertionGuard guard(builder);
  Block *body = builder.createBlock(&kernel.getBody());
  Value argument = body->addArgument(source.getType(), loc);
  Value copy = edge::CopyOp::create(builder, loc, source.getType(), argument);
  schedule::YieldOp::create(builder, loc, copy);
  ++numCopies;
  return kernel.getResult(0);
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
    bool isWritten = isa_and_nonnull<schedule::KernelOp, rt::WaitOp>(writer) ||
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
      Halo halo = readHalo(operand);
      if (halo.isEmpty())
        continue;
      Value value = operand.get();
      int64_t fill = fills.try_emplace(value, halo.fill).first->second;
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

static schedule::MemoryAttr makeLayout(Value value, const Halo &halo) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> shape(type.getShape()), offsets(type.getRank(), 0);
  if (!halo.isEmpty()) {
    shape[1] += halo.top + halo.bottom;
    shape[2] += halo.left + halo.right;
    offsets[1] = halo.top;
    offsets[2] = halo.left;
  }
  return schedule::MemoryAttr::get(value.getContext(), shape, offsets,
                                   halo.fill);
}

void AssignLayouts::runOnOperation() {
  if (!getOperation().getBody().hasOneBlock())
    return;
  copyResults();
  copyForPaddedReaders();
  getOperation().walk([&](schedule::KernelOp kernel) {
    SmallVector<Attribute> layouts;
    for (Value result : kernel.getResults()) {
      Halo halo = readHalo(result);
      numHalos += !halo.isEmpty();
      layouts.push_back(makeLayout(result, halo));
    }
    kernel.setLayoutsAttr(ArrayAttr::get(&getContext(), layouts));
  });
}

} // namespace edgec
