//===- Layout.cpp - where a tensor lies in its flat buffer ---------------===//
//
// Layouts are read off the schedule's attributes; nothing here emits code.
//
//===----------------------------------------------------------------------===//
#include "dialects/schedule/Views.h"
#include "passes/kernel/KernelBuilder.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

static SmallVector<int64_t> rowMajorStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size());
  int64_t stride = 1;
  for (int64_t d = int64_t(shape.size()) - 1; d >= 0; --d) {
    strides[d] = stride;
    stride *= shape[d];
  }
  return strides;
}

static int64_t elementCount(ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  return count;
}

Layout Layout::dense(ArrayRef<int64_t> shape) {
  return {SmallVector<int64_t>(shape), rowMajorStrides(shape), 0,
          elementCount(shape)};
}

Layout Layout::get(RankedTensorType type, schedule::MemoryAttr memory) {
  if (!memory)
    return dense(type.getShape());
  Layout layout{SmallVector<int64_t>(type.getShape()),
                rowMajorStrides(memory.getShape()), memory.getBase(),
                memory.getBufferElements()};
  for (auto [stride, offset] :
       llvm::zip_equal(layout.strides, memory.getOffsets()))
    layout.offset += stride * offset;
  return layout;
}

bool Layout::isDense() const { return allocated == elementCount(shape); }

Layout Layout::broadcastTo(ArrayRef<int64_t> target) const {
  Layout result{SmallVector<int64_t>(target),
                SmallVector<int64_t>(target.size(), 0), offset, allocated};
  size_t missing = target.size() - shape.size();
  for (size_t d = 0; d < shape.size(); ++d)
    if (shape[d] == target[missing + d])
      result.strides[missing + d] = strides[d];
  return result;
}

Layout kernel::getOperandLayout(schedule::KernelOp kernel, unsigned operand) {
  Value value = kernel.getInputs()[operand];
  return Layout::get(cast<RankedTensorType>(value.getType()),
                     schedule::getMemory(value));
}

Layout kernel::getResultLayout(schedule::KernelOp kernel, unsigned result) {
  return Layout::get(cast<RankedTensorType>(kernel.getResult(result).getType()),
                     kernel.getLayout(result));
}
