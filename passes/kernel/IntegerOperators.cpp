//===- IntegerOperators.cpp - division, shifts, powers of integers -------===//
//
// Whatever the processor does with a division by zero or a shift by more than
// the width, kernels do not: each form here is defined for all operands, and
// gives the same on every machine.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Integer.h"
#include "dialects/schedule/Schedule.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/OperatorTable.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

using Predicate = arith::CmpIPredicate;

Value VectorOperands::integer(int64_t value) const {
  auto type = cast<VectorType>(x[0].getType());
  return arith::ConstantOp::create(
      b, loc,
      SplatElementsAttr::get(
          type, Attribute(b.getIntegerAttr(type.getElementType(), value))));
}

Value kernel::emitIntegerSign(const VectorOperands &v) {
  Value one = arith::MinSIOp::create(v.b, v.loc, v.x[0], v.integer(1));
  return arith::MaxSIOp::create(v.b, v.loc, one, v.integer(-1));
}

Value kernel::emitIntegerAbs(const VectorOperands &v) {
  Value negative = arith::SubIOp::create(v.b, v.loc, v.integer(0), v.x[0]);
  return arith::MaxSIOp::create(v.b, v.loc, v.x[0], negative);
}

//===-- division ---------------------------------------------------------===//

namespace {
/// A divisor that no processor traps on, and where it was another.
struct SafeDivisor {
  Value divisor, wasZero, wasMinusOne;
};
} // namespace

static SafeDivisor safeDivisor(const VectorOperands &v, bool isSigned) {
  SafeDivisor safe;
  safe.wasZero = v.compare(Predicate::eq, v.x[1], v.integer(0));
  safe.divisor = v.select(safe.wasZero, v.integer(1), v.x[1]);
  if (!isSigned)
    return safe;
  safe.wasMinusOne = v.compare(Predicate::eq, v.x[1], v.integer(-1));
  safe.divisor = v.select(safe.wasMinusOne, v.integer(1), safe.divisor);
  return safe;
}

Value kernel::emitSignedDivision(const VectorOperands &v) {
  SafeDivisor safe = safeDivisor(v, /*isSigned=*/true);
  Value quotient = arith::DivSIOp::create(v.b, v.loc, v.x[0], safe.divisor);
  Value negated = arith::SubIOp::create(v.b, v.loc, v.integer(0), v.x[0]);
  quotient = v.select(safe.wasMinusOne, negated, quotient);
  return v.select(safe.wasZero, v.integer(0), quotient);
}

Value kernel::emitUnsignedDivision(const VectorOperands &v) {
  SafeDivisor safe = safeDivisor(v, /*isSigned=*/false);
  Value quotient = arith::DivUIOp::create(v.b, v.loc, v.x[0], safe.divisor);
  return v.select(safe.wasZero, v.integer(0), quotient);
}

/// The rest of a division by 1 is the 0 that those by 0 and -1 shall have.
Value kernel::emitSignedRem(const VectorOperands &v) {
  SafeDivisor safe = safeDivisor(v, /*isSigned=*/true);
  return arith::RemSIOp::create(v.b, v.loc, v.x[0], safe.divisor);
}

Value kernel::emitUnsignedRem(const VectorOperands &v) {
  SafeDivisor safe = safeDivisor(v, /*isSigned=*/false);
  return arith::RemUIOp::create(v.b, v.loc, v.x[0], safe.divisor);
}

Value kernel::emitFloorMod(const VectorOperands &v) {
  Value rest = emitSignedRem(v);
  Value signs = arith::XOrIOp::create(v.b, v.loc, rest, v.x[1]);
  Value differ = v.compare(Predicate::slt, signs, v.integer(0));
  Value some = v.compare(Predicate::ne, rest, v.integer(0));
  Value moved = arith::AddIOp::create(v.b, v.loc, rest, v.x[1]);
  Value wrong = arith::AndIOp::create(v.b, v.loc, differ, some);
  return v.select(wrong, moved, rest);
}

//===-- shifts -----------------------------------------------------------===//

static int64_t widthOf(const VectorOperands &v) {
  return cast<VectorType>(v.x[0].getType()).getElementTypeBitWidth();
}

/// At most the width less one; a negative count is a large one.
static Value boundedCount(const VectorOperands &v) {
  return arith::MinUIOp::create(v.b, v.loc, v.x[1], v.integer(widthOf(v) - 1));
}

