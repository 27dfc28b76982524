//===- Fourier.h - Fourier transforms from matrix products ------*- C++ -*-===//
//
// A discrete Fourier transform is a product with a constant matrix of cosines
// and sines, which the matrix kernels compute at their full speed. Long ones
// are split into shorter ones (Cooley and Tukey).
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_FOURIER_H
#define EDGEC_COMPILER_IMPORT_FOURIER_H

#include "compiler/import/OpMaker.h"

namespace edgec {

/// A transform as a matrix. Elements are complex (real part, imaginary part) or
/// real.
struct FourierMatrix {
  /// Of the transform; `inputs` of its elements are there, the others are zero.
  int64_t length, inputs;
  /// All of them, or the first length / 2 + 1.
  int64_t outputs;
  bool realInput = false, realOutput = false;
  /// e^(+...) and divided by the length.
  bool inverse = false;
  /// The inputs are the first half of a spectrum, whose other half mirrors it.
  bool halfSpectrum = false;

  int64_t rows() const { return outputs * (realOutput ? 1 : 2); }
  int64_t columns() const { return inputs * (realInput ? 1 : 2); }
  /// Row-major [outputs, parts, inputs, parts], a fully_connected's filter.
  std::vector<float> elements() const;
};

/// No matrix is larger than this, no transform longer.
constexpr int64_t maxFourierElements = int64_t(1) << 24;
constexpr int64_t maxFourierLength = int64_t(1) << 22;

struct FourierTransform {
  /// Not the last dimension of the input, which holds real and imaginary part,
  /// or the real part alone.
  int64_t axis;
  /// The input is cut or continued with zeros to this.
  int64_t length;
  bool inverse = false;
  /// Of a real input only the first half of the spectrum, [0, length / 2]; the
  /// inverse makes a real output of such a half.
  bool onesided = false;
};

/// The transform of `x`; reports lengths that are too large.
mlir::Value makeFourierTransform(OpMaker &m, mlir::Value x,
                                 const FourierTransform &transform);

} // namespace edgec

#endif // EDGEC_COMPILER_IMPORT_FOURIER_H
