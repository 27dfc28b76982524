//===- IntegerRange.h - bounds of a kernel's integers ----------*- C++ -*-===//
//
// Fixed-point arithmetic has cheaper forms for numbers that are known to be
// small enough. Interval arithmetic over a kernel's region knows: a sum of so
// many products of bytes has bounds, and so has what is computed from it.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_INTEGERRANGE_H
#define EDGEC_PASSES_KERNEL_INTEGERRANGE_H

#include "dialects/schedule/Schedule.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>

namespace edgec::kernel {

/// All numbers from low to high.
struct IntegerRange {
  int64_t low, high;

  bool contains(const IntegerRange &other) const {
    return low <= other.low && other.high <= high;
  }
  /// The largest distance from zero.
  int64_t magnitude() const { return std::max(high, -low); }
};

/// What an integer element of at most 32 bits can hold.
IntegerRange rangeOfElement(mlir::Type element);

/// What a value in a kernel's region can be; its elements are integers of at
/// most 32 bits.
IntegerRange rangeOf(mlir::Value value);

/// A constant's bytes: of all elements, or of one where all are the same; empty
/// where they are not in memory.
llvm::ArrayRef<char> bytesOf(mlir::ElementsAttr value);

/// The elements of a constant of i8 or ui8, less their zero point.
IntegerRange rangeOfBytes(mlir::ElementsAttr value, int64_t zeroPoint);

/// The elements of a constant of i32 (one, where all are the same), inside of
/// the kernel or an operand of it; nothing where the value is none.
std::optional<llvm::SmallVector<int32_t>> knownNumbers(mlir::Value value);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_INTEGERRANGE_H
