//===- AttentionChain.cpp - scores, softmax and product in turns ----------===//
//
//   result[slice] = softmax(q[slice] * k[slice] * scale + mask) * v[slice]
//
// Each slice of the batch (a head) is a chain of three matrix kernels by
// itself: a few rows of scores at a time, which stay in the cache, instead of
// all slices' scores. The kernels of one slice are the program's with all
// tensors cut to it; addresses are shifted to the slice in play.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Edge.h"
#include "passes/kernel/KernelTable.h"
#include "passes/kernel/RowChain.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

namespace {

/// Cuts kernels to one element of their leading dimensions.
class Slicer {
public:
  /// `whole`: the shape that a matrix product of all slices has.
  explicit Slicer(ArrayRef<int64_t> whole)
      : batch(whole.drop_back(2)), rank(whole.size()) {}

  ArrayRef<int64_t> sizes() const { return batch; }
  /// The kernel of one slice, in front of `place`; it reads `link`, a slice
  /// already, as operand `linked` (null: none). Nothing if it cannot be cut.
  std::optional<RowStage> slice(schedule::KernelOp original, Operation *place,
                                Value link, unsigned linked) const;

private:
  /// Null if the batch is another one.
  RankedTensorType slice(Type type) const;
  SmallVector<int64_t> steps(Type type) const;

  SmallVector<int64_t> batch;
  size_t rank;
};

} // namespace

RankedTensorType Slicer::slice(Type type) const {
  auto tensor = cast<RankedTensorType>(type);
  SmallVector<int64_t> shape(tensor.getShape());
  if (shape.size() > rank)
    return nullptr;
  size_t missing = rank - shape.size();
  for (size_t d = missing; d < batch.size(); ++d) {
    int64_t &size = shape[d - missing];
    if (size != 1 && size != batch[d])
      return nullptr;
    size = 1;
  }
  return RankedTensorType::get(shape, tensor.getElementType());
}

/// Of a dense tensor.
SmallVector<int64_t> Slicer::steps(Type type) const {
  Layout layout = Layout::dense(cast<RankedTensorType>(type).getShape());
  size_t missing = rank - layout.shape.size();
  SmallVector<int64_t> steps;
  for (size_t d = 0; d < batch.size(); ++d) {
    steps.push_back(d < missing || layout.shape[d - missing] == 1
                        ? 0
                        : layout.strides[d - missing]);
  }
  return steps;
}

std::optional<RowStage> Slicer::slice(schedule::KernelOp original,
                                      Operation *place, Value link,
                                      unsigned linked) const {
  OpBuilder builder(place);
  RowStage stage{nullptr, findKernelEmitter(original), original};
  RankedTensorType result = slice(original.getResult(0).getType());
  bool possible = result && getResultLayout(original, 0).isDense();
  for (auto [number, operand] : llvm::enumerate(original.getInputs())) {
    RankedTensorType type = slice(operand.getType());
    if (!type || !possible ||
        ((!link || number != linked) &&
         !getOperandLayout(original, number).isDense()))
      return std::nullopt;
    stage.operandSteps.push_back(steps(operand.getType()));
  }
  stage.resultSteps = steps(original.getResult(0).getType());
  // Operators that say their shape in attributes are not cut.
  for (Operation &op : original.getBody().front().without_terminator()) {
    bool isAnchor = &op == original.getAnchor();
    if (op.getNumRegions() || (!isAnchor && !isa<edge::ConstantOp>(op) &&
                               !op.hasTrait<edge::ElementwiseTrait>()))
      return std::nullopt;
    for (Type type : op.getResultTypes()) {
      RankedTensorType cut = slice(type);
      if (!cut || (isa<edge::ConstantOp>(op) && cut != type))
        return std::nullopt;
    }
  }
  SmallVector<Value> operands;
  for (auto [number, operand] : llvm::enumerate(original.getInputs())) {
    bool isLink = link && number == linked;
    operands.push_back(isLink ? link
                              : UnrealizedConversionCastOp::create(
                                    builder, original.getLoc(),
                                    slice(operand.getType()), operand)
                                    .getResult(0));
  }
  stage.kernel =
      cloneSlice(original, place, operands, ArrayAttr(),
                 [&](Value value) { return slice(value.getType()); });
  return stage;
}

