//===- ShrinkChannels.cpp - channels that make no difference --------------===//
//
// Drops the channels of a quantized model's values that no convolution needs:
// those that are constant, whatever the input (their weights are zero, or a
// bound cuts everything off), those that are multiplied by zeros only, and all
// but one of those that are computed alike. What a constant channel adds to the
// sums of its readers goes into their bias, and the factors of equal ones are
// added, so that every result keeps its bits.
//
//   %r = edge.integer_conv2d %x, %f, %b : (tensor<1x8x8x4xi8>, ...)
//   // channel 2 of %x is 5 everywhere
//     =>  %b' = %b + 5 * %f[:, 0, 0, 2]
//         %r = edge.integer_conv2d %x', %f', %b' : (tensor<1x8x8x3xi8>, ...)
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/NodeName.h"
#include "mlir/IR/Remarks.h"
#include "passes/graph/ChannelGroups.h"
#include "passes/graph/ChannelOrder.h"
#include "passes/graph/ChannelRanges.h"
#include "passes/graph/ConstantData.h"
#include "passes/graph/EqualChannels.h"
#include "passes/graph/Passes.h"
#include <cstring>

using namespace mlir;

namespace edgec {
#define GEN_PASS_DEF_SHRINKCHANNELS
#include "passes/graph/Passes.h.inc"

/// A filter's factors of one input channel, zero point taken away.
static SmallVector<int64_t> factorsOf(edge::IntegerConv2DOp conv,
                                      ArrayRef<int64_t> filter, int64_t output,
                                      int64_t input) {
  int64_t inner = channelCount(conv.getFilter());
  int64_t taps = int64_t(filter.size()) /
                 (conv.getFilter().getType().getDimSize(0) * inner);
  SmallVector<int64_t> factors;
  for (int64_t tap = 0; tap < taps; ++tap) {
    factors.push_back(filter[(output * taps + tap) * inner + input] -
                      int64_t(conv.getFilterZeroPoint()));
  }
  return factors;
}

//===-- what can go ------------------------------------------------------===//

/// Whether the convolution's sums can do without a channel of its input, of
/// which `range` is known.
static bool canMiss(edge::IntegerConv2DOp reader, ArrayRef<int64_t> filter,
                    int64_t channel, ChannelRange range) {
  // At the border some products would be those of the pad value.
  bool isPadded =
      llvm::any_of(reader.getPads(), [](int64_t pad) { return pad > 0; });
  if (range.isConstant() &&
      (!isPadded || range.low == int64_t(reader.getPadValue())))
    return true;
  for (int64_t o = 0; o < channelCount(reader.getResult()); ++o) {
    if (llvm::any_of(factorsOf(reader, filter, o, channel),
                     [](int64_t factor) { return factor != 0; }))
      return false;
  }
  return true;
}

/// Kernels take the channels of bytes by fours: a few more than must stay cost
/// nothing, and an uneven number costs the vectors' ends.
static constexpr unsigned channelBlock = 4;

/// The channels that stay: those that must, at least one, in whole blocks.
static SmallVector<int64_t> keptChannels(const ChannelGroup &group,
                                         ChannelRanges &ranges) {
  int64_t channels = channelCount(group.values.front());
  llvm::BitVector isNeeded(channels);
  for (edge::IntegerConv2DOp reader : group.readers) {
    std::vector<int64_t> filter = *integerElements(reader.getFilter());
    std::vector<ChannelRange> input = ranges.of(reader.getInput());
    for (int64_t c = 0; c < channels; ++c)
      if (!isNeeded[c] && !canMiss(reader, filter, c, input[c]))
        isNeeded.set(c);
  }
  if (isNeeded.none() && channels > 0)
    isNeeded.set(0);
  for (int64_t c = 0; c < channels && isNeeded.count() > channelBlock &&
                      isNeeded.count() % channelBlock != 0;
       ++c)
    isNeeded.set(c);
  return SmallVector<int64_t>(isNeeded.set_bits_begin(),
                              isNeeded.set_bits_end());
}

//===-- how it goes ------------------------------------------------------===//

/// The reader's bias with what the missing channels added. Sums wrap at 32
/// bits, here as in the operator.
static void moveIntoBias(edge::IntegerConv2DOp reader, ArrayRef<int64_t> kept,
                         const std::vector<ChannelRange> &input) {
  int64_t channels = channelCount(reader.getResult());
  std::vector<int64_t> filter = *integerElements(reader.getFilter());
  std::vector<int64_t> sums(channels, 0);
  if (reader.getBias())
    sums = *perChannelNumbers(reader.getBias(), channels);
  llvm::BitVector stays(input.size());
  for (int64_t channel : kept)
    stays.set(channel);
  for (size_t c = 0; c < input.size(); ++c) {
    // One that is not constant is multiplied by zeros.
    if (stays[c] || !input[c].isConstant())
      continue;
    int64_t x = input[c].low - int64_t(reader.getInputZeroPoint());
    for (int64_t o = 0; o < channels; ++o)
      for (int64_t factor : factorsOf(reader, filter, o, int64_t(c)))
        sums[o] += factor * x;
  }
  if (!reader.getBias() &&
      llvm::all_of(sums, [](int64_t sum) { return sum == 0; }))
    return;
  OpBuilder builder(reader);
  auto type = RankedTensorType::get({channels}, builder.getI32Type());
  ElementsAttr elements = makeConstant(type, [&](MutableArrayRef<char> out) {
    for (int64_t o = 0; o < channels; ++o) {
      auto sum = uint32_t(sums[o]);
      std::memcpy(out.data() + o * sizeof(sum), &sum, sizeof(sum));
    }
  });
  Value bias =
      edge::ConstantOp::create(builder, reader.getLoc(), type, elements);
  reader.getBiasMutable().assign(bias);
}

/// Drops filters of a convolution's result.
static void dropFilters(edge::IntegerConv2DOp conv, ArrayRef<int64_t> kept) {
  OpBuilder builder(conv);
  conv.getFilterMutable().assign(
      takePositions(builder, conv.getFilter(), 0, kept));
  if (conv.getBias())
    conv.getBiasMutable().assign(
        takePositions(builder, conv.getBias(), 0, kept));
}

/// An operator within a group: its constants, and how many channels it has.
static void narrow(Operation *op, int64_t channels, ArrayRef<int64_t> kept) {
  if (auto conv = dyn_cast<edge::IntegerConv2DOp>(op)) {
    dropFilters(conv, kept);
    conv.setGroups(kept.size());
    return;
  }
  // A table is no operand that broadcasts.
  if (isa<edge::LookupOp>(op))
    return;
  OpBuilder builder(op);
  for (OpOperand &operand : op->getOpOperands()) {
    auto constant = operand.get().getDefiningOp<edge::ConstantOp>();
    if (constant && channels > 1 &&
        constant.getType().getNumElements() == channels)
      operand.set(takePositions(builder, constant,
                                constant.getType().getRank() - 1, kept));
  }
}

/// Keeps some channels of all values of the group. The readers' sums do without
/// the others already.
static void shrink(const ChannelGroup &group, ArrayRef<int64_t> kept) {
  int64_t channels = channelCount(group.values.front());
  for (edge::IntegerConv2DOp reader : group.readers) {
    OpBuilder builder(reader);
    reader.getFilterMutable().assign(
        takePositions(builder, reader.getFilter(), 3, kept));
  }
  for (edge::IntegerConv2DOp writer : group.writers)
    dropFilters(writer, kept);
  for (Operation *op : group.inner)
    narrow(op, channels, kept);
  for (Value value : group.values) {
    auto type = cast<RankedTensorType>(value.getType());
    SmallVector<int64_t> shape(type.getShape());
    shape.back() = int64_t(kept.size());
    value.setType(type.clone(shape));
  }
}

static void explain(const ChannelGroup &group, int64_t channels,
                    int64_t dropped, StringRef why) {
  Location loc = group.values.front().getLoc();
  if (!loc->getContext()->getRemarkEngine())
    return;
  std::string text = "dropped " + std::to_string(dropped) + " of " +
                     std::to_string(channels) + " channels of";
  for (edge::IntegerConv2DOp writer : group.writers)
    text += " " + edge::nodeName(writer);
  text += ", which " + why.str();
  for (edge::IntegerConv2DOp reader : group.readers)
    text += " " + edge::nodeName(reader);
  remark::passed(loc, remark::RemarkOpts::name("channels").category("graph"))
      << StringRef(text);
}

namespace {
struct ShrinkChannels : impl::ShrinkChannelsBase<ShrinkChannels> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (!function.getBody().hasOneBlock())
      return;
    // A channel less may be the last reader of another one.
    constexpr int mostRounds = 32;
    for (int round = 0; round < mostRounds; ++round)
      if (!shrinkOnce(function) && !mergeOnce(function))
        break;
  }

private:
  bool shrinkOnce(func::FuncOp function) {
    ChannelRanges ranges;
    std::vector<ChannelGroup> groups = findChannelGroups(function);
    // What is known of a group holds until it or one before it is changed:
    // decide first.
    std::vector<SmallVector<int64_t>> kept;
    for (const ChannelGroup &group : groups) {
      kept.push_back(keptChannels(group, ranges));
      for (edge::IntegerConv2DOp reader : group.readers)
        ranges.of(reader.getInput());
    }
    bool hasChanged = false;
    for (auto [group, channels] : llvm::zip_equal(groups, kept)) {
      int64_t before = channelCount(group.values.front());
      if (int64_t(channels.size()) == before)
        continue;
      explain(group, before, before - int64_t(channels.size()),
              "make no difference to");
      for (edge::IntegerConv2DOp reader : group.readers)
        moveIntoBias(reader, channels, ranges.of(reader.getInput()));
      shrink(group, channels);
      numDropped += before - int64_t(channels.size());
      hasChanged = true;
    }
    return hasChanged;
  }

  bool mergeOnce(func::FuncOp function) {
    bool hasChanged = false;
    for (const ChannelGroup &group : findChannelGroups(function)) {
      SmallVector<EqualChannels> pairs = findEqualChannels(group, channelBlock);
      if (pairs.empty())
        continue;
      int64_t before = channelCount(group.values.front());
      llvm::BitVector stays(before, true);
      for (EqualChannels pair : pairs)
        stays.reset(pair.goes);
      explain(group, before, int64_t(pairs.size()), "equal others, for");
      mergeFactors(group, pairs);
      shrink(group, SmallVector<int64_t>(stays.set_bits_begin(),
                                         stays.set_bits_end()));
      numMerged += int64_t(pairs.size());
      hasChanged = true;
    }
    return hasChanged;
  }
};
} // namespace

} // namespace edgec
