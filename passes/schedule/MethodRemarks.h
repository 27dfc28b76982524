//===- MethodRemarks.h - why a kernel is computed as it is ------*- C++ -*-===//
#ifndef EDGEC_PASSES_SCHEDULE_METHODREMARKS_H
#define EDGEC_PASSES_SCHEDULE_METHODREMARKS_H

#include "dialects/schedule/Schedule.h"
#include "passes/schedule/GrowthBudget.h"

namespace edgec::schedule {

/// Tells whoever listens (`-explain`) by which of several methods a kernel is
/// computed, and what made the choice. The first method is the direct one;
/// `isBudgeted` says that the others share a budget of bytes. Silent where
/// there is one method only.
void remarkMethod(KernelOp kernel, llvm::ArrayRef<TilingAttr> tilings,
                  llvm::ArrayRef<MethodCost> costs, size_t chosen,
                  bool isBudgeted);

} // namespace edgec::schedule

#endif // EDGEC_PASSES_SCHEDULE_METHODREMARKS_H