//===-- the pattern -------------------------------------------------------===//

/// The same as findWriter, if its anchor is an `Anchor`.
template <typename Anchor>
static schedule::KernelOp findWriterWith(schedule::KernelOp second,
                                         Value value) {
  schedule::KernelOp first = findWriter(second, value);
  return first && isa_and_nonnull<Anchor>(first.getAnchor())
             ? first
             : schedule::KernelOp();
}

static bool isPlannable(schedule::KernelOp kernel, const KernelEmitter &by) {
  auto isPacked = [&](unsigned operand) {
    return getConstantOperand(kernel, operand) &&
           by.packing(kernel, kernel.getTilingAttr(), operand);
  };
  return findKernelEmitter(kernel) == &by && kernel.getTilingAttr() &&
         llvm::none_of(llvm::seq<unsigned>(0, kernel.getInputs().size()),
                       isPacked);
}

/// Puts the stage behind the chain; false if it does not go row by row.
static bool append(RowChain &chain, RowStage stage,
                   schedule::MachineAttr machine) {
  schedule::KernelOp kernel = stage.kernel;
  kernel.setTilingAttr(stage.emitter->schedule(kernel, machine));
  if (chain.stages.empty()) {
    chain.stages.push_back(stage);
    return true;
  }
  std::optional<RowLink> link =
      findRowLink(kernel, machine, /*leastBytes=*/0,
                  /*mostBytes=*/std::numeric_limits<int64_t>::max());
  if (!link)
    return false;
  std::optional<RowChain> longer = joinRows(chain, *link, stage, machine);
  if (!longer)
    return false;
  chain = std::move(*longer);
  return true;
}

void kernel::eraseSlices(const RowChain &chain) {
  for (const RowStage &stage : llvm::reverse(chain.stages)) {
    schedule::KernelOp kernel = stage.kernel;
    if (stage.kernel == stage.original)
      continue;
    SmallVector<Value> operands(kernel.getInputs());
    kernel->erase();
    for (Value operand : operands)
      if (auto cast = operand.getDefiningOp<UnrealizedConversionCastOp>())
        cast->erase();
  }
}

std::optional<RowChain>
kernel::findAttentionChain(schedule::KernelOp last,
                           schedule::MachineAttr machine, int64_t leastBytes) {
  auto product = dyn_cast_or_null<edge::MatMulOp>(last.getAnchor());
  if (!product || !isPlannable(last, contractionEmitter()))
    return std::nullopt;
  schedule::KernelOp softmax =
      findWriterWith<edge::SoftmaxOp>(last, product.getLhs());
  if (!softmax || !isPlannable(softmax, softmaxEmitter()))
    return std::nullopt;
  auto normalise = cast<edge::SoftmaxOp>(softmax.getAnchor());
  schedule::KernelOp scores =
      findWriterWith<edge::MatMulOp>(softmax, normalise.getX());
  auto type = cast<RankedTensorType>(normalise.getType());
  if (!scores || !isPlannable(scores, contractionEmitter()) ||
      type.getRank() < 3 || int64_t(normalise.getAxis()) != type.getRank() - 1)
    return std::nullopt;
  Slicer slicer(type.getShape());
  if (ShapedType::getNumElements(slicer.sizes()) < 2 ||
      getResultLayout(scores, 0).allocated * 4 < leastBytes)
    return std::nullopt;

  RowChain chain;
  chain.batch.assign(slicer.sizes().begin(), slicer.sizes().end());
  auto number = [](Value argument) {
    return cast<BlockArgument>(argument).getArgNumber();
  };
  const std::pair<schedule::KernelOp, unsigned> kernels[] = {
      {scores, 0},
      {softmax, number(normalise.getX())},
      {last, number(product.getLhs())}};
  Value link;
  for (auto [original, linked] : kernels) {
    std::optional<RowStage> stage = slicer.slice(original, last, link, linked);
    if (stage && append(chain, *stage, machine)) {
      link = schedule::KernelOp(stage->kernel).getResult(0);
      continue;
    }
    // Users before what they use.
    if (stage)
      chain.stages.push_back(*stage);
    eraseSlices(chain);
    return std::nullopt;
  }
  return chain;
}
