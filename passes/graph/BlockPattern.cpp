//===- BlockPattern.cpp - which outputs read which inputs -----------------===//
//
// Outputs go in blocks of 16, the lanes of the longest vectors, inputs in
// blocks of 4, the bytes that products are added up of. Neighbouring blocks of
// outputs make a part; which do is chosen among all ways by what they cost:
//
//   cost of a part     outputs * inputs * taps, in whole blocks
//                    + 8 per input where those are several runs (a copy)
//   all parts          summed up, times positions, and 20000 each (a kernel of
//                      its own, half a microsecond)
//
// in products. A layer is split where that is at most 3/4 of what it is as a
// whole. So blocks of a few channels never become kernels, and random zeros,
// which leave no block empty, change nothing. All ways are as many as the
// blocks of outputs squared; layers where that takes longer than about a second
// stay whole.
//
//===----------------------------------------------------------------------===//
#include "passes/graph/BlockPattern.h"
#include "dialects/edge/Integer.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace edgec;

static constexpr int64_t outputBlock = 16, inputBlock = 4;
static constexpr double copyCost = 8, kernelCost = 20000, mostShare = 0.75;
/// Blocks of outputs squared, times blocks of inputs: a row of 4096 outputs
/// that read 25088 inputs has 4e8 (vgg16).
static constexpr int64_t mostSteps = int64_t(1) << 29;

namespace {
class BlockPattern {
public:
  BlockPattern(const ChannelProduct &product, ChannelRanges &ranges);

  /// Whether each block of outputs reads all inputs.
  bool isDense() const {
    return llvm::all_of(
        reads, [](const llvm::BitVector &inputs) { return inputs.all(); });
  }
  std::optional<Split> split() const;

private:
  /// Blocks of outputs [begin, end) as one part, and what it costs per
  /// position.
  struct Candidate {
    ProductPart part;
    double cost = 0;
  };
  Candidate makePart(size_t begin, size_t end,
                     const llvm::BitVector &inputs) const;
  SmallVector<ProductPart> cheapest(double &cost) const;
  SmallVector<ProductPart> groups() const;
  int64_t products(const ProductPart &part) const;

  const ChannelProduct &product;
  int64_t inputs, outputs, taps, positions;
  /// which blocks of inputs each block of outputs reads
  std::vector<llvm::BitVector> reads;
};
} // namespace

BlockPattern::BlockPattern(const ChannelProduct &product, ChannelRanges &ranges)
    : product(product), inputs(product.inputs()), outputs(product.outputs()),
      taps(product.taps()),
      positions(cast<RankedTensorType>(product.getResult().getType())
                    .getNumElements() /
                outputs) {
  ConstantNumbers factors = product.factors();
  int64_t perOutput = taps * inputs;
  for (int64_t first = 0; first < outputs; first += outputBlock) {
    llvm::BitVector read(llvm::divideCeil(inputs, inputBlock));
    int64_t end = std::min(first + outputBlock, outputs) * perOutput;
    // Most layers have no zeros: a row shows it.
    for (int64_t row = first * perOutput; row < end && !read.all();
         row += inputs) {
      for (int64_t i = 0; i < inputs; ++i)
        if (factors[row + i] != product.getFilterZero())
          read.set(i / inputBlock);
    }
    reads.push_back(read);
  }
  // Zeros times infinity are no zeros.
  if (!product.isFloat() || isDense())
    return;
  for (auto [i, range] : llvm::enumerate(ranges.of(product.getInput()))) {
    if (range.isFinite())
      continue;
    for (llvm::BitVector &read : reads)
      read.set(i / inputBlock);
  }
}

int64_t BlockPattern::products(const ProductPart &part) const {
  int64_t read = 0;
  for (ChannelRun run : part.inputs)
    read += run.size();
  return part.outputs.size() * read * taps;
}

BlockPattern::Candidate
BlockPattern::makePart(size_t begin, size_t end,
                       const llvm::BitVector &read) const {
  Candidate candidate;
  candidate.part.outputs = {int64_t(begin) * outputBlock,
                            std::min(int64_t(end) * outputBlock, outputs)};
  auto channel = [&](int64_t block) {
    return std::min(block * inputBlock, inputs);
  };
  // Outputs of bias alone read something, too.
  int64_t first = std::max(read.find_first(), 0),
          last = std::max(read.find_last(), 0);
  auto count = double(std::max(read.count(), 1U));
  double whole = double(end - begin) * outputBlock * double(taps) * inputBlock;
  double joined = count * (whole + copyCost * inputBlock),
         straight = double(last - first + 1) * whole;
  candidate.cost = std::min(joined, straight);
  if (straight <= joined) {
    candidate.part.inputs.push_back({channel(first), channel(last + 1)});
    return candidate;
  }
  for (int block = first; block >= 0; block = read.find_next(block)) {
    if (candidate.part.inputs.empty() ||
        candidate.part.inputs.back().end != channel(block))
      candidate.part.inputs.push_back({channel(block), channel(block)});
    candidate.part.inputs.back().end = channel(block + 1);
  }
  return candidate;
}

