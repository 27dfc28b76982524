//===- ScalarOperators.cpp - arith and math on one number -----------------===//
//
// One row per operation. Unsigned operations look at the low bits of the
// sign-extended number, as many as its type has.
//
//===----------------------------------------------------------------------===//
#include "targets/evaluator/ScalarOperators.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "targets/evaluator/Operators.h"
#include "llvm/ADT/bit.h"
#include <cmath>

using namespace mlir;
using namespace edgec::evaluator;

using Args = ArrayRef<Scalar>;

static unsigned widthOf(Type type) {
  return type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
}

/// The number as an unsigned one of the type's width.
static uint64_t bitsOf(Type type, int64_t value) {
  unsigned width = widthOf(type);
  return width >= 64
             ? uint64_t(value)
             : uint64_t(value) & llvm::maskTrailingOnes<uint64_t>(width);
}

/// The number of the type with these low bits.
static int64_t fromBits(Type type, uint64_t bits) {
  return type.isIndex() ? int64_t(bits) : wrapTo(type, int64_t(bits));
}

static Type operandType(Operation *op) { return op->getOperand(0).getType(); }
static Type resultType(Operation *op, int) {
  return op->getResult(0).getType();
}

/// An integer result.
static Scalar integer(Operation *op, uint64_t bits) {
  return {0.0, fromBits(resultType(op, 0), bits)};
}

static Scalar real(double value) { return {value, 0}; }

//===-- integers
//-----------------------------------------------------------===//

namespace {
/// Quotient and remainder towards zero; by zero both are 0.
struct Division {
  int64_t quotient = 0, remainder = 0;
};
} // namespace

static Division divide(int64_t a, int64_t b) {
  if (b == 0)
    return {};
  if (b == -1)
    return {int64_t(-uint64_t(a)), 0};
  return {a / b, a % b};
}

static Division divideUnsigned(Operation *op, Args x) {
  uint64_t a = bitsOf(operandType(op), x[0].integer);
  uint64_t b = bitsOf(operandType(op), x[1].integer);
  if (b == 0)
    return {};
  return {int64_t(a / b), int64_t(a % b)};
}

static Scalar ceilDivide(Operation *op, Args x) {
  Division d = divide(x[0].integer, x[1].integer);
  bool up = d.remainder != 0 && (x[0].integer < 0) == (x[1].integer < 0);
  return integer(op, d.quotient + up);
}

static Scalar floorDivide(Operation *op, Args x) {
  Division d = divide(x[0].integer, x[1].integer);
  bool down = d.remainder != 0 && (x[0].integer < 0) != (x[1].integer < 0);
  return integer(op, d.quotient - down);
}

/// The shift's amount, at most the width.
static unsigned amountOf(Operation *op, Args x) {
  uint64_t amount = bitsOf(operandType(op), x[1].integer);
  return std::min<uint64_t>(amount, widthOf(operandType(op)));
}

static Scalar shiftLeft(Operation *op, Args x) {
  unsigned amount = amountOf(op, x);
  return integer(op, amount > 63 ? 0 : uint64_t(x[0].integer) << amount);
}

static Scalar shiftRight(Operation *op, Args x) {
  return integer(op, x[0].integer >> std::min(amountOf(op, x), 63u));
}

static Scalar shiftRightUnsigned(Operation *op, Args x) {
  unsigned amount = amountOf(op, x);
  uint64_t bits = bitsOf(operandType(op), x[0].integer);
  return integer(op, amount > 63 ? 0 : bits >> amount);
}

static Scalar compareIntegers(Operation *op, Args x) {
  arith::CmpIPredicate predicate = cast<arith::CmpIOp>(op).getPredicate();
  unsigned width = widthOf(operandType(op));
  APInt a(width, bitsOf(operandType(op), x[0].integer));
  APInt b(width, bitsOf(operandType(op), x[1].integer));
  return {0.0, arith::applyCmpPredicate(predicate, a, b)};
}

//===-- floats
//-------------------------------------------------------------===//

static Scalar compareReals(Operation *op, Args x) {
  arith::CmpFPredicate predicate = cast<arith::CmpFOp>(op).getPredicate();
  return {0.0, arith::applyCmpPredicate(predicate, APFloat(x[0].real),
                                        APFloat(x[1].real))};
}

static double largest(double a, double b) {
  return std::isnan(a) || std::isnan(b) ? NAN : std::max(a, b);
}

static double smallest(double a, double b) {
  return std::isnan(a) || std::isnan(b) ? NAN : std::min(a, b);
}

