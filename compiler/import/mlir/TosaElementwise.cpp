//===- TosaElementwise.cpp - elementwise operators and reductions ---------===//
//
// The operand counts differ from edge's where TOSA carries zero points and a
// shift, which mean nothing for floats; only the leading operands are taken.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/mlir/TosaOperators.h"

using namespace edgec;
using namespace edgec::tosa;
using mlir::OpBuilder;
using mlir::Operation;
using mlir::Value;

template <typename EdgeT>
static Value convertUnary(Operation *op, OpBuilder &builder) {
  return replacement<EdgeT>(builder, op, op->getResult(0).getType(),
                            op->getOperand(0));
}

template <typename EdgeT>
static Value convertBinary(Operation *op, OpBuilder &builder) {
  return replacement<EdgeT>(builder, op, op->getResult(0).getType(),
                            op->getOperands().take_front(2));
}

static Value convertClamp(Operation *op, OpBuilder &builder) {
  auto clamp = mlir::cast<mlir::tosa::ClampOp>(op);
  auto min = mlir::dyn_cast<mlir::FloatAttr>(clamp.getMinVal());
  auto max = mlir::dyn_cast<mlir::FloatAttr>(clamp.getMaxVal());
  if (!min || !max) {
    op->emitError() << "integer bounds are not supported yet; clamp a float "
                       "tensor";
    return nullptr;
  }
  auto asF32 = [&](llvm::StringRef name, mlir::FloatAttr bound) {
    return builder.getNamedAttr(
        name,
        builder.getF32FloatAttr(static_cast<float>(bound.getValueAsDouble())));
  };
  return replacement<edge::ClampOp>(builder, op, clamp.getType(),
                                    clamp.getInput(),
                                    {asF32("min", min), asF32("max", max)});
}

/// TOSA reduces one axis and keeps it.
template <typename EdgeT>
static Value convertReduce(Operation *op, OpBuilder &builder) {
  int64_t axis = op->getAttrOfType<mlir::IntegerAttr>("axis").getInt();
  return replacement<EdgeT>(
      builder, op, op->getResult(0).getType(), op->getOperand(0),
      {list(builder, "axes", axis),
       builder.getNamedAttr("keep_dims", builder.getBoolAttr(true))});
}

llvm::ArrayRef<TosaOperator> tosa::elementwiseOperators() {
  static constexpr TosaOperator rows[] = {
      {"tosa.abs", convertUnary<edge::AbsOp>},
      {"tosa.cast", convertUnary<edge::CastOp>},
      {"tosa.ceil", convertUnary<edge::CeilOp>},
      {"tosa.erf", convertUnary<edge::ErfOp>},
      {"tosa.exp", convertUnary<edge::ExpOp>},
      {"tosa.floor", convertUnary<edge::FloorOp>},
      {"tosa.log", convertUnary<edge::LogOp>},
      {"tosa.negate", convertUnary<edge::NegOp>},
      {"tosa.reciprocal", convertUnary<edge::ReciprocalOp>},
      {"tosa.rsqrt", convertUnary<edge::RsqrtOp>},
      {"tosa.sigmoid", convertUnary<edge::SigmoidOp>},
      {"tosa.tanh", convertUnary<edge::TanhOp>},
      {"tosa.clamp", convertClamp},
      {"tosa.add", convertBinary<edge::AddOp>},
      {"tosa.sub", convertBinary<edge::SubOp>},
      {"tosa.mul", convertBinary<edge::MulOp>},
      {"tosa.pow", convertBinary<edge::PowOp>},
      {"tosa.maximum", convertBinary<edge::MaxOp>},
      {"tosa.minimum", convertBinary<edge::MinOp>},
      {"tosa.reduce_max", convertReduce<edge::ReduceMaxOp>},
      {"tosa.reduce_min", convertReduce<edge::ReduceMinOp>},
      {"tosa.reduce_product", convertReduce<edge::ReduceProdOp>},
      {"tosa.reduce_sum", convertReduce<edge::ReduceSumOp>},
  };
  return rows;
}
