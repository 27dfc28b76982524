//===- TosaIndexing.cpp - argmax, gather, scatter, resize -----------------===//
//
// TOSA's gather and scatter have a batch: values [N, K, C], indices [N, W].
// Indices outside of K are an error of the model there; here they read the
// nearest element and write nothing.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/OpMaker.h"
#include "compiler/import/mlir/TosaOperators.h"
#include "dialects/edge/Indexing.h"
#include "dialects/edge/Selection.h"

using namespace edgec;
using namespace edgec::tosa;
using llvm::SmallVector;
using mlir::OpBuilder;
using mlir::Operation;
using mlir::RankedTensorType;
using mlir::Value;

static OpMaker makerFor(Operation *op, OpBuilder &builder) {
  return OpMaker(builder, op->getLoc(), op->getName().getStringRef());
}

static llvm::ArrayRef<int64_t> shapeOf(Value value) {
  return mlir::cast<RankedTensorType>(value.getType()).getShape();
}

static Value convertArgMax(Operation *op, OpBuilder &builder) {
  auto argmax = mlir::cast<mlir::tosa::ArgMaxOp>(op);
  if (argmax.getNanMode() != mlir::tosa::NanPropagationMode::PROPAGATE) {
    op->emitError() << "nan_mode IGNORE is not supported; use PROPAGATE";
    return nullptr;
  }
  auto axis = builder.getI64IntegerAttr(argmax.getAxis());
  return replacement<edge::ArgMaxOp>(builder, op, argmax.getType(),
                                     argmax.getInput(),
                                     builder.getNamedAttr("axis", axis));
}

/// [N, W] -> [N, W, 1]
static Value asColumn(OpMaker &make, Value indices) {
  SmallVector<int64_t> shape(shapeOf(indices));
  shape.push_back(1);
  return make.reshape(indices, shape);
}

static Value convertGather(Operation *op, OpBuilder &builder) {
  auto gather = mlir::cast<mlir::tosa::GatherOp>(op);
  OpMaker make = makerFor(op, builder);
  return make.make<edge::GatherNdOp>(
      {gather.getValues(), asColumn(make, gather.getIndices())},
      {make.attr("batch_dims", int64_t(1))});
}

/// Each index with the number of its batch before it: [N, W] -> [N, W, 2].
static Value withBatches(OpMaker &make, Value indices) {
  auto type = mlir::cast<RankedTensorType>(indices.getType());
  int64_t batches = type.getDimSize(0), count = type.getDimSize(1);
  auto columnType = type.clone({batches, 1, 1});
  SmallVector<mlir::Attribute> numbers;
  for (int64_t batch = 0; batch < batches; ++batch)
    numbers.push_back(
        make.builder.getIntegerAttr(type.getElementType(), batch));
  Value column = edge::ConstantOp::create(
      make.builder, make.loc, columnType,
      mlir::DenseElementsAttr::get(columnType, numbers));
  column = make.broadcast(column, {batches, count, 1});
  return make.make<edge::ConcatOp>({column, asColumn(make, indices)},
                                   {make.attr("axis", int64_t(2))});
}

static Value convertScatter(Operation *op, OpBuilder &builder) {
  auto scatter = mlir::cast<mlir::tosa::ScatterOp>(op);
  OpMaker make = makerFor(op, builder);
  return make.make<edge::ScatterNdOp>(
      {scatter.getValuesIn(), withBatches(make, scatter.getIndices()),
       scatter.getInput()},
      {builder.getNamedAttr(
          "combine",
          edge::CombineAttr::get(builder.getContext(), edge::Combine::none))});
}

llvm::ArrayRef<TosaOperator> tosa::indexingOperators() {
  static constexpr TosaOperator rows[] = {
      {"tosa.argmax", convertArgMax},
      {"tosa.gather", convertGather},
      {"tosa.scatter", convertScatter},
  };
  return rows;
}
