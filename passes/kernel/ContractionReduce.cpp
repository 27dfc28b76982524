//===- ContractionReduce.cpp - the reduction inside of a register tile ----===//
//
// The accumulators go through loops over kh, kw and the run. A step multiplies
// one element of lhs per output with a vector of rhs; ContractionDot.cpp has
// those that take several.
//
//===----------------------------------------------------------------------===//
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/ContractionWriter.h"
#include "passes/kernel/LaneProducts.h"
#include "passes/schedule/CostModel.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

int64_t ContractionWriter::chainLength() const {
  return shape.element.isF16() ? longestChain / 2 : longestChain;
}

bool ContractionWriter::isLong() const {
  if (!isa<FloatType>(shape.element) || shape.dot || shape.scales)
    return false;
  // A single chain of f16 may take a little more: two are no more exact.
  if (shape.element.isF16())
    return shape.depth() >= 3 * chainLength();
  // The first layer of a network sums up few products, and all layers behind it
  // amplify what it rounds.
  if (shape.kernelHeight > 1 && !cutsRuns())
    return 3 * shape.depth() >= chainLength();
  return shape.depth() >= 2 * chainLength();
}

bool ContractionWriter::cutsRuns() const {
  return shape.element.isF16() ? shape.run >= chainLength()
                               : 2 * shape.run >= chainLength();
}

/// The whole reduction. One long chain of additions loses digits as it grows,
/// so a long one is cut into blocks that are added up: the inner loop keeps its
/// registers, the sums of blocks wait on the stack. The first block goes on
/// from what the sums begin with, the others start at zero.
SmallVector<Value> ContractionWriter::reduce(const Panel &panel, Index lhs,
                                             Index next, const OutputTile &tile,
                                             SmallVector<Value> sums) {
  bool cutRuns = isLong() && cutsRuns(), cutRows = isLong() && !cutRuns;
  auto row = [&](Index kh, ArrayRef<Value> sums) {
    return k.loop(0, shape.kernelWidth, 1, SmallVector<Value>(sums),
                  [&](Index kw, ArrayRef<Value> sums) {
                    Steps steps = makeSteps(panel, lhs, next, kh, kw, tile);
                    if (shape.scales)
                      return scaledBlocks(steps, sums);
                    if (shape.dot)
                      return dotSteps(steps, sums);
                    return cutRuns ? blocks(steps, sums)
                                   : chain(steps, 0, shape.run, sums);
                  });
  };
  auto rowsFrom = [&](Index first, int64_t count, ArrayRef<Value> sums) {
    return count == 1
               ? row(first, sums)
               : k.loop(first, first + count, 1, SmallVector<Value>(sums), row);
  };
  if (!cutRows)
    return rowsFrom(0, shape.kernelHeight, sums);
  // At most four blocks of rows; what is left over goes first.
  int64_t rowSteps = shape.kernelWidth * shape.run;
  int64_t size = shape.element.isF16()
                     ? llvm::divideCeil(chainLength(), rowSteps)
                     : llvm::divideCeil(shape.kernelHeight, 4);
  int64_t rest = shape.kernelHeight % size;
  auto block = [&](Index first, int64_t count, ArrayRef<Value> sums) {
    return addBlock(sums, [&](ArrayRef<Value> zeros) {
      return rowsFrom(first, count, zeros);
    });
  };
  int64_t begin = rest;
  SmallVector<Value> result(sums);
  if (!hasWideSums()) {
    begin = rest ? rest : size;
    result = rowsFrom(0, begin, sums);
  } else if (rest) {
    result = block(0, rest, sums);
  }
  return k.loop(begin, shape.kernelHeight, size, result,
                [&](Index first, ArrayRef<Value> sums) {
                  return block(first, size, sums);
                });
}

SmallVector<Value> ContractionWriter::addBlock(
    ArrayRef<Value> sums,
    function_ref<SmallVector<Value>(ArrayRef<Value>)> body) {
  if (!shape.element.isF16())
    return addFromZero(k, shape.element, sums, body);
  SmallVector<Value> zeros;
  zeros.reserve(sums.size());
  for (Value sum : sums)
    zeros.push_back(zero(cast<VectorType>(sum.getType()).getDimSize(0)));
  return addSums(k, sums, body(zeros));
}

