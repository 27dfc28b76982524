//===- StructuredElementwise.cpp - scalar operations as edge operators ----===//
//
// The table of scalar operations that edge has an operator for, and what uses
// it: operations of linalg whose loops are all parallel and whose operands are
// read in straight ways. They become elementwise operators, which fuse with
// what stands before and behind.
//
//   linalg.generic (d0, d1) -> (d1), (d0, d1)        %0 = edge.add %bias, %x
//     arith.addf, arith.maximumf 0               =>  %r = edge.relu %0
//
//===----------------------------------------------------------------------===//
#include "compiler/import/mlir/StructuredOperators.h"
#include "dialects/edge/Generic.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"

using namespace edgec;
using namespace edgec::structured;
using llvm::ArrayRef;
using llvm::SmallVector;
using mlir::Operation;
using mlir::RankedTensorType;
using mlir::Type;
using mlir::Value;

namespace {
struct Row {
  llvm::StringRef name;
  Value (*make)(OpMaker &make, Operation *op, ArrayRef<Value> x);
};
} // namespace

template <typename EdgeT>
static Value inferred(OpMaker &make, Operation *, ArrayRef<Value> x) {
  return make.make<EdgeT>(x);
}

/// A conversion says only its result's type.
static Value cast(OpMaker &make, Operation *op, ArrayRef<Value> x) {
  auto type = mlir::cast<RankedTensorType>(x[0].getType());
  return edge::CastOp::create(
      make.builder, make.loc,
      type.clone(mlir::getElementTypeOrSelf(op->getResult(0).getType())), x[0]);
}

/// select(a > b, a, b) with a constant b that is a number is the larger of both
/// when a NaN in a is chosen too, as `ugt` does; likewise the smaller.
static std::optional<bool> choosesLarger(Operation *op) {
  auto select = mlir::dyn_cast<mlir::arith::SelectOp>(op);
  auto compare =
      select ? select.getCondition().getDefiningOp<mlir::arith::CmpFOp>()
             : nullptr;
  mlir::FloatAttr bound;
  if (!compare || compare.getLhs() != select.getTrueValue() ||
      compare.getRhs() != select.getFalseValue() ||
      !mlir::matchPattern(compare.getRhs(), mlir::m_Constant(&bound)) ||
      bound.getValue().isNaN())
    return std::nullopt;
  using Predicate = mlir::arith::CmpFPredicate;
  switch (compare.getPredicate()) {
  case Predicate::UGT:
  case Predicate::UGE:
    return true;
  case Predicate::ULT:
  case Predicate::ULE:
    return false;
  default:
    return std::nullopt;
  }
}

static Value select(OpMaker &make, Operation *op, ArrayRef<Value> x) {
  std::optional<bool> larger = choosesLarger(op);
  if (!larger)
    return make.make<edge::SelectOp>({x[0], x[1], x[2]});
  if (*larger)
    return make.make<edge::MaxOp>({x[1], x[2]});
  return make.make<edge::MinOp>({x[1], x[2]});
}

//===-- comparisons
//----------------------------------------------------------===//

static Value invert(OpMaker &make, Value condition) {
  return make.make<edge::NotOp>({condition});
}

static Value either(OpMaker &make, Value lhs, Value rhs) {
  return make.make<edge::OrOp>({lhs, rhs});
}

/// edge compares as `ordered` does: false where an operand is not a number.
static Value compareReals(OpMaker &make, Operation *op, ArrayRef<Value> x) {
  auto less = [&](Value a, Value b) { return make.make<edge::LessOp>({a, b}); };
  auto lessEqual = [&](Value a, Value b) {
    return make.make<edge::LessEqualOp>({a, b});
  };
  auto unordered = [&] {
    return either(make, make.make<edge::IsNanOp>({x[0]}),
                  make.make<edge::IsNanOp>({x[1]}));
  };
  auto equal = [&] { return make.make<edge::EqualOp>({x[0], x[1]}); };
  auto different = [&] {
    return either(make, less(x[0], x[1]), less(x[1], x[0]));
  };
  using Predicate = mlir::arith::CmpFPredicate;
  switch (mlir::cast<mlir::arith::CmpFOp>(op).getPredicate()) {
  case Predicate::OEQ:
    return equal();
  case Predicate::UNE:
    return invert(make, equal());
  case Predicate::OLT:
    return less(x[0], x[1]);
  case Predicate::OLE:
    return lessEqual(x[0], x[1]);
  case Predicate::OGT:
    return less(x[1], x[0]);
  case Predicate::OGE:
    return lessEqual(x[1], x[0]);
  case Predicate::ULT:
    return invert(make, lessEqual(x[1], x[0]));
  case Predicate::ULE:
    return invert(make, less(x[1], x[0]));
  case Predicate::UGT:
    return invert(make, lessEqual(x[0], x[1]));
  case Predicate::UGE:
    return invert(make, less(x[0], x[1]));
  case Predicate::ONE:
    return different();
  case Predicate::UEQ:
    return invert(make, different());
  case Predicate::UNO:
    return unordered();
  case Predicate::ORD:
    return invert(make, unordered());
  default: // always true, always false: never written
    return nullptr;
  }
}

