//===- CastOperators.cpp - conversions between element types -------------===//
//
// Vectors are in the computed form, so that only three kinds of numbers meet:
// f32, f64 and integers. What f16 and bf16 cannot hold is rounded away at once,
// by a trip to their bits and back.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/OperatorTable.h"
#include <cmath>

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

using Predicate = arith::CmpFPredicate;

namespace {
/// The vectors of one conversion.
struct Conversion {
  const VectorOperands &v;
  Type from, to;

  VectorType vector(Type element) const {
    return cast<VectorType>(v.x[0].getType()).clone(element);
  }
  VectorType result() const { return vector(computedType(to)); }
  template <typename Op> Value make(Type type, Value x) const {
    return Op::create(v.b, v.loc, type, x);
  }
  Value constant(VectorType type, TypedAttr number) const {
    return arith::ConstantOp::create(
        v.b, v.loc, SplatElementsAttr::get(type, Attribute(number)));
  }

  Value fromInteger() const;
  Value fromReal() const;
  Value realToInteger() const;
  Value realToReal(Value x) const;
};
} // namespace

static bool isHalf(Type element) { return element.isF16() || element.isBF16(); }

/// The largest number of `real` below 2^bits, past which a conversion to that
/// many bits is undefined.
static double largestBelow(Type real, unsigned bits) {
  double limit = std::ldexp(1.0, int(bits));
  unsigned digits = real.isF64() ? 53 : 24;
  if (bits <= digits)
    return limit - 1;
  return real.isF64() ? std::nextafter(limit, 0.0)
                      : double(std::nextafter(float(limit), 0.0f));
}

/// Truncates and saturates; the bound itself comes in after the conversion.
Value Conversion::realToInteger() const {
  Value x = v.x[0];
  auto real = cast<VectorType>(x.getType());
  Type element = real.getElementType();
  auto number = [&](double value) {
    return constant(real, v.b.getFloatAttr(element, value));
  };
  if (to.isInteger(1))
    return v.compare(Predicate::UNE, x, number(0));
  bool isUnsigned = isUnsignedElement(to);
  unsigned width = to.getIntOrFloatBitWidth(), bits = width - !isUnsigned;
  double limit = std::ldexp(1.0, int(bits));
  Value isNumber = v.compare(Predicate::ORD, x, x);
  Value inside = v.select(isNumber, x, number(0));
  inside = emitAtLeast(v.b, v.loc, inside, number(isUnsigned ? 0 : -limit),
                       v.target);
  inside = emitAtMost(v.b, v.loc, inside, number(largestBelow(element, bits)),
                      v.target);
  // Narrow integers go through i32, whose conversions every machine has.
  Value converted;
  if (width < 32) {
    converted = make<arith::FPToSIOp>(vector(v.b.getI32Type()), inside);
    converted = make<arith::TruncIOp>(result(), converted);
  } else if (isUnsigned) {
    converted = make<arith::FPToUIOp>(result(), inside);
  } else {
    converted = make<arith::FPToSIOp>(result(), inside);
  }
  Value past = v.compare(Predicate::OGE, x, number(limit));
  llvm::APInt largest = isUnsigned ? llvm::APInt::getMaxValue(width)
                                   : llvm::APInt::getSignedMaxValue(width);
  return v.select(
      past, constant(result(), v.b.getIntegerAttr(computedType(to), largest)),
      converted);
}

/// `x` is f32 or f64.
Value Conversion::realToReal(Value x) const {
  Type element = getElementTypeOrSelf(x.getType());
  if (isHalf(to)) {
    if (element.isF64())
      x = emitRoundToOdd(v.b, v.loc, x);
    return emitWiden(v.b, v.loc, emitNarrow(v.b, v.loc, x, to), to);
  }
  if (element == to)
    return x;
  if (to.isF64())
    return make<arith::ExtFOp>(result(), x);
  return make<arith::TruncFOp>(result(), x);
}

Value Conversion::fromReal() const {
  return isa<FloatType>(to) ? realToReal(v.x[0]) : realToInteger();
}

Value Conversion::fromInteger() const {
  Value x = v.x[0];
  bool isUnsigned = isUnsignedElement(from);
  unsigned fromWidth = from.getIntOrFloatBitWidth();
  if (isa<FloatType>(to)) {
    // 16 bits fit a float; more would be rounded twice on the way to a half.
    bool exact = !isHalf(to) || fromWidth <= 16;
    VectorType real =
        exact ? result() : vector(Float64Type::get(v.b.getContext()));
    Value number = isUnsigned ? make<arith::UIToFPOp>(real, x)
                              : make<arith::SIToFPOp>(real, x);
    return isHalf(to) ? realToReal(number) : number;
  }
  if (to.isInteger(1)) {
    return from.isInteger(1)
               ? x
               : v.compare(arith::CmpIPredicate::ne, x, v.integer(0));
  }
  unsigned toWidth = to.getIntOrFloatBitWidth();
  if (fromWidth < toWidth)
    return isUnsigned ? make<arith::ExtUIOp>(result(), x)
                      : make<arith::ExtSIOp>(result(), x);
  return fromWidth > toWidth ? make<arith::TruncIOp>(result(), x) : x;
}

Value kernel::emitCast(const VectorOperands &v) {
  Conversion conversion{v, v.operandElement(), v.resultElement()};
  return isa<FloatType>(conversion.from) ? conversion.fromReal()
                                         : conversion.fromInteger();
}

/// Between the stored forms, which are the bits.
Value kernel::emitBitcast(const VectorOperands &v) {
  Value stored = emitNarrow(v.b, v.loc, v.x[0], v.operandElement());
  Type to = v.resultElement();
  Type wanted = withElement(stored.getType(), storedType(to));
  if (stored.getType() != wanted)
    stored = arith::BitcastOp::create(v.b, v.loc, wanted, stored);
  return emitWiden(v.b, v.loc, stored, to);
}
