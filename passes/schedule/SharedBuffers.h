//===- SharedBuffers.h - tensors beside each other in one array -*- C++ -*-===//
//
// The values that lie in one buffer are boxes of one array: what kernels write
// (perhaps seen through a reshape), and views of that (concatenations, slices).
// This keeps the boxes of a function's values, and says whether an array of
// them can be.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_SCHEDULE_SHAREDBUFFERS_H
#define EDGEC_PASSES_SCHEDULE_SHAREDBUFFERS_H

#include "dialects/schedule/Schedule.h"
#include "passes/schedule/Halo.h"
#include "llvm/ADT/DenseMap.h"

namespace edgec::schedule {

/// A value in an array, from element `low` to before `high` per dimension.
struct Box {
  mlir::Value value;
  llvm::SmallVector<int64_t> low, high;

  bool overlaps(const Box &other) const;
  bool isAt(const Box &other) const {
    return low == other.low && high == other.high;
  }
};

/// The boxes of one array. Their coordinates count from any origin.
struct SharedArray {
  std::vector<Box> boxes;

  /// The smallest box around all.
  Box bounds() const;
  /// Of all readers. Nothing when they ask for different fills, or one of them
  /// reads around a box that others lie beside.
  std::optional<Halo> halo() const;
};

class SharedBuffers {
public:
  /// Puts `part` into `whole`'s array, `offset` from where `whole` begins, and
  /// with both what lies in their arrays. False, and nothing done, when they
  /// lie in one array elsewhere.
  bool join(mlir::Value whole, mlir::Value part,
            llvm::ArrayRef<int64_t> offset);

  /// The array that the value lies in; null when in none.
  const SharedArray *find(mlir::Value value) const;
  /// The value's box in its array.
  const Box *findBox(mlir::Value value) const;

  /// Where a value lies; null when it is in no array.
  MemoryAttr memoryOf(mlir::Value value) const;

  /// Joins what the function's views put beside each other.
  static SharedBuffers get(mlir::Operation *function);

private:
  size_t arrayFor(mlir::Value value);
  bool claimRoot(mlir::Value value);

  llvm::DenseMap<mlir::Value, size_t> arrayOf;
  std::vector<SharedArray> arrays;
  /// What lies in an array as a reshaped value, and as which.
  llvm::DenseMap<mlir::Value, mlir::Value> reshaped;
};

/// Whether it is decided here how a sliced value lies: arguments, constants and
/// reshaped values are dense, and slices of them need no array.
bool isDecided(mlir::Value value);

/// Whether `array` can be: what is written does not overlap, whoever reads or
/// writes a part of it takes parts, and what others see is all of it.
/// `takesParts` is asked of kernels.
bool canBe(const SharedArray &array,
           llvm::function_ref<bool(KernelOp)> takesParts);

} // namespace edgec::schedule

#endif // EDGEC_PASSES_SCHEDULE_SHAREDBUFFERS_H
