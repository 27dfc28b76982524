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
#include "passes/graph/ChannelRanges.h"
#include "passes/graph/ConstantData.h"
#include "passes/graph/Passes.h"

using namespace mlir;

namespace edgec {
#define GEN_PASS_DEF_FOLDZEROPOINTS
#include "passes/graph/Passes.h.inc"

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
    int64_t channels = conv.getFilter().getType().getDimSize(0);
    auto filter = ConstantNumbers::get(conv.getFilter());
    auto bias = conv.getBias() ? perChannelNumbers(conv.getBias(), channels)
                               : std::vector<double>(channels, 0);
    if (!filter || !bias)
      return false;
    int64_t size = filter->size() / channels;
    int64_t zero = conv.getInputZeroPoint(),
            filterZero = conv.getFilterZeroPoint();
    OpBuilder builder(conv);
    auto type = RankedTensorType::get({channels}, builder.getI32Type());
    auto elements = makeConstant(type, [&](MutableArrayRef<char> out) {
      for (int64_t c = 0; c < channels; ++c) {
        int64_t sum = 0;
        for (int64_t i = 0; i < size; ++i)
          sum += int64_t((*filter)[c * size + i]) - filterZero;
        // Sums wrap at 32 bits, here as in the operator.
        auto start = uint32_t(int64_t((*bias)[c]) - zero * sum);
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
