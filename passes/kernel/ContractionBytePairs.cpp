//===- ContractionBytePairs.cpp - one row of bytes by long vectors --------===//
//
// Vectors of RISC-V multiply bytes to 16 bits, and add 16 bits to 32. Two
// products of bytes fit 16 bits, so of an output row's vectors of 32 bits a
// pair of steps takes three instructions, where each step took two: it extended
// the weights first. And a group of eight registers holds two vectors of sums,
// whose weights are neighbours in memory. What each instruction costs in time
// depends on the processor, but there is one of each for twice as many lanes.
//
//   pair = x[i] * w[i] + x[i + 1] * w[i + 1]       vwmul.vx, vwmacc.vx
//   sums += pair                                   vwadd.wv
//
// Several output rows would take three instructions each.
//
//===----------------------------------------------------------------------===//
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/ContractionWriter.h"
#include <numeric>

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// Lanes of each long vector: of two neighbours in the panel where these are
/// whole, and two groups of registers make one.
static SmallVector<int64_t> joinedLanes(const Panel &panel,
                                        schedule::MachineAttr machine) {
  constexpr int64_t registers = 32, longestGroup = 8;
  bool canJoin = 2 * registers / machine.getVectorRegisters() <= longestGroup;
  SmallVector<int64_t> joined;
  for (size_t v = 0; v < panel.vectors(); ++v) {
    int64_t lanes = panel.computed[v];
    bool isPair = canJoin && v + 1 < panel.vectors() &&
                  panel.computed[v + 1] == lanes &&
                  lanes == panel.computed.front();
    joined.push_back(isPair ? 2 * lanes : lanes);
    v += isPair;
  }
  return joined;
}

/// sum + the products of `count` steps, one or two, with the weights from lane
/// `first` of the panel on.
Value ContractionWriter::addBytePair(const Steps &steps, Index at,
                                     int64_t count, int64_t first, Value sum) {
  auto type = cast<VectorType>(sum.getType());
  Type i8 = k.b.getI8Type();
  auto bytes = VectorType::get(type.getShape(), i8),
       products = VectorType::get(type.getShape(), k.b.getI16Type());
  Value pair;
  for (int64_t i = 0; i < count; ++i) {
    Index step = k.add(at, i);
    Value x = k.loadScalar(k.operandBuffer(shape.lhs), k.add(steps.lhs, step),
                           Form::stored);
    x = arith::ExtSIOp::create(k.b, k.loc, products.getElementType(), x);
    x = vector::BroadcastOp::create(k.b, k.loc, products, x);
    Index weights = k.add(steps.rhs, k.mul(step, steps.panel.step)) + first;
    Value w =
        vector::LoadOp::create(k.b, k.loc, bytes, k.operandBuffer(shape.rhs),
                               ValueRange{k.value(weights)});
    w = arith::ExtSIOp::create(k.b, k.loc, products, w);
    Value product = arith::MulIOp::create(k.b, k.loc, w, x);
    pair = pair ? arith::AddIOp::create(k.b, k.loc, pair, product).getResult()
                : product;
  }
  pair = arith::ExtSIOp::create(k.b, k.loc, type, pair);
  return arith::AddIOp::create(k.b, k.loc, sum, pair);
}

/// The same as chain(), for one output.
SmallVector<Value> ContractionWriter::chainOfBytePairs(const Steps &steps,
                                                       Index from,
                                                       int64_t length,
                                                       ArrayRef<Value> sums) {
  const Panel &panel = steps.panel;
  SmallVector<int64_t> joined = joinedLanes(panel, k.machine);
  SmallVector<Value> wide;
  const auto *next = sums.begin();
  for (int64_t lanes : joined) {
    Value sum = *next++;
    if (lanes != cast<VectorType>(sum.getType()).getDimSize(0)) {
      SmallVector<int64_t> order(lanes);
      std::iota(order.begin(), order.end(), 0);
      sum = vector::ShuffleOp::create(k.b, k.loc, sum, *next++, order);
    }
    wide.push_back(sum);
  }
  auto pair = [&](Index at, int64_t count, ArrayRef<Value> sums) {
    SmallVector<Value> results;
    int64_t first = 0;
    for (Value sum : sums) {
      results.push_back(addBytePair(steps, k.add(from, at), count, first, sum));
      first += cast<VectorType>(sum.getType()).getDimSize(0);
    }
    return results;
  };
  int64_t whole = length / 2 * 2;
  wide = k.loop(0, whole, 2, wide, [&](Index at, ArrayRef<Value> sums) {
    return pair(at, 2, sums);
  });
  if (whole < length)
    wide = pair(whole, 1, wide);
  SmallVector<Value> results;
  for (Value sum : wide) {
    int64_t lanes = panel.computed[results.size()],
            all = cast<VectorType>(sum.getType()).getDimSize(0);
    for (int64_t lane = 0; lane < all; lane += lanes)
      results.push_back(vector::ExtractStridedSliceOp::create(k.b, k.loc, sum,
                                                              lane, lanes, 1));
  }
  return results;
}
