//===- KernelTable.cpp - the emitters there are ---------------------------===//
//
// The one list of kernel emitters, and what all emitters share: the default
// schedule, the count of operations, and questions about a kernel's region.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/KernelTable.h"
#include "dialects/edge/Integer.h"
#include "dialects/schedule/Views.h"
#include "passes/kernel/Epilogue.h"
#include "passes/kernel/Normalize.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

ArrayRef<const KernelEmitter *> kernel::kernelEmitters() {
  // clang-format off: one per line
  static const KernelEmitter *const emitters[] = {
      &depthwiseEmitter(),
      &winogradEmitter(),
      &strassenEmitter(),
      &matrixEmitter(),
      &contractionEmitter(),
      &elementwiseEmitter(),
      &reduceEmitter(),
      &softmaxEmitter(),
      &normalizeEmitter(),
      &layerNormEmitter(),
      &windowEmitter(),
      &transposeEmitter(),
      &moveEmitter(),
      &recurrentEmitter(),
      &resampleEmitter(),
      &resizeTableEmitter(),
      &sampleEmitter(),
      &roiAlignEmitter(),
      &argMaxPoolEmitter(),
      &gatherEmitter(),
      &scatterNdEmitter(),
      &scatterElementsEmitter(),
      &oneHotEmitter(),
      &triluEmitter(),
      &argExtremeEmitter(),
      &topKEmitter(),
      &cumulateEmitter(),
      &nonZeroEmitter(),
      &compressEmitter(),
      &uniqueEmitter(),
      &nonMaxSuppressionEmitter(),
      &detEmitter(),
      &genericEmitter(),
      &customEmitter(),
      &dynamicEmitter(),
      &integerSoftmaxEmitter(),
      &lookupEmitter(),
      &lookupSoftmaxEmitter(),
  };
  // clang-format on
  return emitters;
}

const KernelEmitter *kernel::findKernelEmitter(schedule::KernelOp kernel) {
  // Whatever the anchor, the operators after it are written by emitEpilogue.
  if (!isEmittableEpilogue(kernel))
    return nullptr;
  for (const KernelEmitter *emitter : kernelEmitters())
    if (emitter->matches(kernel))
      return emitter;
  return nullptr;
}

/// The emitters of convolutions match once their input has its halo; all of
/// them take parts.
bool kernel::takesParts(schedule::KernelOp kernel) {
  if (edge::getConvolution(kernel.getAnchor()))
    return true;
  const KernelEmitter *emitter = findKernelEmitter(kernel);
  return emitter && emitter->takesParts(kernel);
}

schedule::TilingAttr
KernelEmitter::schedule(schedule::KernelOp kernel,
                        schedule::MachineAttr machine) const {
  return schedule::TilingAttr::get(
      kernel.getContext(), vectorLanes(kernel, machine), /*rows=*/1,
      /*columns=*/1,
      /*vectors=*/1, /*unroll=*/1, /*prefetch=*/0, /*prefetchNext=*/false,
      schedule::Split::rows, /*cycles=*/0);
}

/// One operation per element that the operator reads or writes: right for the
/// elementwise ones, pools and reductions.
int64_t KernelEmitter::flops(schedule::KernelOp kernel) const {
  int64_t count = 0;
  for (Operation &op : kernel.getBody().front().without_terminator()) {
    if (isa<edge::ConstantOp>(op))
      continue;
    int64_t elements = 0;
    for (Type type : op.getResultTypes())
      elements =
          std::max(elements, cast<RankedTensorType>(type).getNumElements());
    if (!op.hasTrait<edge::ElementwiseTrait>()) {
      for (Type type : op.getOperandTypes())
        elements =
            std::max(elements, cast<RankedTensorType>(type).getNumElements());
    }
    count += elements;
  }
  return count;
}

ElementsAttr kernel::getConstantOperand(schedule::KernelOp kernel,
                                        unsigned operand) {
  Value value = kernel.getInputs()[operand];
  // Slices of a constant are cast from it (RowChain.h).
  if (auto slice = value.getDefiningOp<UnrealizedConversionCastOp>())
    value = slice.getInputs().front();
  auto constant = value.getDefiningOp<edge::ConstantOp>();
  return constant ? constant.getValue() : nullptr;
}

