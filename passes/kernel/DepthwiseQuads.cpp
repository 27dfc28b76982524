//===- DepthwiseQuads.cpp - quads of sixteen channels at a time -----------===//
//
// Where a vector has four sums, the bytes of four columns and 16 channels make
// the quads of four vectors: each load and each interleaving serves all of
// them. Sums fill the registers, so the filter's quads pass by, four vectors to
// a load, in the order in which they lie in memory.
//
//   columns a, b, c, d             16 channels each
//   ab = a and b interleaved, cd = c and d: two vectors each
//   quads = ab and cd interleaved as pairs: four vectors
//
//===----------------------------------------------------------------------===//
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/Depthwise.h"
#include "passes/kernel/Narrowing.h"
#include <map>

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// Bytes of a vector.
static constexpr int64_t registerBytes = 16;

static VectorType bytesType(OpBuilder &b) {
  return VectorType::get(registerBytes, b.getI8Type());
}

/// The first lanes of `x` and `y` by turns, or the second half of them: a
/// vector of elements of `bits`.
static Value interleaved(KernelBuilder &k, Value x, Value y, unsigned bits,
                         bool isHigh) {
  auto type =
      VectorType::get(registerBytes * 8 / bits, k.b.getIntegerType(bits));
  auto as = [&](VectorType to, Value value) -> Value {
    return value.getType() == to
               ? value
               : vector::BitCastOp::create(k.b, k.loc, to, value).getResult();
  };
  int64_t count = type.getDimSize(0), first = isHigh ? count / 2 : 0;
  SmallVector<int64_t> lanes;
  for (int64_t lane = first; lane < first + count / 2; ++lane)
    lanes.append({lane, count + lane});
  return as(bytesType(k.b), vector::ShuffleOp::create(k.b, k.loc, as(type, x),
                                                      as(type, y), lanes));
}

Value kernel::loadBytes(KernelBuilder &k, Value buffer, Index at,
                        int64_t lanes) {
  auto load = [&](VectorType type) -> Value {
    return vector::LoadOp::create(k.b, k.loc, type, buffer,
                                  ValueRange{k.value(at)});
  };
  VectorType all = bytesType(k.b);
  if (lanes == registerBytes)
    return load(all);
  auto padded = [&](Value part) -> Value {
    int64_t size = cast<VectorType>(part.getType()).getDimSize(0);
    int64_t bits = cast<VectorType>(part.getType()).getElementTypeBitWidth();
    SmallVector<int64_t> order(registerBytes * 8 / bits,
                               vector::ShuffleOp::kPoisonIndex);
    for (int64_t lane = 0; lane < size; ++lane)
      order[lane] = lane;
    Value whole = vector::ShuffleOp::create(k.b, k.loc, part, part, order);
    return bits == 8
               ? whole
               : vector::BitCastOp::create(k.b, k.loc, all, whole).getResult();
  };
  if (lanes == 8)
    return padded(load(VectorType::get(8, k.b.getI8Type())));
  if (lanes == dotBytes) {
    // LLVM has vectors of four i16 only: this is a word.
    Value bytes = load(VectorType::get(dotBytes, k.b.getI8Type()));
    auto word = VectorType::get(1, k.b.getI32Type());
    return padded(vector::BitCastOp::create(k.b, k.loc, word, bytes));
  }
  Value vector = arith::ConstantOp::create(k.b, k.loc, k.b.getZeroAttr(all));
  for (int64_t lane = 0; lane < lanes; ++lane) {
    Value byte = k.loadScalar(buffer, at + lane, Form::stored);
    vector = vector::InsertOp::create(k.b, k.loc, byte, vector, lane);
  }
  return vector;
}

/// The quads of `lanes` channels, four to a vector, of four columns, of which
/// `columns` are multiplied; the others need not be there.
SmallVector<Value> DepthwiseWriter::loadGroupedQuads(Index at, int64_t columns,
                                                     int64_t lanes) {
  SmallVector<Value> loaded;
  for (int64_t column = 0; column < columns; ++column)
    loaded.push_back(loadBytes(k, k.operandBuffer(shape.input),
                               at + column * shape.inputColumn, lanes));
  loaded.resize(dotBytes, loaded.back());
  SmallVector<Value> quads;
  for (int64_t half = 0; half < (lanes > 8 ? 2 : 1); ++half) {
    Value left = interleaved(k, loaded[0], loaded[1], 8, half == 1),
          right = interleaved(k, loaded[2], loaded[3], 8, half == 1);
    quads.push_back(interleaved(k, left, right, 16, false));
    if (lanes > 4)
      quads.push_back(interleaved(k, left, right, 16, true));
  }
  if (shape.dot->movedBy() == 0)
    return quads;
  auto flip = IntegerAttr::get(k.b.getI8Type(), llvm::APInt(8, 0x80));
  Value flips = arith::ConstantOp::create(
      k.b, k.loc, SplatElementsAttr::get(bytesType(k.b), Attribute(flip)));
  for (Value &quad : quads)
    quad = arith::XOrIOp::create(k.b, k.loc, quad, flips);
  return quads;
}

