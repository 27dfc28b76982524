//===- StructuredLoops.cpp - loops, maps and combiners of linalg ----------===//
//
// What the conversions of linalg's operations share: tensors rearranged by the
// loops that their dimensions run over, and what a reduction combines.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/mlir/StructuredOperators.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace edgec;
using namespace edgec::structured;
using llvm::ArrayRef;
using llvm::SmallVector;
using mlir::RankedTensorType;
using mlir::Type;
using mlir::Value;

//===-- tensors for scalars
//--------------------------------------------------===//

RankedTensorType Conversion::typeOf(Type type) {
  auto tensor = mlir::dyn_cast<RankedTensorType>(type);
  Type element = tensor ? tensor.getElementType() : type;
  if (element.isIndex())
    element = builder.getI64Type();
  return RankedTensorType::get(tensor ? tensor.getShape() : ArrayRef<int64_t>(),
                               element);
}

Value Conversion::tensorOf(Value value) {
  if (mlir::isa<RankedTensorType>(value.getType()))
    return value;
  if (Value known = scalars.lookup(value))
    return known;
  mlir::Attribute number;
  if (!mlir::matchPattern(value, mlir::m_Constant(&number))) {
    error() << "its operand of type " << value.getType()
            << " is not computed by an operation that is supported";
    return nullptr;
  }
  RankedTensorType type = typeOf(value.getType());
  if (auto integer = mlir::dyn_cast<mlir::IntegerAttr>(number)) {
    number = builder.getIntegerAttr(
        type.getElementType(),
        integer.getValue().sextOrTrunc(type.getElementTypeBitWidth()));
  }
  // Not kept: the tensor stands here, and must stand before every user.
  return edge::ConstantOp::create(builder, loc, type,
                                  mlir::DenseElementsAttr::get(type, number));
}

Value Conversion::splatOf(RankedTensorType type, double value) {
  Type element = type.getElementType();
  mlir::Attribute number;
  if (mlir::isa<mlir::FloatType>(element))
    number = builder.getFloatAttr(element, value);
  else
    number = builder.getIntegerAttr(element, static_cast<int64_t>(value));
  return edge::ConstantOp::create(builder, loc, type,
                                  mlir::DenseElementsAttr::get(type, number));
}

std::optional<double> Conversion::splatValue(Value tensor) {
  mlir::DenseFPElementsAttr elements;
  while (auto broadcast = tensor.getDefiningOp<edge::BroadcastOp>())
    tensor = broadcast.getX();
  if (!mlir::matchPattern(tensor, mlir::m_Constant(&elements)) ||
      !elements.isSplat())
    return std::nullopt;
  return elements.getSplatValue<llvm::APFloat>().convertToDouble();
}

//===-- dimensions by their loops
//--------------------------------------------===//

std::optional<Loops> structured::plainLoops(mlir::AffineMap map) {
  Loops loops;
  for (mlir::AffineExpr expr : map.getResults()) {
    auto dim = mlir::dyn_cast<mlir::AffineDimExpr>(expr);
    if (!dim || llvm::is_contained(loops, dim.getPosition()))
      return std::nullopt;
    loops.push_back(dim.getPosition());
  }
  return loops;
}

static bool isIdentity(ArrayRef<int64_t> permutation) {
  for (auto [index, source] : llvm::enumerate(permutation))
    if (source != int64_t(index))
      return false;
  return true;
}

/// `tensor` with its dimensions, which run over `from`, in the order of `to`.
static Value reorder(OpMaker &make, Value tensor, ArrayRef<unsigned> from,
                     ArrayRef<unsigned> to) {
  SmallVector<int64_t> permutation;
  for (unsigned loop : to)
    permutation.push_back(llvm::find(from, loop) - from.begin());
  return isIdentity(permutation) ? tensor : make.transpose(tensor, permutation);
}

