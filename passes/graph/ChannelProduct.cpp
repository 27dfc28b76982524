//===- ChannelProduct.cpp - layers as sums over channels ------------------===//
#include "passes/graph/ChannelProduct.h"
#include "dialects/edge/Integer.h"
#include "passes/graph/ChannelOrder.h"

using namespace mlir;
using namespace edgec;

/// Whether the operator multiplies each channel of its input with one factor
/// per output.
static bool hasOneTap(Operation *op) {
  if (isa<edge::FullyConnectedOp>(op))
    return true;
  std::optional<edge::Convolution> conv = edge::getConvolution(op);
  auto isOne = [](int64_t size) { return size == 1; };
  return conv && conv->groups == 1 &&
         llvm::all_of(conv->filter.getType().getShape().slice(1, 2), isOne) &&
         llvm::all_of(conv->pads, [](int64_t pad) { return pad == 0; });
}

static bool hasNumbers(Operation *op) {
  if (!hasRanges(op->getOperand(0)) || !hasRanges(op->getResult(0)) ||
      !ConstantNumbers::get(op->getOperand(1)))
    return false;
  return op->getNumOperands() < 3 ||
         perChannelNumbers(op->getOperand(2), channelCount(op->getResult(0)));
}

Value edgec::flattenedImage(Value value) {
  auto reshape = value.getDefiningOp<edge::ReshapeOp>();
  if (!reshape || reshape.getX().getDefiningOp<edge::ConstantOp>() ||
      cast<RankedTensorType>(reshape.getX().getType()).getRank() == 0)
    return nullptr;
  int64_t channels = channelCount(reshape.getX()), row = channelCount(value);
  if (row == channels || row % channels != 0)
    return nullptr;
  auto readsChannels = [](OpOperand &use) {
    return use.getOperandNumber() == 0 && hasOneTap(use.getOwner()) &&
           hasNumbers(use.getOwner());
  };
  return llvm::all_of(value.getUses(), readsChannels) ? reshape.getX()
                                                      : Value();
}

std::optional<ChannelProduct> ChannelProduct::get(Operation *op) {
  std::optional<edge::Convolution> conv = edge::getConvolution(op);
  if ((!conv && !isa_and_nonnull<edge::FullyConnectedOp>(op)) ||
      !hasNumbers(op))
    return std::nullopt;
  ChannelProduct product(op);
  product.input = op->getOperand(0);
  if (hasOneTap(op))
    if (Value image = flattenedImage(product.input))
      product.input = image;
  if (conv) {
    product.groups = conv->groups;
    product.depthwise = conv->isDepthwise;
    product.padded = llvm::any_of(conv->pads, [](int64_t n) { return n > 0; });
    product.padValue = double(conv->padValue);
  }
  // The attributes' accessors give unsigned numbers.
  if (auto integers = dyn_cast<edge::IntegerConv2DOp>(op)) {
    product.inputZero = double(int64_t(integers.getInputZeroPoint()));
    product.filterZero = double(int64_t(integers.getFilterZeroPoint()));
  }
  return product;
}

Value ChannelProduct::getBias() const {
  return op->getNumOperands() > 2 ? op->getOperand(2) : Value();
}

bool ChannelProduct::isFloat() const {
  return isa<FloatType>(getElementTypeOrSelf(getResult().getType()));
}

int64_t ChannelProduct::taps() const {
  return cast<RankedTensorType>(getFilter().getType()).getNumElements() /
         (outputs() * inputs());
}

llvm::BitVector ChannelProduct::readInputs() const {
  ConstantNumbers numbers = factors();
  int64_t channels = inputs();
  llvm::BitVector read(channels);
  // Most filters have none that is not read: a few outputs show it.
  for (int64_t at = 0; at < numbers.size() && !read.all(); at += channels) {
    for (int64_t i = 0; i < channels; ++i)
      if (numbers[at + i] != filterZero)
        read.set(i);
  }
  return read;
}

void ChannelProduct::keepInputs(ArrayRef<int64_t> kept) {
  auto type = cast<RankedTensorType>(getFilter().getType());
  // Several taps of a flattened image lie in one dimension.
  int64_t perTap = inputs();
  SmallVector<int64_t> positions;
  for (int64_t at = 0; at < type.getShape().back(); at += perTap)
    for (int64_t channel : kept)
      positions.push_back(at + channel);
  OpBuilder builder(op);
  op->setOperand(
      1, takePositions(builder, getFilter(), type.getRank() - 1, positions));
}

void ChannelProduct::keepOutputs(ArrayRef<int64_t> kept) {
  OpBuilder builder(op);
  op->setOperand(1, takePositions(builder, getFilter(), 0, kept));
  if (Value bias = getBias())
    op->setOperand(2, takePositions(builder, bias, 0, kept));
  if (!depthwise)
    return;
  groups = int64_t(kept.size());
  if (auto conv = dyn_cast<edge::IntegerConv2DOp>(op))
    conv.setGroups(groups);
  else
    cast<edge::Conv2DOp>(op).setGroups(groups);
}

void ChannelProduct::setFilter(ElementsAttr elements) {
  OpBuilder builder(op);
  op->setOperand(1, edge::ConstantOp::create(builder, getFilter().getLoc(),
                                             elements.getType(), elements));
}

void ChannelProduct::setBias(ElementsAttr elements) {
  OpBuilder builder(op);
  Value bias = edge::ConstantOp::create(builder, op->getLoc(),
                                        elements.getType(), elements);
  if (getBias())
    op->setOperand(2, bias);
  else
    op->insertOperands(2, bias);
}
