//===- FixedPoint.h - functions of fixed-point numbers -----------*- C++
//-*-===//
//
// The few functions that TensorFlow Lite's reference kernels compute with
// gemmlowp's fixed-point numbers (fixedpoint/fixedpoint.h), for the tables that
// the importer makes. A number has 31 fraction bits unless said otherwise.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_TFLITE_FIXEDPOINT_H
#define EDGEC_COMPILER_IMPORT_TFLITE_FIXEDPOINT_H

#include <cstdint>

namespace edgec::tflite::fixedpoint {

/// The product of two numbers, rounded to nearest; -1 * -1 saturates.
int32_t multiply(int32_t a, int32_t b);
/// x / 2^exponent to nearest, halves away from zero.
int32_t divideByPowerOfTwo(int32_t x, int exponent);
/// e^x for x <= 0 that has `integerBits` (at most 5) and 31 - integerBits
/// fraction bits.
int32_t expOnNegative(int32_t x, int integerBits);
/// 1 / (1 + e^-x) for x with 4 integer bits.
int32_t logistic(int32_t x);
/// tanh(x) for x with 4 integer bits.
int32_t tanh(int32_t x);

} // namespace edgec::tflite::fixedpoint

#endif // EDGEC_COMPILER_IMPORT_TFLITE_FIXEDPOINT_H
