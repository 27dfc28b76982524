//===- QuantizedMeans.cpp - means of stored integers ----------------------===//
//
//   edge.avg_pool2d (edge.dequantize %x)
// becomes
//   edge.integer_conv2d %x, ones    per channel, divided by the scale's factor
//
// Sums over whole dimensions are edge.reduce_sum of the integers.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Integer.h"
#include "passes/graph/QuantizedSums.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace edgec;

/// Windows of more elements are no convolution, whose taps are unrolled.
static constexpr int64_t mostTaps = 64;

/// The 8-bit integers behind a value; a reason otherwise.
static Reason readInput(Value x, Stored &stored) {
  auto found = wholeBehind(x);
  if (!found)
    return "its input is not quantized, or by several scales";
  if (elementOf(found->integers).getIntOrFloatBitWidth() != 8)
    return "only int8 and uint8 are summed up as integers";
  stored = *found;
  return "";
}

/// Elements that count in each window of one dimension.
static SmallVector<int64_t> countTaps(edge::AvgPool2DOp op, int d) {
  int64_t input = shapeOf(op.getInput())[1 + d],
          outputs = shapeOf(op.getResult())[1 + d];
  int64_t before = op.getPads()[d], after = op.getPads()[2 + d];
  int64_t low = op.getCountIncludePad() ? -before : 0;
  int64_t high = input + (op.getCountIncludePad() ? after : 0);
  SmallVector<int64_t> counts;
  for (int64_t at = 0; at < outputs; ++at) {
    int64_t count = 0;
    for (int64_t tap = 0; tap < op.getWindow()[d]; ++tap) {
      int64_t place =
          at * op.getStrides()[d] - before + tap * op.getDilations()[d];
      count += place >= low && place < high;
    }
    counts.push_back(count);
  }
  return counts;
}

/// The sum, or the mean, over dimensions.
static Reason fuseReduction(Operation *op, ArrayRef<int64_t> axes,
                            bool isMean) {
  Stored input;
  if (Reason reason = readInput(op->getOperand(0), input); !reason.empty())
    return reason;
  Scales scales = *getScales(input.element);
  int64_t count = 1;
  for (int64_t axis : axes)
    count *= shapeOf(input.integers)[axis];
  if (count >= int64_t(1) << 22)
    return "its sums could pass 32 bits";
  OpBuilder builder(op->getContext());
  builder.setInsertionPointAfter(op);
  Location loc = op->getLoc();
  Type word = builder.getI32Type();
  Value x = makeCast(builder, loc, input.integers, word);
  auto type = cast<RankedTensorType>(op->getResult(0).getType()).clone(word);
  Value words =
      edge::ReduceSumOp::create(builder, loc, type, x, axes,
                                type.getRank() == int64_t(shapeOf(x).size()));
  if (scales.zeroPoint() != 0) {
    Value zeros = makeInteger(builder, loc, word, scales.zeroPoint() * count);
    words = edge::SubOp::create(builder, loc, type, words, zeros);
  }
  Sums sums;
  sums.words = words;
  sums.scales.push_back(scales.scale());
  if (isMean)
    sums.counts.push_back(float(count));
  replaceReal(builder, op->getResult(0), sums);
  return "";
}

/// One window, over all elements of the input.
static bool coversInput(edge::AvgPool2DOp op) {
  ArrayRef<int64_t> input = shapeOf(op.getInput());
  return llvm::all_of(op.getPads(), [](int64_t pad) { return pad == 0; }) &&
         llvm::all_of(op.getDilations(), [](int64_t d) { return d == 1; }) &&
         op.getWindow()[0] == input[1] && op.getWindow()[1] == input[2];
}

static Reason fusePool(edge::AvgPool2DOp op) {
  Stored input;
  if (Reason reason = readInput(op.getInput(), input); !reason.empty())
    return reason;
  ArrayRef<int64_t> window = op.getWindow();
  if (window[0] * window[1] > mostTaps) {
    if (coversInput(op))
      return fuseReduction(op, {1, 2}, /*isMean=*/true);
    return "its window has more than " + std::to_string(mostTaps) + " elements";
  }
  Scales scales = *getScales(input.element);
  OpBuilder builder(op->getContext());
  builder.setInsertionPointAfter(op);
  int64_t channels = shapeOf(op.getInput())[3];
  auto onesType = RankedTensorType::get({channels, window[0], window[1], 1},
                                        builder.getI8Type());
  Value ones = edge::ConstantOp::create(
      builder, op.getLoc(), onesType,
      DenseElementsAttr::get(onesType, builder.getI8IntegerAttr(1).getValue()));
  SmallVector<int64_t> pads(op.getPads());
  for (int d : {0, 1})
    pads[2 + d] += op.getOverhang()[d];
  auto type = cast<RankedTensorType>(op.getType()).clone(builder.getI32Type());
  auto zero = uint64_t(scales.zeroPoint());
  Sums sums;
  sums.words = edge::IntegerConv2DOp::create(
      builder, op.getLoc(), type, input.integers, ones, Value(),
      op.getStrides(), pads, op.getDilations(), uint64_t(channels), zero,
      /*filter_zero_point=*/0, /*pad_value=*/zero);
  SmallVector<int64_t> rows = countTaps(op, 0), columns = countTaps(op, 1);
  for (int64_t y : rows)
    for (int64_t x : columns)
      sums.counts.push_back(float(y * x));
  sums.scales.assign(sums.counts.size(), scales.scale());
  sums.shape = {1, int64_t(rows.size()), int64_t(columns.size()), 1};
  replaceReal(builder, op.getResult(), sums);
  return "";
}

Reason edgec::fuseMean(Operation *op) {
  return llvm::TypeSwitch<Operation *, Reason>(op)
      .Case(fusePool)
      .Case([](edge::ReduceMeanOp mean) {
        return fuseReduction(mean, mean.getAxes(), /*isMean=*/true);
      })
      .Case([](edge::ReduceSumOp sum) {
        return fuseReduction(sum, sum.getAxes(), /*isMean=*/false);
      })
      .Default([](Operation *) { return Reason("it has no integer form"); });
}
