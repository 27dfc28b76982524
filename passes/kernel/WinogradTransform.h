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
// Integers use the textbooks', with which they stay whole.
//
// Filters that are transformed for each use (WinogradRegisters.cpp) do with
// less: in units of the near point a, tap i times a^i, the points are 0, +-1,
// +-b/a and infinity, and what a point's filters are multiplied by goes to its
// inputs.
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
  /// The same of whole numbers, each in the scale of its point.
  void filter(const int64_t *taps, int64_t *values) const;
  /// What a square's vectors are read by, column after column, and what takes
  /// each finished row: short machine vectors are many, and those of a whole
  /// square do not fit into registers.
  using Read = llvm::function_ref<mlir::Value(int64_t row, int64_t column)>;
  using Take =
      llvm::function_ref<void(int64_t row, llvm::ArrayRef<mlir::Value>)>;
  /// The same of 3 x 3 vectors of f32.
  void filter(KernelBuilder &k, Read read, Take take) const;
  /// What tap i of a line is stored times, if bareFilters() are made of it.
  double tapScale(int64_t tap) const;
  /// What inputs at a point of a line are multiplied by, if their filters are
  /// bare: without the factor of their point.
  double inputScale(int64_t point) const;
  /// A line's three scaled taps at all points, or at one.
  llvm::SmallVector<mlir::Value>
  bareFilters(KernelBuilder &k, llvm::ArrayRef<mlir::Value> taps) const;
  mlir::Value bareFilter(KernelBuilder &k, int64_t point,
                         llvm::ArrayRef<mlir::Value> taps) const;
  /// points() x points() vectors of inputs at as many points: of f32, or of
  /// integers, which stay whole.
  void input(KernelBuilder &k, Read read, Take take) const;
  /// points() x points() vectors of products to outputs x outputs.
  void output(KernelBuilder &k, Read read, Take take) const;
  /// What output() makes of products with filters of whole numbers is too large
  /// by a factor: 4 for m = 2, 576 for m = 4. A vector of i32 without it, if
  /// remainder() times that fits 32 bits.
  mlir::Value wholeOutput(KernelBuilder &k, mlir::Value x) const;
  int64_t remainder() const { return outputs == 2 ? 4 : 64; }

private:
  using Vectors = llvm::SmallVector<mlir::Value>;
  using Map = Vectors (WinogradTransform::*)(KernelBuilder &,
                                             llvm::ArrayRef<mlir::Value>) const;
  Vectors filterLine(KernelBuilder &k, llvm::ArrayRef<mlir::Value> taps) const;
  Vectors inputLine(KernelBuilder &k, llvm::ArrayRef<mlir::Value> line) const;
  Vectors outputLine(KernelBuilder &k, llvm::ArrayRef<mlir::Value> line) const;
  void both(KernelBuilder &k, int64_t size, Read read, Map line,
            Take take) const;

  int64_t outputs;
};

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_WINOGRADTRANSFORM_H
