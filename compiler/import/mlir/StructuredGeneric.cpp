//===- StructuredGeneric.cpp - the general lowering of linalg -------------===//
//
// What no operator says becomes edge.generic: the loops, the maps and a copy of
// the region. What the region captures from outside becomes an operand.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/mlir/GenericBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "passes/kernel/ScalarRegion.h"

using namespace edgec;
using namespace edgec::structured;
using mlir::AffineMap;
using mlir::RankedTensorType;
using mlir::Type;
using mlir::Value;

//===-- the builder
//----------------------------------------------------------===//

Value GenericBuilder::addInput(Value tensor, AffineMap map) {
  inputs.push_back(tensor);
  maps.push_back(map);
  auto type = mlir::cast<RankedTensorType>(tensor.getType());
  return body->addArgument(type.getElementType(), c.loc);
}

Value GenericBuilder::addWhole(Value tensor) {
  for (auto [index, input] : llvm::enumerate(inputs)) {
    Value argument = body->getArgument(sizes.size() + index);
    if (input == tensor && argument.getType() == tensor.getType())
      return argument;
  }
  inputs.push_back(tensor);
  maps.push_back(AffineMap::get(sizes.size(), 0, {}, c.builder.getContext()));
  return body->addArgument(tensor.getType(), c.loc);
}

GenericBuilder::GenericBuilder(Conversion &c, llvm::ArrayRef<int64_t> sizes)
    : body(new mlir::Block), c(c), sizes(sizes) {
  for (size_t loop = 0; loop < sizes.size(); ++loop)
    body->addArgument(c.builder.getIndexType(), c.loc);
}

GenericBuilder::~GenericBuilder() = default;

Value GenericBuilder::cast(Value value, Type type) {
  if (value.getType() == type)
    return value;
  return mlir::arith::IndexCastOp::create(c.builder, c.loc, type, value);
}

/// Constants are copied into the region; other scalars are read from the tensor
/// that holds them.
Value GenericBuilder::capture(Value value) {
  mlir::Attribute constant;
  if (value.getType().isIntOrIndexOrFloat() &&
      mlir::matchPattern(value, mlir::m_Constant(&constant))) {
    return mlir::arith::ConstantOp::create(
        c.builder, c.loc, mlir::cast<mlir::TypedAttr>(constant));
  }
  Value tensor = c.tensorOf(value);
  if (!tensor)
    return nullptr;
  if (mlir::isa<RankedTensorType>(value.getType()))
    return addWhole(tensor);
  AffineMap map = AffineMap::get(sizes.size(), 0, {}, c.builder.getContext());
  return cast(addInput(tensor, map), value.getType());
}

/// Also what LLVM would fold: the size of a tensor that was dynamic once.
static std::optional<int64_t> knownDimension(mlir::Operation &op) {
  auto dim = mlir::dyn_cast<mlir::tensor::DimOp>(op);
  if (!dim || !dim.getConstantIndex())
    return std::nullopt;
  auto type = mlir::dyn_cast<RankedTensorType>(dim.getSource().getType());
  int64_t index = *dim.getConstantIndex();
  if (!type || index < 0 || index >= type.getRank())
    return std::nullopt;
  return type.getDimSize(index);
}

bool GenericBuilder::cloneOperation(mlir::Operation &op,
                                    mlir::IRMapping &mapping) {
  if (auto index = mlir::dyn_cast<mlir::linalg::IndexOp>(op)) {
    mapping.map(index.getResult(), body->getArgument(index.getDim()));
    return true;
  }
  if (auto size = knownDimension(op)) {
    mapping.map(op.getResult(0),
                mlir::arith::ConstantIndexOp::create(c.builder, c.loc, *size));
    return true;
  }
  if (!mlir::isa<mlir::tensor::ExtractOp>(op) &&
      !kernel::isEmittableScalar(&op)) {
    c.error() << "its region holds '" << op.getName() << "' on "
              << (op.getNumResults() ? op.getResult(0).getType() : Type())
              << ", which no kernel computes; write it with other operations "
                 "of arith and math on f32 and integers";
    return false;
  }
  for (Value operand : op.getOperands()) {
    if (mapping.contains(operand))
      continue;
    Value inside = capture(operand);
    if (!inside)
      return false;
    mapping.map(operand, inside);
  }
  c.builder.clone(op, mapping);
  return true;
}

