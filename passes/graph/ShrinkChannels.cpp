//===- ShrinkChannels.cpp - channels that make no difference --------------===//
//
// Drops the channels of a model's values that no layer needs: those that are
// constant, whatever the input (their weights are zero, or a bound cuts
// everything off), those that are multiplied by zeros only, and all but one of
// those that are computed alike. What a constant channel adds to the sums of
// its readers goes into their bias, and the factors of equal ones are added, so
// that every result keeps its bits.
//
//   %r = edge.integer_conv2d %x, %f, %b : (tensor<1x8x8x4xi8>, ...)
//   // channel 2 of %x is 5 everywhere
//     =>  %b' = %b + 5 * %f[:, 0, 0, 2]
//         %r = edge.integer_conv2d %x', %f', %b' : (tensor<1x8x8x3xi8>, ...)
//
// Of floats only terms of zero are left out, which are none if no infinity and
// no NaN is multiplied.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Integer.h"
#include "dialects/edge/NodeName.h"
#include "mlir/IR/Remarks.h"
#include "passes/graph/ChannelGroups.h"
#include "passes/graph/ChannelOrder.h"
#include "passes/graph/EqualChannels.h"
#include "passes/graph/Passes.h"
#include <cstring>

using namespace mlir;

namespace edgec {
#define GEN_PASS_DEF_SHRINKCHANNELS
#include "passes/graph/Passes.h.inc"

//===-- what can go ------------------------------------------------------===//

/// Whether the reader's sums can do without a channel of its input, of which
/// `range` is known.
static bool canMiss(const ChannelProduct &reader, bool isMultiplied,
                    ChannelRange range) {
  // Zeros times infinity are no zeros.
  if (!isMultiplied)
    return range.isFinite();
  // What floats add to the bias would be rounded at another place.
  if (!range.isConstant() || (reader.isFloat() && range.low != 0))
    return false;
  return !reader.isPadded() || range.low == reader.getPadValue();
}

/// Kernels take channels by fours: a few more than must stay cost nothing, and
/// an uneven number costs the vectors' ends.
static constexpr unsigned channelBlock = 4;

/// The channels that stay: those that must, at least one, in whole blocks.
static SmallVector<int64_t> keptChannels(const ChannelGroup &group,
                                         ChannelRanges &ranges) {
  int64_t channels = group.channels();
  llvm::BitVector isNeeded(channels);
  for (const ChannelProduct &reader : group.readers) {
    llvm::BitVector isMultiplied = reader.readInputs();
    std::vector<ChannelRange> input = ranges.of(reader.getInput());
    for (int64_t c = 0; c < channels; ++c)
      if (!canMiss(reader, isMultiplied[c], input[c]))
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
/// bits, here as in the operator; of floats they added zeros.
static void moveIntoBias(ChannelProduct reader, ArrayRef<int64_t> kept,
                         const std::vector<ChannelRange> &input) {
  if (reader.isFloat())
    return;
  int64_t outputs = reader.outputs(), inputs = reader.inputs(),
          perOutput = reader.taps() * inputs;
  ConstantNumbers factors = reader.factors();
  std::vector<double> bias(outputs, 0);
  if (reader.getBias())
    bias = *perChannelNumbers(reader.getBias(), outputs);
  llvm::BitVector stays(inputs);
  for (int64_t channel : kept)
    stays.set(channel);
  std::vector<int64_t> sums(bias.begin(), bias.end());
  for (int64_t i = 0; i < factors.size(); ++i) {
    ChannelRange x = input[i % inputs];
    // One that is not constant is multiplied by zeros.
    if (!stays[i % inputs] && x.isConstant())
      sums[i / perOutput] += int64_t(factors[i] - reader.getFilterZero()) *
                             int64_t(x.low - reader.getInputZero());
  }
  if (!reader.getBias() &&
      llvm::all_of(sums, [](int64_t sum) { return sum == 0; }))
    return;
  auto type = RankedTensorType::get(
      {outputs}, IntegerType::get(reader.getOperation()->getContext(), 32));
  reader.setBias(makeConstant(type, [&](MutableArrayRef<char> out) {
    for (int64_t o = 0; o < outputs; ++o) {
      auto sum = uint32_t(sums[o]);
      std::memcpy(out.data() + o * sizeof(sum), &sum, sizeof(sum));
    }
  }));
}

/// An operator within a group: its constants, and how many channels it has.
static void narrow(Operation *op, int64_t channels, ArrayRef<int64_t> kept) {
  if (std::optional<ChannelProduct> product = ChannelProduct::get(op)) {
    product->keepOutputs(kept);
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
  int64_t channels = group.channels();
  for (ChannelProduct reader : group.readers)
    reader.keepInputs(kept);
  for (ChannelProduct writer : group.writers)
    writer.keepOutputs(kept);
  for (Operation *op : group.inner)
    narrow(op, channels, kept);
  for (Value value : group.values) {
    auto type = cast<RankedTensorType>(value.getType());
    SmallVector<int64_t> shape(type.getShape());
    shape.back() = shape.back() / channels * int64_t(kept.size());
    value.setType(type.clone(shape));
  }
}

//===-- what is told -----------------------------------------------------===//

static bool isAsked(const ChannelGroup &group) {
  return group.values.front().getContext()->getRemarkEngine();
}

/// "4 of 16 channels of 'a', which make no difference to 'b'"
static std::string describe(const ChannelGroup &group, int64_t dropped,
                            StringRef why) {
  std::string text = std::to_string(dropped) + " of " +
                     std::to_string(group.channels()) + " channels of";
  for (const ChannelProduct &writer : group.writers)
    text += " " + edge::nodeName(writer.getOperation());
  text += ", which " + why.str();
  for (const ChannelProduct &reader : group.readers)
    text += " " + edge::nodeName(reader.getOperation());
  return text;
}

static remark::RemarkOpts remarkOptions() {
  return remark::RemarkOpts::name("channels").category("graph");
}

static void explain(const ChannelGroup &group, int64_t dropped, StringRef why) {
  if (isAsked(group))
    remark::passed(group.values.front().getLoc(), remarkOptions())
        << StringRef("dropped " + describe(group, dropped, why));
}

/// What finite values alone would let go.
static void explainWhatStays(const ChannelGroup &group) {
  if (!isAsked(group))
    return;
  ChannelRanges ranges(/*assumeFinite=*/true);
  int64_t dropped =
      group.channels() - int64_t(keptChannels(group, ranges).size());
  if (dropped == 0)
    return;
  std::string text =
      "kept " +
      describe(group, dropped, "carry nothing but infinities and NaN to") +
      "; -assume-finite drops them";
  remark::missed(group.values.front().getLoc(), remarkOptions())
      << StringRef(text);
}

namespace {
struct ShrinkChannels : impl::ShrinkChannelsBase<ShrinkChannels> {
  using ShrinkChannelsBase::ShrinkChannelsBase;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (!function.getBody().hasOneBlock())
      return;
    // A channel less may be the last reader of another one.
    constexpr int mostRounds = 32;
    for (int round = 0; round < mostRounds; ++round)
      if (!shrinkOnce(function) && !mergeOnce(function))
        break;
    if (!assumeFinite)
      llvm::for_each(findChannelGroups(function), explainWhatStays);
  }

private:
  bool shrinkOnce(func::FuncOp function) {
    ChannelRanges ranges(assumeFinite);
    std::vector<ChannelGroup> groups = findChannelGroups(function);
    // What is known of a group holds until it or one before it is changed:
    // decide first.
    std::vector<SmallVector<int64_t>> kept;
    kept.reserve(groups.size());
    for (const ChannelGroup &group : groups)
      kept.push_back(keptChannels(group, ranges));
    bool hasChanged = false;
    for (auto [group, channels] : llvm::zip_equal(groups, kept)) {
      int64_t dropped = group.channels() - int64_t(channels.size());
      if (dropped == 0)
        continue;
      explain(group, dropped, "make no difference to");
      for (const ChannelProduct &reader : group.readers)
        moveIntoBias(reader, channels, ranges.of(reader.getInput()));
      shrink(group, channels);
      numDropped += dropped;
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
      llvm::BitVector stays(group.channels(), true);
      for (EqualChannels pair : pairs)
        stays.reset(pair.goes);
      explain(group, int64_t(pairs.size()), "equal others, for");
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
