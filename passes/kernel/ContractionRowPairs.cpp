//===- ContractionRowPairs.cpp - products of two rows and two channels ----===//
//
// Where the machine multiplies eight bytes of two rows with those of two
// channels (smmla), neighbouring outputs of a tile go in pairs, and the sums
// of a pair are blocks for the length of the reduction: of a vector of four
// channels, the first output has both outputs' sums of the first two channels,
// the second those of the others.
//
//   outputs   a0 a1 a2 a3        blocks   a0 a1 b0 b1
//             b0 b1 b2 b3    <=>          a2 a3 b2 b3
//
// Two rows of 16 bytes are two steps: their first halves side by side, and
// their second ones.
//
//===----------------------------------------------------------------------===//
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/ContractionWriter.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// Steps whose bytes one load of a row brings.
static constexpr int64_t stepsPerLoad = 2;
static constexpr int64_t vectorBytes = 16;

static Value shuffle(KernelBuilder &k, Value x, Value y,
                     ArrayRef<int64_t> order) {
  return vector::ShuffleOp::create(k.b, k.loc, x, y, order);
}

//===-- blocks -----------------------------------------------------------===//

SmallVector<Value> ContractionWriter::rowsToBlocks(ArrayRef<Value> sums,
                                                   size_t vectors) {
  SmallVector<Value> blocks(llvm::alignTo(sums.size(), 2 * vectors));
  for (size_t first = 0; first < sums.size(); first += 2 * vectors) {
    for (size_t at = first; at < first + vectors; ++at) {
      // The last output may be alone.
      Value next = sums[at + vectors < sums.size() ? at + vectors : at];
      blocks[at] = shuffle(k, sums[at], next, {0, 1, 4, 5});
      blocks[at + vectors] = shuffle(k, sums[at], next, {2, 3, 6, 7});
    }
  }
  return blocks;
}

SmallVector<Value> ContractionWriter::blocksToRows(ArrayRef<Value> blocks,
                                                   size_t vectors) {
  // The same exchange of halves; what an output alone was paired with is not
  // read.
  return rowsToBlocks(blocks, vectors);
}

//===-- steps ------------------------------------------------------------===//

/// The factors of outputs `output` and its neighbour for `count` steps.
SmallVector<Value> ContractionWriter::loadRowPair(const Steps &steps, Index lhs,
                                                  int64_t output,
                                                  int64_t count) {
  int64_t bytes = count * shape.dot->perLane();
  auto type = VectorType::get(bytes, k.b.getI8Type());
  auto load = [&](int64_t number) -> Value {
    int64_t r = number / steps.columns, c = number % steps.columns;
    Index at = lhs + (r * shape.lhsRow + c * shape.lhsColumn);
    return vector::LoadOp::create(k.b, k.loc, type, k.operandBuffer(shape.lhs),
                                  ValueRange{k.value(at)});
  };
  bool isAlone = output + 1 == steps.rows * steps.columns;
  Value first = load(output), second = isAlone ? first : load(output + 1);
  auto octets = VectorType::get(count, k.b.getI64Type());
  auto factors = VectorType::get(vectorBytes, k.b.getI8Type());
  first = vector::BitCastOp::create(k.b, k.loc, octets, first);
  second = vector::BitCastOp::create(k.b, k.loc, octets, second);
  SmallVector<Value> pairs;
  for (int64_t step = 0; step < count; ++step) {
    Value pair = shuffle(k, first, second, {step, count + step});
    pairs.push_back(vector::BitCastOp::create(k.b, k.loc, factors, pair));
  }
  return pairs;
}

/// `count` steps, as many as a load brings or one, from step `at` on.
SmallVector<Value>
ContractionWriter::rowPairSteps(const Steps &steps, Index at, int64_t count,
                                std::optional<WeightStream> &weights,
                                ArrayRef<Value> sums) {
  const Panel &panel = steps.panel;
  Index lhs = k.add(steps.lhs, k.mul(at, shape.dot->perLane())),
        rhs = k.add(steps.rhs, k.mul(at, panel.step));
  SmallVector<SmallVector<Value>> pairs;
  for (int64_t output = 0; output < steps.rows * steps.columns; output += 2)
    pairs.push_back(loadRowPair(steps, lhs, output, count));
  // Both vectors of four channels' bytes, two channels in each.
  auto weight = [&](int64_t number) -> Value {
    if (weights)
      return weights->next();
    auto type = VectorType::get(vectorBytes, k.b.getI8Type());
    return vector::LoadOp::create(
        k.b, k.loc, type, k.operandBuffer(shape.rhs),
        ValueRange{k.value(rhs + number * vectorBytes)});
  };
  SmallVector<Value> results(sums);
  auto vectors = int64_t(panel.vectors());
  for (int64_t step = 0; step < count; ++step) {
    for (int64_t number = 0; number < 2 * vectors; ++number) {
      Value row = weight(step * 2 * vectors + number);
      for (auto [pair, octets] : llvm::enumerate(pairs)) {
        int64_t block = 2 * int64_t(pair) + number % 2;
        Value &sum = results[block * vectors + number / 2];
        sum = shape.dot->emit(k.b, k.loc, sum, octets[step], row);
      }
    }
  }
  return results;
}

/// One run. What is left of less than eight bytes is covered by the last eight,
/// with zeros in rhs for those that were multiplied before.
SmallVector<Value> ContractionWriter::rowPairs(const Steps &steps,
                                               ArrayRef<Value> sums) {
  auto some = [&](Index at, int64_t count, ArrayRef<Value> sums,
                  std::optional<WeightStream> &weights) {
    std::optional<WeightStream> none;
    SmallVector<Value> current(sums);
    int64_t u = 0;
    for (; u + stepsPerLoad <= count; u += stepsPerLoad)
      current = rowPairSteps(steps, at + u, stepsPerLoad, weights, current);
    for (; u < count; ++u)
      current = rowPairSteps(steps, at + u, 1, none, current);
    fetchAhead(steps, at, count);
    return current;
  };
  int64_t perLane = shape.dot->perLane(), length = shape.run / perLane;
  int64_t wanted = streamsWeights() ? tiling.getUnroll() : stepsPerLoad;
  int64_t unroll = std::clamp<int64_t>(wanted, 1, length);
  std::optional<WeightStream> stream;
  if (streamsWeights() && unroll % stepsPerLoad == 0)
    stream.emplace(k, k.b.getI8Type(), k.operandBuffer(shape.rhs), steps.rhs,
                   steps.lhs);
  SmallVector<Value> result =
      loopOverSteps(k, length, unroll, sums, stream, some);
  if (shape.run % perLane == 0)
    return result;
  Steps last = steps;
  last.lhs = steps.lhs + (shape.run - perLane);
  last.rhs = steps.rhs + length * steps.panel.step;
  std::optional<WeightStream> none;
  return rowPairSteps(last, 0, 1, none, result);
}
