//===- RowSpace.cpp -------------------------------------------------------===//
#include "passes/kernel/RowSpace.h"
#include "passes/kernel/Epilogue.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

static Layout withoutRow(Layout layout) {
  layout.shape.back() = 1;
  return layout;
}

RowSpace::RowSpace(schedule::KernelOp kernel, Value input)
    : input(input), source(getOperandLayout(
                        kernel, cast<BlockArgument>(input).getArgNumber())),
      result(getResultLayout(kernel, 0)), size(result.shape.back()) {
  SmallVector<Layout> layouts{withoutRow(source), withoutRow(result)};
  for (BlockArgument argument : epilogueOperands(kernel)) {
    layouts.push_back(
        withoutRow(getOperandLayout(kernel, argument.getArgNumber())
                       .broadcastTo(result.shape)));
  }
  space = IterationSpace::get(layouts.front().shape, layouts);
}
