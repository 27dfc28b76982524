//===- SplitProducts.cpp - products without their blocks of zeros ---------===//
//
// Where groups of a layer's outputs have factors for some of its inputs only,
// the layer becomes several: each reads the channels that it multiplies and
// writes a part of the result. Slices and concatenations of channels are places
// and not copies, and what follows channel by channel is computed in each part.
//
//   %r = edge.fully_connected %x, %w        outputs 0 to 31 read inputs 0 to
//   63,
//     =>                                    the others inputs 32 to 127
//   %a = edge.fully_connected (edge.slice %x ...), %w0
//   %b = edge.fully_connected (edge.slice %x ...), %w1
//   %r = edge.concat %a, %b
//
// Equal parts that share no inputs are the groups of one convolution.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Integer.h"
#include "dialects/edge/NodeName.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Remarks.h"
#include "passes/graph/BlockPattern.h"
#include "passes/graph/ChannelOrder.h"
#include "passes/graph/Passes.h"

using namespace mlir;

namespace edgec {
#define GEN_PASS_DEF_SPLITPRODUCTS
#include "passes/graph/Passes.h.inc"

//===-- what follows channel by channel ----------------------------------===//

static int64_t bitsOf(Value value) {
  return getElementTypeOrSelf(value.getType()).getIntOrFloatBitWidth();
}

/// Whether the operator computes each channel of its result from the same one
/// of `x` and of constants.
static bool isPerChannel(Operation *op, Value x) {
  if (op->getNumResults() != 1 ||
      cast<RankedTensorType>(op->getResult(0).getType()).getShape() !=
          cast<RankedTensorType>(x.getType()).getShape())
    return false;
  if (auto lookup = dyn_cast<edge::LookupOp>(op))
    return lookup.getX() == x;
  if (!op->hasTrait<edge::ElementwiseTrait>())
    return false;
  return llvm::all_of(op->getOperands(), [&](Value operand) {
    if (operand == x)
      return true;
    std::optional<ConstantData> data = ConstantData::get(operand);
    int64_t channels = channelCount(x);
    return data && (data->getNumElements() == 1 ||
                    (data->getNumElements() == channels &&
                     channelCount(operand) == channels));
  });
}

/// The product and what follows it, as far as the last of the narrowest values:
/// those are joined.
static SmallVector<Operation *> findTail(Operation *product) {
  SmallVector<Operation *> tail{product};
  size_t best = 1;
  for (Operation *last = product; last->getResult(0).hasOneUse();) {
    Value x = last->getResult(0);
    Operation *next = *x.user_begin();
    if (!isPerChannel(next, x))
      break;
    tail.push_back(next);
    if (bitsOf(next->getResult(0)) <= bitsOf(tail[best - 1]->getResult(0)))
      best = tail.size();
    last = next;
  }
  tail.truncate(best);
  return tail;
}

//===-- parts ------------------------------------------------------------===//

static Value sliceChannels(OpBuilder &builder, Value x, ChannelRun run) {
  auto type = cast<RankedTensorType>(x.getType());
  SmallVector<int64_t> offsets(type.getRank(), 0), strides(type.getRank(), 1),
      sizes(type.getShape());
  if (run.size() == sizes.back())
    return x;
  offsets.back() = run.begin;
  sizes.back() = run.size();
  return edge::SliceOp::create(builder, x.getLoc(), type.clone(sizes), x,
                               offsets, sizes, strides);
}

static Value joinChannels(OpBuilder &builder, Location loc, ValueRange parts) {
  if (parts.size() == 1)
    return parts.front();
  auto type = cast<RankedTensorType>(parts.front().getType());
  SmallVector<int64_t> shape(type.getShape());
  shape.back() = 0;
  for (Value part : parts)
    shape.back() += channelCount(part);
  return edge::ConcatOp::create(builder, loc, type.clone(shape), parts,
                                type.getRank() - 1);
}

static SmallVector<int64_t> positionsOf(ArrayRef<ChannelRun> runs) {
  SmallVector<int64_t> positions;
  for (ChannelRun run : runs)
    llvm::append_range(positions, llvm::seq(run.begin, run.end));
  return positions;
}

static void setChannels(Value value, int64_t channels) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> shape(type.getShape());
  shape.back() = channels;
  value.setType(type.clone(shape));
}

/// The constants of an operator's channels.
static void sliceConstants(OpBuilder &builder, Operation *op, int64_t channels,
                           ChannelRun outputs) {
  if (isa<edge::LookupOp>(op))
    return;
  for (OpOperand &operand : op->getOpOperands()) {
    auto constant = operand.get().getDefiningOp<edge::ConstantOp>();
    if (constant && channels > 1 &&
        constant.getType().getNumElements() == channels) {
      operand.set(takePositions(builder, constant,
                                constant.getType().getRank() - 1,
                                positionsOf(outputs)));
    }
  }
}