static Value zeroPastWidth(const VectorOperands &v, Value shifted) {
  Value inside = v.compare(Predicate::ule, v.x[1], v.integer(widthOf(v) - 1));
  return v.select(inside, shifted, v.integer(0));
}

Value kernel::emitShiftLeft(const VectorOperands &v) {
  return zeroPastWidth(
      v, arith::ShLIOp::create(v.b, v.loc, v.x[0], boundedCount(v)));
}

Value kernel::emitSignedShiftRight(const VectorOperands &v) {
  return arith::ShRSIOp::create(v.b, v.loc, v.x[0], boundedCount(v));
}

Value kernel::emitUnsignedShiftRight(const VectorOperands &v) {
  return zeroPastWidth(
      v, arith::ShRUIOp::create(v.b, v.loc, v.x[0], boundedCount(v)));
}

//===-- powers -----------------------------------------------------------===//

/// By squaring, while any lane has a bit of its exponent left.
static Value emitNaturalPow(const VectorOperands &v, Value exponent) {
  Type type = v.x[0].getType();
  SmallVector<Value> inits = {v.integer(1), v.x[0], exponent};
  SmallVector<Type> types(3, type);
  Value zero = v.integer(0), one = v.integer(1);
  auto isSet = [&](OpBuilder &b, Location loc, Value bits) -> Value {
    return arith::CmpIOp::create(b, loc, Predicate::ne, bits, zero);
  };
  auto loop = scf::WhileOp::create(
      v.b, v.loc, types, inits,
      [&](OpBuilder &b, Location loc, ValueRange carried) {
        Value left = vector::ReductionOp::create(
            b, loc, vector::CombiningKind::OR, carried[2]);
        Value none =
            arith::ConstantOp::create(b, loc, b.getZeroAttr(left.getType()));
        Value more = arith::CmpIOp::create(b, loc, Predicate::ne, left, none);
        scf::ConditionOp::create(b, loc, more, carried);
      },
      [&](OpBuilder &b, Location loc, ValueRange carried) {
        Value low = arith::AndIOp::create(b, loc, carried[2], one);
        Value product = arith::MulIOp::create(b, loc, carried[0], carried[1]);
        Value power = arith::SelectOp::create(b, loc, isSet(b, loc, low),
                                              product, carried[0]);
        Value square = arith::MulIOp::create(b, loc, carried[1], carried[1]);
        Value rest = arith::ShRUIOp::create(b, loc, carried[2], one);
        scf::YieldOp::create(b, loc, ValueRange{power, square, rest});
      });
  return loop.getResult(0);
}

/// 1^-n is 1, (-1)^-n alternates, all others truncate to 0.
Value kernel::emitIntegerPow(const VectorOperands &v) {
  bool isUnsigned = isUnsignedElement(v.operandElement());
  if (isUnsigned)
    return emitNaturalPow(v, v.x[1]);
  Value negative = v.compare(Predicate::slt, v.x[1], v.integer(0));
  Value unit = v.compare(Predicate::eq, emitIntegerAbs(v), v.integer(1));
  Value odd = arith::AndIOp::create(v.b, v.loc, v.x[1], v.integer(1));
  Value exponent = v.select(negative, odd, v.x[1]);
  Value power = emitNaturalPow(v, exponent);
  Value inverse = v.select(unit, power, v.integer(0));
  return v.select(negative, inverse, power);
}

//===-- fixed point ------------------------------------------------------===//

namespace {
/// Rows of lanes of i32 or i64.
struct Lanes {
  const VectorOperands &v;

  VectorType type(unsigned width) const {
    return cast<VectorType>(v.x[0].getType()).clone(v.b.getIntegerType(width));
  }
  Value number(int64_t value, unsigned width) const {
    VectorType vector = type(width);
    return arith::ConstantOp::create(
        v.b, v.loc,
        SplatElementsAttr::get(vector, Attribute(v.b.getIntegerAttr(
                                           vector.getElementType(), value))));
  }
  Value wide(Value x) const {
    return arith::ExtSIOp::create(v.b, v.loc, type(64), x);
  }
  Value narrow(Value x) const {
    return arith::TruncIOp::create(v.b, v.loc, type(32), x);
  }
  template <typename Op> Value make(Value lhs, Value rhs) const {
    return Op::create(v.b, v.loc, lhs, rhs);
  }
};
} // namespace

