//===- Epilogue.cpp - elementwise operators on one vector ----------------===//
//
// To add an elementwise operator, add its row to the table. Broadcasting needs
// no operator of its own: an operand's layout gets stride 0 where it repeats,
// and each vector of the result loads what lies at its position.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/Epilogue.h"
#include "dialects/edge/Edge.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/VectorMath.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

namespace {
/// What a row of the table works on.
struct Operands {
  OpBuilder &b;
  Location loc;
  Operation *op;
  ArrayRef<Value> x;
  MathTarget target;

  Value constant(float value) const {
    return emitConstant(b, loc, x[0].getType(), value);
  }
  Value integer(int64_t value) const {
    auto type = cast<VectorType>(x[0].getType());
    return arith::ConstantOp::create(
        b, loc,
        DenseElementsAttr::get(
            type, Attribute(b.getIntegerAttr(type.getElementType(), value))));
  }
  Value unary(UnaryMath *f) const { return f(b, loc, x[0], target); }
  template <typename Op> Value make() const {
    return Op::create(b, loc, x[0], x[1]);
  }
  /// which of two zeros comes out is not said
  template <typename Op> Value makeZeroUnsigned() const {
    return Op::create(b, loc, x[0], x[1], arith::FastMathFlags::nsz);
  }
  /// min(max(value, low), high); a NaN stays
  Value clamp(Value value, float low, float high) const {
    value = emitAtLeast(b, loc, value, constant(low), target);
    return emitAtMost(b, loc, value, constant(high), target);
  }
};

using Emit = Value (*)(const Operands &);

struct Row {
  StringRef name;
  Emit real;
  /// on integers; null when there is no such thing
  Emit integer = nullptr;
  bool expensive = false;
};
} // namespace

//===-- rows of more than one line
//------------------------------------------===//

static Value emitHardSwish(const Operands &v) {
  Value sixth = emitMultiplyAdd(v.b, v.loc, v.x[0], v.constant(1.0f / 6),
                                v.constant(0.5f), v.target);
  return arith::MulFOp::create(v.b, v.loc, v.x[0], v.clamp(sixth, 0, 1));
}

static Value emitHardSigmoid(const Operands &v) {
  auto op = cast<edge::HardSigmoidOp>(v.op);
  Value line = emitMultiplyAdd(
      v.b, v.loc, v.x[0], v.constant(op.getAlpha().convertToFloat()),
      v.constant(op.getBeta().convertToFloat()), v.target);
  return v.clamp(line, 0, 1);
}

static Value emitLeakyRelu(const Operands &v) {
  float alpha = cast<edge::LeakyReluOp>(v.op).getAlpha().convertToFloat();
  Value scaled = arith::MulFOp::create(v.b, v.loc, v.x[0], v.constant(alpha));
  if (alpha >= 0 && alpha <= 1)
    return emitAtLeast(v.b, v.loc, v.x[0], scaled, v.target);
  Value negative = arith::CmpFOp::create(v.b, v.loc, arith::CmpFPredicate::OLT,
                                         v.x[0], v.constant(0.0f));
  return arith::SelectOp::create(v.b, v.loc, negative, scaled, v.x[0]);
}

/// Infinite bounds cost nothing.
static Value emitClamp(const Operands &v) {
  auto op = cast<edge::ClampOp>(v.op);
  Value result = v.x[0];
  if (!op.getMin().isInfinity())
    result = emitAtLeast(v.b, v.loc, result,
                         v.constant(op.getMin().convertToFloat()), v.target);
  if (!op.getMax().isInfinity())
    result = emitAtMost(v.b, v.loc, result,
                        v.constant(op.getMax().convertToFloat()), v.target);
  return result;
}

static Value emitIntegerSign(const Operands &v) {
  Value one = arith::MinSIOp::create(v.b, v.loc, v.x[0], v.integer(1));
  return arith::MaxSIOp::create(v.b, v.loc, one, v.integer(-1));
}

static Value emitIntegerAbs(const Operands &v) {
  Value negative = arith::SubIOp::create(v.b, v.loc, v.integer(0), v.x[0]);
  return arith::MaxSIOp::create(v.b, v.loc, v.x[0], negative);
}

/// Processors trap on x / 0 and on the smallest number by -1. The first has no
/// result (0 here), the second wraps.
static Value emitIntegerDivision(const Operands &v) {
  auto equals = [&](int64_t value) -> Value {
    return arith::CmpIOp::create(v.b, v.loc, arith::CmpIPredicate::eq, v.x[1],
                                 v.integer(value));
  };
  auto select = [&](Value condition, Value yes, Value no) -> Value {
    return arith::SelectOp::create(v.b, v.loc, condition, yes, no);
  };
  Value zero = equals(0), minusOne = equals(-1);
  Value divisor = select(zero, v.integer(1), v.x[1]);
  divisor = select(minusOne, v.integer(1), divisor);
  Value quotient = arith::DivSIOp::create(v.b, v.loc, v.x[0], divisor);
  Value negated = arith::SubIOp::create(v.b, v.loc, v.integer(0), v.x[0]);
  return select(zero, v.integer(0), select(minusOne, negated, quotient));
}

