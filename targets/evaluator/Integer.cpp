//===- Integer.cpp - arithmetic of quantized models ----------------------===//
//
// Each operator as its documentation writes it, in 64-bit integers, which hold
// every product and sum that appears; with a float factor, in float32.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Integer.h"
#include "dialects/edge/Product.h"
#include "dialects/edge/Softmax.h"
#include "targets/evaluator/Operators.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/ADT/bit.h"
#include <cmath>

using namespace mlir;
using namespace edgec;
using namespace edgec::evaluator;

static int64_t wrap32(int64_t value) { return int32_t(uint32_t(value)); }

//===-- convolution
//-------------------------------------------------------===//

static HostTensor convolve(edge::IntegerConv2DOp op, Operands operands) {
  const HostTensor &input = *operands[0], &filter = *operands[1];
  HostTensor result(resultType(op));
  ArrayRef<int64_t> in = input.shape(), out = result.shape(),
                    window = filter.shape();
  ArrayRef<int64_t> strides = op.getStrides(), pads = op.getPads(),
                    dilations = op.getDilations();
  int64_t perGroup = window[3], outPerGroup = out[3] / int64_t(op.getGroups());
  int64_t inputZero = op.getInputZeroPoint(),
          filterZero = op.getFilterZeroPoint(), pad = op.getPadValue();
  int64_t next = 0;
  forEachPosition(out, [&](ArrayRef<int64_t> at) {
    int64_t sum = operands.size() > 2 ? operands[2]->integers[at[3]] : 0;
    int64_t first = at[3] / outPerGroup * perGroup;
    for (int64_t ky = 0; ky < window[1]; ++ky) {
      for (int64_t kx = 0; kx < window[2]; ++kx) {
        int64_t y = at[1] * strides[0] + ky * dilations[0] - pads[0];
        int64_t x = at[2] * strides[1] + kx * dilations[1] - pads[1];
        bool inside = y >= 0 && y < in[1] && x >= 0 && x < in[2];
        const int64_t *pixel =
            inside ? input.integers.data() +
                         ((at[0] * in[1] + y) * in[2] + x) * in[3] + first
                   : nullptr;
        const int64_t *weights =
            filter.integers.data() +
            ((at[3] * window[1] + ky) * window[2] + kx) * perGroup;
        for (int64_t i = 0; i < perGroup; ++i)
          sum += ((inside ? pixel[i] : pad) - inputZero) *
                 (weights[i] - filterZero);
      }
    }
    result.integers[next++] = wrap32(sum);
  });
  return result;
}

//===-- matrix product
//-------------------------------------------------------===//

static HostTensor multiply(edge::IntegerMatMulOp op, const HostTensor &lhs,
                           const HostTensor &rhs) {
  HostTensor result(resultType(op));
  int64_t depth = lhs.shape().back(), columns = rhs.shape().back(),
          rows = result.shape()[result.shape().size() - 2];
  ArrayRef<int64_t> batch = result.shape().drop_back(2);
  auto lhsStrides = broadcastStrides(lhs.shape().drop_back(2), batch),
       rhsStrides = broadcastStrides(rhs.shape().drop_back(2), batch);
  int64_t lhsZero = op.getLhsZeroPoint(), rhsZero = op.getRhsZeroPoint();
  int64_t *out = result.integers.data();
  forEachPosition(batch, [&](ArrayRef<int64_t> at) {
    const int64_t *a =
        lhs.integers.data() + linearise(at, lhsStrides) * rows * depth;
    const int64_t *b =
        rhs.integers.data() + linearise(at, rhsStrides) * depth * columns;
    for (int64_t m = 0; m < rows; ++m) {
      for (int64_t n = 0; n < columns; ++n) {
        int64_t sum = 0;
        for (int64_t k = 0; k < depth; ++k)
          sum += (a[m * depth + k] - lhsZero) * (b[k * columns + n] - rhsZero);
        *out++ = wrap32(sum);
      }
    }
  });
  return result;
}

