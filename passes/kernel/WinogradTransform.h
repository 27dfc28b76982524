//===- WinogradTransform.h - F(2x2,3x3) and F(4x4,3x3) ---------*- C++ -*-===//
//
// A tile of m x m outputs of a 3x3 convolution costs 9 m^2 products per pair of
// channels when computed directly, and (m + 2)^2 by Winograd's method: inputs
// and filters are evaluated as polynomials at m + 2 points, multiplied point by
// point, and the outputs are read off the product. Here are the three linear
// maps, in one dimension and in two.
//
// For m = 4 the points are 0, +-2/3, +-3/2 and infinity. Those of the textbooks
// (0, +-1, +-2) leave twice the rounding error, and that 2/3 and 3/2 multiply
// to 1 saves two multiplications. For m = 2 they are 0, +-1 and infinity.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_WINOGRADTRANSFORM_H
#define EDGEC_PASSES_KERNEL_WINOGRADTRANSFORM_H

#include "passes/kernel/KernelBuilder.h"

namespace edgec::kernel {

/// The maps for tiles of `outputs` x `outputs` (2 or 4).
class WinogradTransform {
public:
  explicit WinogradTransform(int64_t outputs) : outputs(outputs) {}

  /// Points per dimension, which is also the inputs' number.
  int64_t points() const { return outputs + 2; }

  /// The 3 x 3 taps of one filter at points() x points() points.
  void filter(const double *taps, double *values) const;
  /// points() x points() vectors of inputs at as many points.
  llvm::SmallVector<mlir::Value>
  input(KernelBuilder &k, llvm::ArrayRef<mlir::Value> inputs) const;
  /// points() x points() vectors of products to outputs x outputs.
  llvm::SmallVector<mlir::Value>
  output(KernelBuilder &k, llvm::ArrayRef<mlir::Value> products) const;

private:
  using Vectors = llvm::SmallVector<mlir::Value>;
  using Map = Vectors (WinogradTransform::*)(KernelBuilder &,
                                             llvm::ArrayRef<mlir::Value>) const;
  Vectors inputLine(KernelBuilder &k, llvm::ArrayRef<mlir::Value> line) const;
  Vectors outputLine(KernelBuilder &k, llvm::ArrayRef<mlir::Value> line) const;
  Vectors both(KernelBuilder &k, llvm::ArrayRef<mlir::Value> square,
               Map line) const;

  int64_t outputs;
};

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_WINOGRADTRANSFORM_H
