//===- IntegerSoftmax.cpp - softmax in fixed point -----------------------===//
//
// Per row: the largest element; the sum of the exponentials, which a table
// has; its reciprocal, by Newton's iteration on scalars; the products. The
// operator's documentation has the formulas.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Integer.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/KernelTable.h"
#include "passes/kernel/SingleOperator.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

namespace {

class IntegerSoftmaxEmitter
    : public SingleOperatorEmitter<edge::IntegerSoftmaxOp> {
public:
  StringRef name() const override { return "integer_softmax"; }
  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr) const override {
    auto op = cast<edge::IntegerSoftmaxOp>(kernel.getAnchor());
    return SplitLoops(op.getResult().getType().getShape().drop_back()).extent();
  }
  LogicalResult emit(KernelBuilder &k) const override;
};

/// Scalars of i32 and i64.
class FixedPoint {
public:
  FixedPoint(KernelBuilder &k) : k(k), b(k.b), loc(k.loc) {}

  Value number(int64_t value, unsigned width = 32) {
    return scalarConstant(k, b.getIntegerAttr(b.getIntegerType(width), value));
  }
  template <typename Op> Value make(Value lhs, Value rhs) {
    return Op::create(b, loc, lhs, rhs);
  }
  Value add(Value lhs, Value rhs) { return make<arith::AddIOp>(lhs, rhs); }
  Value sub(Value lhs, Value rhs) { return make<arith::SubIOp>(lhs, rhs); }
  Value wide(Value x) {
    return arith::ExtSIOp::create(b, loc, b.getI64Type(), x);
  }
  Value narrow(Value x) {
    return arith::TruncIOp::create(b, loc, b.getI32Type(), x);
  }
  /// The product of two numbers of 31 fraction bits, as i64.
  Value product(Value lhs, Value rhs) {
    Value exact = make<arith::MulIOp>(wide(lhs), wide(rhs));
    return make<arith::ShRSIOp>(add(exact, number(1 << 30, 64)),
                                number(31, 64));
  }
  Value saturate(Value wide) {
    Value low = make<arith::MaxSIOp>(wide, number(INT32_MIN, 64));
    return narrow(make<arith::MinSIOp>(low, number(INT32_MAX, 64)));
  }
  /// x / 2^exponent to the nearest, halves away from zero; both are i32, the
  /// exponent is in [0, 31].
  Value divideByPowerOfTwo(Value x, Value exponent);
  Value reciprocal(Value a);

private:
  KernelBuilder &k;
  OpBuilder &b;
  Location loc;
};

} // namespace

Value FixedPoint::divideByPowerOfTwo(Value x, Value exponent) {
  Value one = number(1, 64), shift = wide(exponent), negative = wide(x);
  // Half of the divisor, and less than it for negative numbers.
  Value half = make<arith::ShRUIOp>(make<arith::ShLIOp>(one, shift), one);
  Value sign = make<arith::ShRSIOp>(negative, number(63, 64));
  Value hasHalf = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, half,
                                        number(0, 64));
  sign = arith::SelectOp::create(b, loc, hasHalf, sign, number(0, 64));
  Value sum = add(add(negative, half), sign);
  return narrow(make<arith::ShRSIOp>(sum, shift));
}

/// 1 / (1 + a / 2^31), both in 31 fraction bits.
Value FixedPoint::reciprocal(Value a) {
  Value sum = add(wide(a), number(int64_t(INT32_MAX) + 1, 64));
  Value halfDenominator = narrow(make<arith::ShRSIOp>(sum, number(1, 64)));
  // Numbers of 29 fraction bits: 48 / 17 and -32 / 17.
  Value x = add(number(1515870810),
                narrow(product(halfDenominator, number(-1010580540))));
  for (int step = 0; step < 3; ++step) {
    Value rest = sub(number(1 << 29), narrow(product(halfDenominator, x)));
    Value change = make<arith::ShLIOp>(product(x, rest), number(2, 64));
    x = add(x, saturate(change));
  }
  return saturate(make<arith::ShLIOp>(wide(x), number(1, 64)));
}

LogicalResult IntegerSoftmaxEmitter::emit(KernelBuilder &k) const {
  auto op = cast<edge::IntegerSoftmaxOp>(k.kernel.getAnchor());
  FixedPoint f(k);
  Layout source = k.layoutOf(op.getX()), result = k.resultLayout();
  int64_t size = source.shape.back(),
          table = k.layoutOf(op.getExponentials()).offset;
  int64_t from = source.strides.back(), to = result.strides.back();
  Type element = elementOf(op.getX().getType()),
       resultElement = elementOf(op.getResult().getType());
  unsigned bits = resultElement.getIntOrFloatBitWidth();
  int64_t low =
      isUnsignedElement(resultElement) ? 0 : -(int64_t(1) << (bits - 1));
  int64_t high = low + (int64_t(1) << bits) - 1;
  SplitLoops(ArrayRef(source.shape).drop_back())
      .emit(k, [&](ArrayRef<Index> outer) {
        SmallVector<Index> first(outer);
        first.push_back(0);
        Index at = k.address(source, first), out = k.address(result, first);
        auto load = [&](Index i) {
          Value x =
              k.loadScalar(k.bufferOf(op.getX()), k.add(at, k.mul(i, from)));
          return emitFactor(k.b, k.loc, x, element, 0);
        };
        Value largest =
            k.loop(1, size, 1, load(0), [&](Index i, ArrayRef<Value> carried) {
               return SmallVector<Value>{
                   f.make<arith::MaxSIOp>(carried[0], load(i))};
             }).front();
        auto exponential = [&](Index i) {
          Value entry = arith::IndexCastOp::create(
              k.b, k.loc, k.b.getIndexType(), f.sub(largest, load(i)));
          return k.loadScalar(k.bufferOf(op.getExponentials()),
                              Index(entry) + table);
        };
        Value sum = k.loop(0, size, 1, f.number(0),
                           [&](Index i, ArrayRef<Value> carried) {
                             Value term = f.divideByPowerOfTwo(exponential(i),
                                                               f.number(12));
                             return SmallVector<Value>{f.add(carried[0], term)};
                           })
                        .front();
        Value zeros = LLVM::CountLeadingZerosOp::create(
            k.b, k.loc, k.b.getI32Type(), sum, /*is_zero_poison=*/false);
        Value shifted = f.narrow(f.make<arith::ShLIOp>(
            arith::ExtUIOp::create(k.b, k.loc, k.b.getI64Type(), sum),
            f.wide(zeros)));
        Value scale = f.reciprocal(f.sub(shifted, f.number(INT32_MIN)));
        Value exponent = f.sub(f.number(12 + 31 - int64_t(bits)), zeros);
        exponent = f.make<arith::MaxSIOp>(exponent, f.number(0));
        exponent = f.make<arith::MinSIOp>(exponent, f.number(31));
        k.loop(0, size, 1, [&](Index i) {
          Value quotient = f.divideByPowerOfTwo(
              f.narrow(f.product(exponential(i), scale)), exponent);
          Value y = f.add(quotient, f.number(low));
          y = f.make<arith::MinSIOp>(y, f.number(high));
          y = arith::TruncIOp::create(k.b, k.loc, k.b.getIntegerType(bits), y);
          k.storeScalar(y, k.resultBuffer(), k.add(out, k.mul(i, to)));
        });
      });
  return success();
}

const KernelEmitter &kernel::integerSoftmaxEmitter() {
  static const IntegerSoftmaxEmitter emitter;
  return emitter;
}