/// One part of the product and of its tail.
static Value makePart(OpBuilder &builder, ArrayRef<Operation *> tail,
                      const ProductPart &part) {
  Operation *product = tail.front();
  int64_t channels = channelCount(product->getResult(0));
  SmallVector<Value> inputs;
  for (ChannelRun run : part.inputs)
    inputs.push_back(sliceChannels(builder, product->getOperand(0), run));
  IRMapping mapping;
  mapping.map(product->getOperand(0),
              joinChannels(builder, product->getLoc(), inputs));
  Operation *last = builder.clone(*product, mapping);
  OpBuilder constants(last);
  Value filter = last->getOperand(1);
  filter = takePositions(constants, filter, 0, positionsOf(part.outputs));
  last->setOperand(
      1, takePositions(constants, filter,
                       cast<RankedTensorType>(filter.getType()).getRank() - 1,
                       positionsOf(part.inputs)));
  if (last->getNumOperands() > 2 &&
      cast<RankedTensorType>(last->getOperand(2).getType()).getNumElements() ==
          channels)
    last->setOperand(2, takePositions(constants, last->getOperand(2), 0,
                                      positionsOf(part.outputs)));
  setChannels(last->getResult(0), part.outputs.size());
  mapping.map(product->getResult(0), last->getResult(0));
  for (Operation *op : tail.drop_front()) {
    last = builder.clone(*op, mapping);
    OpBuilder constants(last);
    sliceConstants(constants, last, channels, part.outputs);
    setChannels(last->getResult(0), part.outputs.size());
    mapping.map(op->getResult(0), last->getResult(0));
  }
  return last->getResult(0);
}

/// Groups of the convolution itself: its filter without the other groups'
/// inputs.
static void makeGroups(Operation *op, ArrayRef<ProductPart> parts) {
  OpBuilder builder(op);
  SmallVector<Value> filters;
  for (const ProductPart &part : parts) {
    Value filter =
        takePositions(builder, op->getOperand(1), 0, positionsOf(part.outputs));
    filters.push_back(
        takePositions(builder, filter, 3, positionsOf(part.inputs)));
  }
  auto type = cast<RankedTensorType>(filters.front().getType());
  SmallVector<int64_t> shape(type.getShape());
  shape[0] *= int64_t(filters.size());
  ElementsAttr joined =
      makeConstant(type.clone(shape), [&](MutableArrayRef<char> out) {
        char *to = out.data();
        for (Value filter : filters) {
          ConstantData data = *ConstantData::get(filter);
          for (int64_t i = 0; i < data.getNumElements(); ++i) {
            std::memcpy(to,
                        data.getBytes() +
                            (data.isSplat() ? 0 : i * data.getElementBytes()),
                        data.getElementBytes());
            to += data.getElementBytes();
          }
        }
      });
  op->setOperand(1, edge::ConstantOp::create(builder, op->getLoc(),
                                             joined.getType(), joined));
  op->setAttr("groups", builder.getI64IntegerAttr(int64_t(parts.size())));
}

//===-- the pass ---------------------------------------------------------===//

static void explain(Operation *op, const Split &split) {
  if (!op->getContext()->getRemarkEngine())
    return;
  std::string text =
      "split " + edge::nodeName(op) + " into " +
      std::to_string(split.parts.size()) + (split.isGrouped ? " groups" : "") +
      " without blocks of zeros: " + std::to_string(split.productsAfter) +
      " of " + std::to_string(split.productsBefore) + " products are left";
  remark::passed(op->getLoc(),
                 remark::RemarkOpts::name("blocks").category("graph"))
      << StringRef(text);
}

namespace {
struct SplitProducts : impl::SplitProductsBase<SplitProducts> {
  using SplitProductsBase::SplitProductsBase;

  void runOnOperation() override {
    ChannelRanges ranges(assumeFinite);
    std::vector<std::pair<Operation *, Split>> splits;
    getOperation().walk([&](Operation *op) {
      std::optional<ChannelProduct> product = ChannelProduct::get(op);
      if (!product || product->getGroups() != 1 ||
          product->getInput() != op->getOperand(0))
        return;
      if (auto split = findSplit(*product, ranges))
        splits.emplace_back(op, *split);
    });
    for (const auto &[op, split] : splits) {
      explain(op, split);
      apply(op, split);
      ++numSplit;
    }
  }

private:
  static void apply(Operation *op, const Split &split) {
    if (split.isGrouped)
      return makeGroups(op, split.parts);
    SmallVector<Operation *> tail = findTail(op);
    OpBuilder builder(tail.back());
    SmallVector<Value> results;
    for (const ProductPart &part : split.parts)
      results.push_back(makePart(builder, tail, part));
    tail.back()->getResult(0).replaceAllUsesWith(
        joinChannels(builder, op->getLoc(), results));
    for (Operation *each : llvm::reverse(tail))
      each->erase();
  }
};
} // namespace

} // namespace edgec
