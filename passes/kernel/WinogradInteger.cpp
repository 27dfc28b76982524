//===- WinogradInteger.cpp - Winograd's method on bytes -------------------===//
//
// On integers the method is exact: its points keep inputs whole, and filters
// are stored as many times as large as makes them whole
// (WinogradTransform.cpp). The sums at the points are i32, modulo 2^32; so are
// the outputs' transforms, whose result is a multiple of the direct sum. That
// one fits i32 but for an odd factor (getWinogradShape makes sure), so that
// dividing it is exact.
//
//   inputs at points     sums of bytes   i16, two channels to a word
//   filters at points    sums of weights i16
//   products             pairs of i16 (vpmaddwd), or i16 by i16 (smlal, vwmacc)
//   result               transform(products) / factor + start + bias
//
// Inputs are multiplied as they are stored; their zero point is in the start.
//
//===----------------------------------------------------------------------===//
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/LaneProducts.h"
#include "passes/kernel/Narrowing.h"
#include "passes/kernel/WinogradWriter.h"
#include "passes/schedule/CostModel.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

namespace {
class IntegerWinogradWriter : public WinogradWriter {
public:
  using WinogradWriter::WinogradWriter;

private:
  int64_t inputLanes() const override {
    return schedule::winogradInputLanes(k.machine);
  }
  int64_t outputLanes() const override;
  void transformVector(const TilePosition &at, Index local, Index channel,
                       int64_t lanes) override;
  void multiplyTiles(const FilterPanel &panel, Index point,
                     Index local) override;
  void finishVector(const TilePosition &at, Index local, Index channel,
                    int64_t lanes) override;

  /// Whether products take a lane of a register (NEON).
  bool byLanes() const {
    return schedule::elementsPerLoad(k.machine) == panels.lanes &&
           panels.lanes == 4;
  }
  Value words(Value halves);
  Value loadHalves(Index at, int64_t count);
  SmallVector<Value> wordSteps(const FilterPanel &panel, Index from, Index word,
                               ArrayRef<Value> sums);
  SmallVector<Value> channelSteps(const FilterPanel &panel, Index from,
                                  Index channel, int64_t count,
                                  ArrayRef<Value> sums);
  Value loadInput(Index from, Index channel);
  SmallVector<Value> inputFactors(Index from, Index channel, int64_t count);
  Value multiplyAdd(Value input, Value weights, Value sum);
  SmallVector<Value> weightRow(const FilterPanel &panel, Index row);
  SmallVector<Value> outputs(Index local, Index channel, int64_t lanes);

  const WinogradIntegers &integers = *shape.integers;
  /// Elements of the packed filters before those of the first point.
  int64_t starts = winogradStarts(shape, panels);
};
} // namespace

static int64_t lanesOf(Value vector) {
  return cast<VectorType>(vector.getType()).getDimSize(0);
}

//===-- inputs -----------------------------------------------------------===//

/// i16 as words of two, the last one of an odd number with a zero.
Value IntegerWinogradWriter::words(Value halves) {
  int64_t count = lanesOf(halves);
  if (count % 2) {
    Value zeros = arith::ConstantOp::create(k.b, k.loc,
                                            k.b.getZeroAttr(halves.getType()));
    auto order = llvm::to_vector(llvm::seq<int64_t>(0, ++count));
    halves = vector::ShuffleOp::create(k.b, k.loc, halves, zeros, order);
  }
  return vector::BitCastOp::create(
      k.b, k.loc, VectorType::get(count / 2, k.b.getI32Type()), halves);
}

void IntegerWinogradWriter::transformVector(const TilePosition &at, Index local,
                                            Index channel, int64_t lanes) {
  Layout input = k.operandLayout(shape.input);
  Index from = k.address(input, {at.image, at.h, at.w, channel}) +
               (-shape.top * input.strides[1] - shape.left * input.strides[2]);
  Index to =
      k.add(k.add(inputs, k.mul(local, blocks.inputTile)), k.div(channel, 2));
  transform.input(
      k,
      [&](int64_t y, int64_t x) -> Value {
        Value bytes =
            k.load(k.operandBuffer(shape.input),
                   from + (y * input.strides[1] + x * input.strides[2]), lanes,
                   Form::stored);
        Type wide = withElement(bytes.getType(), k.b.getI16Type());
        if (isUnsignedElement(integers.input))
          return arith::ExtUIOp::create(k.b, k.loc, wide, bytes);
        return arith::ExtSIOp::create(k.b, k.loc, wide, bytes);
      },
      [&](int64_t y, ArrayRef<Value> row) {
        for (auto [x, value] : llvm::enumerate(row)) {
          int64_t point = y * shape.side() + int64_t(x);
          Value stored = words(value);
          k.store(stored, k.scratchBuffer(), to + point * blocks.inputPoint,
                  lanesOf(stored));
        }
      });
}

//===-- products ---------------------------------------------------------===//

/// Of the packed filters.
Value IntegerWinogradWriter::loadHalves(Index at, int64_t count) {
  return vector::LoadOp::create(
      k.b, k.loc, VectorType::get(count, k.b.getI16Type()),
      k.operandBuffer(shape.filter), ValueRange{k.value(at)});
}

