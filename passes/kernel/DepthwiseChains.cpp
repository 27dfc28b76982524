//===- DepthwiseChains.cpp - products of bytes added up in 16 bits --------===//
//
// Where the machine multiplies bytes to i16 (NEON without dot products, RVV),
// the products of some taps are added up in i16 before they are widened: all
// that fit, whatever the input is. Two always do, unless both weights are -128;
// the filter is a constant, so that it says itself where more do. 16 channels
// go together, and the outputs of a tile lie in a row, which share the weights.
//
//   for taps a, b of a chain:
//     sum[16] += extend(x[a][16] * w[a][16] + x[b][16] * w[b][16])
//
//===----------------------------------------------------------------------===//
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/Depthwise.h"
#include "llvm/TargetParser/Triple.h"
#include <cstring>
#include <map>

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

//===-- which taps -------------------------------------------------------===//

int64_t kernel::weightAt(const DepthwiseShape &s, ArrayRef<char> filter,
                         int64_t channel, int64_t tap) {
  char byte = filter[filter.size() == 1 ? 0 : channel * s.taps() + tap];
  return (isUnsignedElement(s.filterElement) ? int64_t(uint8_t(byte))
                                             : int64_t(int8_t(byte))) -
         s.filterZeroPoint;
}

/// As many taps in a row per chain as fit i16 in every channel.
static SmallVector<SmallVector<int64_t>> makeChains(const DepthwiseShape &s,
                                                    ArrayRef<char> filter) {
  // Times -128, the largest input.
  constexpr int64_t most = 255;
  SmallVector<SmallVector<int64_t>> chains;
  SmallVector<int64_t> sizes(s.channels, 0);
  for (int64_t tap = 0; tap < s.taps(); ++tap) {
    SmallVector<int64_t> longer(sizes);
    for (int64_t c = 0; c < s.channels; ++c)
      longer[c] += std::abs(weightAt(s, filter, c, tap));
    bool fits = llvm::all_of(longer, [](int64_t size) { return size <= most; });
    if (chains.empty() || !fits) {
      chains.emplace_back();
      for (int64_t c = 0; c < s.channels; ++c)
        longer[c] = std::abs(weightAt(s, filter, c, tap));
    }
    chains.back().push_back(tap);
    sizes = longer;
  }
  return chains;
}

/// Whether bytes are multiplied to i16 in vectors of sixteen.
static bool widensProducts(schedule::KernelOp kernel,
                           schedule::MachineAttr machine) {
  llvm::Triple triple(machine.getTriple());
  int64_t bits = machine.getVectorBits();
  if (triple.isAArch64())
    return bits == 128 && vectorLanes(kernel, machine) == 4;
  // There are instructions for vectors of any length.
  return triple.isRISCV64() && bits == 32 * chainChannels &&
         vectorLanes(kernel, machine) == chainChannels;
}

void kernel::chooseChains(schedule::KernelOp kernel,
                          schedule::MachineAttr machine, DepthwiseShape &s) {
  constexpr IntegerRange fitting = {-127, 127};
  ElementsAttr constant = getConstantOperand(kernel, s.filter);
  // Without its bytes the range is that of the type, which has -128.
  if (!widensProducts(kernel, machine) ||
      !fitting.contains(rangeOfBytes(constant, s.filterZeroPoint)))
    return;
  s.widensTogether = llvm::Triple(machine.getTriple()).isRISCV64();
  s.chains = makeChains(s, bytesOf(constant));
}

//===-- sums -------------------------------------------------------------===//

/// Where the filter of the channels from `c` on lies; what is left behind whole
/// groups begins at a known channel.
Index DepthwiseWriter::chainAddress(Index c) const {
  int64_t perChannel = 4 + shape.taps();
  int64_t lane = c.constant % chainChannels;
  if (c.dynamic)
    return k.mul(c, perChannel);
  return (c.constant - lane) * perChannel;
}

/// The vector's first lanes, or others of any value behind them.
static Value resized(KernelBuilder &k, Value vector, int64_t width) {
  int64_t from = cast<VectorType>(vector.getType()).getDimSize(0);
  if (from == width)
    return vector;
  SmallVector<int64_t> order(width, vector::ShuffleOp::kPoisonIndex);
  for (int64_t lane = 0; lane < std::min(from, width); ++lane)
    order[lane] = lane;
  return vector::ShuffleOp::create(k.b, k.loc, vector, vector, order);
}

/// `lanes` bytes of `buffer` as i16, in a vector of `width`; with the sign that
/// the multiplication takes.
Value DepthwiseWriter::chainFactor(Value buffer, Index at, int64_t lanes,
                                   int64_t width, bool flips) {
  Value bytes = k.machine.getHasMaskedLanes()
                    ? k.load(buffer, at, lanes, Form::stored)
                    : loadBytes(k, buffer, at, lanes);
  bytes = resized(k, bytes, width);
  auto type = cast<VectorType>(bytes.getType());
  if (flips) {
    auto flip = IntegerAttr::get(k.b.getI8Type(), llvm::APInt(8, 0x80));
    Value flips = arith::ConstantOp::create(
        k.b, k.loc, SplatElementsAttr::get(type, Attribute(flip)));
    bytes = arith::XOrIOp::create(k.b, k.loc, bytes, flips);
  }
  return arith::ExtSIOp::create(
      k.b, k.loc, VectorType::get(width, k.b.getI16Type()), bytes);
}

