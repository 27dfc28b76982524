//===- ChannelMoves.cpp - where moved channels come from -----------------===//
#include "passes/graph/ChannelMoves.h"
#include "dialects/edge/Edge.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace edgec;

using Dimensions = SmallVector<MovedDimension>;

bool MovedChannels::isImage() const {
  unsigned seen = 0;
  for (const MovedDimension &dimension : dimensions)
    seen |= 1U << (dimension.kind + 1);
  return dimensions.size() == 4 && seen == 0b1111;
}

/// The channels as an array of their dimensions.
static SmallVector<int64_t> channelSizes(ArrayRef<MovedDimension> dimensions) {
  SmallVector<int64_t> sizes;
  for (const MovedDimension &dimension : dimensions)
    if (dimension.kind == MovedDimension::channels)
      sizes.push_back(dimension.size);
  return sizes;
}

/// The number of the channel dimension `d` among those.
static size_t channelDimension(ArrayRef<MovedDimension> dimensions, size_t d) {
  return channelSizes(dimensions.take_front(d)).size();
}

/// Calls `body` for every position of `sizes` in row-major order.
static void forEach(ArrayRef<int64_t> sizes,
                    function_ref<void(ArrayRef<int64_t>)> body) {
  SmallVector<int64_t> position(sizes.size(), 0);
  int64_t count = 1;
  for (int64_t size : sizes)
    count *= size;
  for (int64_t i = 0; i < count; ++i) {
    body(position);
    for (size_t d = sizes.size(); d-- > 0;) {
      if (++position[d] < sizes[d])
        break;
      position[d] = 0;
    }
  }
}

static int64_t numberOf(ArrayRef<int64_t> position, ArrayRef<int64_t> sizes) {
  int64_t number = 0;
  for (auto [at, size] : llvm::zip_equal(position, sizes))
    number = number * size + at;
  return number;
}

//===-- one operator each ------------------------------------------------===//

/// Dimensions stay, or some of the channels' become others with as many
/// elements.
static std::optional<MovedChannels> traceReshape(edge::ReshapeOp op,
                                                 const MovedChannels &x) {
  ArrayRef<int64_t> shape = op.getType().getShape();
  MovedChannels result = x;
  result.dimensions.clear();
  size_t from = 0, to = 0;
  while (from < x.dimensions.size() && to < shape.size()) {
    const MovedDimension &dimension = x.dimensions[from];
    if (dimension.kind != MovedDimension::channels) {
      if (dimension.size != shape[to])
        return std::nullopt;
      result.dimensions.push_back(dimension);
      ++from;
      ++to;
      continue;
    }
    // As few dimensions as have the same number of elements.
    int64_t before = x.dimensions[from++].size, after = shape[to];
    result.dimensions.push_back({shape[to++], MovedDimension::channels});
    while (before != after) {
      if (before < after) {
        if (from == x.dimensions.size() ||
            x.dimensions[from].kind != MovedDimension::channels)
          return std::nullopt;
        before *= x.dimensions[from++].size;
      } else {
        if (to == shape.size())
          return std::nullopt;
        after *= shape[to];
        result.dimensions.push_back({shape[to++], MovedDimension::channels});
      }
    }
  }
  if (from < x.dimensions.size() || to < shape.size())
    return std::nullopt;
  return result;
}

static std::optional<MovedChannels> traceTranspose(edge::TransposeOp op,
                                                   const MovedChannels &x) {
  MovedChannels result;
  result.isShuffled = x.isShuffled;
  SmallVector<size_t> order;
  for (int64_t from : op.getPermutation()) {
    result.dimensions.push_back(x.dimensions[from]);
    if (x.dimensions[from].kind == MovedDimension::channels)
      order.push_back(channelDimension(x.dimensions, size_t(from)));
  }
  result.isShuffled |= !llvm::is_sorted(order);
  SmallVector<int64_t> sizes = channelSizes(x.dimensions),
                       source(sizes.size(), 0);
  forEach(channelSizes(result.dimensions), [&](ArrayRef<int64_t> position) {
    for (auto [at, d] : llvm::zip_equal(position, order))
      source[d] = at;
    result.channels.push_back(x.channels[numberOf(source, sizes)]);
  });
  return result;
}