static Value compareIntegers(OpMaker &make, Operation *op, ArrayRef<Value> x) {
  using Predicate = mlir::arith::CmpIPredicate;
  switch (mlir::cast<mlir::arith::CmpIOp>(op).getPredicate()) {
  case Predicate::eq:
    return make.make<edge::EqualOp>({x[0], x[1]});
  case Predicate::ne:
    return invert(make, make.make<edge::EqualOp>({x[0], x[1]}));
  case Predicate::slt:
    return make.make<edge::LessOp>({x[0], x[1]});
  case Predicate::sle:
    return make.make<edge::LessEqualOp>({x[0], x[1]});
  case Predicate::sgt:
    return make.make<edge::LessOp>({x[1], x[0]});
  case Predicate::sge:
    return make.make<edge::LessEqualOp>({x[1], x[0]});
  default: // unsigned
    return nullptr;
  }
}

/// Those that the functions above know.
static bool isKnownComparison(Operation *op) {
  using Real = mlir::arith::CmpFPredicate;
  using Integer = mlir::arith::CmpIPredicate;
  if (auto compare = mlir::dyn_cast<mlir::arith::CmpFOp>(op))
    return compare.getPredicate() != Real::AlwaysTrue &&
           compare.getPredicate() != Real::AlwaysFalse;
  if (auto compare = mlir::dyn_cast<mlir::arith::CmpIOp>(op)) {
    return !llvm::is_contained(
        {Integer::ult, Integer::ule, Integer::ugt, Integer::uge},
        compare.getPredicate());
  }
  return true;
}

/// The larger of two of which one may be no number: then the other.
template <bool isMax>
static Value chooseNumber(OpMaker &make, Operation *, ArrayRef<Value> x) {
  Value best = isMax ? make.make<edge::MaxOp>({x[0], x[1]})
                     : make.make<edge::MinOp>({x[0], x[1]});
  best =
      make.make<edge::SelectOp>({make.make<edge::IsNanOp>({x[1]}), x[0], best});
  return make.make<edge::SelectOp>(
      {make.make<edge::IsNanOp>({x[0]}), x[1], best});
}

static const Row rows[] = {
    {"arith.cmpf", compareReals},
    {"arith.cmpi", compareIntegers},
    {"arith.maxnumf", chooseNumber<true>},
    {"arith.minnumf", chooseNumber<false>},
    {"arith.andi", inferred<edge::AndOp>},
    {"arith.ori", inferred<edge::OrOp>},
    {"arith.xori", inferred<edge::XorOp>},
    {"math.sin", inferred<edge::SinOp>},
    {"math.cos", inferred<edge::CosOp>},
    {"math.tan", inferred<edge::TanOp>},
    {"math.asin", inferred<edge::AsinOp>},
    {"math.acos", inferred<edge::AcosOp>},
    {"math.atan", inferred<edge::AtanOp>},
    {"math.sinh", inferred<edge::SinhOp>},
    {"math.cosh", inferred<edge::CoshOp>},
    {"math.asinh", inferred<edge::AsinhOp>},
    {"math.acosh", inferred<edge::AcoshOp>},
    {"math.atanh", inferred<edge::AtanhOp>},
    {"math.isnan", inferred<edge::IsNanOp>},
    {"arith.addf", inferred<edge::AddOp>},
    {"arith.subf", inferred<edge::SubOp>},
    {"arith.mulf", inferred<edge::MulOp>},
    {"arith.divf", inferred<edge::DivOp>},
    {"arith.negf", inferred<edge::NegOp>},
    {"arith.maximumf", inferred<edge::MaxOp>},
    {"arith.minimumf", inferred<edge::MinOp>},
    {"arith.addi", inferred<edge::AddOp>},
    {"arith.subi", inferred<edge::SubOp>},
    {"arith.muli", inferred<edge::MulOp>},
    {"arith.maxsi", inferred<edge::MaxOp>},
    {"arith.minsi", inferred<edge::MinOp>},
    {"arith.select", select},
    {"arith.sitofp", cast},
    {"arith.extui", cast},
    {"arith.uitofp", cast},
    {"arith.fptosi", cast},
    {"arith.extsi", cast},
    {"arith.trunci", cast},
    {"math.absf", inferred<edge::AbsOp>},
    {"math.ceil", inferred<edge::CeilOp>},
    {"math.floor", inferred<edge::FloorOp>},
    {"math.roundeven", inferred<edge::RoundEvenOp>},
    {"math.sqrt", inferred<edge::SqrtOp>},
    {"math.rsqrt", inferred<edge::RsqrtOp>},
    {"math.exp", inferred<edge::ExpOp>},
    {"math.log", inferred<edge::LogOp>},
    {"math.tanh", inferred<edge::TanhOp>},
    {"math.erf", inferred<edge::ErfOp>},
    {"math.powf", inferred<edge::PowOp>},
};

