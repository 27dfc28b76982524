//===- SingleOperator.h - kernels of one operator without epilogue -*- C++
//-*-===//
//
// Operators that read by index, sort or count are kernels of their own: what
// they move is not in registers when it could be computed with. What their
// emitters share: the match, indices that are known at run time only, and
// copies of boxes.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_SINGLEOPERATOR_H
#define EDGEC_PASSES_KERNEL_SINGLEOPERATOR_H

#include "passes/kernel/IterationSpace.h"
#include "passes/kernel/LaneReduction.h"

namespace edgec::kernel {

/// Whether the kernel is its anchor alone, every operand comes from outside,
/// and kernels can compute with all element types.
bool isSingleOperator(schedule::KernelOp kernel);

template <typename... Ops>
class SingleOperatorEmitter : public StreamingEmitter {
public:
  bool matches(schedule::KernelOp kernel) const override {
    return mlir::isa_and_nonnull<Ops...>(kernel.getAnchor()) &&
           isSingleOperator(kernel);
  }
  /// Most of these operators only move elements.
  int64_t flops(schedule::KernelOp kernel) const override { return 0; }
};

//===-- indices known at run time ----------------------------------------===//
// Plain values of type index, which may be negative, unlike an Index.

/// The integer at `address` of an operand's buffer.
mlir::Value loadIndex(KernelBuilder &k, mlir::Value buffer, Index address);
/// Writes an index as an integer of the buffer's element.
void storeIndex(KernelBuilder &k, mlir::Value index, mlir::Value buffer,
                Index address);
mlir::Value addIndex(KernelBuilder &k, mlir::Value lhs, mlir::Value rhs);
/// size - 1 - index
mlir::Value mirrorIndex(KernelBuilder &k, int64_t size, Index index);
mlir::Value clampIndex(KernelBuilder &k, mlir::Value index, int64_t low,
                       int64_t high);
/// A negative index counts from the end of `size` elements.
mlir::Value countFromEnd(KernelBuilder &k, mlir::Value index, int64_t size);
/// The same, and what lies outside becomes the nearest: safe to read at.
Index resolveIndex(KernelBuilder &k, mlir::Value index, int64_t size);
/// 0 <= index < size
mlir::Value isInside(KernelBuilder &k, mlir::Value index, int64_t size);
/// if (condition) body()
void ifTrue(KernelBuilder &k, mlir::Value condition,
            llvm::function_ref<void()> body);

/// condition ? yes() : otherwise, where yes() is computed only if it holds
mlir::Value choose(KernelBuilder &k, mlir::Value condition,
                   llvm::function_ref<mlir::Value()> yes,
                   mlir::Value otherwise);

/// Of a scalar in the computed form; a NaN is not zero.
mlir::Value isNotZero(KernelBuilder &k, mlir::Value scalar);
/// condition ? count + 1 : count
mlir::Value countUp(KernelBuilder &k, mlir::Value count, mlir::Value condition);

//===-- boxes ------------------------------------------------------------===//

/// Part of a tensor: the layout's shape and strides, from `at` on in a buffer.
struct Place {
  mlir::Value buffer;
  Layout layout;
  Index at;
};

/// The dimensions of a layout from `first` on.
Layout innerDimensions(const Layout &layout, size_t first);

/// Runs over all positions of `sizes`.
void forPositions(KernelBuilder &k, llvm::ArrayRef<int64_t> sizes,
                  llvm::function_ref<void(llvm::ArrayRef<Index>)> body);

/// Both places have the same shape.
void copyBox(KernelBuilder &k, const Place &from, const Place &to);
/// A scalar in every element.
void fillBox(KernelBuilder &k, mlir::Value scalar, const Place &to);
/// to = combine(to, from)
void combineBox(KernelBuilder &k, Reduction reduction, const Place &from,
                const Place &to);
/// The slices of a tensor along one of its dimensions.
class Slices {
public:
  Slices(KernelBuilder &k, mlir::Value buffer, const Layout &layout,
         size_t axis);
  Place at(Index i) const;
  /// Zeros in all slices from `first` to `size`.
  void zeroFrom(Index first, int64_t size) const;

private:
  KernelBuilder &k;
  mlir::Value buffer;
  /// of one slice
  Layout layout;
  int64_t stride, begin;
};

/// The constant in the form that is computed with.
mlir::Value scalarConstant(KernelBuilder &k, mlir::TypedAttr number);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_SINGLEOPERATOR_H