bool GenericBuilder::cloneBody(mlir::Block &source, mlir::IRMapping &mapping,
                               llvm::SmallVectorImpl<Value> &yielded) {
  for (mlir::Operation &op : source.without_terminator())
    if (!cloneOperation(op, mapping))
      return false;
  for (Value value : source.getTerminator()->getOperands()) {
    Value inside =
        mapping.contains(value) ? mapping.lookup(value) : capture(value);
    if (!inside)
      return false;
    yielded.push_back(inside);
  }
  return true;
}

Converted GenericBuilder::finish(llvm::ArrayRef<RankedTensorType> types,
                                 llvm::ArrayRef<AffineMap> resultMaps,
                                 mlir::ValueRange inits,
                                 llvm::ArrayRef<Value> yielded) {
  llvm::SmallVector<Value> stored;
  for (auto [value, type] : llvm::zip_equal(yielded, types))
    stored.push_back(cast(value, type.getElementType()));
  edge::GenericYieldOp::create(c.builder, c.loc, stored);
  c.builder.setInsertionPoint(c.op);
  llvm::append_range(maps, resultMaps);
  llvm::SmallVector<Type> resultTypes(types.begin(), types.end());
  auto generic = edge::GenericOp::create(
      c.builder, c.loc, mlir::TypeRange(resultTypes), inputs, inits, sizes,
      c.builder.getAffineMapArrayAttr(maps));
  generic.getBody().push_back(body.release());
  if (mlir::failed(generic.verify()))
    return {};
  return Converted(generic.getResults());
}

//===-- operations of linalg
//-------------------------------------------------===//

/// The results' maps must be plain; whoever writes others (one element from
/// several points of parallel loops) gets no promise from linalg either.
static bool checkResultMaps(Conversion &c, mlir::linalg::LinalgOp op) {
  for (mlir::OpResult result : op->getResults()) {
    if (plainLoops(op.getIndexingMapMatchingResult(result)))
      continue;
    c.error() << "result " << result.getResultNumber()
              << " is written through a map that is not a permutation of "
                 "loops; write the loops in the result's order";
    return false;
  }
  return true;
}

Converted structured::convertGeneric(Conversion &c, mlir::linalg::LinalgOp op) {
  if (!checkResultMaps(c, op))
    return {};
  mlir::OpBuilder::InsertionGuard guard(c.builder);
  GenericBuilder generic(c, op.getStaticLoopRanges());
  mlir::IRMapping mapping;
  c.builder.setInsertionPoint(c.op);
  for (mlir::OpOperand *operand : op.getDpsInputOperands()) {
    Value argument = op.getMatchingBlockArgument(operand);
    if (argument.use_empty())
      continue;
    Value tensor = c.tensorOf(operand->get());
    if (!tensor)
      return {};
    mapping.map(argument,
                generic.addInput(tensor, op.getMatchingIndexingMap(operand)));
  }
  bool readsInits = llvm::any_of(op.getRegionOutputArgs(), [](Value argument) {
    return !argument.use_empty();
  });
  c.builder.setInsertionPointToEnd(generic.body.get());
  // Arguments for the inits come after all inputs, those that the region
  // captures included, so the region is read with stand-ins first.
  llvm::SmallVector<Value> yielded;
  mlir::Block standIns;
  for (Value argument : op.getRegionOutputArgs())
    mapping.map(argument, standIns.addArgument(argument.getType(), c.loc));
  bool isCloned = generic.cloneBody(*op.getBlock(), mapping, yielded);
  llvm::SmallVector<Value> inits;
  for (auto [index, init] : llvm::enumerate(op.getDpsInits())) {
    if (!isCloned || !readsInits)
      continue;
    Value argument = generic.body->addArgument(
        mlir::cast<RankedTensorType>(init.getType()).getElementType(), c.loc);
    standIns.getArgument(index).replaceAllUsesWith(argument);
    for (Value &value : yielded)
      if (value == standIns.getArgument(index))
        value = argument;
    inits.push_back(init);
  }
  if (!isCloned) {
    generic.body->dropAllDefinedValueUses();
    generic.body->dropAllReferences();
    return {};
  }
  llvm::SmallVector<RankedTensorType> types;
  llvm::SmallVector<AffineMap> resultMaps;
  for (mlir::OpResult result : op->getResults()) {
    types.push_back(mlir::cast<RankedTensorType>(result.getType()));
    resultMaps.push_back(op.getIndexingMapMatchingResult(result));
  }
  return generic.finish(types, resultMaps, inits, yielded);
}
