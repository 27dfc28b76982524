//===- Epilogue.cpp - elementwise operators on one vector ----------------===//
//
// How an operator computes a vector stands in OperatorTable.cpp. Broadcasting
// needs no operator of its own: an operand's layout gets stride 0 where it
// repeats, and each vector of the result loads what lies at its position.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/Epilogue.h"
#include "dialects/edge/Integer.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/ExactQuotient.h"
#include "passes/kernel/HalfArithmetic.h"
#include "passes/kernel/Narrowing.h"
#include "passes/kernel/OperatorTable.h"
#include "passes/kernel/Requantize.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

//===-- what can be emitted
//-------------------------------------------------===//

bool kernel::isEmittableOperator(Operation *op) {
  for (Type type : op->getOperandTypes())
    if (!isEmittableElement(cast<ShapedType>(type).getElementType()))
      return false;
  return isEmittableElement(elementOf(op->getResult(0).getType())) &&
         findVectorEmitter(op);
}

/// Whether the tensor repeats along missing and 1-sized dimensions of `shape`.
static bool broadcasts(Type type, ArrayRef<int64_t> shape) {
  auto from = cast<RankedTensorType>(type).getShape();
  if (from.size() > shape.size())
    return false;
  auto aligned = shape.take_back(from.size());
  return llvm::all_of(llvm::zip_equal(from, aligned), [](auto sizes) {
    auto [size, target] = sizes;
    return size == 1 || size == target;
  });
}

bool kernel::isEmittableEpilogue(schedule::KernelOp kernel) {
  // Several results: the anchor alone, whose emitter judges its types.
  if (kernel.getNumResults() != 1)
    return kernel.getAnchor() && countEpilogueOperators(kernel) == 0;
  auto result = cast<RankedTensorType>(kernel.getResult(0).getType());
  Operation *anchor = kernel.getAnchor();
  if (anchor && cast<ShapedType>(anchor->getResult(0).getType()).getShape() !=
                    result.getShape())
    return false;
  for (Operation &op : kernel.getBody().front().without_terminator()) {
    if (&op == anchor)
      continue;
    if (auto constant = dyn_cast<edge::ConstantOp>(op)) {
      auto value = dyn_cast<DenseElementsAttr>(constant.getValue());
      if (!value || !value.isSplat() ||
          !isEmittableElement(value.getElementType()))
        return false;
      continue;
    }
    if (!isEmittableOperator(&op))
      return false;
    for (Type type : op.getOperandTypes())
      if (!broadcasts(type, result.getShape()))
        return false;
  }
  Value yielded = kernel.getBody().front().getTerminator()->getOperand(0);
  return isEmittableElement(result.getElementType()) && yielded.getDefiningOp();
}

bool kernel::isExpensiveEpilogue(schedule::KernelOp kernel) {
  return llvm::any_of(kernel.getBody().front(),
                      [](Operation &op) { return isExpensiveOperator(&op); });
}

SmallVector<BlockArgument> kernel::epilogueOperands(schedule::KernelOp kernel) {
  SmallVector<BlockArgument> arguments;
  Operation *anchor = kernel.getAnchor();
  for (Operation &op : kernel.getBody().front().without_terminator()) {
    if (&op == anchor)
      continue;
    for (Value operand : op.getOperands()) {
      auto argument = dyn_cast<BlockArgument>(operand);
      if (argument && !llvm::is_contained(arguments, argument))
        arguments.push_back(argument);
    }
  }
  return arguments;
}

//===-- one vector
//----------------------------------------------------------===//

int64_t kernel::innerStride(const Layout &layout) {
  int64_t stride = 0;
  for (auto [size, step] : llvm::zip_equal(layout.shape, layout.strides))
    if (size != 1)
      stride = step;
  return stride;
}

Value kernel::loadStrided(KernelBuilder &k, Value buffer, Index address,
                          int64_t stride, int64_t lanes, Form form) {
  if (stride == 0)
    return k.loadSplat(buffer, address, lanes, form);
  if (stride == 1 || lanes == 1)
    return k.load(buffer, address, lanes, form);
  Value vector = k.loadSplat(buffer, address, lanes, Form::stored);
  for (int64_t lane = 1; lane < lanes; ++lane) {
    Value element = k.loadScalar(buffer, address + lane * stride, Form::stored);
    vector = vector::InsertOp::create(k.b, k.loc, element, vector, lane);
  }
  return form == Form::stored ? vector
                              : emitWiden(k, vector, k.elementIn(buffer));
}

Value kernel::loadBroadcast(KernelBuilder &k, Value buffer,
                            const Layout &layout, ArrayRef<Index> position,
                            int64_t lanes) {
  return loadStrided(k, buffer, k.address(layout, position),
                     innerStride(layout), lanes);
}

static Value emitSplat(KernelBuilder &k, edge::ConstantOp op, int64_t lanes) {
  auto value = cast<DenseElementsAttr>(op.getValue());
  Type computed = computedType(k, value.getElementType());
  if (!isa<FloatType>(computed))
    return k.splat(IntegerAttr::get(computed, value.getSplatValue<APInt>()),
                   lanes);
  APFloat number = value.getSplatValue<APFloat>();
  bool losesInfo;
  number.convert(cast<FloatType>(computed).getFloatSemantics(),
                 APFloat::rmNearestTiesToEven, &losesInfo);
  return k.splat(FloatAttr::get(computed, number), lanes);
}

