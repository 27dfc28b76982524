//===- Requantize.h - from sums to the numbers that are stored -*- C++ -*-===//
//
// A quantized operator ends in a fixed-point factor, a zero point, bounds and
// a narrow type: five elementwise operators that one short sequence computes,
// to the same bits, where constants and ranges allow.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_REQUANTIZE_H
#define EDGEC_PASSES_KERNEL_REQUANTIZE_H

#include "dialects/edge/Integer.h"
#include "passes/kernel/IntegerRange.h"

namespace edgec::kernel {

/// rescale, add, max, min, cast; each but the first may be missing.
struct Requantization {
  edge::RescaleOp rescale;
  /// All of them in order.
  llvm::SmallVector<mlir::Operation *> operators;
  int64_t zeroPoint = 0;
  /// After adding the zero point.
  std::optional<int64_t> low, high;
  /// The narrow type, or null.
  mlir::Type narrow;

  /// The operators behind `rescale` that nothing else reads.
  static Requantization from(edge::RescaleOp rescale);
};

/// What constant operands decide about the code below: kernels whose forms
/// differ cannot share it.
int64_t requantizationForm(edge::RescaleOp rescale);

/// The last operator's result for one vector of sums; null where the operators
/// one by one are as good. `multiplier` and `shift` are the vectors of those
/// operands.
mlir::Value emitRequantization(mlir::OpBuilder &builder,
                               const Requantization &requantization,
                               schedule::MachineAttr machine, mlir::Value x,
                               mlir::Value multiplier, mlir::Value shift);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_REQUANTIZE_H
