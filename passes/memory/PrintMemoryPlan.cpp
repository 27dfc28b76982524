//===- PrintMemoryPlan.cpp - the memory plan as a table -------------------===//
//
// Prints what edge-plan-memory would do.
//
//===----------------------------------------------------------------------===//
#include "passes/memory/MemoryPlan.h"
#include "passes/memory/Passes.h"

namespace edgec {
#define GEN_PASS_DEF_PRINTMEMORYPLAN
#include "passes/memory/Passes.h.inc"
} // namespace edgec

using namespace edgec;
using namespace mlir;

namespace {
struct PrintMemoryPlan : edgec::impl::PrintMemoryPlanBase<PrintMemoryPlan> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (!function.isPublic() || function.isExternal())
        continue;
      FailureOr<MemoryPlan> plan = planMemory(function);
      if (failed(plan))
        return signalPassFailure();
      plan->print(llvm::outs());
    }
    markAllAnalysesPreserved();
  }
};
} // namespace
