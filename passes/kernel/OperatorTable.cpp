//===- OperatorTable.cpp - the table of elementwise operators ------------===//
//
// Most rows are one line. Those on integers that need more stand in
// IntegerOperators.cpp, the polynomials in VectorMath.cpp. A null emitter means
// that the operator has no such meaning, or no kernel yet.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/OperatorTable.h"
#include "dialects/edge/Edge.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <limits>

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

namespace {
/// Which element types an operator's operands and result have.
enum class Signature {
  /// all the same
  same,
  /// operands the same, result i1
  truth,
  /// i1, then as the result
  choice,
  /// any
  conversion,
};

struct Row {
  StringRef name;
  EmitVector *real = nullptr;
  /// on integers
  EmitVector *integer = nullptr;
  /// on unsigned integers and i1; null: as on integers
  EmitVector *natural = nullptr;
  Signature signature = Signature::same;
  bool expensive = false;
};
} // namespace

//===-- rows of more than one line ---------------------------------------===//

static Value emitHardSwish(const VectorOperands &v) {
  Value sixth = emitMultiplyAdd(v.b, v.loc, v.x[0], v.constant(1.0f / 6),
                                v.constant(0.5f), v.target);
  return arith::MulFOp::create(v.b, v.loc, v.x[0], v.clamp(sixth, 0, 1));
}

static Value emitHardSigmoid(const VectorOperands &v) {
  auto op = cast<edge::HardSigmoidOp>(v.op);
  Value line = emitMultiplyAdd(
      v.b, v.loc, v.x[0], v.constant(op.getAlpha().convertToFloat()),
      v.constant(op.getBeta().convertToFloat()), v.target);
  return v.clamp(line, 0, 1);
}

static Value emitLeakyRelu(const VectorOperands &v) {
  float alpha = cast<edge::LeakyReluOp>(v.op).getAlpha().convertToFloat();
  Value scaled = arith::MulFOp::create(v.b, v.loc, v.x[0], v.constant(alpha));
  if (alpha >= 0 && alpha <= 1)
    return emitAtLeast(v.b, v.loc, v.x[0], scaled, v.target);
  Value negative =
      v.compare(arith::CmpFPredicate::OLT, v.x[0], v.constant(0.0f));
  return v.select(negative, scaled, v.x[0]);
}