Value DepthwiseWriter::chainStart(Index c, int64_t lanes, int64_t width) {
  auto type = VectorType::get(width, k.b.getI32Type());
  Value start;
  if (shape.bias) {
    Value sums = k.load(k.operandBuffer(*shape.bias), c + bias, lanes);
    start = resized(k, sums, width);
  }
  if (shape.dotOffset() != 0) {
    // Behind the last of them there are taps.
    Index offsets = chainAddress(c);
    if (c.isConstant())
      offsets = offsets + 4 * (c.constant % chainChannels);
    Value bytes = vector::LoadOp::create(
        k.b, k.loc, VectorType::get(4 * width, k.b.getI8Type()),
        k.operandBuffer(shape.filter), ValueRange{k.value(offsets)});
    Value offset = vector::BitCastOp::create(k.b, k.loc, type, bytes);
    start = start ? arith::AddIOp::create(k.b, k.loc, start, offset).getResult()
                  : offset;
  }
  return start ? start
               : arith::ConstantOp::create(k.b, k.loc, k.b.getZeroAttr(type))
                     .getResult();
}

SmallVector<Value> DepthwiseWriter::chainTaps(Index input, Index c,
                                              int64_t lanes, int64_t rows,
                                              int64_t columns) {
  int64_t width = lanes > 8 ? chainChannels : 8;
  Value filter = k.operandBuffer(shape.filter),
        inputs = k.operandBuffer(shape.input);
  Index weights = chainAddress(c) + 4 * chainChannels;
  if (c.isConstant())
    weights = weights + c.constant % chainChannels;
  bool flips = shape.movedBy() != 0;
  std::map<std::pair<int64_t, int64_t>, Value> loaded;
  auto factor = [&](int64_t output, int64_t tap) {
    int64_t y = output / columns * shape.strides[0] +
                tap / shape.kernelWidth * shape.dilations[0],
            x = output % columns * shape.strides[1] +
                tap % shape.kernelWidth * shape.dilations[1];
    Value &value = loaded[{y, x}];
    if (!value) {
      value = chainFactor(inputs,
                          input + (y * shape.inputRow + x * shape.inputColumn),
                          lanes, width, flips);
    }
    return value;
  };
  SmallVector<Value> sums(rows * columns, chainStart(c, lanes, width));
  auto wide = cast<VectorType>(sums.front().getType());
  auto widened = [&](Value sum, Value products) -> Value {
    return arith::AddIOp::create(
        k.b, k.loc, sum, arith::ExtSIOp::create(k.b, k.loc, wide, products));
  };
  for (ArrayRef<int64_t> chain : shape.chains) {
    SmallVector<Value> own, waiting;
    for (int64_t tap : chain)
      own.push_back(chainFactor(filter, weights + tap * chainChannels, lanes,
                                width, /*flips=*/false));
    for (auto [output, sum] : llvm::enumerate(sums)) {
      Value products;
      for (auto [tap, weight] : llvm::zip(chain, own)) {
        Value product = arith::MulIOp::create(
            k.b, k.loc, factor(int64_t(output), tap), weight);
        products =
            products ? k.b.createOrFold<arith::AddIOp>(k.loc, products, product)
                     : product;
      }
      if (shape.widensTogether)
        waiting.push_back(products);
      else
        sum = widened(sum, products);
    }
    for (auto [sum, products] : llvm::zip(sums, waiting))
      sum = widened(sum, products);
  }
  for (Value &sum : sums)
    sum = resized(k, sum, k.vectorType(lanes).getDimSize(0));
  return sums;
}

//===-- packing ----------------------------------------------------------===//

Packing kernel::packChains(const DepthwiseShape &shape) {
  int64_t groups = llvm::divideCeil(shape.channels, chainChannels),
          size = chainChannels * (4 + shape.taps());
  Type i8 = IntegerType::get(shape.inputElement.getContext(), 8);
  auto type = RankedTensorType::get({groups * size}, i8);
  std::string key =
      ("depthwise chains " + Twine(shape.taps()) + " offset " +
       Twine(shape.dotOffset()) + " zero " + Twine(shape.filterZeroPoint))
          .str();
  auto write = [shape, size](ArrayRef<char> source,
                             MutableArrayRef<char> packed) {
    for (int64_t c = 0; c < shape.channels; ++c) {
      char *group = packed.data() + c / chainChannels * size;
      int64_t lane = c % chainChannels, sum = 0;
      for (int64_t tap = 0; tap < shape.taps(); ++tap) {
        int64_t weight = weightAt(shape, source, c, tap);
        group[(4 + tap) * chainChannels + lane] = char(weight);
        sum += weight;
      }
      auto start = uint32_t(-sum * shape.dotOffset());
      std::memcpy(group + 4 * lane, &start, sizeof start);
    }
  };
  return Packing{type, std::move(key), write};
}
