//===- RunFixedPoint.h - fixed-point functions of the run --------*- C++
//-*-===//
//
// What TensorFlow Lite's reference kernels compute once per row with gemmlowp's
// fixed-point numbers (fixedpoint/fixedpoint.h, internal/common.h), as
// operators on tensors of i32. FixedPoint.h has the same for tables that are
// made at compile time. A number has 31 fraction bits unless said otherwise;
// products are rounded to nearest, halves upwards.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_TFLITE_RUNFIXEDPOINT_H
#define EDGEC_COMPILER_IMPORT_TFLITE_RUNFIXEDPOINT_H

#include "compiler/import/tflite/OperatorImport.h"

namespace edgec::tflite {

/// Operators on i32 tensors, modulo 2^32; operands broadcast.
class RunFixedPoint {
public:
  explicit RunFixedPoint(OperatorImport &n) : n(n) {}

  mlir::Value word(int64_t number) const;
  mlir::Value add(mlir::Value lhs, mlir::Value rhs) const;
  mlir::Value add(mlir::Value x, int64_t number) const;
  mlir::Value sub(mlir::Value lhs, mlir::Value rhs) const;
  mlir::Value shiftLeft(mlir::Value x, mlir::Value bits) const;
  mlir::Value shiftRight(mlir::Value x, mlir::Value bits) const;
  /// lhs > rhs ? first : second
  mlir::Value ifGreater(mlir::Value lhs, mlir::Value rhs, mlir::Value first,
                        mlir::Value second) const;
  mlir::Value atLeast(mlir::Value x, mlir::Value other) const;
  mlir::Value atMost(mlir::Value x, mlir::Value other) const;

  /// The product of two numbers.
  mlir::Value multiply(mlir::Value lhs, mlir::Value rhs) const;
  mlir::Value multiply(mlir::Value x, int32_t number) const;
  /// x / 2^bits to nearest, halves away from zero.
  mlir::Value divideByPowerOfTwo(mlir::Value x, int bits) const;
  /// x * 2^bits; what 32 bits do not hold is the largest or least number.
  mlir::Value saturatingShiftLeft(mlir::Value x, int bits) const;
  /// Of a positive number.
  mlir::Value leadingZeros(mlir::Value x) const;
  /// 1 / (1 + x) for x in [0, 1].
  mlir::Value oneOverOnePlus(mlir::Value x) const;
  /// The natural logarithm, with 5 integer bits, of x >= 1, which has 12.
  mlir::Value logarithm(mlir::Value x) const;

  /// A factor of the run: multiplier / 2^31 / 2^shift.
  struct Factor {
    mlir::Value multiplier, shift;
  };
  /// 1 / sqrt(x) of a whole number x >= 0; 0 counts as 1.
  Factor inverseSquareRoot(mlir::Value x) const;

private:
  OperatorImport &n;
};

/// A function of 16-bit numbers by straight lines between 513 values
/// (LUTPopulate, LUTLookup of internal/common.h).
class ShortTable {
public:
  /// `function` of `low` to `high`, its results in units of 2^-15.
  ShortTable(float low, float high, float (*function)(float));
  /// At x, i32 in [-32768, 32767], which stand for `low` and `high`.
  mlir::Value at(const RunFixedPoint &w, OperatorImport &n,
                 mlir::Value x) const;

private:
  llvm::SmallVector<int32_t> values;
};

} // namespace edgec::tflite

#endif // EDGEC_COMPILER_IMPORT_TFLITE_RUNFIXEDPOINT_H
