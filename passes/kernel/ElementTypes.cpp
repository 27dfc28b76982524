//===- ElementTypes.cpp - a tensor's elements in memory and registers
//------===//
//
// The 16-bit floats are converted with integer arithmetic and a few operations
// on f32: half of our targets lack the instructions, for which LLVM would call
// a library. Each form is a dozen vector instructions, without branches.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/ElementTypes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

//===-- types ------------------------------------------------------------===//

bool kernel::isEmittableElement(Type element) {
  if (auto integer = dyn_cast<IntegerType>(element))
    return integer.getWidth() == 1 ||
           llvm::is_contained({8, 16, 32, 64}, integer.getWidth());
  return element.isF16() || element.isBF16() || element.isF32() ||
         element.isF64();
}

Type kernel::elementOf(Type tensor) {
  return cast<ShapedType>(tensor).getElementType();
}

static bool isHalf(Type element) { return element.isF16() || element.isBF16(); }

Type kernel::storedType(Type element) {
  if (isHalf(element))
    return IntegerType::get(element.getContext(), 16);
  if (auto integer = dyn_cast<IntegerType>(element))
    return IntegerType::get(element.getContext(),
                            std::max(integer.getWidth(), 8u));
  return element;
}

int64_t kernel::lineElements(Type element) {
  return 64 / (storedType(element).getIntOrFloatBitWidth() / 8);
}

Type kernel::computedType(Type element) {
  if (isHalf(element))
    return Float32Type::get(element.getContext());
  if (auto integer = dyn_cast<IntegerType>(element))
    return IntegerType::get(element.getContext(), integer.getWidth());
  return element;
}

bool kernel::isUnsignedElement(Type element) {
  return element.isUnsignedInteger() || element.isInteger(1);
}

Type kernel::withElement(Type type, Type element) {
  if (auto vector = dyn_cast<VectorType>(type))
    return vector.clone(element);
  return element;
}

/// A number that int64_t cannot hold becomes the nearest that it can.
static TypedAttr integerNumber(Type type, double value) {
  auto integer = cast<IntegerType>(type);
  value = value == value ? std::clamp(value, -0x1p63, 0x1.fffffffffffffp62) : 0;
  return IntegerAttr::get(integer, APInt(integer.getWidth(), int64_t(value),
                                         /*isSigned=*/true,
                                         /*implicitTrunc=*/true));
}

TypedAttr kernel::computedNumber(Type element, double value) {
  Type type = computedType(element);
  if (isa<FloatType>(type))
    return FloatAttr::get(type, value);
  return integerNumber(type, value);
}

TypedAttr kernel::storedNumber(Type element, double value) {
  if (!isHalf(element))
    return isa<FloatType>(element) ? TypedAttr(FloatAttr::get(element, value))
                                   : integerNumber(storedType(element), value);
  APFloat rounded(value);
  bool losesInfo;
  rounded.convert(cast<FloatType>(element).getFloatSemantics(),
                  APFloat::rmNearestTiesToEven, &losesInfo);
  return IntegerAttr::get(storedType(element), rounded.bitcastToAPInt());
}

//===-- conversions ------------------------------------------------------===//

namespace {
/// Arithmetic on the bits of f32: the notation of this file.
class Bits {
public:
  Bits(OpBuilder &b, Location loc, Type like)
      : b(b), loc(loc), i16(withElement(like, b.getI16Type())),
        i32(withElement(like, b.getI32Type())),
        f32(withElement(like, b.getF32Type())) {}

  Value constant(Type type, TypedAttr element) const {
    if (auto vector = dyn_cast<VectorType>(type))
      return arith::ConstantOp::create(
          b, loc, SplatElementsAttr::get(vector, Attribute(element)));
    return arith::ConstantOp::create(b, loc, element);
  }
  Value c(int32_t value) const {
    return constant(i32, b.getI32IntegerAttr(value));
  }
  Value real(float value) const {
    return constant(f32, b.getF32FloatAttr(value));
  }
  template <typename Op> Value make(Value x, Value y) const {
    return Op::create(b, loc, x, y);
  }
  template <typename Op> Value to(Type type, Value x) const {
    return Op::create(b, loc, type, x);
  }
  Value both(Value x, int32_t mask) const {
    return make<arith::AndIOp>(x, c(mask));
  }
  Value either(Value x, Value y) const { return make<arith::OrIOp>(x, y); }
  Value add(Value x, Value y) const { return make<arith::AddIOp>(x, y); }
  Value left(Value x, int32_t count) const {
    return make<arith::ShLIOp>(x, c(count));
  }
  Value right(Value x, int32_t count) const {
    return make<arith::ShRUIOp>(x, c(count));
  }
  Value bits(Value x) const { return to<arith::BitcastOp>(i32, x); }
  Value asReal(Value x) const { return to<arith::BitcastOp>(f32, x); }
  Value less(Value x, int32_t bound) const {
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, x,
                                 c(bound));
  }
  Value select(Value condition, Value x, Value y) const {
    return arith::SelectOp::create(b, loc, condition, x, y);
  }

  Value fromHalf(Value half) const;
  Value toHalf(Value x) const;
  Value fromBrain(Value brain) const;
  Value toBrain(Value x) const;

  OpBuilder &b;
  Location loc;
  Type i16, i32, f32;
};
} // namespace

