//===- Depthwise.cpp - one filter per channel -----------------------------===//
//
// Tiles of rows x columns outputs, channels innermost: neighbouring channels
// fill a vector, neighbouring outputs share the inputs they have in common,
// which are loaded once. The taps are unrolled; only filters too large for
// that keep loops over them.
//
//   for h, w in tiles: for c in vectors:
//     acc[i][j] = bias[c]
//     for each input (y, x) under the tile: v = input[y][x][c]
//       for each output (i, j) it belongs to: acc[i][j] += v * filter[tap][c]
//     result[i][j][c] = epilogue(acc[i][j])
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Integer.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/KernelTable.h"
#include "passes/schedule/CostModel.h"
#include <map>

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// Taps that are unrolled at most: code for one tile stays in the first-level
/// instruction cache.
static constexpr int64_t maxUnrolledTaps = 49;

namespace {

struct DepthwiseShape {
  unsigned input, filter;
  std::optional<unsigned> bias;
  int64_t batch, height, width, channels;
  int64_t kernelHeight, kernelWidth;
  int64_t strides[2], dilations[2];
  /// of the sums; narrower ones of the operands are less their zero points
  Type sum, inputElement, filterElement;
  int64_t inputZeroPoint = 0, filterZeroPoint = 0;
  /// in elements of the input's buffer
  int64_t inputOffset, inputBatch, inputRow, inputColumn;
};

} // namespace

static std::optional<DepthwiseShape> getShape(schedule::KernelOp kernel) {
  Operation *anchor = kernel.getAnchor();
  std::optional<edge::Convolution> conv = edge::getConvolution(anchor);
  if (!conv || !conv->isDepthwise || kernel.getNumResults() != 1)
    return std::nullopt;
  auto narrow = dyn_cast<edge::IntegerConv2DOp>(anchor);
  auto isOperand = [&](Value value) {
    return isa<BlockArgument>(value) &&
           (narrow || elementOf(value.getType()).isF32());
  };
  if (!llvm::all_of(anchor->getOperands(), isOperand) ||
      !hasConvolutionHalo(kernel))
    return std::nullopt;
  auto number = [](Value value) {
    return cast<BlockArgument>(value).getArgNumber();
  };
  ArrayRef<int64_t> result = conv->result.getType().getShape(),
                    filter = conv->filter.getType().getShape();
  // Other channel multipliers are grouped contractions.
  if (result[3] != conv->groups ||
      !getConstantOperand(kernel, number(conv->filter)))
    return std::nullopt;
  DepthwiseShape s;
  s.input = number(conv->input);
  s.filter = number(conv->filter);
  if (conv->bias)
    s.bias = number(conv->bias);
  s.sum = elementOf(conv->result.getType());
  s.inputElement = elementOf(conv->input.getType());
  s.filterElement = elementOf(conv->filter.getType());
  if (narrow) {
    s.inputZeroPoint = int64_t(narrow.getInputZeroPoint());
    s.filterZeroPoint = int64_t(narrow.getFilterZeroPoint());
  }
  s.batch = result[0];
  s.height = result[1];
  s.width = result[2];
  s.channels = result[3];
  s.kernelHeight = filter[1];
  s.kernelWidth = filter[2];
  llvm::copy(conv->strides, s.strides);
  llvm::copy(conv->dilations, s.dilations);
  Layout input = getOperandLayout(kernel, s.input);
  s.inputBatch = input.strides[0];
  s.inputRow = input.strides[1];
  s.inputColumn = input.strides[2];
  s.inputOffset =
      input.offset - conv->pads[0] * s.inputRow - conv->pads[1] * s.inputColumn;
  return s;
}

