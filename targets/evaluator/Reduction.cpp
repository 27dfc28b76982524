//===- Reduction.cpp - sum, mean, largest, smallest, product -------------===//
//
// A reduction walks over its operand and combines each element into the result
// element at the same position, with the reduced dimensions left out.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Edge.h"
#include "targets/evaluator/Operators.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::evaluator;

template <typename T> using Combine = T (*)(T, T);

static double wrappingAdd(double a, double b) { return a + b; }
static double wrappingMul(double a, double b) { return a * b; }
/// Modulo 2^64, which signed C++ arithmetic is not.
static int64_t wrappingAdd(int64_t a, int64_t b) {
  return int64_t(uint64_t(a) + uint64_t(b));
}
static int64_t wrappingMul(int64_t a, int64_t b) {
  return int64_t(uint64_t(a) * uint64_t(b));
}

template <typename T> static Combine<T> combineOf(Operation *op) {
  return llvm::TypeSwitch<Operation *, Combine<T>>(op)
      .template Case<edge::ReduceSumOp, edge::ReduceMeanOp>(
          [](auto) { return [](T a, T b) { return wrappingAdd(a, b); }; })
      .Case([](edge::ReduceMaxOp) {
        return [](T a, T b) { return std::max(a, b); };
      })
      .Case([](edge::ReduceMinOp) {
        return [](T a, T b) { return std::min(a, b); };
      })
      .Case([](edge::ReduceProdOp) {
        return [](T a, T b) { return wrappingMul(a, b); };
      })
      .Default(nullptr);
}

template <typename T>
static void reduce(Combine<T> combine, const HostTensor &x,
                   ArrayRef<int64_t> axes, HostTensor &result) {
  // Strides of the result at positions of the operand: 0 along reduced axes.
  SmallVector<int64_t> kept(x.shape());
  for (int64_t axis : axes)
    kept[axis] = 1;
  auto strides = broadcastStrides(kept, x.shape());

  std::vector<bool> started(result.size(), false);
  int64_t i = 0;
  forEachPosition(x.shape(), [&](ArrayRef<int64_t> position) {
    int64_t r = linearise(position, strides);
    T value = x.values<T>()[i++];
    T &target = result.values<T>()[r];
    target = started[r] ? combine(target, value) : value;
    started[r] = true;
  });
}

Result edgec::evaluator::evaluateReduction(Operation *op, Operands operands) {
  if (!combineOf<double>(op))
    return std::nullopt;
  const HostTensor &x = *operands[0];
  auto axes = op->getAttrOfType<DenseI64ArrayAttr>("axes").asArrayRef();
  HostTensor result(resultType(op));
  if (x.isFloat()) {
    reduce(combineOf<double>(op), x, axes, result);
    if (isa<edge::ReduceMeanOp>(op)) {
      int64_t count = x.size() / result.size();
      for (double &value : result.reals)
        value /= double(count);
    }
    return result;
  }
  if (!isa<IntegerType>(x.elementType()))
    return undefinedOn(op, "quantized");
  if (isa<edge::ReduceMeanOp>(op))
    return undefinedOn(op, "integer");
  if (x.elementType().isUnsignedInteger(64) &&
      isa<edge::ReduceMaxOp, edge::ReduceMinOp>(op)) {
    // With the sign bit flipped the order of signed numbers is the right one.
    HostTensor flipped = x;
    auto flip = [](int64_t value) { return value ^ INT64_MIN; };
    llvm::transform(x.integers, flipped.integers.begin(), flip);
    reduce(combineOf<int64_t>(op), flipped, axes, result);
    llvm::transform(result.integers, result.integers.begin(), flip);
    return result;
  }
  reduce(combineOf<int64_t>(op), x, axes, result);
  for (int64_t &value : result.integers)
    value = wrapTo(result.elementType(), value);
  return result;
}
