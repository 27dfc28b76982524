//===- DepthwiseTaps.cpp - the sums of a tile of channels -----------------===//
//
// Three ways through the taps: unrolled, in loops, and four columns at a time
// where the machine adds up products of bytes. There a lane's word is a quad:
// the channel's bytes of four neighbouring columns. With three taps per row it
// has the inputs of two outputs, whose weights are (w0, w1, w2, 0) and
// (0, w0, w1, w2).
//
//===----------------------------------------------------------------------===//
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/Depthwise.h"
#include <cstring>
#include <map>

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

//===-- one tap a step ---------------------------------------------------===//

SmallVector<Value> DepthwiseWriter::unrolledTaps(Index input, Index c,
                                                 int64_t lanes, int64_t rows,
                                                 int64_t columns,
                                                 SmallVector<Value> sums,
                                                 Finish finish) {
  // What each input position under the tile is multiplied with and added to.
  struct Use {
    int64_t output, tap;
  };
  std::map<std::pair<int64_t, int64_t>, SmallVector<Use>> uses;
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) {
      for (int64_t kh = 0; kh < shape.kernelHeight; ++kh) {
        for (int64_t kw = 0; kw < shape.kernelWidth; ++kw) {
          uses[{i * shape.strides[0] + kh * shape.dilations[0],
                j * shape.strides[1] + kw * shape.dilations[1]}]
              .push_back({i * columns + j, kh * shape.kernelWidth + kw});
        }
      }
    }
  }
  SmallVector<Value> taps(shape.kernelHeight * shape.kernelWidth);
  SmallVector<int64_t> left(sums.size(), shape.taps());
  for (const auto &[place, users] : uses) {
    Value value = loadInput(input + (place.first * shape.inputRow +
                                     place.second * shape.inputColumn),
                            lanes);
    for (const Use &use : users) {
      if (!taps[use.tap])
        taps[use.tap] = loadTap(c, use.tap, lanes);
      sums[use.output] = k.fma(value, taps[use.tap], sums[use.output]);
      if (--left[use.output] == 0 && finish)
        finish(use.output, sums[use.output]);
    }
  }
  return sums;
}

SmallVector<Value> DepthwiseWriter::loopedTaps(Index input, Index c,
                                               int64_t lanes, int64_t rows,
                                               int64_t columns,
                                               SmallVector<Value> sums) {
  auto tap = [&](Index kh, Index kw, ArrayRef<Value> carried) {
    SmallVector<Value> current(carried);
    Index number = k.add(k.mul(kh, shape.kernelWidth), kw);
    Value weight =
        loadFilter(k.add(filterPlace(c), k.mul(number, block.count)), lanes);
    Index from =
        k.add(k.add(input, k.mul(kh, shape.dilations[0] * shape.inputRow)),
              k.mul(kw, shape.dilations[1] * shape.inputColumn));
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t j = 0; j < columns; ++j) {
        Value value =
            loadInput(from + (i * shape.strides[0] * shape.inputRow +
                              j * shape.strides[1] * shape.inputColumn),
                      lanes);
        Value &sum = current[i * columns + j];
        sum = k.fma(value, weight, sum);
      }
    }
    return current;
  };
  return k.loop(
      0, shape.kernelHeight, 1, sums, [&](Index kh, ArrayRef<Value> carried) {
        return k.loop(0, shape.kernelWidth, 1, SmallVector<Value>(carried),
                      [&](Index kw, ArrayRef<Value> carried) {
                        return tap(kh, kw, carried);
                      });
      });
}

//===-- four columns a step ----------------------------------------------===//

/// The vector's first lanes, or more of any value.
static Value resize(KernelBuilder &k, Value vector, int64_t width) {
  int64_t from = cast<VectorType>(vector.getType()).getDimSize(0);
  if (from == width)
    return vector;
  SmallVector<int64_t> lanes;
  for (int64_t lane = 0; lane < width; ++lane)
    lanes.push_back(std::min(lane, from - 1));
  return vector::ShuffleOp::create(k.b, k.loc, vector, vector, lanes);
}

