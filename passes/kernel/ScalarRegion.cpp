//===- ScalarRegion.cpp - arith and math on vectors -----------------------===//
//
// Most operations mean the same on a vector as on each of its elements, and are
// copied with vector types. The others have a function here: divisions and
// shifts are guarded, conversions saturate, mathematics is VectorMath's.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/ScalarRegion.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/VectorMath.h"
#include <cmath>

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

namespace {
/// What a row of the table works on.
struct Operands {
  KernelBuilder &k;
  OpBuilder &b;
  Location loc;
  Operation *op;
  ArrayRef<Value> x;
  int64_t lanes;
  MathTarget target;

  VectorType resultType() const {
    return k.vectorType(lanes, op->getResult(0).getType());
  }
  unsigned width() const {
    Type element = op->getOperand(0).getType();
    return element.isIndex() ? 64 : element.getIntOrFloatBitWidth();
  }
  /// of the first operand's type
  Value integer(const APInt &value) const {
    auto type = cast<VectorType>(x[0].getType());
    return arith::ConstantOp::create(
        b, loc,
        DenseElementsAttr::get(
            type, Attribute(b.getIntegerAttr(type.getElementType(), value))));
  }
  Value integer(int64_t value) const {
    return integer(APInt(width(), uint64_t(value), /*isSigned=*/true,
                         /*implicitTrunc=*/true));
  }
  Value real(double value) const {
    auto type = cast<VectorType>(x[0].getType());
    return arith::ConstantOp::create(
        b, loc,
        DenseElementsAttr::get(
            type, Attribute(b.getFloatAttr(type.getElementType(), value))));
  }
  Value select(Value condition, Value yes, Value no) const {
    return arith::SelectOp::create(b, loc, condition, yes, no);
  }
  Value compare(arith::CmpIPredicate predicate, Value lhs, Value rhs) const {
    return arith::CmpIOp::create(b, loc, predicate, lhs, rhs);
  }
  Value compare(arith::CmpFPredicate predicate, Value lhs, Value rhs) const {
    return arith::CmpFOp::create(b, loc, predicate, lhs, rhs);
  }
  Value unary(UnaryMath *f) const { return f(b, loc, x[0], target); }
  template <typename Op> Value make(Value lhs, Value rhs) const {
    return Op::create(b, loc, lhs, rhs);
  }
};

using Emit = Value (*)(const Operands &);

struct Row {
  StringRef name;
  /// Null: the operation itself, on vectors.
  Emit emit = nullptr;
  /// Only for f32, as VectorMath is.
  bool isMath = false;
};
} // namespace

/// The operation without the flags that promise something about its operands
/// (no overflow, no NaN): nobody checks those promises.
static Value copyOnVectors(const Operands &v) {
  OperationState state(v.loc, v.op->getName().getIdentifier());
  state.addOperands(v.x);
  state.addTypes(v.resultType());
  for (StringRef kept : {"predicate"})
    if (Attribute attribute = v.op->getAttr(kept))
      state.addAttribute(kept, attribute);
  return v.b.create(state)->getResult(0);
}

static Value emitConstant(const Operands &v) {
  Attribute value = cast<arith::ConstantOp>(v.op).getValue();
  return arith::ConstantOp::create(
      v.b, v.loc, DenseElementsAttr::get(v.resultType(), value));
}

//===-- integers
//------------------------------------------------------------===//

namespace {
/// What processors trap on is replaced: x / 0 becomes x / 1 and is put right
/// by finish(); the smallest number by -1 likewise.
struct GuardedDivisor {
  const Operands &v;
  Value isZero, isMinusOne, divisor;

  GuardedDivisor(const Operands &v, bool isSigned) : v(v) {
    isZero = v.compare(arith::CmpIPredicate::eq, v.x[1], v.integer(0));
    divisor = v.select(isZero, v.integer(1), v.x[1]);
    if (!isSigned)
      return;
    isMinusOne = v.compare(arith::CmpIPredicate::eq, v.x[1], v.integer(-1));
    divisor = v.select(isMinusOne, v.integer(1), divisor);
  }
  Value finish(Value result, Value byMinusOne) const {
    if (isMinusOne)
      result = v.select(isMinusOne, byMinusOne, result);
    return v.select(isZero, v.integer(0), result);
  }
};
} // namespace

