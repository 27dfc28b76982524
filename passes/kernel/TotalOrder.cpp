//===- TotalOrder.cpp - which element comes first when sorting -----------===//
//
// Floats need two more comparisons than integers, for the NaNs.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/TotalOrder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "passes/kernel/ElementTypes.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

using FloatIs = arith::CmpFPredicate;
using IntegerIs = arith::CmpIPredicate;

namespace {
struct Compare {
  KernelBuilder &k;

  Value operator()(FloatIs predicate, Value a, Value b) const {
    return arith::CmpFOp::create(k.b, k.loc, predicate, a, b);
  }
  Value operator()(IntegerIs predicate, Value a, Value b) const {
    return arith::CmpIOp::create(k.b, k.loc, predicate, a, b);
  }
  Value both(Value a, Value b) const {
    return arith::AndIOp::create(k.b, k.loc, a, b);
  }
  Value either(Value a, Value b) const {
    return arith::OrIOp::create(k.b, k.loc, a, b);
  }
};
} // namespace

Value TotalOrder::before(KernelBuilder &k, Value a, Value b) const {
  Compare compare{k};
  if (!isa<FloatType>(element)) {
    if (isUnsignedElement(element))
      return compare(descending ? IntegerIs::ugt : IntegerIs::ult, a, b);
    return compare(descending ? IntegerIs::sgt : IntegerIs::slt, a, b);
  }
  // A NaN on the larger side decides, unless both are.
  Value larger = descending ? a : b, smaller = descending ? b : a;
  return compare.both(compare(FloatIs::UGT, larger, smaller),
                      compare(FloatIs::ORD, smaller, smaller));
}

Value TotalOrder::equal(KernelBuilder &k, Value a, Value b) const {
  Compare compare{k};
  if (!isa<FloatType>(element))
    return compare(IntegerIs::eq, a, b);
  Value bothNaN =
      compare.both(compare(FloatIs::UNO, a, a), compare(FloatIs::UNO, b, b));
  return compare.either(compare(FloatIs::OEQ, a, b), bothNaN);
}

Value TotalOrder::precedes(KernelBuilder &k, Value a, Value indexA, Value b,
                           Value indexB) const {
  Compare compare{k};
  Value tie =
      compare.both(equal(k, a, b), compare(IntegerIs::slt, indexA, indexB));
  return compare.either(before(k, a, b), tie);
}
