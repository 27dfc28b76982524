//===- AxisLoops.h - loops around lines along one dimension ----*- C++ -*-===//
//
// For operators that walk along one dimension and treat all lines alike: the
// lines are the kernel's range and its vectors, neighbouring lines in
// neighbouring lanes. Where the axis is the last dimension, vectors of one lane
// remain.
//
//   x 4x100x64, axis 1 -> range of 4 x 64 / group, vectors of lines, a loop of
//   100 inside
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_AXISLOOPS_H
#define EDGEC_PASSES_KERNEL_AXISLOOPS_H

#include "passes/kernel/SingleOperator.h"

namespace edgec::kernel {

class AxisLoops {
public:
  /// `result` has the operand's dimensions; that of the axis may be 1.
  AxisLoops(const Layout &source, const Layout &result, size_t axis);

  int64_t size() const { return source.shape[axis]; }
  int64_t extent(int64_t lanes) const { return grouped(lanes).extent(); }

  /// The lines of neighbouring vectors.
  struct Group {
    KernelBuilder &k;
    const AxisLoops &loops;
    llvm::ArrayRef<Index> outer;
    Index start;
    llvm::ArrayRef<int64_t> widths;

    size_t count() const { return widths.size(); }
    /// Vector v at index i of the axis.
    mlir::Value load(mlir::Value buffer, size_t v, Index i) const;
    void store(mlir::Value vector, mlir::Value buffer, size_t v, Index i) const;
    llvm::SmallVector<Index> position(size_t v, Index i) const;
  };
  void emit(KernelBuilder &k,
            llvm::function_ref<void(const Group &)> body) const;

private:
  GroupedLoops grouped(int64_t lanes) const;

  size_t axis;
  Layout source, result;
  int64_t sourceStride;
  /// all dimensions but the axis
  IterationSpace space;
};

/// The layout with a dimension of one element inserted.
Layout insertDimension(Layout layout, size_t axis);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_AXISLOOPS_H
