//===- IntegerArithmetic.h - what quantized operators become ----*- C++ -*-===//
//
// The parts that the front doors make of quantized operators: sums of products
// of stored integers less their zero points, and roundings to narrow integers.
// What each format computes between them stands with its door.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_INTEGERARITHMETIC_H
#define EDGEC_COMPILER_IMPORT_INTEGERARITHMETIC_H

#include "compiler/import/Spatial.h"

namespace edgec {

/// An i32 constant, a scalar if there is one number.
mlir::Value wordConstant(OpMaker &m, llvm::ArrayRef<int32_t> numbers);

/// x as i32 less the zero point.
mlir::Value centered(OpMaker &m, mlir::Value x, int64_t zeroPoint);

/// What stands for the real number 0 in both factors of a product.
struct ZeroPoints {
  int64_t input = 0, filter = 0;
};

/// The sums of a convolution over two or more dimensions, in 32 bits; positions
/// outside of the input hold its zero point. `bias` (i32) may be null.
mlir::Value convolveIntegers(OpMaker &m, mlir::Value input, mlir::Value filter,
                             mlir::Value bias, const Window &window,
                             int64_t groups, ZeroPoints zeros);

/// Rows of a matrix with `filter` [N, K], in 32 bits: a convolution of images
/// of one pixel. The input is [..., K], the result [..., N].
mlir::Value multiplyIntegers(OpMaker &m, mlir::Value input, mlir::Value filter,
                             mlir::Value bias, ZeroPoints zeros);

/// Matrix products of two values of the run, or of several matrices [..., M, K]
/// and [..., K, N] of 8 bits, in 32 bits.
mlir::Value multiplyBatches(OpMaker &m, mlir::Value lhs, mlir::Value rhs,
                            ZeroPoints zeros);

/// x (i32 or f32), times the factor (f32, or null), rounded to the nearest with
/// halves to even, plus the zero point, kept in the numbers of `element`.
mlir::Value requantize(OpMaker &m, mlir::Value x, mlir::Value factor,
                       int64_t zeroPoint, mlir::Type element);

/// The least and the largest number of an integer type of at most 32 bits.
struct NumberRange {
  int64_t low, high;
};
NumberRange numberRange(mlir::Type element);

} // namespace edgec

#endif // EDGEC_COMPILER_IMPORT_INTEGERARITHMETIC_H
