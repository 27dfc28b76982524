//===- Constants.cpp - weights as the machine reads them ------------------===//
//
// Reorders filters into blocks of columns, codes them, and lays parameters and
// tables behind them.
//
//===----------------------------------------------------------------------===//
#include "targets/npu/Constants.h"

#include "targets/npu/CodeWeights.h"

using namespace edgec;
using namespace edgec::npu;

Part edgec::npu::wholeOf(const Layer &layer) {
  return {0, layer.out.channels, 0,
          layer.depthwise || !layer.filter
              ? 1
              : layer.in().channels / layer.groups};
}

/// Parameters come with the part that ends the sums.
static bool hasParameters(const Layer &layer, const Part &part) {
  return part.lastInput == wholeOf(layer).lastInput;
}

static int64_t tapsOf(const Layer &layer, const Part &part) {
  return layer.window.kernelY * layer.window.kernelX *
         (part.lastInput - part.firstInput);
}

/// How many convolutions the part consists of: groups of their own.
static int64_t groupCount(const Layer &layer, const Part &part) {
  if (layer.groups == 1 || layer.depthwise)
    return 1;
  return (part.lastOutput - part.firstOutput) /
         (layer.out.channels / layer.groups);
}

/// Behind the weights: parameters, table; the end.
static void layOutParameters(const Layer &layer, const Part &part, Pack &pack) {
  if (!hasParameters(layer, part))
    return;
  int64_t channels = part.lastOutput - part.firstOutput;
  pack.parameters = pack.bytes;
  pack.parametersStride = channels;
  pack.bytes += 4 * channels * int64_t(layer.program->parameters.size());
  pack.table = pack.bytes;
  pack.bytes = roundUp(pack.bytes + int64_t(layer.program->table.size()),
                       NPU_LIMIT_LINE_BYTES);
}

int64_t edgec::npu::densePackBytes(const Layer &layer, const Part &part,
                                   const NpuMachine &machine) {
  Pack pack;
  if (layer.filter) {
    int64_t groups = groupCount(layer, part);
    int64_t outputs = (part.lastOutput - part.firstOutput) / groups;
    int64_t columns = machine.macColumns;
    pack.bytes = groups * roundUp(ceilDiv(outputs, columns) * columns *
                                      tapsOf(layer, part),
                                  NPU_LIMIT_LINE_BYTES);
  }
  layOutParameters(layer, part, pack);
  return pack.bytes;
}

/// Outputs [first, last) in the dense order; the rest of the last block has the
/// zero point.
static DenseWeights denseWeights(const Layer &layer, const Part &part,
                                 int64_t first, int64_t last, int64_t columns) {
  const ConstantData &filter = *layer.filter;
  int64_t positions = layer.window.kernelY * layer.window.kernelX;
  int64_t channels = wholeOf(layer).lastInput;
  int64_t used = part.lastInput - part.firstInput;
  DenseWeights dense;
  dense.blocks = ceilDiv(last - first, columns);
  dense.taps = positions * used;
  dense.bytes.assign(dense.blocks * dense.taps * columns,
                     char(layer.filterZero));
  for (int64_t output = first; output < last; ++output) {
    int64_t column = output - first;
    char *target = dense.bytes.data() +
                   column / columns * dense.taps * columns + column % columns;
    for (int64_t position = 0; position < positions; ++position) {
      int64_t at = (output * positions + position) * channels + part.firstInput;
      for (int64_t i = 0; i < used; ++i, target += columns)
        *target = filter.getBytes()[filter.isSplat() ? 0 : at + i];
    }
  }
  return dense;
}