/// The cast to f32 that alone reads a requantized value; null, if something
/// else does.
static edge::CastOp onlyWidened(edge::RequantizeOp requantize) {
  if (!requantize->hasOneUse())
    return nullptr;
  auto cast = dyn_cast<edge::CastOp>(*requantize->user_begin());
  return cast && elementOf(cast.getResult().getType()).isF32() ? cast : nullptr;
}

/// A quotient by a constant that only a requantization reads, as products; null
/// for others, and where a division is as good.
static Value emitQuotient(KernelBuilder &k, Operation &op,
                          ArrayRef<Value> operands) {
  auto division = dyn_cast<edge::DivOp>(op);
  if (!division || !k.machine.getHasFma() ||
      !getElementTypeOrSelf(operands[0].getType()).isF32())
    return nullptr;
  std::optional<TwoPartReciprocal> reciprocal = findReciprocal(division);
  if (!reciprocal)
    return nullptr;
  auto constant = [&](float number) {
    return emitConstant(k.b, k.loc, operands[0].getType(), number);
  };
  Value small =
      arith::MulFOp::create(k.b, k.loc, operands[0], constant(reciprocal->low));
  return k.fma(operands[0], constant(reciprocal->high), small);
}

Value kernel::emitRegion(KernelBuilder &k, KnownVectors &known, int64_t lanes) {
  Block &body = k.kernel.getBody().front();
  Operation *anchor = k.kernel.getAnchor();
  MathTarget target = MathTarget::get(k.machine);
  llvm::SmallPtrSet<Operation *, 8> done;
  for (Operation &op : body.without_terminator()) {
    if (&op == anchor || done.contains(&op) ||
        (op.getNumResults() && known.contains(op.getResult(0))))
      continue;
    if (auto constant = dyn_cast<edge::ConstantOp>(op)) {
      known[constant.getResult()] = emitSplat(k, constant, lanes);
      continue;
    }
    SmallVector<Value, 2> operands;
    for (Value operand : op.getOperands())
      operands.push_back(known.at(operand));
    if (auto rescale = dyn_cast<edge::RescaleOp>(op)) {
      auto whole = Requantization::from(rescale);
      if (Value vector = emitRequantization(k.b, whole, k.machine, operands[0],
                                            operands[1], operands[2])) {
        done.insert(whole.operators.begin(), whole.operators.end());
        known[whole.operators.back()->getResult(0)] = vector;
        continue;
      }
    } else if (Value quotient = emitQuotient(k, op, operands)) {
      known[op.getResult(0)] = quotient;
      continue;
    } else if (auto requantize = dyn_cast<edge::RequantizeOp>(op)) {
      edge::CastOp cast = onlyWidened(requantize);
      if (Value reals =
              cast ? emitRequantizedReals(k.b, k.machine, requantize, operands)
                   : Value()) {
        done.insert(cast);
        known[cast.getResult()] = reals;
        continue;
      }
      if (Value vector =
              emitNarrowRequantize(k.b, k.machine, requantize, operands)) {
        known[requantize.getResult()] = vector;
        continue;
      }
    }
    known[op.getResult(0)] = emitOperator(
        k, findVectorEmitter(&op), {k.b, op.getLoc(), &op, operands, target});
  }
  return known.at(body.getTerminator()->getOperand(0));
}

/// The vector's first lanes, or more of any value.
static Value resize(KernelBuilder &k, Value vector, int64_t lanes) {
  int64_t from = cast<VectorType>(vector.getType()).getDimSize(0);
  SmallVector<int64_t> order;
  for (int64_t lane = 0; lane < lanes; ++lane)
    order.push_back(std::min(lane, from - 1));
  return vector::ShuffleOp::create(k.b, k.loc, vector, vector, order);
}

Value kernel::emitEpilogue(KernelBuilder &k, Value anchorVector,
                           ArrayRef<Index> position, int64_t lanes) {
  Value anchored = k.kernel.getAnchor()->getResult(0);
  if (k.kernel.getBody().front().getTerminator()->getOperand(0) == anchored)
    return anchorVector;
  KnownVectors known;
  Type element = elementOf(anchored.getType());
  if (computesHalves(k)) {
    // A sum of f32 is not rounded to f16 and back.
    for (Operation *user : anchored.getUsers()) {
      if (isa<edge::CastOp>(user) &&
          elementOf(user->getResult(0).getType()).isF32())
        known[user->getResult(0)] = toFloat32(k, anchorVector);
    }
    anchorVector = toFloat16(k, anchorVector);
  } else if (getElementTypeOrSelf(anchorVector.getType()) !=
             computedType(element)) {
    anchorVector = emitWiden(k.b, k.loc, anchorVector, element);
  }
  // LLVM takes products of 64 bits of an odd number of lanes apart.
  bool isOdd = !k.machine.getHasMaskedLanes() && !llvm::isPowerOf2_64(lanes) &&
               !k.kernel.getBody().front().getOps<edge::RescaleOp>().empty();
  int64_t width = isOdd ? int64_t(llvm::PowerOf2Ceil(lanes)) : lanes;
  known[anchored] = isOdd ? resize(k, anchorVector, width) : anchorVector;
  ArrayRef<int64_t> shape =
      cast<RankedTensorType>(k.kernel.getResult(0).getType()).getShape();
  for (BlockArgument argument : epilogueOperands(k.kernel)) {
    Layout layout = k.layoutOf(argument).broadcastTo(shape);
    Value loaded =
        loadBroadcast(k, k.bufferOf(argument), layout, position, lanes);
    known[argument] = isOdd ? resize(k, loaded, width) : loaded;
  }
  Value result = emitRegion(k, known, width);
  return isOdd ? resize(k, result, lanes) : result;
}
