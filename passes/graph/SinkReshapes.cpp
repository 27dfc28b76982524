//===- SinkReshapes.cpp - reshapes behind elementwise operators ----------===//
//
// A reshape between a convolution and its activation would keep them in two
// kernels. Elementwise operators do not care about the shape, so they go first.
//
//   edge.relu (edge.reshape %x)    becomes    edge.reshape (edge.relu %x)
//
//===----------------------------------------------------------------------===//
#include "passes/graph/ConstantData.h"
#include "passes/graph/Passes.h"

using namespace mlir;

namespace edgec {
#define GEN_PASS_DEF_SINKRESHAPES
#include "passes/graph/Passes.h.inc"

static bool isPerAxisQuantized(Type type) {
  return isa<quant::UniformQuantizedPerAxisType>(
      cast<RankedTensorType>(type).getElementType());
}

/// The operands with which `op` computes the same elements in the shape that
/// they had before a reshape; empty when it cannot.
static SmallVector<Value> operandsBeforeReshape(Operation *op) {
  if (!op->hasTrait<edge::ElementwiseTrait>() || isa<edge::CopyOp>(op) ||
      isPerAxisQuantized(op->getResult(0).getType()))
    return {};
  auto shape = cast<RankedTensorType>(op->getResult(0).getType()).getShape();
  SmallVector<Value> operands;
  std::optional<SmallVector<int64_t>> before;
  for (Value operand : op->getOperands()) {
    auto data = ConstantData::get(operand);
    auto reshape = operand.getDefiningOp<edge::ReshapeOp>();
    if (data && data->isSplat()) {
      operands.push_back(operand);
      continue;
    }
    if (!reshape || isPerAxisQuantized(operand.getType()) ||
        isa<BlockArgument>(reshape.getX()) ||
        cast<RankedTensorType>(operand.getType()).getShape() != shape)
      return {};
    ArrayRef<int64_t> source =
        cast<RankedTensorType>(reshape.getX().getType()).getShape();
    if (before && ArrayRef<int64_t>(*before) != source)
      return {};
    before = llvm::to_vector(source);
    operands.push_back(reshape.getX());
  }
  return before ? operands : SmallVector<Value>();
}

/// A splat in the shape of one element, which broadcasts to any shape.
static Value makeScalar(OpBuilder &builder, Value splat) {
  auto constant = splat.getDefiningOp<edge::ConstantOp>();
  auto dense = cast<DenseElementsAttr>(constant.getValue());
  auto type =
      cast<RankedTensorType>(splat.getType()).clone(ArrayRef<int64_t>{});
  return edge::ConstantOp::create(
      builder, constant.getLoc(), type,
      DenseElementsAttr::getFromRawBuffer(type, dense.getRawData()));
}

namespace {
struct SinkReshapes : impl::SinkReshapesBase<SinkReshapes> {
  void runOnOperation() override {
    // In program order: a chain of operators passes in one walk.
    for (Operation &op :
         llvm::make_early_inc_range(getOperation().getBody().getOps()))
      sink(&op);
  }

  void sink(Operation *op);
};
} // namespace

void SinkReshapes::sink(Operation *op) {
  if (op->getNumResults() != 1)
    return;
  SmallVector<Value> operands = operandsBeforeReshape(op);
  if (operands.empty())
    return;
  OpBuilder builder(op);
  ArrayRef<int64_t> shape;
  for (auto [before, after] : llvm::zip_equal(operands, op->getOperands())) {
    if (before == after)
      before = makeScalar(builder, before);
    else
      shape = cast<RankedTensorType>(before.getType()).getShape();
  }
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  Operation *sunk = builder.clone(*op);
  sunk->setOperands(operands);
  sunk->getResult(0).setType(type.clone(shape));
  Value result =
      edge::ReshapeOp::create(builder, op->getLoc(), type, sunk->getResult(0));
  op->getResult(0).replaceAllUsesWith(result);
  op->erase();
  ++numSunk;
}

} // namespace edgec
