//===- TosaContraction.cpp - convolutions, matmul and pools ---------------===//
//
// TOSA orders pads [top, bottom, left, right], edge [top, left, bottom, right].
// Zero points of floats need no look: TOSA's verifier wants them zero. Integers
// come here where TosaInteger.cpp has a form for them.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/mlir/Passes.h"
#include "compiler/import/mlir/TosaOperators.h"

using namespace edgec;
using namespace edgec::tosa;
using llvm::ArrayRef;
using mlir::OpBuilder;
using mlir::Operation;
using mlir::RankedTensorType;
using mlir::Value;

static llvm::SmallVector<int64_t, 4> edgePads(ArrayRef<int64_t> pads) {
  return {pads[0], pads[2], pads[1], pads[3]};
}

/// A bias of one element stands for all channels.
static Value fullBias(OpBuilder &builder, Operation *op, Value bias,
                      int64_t channels) {
  auto type = mlir::cast<RankedTensorType>(bias.getType());
  if (type.getDimSize(0) == channels)
    return bias;
  return replacement<edge::BroadcastOp>(builder, op, type.clone({channels}),
                                        bias);
}

template <typename OpT>
static Value makeConv(OpT op, OpBuilder &builder, Value filter,
                      int64_t groups) {
  auto result = mlir::cast<RankedTensorType>(op.getType());
  Value bias = fullBias(builder, op, op.getBias(), result.getDimSize(3));
  if (hasIntegerForm(op)) {
    return convolveIntegers(
        op, builder, result, filter, bias,
        {llvm::SmallVector<int64_t, 4>(op.getStride()), edgePads(op.getPad()),
         llvm::SmallVector<int64_t, 4>(op.getDilation()), groups});
  }
  return replacement<edge::Conv2DOp>(
      builder, op, result, {op.getInput(), filter, bias},
      {list(builder, "strides", op.getStride()),
       list(builder, "pads", edgePads(op.getPad())),
       list(builder, "dilations", op.getDilation()),
       builder.getNamedAttr("groups", builder.getI64IntegerAttr(groups))});
}

static Value convertConv2D(Operation *op, OpBuilder &builder) {
  auto conv = mlir::cast<mlir::tosa::Conv2DOp>(op);
  return makeConv(conv, builder, conv.getWeight(), 1);
}

/// [KH, KW, C, M] -> [C, M, KH, KW] -> [C * M, KH, KW, 1]: output channel
/// c * M + m reads input channel c, which is what groups = C means.
static Value convertDepthwise(Operation *op, OpBuilder &builder) {
  auto conv = mlir::cast<mlir::tosa::DepthwiseConv2DOp>(op);
  auto type = mlir::cast<RankedTensorType>(conv.getWeight().getType());
  int64_t h = type.getDimSize(0), w = type.getDimSize(1),
          c = type.getDimSize(2), m = type.getDimSize(3);
  Value filter = replacement<edge::TransposeOp>(
      builder, op, type.clone({c, m, h, w}), conv.getWeight(),
      list(builder, "permutation", {2, 3, 0, 1}));
  filter = replacement<edge::ReshapeOp>(builder, op,
                                        type.clone({c * m, h, w, 1}), filter);
  return makeConv(conv, builder, filter, c);
}

static Value convertMatMul(Operation *op, OpBuilder &builder) {
  auto matmul = mlir::cast<mlir::tosa::MatMulOp>(op);
  return replacement<edge::MatMulOp>(builder, op, matmul.getType(),
                                     {matmul.getA(), matmul.getB()});
}

template <typename TosaT, typename EdgeT>
static Value convertPool(Operation *op, OpBuilder &builder) {
  auto pool = mlir::cast<TosaT>(op);
  return replacement<EdgeT>(builder, op, pool.getType(), pool.getInput(),
                            {list(builder, "window", pool.getKernel()),
                             list(builder, "strides", pool.getStride()),
                             list(builder, "pads", edgePads(pool.getPad()))});
}

ArrayRef<TosaOperator> tosa::contractionOperators() {
  static constexpr TosaOperator rows[] = {
      {"tosa.conv2d", convertConv2D},
      {"tosa.depthwise_conv2d", convertDepthwise},
      {"tosa.matmul", convertMatMul},
      {"tosa.avg_pool2d",
       convertPool<mlir::tosa::AvgPool2dOp, edge::AvgPool2DOp>},
      {"tosa.max_pool2d",
       convertPool<mlir::tosa::MaxPool2dOp, edge::MaxPool2DOp>},
  };
  return rows;
}
