//===- EqualChannels.cpp - channels that are one another's copies ---------===//
//
// A channel is known by all bytes that it is computed with: its filter and bias
// in each writer, and its numbers in each operator of the group. Channels with
// the same bytes are equal.
//
//===----------------------------------------------------------------------===//
#include "passes/graph/EqualChannels.h"
#include "passes/graph/ChannelRanges.h"
#include "passes/graph/ConstantData.h"
#include "llvm/ADT/StringMap.h"
#include <cstring>

using namespace mlir;
using namespace edgec;

//===-- which are equal --------------------------------------------------===//

/// Appends the bytes of slice `c` of dimension 0 or of the last dimension.
static void appendSlices(const ConstantData &data, bool isLast,
                         std::vector<std::string> &keys) {
  if (data.isSplat())
    return;
  size_t element = data.getElementBytes(), channels = keys.size();
  size_t perChannel = data.getNumElements() / channels;
  for (size_t c = 0; c < channels; ++c) {
    if (!isLast) {
      keys[c].append(data.getBytes() + c * perChannel * element,
                     perChannel * element);
      continue;
    }
    for (size_t i = 0; i < perChannel; ++i)
      keys[c].append(data.getBytes() + (i * channels + c) * element, element);
  }
}

static void appendConvolution(edge::IntegerConv2DOp conv,
                              std::vector<std::string> &keys) {
  appendSlices(*ConstantData::get(conv.getFilter()), /*isLast=*/false, keys);
  std::optional<ConstantData> bias;
  if (conv.getBias())
    bias = ConstantData::get(conv.getBias());
  if (bias && bias->getNumElements() == int64_t(keys.size()))
    appendSlices(*bias, /*isLast=*/true, keys);
}

/// What each channel of the group is computed with.
static std::vector<std::string> describeChannels(const ChannelGroup &group) {
  std::vector<std::string> keys(channelCount(group.values.front()));
  for (edge::IntegerConv2DOp writer : group.writers)
    appendConvolution(writer, keys);
  for (Operation *op : group.inner) {
    if (auto conv = dyn_cast<edge::IntegerConv2DOp>(op)) {
      appendConvolution(conv, keys);
      continue;
    }
    // One table serves all channels.
    if (isa<edge::LookupOp>(op))
      continue;
    for (Value operand : op->getOperands()) {
      std::optional<ConstantData> data = ConstantData::get(operand);
      if (data && data->getNumElements() == int64_t(keys.size()))
        appendSlices(*data, /*isLast=*/true, keys);
    }
  }
  return keys;
}

//===-- sums of factors --------------------------------------------------===//

namespace {
/// A reader's filter, whose last dimension are the group's channels.
class Factors {
public:
  explicit Factors(edge::IntegerConv2DOp reader)
      : reader(reader), filter(*integerElements(reader.getFilter())),
        channels(channelCount(reader.getFilter())),
        zero(int64_t(reader.getFilterZeroPoint())) {
    auto element =
        cast<IntegerType>(reader.getFilter().getType().getElementType());
    unsigned width = element.getWidth();
    // The least signed number is left out: some processors' products of it with
    // itself overflow.
    high = element.isUnsigned() ? (int64_t(1) << width) - 1
                                : (int64_t(1) << (width - 1)) - 1;
    low = element.isUnsigned() ? 0 : -high;
  }

  /// False, and nothing changes, where a sum does not fit.
  bool merge(EqualChannels pair) {
    for (size_t at = 0; at < filter.size(); at += channels) {
      int64_t sum = filter[at + pair.stays] + filter[at + pair.goes] - zero;
      if (sum < low || sum > high)
        return false;
    }
    for (size_t at = 0; at < filter.size(); at += channels) {
      filter[at + pair.stays] += filter[at + pair.goes] - zero;
      filter[at + pair.goes] = zero;
    }
    return true;
  }

  void write() {
    OpBuilder builder(reader);
    RankedTensorType type = reader.getFilter().getType();
    int64_t bytes = type.getElementTypeBitWidth() / 8;
    ElementsAttr elements = makeConstant(type, [&](MutableArrayRef<char> out) {
      for (size_t i = 0; i < filter.size(); ++i)
        std::memcpy(out.data() + i * bytes, &filter[i], bytes);
    });
    reader.getFilterMutable().assign(edge::ConstantOp::create(
        builder, reader.getFilter().getLoc(), type, elements));
  }

private:
  edge::IntegerConv2DOp reader;
  std::vector<int64_t> filter;
  int64_t channels, zero, low, high;
};
} // namespace

static SmallVector<Factors> factorsOf(const ChannelGroup &group) {
  SmallVector<Factors> readers;
  for (edge::IntegerConv2DOp reader : group.readers)
    readers.emplace_back(reader);
  return readers;
}

/// Whether all readers can do with one channel of the pair; they are changed if
/// so.
static bool mergeAll(SmallVector<Factors> &readers, EqualChannels pair) {
  SmallVector<Factors> changed = readers;
  for (Factors &reader : changed)
    if (!reader.merge(pair))
      return false;
  readers = std::move(changed);
  return true;
}

SmallVector<EqualChannels> edgec::findEqualChannels(const ChannelGroup &group,
                                                    int64_t block) {
  SmallVector<EqualChannels> pairs;
  // A convolution that writes the channels that it reads would change on the
  // way.
  for (edge::IntegerConv2DOp writer : group.writers)
    if (llvm::is_contained(group.readers, writer))
      return pairs;
  std::vector<std::string> keys = describeChannels(group);
  llvm::StringMap<int64_t> first;
  SmallVector<EqualChannels> equal;
  for (auto [c, key] : llvm::enumerate(keys)) {
    auto [entry, isNew] = first.try_emplace(key, int64_t(c));
    if (!isNew)
      equal.push_back({entry->second, int64_t(c)});
  }
  if (equal.empty())
    return pairs;
  SmallVector<Factors> readers = factorsOf(group);
  for (EqualChannels pair : equal)
    if (mergeAll(readers, pair))
      pairs.push_back(pair);
  auto left = int64_t(keys.size()) - int64_t(pairs.size());
  for (; !pairs.empty() && left > block && left % block != 0; ++left)
    pairs.pop_back();
  return pairs;
}

void edgec::mergeFactors(const ChannelGroup &group,
                         ArrayRef<EqualChannels> pairs) {
  for (Factors &reader : factorsOf(group)) {
    for (EqualChannels pair : pairs)
      reader.merge(pair);
    reader.write();
  }
}