static Value emitQuotient(const Operands &v) {
  GuardedDivisor guarded(v, /*isSigned=*/true);
  Value quotient = v.make<arith::DivSIOp>(v.x[0], guarded.divisor);
  return guarded.finish(quotient, v.make<arith::SubIOp>(v.integer(0), v.x[0]));
}

static Value emitRemainder(const Operands &v) {
  GuardedDivisor guarded(v, /*isSigned=*/true);
  Value remainder = v.make<arith::RemSIOp>(v.x[0], guarded.divisor);
  return guarded.finish(remainder, v.integer(0));
}

static Value emitUnsignedQuotient(const Operands &v) {
  GuardedDivisor guarded(v, /*isSigned=*/false);
  return guarded.finish(v.make<arith::DivUIOp>(v.x[0], guarded.divisor), {});
}

static Value emitUnsignedRemainder(const Operands &v) {
  GuardedDivisor guarded(v, /*isSigned=*/false);
  return guarded.finish(v.make<arith::RemUIOp>(v.x[0], guarded.divisor), {});
}

/// Where a remainder is left, the quotient of operands with equal signs is
/// one short of the ceiling, that of others one past the floor.
static Value emitRoundedQuotient(const Operands &v, bool isCeil) {
  Value quotient = emitQuotient(v), remainder = emitRemainder(v);
  Value isInexact =
      v.compare(arith::CmpIPredicate::ne, remainder, v.integer(0));
  Value mixed = v.make<arith::XOrIOp>(v.x[0], v.x[1]);
  Value matters =
      v.compare(isCeil ? arith::CmpIPredicate::sge : arith::CmpIPredicate::slt,
                mixed, v.integer(0));
  Value moves = v.make<arith::AndIOp>(isInexact, matters);
  Value step = v.select(moves, v.integer(isCeil ? 1 : -1), v.integer(0));
  return v.make<arith::AddIOp>(quotient, step);
}

/// A shift by the width or more is undefined in LLVM.
template <typename Op> static Value emitShift(const Operands &v) {
  Value limit = v.integer(v.width() - 1);
  Value amount = v.make<arith::MinUIOp>(v.x[1], limit);
  Value shifted = v.make<Op>(v.x[0], amount);
  if (std::is_same_v<Op, arith::ShRSIOp>)
    return shifted;
  Value isPast = v.compare(arith::CmpIPredicate::ugt, v.x[1], limit);
  return v.select(isPast, v.integer(0), shifted);
}

static Value emitIntegerAbs(const Operands &v) {
  Value negative = v.make<arith::SubIOp>(v.integer(0), v.x[0]);
  return v.make<arith::MaxSIOp>(v.x[0], negative);
}

template <typename Intrinsic> static Value emitBitIntrinsic(const Operands &v) {
  return Intrinsic::create(v.b, v.loc, v.x[0].getType(), v.x[0],
                           /*is_zero_poison=*/false);
}

//===-- floats
//--------------------------------------------------------------===//

/// `number`, which the type has room for, as a signed integer of 32 bits or
/// more: machines convert to those.
static Value emitSignedConversion(const Operands &v, Value number,
                                  VectorType type) {
  bool isNarrow = type.getElementTypeBitWidth() < 32;
  VectorType wide = isNarrow ? type.clone(v.b.getI32Type()) : type;
  Value converted = arith::FPToSIOp::create(v.b, v.loc, wide, number);
  return isNarrow
             ? arith::TruncIOp::create(v.b, v.loc, type, converted).getResult()
             : converted;
}

/// From 2^(width-1) on that much is taken off before the conversion, which is
/// exact, and put back as the highest bit.
static Value emitUnsignedConversion(const Operands &v, Value number,
                                    VectorType type) {
  unsigned width = type.getElementTypeBitWidth();
  Value half = v.real(std::ldexp(1.0, width - 1));
  Value isLarge = v.compare(arith::CmpFPredicate::OGE, number, half);
  Value taken = v.select(isLarge, half, v.real(0.0));
  Value converted =
      emitSignedConversion(v, v.make<arith::SubFOp>(number, taken), type);
  auto constant = [&](const APInt &value) -> Value {
    return arith::ConstantOp::create(v.b, v.loc,
                                     DenseElementsAttr::get(type, value));
  };
  Value bit = v.select(isLarge, constant(APInt::getSignMask(width)),
                       constant(APInt::getZero(width)));
  return v.make<arith::XOrIOp>(converted, bit);
}