Value structured::gatherLoops(OpMaker &make, Value tensor,
                              ArrayRef<unsigned> loops,
                              ArrayRef<Loops> groups) {
  Loops order;
  for (const Loops &group : groups)
    llvm::append_range(order, group);
  Value ordered = reorder(make, tensor, loops, order);
  if (!ordered)
    return nullptr;
  auto sizes = mlir::cast<RankedTensorType>(ordered.getType()).getShape();
  SmallVector<int64_t> shape;
  for (const Loops &group : groups) {
    int64_t size = 1;
    for (int64_t part : sizes.take_front(group.size()))
      size *= part;
    sizes = sizes.drop_front(group.size());
    shape.push_back(size);
  }
  return make.reshape(ordered, shape);
}

Value structured::scatterLoops(OpMaker &make, Value tensor,
                               ArrayRef<Loops> groups, ArrayRef<unsigned> loops,
                               ArrayRef<int64_t> sizes) {
  Loops order;
  SmallVector<int64_t> shape;
  for (const Loops &group : groups) {
    for (unsigned loop : group) {
      order.push_back(loop);
      shape.push_back(sizes[loop]);
    }
  }
  Value apart = make.reshape(tensor, shape);
  return apart ? reorder(make, apart, order, loops) : nullptr;
}

//===-- reductions
//-----------------------------------------------------------===//

std::optional<Combiner> structured::findCombiner(mlir::linalg::LinalgOp op) {
  if (op.getNumDpsInits() != 1)
    return std::nullopt;
  mlir::Block &body = *op.getBlock();
  Value yielded = body.getTerminator()->getOperand(0);
  mlir::Operation *combination = yielded.getDefiningOp();
  Value state = op.getMatchingBlockArgument(op.getDpsInitOperand(0));
  if (!combination || combination->getNumOperands() != 2 ||
      combination->getBlock() != &body || !state.hasOneUse())
    return std::nullopt;
  llvm::StringRef name = combination->getName().getStringRef();
  static constexpr llvm::StringLiteral combiners[] = {
      "arith.addf", "arith.mulf", "arith.maximumf", "arith.minimumf"};
  if (!llvm::is_contained(combiners, name))
    return std::nullopt;
  if (combination->getOperand(0) == state)
    return Combiner{name, combination->getOperand(1)};
  if (combination->getOperand(1) == state)
    return Combiner{name, combination->getOperand(0)};
  return std::nullopt;
}

/// What leaves every number as it is.
static double neutralElement(llvm::StringRef combiner) {
  if (combiner == "arith.addf")
    return 0.0;
  if (combiner == "arith.mulf")
    return 1.0;
  return combiner == "arith.maximumf" ? -INFINITY : INFINITY;
}

Value structured::addInit(Conversion &c, mlir::linalg::LinalgOp op,
                          llvm::StringRef combiner, Value value) {
  Value init = op.getDpsInitOperand(0)->get();
  if (!value || c.splatValue(init) == neutralElement(combiner))
    return value;
  // Elementwise operators repeat their operands themselves.
  while (auto broadcast = init.getDefiningOp<edge::BroadcastOp>())
    init = broadcast.getX();
  if (combiner == "arith.addf")
    return c.make<edge::AddOp>({value, init});
  if (combiner == "arith.mulf")
    return c.make<edge::MulOp>({value, init});
  if (combiner == "arith.maximumf")
    return c.make<edge::MaxOp>({value, init});
  return c.make<edge::MinOp>({value, init});
}

Converted structured::convertLoops(Conversion &c) {
  auto op = mlir::cast<mlir::linalg::LinalgOp>(c.op);
  using Way = Value (*)(Conversion &, mlir::linalg::LinalgOp);
  for (Way way : {convertParallel, convertContraction, convertConvolution,
                  convertPooling, convertReduction}) {
    if (Value value = way(c, op))
      return {value};
    if (c.failed())
      return {};
  }
  return convertGeneric(c, op);
}
