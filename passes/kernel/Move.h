//===- Move.h - copies between layouts -------------------------*- C++ -*-===//
//
// What concat, slice, pad, broadcast and simple transposes have in common: a
// box of the result that takes its elements from one place each, or a constant.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_MOVE_H
#define EDGEC_PASSES_KERNEL_MOVE_H

#include "mlir/IR/BuiltinAttributes.h"
#include "passes/kernel/KernelBuilder.h"

namespace edgec::kernel {

/// Result elements [offsets, offsets + source.shape) and where they come from.
struct Box {
  llvm::SmallVector<int64_t> offsets;
  /// Seen from the box: its shape; strides may be 0 or negative.
  Layout source;
  /// Null: every element is `fill`, in the stored form.
  mlir::Value buffer;
  mlir::TypedAttr fill;
};

/// How many parts the range of a kernel made of boxes has.
int64_t boxExtent(schedule::KernelOp kernel);

/// Writes the boxes, with the kernel's epilogue.
void emitBoxes(KernelBuilder &k, llvm::ArrayRef<Box> boxes);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_MOVE_H
