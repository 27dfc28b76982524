//===- VectorMath.h - elementary functions without a library ---*- C++ -*-===//
//
// A compiled model calls no libm, so its kernels bring their own exp, log,
// tanh and so on: polynomials written in plain arithmetic on vectors of f32 or
// f64 of any length, and on scalars just so. Nothing here is an operation that
// some target would lower to a call (floor, round and fma do become calls where
// the instruction is missing, so they are built from adds and bits).
//
// The bounds, in units in the last place of the correctly rounded result, hold
// with and without fused multiply-add; VectorMathTest sweeps them. Results
// below 2^-126 may be flushed to zero or be off by up to 2^-126. NaN gives NaN.
//
// They are those of f32. Of f64 the same functions have at most 4 ulp (tan 6),
// except gelu and its tanh form on the negative side, whose absolute error is
// below 4e-16, and pow: 2^-52 (1 + |y ln x|) relative.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_VECTORMATH_H
#define EDGEC_PASSES_KERNEL_VECTORMATH_H

#include "dialects/schedule/Schedule.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Location.h"

namespace edgec::kernel {

/// What decides between two forms of the same arithmetic.
struct MathTarget {
  /// a * b + c is one instruction; elsewhere it must be two, for LLVM's fma
  /// would be a library call.
  bool hasFma = false;
  /// One instruction computes the maximum that propagates NaN (Arm's fmax).
  /// Elsewhere a compare and a select do, which x86 folds into maxps.
  bool hasMaximum = false;
  /// A register of 16 numbers is a table, and numbers are multiplied by powers
  /// of two (AVX-512F).
  bool hasTables = false;

  static MathTarget get(schedule::MachineAttr machine);
};

/// Builds `f(x)` at the builder's insertion point; x is f32 or a vector of it.
using UnaryMath = mlir::Value(mlir::OpBuilder &, mlir::Location, mlir::Value,
                              const MathTarget &);

/// e^x, 1.1 ulp; overflows to inf and underflows to 0 where f32 does.
UnaryMath emitExp;
/// e^x, 1.1 ulp, for -87.3 <= x <= 88.3; the bound's exponential outside. A
/// quarter cheaper: for use inside of sums that make the difference vanish.
UnaryMath emitBoundedExp;
/// ln x, 1 ulp; ln 0 = -inf, NaN below.
UnaryMath emitLog;
/// 2.8 ulp, never past 1.
UnaryMath emitTanh;
/// 3.7 ulp, never past 1.
UnaryMath emitErf;
/// 1 / (1 + e^-x), 2.6 ulp for x >= -87; positive everywhere.
UnaryMath emitSigmoid;
/// x * sigmoid(x), 2.6 ulp for x >= -80, absolute error 1e-38 |x| below.
UnaryMath emitSilu;
/// x * Phi(x): 3.5 ulp for x >= -1, absolute error 1.3e-7 below.
UnaryMath emitGelu;
/// x / (1 + e^(-2 sqrt(2/pi) (x + 0.044715 x^3))): 2.8 ulp for x >= -1,
/// absolute error 1e-7 below.
UnaryMath emitGeluTanh;
/// ln(1 + e^x), 2.2 ulp for x >= -87.
UnaryMath emitSoftplus;
/// e^x - 1 for x <= 0 (any value above), 1.2 ulp.
UnaryMath emitNegativeExpm1;

/// 0.6 ulp for |x| <= 1.6e6, computed in f64; beyond that the angle loses 2^-53
/// of x. Never past 1.
UnaryMath emitSin, emitCos;
/// 0.6 ulp in the same range.
UnaryMath emitTan;
/// 0.6 ulp, computed in f64.
UnaryMath emitAsin, emitAcos, emitAtan;
UnaryMath emitSinh, emitCosh, emitAsinh, emitAcosh, emitAtanh;

/// Correctly rounded.
UnaryMath emitSqrt;
/// 1.5 ulp.
UnaryMath emitRsqrt;
/// Exact, -0 included; large numbers stay as they are.
UnaryMath emitFloor;
UnaryMath emitCeil;
UnaryMath emitRoundEven;
/// -1, 0 or 1; NaN stays.
UnaryMath emitSign;

/// x to the power y, 1 ulp, every special case as in C. An exponent that is a
/// constant integer up to 8 or +-0.5 costs multiplications, a square root, a
/// division only (less than 1 ulp each; x^0.5 is the square root, so -inf gives
/// NaN).
mlir::Value emitPow(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value x,
                    mlir::Value y, const MathTarget &target);

/// x - y trunc(x / y), exact as C's fmod; and with y's sign, as Python's %.
mlir::Value emitRem(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value x,
                    mlir::Value y, const MathTarget &target);
mlir::Value emitMod(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value x,
                    mlir::Value y, const MathTarget &target);

/// x for x >= 0, else alpha * (e^x - 1): 1.7 ulp.
mlir::Value emitElu(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value x,
                    float alpha, const MathTarget &target);

/// a * b + c, fused where the target can.
mlir::Value emitMultiplyAdd(mlir::OpBuilder &builder, mlir::Location loc,
                            mlir::Value a, mlir::Value b, mlir::Value c,
                            const MathTarget &target);

/// The larger and the smaller of x and a bound that is not NaN; a NaN in x
/// stays. One instruction on x86 and Arm, two on RISC-V.
mlir::Value emitAtLeast(mlir::OpBuilder &builder, mlir::Location loc,
                        mlir::Value x, mlir::Value bound,
                        const MathTarget &target);
mlir::Value emitAtMost(mlir::OpBuilder &builder, mlir::Location loc,
                       mlir::Value x, mlir::Value bound,
                       const MathTarget &target);

/// A constant of the type's shape; `type` is f32, f64 or a vector of one.
mlir::Value emitConstant(mlir::OpBuilder &builder, mlir::Location loc,
                         mlir::Type type, float value);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_VECTORMATH_H