Steps ContractionWriter::makeSteps(const Panel &panel, Index lhs, Index next,
                                   Index kh, Index kw, const OutputTile &tile) {
  int64_t rows = tile.rows, columns = tile.columns;
  Steps steps{panel, rows, columns, {}, {}, {}, 0, {}, 0, nullptr, {}, false};
  Index taps = k.add(k.mul(kh, shape.kernelWidth), kw);
  if (shape.packed) {
    // Behind what the sums begin with.
    steps.rhs =
        k.add(panel.rhs + shape.packedStart() * panel.step / shape.packedStep(),
              k.mul(taps, shape.stepsPerRun() * panel.step));
  } else {
    steps.rhs = k.add(k.add(panel.rhs, k.mul(kh, shape.rhsKernelRow)),
                      k.mul(kw, shape.rhsKernelColumn));
  }
  steps.lhs = k.add(k.add(lhs, k.mul(kh, shape.lhsKernelRow)),
                    k.mul(kw, shape.lhsKernelColumn));
  if (farLhs && kw.isConstant()) {
    int64_t across = columns * shape.lhsColumn;
    steps.nextLhs = steps.lhs + across;
    steps.lhsShare = llvm::divideCeil(across, shape.stepsPerRun());
  }
  if (tiling.getPrefetchNext()) {
    steps.share = llvm::divideCeil(panel.step * rows * columns,
                                   threadOutputs() * fetchStreams());
    steps.next = k.add(next, k.mul(taps, shape.stepsPerRun() * steps.share));
  }
  if (fetchesOutputs(panel, tile)) {
    steps.fetched = &tile;
    steps.before = k.mul(taps, shape.stepsPerRun());
  }
  return steps;
}

/// One run in blocks; where sums are wider than products, those of sixteen
/// blocks are added up before they become wide, which takes conversions.
SmallVector<Value> ContractionWriter::blocks(const Steps &steps,
                                             ArrayRef<Value> sums) {
  if (!hasWideSums())
    return blocks(steps, 0, shape.run, sums);
  int64_t count = llvm::divideCeil(shape.run, 16 * chainLength());
  int64_t size =
      llvm::alignTo(llvm::divideCeil(shape.run, count), chainLength());
  auto group = [&](Index first, int64_t length, ArrayRef<Value> sums) {
    return addBlock(sums, [&](ArrayRef<Value> zeros) {
      return blocks(steps, first, length, zeros);
    });
  };
  int64_t whole = shape.run / size * size;
  SmallVector<Value> result =
      k.loop(0, whole, size, sums, [&](Index first, ArrayRef<Value> sums) {
        return group(first, size, sums);
      });
  return whole < shape.run ? group(whole, shape.run - whole, result) : result;
}

/// Steps [first, first + length) in blocks of equal length, which may leave a
/// shorter one.
SmallVector<Value> ContractionWriter::blocks(const Steps &steps, Index first,
                                             int64_t length,
                                             ArrayRef<Value> sums) {
  // Half a chain more is better than a short one.
  bool isOne = shape.element.isF16() && 2 * length <= 3 * chainLength();
  int64_t count = isOne ? 1 : llvm::divideCeil(length, chainLength());
  int64_t size =
      llvm::alignTo(llvm::divideCeil(length, count), tiling.getUnroll());
  int64_t whole = length / size * size;
  auto block = [&](Index from, int64_t length, ArrayRef<Value> sums) {
    if (streamsWeights() &&
        std::min(tiling.getUnroll(), length) >= elementsPerLoad())
      return addSums(k, sums, chain(steps, from, length, {}));
    return addBlock(sums, [&](ArrayRef<Value> zeros) {
      return chain(steps, from, length, zeros);
    });
  };
  Streams side = {streams(), whole / size / streams() * size};
  // Behind other taps, sums are as large as they become.
  bool goesOn = shape.kernelHeight * shape.kernelWidth == 1 && !hasWideSums();
  int64_t begin = 0;
  SmallVector<Value> result(sums);
  if (side.count > 1) {
    begin = side.count * side.apart;
    result = k.loop(
        0, side.apart, size, result, [&](Index from, ArrayRef<Value> sums) {
          return blocksInStreams(steps, k.add(first, from), size, side, sums);
        });
  } else if (goesOn) {
    begin = size;
    result = chain(steps, first, size, sums);
  }
  if (begin < whole) {
    result = k.loop(begin, whole, size, result,
                    [&](Index from, ArrayRef<Value> sums) {
                      return block(k.add(first, from), size, sums);
                    });
  }
  return whole < length ? block(first + whole, length - whole, result) : result;
}

