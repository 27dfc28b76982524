//===- EqualChannels.cpp - channels that are one another's copies ---------===//
//
// A channel is known by all bytes that it is computed with: its filter and bias
// in each writer, and its numbers in each operator of the group. Channels with
// the same bytes are equal.
//
//===----------------------------------------------------------------------===//
#include "passes/graph/EqualChannels.h"
#include "dialects/edge/Integer.h"
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

static void appendProduct(const ChannelProduct &product,
                          std::vector<std::string> &keys) {
  appendSlices(*ConstantData::get(product.getFilter()), /*isLast=*/false, keys);
  std::optional<ConstantData> bias;
  if (product.getBias())
    bias = ConstantData::get(product.getBias());
  if (bias && bias->getNumElements() == int64_t(keys.size()))
    appendSlices(*bias, /*isLast=*/true, keys);
}

/// What each channel of the group is computed with.
static std::vector<std::string> describeChannels(const ChannelGroup &group) {
  std::vector<std::string> keys(group.channels());
  for (const ChannelProduct &writer : group.writers)
    appendProduct(writer, keys);
  for (Operation *op : group.inner) {
    if (std::optional<ChannelProduct> product = ChannelProduct::get(op)) {
      appendProduct(*product, keys);
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
  explicit Factors(const ChannelProduct &reader)
      : reader(reader), channels(reader.inputs()),
        zero(int64_t(reader.getFilterZero())) {
    ConstantNumbers factors = reader.factors();
    for (int64_t i = 0; i < factors.size(); ++i)
      filter.push_back(int64_t(factors[i]));
    auto element =
        cast<IntegerType>(getElementTypeOrSelf(reader.getFilter().getType()));
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
    auto type = cast<RankedTensorType>(reader.getFilter().getType());
    int64_t bytes = type.getElementTypeBitWidth() / 8;
    reader.setFilter(makeConstant(type, [&](MutableArrayRef<char> out) {
      for (size_t i = 0; i < filter.size(); ++i)
        std::memcpy(out.data() + i * bytes, &filter[i], bytes);
    }));
  }

private:
  ChannelProduct reader;
  std::vector<int64_t> filter;
  int64_t channels, zero, low, high;
};
} // namespace

static SmallVector<Factors> factorsOf(const ChannelGroup &group) {
  SmallVector<Factors> readers;
  for (const ChannelProduct &reader : group.readers)
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
  auto isReader = [&](const ChannelProduct &writer) {
    return llvm::any_of(group.readers, [&](const ChannelProduct &reader) {
      return reader.getOperation() == writer.getOperation();
    });
  };
  if (llvm::any_of(group.writers, isReader))
    return pairs;
  // A sum of two float factors is rounded, and so are sums of other terms.
  if (llvm::any_of(group.readers, [](const ChannelProduct &reader) {
        return reader.isFloat();
      }))
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
