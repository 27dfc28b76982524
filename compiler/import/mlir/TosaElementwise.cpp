//===- TosaElementwise.cpp - elementwise operators and reductions ---------===//
//
// The operand counts differ from edge's where TOSA carries zero points and a
// shift, which mean nothing for floats; only the leading operands are taken.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/mlir/TosaOperators.h"
#include "mlir/IR/Matchers.h"

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

/// edge has `less` only.
template <typename EdgeT>
static Value convertReversed(Operation *op, OpBuilder &builder) {
  return replacement<EdgeT>(builder, op, op->getResult(0).getType(),
                            {op->getOperand(1), op->getOperand(0)});
}

static Value convertSelect(Operation *op, OpBuilder &builder) {
  return replacement<edge::SelectOp>(builder, op, op->getResult(0).getType(),
                                     op->getOperands());
}

/// TOSA rounds to even where edge.cast truncates; to bool it asks for zero, as
/// edge does.
static Value convertCast(Operation *op, OpBuilder &builder) {
  mlir::Type from = mlir::getElementTypeOrSelf(op->getOperand(0).getType());
  mlir::Type to = mlir::getElementTypeOrSelf(op->getResult(0).getType());
  Value input = op->getOperand(0);
  if (mlir::isa<mlir::FloatType>(from) && mlir::isa<mlir::IntegerType>(to) &&
      !to.isInteger(1))
    input = replacement<edge::RoundEvenOp>(builder, op, input.getType(), input);
  return replacement<edge::CastOp>(builder, op, op->getResult(0).getType(),
                                   input);
}

/// Only without the shift that scales integer products.
static Value convertMul(Operation *op, OpBuilder &builder) {
  mlir::DenseIntElementsAttr shift;
  bool isPlain =
      mlir::matchPattern(op->getOperand(2), mlir::m_Constant(&shift)) &&
      shift.isSplat() && shift.getSplatValue<llvm::APInt>().isZero();
  if (isPlain)
    return convertBinary<edge::MulOp>(op, builder);
  op->emitError() << "its shift is not the constant 0; shift the product with "
                     "tosa.arithmetic_right_shift";
  return nullptr;
}

static Value convertRightShift(Operation *op, OpBuilder &builder) {
  if (!mlir::cast<mlir::tosa::ArithmeticRightShiftOp>(op).getRound())
    return convertBinary<edge::ShiftRightOp>(op, builder);
  op->emitError() << "rounding shifts are not supported yet; shift with round "
                     "= false";
  return nullptr;
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
      {"tosa.bitwise_not", convertUnary<edge::NotOp>},
      {"tosa.logical_not", convertUnary<edge::NotOp>},
      {"tosa.cos", convertUnary<edge::CosOp>},
      {"tosa.sin", convertUnary<edge::SinOp>},
      {"tosa.cast", convertCast},
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
      {"tosa.mul", convertMul},
      {"tosa.intdiv", convertBinary<edge::DivOp>},
      {"tosa.bitwise_and", convertBinary<edge::AndOp>},
      {"tosa.bitwise_or", convertBinary<edge::OrOp>},
      {"tosa.bitwise_xor", convertBinary<edge::XorOp>},
      {"tosa.logical_and", convertBinary<edge::AndOp>},
      {"tosa.logical_or", convertBinary<edge::OrOp>},
      {"tosa.logical_xor", convertBinary<edge::XorOp>},
      {"tosa.logical_left_shift", convertBinary<edge::ShiftLeftOp>},
      {"tosa.arithmetic_right_shift", convertRightShift},
      {"tosa.equal", convertBinary<edge::EqualOp>},
      {"tosa.greater", convertReversed<edge::LessOp>},
      {"tosa.greater_equal", convertReversed<edge::LessEqualOp>},
      {"tosa.select", convertSelect},
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