/// One run in blocks, each of which starts at zero and is added times its
/// scales.
SmallVector<Value> ContractionWriter::scaledBlocks(const Steps &steps,
                                                   ArrayRef<Value> sums) {
  const Panel &panel = steps.panel;
  Layout layout = k.operandLayout(*shape.scales);
  auto scale = [&](Index number, size_t v) {
    Index at = k.add(k.mul(number, layout.strides.front()),
                     panel.channel + (v * panels.lanes + layout.offset));
    Value vector = k.load(k.operandBuffer(*shape.scales), at, panel.stored[v]);
    return widen(vector, panel.computed[v]);
  };
  return k.loop(
      0, shape.run / shape.block, 1, SmallVector<Value>(sums),
      [&](Index number, ArrayRef<Value> sums) {
        SmallVector<Value> zeros;
        zeros.reserve(sums.size());
        for (Value sum : sums)
          zeros.push_back(zero(cast<VectorType>(sum.getType()).getDimSize(0)));
        SmallVector<Value> products =
            chain(steps, k.mul(number, shape.block), shape.block, zeros);
        for (size_t v = 0; v < panel.vectors(); ++v) {
          Value factor = scale(number, v);
          for (size_t i = v; i < products.size(); i += panel.vectors())
            products[i] = k.fma(products[i], factor, sums[i]);
        }
        return products;
      });
}

/// Reduction steps [from, from + length) of one run, added to `sums`; without
/// those, which steps by lanes can do, their sums alone.
SmallVector<Value> ContractionWriter::chain(const Steps &steps, Index from,
                                            int64_t length,
                                            ArrayRef<Value> sums,
                                            Streams streams) {
  if (shape.addsBytePairs && steps.rows * steps.columns == 1)
    return chainOfBytePairs(steps, from, length, sums);
  int64_t perLoad = elementsPerLoad();
  auto some = [&](Index step, int64_t count, ArrayRef<Value> sums,
                  std::optional<WeightStream> &weights) {
    Index at = k.add(from, step);
    SmallVector<Value> current(sums);
    int64_t u = 0;
    // What is left of eight may be half of them.
    for (int64_t size = perLoad; size >= 4; size /= 2) {
      for (; u + size <= count; u += size)
        current = stepsByLanes(steps, at + u, size, weights, current);
    }
    for (; u < count; ++u)
      current = this->step(steps, at + u, current);
    // Behind the loads: LLVM takes a prefetch for a write, and would not join a
    // load with its broadcasts across one.
    fetchAhead(steps, at, count);
    return current;
  };
  int64_t unroll = std::min(tiling.getUnroll(), length);
  std::optional<WeightStream> weights;
  if (streamsWeights() && unroll && unroll % perLoad == 0)
    weights.emplace(k, shape.element, rhsBuffer(),
                    k.add(steps.rhs, k.mul(from, steps.panel.step)), steps.lhs);
  auto inStreams = [&](Index step, int64_t count, ArrayRef<Value> sums,
                       std::optional<WeightStream> &weights) {
    return stepsInStreams(streams, step, count, sums, weights, some);
  };
  return loopOverSteps(k, length, unroll, sums, weights, inStreams);
}

SmallVector<Value> ContractionWriter::step(const Steps &steps, Index at,
                                           ArrayRef<Value> sums) {
  const Panel &panel = steps.panel;
  Value lhsBuffer = k.operandBuffer(shape.lhs);
  Index lhs = k.add(steps.lhs, at),
        rhs = k.add(steps.rhs, k.mul(at, panel.step));
  SmallVector<Value> factors;
  for (size_t v = 0; v < panel.vectors(); ++v)
    factors.push_back(
        factor(loadRhs(panel, rhs, v), shape.rhsElement, shape.rhsZeroPoint));
  SmallVector<Value> results(sums);
  for (int64_t r = 0; r < steps.rows; ++r) {
    for (int64_t c = 0; c < steps.columns; ++c) {
      Value scalar = k.loadScalar(
          lhsBuffer, lhs + (r * shape.lhsRow + c * shape.lhsColumn));
      scalar = factor(scalar, shape.lhsElement, shape.lhsZeroPoint);
      for (size_t v = 0; v < panel.vectors(); ++v) {
        Value &sum = results[(r * steps.columns + c) * panel.vectors() + v];
        Value broadcast = vector::BroadcastOp::create(
            k.b, k.loc, cast<VectorType>(sum.getType()), scalar);
        sum = k.fma(broadcast, factors[v], sum);
      }
    }
  }
  return results;
}