static const Row *findRow(Operation *op) {
  for (const Row &row : rows)
    if (row.name == op->getName().getStringRef())
      return &row;
  return nullptr;
}

/// The types that elementwise kernels compute with.
static bool isPlainType(Type type) {
  Type element = mlir::getElementTypeOrSelf(type);
  return element.isF32() || element.isSignlessInteger(8) ||
         element.isSignlessInteger(16) || element.isSignlessInteger(32) ||
         element.isSignlessInteger(64);
}

static bool isBool(Type type) {
  return mlir::getElementTypeOrSelf(type).isInteger(1);
}

/// An i1 is 0 or 1 in edge, in arith it is 0 or -1 where signs matter.
static bool handlesBooleans(Operation *op) {
  bool reads = llvm::any_of(op->getOperandTypes(), isBool);
  bool writes = isBool(op->getResult(0).getType());
  if (mlir::isa<mlir::arith::CmpFOp, mlir::arith::CmpIOp, mlir::math::IsNaNOp>(
          op))
    return !reads;
  if (mlir::isa<mlir::arith::ExtUIOp, mlir::arith::UIToFPOp>(op))
    return reads;
  return (!reads && !writes) ||
         mlir::isa<mlir::arith::AndIOp, mlir::arith::OrIOp, mlir::arith::XOrIOp,
                   mlir::arith::SelectOp>(op);
}

bool structured::isElementwise(Operation *op) {
  auto isKnown = [](Type type) { return isPlainType(type) || isBool(type); };
  return findRow(op) && isKnownComparison(op) && handlesBooleans(op) &&
         isKnown(op->getResult(0).getType()) &&
         llvm::all_of(op->getOperandTypes(), isKnown);
}

Value structured::makeElementwise(OpMaker &make, Operation *op,
                                  ArrayRef<Value> operands) {
  return isElementwise(op) ? findRow(op)->make(make, op, operands) : nullptr;
}

//===-- operations of linalg
//-------------------------------------------------===//

/// The operand with its dimensions in the order of the result's, of size 1
/// where it has none; null when it is read in another way.
static Value alignOperand(Conversion &c, Value operand, mlir::AffineMap map,
                          ArrayRef<unsigned> resultLoops) {
  Value tensor = c.tensorOf(operand);
  std::optional<Loops> loops = plainLoops(map);
  if (!tensor || !loops)
    return nullptr;
  auto type = mlir::cast<RankedTensorType>(tensor.getType());
  SmallVector<int64_t> shape;
  Loops order;
  for (unsigned loop : resultLoops) {
    auto at = llvm::find(*loops, loop);
    if (at != loops->end())
      order.push_back(loop);
    // A missing leading dimension needs no place.
    if (at != loops->end())
      shape.push_back(type.getDimSize(at - loops->begin()));
    else if (!shape.empty())
      shape.push_back(1);
  }
  SmallVector<Loops> groups;
  for (unsigned loop : order)
    groups.push_back({loop});
  if (order.size() != loops->size())
    return nullptr;
  return c.reshape(gatherLoops(c, tensor, *loops, groups), shape);
}

/// Constants that stand outside of the region, or inside.
static Value constantTensor(Conversion &c, Value scalar) {
  auto constant = scalar.getDefiningOp<mlir::arith::ConstantOp>();
  return constant ? c.tensorOf(scalar) : nullptr;
}