/// Infinite bounds cost nothing.
static Value emitClamp(const VectorOperands &v) {
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

static Value emitGeluForm(const VectorOperands &v) {
  bool byTanh = cast<edge::GeluOp>(v.op).getApproximate() == "tanh";
  return v.unary(byTanh ? emitGeluTanh : emitGelu);
}

static Value emitIsInf(const VectorOperands &v) {
  auto op = cast<edge::IsInfOp>(v.op);
  constexpr float infinity = std::numeric_limits<float>::infinity();
  auto equals = [&](float value) {
    return v.compare(arith::CmpFPredicate::OEQ, v.x[0], v.constant(value));
  };
  if (op.getNegative() != op.getPositive())
    return equals(op.getPositive() ? infinity : -infinity);
  Value magnitude = LLVM::FAbsOp::create(v.b, v.loc, v.x[0]);
  // Nothing is above infinity.
  auto predicate =
      op.getPositive() ? arith::CmpFPredicate::OEQ : arith::CmpFPredicate::OGT;
  return v.compare(predicate, magnitude, v.constant(infinity));
}

static Value emitNot(const VectorOperands &v) {
  auto type = cast<VectorType>(v.x[0].getType());
  llvm::APInt ones = llvm::APInt::getAllOnes(type.getElementTypeBitWidth());
  Value mask =
      arith::ConstantOp::create(v.b, v.loc, DenseElementsAttr::get(type, ones));
  return arith::XOrIOp::create(v.b, v.loc, v.x[0], mask);
}

static Value emitChoice(const VectorOperands &v) {
  return v.select(v.x[0], v.x[1], v.x[2]);
}

//===-- the table --------------------------------------------------------===//

#define EMIT(...) +[](const VectorOperands &v) -> Value { return __VA_ARGS__; }
#define EMIT_REAL(PREDICATE)                                                   \
  EMIT(v.compare(arith::CmpFPredicate::PREDICATE, v.x[0], v.x[1]))
#define EMIT_INTEGER(PREDICATE)                                                \
  EMIT(v.compare(arith::CmpIPredicate::PREDICATE, v.x[0], v.x[1]))

/// An operator of floats that computes a polynomial.
static constexpr Row polynomial(StringRef name, EmitVector *emit) {
  return {name, emit, nullptr, nullptr, Signature::same, /*expensive=*/true};
}

static const Row rows[] = {
    {"edge.abs", EMIT(LLVM::FAbsOp::create(v.b, v.loc, v.x[0])), emitIntegerAbs,
     EMIT(v.x[0])},
    {"edge.neg", EMIT(arith::NegFOp::create(v.b, v.loc, v.x[0])),
     EMIT(arith::SubIOp::create(v.b, v.loc, v.integer(0), v.x[0]))},
    {"edge.copy", EMIT(v.x[0]), EMIT(v.x[0])},
    {"edge.sign", EMIT(v.unary(emitSign)), emitIntegerSign,
     EMIT(arith::MinUIOp::create(v.b, v.loc, v.x[0], v.integer(1)))},
    {"edge.floor", EMIT(v.unary(emitFloor))},
    {"edge.ceil", EMIT(v.unary(emitCeil))},
    {"edge.round_even", EMIT(v.unary(emitRoundEven))},
    {"edge.sqrt", EMIT(v.unary(emitSqrt))},
    {"edge.rsqrt", EMIT(v.unary(emitRsqrt))},
    {"edge.reciprocal",
     EMIT(arith::DivFOp::create(v.b, v.loc, v.constant(1.0f), v.x[0]))},
    polynomial("edge.exp", EMIT(v.unary(emitExp))),
    polynomial("edge.log", EMIT(v.unary(emitLog))),
    polynomial("edge.sigmoid", EMIT(v.unary(emitSigmoid))),
    polynomial("edge.tanh", EMIT(v.unary(emitTanh))),
    polynomial("edge.erf", EMIT(v.unary(emitErf))),
    polynomial("edge.silu", EMIT(v.unary(emitSilu))),
    polynomial("edge.gelu", emitGeluForm),
    polynomial("edge.softplus", EMIT(v.unary(emitSoftplus))),
    polynomial("edge.elu",
               EMIT(emitElu(v.b, v.loc, v.x[0],
                            cast<edge::EluOp>(v.op).getAlpha().convertToFloat(),
                            v.target))),
    polynomial("edge.sin", EMIT(v.unary(emitSin))),
    polynomial("edge.cos", EMIT(v.unary(emitCos))),
    polynomial("edge.tan", EMIT(v.unary(emitTan))),
    polynomial("edge.asin", EMIT(v.unary(emitAsin))),
    polynomial("edge.acos", EMIT(v.unary(emitAcos))),
    polynomial("edge.atan", EMIT(v.unary(emitAtan))),
    polynomial("edge.sinh", EMIT(v.unary(emitSinh))),
    polynomial("edge.cosh", EMIT(v.unary(emitCosh))),
    polynomial("edge.asinh", EMIT(v.unary(emitAsinh))),
    polynomial("edge.acosh", EMIT(v.unary(emitAcosh))),
    polynomial("edge.atanh", EMIT(v.unary(emitAtanh))),
    {"edge.relu",
     EMIT(emitAtLeast(v.b, v.loc, v.x[0], v.constant(0.0f), v.target)),
     EMIT(arith::MaxSIOp::create(v.b, v.loc, v.x[0], v.integer(0))),
     EMIT(v.x[0])},
    {"edge.clamp", emitClamp},
    {"edge.leaky_relu", emitLeakyRelu},
    {"edge.hard_swish", emitHardSwish},
    {"edge.hard_sigmoid", emitHardSigmoid},
    {"edge.add", EMIT(v.make<arith::AddFOp>()), EMIT(v.make<arith::AddIOp>())},
    {"edge.sub", EMIT(v.make<arith::SubFOp>()), EMIT(v.make<arith::SubIOp>())},
    {"edge.mul", EMIT(v.make<arith::MulFOp>()), EMIT(v.make<arith::MulIOp>())},
    {"edge.div", EMIT(v.make<arith::DivFOp>()), emitSignedDivision,
     emitUnsignedDivision},
    {"edge.mod", EMIT(emitMod(v.b, v.loc, v.x[0], v.x[1], v.target)),
     emitFloorMod, emitUnsignedRem},
    {"edge.rem", EMIT(emitRem(v.b, v.loc, v.x[0], v.x[1], v.target)),
     emitSignedRem, emitUnsignedRem},
    {"edge.max", EMIT(v.makeZeroUnsigned<arith::MaximumFOp>()),
     EMIT(v.make<arith::MaxSIOp>()), EMIT(v.make<arith::MaxUIOp>())},
    {"edge.min", EMIT(v.makeZeroUnsigned<arith::MinimumFOp>()),
     EMIT(v.make<arith::MinSIOp>()), EMIT(v.make<arith::MinUIOp>())},
    {"edge.pow", EMIT(emitPow(v.b, v.loc, v.x[0], v.x[1], v.target)),
     emitIntegerPow, nullptr, Signature::same, /*expensive=*/true},
    {"edge.and", nullptr, EMIT(v.make<arith::AndIOp>())},
    {"edge.or", nullptr, EMIT(v.make<arith::OrIOp>())},
    {"edge.xor", nullptr, EMIT(v.make<arith::XOrIOp>())},
    {"edge.not", nullptr, emitNot},
    {"edge.shift_left", nullptr, emitShiftLeft},
    {"edge.shift_right", nullptr, emitSignedShiftRight, emitUnsignedShiftRight},
    {"edge.rescale", nullptr, emitRescale, nullptr, Signature::same,
     /*expensive=*/true},
    {"edge.requantize", emitRequantize, emitRequantize, nullptr,
     Signature::conversion},
    {"edge.equal", EMIT_REAL(OEQ), EMIT_INTEGER(eq), nullptr, Signature::truth},
    {"edge.less", EMIT_REAL(OLT), EMIT_INTEGER(slt), EMIT_INTEGER(ult),
     Signature::truth},
    {"edge.less_equal", EMIT_REAL(OLE), EMIT_INTEGER(sle), EMIT_INTEGER(ule),
     Signature::truth},
    {"edge.is_nan", EMIT(v.compare(arith::CmpFPredicate::UNO, v.x[0], v.x[0])),
     nullptr, nullptr, Signature::truth},
    {"edge.is_inf", emitIsInf, nullptr, nullptr, Signature::truth},
    {"edge.select", nullptr, emitChoice, nullptr, Signature::choice},
    {"edge.cast", emitCast, emitCast, nullptr, Signature::conversion},
    {"edge.bitcast", emitBitcast, emitBitcast, nullptr, Signature::conversion},
};

#undef EMIT
#undef EMIT_REAL
#undef EMIT_INTEGER

static const Row *findRow(Operation *op) {
  for (const Row &row : rows)
    if (row.name == op->getName().getStringRef())
      return &row;
  return nullptr;
}

static bool typesFit(const Row &row, Operation *op) {
  Type result = elementOf(op->getResult(0).getType());
  switch (row.signature) {
  case Signature::conversion:
    return true;
  case Signature::same:
    return llvm::all_of(op->getOperandTypes(),
                        [&](Type type) { return elementOf(type) == result; });
  case Signature::truth:
    return result.isInteger(1);
  case Signature::choice:
    return llvm::all_of(llvm::drop_begin(op->getOperandTypes()),
                        [&](Type type) { return elementOf(type) == result; });
  }
  return false;
}

/// Whether arithmetic on i1 is logic, which these operators are not.
static bool isArithmetic(const Row &row) {
  return row.signature == Signature::same &&
         !llvm::is_contained({"edge.copy", "edge.and", "edge.or", "edge.xor",
                              "edge.not", "edge.max", "edge.min"},
                             row.name);
}

EmitVector *kernel::findVectorEmitter(Operation *op) {
  const Row *row = findRow(op);
  if (!row || !typesFit(*row, op))
    return nullptr;
  Type element = elementOf(op->getOperand(0).getType());
  if (isa<FloatType>(element))
    return row->real;
  if (element.isInteger(1) && isArithmetic(*row))
    return nullptr;
  return isUnsignedElement(element) && row->natural ? row->natural
                                                    : row->integer;
}

bool kernel::isExpensiveOperator(Operation *op) {
  const Row *row = findRow(op);
  return row && row->expensive;
}