/// Truncates and saturates, NaN becomes 0; LLVM leaves what lies outside of the
/// result's type undefined.
template <bool isSigned> static Value emitToInteger(const Operands &v) {
  VectorType type = v.resultType();
  unsigned width = type.getElementTypeBitWidth();
  unsigned precision =
      cast<FloatType>(v.op->getOperand(0).getType()).getFPMantissaWidth();
  double limit = std::ldexp(1.0, isSigned ? width - 1 : width);
  // The largest number below the limit that the float type has.
  double below = limit - std::max(1.0, std::ldexp(limit, -int(precision)));
  Value isNumber = v.compare(arith::CmpFPredicate::ORD, v.x[0], v.x[0]);
  Value number = v.select(isNumber, v.x[0], v.real(0.0));
  Value low = v.real(isSigned ? -limit : 0.0), high = v.real(below);
  Value isLow = v.compare(arith::CmpFPredicate::OLT, number, low);
  Value clamped = v.select(isLow, low, number);
  Value isHigh = v.compare(arith::CmpFPredicate::OGT, clamped, high);
  clamped = v.select(isHigh, high, clamped);
  Value converted = isSigned ? emitSignedConversion(v, clamped, type)
                             : emitUnsignedConversion(v, clamped, type);
  Value isPast = v.compare(arith::CmpFPredicate::OGE, number, v.real(limit));
  APInt largest =
      isSigned ? APInt::getSignedMaxValue(width) : APInt::getMaxValue(width);
  Value bound = arith::ConstantOp::create(
      v.b, v.loc, DenseElementsAttr::get(type, largest));
  return v.select(isPast, bound, converted);
}

/// NaN only when both are.
template <bool isMax> static Value emitNumber(const Operands &v) {
  auto order = isMax ? arith::CmpFPredicate::OGT : arith::CmpFPredicate::OLT;
  Value best = v.select(v.compare(order, v.x[0], v.x[1]), v.x[0], v.x[1]);
  Value isNan = v.compare(arith::CmpFPredicate::UNO, v.x[1], v.x[1]);
  return v.select(isNan, v.x[0], best);
}

static Value withSignOf(const Operands &v, Value magnitude, Value sign) {
  return LLVM::CopySignOp::create(v.b, v.loc, magnitude, sign);
}

/// Towards zero: the floor of the magnitude with the sign put back.
static Value emitTrunc(const Operands &v) {
  Value magnitude = LLVM::FAbsOp::create(v.b, v.loc, v.x[0]);
  return withSignOf(v, emitFloor(v.b, v.loc, magnitude, v.target), v.x[0]);
}

/// Halves away from zero. Adding 0.5 would round 0.49999997 up, so the fraction
/// is compared.
static Value emitRound(const Operands &v) {
  Value magnitude = LLVM::FAbsOp::create(v.b, v.loc, v.x[0]);
  Value floor = emitFloor(v.b, v.loc, magnitude, v.target);
  Value fraction = v.make<arith::SubFOp>(magnitude, floor);
  Value isHalf = v.compare(arith::CmpFPredicate::OGE, fraction, v.real(0.5));
  Value step = v.select(isHalf, v.real(1.0), v.real(0.0));
  return withSignOf(v, v.make<arith::AddFOp>(floor, step), v.x[0]);
}

static Value isInfinite(const Operands &v) {
  Value magnitude = LLVM::FAbsOp::create(v.b, v.loc, v.x[0]);
  return v.compare(arith::CmpFPredicate::OEQ, magnitude, v.real(INFINITY));
}

static Value isFinite(const Operands &v) {
  Value magnitude = LLVM::FAbsOp::create(v.b, v.loc, v.x[0]);
  return v.compare(arith::CmpFPredicate::OLT, magnitude, v.real(INFINITY));
}

//===-- the table
//-----------------------------------------------------------===//

#define EMIT(...) [](const Operands &v) -> Value { return __VA_ARGS__; }