Value structured::convertParallel(Conversion &c, mlir::linalg::LinalgOp op) {
  if (op->getNumResults() != 1 || op.getNumReductionLoops() != 0)
    return nullptr;
  mlir::Block &body = *op.getBlock();
  for (Operation &inner : body.without_terminator())
    if (!isElementwise(&inner) && !mlir::isa<mlir::arith::ConstantOp>(inner))
      return nullptr;
  std::optional<Loops> resultLoops =
      plainLoops(op.getIndexingMapMatchingResult(op->getResult(0)));
  if (!resultLoops || resultLoops->size() != op.getNumLoops())
    return nullptr;
  llvm::DenseMap<Value, Value> known;
  for (mlir::OpOperand &operand : op->getOpOperands()) {
    mlir::BlockArgument argument = op.getMatchingBlockArgument(&operand);
    if (argument.use_empty())
      continue;
    known[argument] = alignOperand(
        c, operand.get(), op.getMatchingIndexingMap(&operand), *resultLoops);
    if (!known[argument])
      return nullptr;
  }
  auto valueOf = [&](Value value) -> Value {
    if (Value tensor = known.lookup(value))
      return tensor;
    Value tensor = value.getParentBlock() == &body ||
                           value.getDefiningOp<mlir::arith::ConstantOp>()
                       ? constantTensor(c, value)
                       : c.tensorOf(value);
    return known[value] = tensor;
  };
  for (Operation &inner : body.without_terminator()) {
    if (mlir::isa<mlir::arith::ConstantOp>(inner))
      continue;
    SmallVector<Value> operands;
    for (Value operand : inner.getOperands())
      operands.push_back(valueOf(operand));
    known[inner.getResult(0)] = makeElementwise(c, &inner, operands);
  }
  Value result = valueOf(body.getTerminator()->getOperand(0));
  return c.broadcast(
      result,
      mlir::cast<RankedTensorType>(op->getResult(0).getType()).getShape());
}

//===-- arith and math between tensors or scalars
//----------------------------===//

Converted structured::convertElementwise(Conversion &c) {
  SmallVector<Value> operands;
  for (Value operand : c.op->getOperands())
    operands.push_back(c.tensorOf(operand));
  if (llvm::is_contained(operands, Value()))
    return {};
  if (Value result = makeElementwise(c, c.op, operands)) {
    // On tensors the operation's type is the tensor's already.
    return {result};
  }
  RankedTensorType type = c.typeOf(c.op->getResult(0).getType());
  mlir::OpBuilder &builder = c.builder;
  unsigned rank = type.getRank();
  auto identity = builder.getMultiDimIdentityMap(rank);
  SmallVector<mlir::AffineMap> maps;
  for (Value operand : operands) {
    bool isScalar =
        mlir::cast<RankedTensorType>(operand.getType()).getRank() == 0;
    maps.push_back(isScalar
                       ? mlir::AffineMap::get(rank, 0, {}, builder.getContext())
                       : identity);
  }
  maps.push_back(identity);
  auto generic = edge::GenericOp::create(
      builder, c.loc, mlir::TypeRange(type), operands, mlir::ValueRange(),
      type.getShape(), builder.getAffineMapArrayAttr(maps));
  mlir::OpBuilder::InsertionGuard guard(builder);
  mlir::Block *body = builder.createBlock(&generic.getBody());
  for (unsigned i = 0; i < rank; ++i)
    body->addArgument(builder.getIndexType(), c.loc);
  SmallVector<Value> elements;
  for (auto [operand, original] :
       llvm::zip_equal(operands, c.op->getOperands())) {
    Type stored = mlir::getElementTypeOrSelf(operand.getType());
    Type wanted = mlir::getElementTypeOrSelf(original.getType());
    Value element = body->addArgument(stored, c.loc);
    if (stored != wanted)
      element =
          mlir::arith::IndexCastOp::create(builder, c.loc, wanted, element);
    elements.push_back(element);
  }
  mlir::OperationState state(c.loc, c.op->getName());
  state.addOperands(elements);
  state.addAttributes(c.op->getAttrs());
  Type element = mlir::getElementTypeOrSelf(c.op->getResult(0).getType());
  state.addTypes(element);
  Value result = builder.create(state)->getResult(0);
  if (element != type.getElementType())
    result = mlir::arith::IndexCastOp::create(builder, c.loc,
                                              type.getElementType(), result);
  edge::GenericYieldOp::create(builder, c.loc, result);
  return {generic.getResult(0)};
}
