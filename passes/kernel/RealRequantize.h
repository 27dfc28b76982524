//===- RealRequantize.h - fixed-point factors as floats --------*- C++ -*-===//
//
// A fixed-point factor takes products of 64 bits, of which processors have half
// as many as of floats in a vector, and shifts. Where the results are bytes, a
// multiply-add of float32 gives the same ones if each of the at most 255 sums
// at which the result changes lies on the right side; which is tried out for
// each channel.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_REALREQUANTIZE_H
#define EDGEC_PASSES_KERNEL_REALREQUANTIZE_H

#include "passes/kernel/Requantize.h"

namespace edgec::kernel {

/// round_even(fma(x, factor, offset)), the offset with the sign of x where
/// `isSymmetric`; machines without such an instruction round the product, too.
struct RealFactor {
  float factor, offset;
};

/// A number of 64 bits that is rescaled to few.
struct RescaledNumbers {
  int64_t multiplier, shift;
  edge::Rounding rounding;
  /// what is rescaled
  IntegerRange x;
  /// the bounds of the result
  int64_t least, most;
  /// what is added to the result before it is bounded
  int64_t zeroPoint;
};

/// The float form that gives the same numbers for all x. With `isSymmetric` the
/// zero point is left to be added afterwards, else it is in the offset.
std::optional<RealFactor> findRealFactor(const RescaledNumbers &numbers,
                                         bool isSymmetric, bool isFused);

/// On a rescale whose multiplier and shift are float32's factor and offset, as
/// bits; its value: whether the offset takes the sign of x.
constexpr llvm::StringLiteral realFormAttrName = "edge.real_form";

/// Makes floats of the factors of the kernel's rescales where that is proved to
/// give the same numbers and the machine computes it faster.
void useRealFactors(schedule::KernelOp kernel, schedule::MachineAttr machine);

/// Words of 32 bits of a rescale with `realFormAttrName`; x is a vector of i32
/// or of whole numbers in float32.
mlir::Value emitRealWords(mlir::OpBuilder &builder,
                          schedule::MachineAttr machine,
                          edge::RescaleOp rescale, mlir::Value x,
                          mlir::Value factor, mlir::Value offset);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_REALREQUANTIZE_H
