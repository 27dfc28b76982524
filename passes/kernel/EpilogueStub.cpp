//===- EpilogueStub.cpp - until Epilogue.cpp is there ---------------------===//
#include "dialects/edge/Edge.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "passes/kernel/KernelEmitter.h"

using namespace mlir;
using namespace edgec;

Value kernel::emitEpilogue(KernelBuilder &builder, Value vector,
                           ArrayRef<Index> position, int64_t lanes) {
  auto fast = arith::FastMathFlags::nnan | arith::FastMathFlags::nsz;
  for (Operation &op : builder.kernel.getBody().front().without_terminator())
    if (isa<edge::ReluOp>(op))
      vector = arith::MaximumFOp::create(builder.b, builder.loc, vector,
                                         builder.splat(0.0f, lanes), fast);
  return vector;
}
