//===- DoubleMath.h - arithmetic on f64, and functions made of it *- C++
//-*-===//
//
// The notation in which the double-precision functions are written, and those
// functions. Kernels do not include this: VectorMath.h has every function for
// both precisions, and comes here for f64. Integers come out of floats by
// adding a magic number and reading bits, which every machine with f64 can do
// in vectors; conversions it often cannot.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_DOUBLEMATH_H
#define EDGEC_PASSES_KERNEL_DOUBLEMATH_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "passes/kernel/VectorMath.h"

namespace edgec::kernel {

/// Values are f64 or vectors of it, all of one shape.
class DoubleMath {
public:
  DoubleMath(mlir::OpBuilder &b, mlir::Location loc, mlir::Type type,
             const MathTarget &target)
      : b(b), loc(loc), type(type), target(target) {}

  //===-- arithmetic ------------------------------------------------------===//

  mlir::Value c(double value) const;
  mlir::Value c(int64_t bits) const;
  mlir::Value add(mlir::Value x, mlir::Value y) const;
  mlir::Value sub(mlir::Value x, mlir::Value y) const;
  mlir::Value mul(mlir::Value x, mlir::Value y) const;
  mlir::Value div(mlir::Value x, mlir::Value y) const;
  mlir::Value neg(mlir::Value x) const;
  mlir::Value fma(mlir::Value x, mlir::Value y, mlir::Value z) const;
  mlir::Value abs(mlir::Value x) const;
  mlir::Value sqrt(mlir::Value x) const;
  mlir::Value copySign(mlir::Value magnitude, mlir::Value sign) const;
  mlir::Value compare(mlir::arith::CmpFPredicate predicate, mlir::Value x,
                      mlir::Value y) const;
  mlir::Value less(mlir::Value x, mlir::Value y) const;
  mlir::Value less(mlir::Value x, double y) const { return less(x, c(y)); }
  mlir::Value equal(mlir::Value x, mlir::Value y) const;
  mlir::Value select(mlir::Value condition, mlir::Value x, mlir::Value y) const;
  mlir::Value both(mlir::Value x, mlir::Value y) const;
  /// A NaN stays.
  mlir::Value clamp(mlir::Value x, double low, double high) const;
  /// Coefficients from the constant up.
  mlir::Value polynomial(mlir::Value x,
                         llvm::ArrayRef<double> coefficients) const;

  mlir::Value bits(mlir::Value x) const;
  mlir::Value real(mlir::Value bits) const;
  mlir::Value left(mlir::Value bits, int64_t count) const;
  mlir::Value right(mlir::Value bits, int64_t count) const;
  mlir::Value maskBits(mlir::Value bits, int64_t mask) const;
  mlir::Value eitherBits(mlir::Value x, mlir::Value y) const;
  mlir::Value addBits(mlir::Value x, mlir::Value y) const;
  /// To the nearest whole number, |x| < 2^51.
  mlir::Value round(mlir::Value x) const;
  /// Towards zero, |x| < 2^51 and not negative.
  mlir::Value truncate(mlir::Value x) const;
  /// Bit 0 of a whole number, |x| < 2^51, as a truth value.
  mlir::Value isOdd(mlir::Value x) const;
  /// 2^n, n whole, -1022 <= n <= 1023.
  mlir::Value powerOfTwo(mlir::Value n) const;

  //===-- functions -------------------------------------------------------===//

  mlir::Value exp(mlir::Value x) const;
  /// e^x / 2, which overflows later.
  mlir::Value halfExp(mlir::Value x) const;
  /// |x| <= 708.
  mlir::Value expm1(mlir::Value x) const;
  mlir::Value log(mlir::Value x) const;
  /// ln(1 + x) for x >= 0.
  mlir::Value log1p(mlir::Value x) const;
  mlir::Value pow(mlir::Value x, mlir::Value y) const;
  mlir::Value tanh(mlir::Value x) const;
  mlir::Value erf(mlir::Value x) const;
  mlir::Value sinh(mlir::Value x) const;
  mlir::Value cosh(mlir::Value x) const;
  mlir::Value asinh(mlir::Value x) const;
  mlir::Value acosh(mlir::Value x) const;
  mlir::Value atanh(mlir::Value x) const;

  mlir::Value sin(mlir::Value x) const;
  mlir::Value cos(mlir::Value x) const;
  mlir::Value tan(mlir::Value x) const;
  mlir::Value asin(mlir::Value x) const;
  mlir::Value acos(mlir::Value x) const;
  mlir::Value atan(mlir::Value x) const;

  mlir::Value sigmoid(mlir::Value x) const;
  mlir::Value silu(mlir::Value x) const;
  mlir::Value gelu(mlir::Value x) const;
  mlir::Value geluTanh(mlir::Value x) const;
  mlir::Value softplus(mlir::Value x) const;
  mlir::Value negativeExpm1(mlir::Value x) const;
  mlir::Value elu(mlir::Value x, double alpha) const;

  /// As C's fmod, exact.
  mlir::Value rem(mlir::Value x, mlir::Value y) const;

  mlir::OpBuilder &b;
  mlir::Location loc;
  mlir::Type type;
  const MathTarget &target;

private:
  mlir::Value constant(mlir::Type element, mlir::TypedAttr value) const;
  /// x = n ln2 + r
  struct Reduced {
    mlir::Value n, expm1;
  };
  Reduced reduce(mlir::Value x) const;
  mlir::Value scaledExp(mlir::Value x, double exponent) const;
  /// x = k pi/2 + r, |r| <= pi/4: sin r, cos r, and k
  struct Quarter {
    mlir::Value k, sine, cosine;
  };
  Quarter reduceAngle(mlir::Value x) const;
  mlir::Value arcsineSeries(mlir::Value z) const;
};

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_DOUBLEMATH_H
