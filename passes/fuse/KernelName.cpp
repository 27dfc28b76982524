//===- KernelName.cpp - short names for kernels --------------------------===//
//
// See KernelName.h.
//
//===----------------------------------------------------------------------===//
#include "passes/fuse/KernelName.h"
#include "dialects/edge/Integer.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace edgec {

/// More operators than this make a name unreadable.
static constexpr size_t maxParts = 5;

static std::string windowText(ArrayRef<int64_t> window,
                              ArrayRef<int64_t> strides) {
  std::string text =
      "_" + std::to_string(window[0]) + "x" + std::to_string(window[1]);
  if (strides[0] != 1 || strides[1] != 1)
    text += "_s" + std::to_string(std::max(strides[0], strides[1]));
  return text;
}

static std::string operatorName(Operation *op) {
  StringRef mnemonic = op->getName().stripDialect();
  return llvm::TypeSwitch<Operation *, std::string>(op)
      .Case<edge::Conv2DOp, edge::IntegerConv2DOp>([](auto conv) {
        StringRef kind = conv.isDepthwise()     ? "depthwise"
                         : conv.getGroups() > 1 ? "grouped_conv2d"
                                                : "conv2d";
        bool isInteger = isa<edge::IntegerConv2DOp>(conv);
        return (isInteger ? "integer_" : "") + kind.str() +
               windowText(conv.getFilter().getType().getShape().slice(1, 2),
                          conv.getStrides());
      })
      .Case<edge::MaxPool2DOp, edge::AvgPool2DOp>([&](auto pool) {
        return mnemonic.str() + windowText(pool.getWindow(), pool.getStrides());
      })
      .Case([&](edge::ClampOp clamp) {
        bool isRelu6 =
            clamp.getMin().isZero() && clamp.getMax().convertToFloat() == 6.0f;
        return std::string(isRelu6 ? "relu6" : "clamp");
      })
      .Default([&](Operation *) { return mnemonic.str(); });
}

std::string makeKernelName(ArrayRef<Operation *> operators) {
  std::string name;
  for (auto [index, op] : llvm::enumerate(operators)) {
    if (index == maxParts)
      return name + "_and_" + std::to_string(operators.size() - index);
    name += (index ? "_" : "") + operatorName(op);
  }
  return name;
}

} // namespace edgec