/// x / 2^shift to the nearest, halves away from zero: what the shift drops is
/// compared with half of the divisor. No addition can overflow.
static Value divideByPowerOfTwo(const Lanes &lanes, Value x, Value shift) {
  Value one = lanes.number(1, 32);
  Value mask =
      lanes.make<arith::SubIOp>(lanes.make<arith::ShLIOp>(one, shift), one);
  Value rest = lanes.make<arith::AndIOp>(x, mask);
  Value sign = lanes.make<arith::ShRSIOp>(x, lanes.number(31, 32));
  Value threshold =
      lanes.make<arith::SubIOp>(lanes.make<arith::ShRUIOp>(mask, one), sign);
  Value isMore = lanes.v.compare(Predicate::sgt, rest, threshold);
  Value quotient = lanes.make<arith::ShRSIOp>(x, shift);
  Value more =
      arith::ExtUIOp::create(lanes.v.b, lanes.v.loc, lanes.type(32), isMore);
  return lanes.make<arith::AddIOp>(quotient, more);
}

/// Whether products of 64 bits are had of every other lane (pmuldq), and all of
/// them do not fit a register: extending them would only move them about.
static bool multipliesEveryOther(const VectorOperands &v) {
  schedule::MachineAttr machine = schedule::getMachine(v.op);
  int64_t lanes = cast<VectorType>(v.x[0].getType()).getDimSize(0);
  return machine && llvm::Triple(machine.getTriple()).isX86() &&
         lanes % 2 == 0 && lanes * 64 > machine.getVectorBits();
}

/// floor((x * y + 2^30) / 2^31), the low half: even lanes from one product,
/// odd ones from another.
static Value multiplyHighHalves(const Lanes &lanes, Value x, Value y) {
  OpBuilder &b = lanes.v.b;
  Location loc = lanes.v.loc;
  int64_t count = cast<VectorType>(x.getType()).getDimSize(0);
  auto wide = VectorType::get(count / 2, b.getI64Type());
  auto number = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(
        b, loc,
        SplatElementsAttr::get(wide, Attribute(b.getI64IntegerAttr(value))));
  };
  Value half = number(1 << 30), width = number(32);
  auto odd = [&](Value pairs) {
    return lanes.make<arith::ShRSIOp>(pairs, width);
  };
  auto even = [&](Value pairs) {
    return odd(lanes.make<arith::ShLIOp>(pairs, width));
  };
  Value left = vector::BitCastOp::create(b, loc, wide, x),
        right = vector::BitCastOp::create(b, loc, wide, y);
  auto rounded = [&](Value first, Value second) {
    return lanes.make<arith::AddIOp>(lanes.make<arith::MulIOp>(first, second),
                                     half);
  };
  Value low =
      lanes.make<arith::ShRUIOp>(rounded(even(left), even(right)), number(31));
  Value high =
      lanes.make<arith::ShLIOp>(rounded(odd(left), odd(right)), number(1));
  SmallVector<int64_t> order;
  for (int64_t lane = 0; lane < count; ++lane)
    order.push_back(lane % 2 == 0 ? lane : count + lane);
  return vector::ShuffleOp::create(
      b, loc, vector::BitCastOp::create(b, loc, x.getType(), low),
      vector::BitCastOp::create(b, loc, x.getType(), high), order);
}

Value kernel::emitRescale(const VectorOperands &v) {
  Lanes lanes{v};
  Value shift = lanes.make<arith::AndIOp>(v.x[2], lanes.number(31, 32));
  bool isSingle = cast<edge::RescaleOp>(v.op).getRounding() ==
                  edge::Rounding::single_rounding;
  if (!isSingle && multipliesEveryOther(v))
    return divideByPowerOfTwo(lanes, multiplyHighHalves(lanes, v.x[0], v.x[1]),
                              shift);
  Value product =
      lanes.make<arith::MulIOp>(lanes.wide(v.x[0]), lanes.wide(v.x[1]));
  Value half = lanes.number(1 << 30, 64), digits = lanes.number(31, 64);
  if (isSingle) {
    Value wideShift = lanes.wide(shift);
    half = lanes.make<arith::ShLIOp>(half, wideShift);
    digits = lanes.make<arith::AddIOp>(digits, wideShift);
    Value sum = lanes.make<arith::AddIOp>(product, half);
    return lanes.narrow(lanes.make<arith::ShRSIOp>(sum, digits));
  }
  // Of the quotient only the low half counts: the sign need not be shifted in.
  Value sum = lanes.make<arith::AddIOp>(product, half);
  Value high = lanes.narrow(lanes.make<arith::ShRUIOp>(sum, digits));
  return divideByPowerOfTwo(lanes, high, shift);
}