/// Codes weights in the smallest form and appends them to `bytes`.
static CodedWeights code(const Layer &layer, const DenseWeights &dense,
                         bool isDense, const NpuMachine &machine,
                         std::vector<char> &bytes) {
  char zero = char(layer.filterZero);
  CodedWeights weights;
  weights.steps.assign(dense.blocks, ceilDiv(dense.taps, machine.macRows));
  weights.decodedBytes = int64_t(dense.bytes.size());
  weights.bytes = weights.decodedBytes;
  if (isDense) {
    bytes.insert(bytes.end(), dense.bytes.begin(), dense.bytes.end());
    return weights;
  }
  std::vector<char> best = codeZeroRuns(dense.bytes, zero);
  weights.encoding = Encoding::zero_runs;
  if (best.size() >= dense.bytes.size()) {
    best = dense.bytes;
    weights.encoding = Encoding::dense;
  }
  if (!layer.depthwise) {
    std::vector<int64_t> steps;
    int64_t decoded = 0;
    std::vector<char> sparse =
        codeBlockSparse(dense, zero, machine, steps, decoded);
    // Skipped blocks save time too, so a few bytes more are welcome.
    bool skips = decoded < weights.decodedBytes;
    if (skips && sparse.size() < dense.bytes.size() &&
        sparse.size() <= best.size() + best.size() / 8) {
      best = std::move(sparse);
      weights.encoding = Encoding::block_sparse;
      weights.steps = std::move(steps);
      weights.decodedBytes = decoded;
    }
  }
  weights.bytes = int64_t(best.size());
  bytes.insert(bytes.end(), best.begin(), best.end());
  return weights;
}

void Constants::align() {
  bytes.resize(roundUp(int64_t(bytes.size()), NPU_LIMIT_LINE_BYTES), 0);
}

/// Whether so few of the weights are the zero point that coding them cannot
/// save a sixteenth.
static bool isSurelyDense(const Layer &layer, int64_t first, int64_t last) {
  const ConstantData &filter = *layer.filter;
  if (filter.isSplat())
    return false;
  int64_t perOutput = filter.getNumElements() / layer.out.channels;
  llvm::ArrayRef<char> weights(filter.getBytes() + first * perOutput,
                               (last - first) * perOutput);
  return llvm::count(weights, char(layer.filterZero)) * 16 <
         int64_t(weights.size());
}

void Constants::codeGroups(const Layer &layer, const Part &part, Pack &pack) {
  int64_t groups = groupCount(layer, part);
  int64_t outputs = (part.lastOutput - part.firstOutput) / groups;
  int64_t columns = machine.macColumns;
  for (int64_t group = 0; group < groups; ++group) {
    int64_t first = part.firstOutput + group * outputs;
    int64_t offset = size() - pack.offset;
    bool isDense = isSurelyDense(layer, first, first + outputs);
    if (isDense && sizesOnly) {
      CodedWeights weights;
      int64_t blocks = ceilDiv(outputs, columns), taps = tapsOf(layer, part);
      weights.steps.assign(blocks, ceilDiv(taps, machine.macRows));
      weights.bytes = weights.decodedBytes = blocks * columns * taps;
      bytes.resize(size() + weights.bytes);
      pack.weights.push_back(std::move(weights));
    } else {
      DenseWeights dense =
          denseWeights(layer, part, first, first + outputs, columns);
      pack.weights.push_back(code(layer, dense, isDense, machine, bytes));
    }
    pack.weights.back().offset = offset;
    align();
  }
}

const Pack &Constants::pack(int index, const Layer &layer, const Part &part) {
  auto [at, isNew] = packs.try_emplace({index, part});
  Pack &pack = at->second;
  if (!isNew)
    return pack;
  align();
  pack.offset = size();
  if (layer.filter)
    codeGroups(layer, part, pack);
  pack.bytes = size() - pack.offset;
  layOutParameters(layer, part, pack);
  if (hasParameters(layer, part)) {
    for (const std::vector<int32_t> &numbers : layer.program->parameters) {
      const char *first =
          reinterpret_cast<const char *>(numbers.data() + part.firstOutput);
      bytes.insert(bytes.end(), first, first + 4 * pack.parametersStride);
    }
    bytes.insert(bytes.end(), layer.program->table.begin(),
                 layer.program->table.end());
  }
  bytes.resize(pack.offset + pack.bytes, 0);
  return pack;
}

int64_t Constants::append(const ConstantData &data) {
  align();
  int64_t offset = size(), count = data.getNumElements();
  int64_t elementBytes = data.getElementBytes();
  if (!data.isSplat()) {
    bytes.insert(bytes.end(), data.getBytes(),
                 data.getBytes() + count * elementBytes);
    return offset;
  }
  bytes.reserve(size() + count * elementBytes);
  for (int64_t i = 0; i < count; ++i)
    bytes.insert(bytes.end(), data.getBytes(), data.getBytes() + elementBytes);
  return offset;
}