/// What carries `lanes` where quads are multiplied: no less than 128 bits.
static int64_t quadLanes(KernelBuilder &k, int64_t lanes) {
  return std::max<int64_t>(k.vectorType(lanes).getDimSize(0), 4);
}

/// What the sums begin with.
Value DepthwiseWriter::start(Index c, int64_t lanes) {
  Value first = shape.bias
                    ? k.load(k.operandBuffer(*shape.bias), c + bias, lanes)
                    : k.splat(k.b.getZeroAttr(shape.sum), lanes);
  if (shape.isReal && shape.bias) {
    VectorType reals = cast<VectorType>(first.getType()).clone(shape.sum);
    first = arith::SIToFPOp::create(k.b, k.loc, reals, first);
  }
  if (!shape.dot)
    return first;
  return arith::AddIOp::create(k.b, k.loc,
                               resize(k, first, quadLanes(k, lanes)),
                               loadWords(c, 0, lanes));
}

/// A word of the packed filter, from channel `c` on, which begins a vector.
Value DepthwiseWriter::loadWords(Index c, int64_t word, int64_t lanes) {
  auto type = VectorType::get(quadLanes(k, lanes), k.b.getI32Type());
  auto bytes = VectorType::get(type.getDimSize(0) * dotBytes, k.b.getI8Type());
  Index at = k.mul(c, shape.packedWords() * dotBytes) +
             word * shape.dot->lanes * dotBytes;
  Value loaded =
      vector::LoadOp::create(k.b, k.loc, bytes, k.operandBuffer(shape.filter),
                             ValueRange{k.value(at)});
  return vector::BitCastOp::create(k.b, k.loc, type, loaded);
}

/// The bytes of four columns, `columns` of which are multiplied; the others
/// need not be there.
Value DepthwiseWriter::loadQuads(Index at, int64_t columns, int64_t lanes) {
  int64_t width = quadLanes(k, lanes);
  SmallVector<Value> loaded;
  for (int64_t column = 0; column < columns; ++column) {
    Value bytes = k.load(k.operandBuffer(shape.input),
                         at + column * shape.inputColumn, lanes);
    loaded.push_back(resize(k, bytes, width));
  }
  loaded.resize(dotBytes, loaded.back());
  auto all = llvm::to_vector(llvm::seq<int64_t>(0, 2 * width));
  Value left = vector::ShuffleOp::create(k.b, k.loc, loaded[0], loaded[1], all),
        right =
            vector::ShuffleOp::create(k.b, k.loc, loaded[2], loaded[3], all);
  SmallVector<int64_t> order;
  for (int64_t lane = 0; lane < width; ++lane)
    for (int64_t column = 0; column < dotBytes; ++column)
      order.push_back(column * width + lane);
  Value quads = vector::ShuffleOp::create(k.b, k.loc, left, right, order);
  if (shape.dot->movedBy() == 0)
    return quads;
  auto flip = IntegerAttr::get(k.b.getI8Type(), llvm::APInt(8, 0x80));
  auto type = cast<VectorType>(quads.getType());
  Value flips = arith::ConstantOp::create(
      k.b, k.loc, SplatElementsAttr::get(type, Attribute(flip)));
  return arith::XOrIOp::create(k.b, k.loc, quads, flips);
}

