//===- ContractionStreams.cpp - weights read in several places ------------===//
//
// One row times a matrix reads each weight once, mostly from memory, which
// gives one core more in several places at once than in one. So a run is cut in
// parts, which have sums of their own:
//
//   for step in part:
//     for i in parts: sums[i][v] += lhs[part i + step] * rhs[part i + step][v]
//   sum[v] = sums[0][v] + sums[1][v] ...
//
//===----------------------------------------------------------------------===//
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "passes/kernel/ContractionWriter.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// How many parts; 1 where weights are not fetched ahead from memory. More than
/// two were no faster (measured on Granite Rapids).
int64_t ContractionWriter::streams() const {
  bool isOneRow = shape.height * shape.width == 1;
  if (!isOneRow || !tiling.getPrefetch() || shape.scales ||
      shape.addsBytePairs || shape.element.isF16())
    return 1;
  constexpr int64_t others = 8; // What is multiplied, addresses apart.
  return 2 * panels.vectors + others <= k.machine.getVectorRegisters() ? 2 : 1;
}

SmallVector<Value> ContractionWriter::zerosLike(ArrayRef<Value> sums,
                                                int64_t times) {
  SmallVector<Value> zeros;
  for (int64_t i = 0; i < times; ++i) {
    for (Value sum : sums)
      zeros.push_back(zero(cast<VectorType>(sum.getType()).getDimSize(0)));
  }
  return zeros;
}

/// The same steps of all parts; `sums` has those of one after the other.
SmallVector<Value> ContractionWriter::stepsInStreams(
    Streams streams, Index at, int64_t count, ArrayRef<Value> sums,
    std::optional<WeightStream> &weights, StepsWriter steps) {
  if (streams.count == 1)
    return steps(at, count, sums, weights);
  size_t each = sums.size() / streams.count;
  SmallVector<Value> results;
  for (int64_t i = 0; i < streams.count; ++i) {
    results.append(steps(at + i * streams.apart, count,
                         sums.slice(i * each, each), weights));
  }
  return results;
}

/// A run of integers or bf16.
SmallVector<Value> ContractionWriter::quadsInStreams(int64_t length,
                                                     int64_t unroll,
                                                     ArrayRef<Value> sums,
                                                     StepsWriter steps) {
  Streams parts = {streams(), length / streams()};
  SmallVector<Value> all(sums);
  all.append(zerosLike(sums, parts.count - 1));
  auto inStreams = [&](Index at, int64_t count, ArrayRef<Value> sums,
                       std::optional<WeightStream> &weights) {
    return stepsInStreams(parts, at, count, sums, weights, steps);
  };
  all = loopOverSteps(k, parts.apart, unroll, all, std::nullopt, inStreams);
  SmallVector<Value> result(ArrayRef(all).take_front(sums.size()));
  for (size_t i = sums.size(); i < all.size(); ++i) {
    Value &sum = result[i % sums.size()];
    sum = isa<FloatType>(shape.element)
              ? arith::AddFOp::create(k.b, k.loc, sum, all[i]).getResult()
              : arith::AddIOp::create(k.b, k.loc, sum, all[i]).getResult();
  }
  std::optional<WeightStream> none;
  int64_t done = parts.count * parts.apart;
  return steps(done, length - done, result, none);
}

/// One block of each part, each of which starts at zero.
SmallVector<Value> ContractionWriter::blocksInStreams(const Steps &steps,
                                                      Index from,
                                                      int64_t length,
                                                      Streams streams,
                                                      ArrayRef<Value> sums) {
  SmallVector<Value> parts =
      chain(steps, from, length, zerosLike(sums, streams.count), streams);
  SmallVector<Value> result(sums);
  for (int64_t i = 0; i < streams.count; ++i)
    result =
        addSums(k, result, ArrayRef(parts).slice(i * sums.size(), sums.size()));
  return result;
}
