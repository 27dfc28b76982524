//===- FoldKnownValues.cpp - operands that no input changes ---------------===//
//
// A branch whose weights are all zero gives the same numbers for every input.
// Where it joins another value, its channels' numbers are a constant, and
// nothing is left of the branch; where they are zeros and are added, of the
// addition either.
//
//   %b = edge.conv2d %x, %zeros, %bias        whatever %x is
//   %r = edge.add %y, %b
//     =>  %r = edge.add %y, %constant
//
//===----------------------------------------------------------------------===//
#include "passes/graph/ChannelRanges.h"
#include "passes/graph/Passes.h"

using namespace mlir;

namespace edgec {
#define GEN_PASS_DEF_FOLDKNOWNVALUES
#include "passes/graph/Passes.h.inc"

/// The numbers of the value's channels as a constant that broadcasts to it;
/// null, if they are not known.
static ElementsAttr knownChannels(Value value, ChannelRanges &ranges) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || type.getRank() == 0 || !hasRanges(value) ||
      !value.getDefiningOp() || value.getDefiningOp<edge::ConstantOp>())
    return nullptr;
  const std::vector<ChannelRange> &channels = ranges.of(value);
  if (!llvm::all_of(channels,
                    [](ChannelRange range) { return range.isConstant(); }))
    return nullptr;
  Type element = type.getElementType();
  SmallVector<Attribute> numbers;
  OpBuilder builder(value.getContext());
  for (ChannelRange range : channels) {
    if (isa<FloatType>(element)) {
      numbers.push_back(builder.getF32FloatAttr(float(range.low)));
      continue;
    }
    APInt number(element.getIntOrFloatBitWidth(), uint64_t(int64_t(range.low)),
                 /*isSigned=*/true, /*implicitTrunc=*/true);
    numbers.push_back(IntegerAttr::get(element, number));
  }
  return DenseElementsAttr::get(
      RankedTensorType::get({int64_t(numbers.size())}, element), numbers);
}

/// Zeros of either sign.
static bool isZero(ElementsAttr elements) {
  auto dense = cast<DenseElementsAttr>(elements);
  if (isa<FloatType>(dense.getElementType()))
    return llvm::all_of(dense.getValues<APFloat>(),
                        [](const APFloat &number) { return number.isZero(); });
  return llvm::all_of(dense.getValues<APInt>(),
                      [](const APInt &number) { return number.isZero(); });
}

namespace {
struct FoldKnownValues : impl::FoldKnownValuesBase<FoldKnownValues> {
  using FoldKnownValuesBase::FoldKnownValuesBase;

  void runOnOperation() override {
    ChannelRanges ranges(assumeFinite);
    SmallVector<Operation *> binary;
    getOperation().walk([&](Operation *op) {
      if (op->hasTrait<edge::ElementwiseTrait>() && op->getNumResults() == 1 &&
          op->getNumOperands() == 2)
        binary.push_back(op);
    });
    // Ranges are known by their values: none is destroyed before the end.
    SmallVector<Operation *> replaced;
    for (Operation *op : binary)
      if (fold(op, ranges))
        replaced.push_back(op);
    for (Operation *op : llvm::reverse(replaced))
      op->erase();
  }

private:
  /// Whether nothing is left of the operator.
  bool fold(Operation *op, ChannelRanges &ranges) {
    for (unsigned i : {0u, 1u}) {
      Value other = op->getOperand(1 - i);
      // The result's shape comes from the other one.
      if (other.getType() != op->getResult(0).getType() ||
          other.getDefiningOp<edge::ConstantOp>())
        continue;
      ElementsAttr numbers = knownChannels(op->getOperand(i), ranges);
      if (!numbers)
        continue;
      ++numFolded;
      if (isa<edge::AddOp>(op) && isZero(numbers)) {
        op->getResult(0).replaceAllUsesWith(other);
        return true;
      }
      OpBuilder builder(op);
      op->setOperand(i, edge::ConstantOp::create(builder, op->getLoc(),
                                                 numbers.getType(), numbers));
      return false;
    }
    return false;
  }
};
} // namespace

} // namespace edgec