static bool stridesContinue(const Layout &layout, unsigned first,
                            unsigned last) {
  for (unsigned d = first; d < last; ++d) {
    if (layout.shape[d] != 1 &&
        layout.strides[d] != layout.strides[d + 1] * layout.shape[d + 1])
      return false;
  }
  return true;
}

bool kernel::collapsible(schedule::KernelOp kernel, unsigned first,
                         unsigned last) {
  for (unsigned result = 0; result < kernel.getNumResults(); ++result)
    if (!stridesContinue(getResultLayout(kernel, result), first, last))
      return false;
  auto type = cast<RankedTensorType>(kernel.getResult(0).getType());
  Operation *anchor = kernel.getAnchor();
  for (Operation &op : kernel.getBody().front().without_terminator()) {
    if (&op == anchor || isa<edge::ConstantOp>(op))
      continue;
    for (Value operand : op.getOperands()) {
      auto argument = dyn_cast<BlockArgument>(operand);
      if (!argument)
        continue;
      Layout layout = getOperandLayout(kernel, argument.getArgNumber());
      if (!stridesContinue(layout.broadcastTo(type.getShape()), first, last))
        return false;
    }
  }
  return true;
}

RowReads kernel::convolutionRowReads(schedule::KernelOp kernel) {
  edge::Convolution conv = *edge::getConvolution(kernel.getAnchor());
  return {conv.input.getType().getDimSize(1), conv.strides[0],
          (conv.filter.getType().getDimSize(1) - 1) * conv.dilations[0] + 1,
          conv.pads[0]};
}

bool kernel::hasConvolutionHalo(schedule::KernelOp kernel) {
  edge::Convolution conv = *edge::getConvolution(kernel.getAnchor());
  ArrayRef<int64_t> input = conv.input.getType().getShape(),
                    output = conv.result.getType().getShape(),
                    filter = conv.filter.getType().getShape();
  int64_t low[2], high[2];
  for (int d : {0, 1}) {
    low[d] = conv.pads[d];
    int64_t reached = (output[1 + d] - 1) * conv.strides[d] +
                      (filter[1 + d] - 1) * conv.dilations[d] + 1;
    high[d] = std::max<int64_t>(0, reached - low[d] - input[1 + d]);
  }
  if (!low[0] && !low[1] && !high[0] && !high[1])
    return true;
  auto argument = dyn_cast<BlockArgument>(conv.input);
  if (!argument)
    return false;
  schedule::MemoryAttr memory =
      schedule::getMemory(kernel.getInputs()[argument.getArgNumber()]);
  if (!memory || memory.getFill() != conv.padValue)
    return false;
  for (int d : {0, 1}) {
    if (memory.getBefore(1 + d) < low[d] ||
        memory.getBehind(1 + d, input[1 + d]) < high[d])
      return false;
  }
  return true;
}

/// How many simple operators take as long as this one.
static int64_t countOperators(Operation &op) {
  // A conversion, a product, a rounding, the zero point and bounds, narrowing:
  // eight to ten instructions where others take two.
  if (isa<edge::RequantizeOp, edge::RescaleOp>(op))
    return 4;
  // Cycles per vector: a division five (Skylake to Zen 5), an exponential with
  // one or without, and a polynomial more (measured on Zen 5).
  if (isa<edge::DivOp, edge::ExpOp>(op))
    return 5;
  if (isa<edge::SigmoidOp, edge::SiluOp, edge::TanhOp>(op))
    return 7;
  return isa<edge::GeluOp, edge::ErfOp>(op) ? 14 : 1;
}

int64_t kernel::countEpilogueOperators(schedule::KernelOp kernel) {
  int64_t count = 0;
  for (Operation &op : kernel.getBody().front().without_terminator())
    if (&op != kernel.getAnchor() && !isa<edge::ConstantOp>(op))
      count += countOperators(op);
  return count;
}
