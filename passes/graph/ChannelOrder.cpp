//===- ChannelOrder.cpp - who can take channels in another order ---------===//
#include "passes/graph/ChannelOrder.h"
#include "dialects/edge/Integer.h"
#include "passes/graph/ChannelRanges.h"
#include "passes/graph/ConstantData.h"
#include <map>

using namespace mlir;
using namespace edgec;

static ChannelBlocks fixedBlocks(int64_t channels) {
  return llvm::to_vector(llvm::seq<int64_t>(0, channels));
}

static ChannelBlocks groupBlocks(int64_t channels, int64_t groups) {
  ChannelBlocks blocks;
  for (int64_t c = 0; c < channels; ++c)
    blocks.push_back(c / (channels / groups));
  return blocks;
}

ChannelBlocks edgec::refine(const ChannelBlocks &a, const ChannelBlocks &b) {
  std::map<std::pair<int64_t, int64_t>, int64_t> numbers;
  ChannelBlocks blocks;
  for (auto pair : llvm::zip_equal(a, b)) {
    auto [x, y] = pair;
    blocks.push_back(
        numbers.try_emplace({x, y}, int64_t(numbers.size())).first->second);
  }
  return blocks;
}

//===-- operators --------------------------------------------------------===//

/// Whose elements have no meaning that depends on the channel.
static bool isPlain(Value value) {
  return cast<RankedTensorType>(value.getType())
      .getElementType()
      .isIntOrFloat();
}

static bool isConstant(Value value) {
  return isPlain(value) && ConstantData::get(value).has_value();
}

/// The convolution, if its filter and bias are constants that can be changed.
static std::optional<edge::Convolution> convolution(Operation *op) {
  std::optional<edge::Convolution> conv = edge::getConvolution(op);
  if (!conv || !isConstant(conv->filter))
    return std::nullopt;
  auto isPerChannel = [&](Value bias) {
    std::optional<ConstantData> data = ConstantData::get(bias);
    return data &&
           (data->getNumElements() == 1 ||
            data->getType().getShape() == ArrayRef(channelCount(conv->result)));
  };
  return !conv->bias || isPerChannel(conv->bias) ? conv : std::nullopt;
}

/// The one operand whose channels are those of the result, each computed by
/// itself; null when the operator is not like that.
static OpOperand *sameChannels(Operation *op) {
  if (std::optional<edge::Convolution> conv = convolution(op)) {
    return conv->isDepthwise && channelCount(conv->result) == conv->groups
               ? &op->getOpOperand(0)
               : nullptr;
  }
  if (isa<edge::MaxPool2DOp, edge::AvgPool2DOp>(op) && op->getNumResults() == 1)
    return &op->getOpOperand(0);
  if (!op->hasTrait<edge::ElementwiseTrait>() || op->getNumResults() != 1)
    return nullptr;
  auto shapeOf = [](Value value) {
    return cast<RankedTensorType>(value.getType()).getShape();
  };
  Value result = op->getResult(0);
  if (shapeOf(result).empty() || !isPlain(result))
    return nullptr;
  OpOperand *data = nullptr;
  for (OpOperand &operand : op->getOpOperands()) {
    if (std::optional<ConstantData> constant =
            ConstantData::get(operand.get())) {
      bool broadcasts = constant->getNumElements() == 1 ||
                        channelCount(operand.get()) == channelCount(result);
      if (!broadcasts)
        return nullptr;
      continue;
    }
    if (data || shapeOf(operand.get()) != shapeOf(result) ||
        !isPlain(operand.get()))
      return nullptr;
    data = &operand;
  }
  return data;
}

/// Changes the constants of an operator whose channels are its operand's.
static void reorderConstants(Operation *op, ArrayRef<int64_t> order) {
  OpBuilder builder(op);
  if (isa<edge::MaxPool2DOp, edge::AvgPool2DOp>(op))
    return;
  bool isFilter = edge::getConvolution(op).has_value();
  for (OpOperand &operand : op->getOpOperands()) {
    std::optional<ConstantData> data = ConstantData::get(operand.get());
    if (!data || data->getNumElements() == 1)
      continue;
    int64_t dimension = isFilter ? 0 : data->getType().getRank() - 1;
    operand.set(takePositions(builder, operand.get(), dimension, order));
  }
}

//===-- readers ----------------------------------------------------------===//

static bool all(OpOperand &) { return true; }