static Scalar toInteger(Operation *op, double value, bool isUnsigned) {
  unsigned width = widthOf(resultType(op, 0));
  double low = isUnsigned ? 0.0 : -std::ldexp(1.0, width - 1);
  double high = std::ldexp(1.0, isUnsigned ? width : width - 1);
  value = std::isnan(value) ? 0.0 : std::trunc(value);
  if (value < low)
    return integer(op, uint64_t(isUnsigned ? 0 : int64_t(1) << (width - 1)));
  if (value >= high)
    return integer(op, isUnsigned ? ~uint64_t(0)
                                  : (uint64_t(1) << (width - 1)) - 1);
  return integer(op, isUnsigned ? uint64_t(value) : uint64_t(int64_t(value)));
}

/// An integer may have more digits than the float type.
static Scalar rounded(Operation *op, double value) {
  return real(roundTo(cast<FloatType>(resultType(op, 0)), value));
}

static Scalar constant(Operation *op, Args) {
  Attribute value = cast<arith::ConstantOp>(op).getValue();
  if (auto number = dyn_cast<FloatAttr>(value))
    return real(number.getValueAsDouble());
  APInt bits = cast<IntegerAttr>(value).getValue();
  return integer(op, bits.sextOrTrunc(64).getZExtValue());
}

static Scalar bitcast(Operation *op, Args x) {
  Type from = operandType(op), to = resultType(op, 0);
  APInt bits;
  if (auto floating = dyn_cast<FloatType>(from)) {
    APFloat value(x[0].real);
    bool losesInfo;
    value.convert(floating.getFloatSemantics(), APFloat::rmNearestTiesToEven,
                  &losesInfo);
    bits = value.bitcastToAPInt();
  } else {
    bits = APInt(widthOf(from), bitsOf(from, x[0].integer));
  }
  if (auto floating = dyn_cast<FloatType>(to))
    return real(APFloat(floating.getFloatSemantics(), bits).convertToDouble());
  return integer(op, bits.getZExtValue());
}

static Scalar select(Operation *, Args x) { return x[0].integer ? x[1] : x[2]; }

static unsigned leadingZeros(Operation *op, Args x) {
  unsigned width = widthOf(operandType(op));
  return APInt(width, bitsOf(operandType(op), x[0].integer)).countl_zero();
}

static unsigned trailingZeros(Operation *op, Args x) {
  unsigned width = widthOf(operandType(op));
  return APInt(width, bitsOf(operandType(op), x[0].integer)).countr_zero();
}

//===-- the table
//----------------------------------------------------------===//

namespace {
struct Row {
  StringRef name;
  ScalarFormula formula;
};
} // namespace

#define ROW(NAME, ...)                                                         \
  {NAME, [](Operation *op, Args x) -> Scalar { return __VA_ARGS__; }}
#define REAL(NAME, ...)                                                        \
  {NAME, [](Operation *, Args x) -> Scalar { return real(__VA_ARGS__); }}

