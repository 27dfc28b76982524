//===- LayerNames.cpp - which nodes of the model a kernel computes --------===//
#include "passes/kernel/LayerNames.h"
#include "dialects/edge/Edge.h"
#include "dialects/edge/NodeName.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace edgec;

std::string kernel::layerNames(schedule::KernelOp kernel) {
  SmallVector<StringRef> names;
  for (Operation &op : kernel.getBody().front().without_terminator()) {
    if (isa<edge::ConstantOp>(op))
      continue;
    for (StringRef name : edge::nodeNames(op.getLoc()))
      if (!llvm::is_contained(names, name))
        names.push_back(name);
  }
  return llvm::join(names, ";");
}
