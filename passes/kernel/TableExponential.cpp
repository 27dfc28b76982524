//===- TableExponential.cpp - e^x by a table of powers of two -------------===//
//
// x = (n + j / 16) ln2 + r with |r| <= ln2 / 32, so that a polynomial of degree
// 3 gives e^r to 2^-29. Adding a magic number whose last bit is 1/16 leaves j
// in the low four bits, by which vpermps chooses 2^(j/16) from a register, and
// vscalefps multiplies by 2^n, whatever becomes of that: ten instructions where
// a polynomial for |r| <= ln2 / 2 and shifted exponents take thirteen.
//
// The table's powers are all too large by the same factor, 2^(phi/16), which
// the polynomial takes back: phi is one for which all of them lie close to
// numbers of f32 (0.29 of 2^-24), as in S. Gal's accurate tables.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/TableExponential.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <cmath>

using namespace mlir;
using namespace edgec;

/// Lanes of a register, and entries of the table.
static constexpr int64_t registerLanes = 16;

/// Added to |x| < 2^18 it leaves x rounded to a multiple of 1/16.
static constexpr float magic = 786432.0f;

/// The first has so few digits that n / 16 times it is exact for |n| < 2^11.
static constexpr float ln2High = 0.693359375f, ln2Low = -2.12194440e-4f;

static constexpr double phi = 0.02030665;

/// 2^(-phi/16) e^r - 1, from the highest power down.
static constexpr float remainders[] = {0.166520111f, 0.499576516f, 0.999120668f,
                                       -0.000879331736f};

bool kernel::takesExponentialTable(Type type) {
  auto vector = dyn_cast<VectorType>(type);
  return vector && vector.getRank() == 1 && !vector.isScalable() &&
         vector.getElementType().isF32() &&
         vector.getDimSize(0) <= registerLanes;
}

namespace {

/// Instructions on whole registers, whose first lanes are a vector.
class Registers {
public:
  Registers(OpBuilder &b, Location loc, VectorType type)
      : b(b), loc(loc), type(type) {}

  Value constant(float value) const {
    return arith::ConstantOp::create(
        b, loc, SplatElementsAttr::get(type, b.getF32FloatAttr(value)));
  }
  Value fma(Value x, Value y, Value z) const {
    return vector::FMAOp::create(b, loc, x, y, z);
  }
  Value neg(Value x) const { return arith::NegFOp::create(b, loc, x); }
  /// 2^((j + phi) / 16), j being the last four bits of x.
  Value powers(Value x) const;
  /// x 2^floor(n)
  Value scale(Value x, Value n) const;

private:
  VectorType whole(Type element) const {
    return VectorType::get({registerLanes}, element);
  }
  Value widen(Value x) const { return resize(x, registerLanes); }
  Value narrow(Value x) const { return resize(x, type.getDimSize(0)); }
  Value resize(Value x, int64_t lanes) const;
  Value call(StringRef name, ArrayRef<Value> operands) const {
    return narrow(LLVM::CallIntrinsicOp::create(b, loc, whole(b.getF32Type()),
                                                b.getStringAttr(name), operands)
                      .getResult(0));
  }

  OpBuilder &b;
  Location loc;
  VectorType type;
};

} // namespace

/// The vector's first lanes, or all of them and others of any value.
Value Registers::resize(Value x, int64_t lanes) const {
  int64_t from = cast<VectorType>(x.getType()).getDimSize(0);
  if (from == lanes)
    return x;
  SmallVector<int64_t> order;
  order.reserve(lanes);
  for (int64_t lane = 0; lane < lanes; ++lane)
    order.push_back(lane < from ? lane : vector::ShuffleOp::kPoisonIndex);
  return vector::ShuffleOp::create(b, loc, x, x, order);
}

Value Registers::powers(Value x) const {
  SmallVector<float> table;
  table.reserve(registerLanes);
  for (int64_t j = 0; j < registerLanes; ++j)
    table.push_back(
        float(std::exp2((double(j) + phi) / double(registerLanes))));
  Value entries = arith::ConstantOp::create(
      b, loc,
      DenseElementsAttr::get(whole(b.getF32Type()), ArrayRef<float>(table)));
  Value index =
      arith::BitcastOp::create(b, loc, whole(b.getI32Type()), widen(x));
  return call("llvm.x86.avx512.permvar.sf.512", {entries, index});
}

Value Registers::scale(Value x, Value n) const {
  Value zero = arith::ConstantOp::create(
      b, loc,
      SplatElementsAttr::get(whole(b.getF32Type()), b.getF32FloatAttr(0)));
  Value all = arith::ConstantOp::create(b, loc, b.getI16IntegerAttr(-1));
  // Rounds as everything else does.
  Value rounding = arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(4));
  return call("llvm.x86.avx512.mask.scalef.ps.512",
              {widen(x), widen(n), zero, all, rounding});
}

Value kernel::emitTableExponential(OpBuilder &b, Location loc, Value x,
                                   bool isNegated) {
  Registers v(b, loc, cast<VectorType>(x.getType()));
  float sign = isNegated ? -1.0f : 1.0f;
  Value round = v.constant(magic);
  Value rounded = v.fma(x, v.constant(sign * 1.44269504f), round);
  Value n = arith::SubFOp::create(b, loc, rounded, round);
  // Negations are part of the multiply-adds.
  Value r = isNegated ? v.neg(x) : x;
  r = v.fma(n, v.constant(-ln2High), r);
  r = v.fma(n, v.constant(-ln2Low), r);
  Value power = v.powers(rounded);
  Value p = v.constant(remainders[0]);
  for (float coefficient : ArrayRef(remainders).drop_front())
    p = v.fma(r, p, v.constant(coefficient));
  return v.scale(v.fma(power, p, power), n);
}
