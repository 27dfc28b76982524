//===- GrowthBudget.h - speed that is paid for in bytes --------*- C++ -*-===//
//
// Some ways to compute a kernel store its weights in a larger form. Which
// kernels get them is decided for the whole model: a budget of bytes is spent
// where each byte saves most time.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_SCHEDULE_GROWTHBUDGET_H
#define EDGEC_PASSES_SCHEDULE_GROWTHBUDGET_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>

namespace edgec::schedule {

/// A way to compute a kernel.
struct MethodCost {
  /// predicted time, in clock cycles
  double cycles;
  /// size of the weights as it stores them
  int64_t bytes;
};

/// What an artifact may grow by, in bytes, for the sake of speed if nobody says
/// more: a tenth of the model's weights, and 128 KB, which no hosted machine
/// misses.
constexpr int64_t defaultGrowth(int64_t weightBytes) {
  return weightBytes / 10 + (128 << 10);
}

/// Chooses a method for each kernel, whose first one is the smallest that is
/// known: numbers of methods, such that all kernels together take at most
/// `budget` bytes more than by their first methods. Steps to a faster method
/// are taken in order of the cycles that they save per byte.
llvm::SmallVector<size_t>
spendGrowth(llvm::ArrayRef<llvm::SmallVector<MethodCost>> kernels,
            int64_t budget);

} // namespace edgec::schedule

#endif // EDGEC_PASSES_SCHEDULE_GROWTHBUDGET_H
