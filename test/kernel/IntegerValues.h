//===- IntegerValues.h - operands of quantized cases -----------*- C++ -*-===//
#ifndef EDGEC_TEST_KERNEL_INTEGERVALUES_H
#define EDGEC_TEST_KERNEL_INTEGERVALUES_H

#include "test/kernel/GraphWriter.h"

namespace edgec::test {

/// The choice of a row, one after the other.
template <typename T> T cycle(std::initializer_list<T> choices, int64_t row) {
  return *(choices.begin() + row % int64_t(choices.size()));
}

/// A type by its name in MLIR: "ui8".
mlir::Type elementType(GraphWriter &graph, const std::string &name);

/// A constant of random numbers in [low, high], now and then one of the two.
mlir::Value randomIntegers(GraphWriter &graph, Shape shape, mlir::Type element,
                           int64_t low, int64_t high);

/// An i32 without dimensions.
mlir::Value number(GraphWriter &graph, int64_t value);

/// A run-time input of whole numbers over the range of its type.
mlir::Value bytes(GraphWriter &graph, Shape shape, mlir::Type element);

/// What follows the sums of a quantized operator: a float factor (per channel,
/// or one), halves to even, a zero point, bounds.
mlir::Value requantizeReal(GraphWriter &graph, mlir::Value x, Interval factors,
                           bool perChannel, mlir::Type element);

} // namespace edgec::test

#endif // EDGEC_TEST_KERNEL_INTEGERVALUES_H
