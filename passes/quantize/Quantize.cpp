//===- Quantize.cpp - quantize and dequantize where ranges are known ------===//
//
//   %c = edge.conv2d %x, %f, %b                 %x: edge.range = [-1, 1]
// becomes
//   %q = edge.quantize %x                       i8, scale 2/255
//   %d = edge.dequantize %q
//   %w = edge.dequantize (edge.bitcast %f.i8)   a scale per output channel
//   %v = edge.dequantize (edge.bitcast %b.i32)  scale of %q times that of %w
//   %c = edge.conv2d %d, %w, %v
//
// which says what integers stand for and leaves how to compute with them to
// edge-fuse-quantization.
//
//===----------------------------------------------------------------------===//
#include "passes/graph/QuantizedSums.h"
#include "passes/quantize/Passes.h"
#include "passes/quantize/Quantizable.h"
#include "passes/quantize/Weights.h"
#include <cmath>

using namespace mlir;

namespace edgec {
#define GEN_PASS_DEF_QUANTIZE
#include "passes/quantize/Passes.h.inc"
} // namespace edgec

using namespace edgec;

//===-- the pass
//-----------------------------------------------------------===//

namespace {
struct Quantize : edgec::impl::QuantizeBase<Quantize> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;
    SmallVector<std::pair<Value, DenseF64ArrayAttr>> ranges;
    if (failed(takeRanges(function, ranges)))
      return signalPassFailure();
    for (auto [value, range] : ranges)
      addPair(value, range);
    for (Operation &op :
         llvm::make_early_inc_range(function.getBody().front())) {
      if (!op.hasAttr(keepFloatAttrName))
        quantizeWeights(&op);
      op.removeAttr(keepFloatAttrName);
    }
  }

  LogicalResult
  takeRanges(func::FuncOp function,
             SmallVectorImpl<std::pair<Value, DenseF64ArrayAttr>> &ranges);
  void addPair(Value value, DenseF64ArrayAttr range);
  void quantizeWeights(Operation *op);
};
} // namespace

LogicalResult Quantize::takeRanges(
    func::FuncOp function,
    SmallVectorImpl<std::pair<Value, DenseF64ArrayAttr>> &ranges) {
  LogicalResult result = success();
  auto take = [&](Attribute attribute, Value value) {
    auto range = dyn_cast<DenseF64ArrayAttr>(attribute);
    auto type = dyn_cast<RankedTensorType>(value.getType());
    if (!isDataRange(range)) {
      result = emitError(value.getLoc())
               << "Q1: edge.range must be two finite numbers, the smaller "
                  "first, or these and a whole number up to 32767, it is "
               << attribute;
    } else if (type && type.getElementType().isF32()) {
      ranges.push_back({value, range});
    }
  };
  for (BlockArgument argument : function.getArguments()) {
    unsigned index = argument.getArgNumber();
    if (Attribute range = function.getArgAttr(index, rangeAttrName)) {
      take(range, argument);
      function.removeArgAttr(index, rangeAttrName);
    }
  }
  for (Operation &op : function.getBody().front()) {
    if (Attribute range = op.getAttr(rangeAttrName)) {
      if (op.getNumResults() == 1)
        take(range, op.getResult(0));
      op.removeAttr(rangeAttrName);
    }
  }
  return result;
}

void Quantize::addPair(Value value, DenseF64ArrayAttr range) {
  OpBuilder builder(&getContext());
  builder.setInsertionPointAfterValue(value);
  auto real = cast<RankedTensorType>(value.getType());
  auto type = RankedTensorType::get(real.getShape(), dataType(range));
  auto quantized =
      edge::QuantizeOp::create(builder, value.getLoc(), type, value);
  quantized->setAttr(byReciprocalAttrName, builder.getUnitAttr());
  Value rounded =
      edge::DequantizeOp::create(builder, value.getLoc(), real, quantized);
  value.replaceAllUsesExcept(rounded, quantized);
  ++numValues;
}

/// The scale of a value that a pair rounds.
static std::optional<double> scaleOf(Value value) {
  auto pair = value.getDefiningOp<edge::DequantizeOp>();
  if (!pair)
    return std::nullopt;
  auto type = dyn_cast<quant::UniformQuantizedType>(
      cast<RankedTensorType>(pair.getX().getType()).getElementType());
  if (!type)
    return std::nullopt;
  return type.getScale();
}

void Quantize::quantizeWeights(Operation *op) {
  if (!isQuantizableLayer(op))
    return;
  std::optional<double> inputScale = scaleOf(op->getOperand(0));
  std::optional<LayerWeights> weights = LayerWeights::of(op);
  if (!inputScale || !weights)
    return;
  OpBuilder builder(op);
  SmallVector<double> scales = weights->scales(*inputScale);
  Location filterLoc = op->getOperand(1).getLoc();
  op->setOperand(1, weights->quantizeFilter(builder, filterLoc, scales));
  if (weights->hasBias()) {
    for (double &scale : scales)
      scale = float(*inputScale) * float(scale);
    Location biasLoc = op->getOperand(2).getLoc();
    op->setOperand(2, weights->quantizeBias(builder, biasLoc, scales));
  }
  ++numLayers;
}