namespace {

class DepthwiseWriter {
public:
  DepthwiseWriter(KernelBuilder &k, const DepthwiseShape &shape)
      : k(k), shape(shape),
        bias(shape.bias ? k.operandLayout(*shape.bias).offset : 0) {}
  void write();

private:
  void columns(Index batch, Index h, int64_t rows);
  void tile(Index batch, Index h, int64_t rows, Index w, int64_t columns);
  void channels(Index input, Index c, int64_t lanes, int64_t rows,
                int64_t columns, ArrayRef<Index> position);
  SmallVector<Value> unrolledTaps(Index input, Index c, int64_t lanes,
                                  int64_t rows, int64_t columns,
                                  SmallVector<Value> accumulators);
  SmallVector<Value> loopedTaps(Index input, Index c, int64_t lanes,
                                int64_t rows, int64_t columns,
                                SmallVector<Value> accumulators);

  Value loadInput(Index at, int64_t lanes) {
    return factor(k.load(k.operandBuffer(shape.input), at, lanes),
                  shape.inputElement, shape.inputZeroPoint);
  }
  Value loadFilter(Index at, int64_t lanes) {
    return factor(k.load(k.operandBuffer(shape.filter), at, lanes),
                  shape.filterElement, shape.filterZeroPoint);
  }
  /// What is multiplied: narrow integers become those of the sums.
  Value factor(Value value, Type element, int64_t zeroPoint) {
    return element == shape.sum
               ? value
               : emitFactor(k.b, k.loc, value, element, zeroPoint);
  }

  KernelBuilder &k;
  const DepthwiseShape &shape;
  int64_t bias;
};

} // namespace

void DepthwiseWriter::write() {
  int64_t size = k.tiling.getRows();
  int64_t whole = shape.height / size, rest = shape.height % size;
  k.loop(0, shape.batch, 1, [&](Index batch) {
    Index end = rest ? k.minimum(k.end, whole) : Index(k.end);
    if (whole)
      k.loop(k.begin, end, 1,
             [&](Index t) { columns(batch, k.mul(t, size), size); });
    if (rest)
      k.ifLess(whole, k.end, [&] { columns(batch, whole * size, rest); });
  });
}

void DepthwiseWriter::columns(Index batch, Index h, int64_t rows) {
  k.tiles(0, shape.width, k.tiling.getColumns(),
          [&](Index w, int64_t columns) { tile(batch, h, rows, w, columns); });
}

void DepthwiseWriter::tile(Index batch, Index h, int64_t rows, Index w,
                           int64_t columns) {
  Index input = k.add(shape.inputOffset, k.mul(batch, shape.inputBatch));
  input = k.add(input, k.mul(h, shape.strides[0] * shape.inputRow));
  input = k.add(input, k.mul(w, shape.strides[1] * shape.inputColumn));
  k.tiles(0, shape.channels, k.lanes(), [&](Index c, int64_t lanes) {
    channels(k.add(input, c), c, lanes, rows, columns, {batch, h, w, c});
  });
}

void DepthwiseWriter::channels(Index input, Index c, int64_t lanes,
                               int64_t rows, int64_t columns,
                               ArrayRef<Index> position) {
  Value start = shape.bias
                    ? k.load(k.operandBuffer(*shape.bias), c + bias, lanes)
                    : k.splat(computedNumber(shape.sum, 0), lanes);
  SmallVector<Value> sums(rows * columns, start);
  bool unroll = shape.kernelHeight * shape.kernelWidth <= maxUnrolledTaps;
  sums = unroll ? unrolledTaps(input, c, lanes, rows, columns, sums)
                : loopedTaps(input, c, lanes, rows, columns, sums);
  Layout result = k.resultLayout();
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) {
      SmallVector<Index> at(position);
      at[1] = at[1] + i;
      at[2] = at[2] + j;
      Value vector = emitEpilogue(k, sums[i * columns + j], at, lanes);
      k.store(vector, k.resultBuffer(), k.address(result, at), lanes);
    }
  }
}