/// Of all ways to cut the row of blocks, by dynamic programming.
SmallVector<ProductPart> BlockPattern::cheapest(double &cost) const {
  size_t blocks = reads.size();
  std::vector<double> costs(blocks + 1, 0);
  std::vector<Candidate> parts(blocks);
  for (size_t begin = blocks; begin-- > 0;) {
    llvm::BitVector read(reads[begin].size());
    costs[begin] = HUGE_VAL;
    for (size_t end = begin + 1; end <= blocks; ++end) {
      read |= reads[end - 1];
      Candidate candidate = makePart(begin, end, read);
      double sum = candidate.cost * double(positions) + kernelCost + costs[end];
      if (sum < costs[begin]) {
        costs[begin] = sum;
        parts[begin] = std::move(candidate);
      }
    }
  }
  cost = costs.front();
  SmallVector<ProductPart> chosen;
  for (size_t at = 0; at < blocks;) {
    chosen.push_back(parts[at].part);
    at = llvm::divideCeil(parts[at].part.outputs.end, outputBlock);
  }
  return chosen;
}

/// The most groups of a convolution that read nothing but their own inputs, in
/// whole blocks of both; none where there are not two.
SmallVector<ProductPart> BlockPattern::groups() const {
  if (!edge::getConvolution(product.getOperation()))
    return {};
  int64_t blocks = llvm::divideCeil(outputs, outputBlock);
  for (int64_t count = blocks; count > 1; --count) {
    if (outputs % (count * outputBlock) != 0 ||
        inputs % (count * outputBlock) != 0)
      continue;
    int64_t perGroup = blocks / count,
            inputsPerGroup = inputs / inputBlock / count;
    SmallVector<ProductPart> parts;
    for (int64_t group = 0; group < count; ++group) {
      llvm::BitVector read(reads.front().size());
      for (int64_t i = 0; i < perGroup; ++i)
        read |= reads[group * perGroup + i];
      read.reset(group * inputsPerGroup, (group + 1) * inputsPerGroup);
      if (read.any())
        break;
      ChannelRun outs{group * (outputs / count),
                      (group + 1) * (outputs / count)},
          ins{group * (inputs / count), (group + 1) * (inputs / count)};
      parts.push_back({outs, {ins}});
    }
    if (int64_t(parts.size()) == count)
      return parts;
  }
  return {};
}

std::optional<Split> BlockPattern::split() const {
  Split split;
  split.productsBefore = outputs * inputs * taps;
  double whole = double(split.productsBefore) * double(positions) + kernelCost;
  double cost = 0;
  split.parts = cheapest(cost);
  // Groups are one kernel.
  SmallVector<ProductPart> equal = groups();
  double grouped = whole / double(std::max<size_t>(equal.size(), 1));
  if (!equal.empty() && grouped <= cost) {
    cost = grouped;
    split.parts = equal;
    split.isGrouped = true;
  }
  split.productsAfter = 0;
  for (const ProductPart &part : split.parts)
    split.productsAfter += products(part);
  bool isWorthIt = cost <= mostShare * whole;
  return isWorthIt ? std::optional(split) : std::nullopt;
}

std::optional<Split> edgec::findSplit(const ChannelProduct &product,
                                      ChannelRanges &ranges) {
  // Two blocks of outputs, or inputs that are left out.
  if (product.inputs() < 2 * inputBlock || product.outputs() < outputBlock)
    return std::nullopt;
  int64_t blocks = llvm::divideCeil(product.outputs(), outputBlock);
  int64_t steps = 0;
  if (llvm::MulOverflow(blocks, blocks, steps) ||
      llvm::MulOverflow(steps,
                        int64_t(llvm::divideCeil(product.inputs(), inputBlock)),
                        steps) ||
      steps > mostSteps)
    return std::nullopt;
  BlockPattern pattern(product, ranges);
  return pattern.isDense() ? std::nullopt : pattern.split();
}