void IntegerWinogradWriter::multiplyTiles(const FilterPanel &panel, Index point,
                                          Index local) {
  Index from = k.add(k.add(inputs, k.mul(point, blocks.inputPoint)),
                     k.mul(local, blocks.inputTile));
  SmallVector<Value> sums;
  for (int64_t tile = 0; tile < panel.tiles; ++tile)
    for (int64_t lanes : panel.lanes)
      sums.push_back(k.splat(k.b.getI32IntegerAttr(0), lanes));
  auto steps = [&](Index first, int64_t count, ArrayRef<Value> sums,
                   std::optional<WeightStream> &) {
    if (!integers.pairs)
      return channelSteps(panel, from, first, count, sums);
    SmallVector<Value> current(sums);
    for (int64_t u = 0; u < count; ++u)
      current = wordSteps(panel, from, first + u, current);
    return current;
  };
  int64_t length = integers.pairs ? shape.inputWords() : shape.inputs;
  int64_t unroll = std::clamp<int64_t>(k.tiling.getUnroll(), 1, length);
  // A load of lanes begins with a word.
  if (byLanes() && unroll < length)
    unroll = llvm::alignTo(unroll, 2);
  sums = loopOverSteps(k, length, unroll, sums, std::nullopt, steps);
  storeProducts(panel, point, local, sums);
}

/// Two channels.
SmallVector<Value> IntegerWinogradWriter::wordSteps(const FilterPanel &panel,
                                                    Index from, Index word,
                                                    ArrayRef<Value> sums) {
  SmallVector<Value> weights, results(sums);
  Index row = k.add(panel.filter + starts, k.mul(word, 2 * panel.width));
  for (auto [v, lanes] : llvm::enumerate(panel.lanes))
    weights.push_back(
        loadHalves(row + int64_t(v) * 2 * panels.lanes, 2 * lanes));
  size_t count = panel.lanes.size();
  for (int64_t tile = 0; tile < panel.tiles; ++tile) {
    Index at = k.add(from, word) + tile * blocks.inputTile;
    Value scalar = k.loadScalar(k.scratchBuffer(), at);
    for (size_t v = 0; v < count; ++v) {
      Value &sum = results[size_t(tile) * count + v];
      Value pairs = vector::BitCastOp::create(k.b, k.loc, weights[v].getType(),
                                              k.splat(scalar, panel.lanes[v]));
      sum = integers.pairs->emit(k.b, k.loc, sum, pairs, weights[v]);
    }
  }
  return results;
}

/// The weights of one channel, a vector of i16 for each one of the sums.
SmallVector<Value> IntegerWinogradWriter::weightRow(const FilterPanel &panel,
                                                    Index channel) {
  Index row = k.add(panel.filter + starts, k.mul(channel, panel.width));
  SmallVector<Value> weights;
  for (size_t v = 0; v < panel.lanes.size();) {
    int64_t lanes = panel.lanes[v];
    Index at = row + int64_t(v) * panels.lanes;
    // A register of i16 is two of the sums'.
    if (byLanes() && v + 1 < panel.lanes.size() &&
        panel.lanes[v + 1] == lanes) {
      Value both = loadHalves(at, 2 * lanes);
      for (int64_t half : {0, 1})
        weights.push_back(vector::ExtractStridedSliceOp::create(
            k.b, k.loc, both, half * lanes, lanes, 1));
      v += 2;
      continue;
    }
    weights.push_back(loadHalves(at, lanes));
    ++v;
  }
  return weights;
}

Value IntegerWinogradWriter::multiplyAdd(Value input, Value weights,
                                         Value sum) {
  if (byLanes()) {
    Value product = LLVM::CallIntrinsicOp::create(
                        k.b, k.loc, sum.getType(),
                        k.b.getStringAttr("llvm.aarch64.neon.smull.v4i32"),
                        ValueRange{weights, input})
                        .getResult(0);
    return arith::AddIOp::create(k.b, k.loc, sum, product);
  }
  auto widen = [&](Value halves, Type type) -> Value {
    return arith::ExtSIOp::create(k.b, k.loc, type, halves);
  };
  Value factor = k.splat(widen(input, k.b.getI32Type()), lanesOf(sum));
  return k.fma(factor, widen(weights, sum.getType()), sum);
}

/// `count` channels from `channel` on, where one register has a lane for each
/// of several.
SmallVector<Value> IntegerWinogradWriter::channelSteps(const FilterPanel &panel,
                                                       Index from,
                                                       Index channel,
                                                       int64_t count,
                                                       ArrayRef<Value> sums) {
  SmallVector<Value> results(sums);
  size_t vectors = panel.lanes.size();
  // Channels of each tile that one load brings.
  int64_t perLoad = byLanes() ? 2 * panels.lanes : 1;
  for (int64_t u = 0, size; u < count; u += size) {
    size = u + perLoad <= count ? perLoad : 1;
    SmallVector<SmallVector<Value>> factors;
    for (int64_t tile = 0; tile < panel.tiles; ++tile)
      factors.push_back(inputFactors(from + tile * blocks.inputTile,
                                     k.add(channel, u), size));
    for (int64_t i = 0; i < size; ++i) {
      SmallVector<Value> weights = weightRow(panel, k.add(channel, u + i));
      for (int64_t tile = 0; tile < panel.tiles; ++tile) {
        for (size_t v = 0; v < vectors; ++v) {
          Value &sum = results[size_t(tile) * vectors + v];
          sum = multiplyAdd(factors[tile][i], weights[v], sum);
        }
      }
    }
  }
  return results;
}