SmallVector<Value> DepthwiseWriter::quadTaps(Index input, Index c,
                                             int64_t lanes, int64_t rows,
                                             int64_t columns,
                                             SmallVector<Value> sums) {
  int64_t perQuad = shape.outputsPerQuad(), taps = shape.tapsPerQuad();
  auto bytes = [&](Value words) -> Value {
    int64_t width = cast<VectorType>(words.getType()).getDimSize(0);
    return vector::BitCastOp::create(
        k.b, k.loc, VectorType::get(width * dotBytes, k.b.getI8Type()), words);
  };
  SmallVector<Value> weights(shape.packedWords());
  auto weight = [&](int64_t word) {
    if (!weights[word])
      weights[word] = bytes(loadWords(c, word, lanes));
    return weights[word];
  };
  // Which rows of the filter each row of inputs meets, in which outputs.
  std::map<int64_t, SmallVector<std::pair<int64_t, int64_t>>> uses;
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t kh = 0; kh < shape.kernelHeight; ++kh)
      uses[i * shape.strides[0] + kh * shape.dilations[0]].push_back({i, kh});
  for (const auto &[row, users] : uses) {
    for (int64_t part = 0; part < shape.quadsPerRow(); ++part) {
      for (int64_t j = 0; j < columns; j += perQuad) {
        int64_t outputs = std::min(perQuad, columns - j);
        int64_t used = std::min(taps, shape.kernelWidth - part * taps);
        int64_t column = j * shape.strides[1] + part * taps;
        Value quads = loadQuads(
            input + (row * shape.inputRow + column * shape.inputColumn),
            (outputs - 1) * shape.strides[1] + used, lanes);
        for (auto [i, kh] : users) {
          for (int64_t output = 0; output < outputs; ++output) {
            int64_t word =
                1 + (kh * shape.quadsPerRow() + part) * perQuad + output;
            Value &sum = sums[i * columns + j + output];
            sum = shape.dot->emit(k.b, k.loc, sum, quads, weight(word));
            if (shape.isSplit)
              sum = shape.dot->emit(k.b, k.loc, sum, quads,
                                    weight(word + shape.productWords()));
          }
        }
      }
    }
  }
  for (Value &sum : sums)
    sum = resize(k, sum, k.vectorType(lanes).getDimSize(0));
  return sums;
}

//===-- packing ----------------------------------------------------------===//

/// The words of one channel, the lanes of a vector apart.
static void packChannel(const DepthwiseShape &s, ArrayRef<int8_t> taps,
                        int8_t *out) {
  bool isUnsigned = isUnsignedElement(s.filterElement);
  int64_t apart = s.quadChannels() * dotBytes, perQuad = s.tapsPerQuad();
  int64_t sum = 0;
  int8_t *word = out + apart;
  auto weightAt = [&](int64_t kh, int64_t kw) {
    int8_t byte = taps[kh * s.kernelWidth + kw];
    return (isUnsigned ? int64_t(uint8_t(byte)) : byte) - s.filterZeroPoint;
  };
  for (int64_t kh = 0; kh < s.kernelHeight; ++kh) {
    for (int64_t part = 0; part < s.quadsPerRow(); ++part) {
      int64_t first = part * perQuad;
      int64_t count = std::min(perQuad, s.kernelWidth - first);
      for (int64_t t = 0; t < count; ++t)
        sum += weightAt(kh, first + t);
      for (int64_t output = 0; output < s.outputsPerQuad(); ++output) {
        for (int64_t t = 0; t < count; ++t) {
          int64_t weight = weightAt(kh, first + t),
                  byte = std::clamp<int64_t>(weight, -128, 127),
                  at = output * s.strides[1] + t;
          word[at] = int8_t(byte);
          if (s.isSplit)
            word[s.productWords() * apart + at] = int8_t(weight - byte);
        }
        word += apart;
      }
    }
  }
  auto start = uint32_t(-sum * s.dotOffset());
  std::memcpy(out, &start, sizeof start);
}

Packing kernel::packQuads(const DepthwiseShape &shape) {
  int64_t lanes = shape.quadChannels(),
          vectors = llvm::divideCeil(shape.channels, lanes),
          size = shape.packedWords() * lanes * dotBytes;
  auto type = RankedTensorType::get({vectors * size}, shape.dot->element());
  std::string key =
      ("depthwise quads " + Twine(shape.kernelHeight) + "x" +
       Twine(shape.kernelWidth) + " stride " + Twine(shape.strides[1]) +
       " of " + Twine(lanes) + " offset " + Twine(shape.dotOffset()) +
       " zero " + Twine(shape.filterZeroPoint) +
       (shape.isSplit ? " split" : ""))
          .str();
  auto write = [shape, lanes, size](ArrayRef<int8_t> source,
                                    MutableArrayRef<int8_t> packed) {
    int64_t taps = shape.kernelHeight * shape.kernelWidth;
    for (int64_t c = 0; c < shape.channels; ++c)
      packChannel(shape, source.slice(c * taps, taps),
                  packed.data() + c / lanes * size + c % lanes * dotBytes);
  };
  return Packing{type, std::move(key), onElements<int8_t>(write)};
}
