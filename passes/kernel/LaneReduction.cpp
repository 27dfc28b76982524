//===- LaneReduction.cpp - folding vectors into one value ----------------===//
//
// Everything becomes whole-vector operations and shuffles; a partial vector at
// the end of a run is filled up with the operation's identity.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/LaneReduction.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/MatrixUnit.h"
#include "passes/kernel/VectorMath.h"
#include "llvm/Support/MathExtras.h"
#include <limits>

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// The least and the greatest number of an integer type.
static IntegerAttr extreme(Type element, bool greatest) {
  auto type = cast<IntegerType>(computedType(element));
  unsigned width = type.getWidth();
  bool isUnsigned = isUnsignedElement(element);
  llvm::APInt least = isUnsigned ? llvm::APInt::getMinValue(width)
                                 : llvm::APInt::getSignedMinValue(width);
  llvm::APInt most = isUnsigned ? llvm::APInt::getMaxValue(width)
                                : llvm::APInt::getSignedMaxValue(width);
  return IntegerAttr::get(type, greatest ? most : least);
}

TypedAttr Reduction::identity() const {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  switch (kind) {
  case sum:
    return computedNumber(element, 0);
  case product:
    return computedNumber(element, 1);
  case maximum:
    return isa<FloatType>(element) ? computedNumber(element, -infinity)
                                   : extreme(element, /*greatest=*/false);
  case minimum:
    return isa<FloatType>(element) ? computedNumber(element, infinity)
                                   : extreme(element, /*greatest=*/true);
  }
  llvm_unreachable("a kind of reduction");
}

static Value combineIntegers(KernelBuilder &k, Reduction reduction, Value x,
                             Value y) {
  bool isUnsigned = isUnsignedElement(reduction.element);
  switch (reduction.kind) {
  case Reduction::sum:
    return arith::AddIOp::create(k.b, k.loc, x, y);
  case Reduction::product:
    return arith::MulIOp::create(k.b, k.loc, x, y);
  case Reduction::maximum:
    return isUnsigned ? arith::MaxUIOp::create(k.b, k.loc, x, y).getResult()
                      : arith::MaxSIOp::create(k.b, k.loc, x, y).getResult();
  case Reduction::minimum:
    return isUnsigned ? arith::MinUIOp::create(k.b, k.loc, x, y).getResult()
                      : arith::MinSIOp::create(k.b, k.loc, x, y).getResult();
  }
  llvm_unreachable("a kind of reduction");
}

Value Reduction::combine(KernelBuilder &k, Value x, Value y) const {
  if (!isa<FloatType>(element))
    return combineIntegers(k, *this, x, y);
  constexpr auto anyZero = arith::FastMathFlags::nsz;
  MathTarget target = MathTarget::get(k.machine);
  switch (kind) {
  case sum:
    return arith::AddFOp::create(k.b, k.loc, x, y);
  case product:
    return arith::MulFOp::create(k.b, k.loc, x, y);
  case maximum:
    if (!keepsNaN)
      return emitAtLeast(k.b, k.loc, x, y, target);
    return arith::MaximumFOp::create(k.b, k.loc, x, y, anyZero);
  case minimum:
    if (!keepsNaN)
      return emitAtMost(k.b, k.loc, x, y, target);
    return arith::MinimumFOp::create(k.b, k.loc, x, y, anyZero);
  }
  llvm_unreachable("a kind of reduction");
}

static SmallVector<Value> combineAll(KernelBuilder &k, Reduction reduction,
                                     ArrayRef<Value> x, ArrayRef<Value> y) {
  SmallVector<Value> results;
  for (auto [left, right] : llvm::zip_equal(x, y))
    results.push_back(reduction.combine(k, left, right));
  return results;
}

