//===- TosaSpatial.cpp - convolutions of other kinds ----------------------===//
//
// Over three dimensions, and transposed: composed by Spatial.h.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/Spatial.h"
#include "compiler/import/mlir/TosaOperators.h"

using namespace edgec;
using namespace edgec::tosa;
using mlir::OpBuilder;
using mlir::Operation;
using mlir::RankedTensorType;
using mlir::Value;

static llvm::ArrayRef<int64_t> shapeOf(Value value) {
  return mlir::cast<RankedTensorType>(value.getType()).getShape();
}

/// A bias of one element stands for all channels.
static Value fullBias(OpMaker &make, Value bias, int64_t channels) {
  return make.broadcast(bias, {channels});
}

/// Pads are [before, after] of each dimension in turn.
static Value convertConv3D(Operation *op, OpBuilder &builder) {
  auto conv = mlir::cast<mlir::tosa::Conv3DOp>(op);
  OpMaker make(builder, op->getLoc(), op->getName().getStringRef());
  auto filter = shapeOf(conv.getWeight());
  Window window = Window::ones(3);
  window.size.assign(filter.begin() + 1, filter.begin() + 4);
  window.strides.assign(conv.getStride().begin(), conv.getStride().end());
  window.dilations.assign(conv.getDilation().begin(), conv.getDilation().end());
  for (int d : {0, 1, 2}) {
    window.before[d] = conv.getPad()[2 * d];
    window.after[d] = conv.getPad()[2 * d + 1];
  }
  return convolve(make, conv.getInput(), conv.getWeight(),
                  fullBias(make, conv.getBias(), filter[0]), window,
                  /*groups=*/1);
}

/// Positive pads of a transposed convolution add rows of nothing but bias
/// around the result, negative ones cut.
static Value convertTransposeConv2D(Operation *op, OpBuilder &builder) {
  auto conv = mlir::cast<mlir::tosa::TransposeConv2DOp>(op);
  OpMaker make(builder, op->getLoc(), op->getName().getStringRef());
  auto result = mlir::cast<RankedTensorType>(conv.getType()).getShape();
  auto pads = conv.getOutPad();
  TransposedWindow window;
  window.strides.assign(conv.getStride().begin(), conv.getStride().end());
  window.dilations.assign(2, 1);
  llvm::SmallVector<int64_t> low(4, 0), high(4, 0);
  for (int d : {0, 1}) {
    low[1 + d] = std::max<int64_t>(0, pads[2 * d]);
    window.before.push_back(std::max<int64_t>(0, -pads[2 * d]));
    // What Spatial.h knows as past the last window is zero there too.
    window.sizes.push_back(result[1 + d] - low[1 + d]);
  }
  Value filter = make.transpose(conv.getWeight(), {3, 0, 1, 2});
  Value value = convolveTransposed(make, conv.getInput(), filter, nullptr,
                                   window, /*groups=*/1);
  if (low[1] || low[2])
    value = make.make<edge::PadOp>(
        {value}, {make.attr("low", low), make.attr("high", high)});
  return make.make<edge::AddOp>({value, conv.getBias()});
}

llvm::ArrayRef<TosaOperator> tosa::spatialOperators() {
  static constexpr TosaOperator rows[] = {
      {"tosa.conv3d", convertConv3D},
      {"tosa.transpose_conv2d", convertTransposeConv2D},
  };
  return rows;
}
