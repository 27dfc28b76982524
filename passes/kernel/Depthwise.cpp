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
#include "passes/kernel/Depthwise.h"
#include "dialects/edge/Integer.h"
#include "passes/kernel/HalfArithmetic.h"
#include "passes/kernel/IntegerRange.h"
#include "passes/kernel/KernelTable.h"
#include "passes/schedule/CostModel.h"
#include "llvm/ADT/bit.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// Taps that are unrolled at most: code for one tile stays in the first-level
/// instruction cache.
static constexpr int64_t maxUnrolledTaps = 49;

/// How sums are computed where quads are not multiplied.
static void chooseSums(schedule::KernelOp kernel, schedule::MachineAttr machine,
                       DepthwiseShape &s) {
  chooseChains(kernel, machine, s);
  if (s.chains.empty())
    chooseReals(kernel, machine, s);
}

/// Where quads are worth it: two taps are as soon multiplied one by one.
static void chooseDotUnit(schedule::KernelOp kernel, DepthwiseShape &s) {
  schedule::MachineAttr machine = schedule::getMachine(kernel);
  if (!machine || s.taps() > maxUnrolledTaps ||
      s.inputElement.getIntOrFloatBitWidth() != 8 ||
      s.filterElement.getIntOrFloatBitWidth() != 8)
    return;
  constexpr IntegerRange bytes = {-128, 127};
  std::optional<DotUnit> unit = findDotUnit(machine, {s.inputElement, bytes});
  if (!unit ||
      !llvm::is_contained({DotUnit::vnni, DotUnit::sdot}, unit->kind) ||
      s.kernelWidth < 3 || s.dilations[1] != 1 ||
      unit->lanes != vectorLanes(kernel, machine))
    return chooseSums(kernel, machine, s);
  s.quadVectors = unit->kind == DotUnit::sdot ? dotBytes : 1;
  s.dot = unit;
  s.isSplit = !bytes.contains(
      rangeOfBytes(getConstantOperand(kernel, s.filter), s.filterZeroPoint));
}