SmallVector<Value>
kernel::reduceLoop(KernelBuilder &k, Reduction reduction, int64_t count,
                   ArrayRef<int64_t> widths,
                   function_ref<SmallVector<Value>(Index)> leaf) {
  SmallVector<Value> identity;
  for (int64_t lanes : widths)
    identity.push_back(k.splat(reduction.identity(), lanes));
  auto range = [&](Index lo, Index hi, ArrayRef<Value> inits) {
    return k.loop(lo, hi, 1, inits,
                  [&](Index i, ArrayRef<Value> carried) -> SmallVector<Value> {
                    return combineAll(k, reduction, carried, leaf(i));
                  });
  };
  int64_t blocks = count / longestChain;
  bool loses =
      reduction.kind == Reduction::sum && isa<FloatType>(reduction.element);
  if (!loses || blocks < 2)
    return range(0, count, identity);
  SmallVector<Value> sums =
      k.loop(0, blocks, 1, identity,
             [&](Index block, ArrayRef<Value> carried) -> SmallVector<Value> {
               Index lo = k.mul(block, longestChain);
               return combineAll(k, reduction, carried,
                                 range(lo, lo + longestChain, identity));
             });
  int64_t rest = blocks * longestChain;
  if (rest == count)
    return sums;
  return combineAll(k, reduction, sums, range(rest, count, identity));
}

/// The machine's whole vector with `partial` in its first `lanes`.
static Value fillUp(KernelBuilder &k, Reduction reduction, Value partial,
                    int64_t lanes) {
  int64_t full = k.lanes();
  if (lanes == full)
    return partial;
  partial = resizeVector(k, partial, full);
  Value identity = k.splat(reduction.identity(), full);
  SmallVector<int64_t> mask;
  for (int64_t lane = 0; lane < full; ++lane)
    mask.push_back(lane < lanes ? lane : full + lane);
  return vector::ShuffleOp::create(k.b, k.loc, partial, identity, mask);
}

/// Whether the order of the operations decides about the result's last digits.
static bool rounds(Reduction reduction) {
  return isa<FloatType>(reduction.element) &&
         (reduction.kind == Reduction::sum ||
          reduction.kind == Reduction::product);
}

/// Partial results of a run, at least one vector's.
static int64_t partialsOf(KernelBuilder &k, Reduction reduction) {
  if (!rounds(reduction))
    return 4 * k.lanes();
  return std::max(reduction.element.isF64() ? runPartials / 2 : runPartials,
                  k.lanes());
}

SmallVector<int64_t> kernel::runWidths(KernelBuilder &k, Reduction reduction,
                                       int64_t size) {
  int64_t used = std::min(size, partialsOf(k, reduction));
  int64_t vectors = std::max<int64_t>(llvm::divideCeil(used, k.lanes()), 1);
  return SmallVector<int64_t>(vectors, k.lanes());
}

/// The same as reduceRun() in memory, where there are more partial results than
/// registers.
static SmallVector<Value>
reduceInMemory(KernelBuilder &k, Reduction reduction, int64_t size,
               ArrayRef<int64_t> widths,
               function_ref<Value(Index, int64_t)> leaf) {
  int64_t lanes = k.lanes(), step = partialsOf(k, reduction);
  Value buffer = allocateOnStack(k, step, computedType(reduction.element));
  Value identity = k.splat(reduction.identity(), lanes);
  for (size_t v = 0; v < widths.size(); ++v)
    k.store(identity, buffer, int64_t(v) * lanes, lanes);
  auto add = [&](Index start, Index partial, int64_t count) {
    Value sum =
        reduction.combine(k, k.load(buffer, partial, lanes),
                          fillUp(k, reduction, leaf(start, count), count));
    k.store(sum, buffer, partial, lanes);
  };
  k.loop(0, size / step, 1, [&](Index block) {
    Index start = k.mul(block, step);
    k.loop(0, step, lanes,
           [&](Index partial) { add(k.add(start, partial), partial, lanes); });
  });
  int64_t first = size / step * step, rest = size - first;
  k.loop(0, rest / lanes * lanes, lanes,
         [&](Index partial) { add(partial + first, partial, lanes); });
  if (int64_t count = rest % lanes)
    add(size - count, rest - count, count);
  SmallVector<Value> partials;
  for (size_t v = 0; v < widths.size(); ++v)
    partials.push_back(k.load(buffer, int64_t(v) * lanes, lanes));
  return partials;
}

