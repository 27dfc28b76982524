//===- TosaShape.cpp - constants and operators that move elements ---------===//
//
// Shape operands are values of type !tosa.shape; only tosa.const_shape gives
// static ones.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/mlir/TosaOperators.h"
#include "mlir/IR/Matchers.h"

using namespace edgec;
using namespace edgec::tosa;
using llvm::SmallVector;
using mlir::OpBuilder;
using mlir::Operation;
using mlir::RankedTensorType;
using mlir::Value;

/// The elements of a constant shape; none after an error at `op`.
static std::optional<SmallVector<int64_t>> shapeOf(Operation *op, Value value) {
  mlir::DenseIntElementsAttr elements;
  if (!mlir::matchPattern(value, mlir::m_Constant(&elements))) {
    op->emitError()
        << "its shape operand is not a tosa.const_shape; export the "
           "model with static shapes";
    return std::nullopt;
  }
  SmallVector<int64_t> result;
  for (const llvm::APInt &element : elements.getValues<llvm::APInt>())
    result.push_back(element.getSExtValue());
  return result;
}

static RankedTensorType resultType(Operation *op) {
  return mlir::cast<RankedTensorType>(op->getResult(0).getType());
}

static Value convertConst(Operation *op, OpBuilder &builder) {
  auto values = mlir::cast<mlir::tosa::ConstOp>(op).getValues();
  return replacement<edge::ConstantOp>(builder, op, values.getShapedType(), {},
                                       builder.getNamedAttr("value", values));
}

static Value convertIdentity(Operation *op, OpBuilder &) {
  return op->getOperand(0);
}

static Value convertReshape(Operation *op, OpBuilder &builder) {
  return replacement<edge::ReshapeOp>(builder, op, resultType(op),
                                      op->getOperand(0));
}

static Value convertTranspose(Operation *op, OpBuilder &builder) {
  auto transpose = mlir::cast<mlir::tosa::TransposeOp>(op);
  SmallVector<int64_t> permutation(transpose.getPerms());
  return replacement<edge::TransposeOp>(
      builder, op, resultType(op), transpose.getInput1(),
      list(builder, "permutation", permutation));
}

static Value convertConcat(Operation *op, OpBuilder &builder) {
  int64_t axis = mlir::cast<mlir::tosa::ConcatOp>(op).getAxis();
  return replacement<edge::ConcatOp>(
      builder, op, resultType(op), op->getOperands(),
      builder.getNamedAttr("axis", builder.getI64IntegerAttr(axis)));
}

static Value convertSlice(Operation *op, OpBuilder &builder) {
  auto offsets = shapeOf(op, op->getOperand(1));
  auto sizes = shapeOf(op, op->getOperand(2));
  if (!offsets || !sizes)
    return nullptr;
  SmallVector<int64_t> strides(offsets->size(), 1);
  return replacement<edge::SliceOp>(
      builder, op, resultType(op), op->getOperand(0),
      {list(builder, "offsets", *offsets), list(builder, "sizes", *sizes),
       list(builder, "strides", strides)});
}

/// A slice that walks one dimension backwards.
static Value convertReverse(Operation *op, OpBuilder &builder) {
  RankedTensorType type = resultType(op);
  int64_t axis = mlir::cast<mlir::tosa::ReverseOp>(op).getAxis();
  SmallVector<int64_t> offsets(type.getRank(), 0), strides(type.getRank(), 1);
  offsets[axis] = type.getDimSize(axis) - 1;
  strides[axis] = -1;
  return replacement<edge::SliceOp>(builder, op, type, op->getOperand(0),
                                    {list(builder, "offsets", offsets),
                                     list(builder, "sizes", type.getShape()),
                                     list(builder, "strides", strides)});
}

static Value convertPad(Operation *op, OpBuilder &builder) {
  auto pads = shapeOf(op, op->getOperand(1));
  mlir::DenseFPElementsAttr value;
  if (!pads)
    return nullptr;
  if (!mlir::matchPattern(op->getOperand(2), mlir::m_Constant(&value)) ||
      value.getNumElements() != 1) {
    op->emitError() << "its padding value is not a constant float";
    return nullptr;
  }
  SmallVector<int64_t> low, high;
  for (size_t i = 0; i + 1 < pads->size(); i += 2) {
    low.push_back((*pads)[i]);
    high.push_back((*pads)[i + 1]);
  }
  auto element = builder.getF32FloatAttr(static_cast<float>(
      (*value.value_begin<llvm::APFloat>()).convertToDouble()));
  return replacement<edge::PadOp>(
      builder, op, resultType(op), op->getOperand(0),
      {list(builder, "low", low), list(builder, "high", high),
       builder.getNamedAttr("value", element)});
}

/// [a, b] -> [1, a, 1, b] -> [m, a, n, b] -> [m * a, n * b]
static Value convertTile(Operation *op, OpBuilder &builder) {
  auto multiples = shapeOf(op, op->getOperand(1));
  if (!multiples)
    return nullptr;
  auto type = mlir::cast<RankedTensorType>(op->getOperand(0).getType());
  SmallVector<int64_t> apart, repeated;
  for (auto [size, multiple] : llvm::zip_equal(type.getShape(), *multiples)) {
    apart.append({1, size});
    repeated.append({multiple, size});
  }
  Value value = replacement<edge::ReshapeOp>(builder, op, type.clone(apart),
                                             op->getOperand(0));
  value =
      replacement<edge::BroadcastOp>(builder, op, type.clone(repeated), value);
  return replacement<edge::ReshapeOp>(builder, op, resultType(op), value);
}

llvm::ArrayRef<TosaOperator> tosa::shapeOperators() {
  static constexpr TosaOperator rows[] = {
      {"tosa.const", convertConst},     {"tosa.identity", convertIdentity},
      {"tosa.reshape", convertReshape}, {"tosa.transpose", convertTranspose},
      {"tosa.concat", convertConcat},   {"tosa.slice", convertSlice},
      {"tosa.reverse", convertReverse}, {"tosa.pad", convertPad},
      {"tosa.tile", convertTile},
  };
  return rows;
}