/// Some steps whose elements of lhs are the lanes of one vector per output.
/// Those stay in registers, so vectors of rhs pass by: one after the other.
SmallVector<Value>
ContractionWriter::stepsByLanes(const Steps &steps, Index at, int64_t count,
                                std::optional<WeightStream> &weights,
                                ArrayRef<Value> sums) {
  const Panel &panel = steps.panel;
  Index lhs = k.add(steps.lhs, at);
  SmallVector<Value> elements;
  for (int64_t r = 0; r < steps.rows; ++r) {
    for (int64_t c = 0; c < steps.columns; ++c) {
      elements.push_back(k.load(k.operandBuffer(shape.lhs),
                                lhs + (r * shape.lhsRow + c * shape.lhsColumn),
                                count));
    }
  }
  auto weight = [&](int64_t u, int64_t v) {
    if (weights)
      return weights->next();
    Index rhs = k.add(steps.rhs, k.mul(at + u, panel.step));
    return factor(loadRhs(panel, rhs, v), shape.rhsElement, shape.rhsZeroPoint);
  };
  return multiplyByLanes(k, elements, int64_t(panel.vectors()), weight, sums);
}

/// What later steps, tiles and panels read, on its way while `count` steps
/// compute.
void ContractionWriter::fetchAhead(const Steps &steps, Index at,
                                   int64_t count) {
  const Panel &panel = steps.panel;
  Value rhsBuffer = k.operandBuffer(shape.rhs);
  Value lhsBuffer = k.operandBuffer(shape.lhs);
  Index rhs = k.add(steps.rhs, k.mul(at, panel.step));
  if (tiling.getPrefetch() && shape.packed) {
    for (int64_t line = 0; line < count * panel.step;
         line += lineElements(shape.packedElement()))
      k.prefetch(rhsBuffer, rhs + (tiling.getPrefetch() * panel.step + line),
                 3);
  }
  if (tiling.getPrefetchNext()) {
    Index next = k.add(steps.next, k.mul(at, steps.share));
    int64_t streams = steps.inTurns ? 1 : fetchStreams();
    int64_t apart = llvm::divideCeil(packedElements(panel), streams);
    for (int64_t line = 0; line < count * steps.share;
         line += lineElements(shape.packedElement()))
      for (int64_t stream = 0; stream < streams; ++stream)
        k.prefetch(rhsBuffer, next + (stream * apart + line), 2);
  }
  if (steps.fetched && count)
    fetchOutputs(steps, at);
  Index nextLhs = k.add(steps.nextLhs, k.mul(at, steps.lhsShare));
  for (int64_t line = 0; line < count * steps.lhsShare;
       line += lineElements(shape.lhsElement))
    k.prefetch(lhsBuffer, nextLhs + line, 2);
}

Value ContractionWriter::loadRhs(const Panel &panel, Index at, size_t vector) {
  if (shape.unpackedInRun)
    return k.load(rhsBuffer(), at + int64_t(vector) * panels.lanes,
                  panel.computed[vector]);
  return loadPacked(panel, at, vector);
}

Value ContractionWriter::loadPacked(const Panel &panel, Index at,
                                    size_t vector) {
  Value buffer = k.operandBuffer(shape.rhs);
  int64_t lanes = panel.computed[vector], first = vector * panels.lanes;
  if (rhsPerByte > 1)
    return loadNibbles(at + first / rhsPerByte, lanes);
  if (shape.packed)
    return k.load(buffer, at + first, lanes);
  if (shape.rhsChannel == 1)
    return widen(k.load(buffer, at + first, panel.stored[vector]), lanes);
  // Weights computed at run time, in filter order: one element at a time.
  SmallVector<Value> elements;
  for (int64_t lane = 0; lane < lanes; ++lane) {
    int64_t used = std::min(lane, panel.stored[vector] - 1);
    elements.push_back(
        k.loadScalar(buffer, at + (first + used) * shape.rhsChannel));
  }
  return vector::FromElementsOp::create(
      k.b, k.loc, k.vectorType(lanes, elements.front().getType()), elements);
}