SmallVector<Value> kernel::reduceRun(KernelBuilder &k, Reduction reduction,
                                     int64_t size,
                                     function_ref<Value(Index, int64_t)> leaf) {
  constexpr size_t mostVectors = 8;
  int64_t lanes = k.lanes(), step = partialsOf(k, reduction),
          steps = size / step;
  SmallVector<int64_t> widths = runWidths(k, reduction, size);
  if (widths.size() > mostVectors)
    return reduceInMemory(k, reduction, size, widths, leaf);
  SmallVector<Value> partials = reduceLoop(
      k, reduction, steps, widths, [&](Index i) -> SmallVector<Value> {
        Index start = k.mul(i, step);
        SmallVector<Value> vectors;
        for (size_t v = 0; v < widths.size(); ++v)
          vectors.push_back(leaf(start + int64_t(v) * lanes, lanes));
        return vectors;
      });
  for (int64_t at = steps * step, v = 0; at < size; at += lanes, ++v) {
    int64_t count = std::min(lanes, size - at);
    Value vector = fillUp(k, reduction, leaf(at, count), count);
    partials[v] = reduction.combine(k, partials[v], vector);
  }
  return partials;
}

Value kernel::reducePartials(KernelBuilder &k, Reduction reduction,
                             ArrayRef<Value> partials) {
  SmallVector<Value> vectors(partials);
  // The vectors that are left out have nothing to add.
  for (size_t half = llvm::PowerOf2Ceil(vectors.size()) / 2; half > 0;
       half /= 2) {
    for (size_t v = half; v < vectors.size(); ++v)
      vectors[v - half] = reduction.combine(k, vectors[v - half], vectors[v]);
    vectors.truncate(std::min(half, vectors.size()));
  }
  Value vector = vectors.front();
  int64_t width = cast<VectorType>(vector.getType()).getDimSize(0);
  for (; width > 1; width /= 2) {
    assert(width % 2 == 0 && "a machine's vector");
    auto low = llvm::to_vector(llvm::seq<int64_t>(0, width / 2));
    auto high = llvm::to_vector(llvm::seq<int64_t>(width / 2, width));
    Value lower = vector::ShuffleOp::create(k.b, k.loc, vector, vector, low);
    Value upper = vector::ShuffleOp::create(k.b, k.loc, vector, vector, high);
    vector = reduction.combine(k, lower, upper);
  }
  return vector::ExtractOp::create(k.b, k.loc, vector, int64_t(0));
}

Value kernel::resizeVector(KernelBuilder &k, Value vector, int64_t width) {
  int64_t have = cast<VectorType>(vector.getType()).getDimSize(0);
  if (have == width)
    return vector;
  SmallVector<int64_t> mask;
  for (int64_t lane = 0; lane < width; ++lane)
    mask.push_back(lane < have ? lane : vector::ShuffleOp::kPoisonIndex);
  return vector::ShuffleOp::create(k.b, k.loc, vector, vector, mask);
}

//===-- blocks -----------------------------------------------------------===//

SmallVector<Value>
kernel::addFromZero(KernelBuilder &k, Type element, ArrayRef<Value> sums,
                    function_ref<SmallVector<Value>(ArrayRef<Value>)> body) {
  SmallVector<Value> zeros;
  zeros.reserve(sums.size());
  for (Value sum : sums) {
    zeros.push_back(k.splat(computedNumber(element, 0),
                            cast<VectorType>(sum.getType()).getDimSize(0)));
  }
  SmallVector<Value> parts = body(zeros);
  Reduction addition{Reduction::sum, element};
  for (auto [sum, part] : llvm::zip_equal(sums, parts))
    part = addition.combine(k, sum, part);
  return parts;
}