//===-- fixed point
//-------------------------------------------------------===//

/// value / 2^exponent to the nearest whole number, halves away from zero.
static int64_t divideByPowerOfTwo(int64_t value, int64_t exponent) {
  if (exponent == 0)
    return value;
  int64_t half = int64_t(1) << (exponent - 1);
  return value >= 0 ? (value + half) >> exponent
                    : -((-value + half) >> exponent);
}

/// The product of two numbers of 31 fraction bits.
static int64_t multiplyHigh(int64_t a, int64_t b) {
  return (a * b + (int64_t(1) << 30)) >> 31;
}

static int64_t saturate32(int64_t value) {
  return std::clamp<int64_t>(value, INT32_MIN, INT32_MAX);
}

static int64_t rescale(int64_t x, int64_t multiplier, int64_t shift,
                       edge::Rounding rounding) {
  shift &= 31;
  if (rounding == edge::Rounding::double_rounding)
    return wrap32(
        divideByPowerOfTwo(wrap32(multiplyHigh(x, multiplier)), shift));
  // The product has at most 63 bits, and half of the divisor 62.
  __int128 product = __int128(x) * multiplier;
  return wrap32(
      int64_t((product + (__int128(1) << (30 + shift))) >> (31 + shift)));
}

static HostTensor rescale(edge::RescaleOp op, Operands operands) {
  HostTensor result(resultType(op));
  SmallVector<SmallVector<int64_t>> strides;
  for (const HostTensor *operand : operands)
    strides.push_back(broadcastStrides(operand->shape(), result.shape()));
  int64_t next = 0;
  forEachPosition(result.shape(), [&](ArrayRef<int64_t> at) {
    auto read = [&](unsigned i) {
      return operands[i]->integers[linearise(at, strides[i])];
    };
    result.integers[next++] =
        rescale(read(0), read(1), read(2), op.getRounding());
  });
  return result;
}

//===-- float factors
//-----------------------------------------------------------===//

/// In float32, as the operator says.
static int64_t requantize(edge::RequantizeOp op, float x,
                          std::optional<float> factor) {
  volatile float product = factor ? x * *factor : x;
  auto low = int64_t(op.getLow()), high = int64_t(op.getHigh()),
       zero = int64_t(op.getZeroPoint());
  double rounded = std::nearbyint(double(product)) + double(zero);
  if (std::isnan(rounded) || rounded <= double(low))
    return low;
  return rounded >= double(high) ? high : int64_t(rounded);
}

static HostTensor requantize(edge::RequantizeOp op, Operands operands) {
  HostTensor result(resultType(op));
  const HostTensor &x = *operands[0];
  const HostTensor *factor = operands.size() > 1 ? operands[1] : nullptr;
  SmallVector<int64_t> strides;
  if (factor)
    strides = broadcastStrides(factor->shape(), result.shape());
  int64_t next = 0;
  forEachPosition(result.shape(), [&](ArrayRef<int64_t> at) {
    float value =
        x.isFloat() ? float(x.reals[next]) : float(int32_t(x.integers[next]));
    std::optional<float> scale;
    if (factor)
      scale = float(factor->reals[linearise(at, strides)]);
    result.integers[next++] = requantize(op, value, scale);
  });
  return result;
}

//===-- tables and softmax
//------------------------------------------------===//

static HostTensor lookup(edge::LookupOp op, const HostTensor &x,
                         const HostTensor &table) {
  HostTensor result(resultType(op));
  int64_t smallest = integerRange(x.elementType()).low;
  for (int64_t i = 0; i < x.size(); ++i) {
    int64_t entry = x.integers[i] - smallest;
    if (table.isFloat())
      result.reals[i] = table.reals[entry];
    else
      result.integers[i] = table.integers[entry];
  }
  return result;
}