static const Row rows[] = {
    {"arith.constant", constant},
    REAL("arith.addf", x[0].real + x[1].real),
    REAL("arith.subf", x[0].real - x[1].real),
    REAL("arith.mulf", x[0].real *x[1].real),
    REAL("arith.divf", x[0].real / x[1].real),
    REAL("arith.remf", std::fmod(x[0].real, x[1].real)),
    REAL("arith.negf", -x[0].real),
    REAL("arith.maximumf", largest(x[0].real, x[1].real)),
    REAL("arith.minimumf", smallest(x[0].real, x[1].real)),
    REAL("arith.maxnumf", std::fmax(x[0].real, x[1].real)),
    REAL("arith.minnumf", std::fmin(x[0].real, x[1].real)),
    {"arith.cmpf", compareReals},
    {"arith.cmpi", compareIntegers},
    {"arith.select", select},
    ROW("arith.addi", integer(op, uint64_t(x[0].integer) + x[1].integer)),
    ROW("arith.subi", integer(op, uint64_t(x[0].integer) - x[1].integer)),
    ROW("arith.muli", integer(op, uint64_t(x[0].integer) * x[1].integer)),
    ROW("arith.divsi",
        integer(op, divide(x[0].integer, x[1].integer).quotient)),
    ROW("arith.remsi",
        integer(op, divide(x[0].integer, x[1].integer).remainder)),
    ROW("arith.divui", integer(op, divideUnsigned(op, x).quotient)),
    ROW("arith.remui", integer(op, divideUnsigned(op, x).remainder)),
    {"arith.ceildivsi", ceilDivide},
    {"arith.floordivsi", floorDivide},
    ROW("arith.andi", integer(op, x[0].integer &x[1].integer)),
    ROW("arith.ori", integer(op, x[0].integer | x[1].integer)),
    ROW("arith.xori", integer(op, x[0].integer ^ x[1].integer)),
    {"arith.shli", shiftLeft},
    {"arith.shrsi", shiftRight},
    {"arith.shrui", shiftRightUnsigned},
    ROW("arith.maxsi", integer(op, std::max(x[0].integer, x[1].integer))),
    ROW("arith.minsi", integer(op, std::min(x[0].integer, x[1].integer))),
    ROW("arith.maxui",
        integer(op, std::max(bitsOf(operandType(op), x[0].integer),
                             bitsOf(operandType(op), x[1].integer)))),
    ROW("arith.minui",
        integer(op, std::min(bitsOf(operandType(op), x[0].integer),
                             bitsOf(operandType(op), x[1].integer)))),
    ROW("arith.extsi",
        integer(op,
                operandType(op).isInteger(1) ? -x[0].integer : x[0].integer)),
    ROW("arith.extui", integer(op, bitsOf(operandType(op), x[0].integer))),
    ROW("arith.trunci", integer(op, x[0].integer)),
    ROW("arith.index_cast",
        integer(op,
                operandType(op).isInteger(1) ? -x[0].integer : x[0].integer)),
    ROW("arith.index_castui",
        integer(op, bitsOf(operandType(op), x[0].integer))),
    {"arith.bitcast", bitcast},
    ROW("arith.sitofp", rounded(op, double(x[0].integer))),
    ROW("arith.uitofp",
        rounded(op, double(bitsOf(operandType(op), x[0].integer)))),
    ROW("arith.fptosi", toInteger(op, x[0].real, false)),
    ROW("arith.fptoui", toInteger(op, x[0].real, true)),
    ROW("arith.truncf", rounded(op, x[0].real)),
    REAL("arith.extf", x[0].real),
    REAL("math.absf", std::abs(x[0].real)),
    ROW("math.absi",
        integer(op, x[0].integer < 0 ? -uint64_t(x[0].integer) : x[0].integer)),
    ROW("math.ctlz", integer(op, leadingZeros(op, x))),
    ROW("math.cttz", integer(op, trailingZeros(op, x))),
    ROW("math.ctpop",
        integer(op, llvm::popcount(bitsOf(operandType(op), x[0].integer)))),
    REAL("math.ceil", std::ceil(x[0].real)),
    REAL("math.floor", std::floor(x[0].real)),
    REAL("math.trunc", std::trunc(x[0].real)),
    REAL("math.round", std::round(x[0].real)),
    REAL("math.roundeven", roundEven(x[0].real)),
    REAL("math.copysign", std::copysign(x[0].real, x[1].real)),
    REAL("math.sqrt", std::sqrt(x[0].real)),
    REAL("math.rsqrt", 1.0 / std::sqrt(x[0].real)),
    REAL("math.exp", std::exp(x[0].real)),
    REAL("math.exp2", std::exp2(x[0].real)),
    REAL("math.expm1", std::expm1(x[0].real)),
    REAL("math.log", std::log(x[0].real)),
    REAL("math.log2", std::log2(x[0].real)),
    REAL("math.log10", std::log10(x[0].real)),
    REAL("math.log1p", std::log1p(x[0].real)),
    REAL("math.sin", std::sin(x[0].real)),
    REAL("math.cos", std::cos(x[0].real)),
    REAL("math.tan", std::tan(x[0].real)),
    REAL("math.asin", std::asin(x[0].real)),
    REAL("math.acos", std::acos(x[0].real)),
    REAL("math.atan", std::atan(x[0].real)),
    REAL("math.sinh", std::sinh(x[0].real)),
    REAL("math.cosh", std::cosh(x[0].real)),
    REAL("math.tanh", std::tanh(x[0].real)),
    REAL("math.asinh", std::asinh(x[0].real)),
    REAL("math.acosh", std::acosh(x[0].real)),
    REAL("math.atanh", std::atanh(x[0].real)),
    REAL("math.erf", std::erf(x[0].real)),
    REAL("math.powf", std::pow(x[0].real, x[1].real)),
    REAL("math.fma", x[0].real *x[1].real + x[2].real),
    ROW("math.isnan", {0.0, std::isnan(x[0].real)}),
    ROW("math.isinf", {0.0, std::isinf(x[0].real)}),
    ROW("math.isfinite", {0.0, std::isfinite(x[0].real)}),
};

#undef ROW
#undef REAL

ScalarFormula edgec::evaluator::findScalarFormula(Operation *op) {
  for (const Row &row : rows)
    if (row.name == op->getName().getStringRef())
      return row.formula;
  return nullptr;
}
