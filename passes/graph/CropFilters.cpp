//===- CropFilters.cpp - filters without their borders of zeros -----------===//
//
// Rows and columns of taps at a filter's border that are zero in all channels
// multiply what makes no difference: the filter goes without them, and the
// window begins further in. Where there are no pads to make up for that, it
// slides over a part of the input.
//
//   %r = edge.integer_conv2d %x, %f {pads = [1, 1, 1, 1]}     3x3, but only the
//     =>  %r = edge.integer_conv2d %x, %f' {pads = [0, 0, 0, 0]}   middle: 1x1
//
// Of floats zeros only vanish with what is finite.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Integer.h"
#include "passes/graph/ChannelOrder.h"
#include "passes/graph/ChannelProduct.h"
#include "passes/graph/Passes.h"

using namespace mlir;

namespace edgec {
#define GEN_PASS_DEF_CROPFILTERS
#include "passes/graph/Passes.h.inc"

namespace {
/// Taps that go at the beginning and at the end of a dimension.
struct Border {
  int64_t before = 0, behind = 0;
  bool isNone() const { return before == 0 && behind == 0; }
};

/// What becomes of a dimension of the input, and of its pads.
struct Window {
  int64_t first, size, padBefore, padBehind;
};
} // namespace

/// The border of positions in [0, size) that `isUsed` does not hold.
static Border borderOf(const llvm::BitVector &isUsed) {
  if (isUsed.none())
    return {};
  return {isUsed.find_first(), int64_t(isUsed.size()) - 1 - isUsed.find_last()};
}

/// Rows and columns of the filter with a factor that is not zero.
static std::pair<Border, Border> findBorders(const ChannelProduct &product) {
  ArrayRef<int64_t> shape =
      cast<RankedTensorType>(product.getFilter().getType()).getShape();
  int64_t height = shape[1], width = shape[2], inputs = shape[3];
  llvm::BitVector rows(height), columns(width);
  ConstantNumbers factors = product.factors();
  // Most filters show soon that nothing can go.
  auto isDone = [&] {
    return rows.test(0) && rows.test(height - 1) && columns.test(0) &&
           columns.test(width - 1);
  };
  for (int64_t at = 0; at < factors.size() && !isDone(); ++at) {
    if (factors[at] == product.getFilterZero())
      continue;
    int64_t tap = at / inputs % (height * width);
    rows.set(tap / width);
    columns.set(tap % width);
  }
  return {borderOf(rows), borderOf(columns)};
}

/// As many positions as before; nothing where no part of the input is left.
static std::optional<Window> moveWindow(Border border, int64_t dilation,
                                        int64_t size, int64_t padBefore,
                                        int64_t padBehind) {
  int64_t before = padBefore - border.before * dilation,
          behind = padBehind - border.behind * dilation;
  Window window{std::max<int64_t>(-before, 0), size,
                std::max<int64_t>(before, 0), std::max<int64_t>(behind, 0)};
  window.size -= window.first + std::max<int64_t>(-behind, 0);
  return window.size > 0 ? std::optional(window) : std::nullopt;
}

static SmallVector<int64_t> keptPositions(int64_t size, Border border) {
  return llvm::to_vector(llvm::seq(border.before, size - border.behind));
}

namespace {
struct CropFilters : impl::CropFiltersBase<CropFilters> {
  using CropFiltersBase::CropFiltersBase;

  void runOnOperation() override {
    ChannelRanges ranges(assumeFinite);
    getOperation().walk([&](Operation *op) {
      if (edge::getConvolution(op) && crop(op, ranges))
        ++numCropped;
    });
  }

private:
  static bool crop(Operation *op, ChannelRanges &ranges) {
    std::optional<ChannelProduct> product = ChannelProduct::get(op);
    if (!product)
      return false;
    auto [rows, columns] = findBorders(*product);
    if (rows.isNone() && columns.isNone())
      return false;
    auto isFinite = [](ChannelRange range) { return range.isFinite(); };
    if (product->isFloat() &&
        !llvm::all_of(ranges.of(op->getOperand(0)), isFinite))
      return false;
    edge::Convolution conv = *edge::getConvolution(op);
    ArrayRef<int64_t> input = conv.input.getType().getShape(),
                      filter = conv.filter.getType().getShape();
    auto high = moveWindow(rows, conv.dilations[0], input[1], conv.pads[0],
                           conv.pads[2]),
         wide = moveWindow(columns, conv.dilations[1], input[2], conv.pads[1],
                           conv.pads[3]);
    if (!high || !wide)
      return false;
    OpBuilder builder(op);
    SmallVector<int64_t> shape(input);
    shape[1] = high->size;
    shape[2] = wide->size;
    if (ArrayRef(shape) != input) {
      op->setOperand(0, edge::SliceOp::create(
                            builder, op->getLoc(),
                            conv.input.getType().clone(shape), conv.input,
                            ArrayRef<int64_t>{0, high->first, wide->first, 0},
                            shape, ArrayRef<int64_t>{1, 1, 1, 1}));
    }
    Value cropped =
        takePositions(builder, conv.filter, 1, keptPositions(filter[1], rows));
    op->setOperand(1, takePositions(builder, cropped, 2,
                                    keptPositions(filter[2], columns)));
    op->setAttr("pads", builder.getDenseI64ArrayAttr(
                            {high->padBefore, wide->padBefore, high->padBehind,
                             wide->padBehind}));
    return true;
  }
};
} // namespace

} // namespace edgec