/// The half's exponent and fraction in the place of f32's, times 2^112 to move
/// the exponent's bias; that product also normalizes what was denormal.
Value Bits::fromHalf(Value half) const {
  Value wide = to<arith::ExtUIOp>(i32, half);
  Value magnitude = left(both(wide, 0x7fff), 13);
  Value scaled = make<arith::MulFOp>(asReal(magnitude), real(0x1p112f));
  // Infinity and NaN have the largest exponent on both sides.
  Value special = either(magnitude, c(0x7f800000));
  Value finite = less(magnitude, 0x0f800000);
  Value result = select(finite, bits(scaled), special);
  return asReal(either(result, left(both(wide, 0x8000), 16)));
}

/// Adding a number whose last place is the half's rounds in the adder: for
/// normal halves on the bits (half of the last place, less one if even), for
/// denormal ones with the number 0.5.
Value Bits::toHalf(Value x) const {
  Value all = bits(x);
  Value magnitude = both(all, 0x7fffffff);
  Value sign = right(both(all, int32_t(0x80000000)), 16);
  Value odd = both(right(magnitude, 13), 1);
  Value normal = right(add(add(magnitude, c(int32_t(0xc8000fffu))), odd), 13);
  Value sum = make<arith::AddFOp>(asReal(magnitude), real(0.5f));
  Value denormal = make<arith::SubIOp>(bits(sum), c(0x3f000000));
  Value result = select(less(magnitude, 0x38800000), denormal, normal);
  // From 65520 on the nearest is infinity; past infinity are the NaNs.
  result = select(less(magnitude, 0x477ff000), result, c(0x7c00));
  result = select(less(magnitude, 0x7f800001), result, c(0x7e00));
  return to<arith::TruncIOp>(i16, either(result, sign));
}

Value Bits::fromBrain(Value brain) const {
  return asReal(left(to<arith::ExtUIOp>(i32, brain), 16));
}

/// Half of the last place, less one if that is even; a NaN must not carry
/// over into infinity.
Value Bits::toBrain(Value x) const {
  Value all = bits(x);
  Value odd = both(right(all, 16), 1);
  Value rounded = right(add(add(all, c(0x7fff)), odd), 16);
  Value quiet = either(right(all, 16), c(0x40));
  Value result =
      select(less(both(all, 0x7fffffff), 0x7f800001), rounded, quiet);
  return to<arith::TruncIOp>(i16, result);
}

Value kernel::emitWiden(OpBuilder &b, Location loc, Value stored,
                        Type element) {
  Bits v(b, loc, stored.getType());
  if (element.isF16())
    return v.fromHalf(stored);
  if (element.isBF16())
    return v.fromBrain(stored);
  if (!element.isInteger(1))
    return stored;
  Value zero = v.constant(stored.getType(), b.getI8IntegerAttr(0));
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, stored, zero);
}

Value kernel::emitNarrow(OpBuilder &b, Location loc, Value computed,
                         Type element) {
  Type stored = withElement(computed.getType(), storedType(element));
  if (computed.getType() == stored)
    return computed;
  if (element.isF16())
    return Bits(b, loc, stored).toHalf(computed);
  if (element.isBF16())
    return Bits(b, loc, stored).toBrain(computed);
  return arith::ExtUIOp::create(b, loc, stored, computed);
}

/// Towards zero where rounding went away from it, then odd if anything was
/// lost.
Value kernel::emitRoundToOdd(OpBuilder &b, Location loc, Value wide) {
  Bits v(b, loc, wide.getType());
  Value nearest = arith::TruncFOp::create(b, loc, v.f32, wide);
  Value back = arith::ExtFOp::create(b, loc, wide.getType(), nearest);
  auto magnitude = [&](Value x) -> Value {
    return LLVM::FAbsOp::create(b, loc, x);
  };
  Value away = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT,
                                     magnitude(back), magnitude(wide));
  Value inexact =
      arith::CmpFOp::create(b, loc, arith::CmpFPredicate::ONE, back, wide);
  Value one = v.c(1), zero = v.c(0);
  Value towards =
      v.make<arith::SubIOp>(v.bits(nearest), v.select(away, one, zero));
  return v.asReal(v.either(towards, v.select(inexact, one, zero)));
}

Value kernel::emitFactor(OpBuilder &builder, Location loc, Value narrow,
                         Type element, int64_t zeroPoint) {
  auto extend = [&](Value value, unsigned width, bool isUnsigned) -> Value {
    Type type = withElement(value.getType(), builder.getIntegerType(width));
    return isUnsigned
               ? arith::ExtUIOp::create(builder, loc, type, value).getResult()
               : arith::ExtSIOp::create(builder, loc, type, value).getResult();
  };
  bool isByte = element.getIntOrFloatBitWidth() == 8;
  Value factor = extend(narrow, isByte ? 16 : 32, isUnsignedElement(element));
  if (zeroPoint != 0) {
    TypedAttr number = builder.getIntegerAttr(
        getElementTypeOrSelf(factor.getType()), zeroPoint);
    if (auto vector = dyn_cast<VectorType>(factor.getType()))
      number = SplatElementsAttr::get(vector, Attribute(number));
    Value zero = arith::ConstantOp::create(builder, loc, number);
    factor = arith::SubIOp::create(builder, loc, factor, zero);
  }
  return isByte ? extend(factor, 32, /*isUnsigned=*/false) : factor;
}
