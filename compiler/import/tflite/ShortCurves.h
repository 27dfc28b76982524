//===- ShortCurves.h - sigmoid and tanh of 16-bit numbers -------*- C++ -*-===//
//
// TensorFlow Lite computes them with one table of 256 values of the sigmoid
// and straight lines between them (reference/integer_ops/logistic.h, tanh.h);
// so do these, on i32 tensors that hold 16-bit numbers.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_TFLITE_SHORTCURVES_H
#define EDGEC_COMPILER_IMPORT_TFLITE_SHORTCURVES_H

#include "compiler/import/tflite/OperatorImport.h"

namespace edgec::tflite {

/// What brings a number to the table's units, 1 / (3 * 4096): times
/// `multiplier`, then divided by 2^shift with halves upwards.
struct CurveScale {
  int32_t multiplier = 3;
  int32_t shift = 0;

  /// For numbers in units of 2^exponent.
  static CurveScale ofPower(int exponent);
  /// For numbers in units of `scale`; a power of two may be larger than
  /// 2^-12 by a factor of 2^`spareShift`. None if it is too large.
  static std::optional<CurveScale> of(float scale, int spareShift);
};

/// 1 / (1 + e^-x) and tanh(x) in units of 2^-15, as i32.
mlir::Value shortSigmoid(OperatorImport &n, mlir::Value x, CurveScale scale);
mlir::Value shortTanh(OperatorImport &n, mlir::Value x, CurveScale scale);

} // namespace edgec::tflite

#endif // EDGEC_COMPILER_IMPORT_TFLITE_SHORTCURVES_H