static std::optional<DepthwiseShape> getShape(schedule::KernelOp kernel) {
  Operation *anchor = kernel.getAnchor();
  std::optional<edge::Convolution> conv = edge::getConvolution(anchor);
  if (!conv || !conv->isDepthwise || kernel.getNumResults() != 1)
    return std::nullopt;
  auto narrow = dyn_cast<edge::IntegerConv2DOp>(anchor);
  auto isOperand = [&](Value value) {
    return isa<BlockArgument>(value) &&
           (narrow || computedType(elementOf(value.getType())).isF32());
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
  if (isa<FloatType>(s.sum) &&
      !computesHalves(kernel, schedule::getMachine(kernel)))
    s.sum = computedType(s.sum);
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
  if (narrow)
    chooseDotUnit(kernel, s);
  return s;
}

/// Channels that go through all rows and columns together.
static int64_t blockChannels(schedule::TilingAttr tiling,
                             const DepthwiseShape &shape) {
  int64_t vectors = tiling.getVectors();
  return vectors > 1 ? std::min(vectors * tiling.getLanes(), shape.channels)
                     : shape.channels;
}

void DepthwiseWriter::write() {
  k.loop(0, shape.batch, 1, [&](Index batch) {
    k.tiles(0, shape.channels, blockChannels(k.tiling, shape),
            [&](Index first, int64_t count) {
              block = {batch, first, count};
              rows();
            });
  });
}

void DepthwiseWriter::rows() {
  int64_t size = k.tiling.getRows();
  int64_t whole = shape.height / size, rest = shape.height % size;
  Index end = rest ? k.minimum(k.end, whole) : Index(k.end);
  if (whole)
    k.loop(k.begin, end, 1, [&](Index t) { columns(k.mul(t, size), size); });
  if (rest)
    k.ifLess(whole, k.end, [&] { columns(whole * size, rest); });
}

void DepthwiseWriter::columns(Index h, int64_t rows) {
  k.tiles(0, shape.width, k.tiling.getColumns(),
          [&](Index w, int64_t columns) { tile(h, rows, w, columns); });
}

void DepthwiseWriter::tile(Index h, int64_t rows, Index w, int64_t columns) {
  Index input = k.add(shape.inputOffset, k.mul(block.batch, shape.inputBatch));
  input = k.add(input, k.mul(h, shape.strides[0] * shape.inputRow));
  input = k.add(input, k.mul(w, shape.strides[1] * shape.inputColumn));
  auto some = [&](Index c, int64_t lanes) {
    c = k.add(block.first, c);
    channels(k.add(input, c), c, lanes, rows, columns, {block.batch, h, w, c});
  };
  bool isGrouped =
      shape.quadVectors > 1 || !shape.chains.empty() || shape.isReal;
  if (!isGrouped) {
    int64_t step = shape.dot ? shape.quadChannels() : k.lanes();
    return k.tiles(0, block.count, step, some);
  }
  int64_t step = shape.dot      ? shape.quadChannels()
                 : shape.isReal ? realVectors * k.lanes()
                                : chainChannels;
  // What is left in vectors of eight bytes, of four, and what is less.
  int64_t done = shape.channels / step * step;
  k.loop(0, done, step, [&](Index c) { some(c, step); });
  for (int64_t rest; (rest = shape.channels - done) > 0;) {
    int64_t lanes =
        rest < k.lanes() ? rest : int64_t(llvm::bit_floor(uint64_t(rest)));
    some(done, lanes);
    done += lanes;
  }
}

void DepthwiseWriter::channels(Index input, Index c, int64_t lanes,
                               int64_t rows, int64_t columns,
                               ArrayRef<Index> position) {
  SmallVector<Value> sums;
  if (shape.quadVectors == 1 && shape.chains.empty() && !shape.isReal)
    sums.assign(rows * columns, start(c, lanes));
  Layout result = k.resultLayout();
  auto finish = [&](int64_t output, Value sum) {
    SmallVector<Index> at(position);
    at[1] = at[1] + output / columns;
    at[2] = at[2] + output % columns;
    Value vector = emitEpilogue(k, sum, at, lanes);
    k.store(vector, k.resultBuffer(), k.address(result, at), lanes);
  };
  if (shape.storesEarly()) {
    unrolledTaps(input, c, lanes, rows, columns, sums, finish);
    return;
  }
  if (!shape.chains.empty())
    sums = chainTaps(input, c, lanes, rows, columns);
  else if (shape.isReal)
    sums = realTaps(input, c, lanes, rows, columns);
  else if (shape.quadVectors > 1)
    sums = groupedQuadTaps(input, c, lanes, rows, columns);
  else if (shape.dot)
    sums = quadTaps(input, c, lanes, rows, columns, sums);
  else if (shape.taps() <= maxUnrolledTaps)
    sums = unrolledTaps(input, c, lanes, rows, columns, sums);
  else
    sums = loopedTaps(input, c, lanes, rows, columns, sums);
  for (auto [output, sum] : llvm::enumerate(sums))
    finish(int64_t(output), sum);
}

namespace {

class DepthwiseEmitter : public KernelEmitter {
public:
  StringRef name() const override { return "depthwise"; }
  bool takesParts(schedule::KernelOp) const override { return true; }

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
    work.dilationHeight = shape.dilations[0];
    work.dilationWidth = shape.dilations[1];
    int64_t bytes = storedType(shape.inputElement).getIntOrFloatBitWidth() / 8;
    work.lhsBytes = bytes * getOperandLayout(kernel, shape.input).allocated;
    work.lhsPixelBytes = bytes * shape.inputColumn;
    Type result = elementOf(kernel.getResult(0).getType());
    work.resultPixelBytes = storedType(result).getIntOrFloatBitWidth() / 8 *
                            getResultLayout(kernel, 0).strides[2];
    work.epilogueOperators = countEpilogueOperators(kernel);
    if (shape.sum.isF16())
      work.elementBits = 16;
    work.chains = int64_t(shape.chains.size());
    work.converts = shape.isReal;
    if (shape.isReal)
      work.quadVectors = realVectors;
    work.widens = !shape.dot && isa<IntegerType>(shape.sum) &&
                  shape.inputElement != shape.sum;
    if (shape.dot) {
      work.outputsPerQuad = shape.outputsPerQuad();
      work.quadsPerRow = shape.quadsPerRow();
      work.quadVectors = shape.quadVectors;
    }
    return schedule::depthwiseTilings(work, machine);
  }

  /// The filter is packed by blocks of channels.
  schedule::TilingAttr
  scheduleLike(schedule::TilingAttr model, schedule::KernelOp kernel,
               schedule::MachineAttr machine) const override {
    schedule::TilingAttr best = schedule(kernel, machine);
    return schedule::TilingAttr::get(
        kernel.getContext(), best.getLanes(), best.getRows(), best.getColumns(),
        model.getVectors(), best.getUnroll(), best.getPrefetch(),
        best.getPrefetchNext(), best.getSplit(), best.getCycles());
  }

  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr tiling) const override {
    return llvm::divideCeil(getShape(kernel)->height, tiling.getRows());
  }

  std::optional<RowTiles> rowTiles(schedule::KernelOp kernel,
                                   schedule::TilingAttr tiling) const override {
    DepthwiseShape shape = *getShape(kernel);
    if (shape.batch != 1)
      return std::nullopt;
    return RowTiles{shape.height, tiling.getRows()};
  }

  std::optional<RowReads> rowReads(schedule::KernelOp kernel,
                                   unsigned operand) const override {
    if (operand != getShape(kernel)->input)
      return std::nullopt;
    return convolutionRowReads(kernel);
  }

  LogicalResult emit(KernelBuilder &k) const override {
    DepthwiseShape shape = *getShape(k.kernel);
    DepthwiseWriter(k, shape).write();
    return success();
  }

  /// The filter as [kh * kw][channels] for each block of channels.
  std::optional<Packing> packing(schedule::KernelOp kernel,
                                 schedule::TilingAttr tiling,
                                 unsigned operand) const override {
    DepthwiseShape shape = *getShape(kernel);
    if (operand != shape.filter)
      return std::nullopt;
    if (shape.dot)
      return packQuads(shape);
    if (!shape.chains.empty())
      return packChains(shape);
    if (shape.isReal)
      return packReals(shape);
    int64_t taps = shape.kernelHeight * shape.kernelWidth,
            channels = shape.channels;
    int64_t block = blockChannels(tiling, shape);
    auto write = [taps, channels, block](auto source, auto packed) {
      for (int64_t c = 0; c < channels; ++c) {
        int64_t first = c / block * block,
                count = std::min(block, channels - first);
        for (int64_t tap = 0; tap < taps; ++tap)
          packed[first * taps + tap * count + c - first] =
              source[c * taps + tap];
      }
    };
    auto type = RankedTensorType::get({taps * channels},
                                      storedType(shape.filterElement));
    std::string key =
        ("depthwise " + Twine(taps) + " of " + Twine(block)).str();
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