namespace {
/// The filter's words of a group of channels, in whatever order they are asked
/// for: from a stream where all lanes are there, else by loads.
class FilterWords {
public:
  FilterWords(KernelBuilder &k, const DepthwiseShape &shape, Index input,
              Index c, int64_t lanes)
      : k(k), shape(shape), vectors(llvm::divideCeil(lanes, shape.dot->lanes)) {
    int64_t group = shape.quadChannels(), size = shape.packedWords() * dotBytes;
    if (lanes == group) {
      first = k.mul(c, size);
      stream.emplace(k, k.b.getI8Type(), k.operandBuffer(shape.filter), first,
                     input);
      return;
    }
    // What is left behind whole groups begins at a known channel.
    int64_t lane = c.constant % group;
    first = (c.constant - lane) * size + lane * dotBytes;
  }

  SmallVector<Value> get(int64_t word) {
    SmallVector<Value> values;
    if (stream) {
      if (word != next)
        stream->skip((word - next) * shape.quadVectors);
      next = word + 1;
      for (int64_t v = 0; v < vectors; ++v)
        values.push_back(stream->next());
      return values;
    }
    Index at = first + word * shape.quadChannels() * dotBytes;
    for (int64_t v = 0; v < vectors; ++v)
      values.push_back(loadBytes(k, k.operandBuffer(shape.filter),
                                 at + v * registerBytes, registerBytes));
    return values;
  }

private:
  KernelBuilder &k;
  const DepthwiseShape &shape;
  int64_t vectors;
  Index first;
  std::optional<WeightStream> stream;
  /// the word at which the stream is
  int64_t next = 0;
};
} // namespace

/// What the sums of a group begin with, by vectors of four.
static SmallVector<Value> groupStart(KernelBuilder &k,
                                     const DepthwiseShape &shape,
                                     FilterWords &filter, Index c,
                                     int64_t lanes) {
  auto words = VectorType::get(dotBytes, k.b.getI32Type());
  SmallVector<Value> offsets, sums;
  if (shape.dotOffset() != 0)
    offsets = filter.get(0);
  for (int64_t at = 0; at < lanes; at += dotBytes) {
    Value sum;
    int64_t used = std::min(dotBytes, lanes - at);
    if (shape.bias) {
      sum = k.load(k.operandBuffer(*shape.bias),
                   c + (k.operandLayout(*shape.bias).offset + at), used);
      SmallVector<int64_t> order(dotBytes, vector::ShuffleOp::kPoisonIndex);
      for (int64_t lane = 0; lane < used; ++lane)
        order[lane] = lane;
      if (used < dotBytes)
        sum = vector::ShuffleOp::create(k.b, k.loc, sum, sum, order);
    }
    if (!offsets.empty()) {
      Value offset =
          vector::BitCastOp::create(k.b, k.loc, words, offsets[at / dotBytes]);
      sum = sum ? arith::AddIOp::create(k.b, k.loc, sum, offset).getResult()
                : offset;
    }
    sums.push_back(sum ? sum : k.splat(k.b.getI32IntegerAttr(0), dotBytes));
  }
  return sums;
}

SmallVector<Value> DepthwiseWriter::groupedQuadTaps(Index input, Index c,
                                                    int64_t lanes, int64_t rows,
                                                    int64_t columns) {
  int64_t perQuad = shape.outputsPerQuad(), taps = shape.tapsPerQuad(),
          parts = shape.quadsPerRow();
  FilterWords filter(k, shape, input, c, lanes);
  SmallVector<Value> start = groupStart(k, shape, filter, c, lanes);
  SmallVector<SmallVector<Value>> sums(rows * columns, start);
  // Which rows of the filter each row of inputs meets, first rows first, in
  // which outputs.
  std::map<int64_t, SmallVector<std::pair<int64_t, int64_t>>> uses;
  for (int64_t i = rows; i-- > 0;)
    for (int64_t kh = 0; kh < shape.kernelHeight; ++kh)
      uses[i * shape.strides[0] + kh * shape.dilations[0]].push_back({i, kh});
  auto multiply = [&](int64_t output, ArrayRef<Value> quads, int64_t word) {
    SmallVector<Value> weights = filter.get(word);
    for (auto [v, quad] : llvm::enumerate(quads)) {
      Value &sum = sums[output][v];
      sum = shape.dot->emit(k.b, k.loc, sum, quad, weights[v]);
    }
  };
  for (const auto &[row, users] : uses) {
    for (int64_t part = 0; part < parts; ++part) {
      for (int64_t j = 0; j < columns; j += perQuad) {
        int64_t outputs = std::min(perQuad, columns - j);
        int64_t used = std::min(taps, shape.kernelWidth - part * taps);
        int64_t column = j * shape.strides[1] + part * taps;
        SmallVector<Value> quads = loadGroupedQuads(
            input + (row * shape.inputRow + column * shape.inputColumn),
            (outputs - 1) * shape.strides[1] + used, lanes);
        for (auto [i, kh] : users) {
          for (int64_t output = 0; output < outputs; ++output) {
            int64_t word = 1 + (kh * parts + part) * perQuad + output;
            multiply(i * columns + j + output, quads, word);
            if (shape.isSplit)
              multiply(i * columns + j + output, quads,
                       word + shape.productWords());
          }
        }
      }
    }
  }
  SmallVector<Value> results;
  for (ArrayRef<Value> vectors : sums) {
    Value sum = joinVectors(k.b, k.loc, vectors);
    int64_t width = cast<VectorType>(sum.getType()).getDimSize(0);
    if (width != lanes)
      sum = vector::ShuffleOp::create(
          k.b, k.loc, sum, sum, llvm::to_vector(llvm::seq<int64_t>(0, lanes)));
    results.push_back(sum);
  }
  return results;
}