SmallVector<Value> DepthwiseWriter::unrolledTaps(Index input, Index c,
                                                 int64_t lanes, int64_t rows,
                                                 int64_t columns,
                                                 SmallVector<Value> sums) {
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
  for (const auto &[place, users] : uses) {
    Value value = loadInput(input + (place.first * shape.inputRow +
                                     place.second * shape.inputColumn),
                            lanes);
    for (const Use &use : users) {
      if (!taps[use.tap])
        taps[use.tap] = loadFilter(c + use.tap * shape.channels, lanes);
      sums[use.output] = k.fma(value, taps[use.tap], sums[use.output]);
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
    Value weight = loadFilter(k.add(c, k.mul(number, shape.channels)), lanes);
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

namespace {

class DepthwiseEmitter : public KernelEmitter {
public:
  StringRef name() const override { return "depthwise"; }

  bool matches(schedule::KernelOp kernel) const override {
    return getShape(kernel).has_value();
  }

  schedule::TilingAttr schedule(schedule::KernelOp kernel,
                                schedule::MachineAttr machine) const override {
    return schedule::fastest(candidates(kernel, machine));
  }

  SmallVector<schedule::TilingAttr>
  candidates(schedule::KernelOp kernel,
             schedule::MachineAttr machine) const override {
    DepthwiseShape shape = *getShape(kernel);
    schedule::DepthwiseWork work;
    work.batch = shape.batch;
    work.height = shape.height;
    work.width = shape.width;
    work.channels = shape.channels;
    work.kernelHeight = shape.kernelHeight;
    work.kernelWidth = shape.kernelWidth;
    work.strideHeight = shape.strides[0];
    work.strideWidth = shape.strides[1];
    work.dilated = shape.dilations[0] != 1 || shape.dilations[1] != 1;
    work.lhsBytes = storedType(shape.inputElement).getIntOrFloatBitWidth() / 8 *
                    getOperandLayout(kernel, shape.input).allocated;
    work.epilogueOperators = countEpilogueOperators(kernel);
    return schedule::depthwiseTilings(work, machine);
  }

  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr tiling) const override {
    return llvm::divideCeil(getShape(kernel)->height, tiling.getRows());
  }

  std::optional<int64_t>
  rowsPerIteration(schedule::KernelOp kernel,
                   schedule::TilingAttr tiling) const override {
    if (getShape(kernel)->batch != 1)
      return std::nullopt;
    return tiling.getRows();
  }

  LogicalResult emit(KernelBuilder &k) const override {
    DepthwiseShape shape = *getShape(k.kernel);
    DepthwiseWriter(k, shape).write();
    return success();
  }

  /// The filter as [kh * kw][channels].
  std::optional<Packing> packing(schedule::KernelOp kernel,
                                 schedule::TilingAttr tiling,
                                 unsigned operand) const override {
    DepthwiseShape shape = *getShape(kernel);
    if (operand != shape.filter)
      return std::nullopt;
    int64_t taps = shape.kernelHeight * shape.kernelWidth,
            channels = shape.channels;
    auto write = [taps, channels](auto source, auto packed) {
      for (int64_t c = 0; c < channels; ++c)
        for (int64_t tap = 0; tap < taps; ++tap)
          packed[tap * channels + c] = source[c * taps + tap];
    };
    auto type = RankedTensorType::get({taps * channels},
                                      storedType(shape.filterElement));
    std::string key = ("depthwise " + Twine(taps)).str();
    switch (type.getElementTypeBitWidth()) {
    case 8:
      return Packing{type, key, onElements<int8_t>(write)};
    case 16:
      return Packing{type, key, onElements<int16_t>(write)};
    default:
      return Packing{type, key, onElements<float>(write)};
    }
  }

  int64_t flops(schedule::KernelOp kernel) const override {
    DepthwiseShape shape = *getShape(kernel);
    return 2 * shape.batch * shape.height * shape.width * shape.channels *
           shape.kernelHeight * shape.kernelWidth;
  }
};

} // namespace

const KernelEmitter &kernel::depthwiseEmitter() {
  static const DepthwiseEmitter emitter;
  return emitter;
}