/// The i16 at `channel` of a tile, which begins at the word `from` of scratch.
Value IntegerWinogradWriter::loadInput(Index from, Index channel) {
  auto integer = [&](Value index) -> Value {
    return arith::IndexCastOp::create(k.b, k.loc, k.b.getI64Type(), index);
  };
  auto type = LLVM::LLVMPointerType::get(k.b.getContext());
  Value address = memref::ExtractAlignedPointerAsIndexOp::create(
      k.b, k.loc, k.scratchBuffer());
  Value base = LLVM::IntToPtrOp::create(k.b, k.loc, type, integer(address));
  Index at = k.add(k.mul(from, 2), channel);
  Value place = LLVM::GEPOp::create(k.b, k.loc, type, k.b.getI16Type(), base,
                                    ValueRange{integer(k.value(at))});
  return LLVM::LoadOp::create(k.b, k.loc, k.b.getI16Type(), place);
}

/// The inputs of `count` channels of a tile: i16 in all lanes of a vector, or
/// scalars.
SmallVector<Value>
IntegerWinogradWriter::inputFactors(Index from, Index channel, int64_t count) {
  SmallVector<Value> factors;
  if (count == 1) {
    Value scalar = loadInput(from, channel);
    factors.push_back(byLanes() ? k.splat(scalar, panels.lanes) : scalar);
    return factors;
  }
  Value loaded = vector::LoadOp::create(
      k.b, k.loc, VectorType::get(count / 2, k.b.getI32Type()),
      k.scratchBuffer(), ValueRange{k.value(k.add(from, k.div(channel, 2)))});
  Value halves = vector::BitCastOp::create(
      k.b, k.loc, VectorType::get(count, k.b.getI16Type()), loaded);
  for (int64_t i = 0; i < count; ++i) {
    SmallVector<int64_t> order(panels.lanes, i);
    factors.push_back(
        vector::ShuffleOp::create(k.b, k.loc, halves, halves, order));
  }
  return factors;
}

//===-- outputs ----------------------------------------------------------===//

/// Those of a whole epilogue, unless panels that threads share end inside.
int64_t IntegerWinogradWriter::outputLanes() const {
  int64_t lanes = epilogueLanes(k.kernel, k.machine);
  bool isWhole = !blocks.byPanels || panels.width % lanes == 0;
  return isWhole ? lanes : k.tiling.getLanes();
}

/// The direct sums of a tile, of at most one vector of channels.
SmallVector<Value> IntegerWinogradWriter::outputs(Index local, Index channel,
                                                  int64_t lanes) {
  SmallVector<Value> results =
      transformedOutputs(productsOf(local, channel), lanes);
  Value start;
  if (starts) {
    int64_t width = lanesOf(results.front());
    start = vector::BitCastOp::create(k.b, k.loc, results.front().getType(),
                                      loadHalves(k.mul(channel, 2), 2 * width));
  }
  if (shape.bias) {
    Index first = channel + k.operandLayout(*shape.bias).offset;
    Value bias = k.load(k.operandBuffer(*shape.bias), first, lanes);
    start = start ? arith::AddIOp::create(k.b, k.loc, start, bias) : bias;
  }
  for (Value &result : results) {
    result = transform.wholeOutput(k, result);
    if (start)
      result = arith::AddIOp::create(k.b, k.loc, result, start);
  }
  return results;
}

void IntegerWinogradWriter::finishVector(const TilePosition &at, Index local,
                                         Index channel, int64_t lanes) {
  int64_t most = k.tiling.getLanes();
  for (int64_t done = 0, size; done < lanes; done += size) {
    // As many whole vectors as the epilogue joins, then what is left of one.
    size = lanes - done;
    if (size > most)
      size = most * int64_t(llvm::bit_floor(uint64_t(size / most)));
    SmallVector<SmallVector<Value>> parts;
    for (int64_t first = 0; first < size; first += most)
      parts.push_back(outputs(local, channel + (done + first),
                              std::min(most, size - first)));
    SmallVector<Value> joined;
    for (size_t i = 0; i < parts.front().size(); ++i) {
      SmallVector<Value> vectors;
      for (const SmallVector<Value> &part : parts)
        vectors.push_back(part[i]);
      joined.push_back(joinVectors(k.b, k.loc, vectors));
    }
    storeOutputs(at, channel + done, size, joined);
  }
}

void kernel::writeIntegerWinograd(KernelBuilder &k,
                                  const WinogradShape &shape) {
  IntegerWinogradWriter(k, shape).write();
}
