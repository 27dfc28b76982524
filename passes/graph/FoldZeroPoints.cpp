//===- FoldZeroPoints.cpp - zero points go into the bias
//-------------------===//
//
// Of a constant filter the part of each sum that the input's zero point adds is
// known: kernels need not take it away from every element that they read.
//
//   %r = edge.integer_conv2d %x, %f, %b {input_zero_point = 3, pad_value = 3}
//     =>  %b' = %b - 3 * (sum of each filter)
//         %r = edge.integer_conv2d %x, %f, %b' {pad_value = 3}
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Integer.h"
#include "passes/graph/ConstantData.h"
#include "passes/graph/Passes.h"

using namespace mlir;

namespace edgec {
#define GEN_PASS_DEF_FOLDZEROPOINTS
#include "passes/graph/Passes.h.inc"

/// An element of a constant of integers of at most 32 bits.
static int64_t integerAt(const ConstantData &data, int64_t index) {
  unsigned bytes = data.getElementBytes();
  const char *at = data.getBytes() + (data.isSplat() ? 0 : index * bytes);
  uint32_t bits = 0;
  std::memcpy(&bits, at, bytes);
  if (data.getType().getElementType().isUnsignedInteger())
    return bits;
  unsigned shift = 32 - 8 * bytes;
  return int32_t(bits << shift) >> shift;
}

namespace {
struct FoldZeroPoints : impl::FoldZeroPointsBase<FoldZeroPoints> {
  void runOnOperation() override {
    getOperation().walk([&](edge::IntegerConv2DOp conv) {
      if (conv.getInputZeroPoint() != 0 && fold(conv))
        ++numFolded;
    });
  }

private:
  static bool fold(edge::IntegerConv2DOp conv) {
    auto filter = ConstantData::get(conv.getFilter());
    std::optional<ConstantData> bias;
    if (conv.getBias())
      bias = ConstantData::get(conv.getBias());
    if (!filter || bool(conv.getBias()) != bias.has_value())
      return false;
    int64_t channels = filter->getType().getDimSize(0);
    int64_t size = filter->getNumElements() / channels;
    int64_t zero = conv.getInputZeroPoint(),
            filterZero = conv.getFilterZeroPoint();
    OpBuilder builder(conv);
    auto type = RankedTensorType::get({channels}, builder.getI32Type());
    auto elements = makeConstant(type, [&](MutableArrayRef<char> out) {
      for (int64_t c = 0; c < channels; ++c) {
        int64_t sum = 0;
        for (int64_t i = 0; i < size; ++i)
          sum += integerAt(*filter, c * size + i) - filterZero;
        // Sums wrap at 32 bits, here as in the operator.
        auto start = uint32_t((bias ? integerAt(*bias, c) : 0) - zero * sum);
        std::memcpy(out.data() + c * sizeof start, &start, sizeof start);
      }
    });
    Value folded =
        edge::ConstantOp::create(builder, conv.getLoc(), type, elements);
    conv.getBiasMutable().assign(folded);
    conv.setInputZeroPoint(0);
    return true;
  }
};
} // namespace

} // namespace edgec