ChannelBlocks edgec::readerBlocks(Value value, UseFilter counts) {
  int64_t channels = channelCount(value);
  ChannelBlocks blocks(channels, 0);
  for (OpOperand &use : value.getUses()) {
    if (!counts(use))
      continue;
    Operation *op = use.getOwner();
    std::optional<edge::Convolution> conv = convolution(op);
    if (sameChannels(op) == &use)
      blocks = refine(blocks, readerBlocks(op->getResult(0), all));
    else if (conv && use.getOperandNumber() == 0 &&
             channels % conv->groups == 0)
      blocks = refine(blocks, groupBlocks(channels, conv->groups));
    else
      return fixedBlocks(channels);
  }
  return blocks;
}

/// A filter whose group g reads input channels in the order that `order` has in
/// its part.
static Value reorderInputs(OpBuilder &builder, const edge::Convolution &conv,
                           ArrayRef<int64_t> order) {
  ConstantData data = *ConstantData::get(Value(conv.filter));
  ArrayRef<int64_t> shape = data.getType().getShape();
  int64_t outputs = shape[0], taps = shape[1] * shape[2], inputs = shape[3],
          size = data.getElementBytes();
  if (data.isSplat())
    return conv.filter;
  ElementsAttr elements =
      makeConstant(data.getType(), [&](MutableArrayRef<char> out) {
        char *to = out.data();
        for (int64_t o = 0; o < outputs; ++o) {
          int64_t first = o / (outputs / conv.groups) * inputs;
          for (int64_t tap = 0; tap < taps; ++tap) {
            const char *from =
                data.getBytes() + (o * taps + tap) * inputs * size;
            for (int64_t i = 0; i < inputs; ++i, to += size)
              std::memcpy(to, from + (order[first + i] - first) * size, size);
          }
        }
      });
  return edge::ConstantOp::create(builder, conv.filter.getLoc(), data.getType(),
                                  elements);
}

void edgec::reorderReaders(Value value, ArrayRef<int64_t> order,
                           UseFilter counts) {
  for (OpOperand &use : value.getUses()) {
    if (!counts(use))
      continue;
    Operation *op = use.getOwner();
    if (sameChannels(op) == &use) {
      reorderConstants(op, order);
      reorderReaders(op->getResult(0), order, all);
    } else if (std::optional<edge::Convolution> conv = convolution(op)) {
      OpBuilder builder(op);
      op->setOperand(1, reorderInputs(builder, *conv, order));
    }
  }
}

//===-- writers ----------------------------------------------------------===//

ChannelBlocks edgec::writerBlocks(Value value) {
  int64_t channels = channelCount(value);
  for (Value shown = value; Operation *op = shown.getDefiningOp();) {
    if (shown != value && !shown.hasOneUse())
      break;
    if (OpOperand *data = sameChannels(op)) {
      shown = data->get();
      continue;
    }
    std::optional<edge::Convolution> conv = convolution(op);
    return conv ? groupBlocks(channels, conv->groups) : fixedBlocks(channels);
  }
  return fixedBlocks(channels);
}

void edgec::reorderWriter(Value value, ArrayRef<int64_t> order) {
  Operation *op = value.getDefiningOp();
  while (OpOperand *data = sameChannels(op)) {
    reorderConstants(op, order);
    op = data->get().getDefiningOp();
  }
  reorderConstants(op, order);
}

Value edgec::takePositions(OpBuilder &builder, Value constant,
                           int64_t dimension, ArrayRef<int64_t> positions) {
  ConstantData data = *ConstantData::get(constant);
  SmallVector<int64_t> shape(data.getType().getShape());
  int64_t inner = data.getElementBytes(), outer = 1, all = shape[dimension];
  for (int64_t size : ArrayRef(shape).drop_front(dimension + 1))
    inner *= size;
  for (int64_t size : ArrayRef(shape).take_front(dimension))
    outer *= size;
  shape[dimension] = int64_t(positions.size());
  auto type = RankedTensorType::get(shape, data.getType().getElementType());
  ElementsAttr elements = makeConstant(type, [&](MutableArrayRef<char> out) {
    char *to = out.data();
    if (data.isSplat()) {
      for (size_t at = 0; at < out.size(); at += data.getElementBytes())
        std::memcpy(to + at, data.getBytes(), data.getElementBytes());
      return;
    }
    for (int64_t i = 0; i < outer; ++i) {
      for (int64_t position : positions) {
        std::memcpy(to, data.getBytes() + (i * all + position) * inner, inner);
        to += inner;
      }
    }
  });
  return edge::ConstantOp::create(builder, constant.getLoc(), type, elements);
}
