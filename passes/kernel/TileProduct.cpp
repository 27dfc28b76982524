//===- TileProduct.cpp - the product of one register tile -----------------===//
//
//   sums[output][v] += lhs[output][c] * rhs[c][v]     for c in [0, depth)
//
// One element of lhs at a time, or several steps' as the lanes of one vector
// where multiply-adds take lanes.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/TileProduct.h"
#include "passes/kernel/LaneReduction.h"
#include "passes/schedule/CostModel.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

namespace {

class TileProductWriter {
public:
  TileProductWriter(KernelBuilder &k, const TileProduct &product)
      : k(k), product(product), perLoad(schedule::elementsPerLoad(k.machine)),
        streams(schedule::weightsPerLoad(k.machine) > 1) {
    int64_t parts = llvm::divideCeil(product.depth, longestChain);
    size = llvm::alignTo(llvm::divideCeil(product.depth, parts),
                         std::max<int64_t>(k.tiling.getUnroll(), 1));
  }

  SmallVector<Value> fromZero(ArrayRef<Value> zeros);
  /// The steps from `first` on, added to `sums`.
  SmallVector<Value> blocks(int64_t first, SmallVector<Value> sums);

private:
  /// Whether a block of `length` can begin with products instead of zeros.
  bool asProducts(int64_t length) const {
    return streams && k.tiling.getUnroll() >= perLoad && length >= perLoad;
  }
  SmallVector<Value> block(Index first, int64_t length, ArrayRef<Value> sums);
  SmallVector<Value> chain(Index first, int64_t length, ArrayRef<Value> sums);
  SmallVector<Value> step(Index c, ArrayRef<Value> sums);
  SmallVector<Value> stepsByLanes(Index c, int64_t count,
                                  std::optional<WeightStream> &weights,
                                  ArrayRef<Value> sums);

  KernelBuilder &k;
  const TileProduct &product;
  int64_t perLoad;
  bool streams;
  /// steps of a block
  int64_t size;
};

} // namespace

SmallVector<Value> TileProductWriter::fromZero(ArrayRef<Value> zeros) {
  // The first block is the sums.
  int64_t first = std::min(size, product.depth);
  return blocks(first,
                chain(0, first, asProducts(first) ? ArrayRef<Value>() : zeros));
}

SmallVector<Value> TileProductWriter::blocks(int64_t first,
                                             SmallVector<Value> sums) {
  int64_t whole = product.depth / size * size;
  if (first < whole) {
    sums = k.loop(first, whole, size, sums, [&](Index c, ArrayRef<Value> sums) {
      return block(c, size, sums);
    });
  }
  int64_t rest = std::max(first, whole);
  return rest < product.depth ? block(rest, product.depth - rest, sums) : sums;
}

SmallVector<Value> TileProductWriter::block(Index first, int64_t length,
                                            ArrayRef<Value> sums) {
  if (asProducts(length))
    return addSums(k, sums, chain(first, length, {}));
  return addFromZero(k, k.b.getF32Type(), sums, [&](ArrayRef<Value> zeros) {
    return chain(first, length, zeros);
  });
}

/// The steps [first, first + length), added to `sums`; without those, which
/// steps by lanes can do, their sums alone.
SmallVector<Value> TileProductWriter::chain(Index first, int64_t length,
                                            ArrayRef<Value> sums) {
  auto steps = [&](Index step, int64_t count, ArrayRef<Value> sums,
                   std::optional<WeightStream> &weights) {
    Index c = k.add(first, step);
    SmallVector<Value> current(sums);
    int64_t u = 0;
    for (; u + perLoad <= count && perLoad > 1; u += perLoad)
      current = stepsByLanes(c + u, perLoad, weights, current);
    for (; u < count; ++u)
      current = this->step(c + u, current);
    // Behind the loads, as in ContractionReduce.cpp.
    for (int64_t u = 0; u < count && product.fetch; ++u)
      product.fetch(c + u);
    return current;
  };
  int64_t unroll = std::min(k.tiling.getUnroll(), length);
  std::optional<WeightStream> weights;
  if (streams && unroll % perLoad == 0) {
    weights.emplace(k, k.b.getF32Type(), product.rhsBuffer,
                    k.add(product.rhs, k.mul(first, product.width)),
                    product.lhs);
  }
  return loopOverSteps(k, length, unroll, sums, weights, steps);
}

SmallVector<Value> TileProductWriter::step(Index c, ArrayRef<Value> sums) {
  Index row = k.add(product.rhs, k.mul(c, product.width));
  SmallVector<Value> factors;
  for (auto [v, lanes] : llvm::enumerate(product.lanes))
    factors.push_back(k.load(product.rhsBuffer,
                             row + int64_t(v) * product.vectorLanes, lanes));
  SmallVector<Value> results(sums);
  size_t count = product.lanes.size();
  for (int64_t output = 0; output < product.outputs; ++output) {
    Value scalar = k.loadScalar(
        product.lhsBuffer, k.add(product.lhs, c) + output * product.lhsStride);
    for (size_t v = 0; v < count; ++v) {
      Value &sum = results[output * count + v];
      sum = k.fma(k.splat(scalar, product.lanes[v]), factors[v], sum);
    }
  }
  return results;
}

/// `count` steps whose elements one load per output brings; see stepsByLanes in
/// ContractionReduce.cpp.
SmallVector<Value>
TileProductWriter::stepsByLanes(Index c, int64_t count,
                                std::optional<WeightStream> &weights,
                                ArrayRef<Value> sums) {
  SmallVector<Value> elements;
  for (int64_t output = 0; output < product.outputs; ++output) {
    elements.push_back(
        k.load(product.lhsBuffer,
               k.add(product.lhs, c) + output * product.lhsStride, count));
  }
  auto weight = [&](int64_t u, int64_t v) {
    if (weights)
      return weights->next();
    Index row = k.add(product.rhs, k.mul(c + u, product.width));
    return k.load(product.rhsBuffer, row + v * product.vectorLanes,
                  product.lanes[v]);
  };
  return multiplyByLanes(k, elements, int64_t(product.lanes.size()), weight,
                         sums);
}

SmallVector<Value> kernel::zeroSums(KernelBuilder &k,
                                    const TileProduct &product) {
  SmallVector<Value> sums;
  for (int64_t output = 0; output < product.outputs; ++output)
    for (int64_t lanes : product.lanes)
      sums.push_back(k.splat(0.0f, lanes));
  return sums;
}

SmallVector<Value> kernel::emitProduct(KernelBuilder &k,
                                       const TileProduct &product) {
  return TileProductWriter(k, product).fromZero(zeroSums(k, product));
}

SmallVector<Value> kernel::emitProductSum(KernelBuilder &k,
                                          const TileProduct &product,
                                          SmallVector<Value> sums) {
  return TileProductWriter(k, product).blocks(0, std::move(sums));
}
