//===- CopyKernel.cpp - kernels that only move tensors -------------------===//
#include "passes/schedule/CopyKernel.h"
#include "dialects/edge/Edge.h"
#include "dialects/schedule/Schedule.h"

using namespace mlir;
using namespace edgec;

/// A kernel of the one operator that `build` makes of the region's arguments.
static Value makeKernel(OpBuilder &builder, Location loc, StringRef name,
                        ValueRange inputs, Type result,
                        function_ref<Value(ValueRange)> build) {
  auto kernel = schedule::KernelOp::create(builder, loc, TypeRange(result),
                                           inputs, builder.getStringAttr(name),
                                           schedule::TilingAttr(), ArrayAttr());
  OpBuilder::InsertionGuard guard(builder);
  Block *body = builder.createBlock(&kernel.getBody());
  for (Value input : inputs)
    body->addArgument(input.getType(), loc);
  schedule::YieldOp::create(builder, loc, build(body->getArguments()));
  return kernel.getResult(0);
}

Value schedule::makeCopyKernel(OpBuilder &builder, Location loc, Value source) {
  return makeKernel(builder, loc, "copy", source, source.getType(),
                    [&](ValueRange arguments) {
                      return edge::CopyOp::create(
                          builder, loc, source.getType(), arguments.front());
                    });
}

Value schedule::makeConcatKernel(OpBuilder &builder, Location loc,
                                 ValueRange parts, int64_t axis) {
  auto type = cast<RankedTensorType>(parts.front().getType());
  SmallVector<int64_t> shape(type.getShape());
  shape[axis] = 0;
  for (Value part : parts)
    shape[axis] += cast<RankedTensorType>(part.getType()).getDimSize(axis);
  Type result = RankedTensorType::get(shape, type.getElementType());
  return makeKernel(
      builder, loc, "concat", parts, result, [&](ValueRange arguments) {
        return edge::ConcatOp::create(builder, loc, result, arguments,
                                      builder.getI64IntegerAttr(axis));
      });
}
