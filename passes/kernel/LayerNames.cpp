//===- LayerNames.cpp - which nodes of the model a kernel computes --------===//
#include "passes/kernel/LayerNames.h"
#include "dialects/edge/Edge.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace edgec;

std::string kernel::layerNames(schedule::KernelOp kernel) {
  SmallVector<StringRef> names;
  auto addName = [&](Location loc) {
    loc->walk([&](Location part) {
      auto named = dyn_cast<NameLoc>(part);
      if (named && !llvm::is_contained(names, named.getName().getValue()))
        names.push_back(named.getName().getValue());
      return WalkResult::advance();
    });
  };
  for (Operation &op : kernel.getBody().front().without_terminator())
    if (!isa<edge::ConstantOp>(op))
      addName(op.getLoc());
  return llvm::join(names, ";");
}