static const Row rows[] = {
    {"arith.constant", emitConstant},
    {"arith.addf"},
    {"arith.subf"},
    {"arith.mulf"},
    {"arith.divf"},
    {"arith.negf"},
    {"arith.maximumf"},
    {"arith.minimumf"},
    {"arith.maxnumf", emitNumber<true>},
    {"arith.minnumf", emitNumber<false>},
    {"arith.cmpf"},
    {"arith.cmpi"},
    {"arith.select"},
    {"arith.addi"},
    {"arith.subi"},
    {"arith.muli"},
    {"arith.andi"},
    {"arith.ori"},
    {"arith.xori"},
    {"arith.maxsi"},
    {"arith.minsi"},
    {"arith.maxui"},
    {"arith.minui"},
    {"arith.divsi", emitQuotient},
    {"arith.remsi", emitRemainder},
    {"arith.divui", emitUnsignedQuotient},
    {"arith.remui", emitUnsignedRemainder},
    {"arith.ceildivsi", EMIT(emitRoundedQuotient(v, /*isCeil=*/true))},
    {"arith.floordivsi", EMIT(emitRoundedQuotient(v, /*isCeil=*/false))},
    {"arith.shli", emitShift<arith::ShLIOp>},
    {"arith.shrsi", emitShift<arith::ShRSIOp>},
    {"arith.shrui", emitShift<arith::ShRUIOp>},
    {"arith.extsi"},
    {"arith.extui"},
    {"arith.trunci"},
    {"arith.index_cast"},
    {"arith.index_castui"},
    {"arith.bitcast"},
    {"arith.sitofp"},
    {"arith.uitofp"},
    {"arith.fptosi", emitToInteger<true>},
    {"arith.fptoui", emitToInteger<false>},
    {"arith.truncf"},
    {"arith.extf"},
    {"math.absf", EMIT(LLVM::FAbsOp::create(v.b, v.loc, v.x[0]))},
    {"math.absi", emitIntegerAbs},
    {"math.ctlz", emitBitIntrinsic<LLVM::CountLeadingZerosOp>},
    {"math.cttz", emitBitIntrinsic<LLVM::CountTrailingZerosOp>},
    {"math.ctpop", EMIT(LLVM::CtPopOp::create(v.b, v.loc, v.x[0]))},
    {"math.copysign", EMIT(withSignOf(v, v.x[0], v.x[1]))},
    {"math.isnan", EMIT(v.compare(arith::CmpFPredicate::UNO, v.x[0], v.x[0]))},
    {"math.isinf", isInfinite},
    {"math.isfinite", isFinite},
    {"math.ceil", EMIT(v.unary(emitCeil)), true},
    {"math.floor", EMIT(v.unary(emitFloor)), true},
    {"math.trunc", emitTrunc, true},
    {"math.round", emitRound, true},
    {"math.roundeven", EMIT(v.unary(emitRoundEven)), true},
    {"math.sqrt", EMIT(v.unary(emitSqrt)), true},
    {"math.rsqrt", EMIT(v.unary(emitRsqrt)), true},
    {"math.exp", EMIT(v.unary(emitExp)), true},
    {"math.log", EMIT(v.unary(emitLog)), true},
    {"math.tanh", EMIT(v.unary(emitTanh)), true},
    {"math.erf", EMIT(v.unary(emitErf)), true},
    {"math.powf", EMIT(emitPow(v.b, v.loc, v.x[0], v.x[1], v.target)), true},
    {"math.exp2", EMIT(emitPow(v.b, v.loc, v.real(2.0), v.x[0], v.target)),
     true},
    {"math.fma",
     EMIT(emitMultiplyAdd(v.b, v.loc, v.x[0], v.x[1], v.x[2], v.target)), true},
};

#undef EMIT

static const Row *findRow(Operation *op) {
  for (const Row &row : rows)
    if (row.name == op->getName().getStringRef())
      return &row;
  return nullptr;
}

/// f16 and its kind become calls of compiler-rt on some machines.
static bool isEmittableType(Type type) {
  if (auto integer = dyn_cast<IntegerType>(type))
    return integer.isSignless() &&
           llvm::is_contained({1, 8, 16, 32, 64}, integer.getWidth());
  return type.isIndex() || type.isF32() || type.isF64();
}

bool kernel::isEmittableScalar(Operation *op) {
  const Row *row = findRow(op);
  if (!row || op->getNumResults() != 1 ||
      !llvm::all_of(op->getOperandTypes(), isEmittableType) ||
      !llvm::all_of(op->getResultTypes(), isEmittableType))
    return false;
  return !row->isMath || op->getResult(0).getType().isF32();
}

Value kernel::emitScalar(KernelBuilder &k, Operation *op,
                         ArrayRef<Value> operands, int64_t lanes) {
  Operands v{
      k, k.b, op->getLoc(), op, operands, lanes, MathTarget::get(k.machine)};
  Emit emit = findRow(op)->emit;
  return emit ? emit(v) : copyOnVectors(v);
}
