//===- ScaleFilters.cpp - factors of an input in the filters --------------===//
//
// Squeeze-and-excite multiplies each channel of a large tensor by a number that
// the run computes, and a 1x1 convolution projects the product. Where there are
// more positions than output channels, its filters are the smaller factor:
//
//   edge.conv2d (edge.mul %x, %s), %f, %b                 %x: [1, h, w, k]
// becomes
//   edge.add (edge.matmul %x, (edge.mul %t, %c)), %b      %t: %f as [k, n]
//                                                         %c: %s as [k, 1]
//
// so that a pass over the tensor disappears, and what is written for the
// product does as well.
//
//===----------------------------------------------------------------------===//
#include "passes/fuse/Passes.h"
#include "passes/graph/ConstantData.h"

using namespace mlir;

namespace edgec {
#define GEN_PASS_DEF_SCALEFILTERS
#include "passes/fuse/Passes.h.inc"

/// Of each output channel, positions for which the filters are scaled instead:
/// filters that the run computes cannot be packed and are read by rows.
static constexpr int64_t leastPositions = 2;

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

/// A 1x1 convolution that is one product of matrices, by constants.
static bool isProduct(edge::Conv2DOp conv) {
  auto are = [](ArrayRef<int64_t> numbers, int64_t value) {
    return llvm::all_of(numbers,
                        [&](int64_t number) { return number == value; });
  };
  ArrayRef<int64_t> input = shapeOf(conv.getInput());
  auto isFloat = [](Type type) {
    return cast<RankedTensorType>(type).getElementType().isF32();
  };
  auto filter = ConstantData::get(conv.getFilter());
  return filter && llvm::all_of(conv->getOperandTypes(), isFloat) &&
         input[0] == 1 && conv.getGroups() == 1 &&
         are(filter->getType().getShape().slice(1, 2), 1) &&
         are(conv.getStrides(), 1) && are(conv.getPads(), 0);
}

/// Whether the value is a number per channel that the run computes.
static bool isPerChannel(Value value, int64_t channels) {
  ArrayRef<int64_t> shape = shapeOf(value);
  return !shape.empty() && shape.back() == channels &&
         ShapedType::getNumElements(shape) == channels &&
         !value.getDefiningOp<edge::ConstantOp>();
}

/// The two operands of the product that the convolution projects, factors last.
static std::optional<std::pair<Value, Value>> findFactors(edge::Conv2DOp conv) {
  auto product = conv.getInput().getDefiningOp<edge::MulOp>();
  if (!product || !product->hasOneUse() || !isProduct(conv))
    return std::nullopt;
  ArrayRef<int64_t> whole = shapeOf(product), result = shapeOf(conv);
  if (result[1] * result[2] < leastPositions * result[3])
    return std::nullopt;
  for (auto [tensor, factors] :
       {std::pair<Value, Value>(product.getLhs(), product.getRhs()),
        std::pair<Value, Value>(product.getRhs(), product.getLhs())})
    if (shapeOf(tensor) == whole && isPerChannel(factors, whole.back()))
      return std::pair(tensor, factors);
  return std::nullopt;
}

static void scaleFilter(edge::Conv2DOp conv, Value tensor, Value factors) {
  OpBuilder b(conv);
  Location loc = conv.getLoc();
  auto product = conv.getInput().getDefiningOp<edge::MulOp>();
  auto filter = conv.getFilter().getDefiningOp<edge::ConstantOp>();
  int64_t outputs = shapeOf(conv).back(), inputs = shapeOf(factors).back();
  auto type = RankedTensorType::get({inputs, outputs}, b.getF32Type());
  Value turned = edge::ConstantOp::create(
      b, loc, type,
      transposeConstant(reshapeConstant(filter.getValue(), {outputs, inputs}),
                        {1, 0}));
  Value column = edge::ReshapeOp::create(
      b, product.getLoc(), RankedTensorType::get({inputs, 1}, b.getF32Type()),
      factors);
  Value scaled = edge::MulOp::create(b, product.getLoc(), type, turned, column);
  Value result = edge::MatMulOp::create(b, loc, conv.getType(), tensor, scaled);
  if (Value bias = conv.getBias())
    result = edge::AddOp::create(b, loc, conv.getType(), result, bias);
  conv.replaceAllUsesWith(result);
  conv.erase();
  product.erase();
  if (filter->use_empty())
    filter.erase();
}

namespace {
struct ScaleFilters : impl::ScaleFiltersBase<ScaleFilters> {
  void runOnOperation() override {
    SmallVector<edge::Conv2DOp> convolutions;
    getOperation().walk(
        [&](edge::Conv2DOp conv) { convolutions.push_back(conv); });
    for (edge::Conv2DOp conv : convolutions) {
      if (auto found = findFactors(conv)) {
        scaleFilter(conv, found->first, found->second);
        ++numScaled;
      }
    }
  }
};
} // namespace

} // namespace edgec