static std::optional<MovedChannels> traceSlice(edge::SliceOp op,
                                               const MovedChannels &x) {
  MovedChannels result;
  result.isShuffled = x.isShuffled;
  SmallVector<int64_t> offsets;
  for (size_t d = 0; d < x.dimensions.size(); ++d) {
    MovedDimension dimension = x.dimensions[d];
    bool isChannels = dimension.kind == MovedDimension::channels;
    if (op.getStrides()[d] != 1 ||
        (!isChannels && op.getSizes()[d] != dimension.size))
      return std::nullopt;
    if (isChannels)
      offsets.push_back(op.getOffsets()[d]);
    result.dimensions.push_back({op.getSizes()[d], dimension.kind});
  }
  SmallVector<int64_t> sizes = channelSizes(x.dimensions);
  forEach(channelSizes(result.dimensions), [&](ArrayRef<int64_t> position) {
    SmallVector<int64_t> source;
    for (auto [at, offset] : llvm::zip_equal(position, offsets))
      source.push_back(at + offset);
    result.channels.push_back(x.channels[numberOf(source, sizes)]);
  });
  return result;
}

/// Of values with one dimension of channels each.
static std::optional<MovedChannels>
traceConcat(edge::ConcatOp op, ArrayRef<const MovedChannels *> inputs) {
  MovedChannels result;
  size_t axis = op.getAxis();
  for (const MovedChannels *x : inputs) {
    if (!x || x->dimensions[axis].kind != MovedDimension::channels ||
        channelSizes(x->dimensions).size() != 1)
      return std::nullopt;
    Dimensions dimensions = x->dimensions;
    if (result.dimensions.empty()) {
      dimensions[axis].size = 0;
      result.dimensions = dimensions;
    }
    dimensions[axis].size = result.dimensions[axis].size;
    if (dimensions != result.dimensions)
      return std::nullopt;
    result.dimensions[axis].size += x->dimensions[axis].size;
    result.channels.insert(result.channels.end(), x->channels.begin(),
                           x->channels.end());
    result.isShuffled |= x->isShuffled;
  }
  return result;
}

//===-- all of them ------------------------------------------------------===//

std::optional<MovedChannels> ChannelTracer::traceMove(Operation *op) {
  SmallVector<const MovedChannels *> inputs;
  for (Value operand : op->getOperands())
    inputs.push_back(trace(operand));
  if (auto concat = dyn_cast<edge::ConcatOp>(op))
    return traceConcat(concat, inputs);
  if (!inputs.front())
    return std::nullopt;
  const MovedChannels &x = *inputs.front();
  return TypeSwitch<Operation *, std::optional<MovedChannels>>(op)
      .Case([&](edge::ReshapeOp reshape) { return traceReshape(reshape, x); })
      .Case([&](edge::TransposeOp move) { return traceTranspose(move, x); })
      .Case([&](edge::SliceOp slice) { return traceSlice(slice, x); })
      .Default(std::nullopt);
}

const MovedChannels *ChannelTracer::trace(Value value) {
  auto found = known.find(value);
  if (found != known.end())
    return found->second.get();
  std::optional<MovedChannels> moved;
  Operation *op = value.getDefiningOp();
  if (isa_and_nonnull<edge::ConcatOp, edge::ReshapeOp, edge::TransposeOp,
                      edge::SliceOp>(op))
    moved = traceMove(op);
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!moved && type && type.getRank() == 4 &&
      !isa_and_nonnull<edge::ConstantOp>(op)) {
    moved.emplace();
    for (int d = 0; d < 4; ++d)
      moved->dimensions.push_back(
          {type.getDimSize(d), d < 3 ? d : MovedDimension::channels});
    for (int64_t c = 0; c < type.getDimSize(3); ++c)
      moved->channels.push_back({value, c});
  }
  std::unique_ptr<MovedChannels> &entry = known[value];
  if (moved)
    entry = std::make_unique<MovedChannels>(std::move(*moved));
  return entry.get();
}

bool ChannelTracer::isMove(Operation *op) {
  if (op->getNumResults() != 1)
    return false;
  const MovedChannels *moved = trace(op->getResult(0));
  return moved && (moved->channels.empty() ||
                   moved->channels.front().source != op->getResult(0));
}
