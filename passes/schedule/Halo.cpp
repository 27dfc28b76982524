//===- Halo.cpp - what padded convolutions read around their input -------===//
#include "passes/schedule/Halo.h"
#include "dialects/edge/Edge.h"
#include "dialects/edge/Integer.h"
#include "dialects/schedule/Schedule.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::schedule;

void Halo::enlarge(const Halo &other) {
  top = std::max(top, other.top);
  left = std::max(left, other.left);
  bottom = std::max(bottom, other.bottom);
  right = std::max(right, other.right);
  fill = other.fill;
}

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

Halo schedule::readHalo(OpOperand &use) {
  auto kernel = dyn_cast<KernelOp>(use.getOwner());
  if (!kernel)
    return {};
  std::optional<edge::Convolution> conv =
      edge::getConvolution(kernel.getAnchor());
  Value argument = kernel.getBody().getArgument(use.getOperandNumber());
  return conv && conv->input == argument ? ::readHalo(*conv) : Halo();
}

Halo schedule::readHalo(Value value) {
  Halo halo;
  for (OpOperand &use : value.getUses()) {
    Halo wanted = readHalo(use);
    if (!wanted.isEmpty())
      halo.enlarge(wanted);
  }
  return halo;
}

bool schedule::hasSeveralFills(Value value) {
  std::optional<int64_t> fill;
  for (OpOperand &use : value.getUses()) {
    Halo wanted = readHalo(use);
    if (wanted.isEmpty())
      continue;
    if (fill && *fill != wanted.fill)
      return true;
    fill = wanted.fill;
  }
  return false;
}