/// The same where lanes are shifted by counts of their own: each byte in two
/// lanes of 32 bits, its low half in the first and its high half in the second
/// moved to the top, and down again with the sign. Shifts of bytes would be
/// several instructions each.
static Value spreadNibbles(KernelBuilder &k, Value bytes, int64_t lanes) {
  auto half = cast<VectorType>(bytes.getType()).getDimSize(0);
  SmallVector<int64_t> mask;
  SmallVector<int32_t> counts;
  for (int64_t lane = 0; lane < lanes; ++lane) {
    mask.push_back(lane < lanes / 2 ? lane : half + lane - lanes / 2);
    counts.push_back(lane < lanes / 2 ? 28 : 24);
  }
  Value twice = vector::ShuffleOp::create(k.b, k.loc, bytes, bytes, mask);
  auto words = VectorType::get({lanes}, k.b.getI32Type());
  Value wide = arith::ExtUIOp::create(k.b, k.loc, words, twice);
  auto constant = [&](ArrayRef<int32_t> numbers) -> Value {
    return arith::ConstantOp::create(k.b, k.loc,
                                     DenseElementsAttr::get(words, numbers));
  };
  wide = arith::ShLIOp::create(k.b, k.loc, wide, constant(counts));
  return arith::ShRSIOp::create(k.b, k.loc, wide, constant({28}));
}

/// Numbers of 4 bits: the low halves of bytes, then the high ones.
Value ContractionWriter::loadNibbles(Index at, int64_t lanes) {
  Value bytes = k.load(k.operandBuffer(shape.rhs), at, lanes / 2);
  if (k.machine.getVectorBits() >= 256 &&
      llvm::Triple(k.machine.getTriple()).isX86())
    return spreadNibbles(k, bytes, lanes);
  Value four = k.splat(k.b.getI8IntegerAttr(4), lanes / 2);
  Value low = arith::ShLIOp::create(k.b, k.loc, bytes, four);
  low = arith::ShRSIOp::create(k.b, k.loc, low, four);
  Value high = arith::ShRSIOp::create(k.b, k.loc, bytes, four);
  SmallVector<int64_t> mask(lanes);
  int64_t width = cast<VectorType>(bytes.getType()).getDimSize(0);
  for (int64_t lane = 0; lane < lanes; ++lane)
    mask[lane] = lane < lanes / 2 ? lane : width + lane - lanes / 2;
  return vector::ShuffleOp::create(k.b, k.loc, low, high, mask);
}

Value ContractionWriter::factor(Value x, Type element, int64_t zeroPoint) {
  if (element == shape.element)
    return x;
  if (!isa<FloatType>(shape.element))
    return emitFactor(k.b, k.loc, x, element, zeroPoint);
  if (isa<FloatType>(getElementTypeOrSelf(x)))
    return x;
  return arith::SIToFPOp::create(k.b, k.loc,
                                 withElement(x.getType(), shape.element), x);
}

/// The vector's lanes and others of any value, `lanes` in all.
Value ContractionWriter::widen(Value vector, int64_t lanes) {
  int64_t width = cast<VectorType>(vector.getType()).getDimSize(0);
  if (width == lanes)
    return vector;
  SmallVector<int64_t> mask(lanes);
  for (int64_t lane = 0; lane < lanes; ++lane)
    mask[lane] = std::min(lane, width - 1);
  return vector::ShuffleOp::create(k.b, k.loc, vector, vector, mask);
}

/// The first lanes, in the type that carries as many.
Value ContractionWriter::narrow(Value vector, int64_t lanes) {
  VectorType type = k.vectorType(lanes, getElementTypeOrSelf(vector.getType()));
  if (vector.getType() == type)
    return vector;
  auto mask = llvm::to_vector(llvm::seq<int64_t>(0, type.getDimSize(0)));
  return vector::ShuffleOp::create(k.b, k.loc, vector, vector, mask);
}