/// 1 / (1 + a / 2^31) in 31 fraction bits, for a in [0, 2^31).
static int64_t reciprocal(int64_t a) {
  // Half of 1 + a, whose 1 is 2^31 - 1; then numbers of 29 fraction bits.
  int64_t halfDenominator = (a + INT32_MAX + 1) / 2;
  constexpr int64_t fortyEightSeventeenths = 1515870810,
                    minusThirtyTwoSeventeenths = -1010580540;
  int64_t x = wrap32(fortyEightSeventeenths +
                     multiplyHigh(halfDenominator, minusThirtyTwoSeventeenths));
  for (int step = 0; step < 3; ++step) {
    int64_t rest =
        wrap32((int64_t(1) << 29) - multiplyHigh(halfDenominator, x));
    x = wrap32(x + saturate32(multiplyHigh(x, rest) * 4));
  }
  // x is 2 / (1 + a): half of it, in 31 fraction bits.
  return saturate32(x * 2);
}

static HostTensor softmax(edge::IntegerSoftmaxOp op, const HostTensor &x,
                          const HostTensor &exponentials) {
  HostTensor result(resultType(op));
  IntegerRange range = integerRange(result.elementType());
  int64_t bits = result.elementType().getIntOrFloatBitWidth();
  int64_t size = x.shape().back();
  for (int64_t row = 0; row < x.size(); row += size) {
    ArrayRef<int64_t> values = ArrayRef(x.integers).slice(row, size);
    int64_t largest = *llvm::max_element(values), sum = 0;
    auto exponential = [&](int64_t value) {
      return exponentials.integers[largest - value];
    };
    for (int64_t value : values)
      sum += divideByPowerOfTwo(exponential(value), 12);
    sum = uint32_t(sum);
    int64_t zeros = llvm::countl_zero(uint32_t(sum));
    int64_t scale = reciprocal(wrap32((sum << zeros) - (int64_t(1) << 31)));
    // Rows of more than 2^19 elements would shift to the left.
    int64_t exponent = std::clamp<int64_t>(12 - zeros + 31 - bits, 0, 31);
    for (int64_t i = 0; i < size; ++i) {
      int64_t quotient = divideByPowerOfTwo(
          multiplyHigh(exponential(values[i]), scale), exponent);
      result.integers[row + i] = std::min(range.low + quotient, range.high);
    }
  }
  return result;
}

/// In float32, in the order of the operator's formula.
static HostTensor softmax(edge::LookupSoftmaxOp op, const HostTensor &x,
                          const HostTensor &exponentials, float factor) {
  HostTensor result(resultType(op));
  int64_t size = x.shape().back();
  for (int64_t row = 0; row < x.size(); row += size) {
    ArrayRef<int64_t> values = ArrayRef(x.integers).slice(row, size);
    int64_t largest = *llvm::max_element(values);
    auto exponential = [&](int64_t value) {
      return float(exponentials.reals[255 - largest + value]);
    };
    volatile float sum = 0;
    for (int64_t value : values)
      sum = sum + exponential(value);
    for (int64_t i = 0; i < size; ++i) {
      volatile float scaled = exponential(values[i]) * factor;
      result.reals[row + i] = scaled / sum;
    }
  }
  return result;
}

Result edgec::evaluator::evaluateInteger(Operation *op, Operands operands) {
  return llvm::TypeSwitch<Operation *, Result>(op)
      .Case([&](edge::IntegerConv2DOp op) { return convolve(op, operands); })
      .Case([&](edge::IntegerMatMulOp op) {
        return multiply(op, *operands[0], *operands[1]);
      })
      .Case([&](edge::RescaleOp op) { return rescale(op, operands); })
      .Case([&](edge::RequantizeOp op) { return requantize(op, operands); })
      .Case([&](edge::LookupOp op) {
        return lookup(op, *operands[0], *operands[1]);
      })
      .Case([&](edge::IntegerSoftmaxOp op) {
        return softmax(op, *operands[0], *operands[1]);
      })
      .Case([&](edge::LookupSoftmaxOp op) {
        return softmax(op, *operands[0], *operands[1],
                       float(operands[2]->reals[0]));
      })
      .Default(Result());
}