static Type resultElement(Operation *op) {
  return cast<ShapedType>(op->getResult(0).getType()).getElementType();
}

/// Truncates and saturates. The largest float below 2^(n-1) bounds the
/// conversion, which is undefined past it; the bound itself comes in after.
static Value emitRealCast(const Operands &v) {
  auto element = dyn_cast<IntegerType>(resultElement(v.op));
  if (!element)
    return v.x[0];
  auto compare = [&](arith::CmpFPredicate predicate, Value x,
                     Value y) -> Value {
    return arith::CmpFOp::create(v.b, v.loc, predicate, x, y);
  };
  unsigned width = element.getWidth();
  float limit = std::ldexp(1.0f, width - 1);
  float below = width > 24 ? std::nextafter(limit, 0.0f) : limit - 1;
  Value isNumber = compare(arith::CmpFPredicate::ORD, v.x[0], v.x[0]);
  Value number =
      arith::SelectOp::create(v.b, v.loc, isNumber, v.x[0], v.constant(0.0f));
  auto type = cast<VectorType>(v.x[0].getType()).clone(element);
  Value converted =
      arith::FPToSIOp::create(v.b, v.loc, type, v.clamp(number, -limit, below));
  Value past = compare(arith::CmpFPredicate::OGE, v.x[0], v.constant(limit));
  Value largest = arith::ConstantOp::create(
      v.b, v.loc,
      DenseElementsAttr::get(type, llvm::APInt::getSignedMaxValue(width)));
  return arith::SelectOp::create(v.b, v.loc, past, largest, converted);
}

static Value emitIntegerCast(const Operands &v) {
  auto from = cast<VectorType>(v.x[0].getType());
  VectorType to = from.clone(resultElement(v.op));
  if (isa<FloatType>(to.getElementType()))
    return arith::SIToFPOp::create(v.b, v.loc, to, v.x[0]);
  unsigned fromWidth = from.getElementTypeBitWidth(),
           toWidth = to.getElementTypeBitWidth();
  if (fromWidth < toWidth)
    return arith::ExtSIOp::create(v.b, v.loc, to, v.x[0]);
  if (fromWidth > toWidth)
    return arith::TruncIOp::create(v.b, v.loc, to, v.x[0]);
  return v.x[0];
}

static Value emitGeluForm(const Operands &v) {
  bool byTanh = cast<edge::GeluOp>(v.op).getApproximate() == "tanh";
  return v.unary(byTanh ? emitGeluTanh : emitGelu);
}

//===-- the table
//-----------------------------------------------------------===//

#define EMIT(...) [](const Operands &v) -> Value { return __VA_ARGS__; }

static const Row rows[] = {
    {"edge.abs", EMIT(LLVM::FAbsOp::create(v.b, v.loc, v.x[0])),
     emitIntegerAbs},
    {"edge.neg", EMIT(arith::NegFOp::create(v.b, v.loc, v.x[0])),
     EMIT(arith::SubIOp::create(v.b, v.loc, v.integer(0), v.x[0]))},
    {"edge.copy", EMIT(v.x[0]), EMIT(v.x[0])},
    {"edge.sign", EMIT(v.unary(emitSign)), emitIntegerSign},
    {"edge.floor", EMIT(v.unary(emitFloor))},
    {"edge.ceil", EMIT(v.unary(emitCeil))},
    {"edge.round_even", EMIT(v.unary(emitRoundEven))},
    {"edge.sqrt", EMIT(v.unary(emitSqrt))},
    {"edge.rsqrt", EMIT(v.unary(emitRsqrt))},
    {"edge.reciprocal",
     EMIT(arith::DivFOp::create(v.b, v.loc, v.constant(1.0f), v.x[0]))},
    {"edge.exp", EMIT(v.unary(emitExp)), nullptr, true},
    {"edge.log", EMIT(v.unary(emitLog)), nullptr, true},
    {"edge.sigmoid", EMIT(v.unary(emitSigmoid)), nullptr, true},
    {"edge.tanh", EMIT(v.unary(emitTanh)), nullptr, true},
    {"edge.erf", EMIT(v.unary(emitErf)), nullptr, true},
    {"edge.silu", EMIT(v.unary(emitSilu)), nullptr, true},
    {"edge.gelu", emitGeluForm, nullptr, true},
    {"edge.softplus", EMIT(v.unary(emitSoftplus)), nullptr, true},
    {"edge.elu",
     EMIT(emitElu(v.b, v.loc, v.x[0],
                  cast<edge::EluOp>(v.op).getAlpha().convertToFloat(),
                  v.target)),
     nullptr, true},
    {"edge.relu",
     EMIT(emitAtLeast(v.b, v.loc, v.x[0], v.constant(0.0f), v.target)),
     EMIT(arith::MaxSIOp::create(v.b, v.loc, v.x[0], v.integer(0)))},
    {"edge.clamp", emitClamp},
    {"edge.leaky_relu", emitLeakyRelu},
    {"edge.hard_swish", emitHardSwish},
    {"edge.hard_sigmoid", emitHardSigmoid},
    {"edge.add", EMIT(v.make<arith::AddFOp>()), EMIT(v.make<arith::AddIOp>())},
    {"edge.sub", EMIT(v.make<arith::SubFOp>()), EMIT(v.make<arith::SubIOp>())},
    {"edge.mul", EMIT(v.make<arith::MulFOp>()), EMIT(v.make<arith::MulIOp>())},
    {"edge.div", EMIT(v.make<arith::DivFOp>()), emitIntegerDivision},
    {"edge.max", EMIT(v.makeZeroUnsigned<arith::MaximumFOp>()),
     EMIT(v.make<arith::MaxSIOp>())},
    {"edge.min", EMIT(v.makeZeroUnsigned<arith::MinimumFOp>()),
     EMIT(v.make<arith::MinSIOp>())},
    {"edge.pow", EMIT(emitPow(v.b, v.loc, v.x[0], v.x[1], v.target)), nullptr,
     true},
    {"edge.cast", emitRealCast, emitIntegerCast},
};

