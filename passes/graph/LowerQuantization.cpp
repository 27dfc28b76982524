//===- LowerQuantization.cpp - quantizations as float arithmetic ----------===//
//
//   edge.dequantize    (float(q) - zero point) * scale
//   edge.quantize      edge.requantize (x / scale)
//
// to the bit as ONNX defines them, in operators that join the kernels around
// them.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Integer.h"
#include "passes/graph/QuantizedSums.h"

using namespace mlir;
using namespace edgec;

/// The shape in which numbers per slice broadcast to a tensor.
static SmallVector<int64_t> shapeAlong(const Scales &scales, int64_t rank) {
  if (scales.isWhole())
    return {};
  SmallVector<int64_t> shape(rank - scales.axis, 1);
  shape[0] = int64_t(scales.scales.size());
  return shape;
}

static Value makeZeroPoints(OpBuilder &builder, Location loc,
                            const Scales &scales, ArrayRef<int64_t> shape) {
  SmallVector<float> numbers(scales.zeroPoints.begin(),
                             scales.zeroPoints.end());
  return makeFloats(builder, loc, numbers, shape);
}

void edgec::lowerDequantize(edge::DequantizeOp op) {
  auto bitcast = op.getX().getDefiningOp<edge::BitcastOp>();
  if (!bitcast)
    return;
  std::optional<Scales> scales = getScales(elementOf(op.getX()));
  if (!scales)
    return;
  OpBuilder builder(op);
  Location loc = op.getLoc();
  SmallVector<int64_t> shape =
      shapeAlong(*scales, int64_t(shapeOf(op.getX()).size()));
  Value x = makeCast(builder, loc, bitcast.getX(), builder.getF32Type());
  if (!scales->hasOneZeroPoint() || scales->zeroPoint() != 0)
    x = edge::SubOp::create(builder, loc, x.getType(), x,
                            makeZeroPoints(builder, loc, *scales, shape));
  x = edge::MulOp::create(builder, loc, x.getType(), x,
                          makeFloats(builder, loc, scales->scales, shape));
  op.replaceAllUsesWith(makeCast(builder, loc, x, elementOf(op)));
  op.erase();
  if (bitcast->use_empty())
    bitcast->erase();
}

/// round_even(x / scale) + zero point of each slice, still a float.
static Value makeSlices(OpBuilder &builder, Location loc, Value x,
                        const Scales &scales) {
  SmallVector<int64_t> shape = shapeAlong(scales, int64_t(shapeOf(x).size()));
  x = edge::DivOp::create(builder, loc, x.getType(), x,
                          makeFloats(builder, loc, scales.scales, shape));
  x = edge::RoundEvenOp::create(builder, loc, x.getType(), x);
  return edge::AddOp::create(builder, loc, x.getType(), x,
                             makeZeroPoints(builder, loc, scales, shape));
}

void edgec::lowerQuantize(edge::QuantizeOp op) {
  Reader reader = boundsOf(op);
  OpBuilder builder(op);
  Location loc = op.getLoc();
  Type element = storageOf(elementOf(op));
  Value x = makeCast(builder, loc, reader.real, builder.getF32Type());
  auto type = cast<RankedTensorType>(op.getType()).clone(element);
  if (element.getIntOrFloatBitWidth() > 16) {
    Value whole = makeSlices(builder, loc, x, reader.scales);
    return replaceStored(reader, makeCast(builder, loc, whole, element));
  }
  int64_t zero = reader.scales.zeroPoint();
  Value factor;
  if (!reader.scales.isWhole()) {
    x = makeSlices(builder, loc, x, reader.scales);
    zero = 0;
  } else if (auto reciprocal = findReciprocal(reader)) {
    factor = makeFloats(builder, loc, *reciprocal, {});
  } else {
    Value scale = makeFloats(builder, loc, reader.scales.scale(), {});
    x = edge::DivOp::create(builder, loc, x.getType(), x, scale);
  }
  Value integers = edge::RequantizeOp::create(
      builder, loc, type, x, factor, uint64_t(reader.low),
      uint64_t(reader.high), uint64_t(zero));
  replaceStored(reader, integers);
}
