//===- FloatRequantize.cpp - floats rounded to narrow integers ------------===//
//
// A float between -2^22 and 2^22 is rounded to the nearest whole number, halves
// to even, by adding 1.5 * 2^23: the sum's digits end at the ones, and its bits
// are those of 1.5 * 2^23 plus that number. So rounding, conversion and the
// zero point cost two additions on every machine, after the bounds, which are
// whole numbers, were applied (as MlasRequantizeOutput of ONNX Runtime does).
//
//   cvtdq2ps, mulps factor, maxps, minps, addps 1.5 * 2^23, paddd, pack
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Integer.h"
#include "passes/kernel/OperatorTable.h"
#include "llvm/ADT/bit.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

static constexpr float roundingBias = 12582912.0f;

namespace {
/// Vectors of float32 and i32 with as many lanes as the operand.
struct Lanes {
  const VectorOperands &v;

  VectorType type(Type element) const {
    return cast<VectorType>(v.x[0].getType()).clone(element);
  }
  Value real(int64_t number) const {
    return emitConstant(v.b, v.loc, type(v.b.getF32Type()), float(number));
  }
  Value integer(int64_t number) const {
    VectorType words = type(v.b.getI32Type());
    return arith::ConstantOp::create(
        v.b, v.loc,
        SplatElementsAttr::get(words, Attribute(v.b.getI32IntegerAttr(
                                          int32_t(uint32_t(number))))));
  }
  /// The bound where x is a NaN: what maxps and fmaxnm give.
  Value atLeast(Value x, Value bound) const {
    if (v.target.hasMaximum)
      return arith::MaxNumFOp::create(v.b, v.loc, x, bound);
    return v.select(v.compare(arith::CmpFPredicate::OGT, x, bound), x, bound);
  }
  Value atMost(Value x, Value bound) const {
    if (v.target.hasMaximum)
      return arith::MinNumFOp::create(v.b, v.loc, x, bound);
    return v.select(v.compare(arith::CmpFPredicate::OLT, x, bound), x, bound);
  }
};
} // namespace

Value kernel::emitRequantize(const VectorOperands &v) {
  auto op = cast<edge::RequantizeOp>(v.op);
  Lanes lanes{v};
  VectorType reals = lanes.type(v.b.getF32Type());
  Value x = v.x[0];
  if (x.getType() != reals)
    x = arith::SIToFPOp::create(v.b, v.loc, reals, x);
  if (v.x.size() > 1)
    x = arith::MulFOp::create(v.b, v.loc, x, v.x[1]);
  auto zero = int64_t(op.getZeroPoint());
  x = lanes.atLeast(x, lanes.real(int64_t(op.getLow()) - zero));
  x = lanes.atMost(x, lanes.real(int64_t(op.getHigh()) - zero));
  x = arith::AddFOp::create(v.b, v.loc, x,
                            emitConstant(v.b, v.loc, reals, roundingBias));
  Value bits =
      arith::BitcastOp::create(v.b, v.loc, lanes.type(v.b.getI32Type()), x);
  auto offset = int64_t(llvm::bit_cast<uint32_t>(roundingBias)) - zero;
  Value number = arith::SubIOp::create(v.b, v.loc, bits, lanes.integer(offset));
  return arith::TruncIOp::create(
      v.b, v.loc, lanes.type(computedType(v.resultElement())), number);
}