#undef EMIT

static const Row *findRow(Operation *op) {
  for (const Row &row : rows)
    if (row.name == op->getName().getStringRef())
      return &row;
  return nullptr;
}

static Type operandElement(Operation *op) {
  return cast<ShapedType>(op->getOperand(0).getType()).getElementType();
}

static Emit findEmit(Operation *op) {
  const Row *row = findRow(op);
  if (!row)
    return nullptr;
  return isa<FloatType>(operandElement(op)) ? row->real : row->integer;
}

//===-- what can be emitted
//-------------------------------------------------===//

bool kernel::isEmittableElement(Type element) {
  if (auto integer = dyn_cast<IntegerType>(element))
    return integer.isSignless() &&
           llvm::is_contained({8, 16, 32, 64}, integer.getWidth());
  return element.isF32();
}

bool kernel::isEmittableOperator(Operation *op) {
  for (Type type : op->getOperandTypes())
    if (!isEmittableElement(cast<ShapedType>(type).getElementType()))
      return false;
  return isEmittableElement(resultElement(op)) && findEmit(op);
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
  return llvm::any_of(kernel.getBody().front(), [](Operation &op) {
    const Row *row = findRow(&op);
    return row && row->expensive;
  });
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
                          int64_t stride, int64_t lanes) {
  if (stride == 0)
    return k.loadSplat(buffer, address, lanes);
  if (stride == 1 || lanes == 1)
    return k.load(buffer, address, lanes);
  Value vector = k.loadSplat(buffer, address, lanes);
  for (int64_t lane = 1; lane < lanes; ++lane) {
    vector = vector::InsertOp::create(
        k.b, k.loc, k.loadScalar(buffer, address + lane * stride), vector,
        lane);
  }
  return vector;
}

Value kernel::loadBroadcast(KernelBuilder &k, Value buffer,
                            const Layout &layout, ArrayRef<Index> position,
                            int64_t lanes) {
  return loadStrided(k, buffer, k.address(layout, position),
                     innerStride(layout), lanes);
}

static Value emitSplat(KernelBuilder &k, edge::ConstantOp op, int64_t lanes) {
  auto value = cast<DenseElementsAttr>(op.getValue());
  if (isa<FloatType>(value.getElementType()))
    return k.splat(value.getSplatValue<float>(), lanes);
  VectorType type = k.vectorType(lanes, value.getElementType());
  return arith::ConstantOp::create(
      k.b, k.loc, DenseElementsAttr::get(type, value.getSplatValue<APInt>()));
}

Value kernel::emitRegion(KernelBuilder &k, KnownVectors &known, int64_t lanes) {
  Block &body = k.kernel.getBody().front();
  Operation *anchor = k.kernel.getAnchor();
  MathTarget target = MathTarget::get(k.machine);
  for (Operation &op : body.without_terminator()) {
    if (&op == anchor)
      continue;
    if (auto constant = dyn_cast<edge::ConstantOp>(op)) {
      known[constant.getResult()] = emitSplat(k, constant, lanes);
      continue;
    }
    SmallVector<Value, 2> operands;
    for (Value operand : op.getOperands())
      operands.push_back(known.at(operand));
    known[op.getResult(0)] =
        findEmit(&op)({k.b, op.getLoc(), &op, operands, target});
  }
  return known.at(body.getTerminator()->getOperand(0));
}

Value kernel::emitEpilogue(KernelBuilder &k, Value anchorVector,
                           ArrayRef<Index> position, int64_t lanes) {
  KnownVectors known;
  known[k.kernel.getAnchor()->getResult(0)] = anchorVector;
  ArrayRef<int64_t> shape =
      cast<RankedTensorType>(k.kernel.getResult(0).getType()).getShape();
  for (BlockArgument argument : epilogueOperands(k.kernel)) {
    Layout layout = k.layoutOf(argument).broadcastTo(shape);
    known[argument] =
        loadBroadcast(k, k.bufferOf(argument), layout, position, lanes);
  }
  return emitRegion(k, known, lanes);
}
