//===- ScalarMath.h - short names for arithmetic on numbers ----*- C++ -*-===//
//
// Emitters that compute positions (of a resize, of samples, of regions) write a
// dozen formulas on single floats. This gives them operators: `a * b + c`
// builds the operations at the builder's insertion point. Nothing here becomes
// a call of a library.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_SCALARMATH_H
#define EDGEC_PASSES_KERNEL_SCALARMATH_H

#include "passes/kernel/KernelBuilder.h"

namespace edgec::kernel {

class ScalarMath;

/// A float of the ScalarMath's width, or a truth value.
struct Number {
  const ScalarMath *math = nullptr;
  mlir::Value value;
};

class ScalarMath {
public:
  /// `type` is f32 or f64.
  ScalarMath(KernelBuilder &k, mlir::FloatType type) : k(k), type(type) {}

  Number constant(double value) const;
  /// From a float of any width, or a position.
  Number number(mlir::Value value) const;
  Number number(Index index) const;
  /// An element of a buffer of floats.
  Number load(mlir::Value buffer, Index at) const;
  void store(Number number, mlir::Value buffer, Index at) const;

  /// Rounded towards zero; the number must be within 2^31.
  Index toIndex(Number number) const;
  /// As f32.
  mlir::Value toFloat(Number number) const;

  KernelBuilder &k;
  const mlir::FloatType type;
};

Number operator+(Number a, Number b);
Number operator-(Number a, Number b);
Number operator*(Number a, Number b);
Number operator/(Number a, Number b);
Number operator+(Number a, double b);
Number operator-(Number a, double b);
Number operator-(double a, Number b);
Number operator*(Number a, double b);
Number operator/(Number a, double b);

/// Truth values; comparisons with what is not a number are false.
Number operator<(Number a, Number b);
Number operator<=(Number a, Number b);
Number operator==(Number a, Number b);
Number operator<(Number a, double b);
Number operator<=(Number a, double b);
Number operator&&(Number a, Number b);
Number operator||(Number a, Number b);

Number select(Number condition, Number a, Number b);
Number absolute(Number a);
/// What is not a number gives `low`.
Number clamp(Number a, Number low, Number high);
Number clamp(Number a, double low, double high);
Number smaller(Number a, Number b);
Number larger(Number a, Number b);
/// For numbers within 2^31.
Number truncate(Number a);
Number floor(Number a);
Number ceil(Number a);
/// Ties to even.
Number roundEven(Number a);

/// Keys' cubic at a distance, and the tent of linear interpolation.
Number cubicWeight(Number distance, double coefficient);
Number linearWeight(Number distance);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_SCALARMATH_H
