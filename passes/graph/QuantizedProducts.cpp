//===- QuantizedProducts.cpp - contractions of stored integers ------------===//
//
//   edge.conv2d (edge.dequantize %x), (edge.dequantize %w)
// becomes
//   edge.integer_conv2d %x, %w      with the zero points, scaled afterwards
//
// wherever the sums of integers are exact: they fit 32 bits for every input.
// Then only the rounding of the float sums that the graph defines differs.
// A fully connected layer is a convolution of images of one pixel.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Integer.h"
#include "passes/graph/ConstantData.h"
#include "passes/graph/QuantizedSums.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace edgec;

namespace {
/// Both factors, the output channels in the filter's dimension 0.
struct Factors {
  Stored input, filter;
  Scales inputScales, filterScales;
  /// products that are summed up
  int64_t depth = 0;
};
} // namespace

//===-- what fits --------------------------------------------------------===//

static bool isNarrow(Value integers) {
  Type element = elementOf(integers);
  return element.isSignlessInteger(8) || element.isUnsignedInteger(8) ||
         element.isSignlessInteger(16);
}

/// The largest magnitude of a stored number less its zero point.
static int64_t largest(const Scales &scales) {
  int64_t zero = scales.zeroPoint();
  return std::max(std::abs(scales.low - zero), std::abs(scales.high - zero));
}

/// The largest sum of magnitudes of one output channel's weights, if they are
/// known; else of any weights.
static int64_t largestWeights(const Factors &f) {
  auto data = ConstantData::get(f.filter.integers);
  int64_t zero = f.filterScales.zeroPoint();
  if (!data || elementOf(f.filter.integers).getIntOrFloatBitWidth() != 8)
    return f.depth * largest(f.filterScales);
  bool isUnsigned = elementOf(f.filter.integers).isUnsignedInteger();
  int64_t most = 0, sum = 0;
  for (int64_t i = 0; i < data->getNumElements(); ++i) {
    auto byte = int8_t(data->getBytes()[data->isSplat() ? 0 : i]);
    sum += std::abs((isUnsigned ? int64_t(uint8_t(byte)) : byte) - zero);
    if ((i + 1) % f.depth == 0) {
      most = std::max(most, sum);
      sum = 0;
    }
  }
  return most;
}

/// The input and the filter; a reason when they do not make integer sums.
static Reason readFactors(Value input, Value filter, Factors &f) {
  auto left = storedBehind(input), right = storedBehind(filter);
  if (!left && !right)
    return "neither operand is quantized";
  if (!left || !right)
    return left ? "its second operand is not quantized"
                : "its first operand is not quantized";
  f.input = *left;
  f.filter = *right;
  f.inputScales = *getScales(left->element);
  f.filterScales = *getScales(right->element);
  if (!f.inputScales.isWhole())
    return "its input has a scale per channel";
  if (!isNarrow(f.input.integers) || !isNarrow(f.filter.integers))
    return "only int8, uint8 and int16 are multiplied as integers";
  if (!f.filterScales.hasOneZeroPoint())
    return "its weights have several zero points";
  return "";
}

static Reason checkRange(const Factors &f, int64_t bias) {
  // Products of two 32-bit factors fit 64 bits.
  int64_t sums = largest(f.inputScales) * largestWeights(f) + bias;
  return sums <= INT32_MAX ? "" : "its sums could pass 32 bits";
}

//===-- bias -------------------------------------------------------------===//

/// input scale * filter scale, for each channel or once.
static SmallVector<float> productScales(const Factors &f) {
  SmallVector<float> scales;
  for (float scale : f.filterScales.scales)
    scales.push_back(f.inputScales.scale() * scale);
  return scales;
}

/// The integers of a bias that counts in units of the sums; null otherwise.
static Value integerBias(Value bias, ArrayRef<float> scales, int64_t &largest) {
  auto stored = storedBehind(bias);
  if (!stored || !elementOf(stored->integers).isSignlessInteger(32))
    return nullptr;
  Scales own = *getScales(stored->element);
  size_t count = std::max(own.scales.size(), scales.size());
  for (size_t i = 0; i < count; ++i) {
    float expected = scales[i % scales.size()],
          found = own.scales[i % own.scales.size()];
    // Producers multiply the scales in float32 or in double.
    if (std::abs(found - expected) > 1e-6F * expected)
      return nullptr;
  }
  auto data = ConstantData::get(stored->integers);
  if (!own.hasOneZeroPoint() || own.zeroPoint() != 0 || !data)
    return nullptr;
  for (int64_t i = 0; i < data->getNumElements(); ++i) {
    int32_t number;
    std::memcpy(&number, data->getBytes() + (data->isSplat() ? 0 : 4 * i), 4);
    largest = std::max(largest, std::abs(int64_t(number)));
  }
  return stored->integers;
}

/// The one value that is added to each channel of `real` by its only reader,
/// whose result then stands for the sum. Null: none.
static Value addedBias(Value &real) {
  if (!real.hasOneUse())
    return nullptr;
  auto add = dyn_cast<edge::AddOp>(*real.user_begin());
  if (!add || add.getType() != real.getType())
    return nullptr;
  Value bias = add.getLhs() == real ? add.getRhs() : add.getLhs();
  int64_t channels = shapeOf(real).back();
  auto stored = storedBehind(bias);
  bool isWeight = ConstantData::get(bias) ||
                  (stored && ConstantData::get(stored->integers));
  if (!isWeight || shapeOf(bias) != ArrayRef<int64_t>{channels})
    return nullptr;
  real = add.getResult();
  return bias;
}

//===-- the operators ----------------------------------------------------===//

namespace {
/// A convolution's attributes, those of a matrix product by default.
struct Form {
  SmallVector<int64_t> strides{1, 1}, pads{0, 0, 0, 0}, dilations{1, 1};
  int64_t groups = 1;
};
} // namespace

/// Sums of `input` [N, H, W, C] by `filter` [O, KH, KW, I] for `real`.
static Reason replaceByConvolution(Operation *op, const Factors &f, Value input,
                                   Value filter, Value bias, const Form &form) {
  Value real = op->getResult(0);
  if (!bias)
    bias = addedBias(real);
  Sums sums;
  sums.scales = productScales(f);
  sums.shape.assign(1, int64_t(sums.scales.size()));
  int64_t largestBias = 0;
  Value start = bias ? integerBias(bias, sums.scales, largestBias) : Value();
  if (Reason reason = checkRange(f, largestBias); !reason.empty())
    return reason;
  if (!start)
    sums.bias = bias;
  OpBuilder builder(real.getContext());
  builder.setInsertionPointAfter(real.getDefiningOp());
  Location loc = op->getLoc();
  int64_t channels = shapeOf(filter)[0];
  if (start && shapeOf(start) != ArrayRef<int64_t>{channels}) {
    start = edge::BroadcastOp::create(
        builder, loc, RankedTensorType::get({channels}, builder.getI32Type()),
        start);
  }
  SmallVector<int64_t> shape(shapeOf(input));
  shape.back() = channels;
  if (isa<edge::Conv2DOp>(op))
    shape.assign(shapeOf(op->getResult(0)).begin(),
                 shapeOf(op->getResult(0)).end());
  auto zero = uint64_t(f.inputScales.zeroPoint());
  sums.words = edge::IntegerConv2DOp::create(
      builder, loc, RankedTensorType::get(shape, builder.getI32Type()), input,
      filter, start, form.strides, form.pads, form.dilations,
      uint64_t(form.groups), zero, uint64_t(f.filterScales.zeroPoint()), zero);
  replaceReal(builder, real, sums);
  return "";
}

static Reason fuseConvolution(edge::Conv2DOp op) {
  Factors f;
  if (Reason reason = readFactors(op.getInput(), op.getFilter(), f);
      !reason.empty())
    return reason;
  ArrayRef<int64_t> filter = shapeOf(op.getFilter());
  if (f.filterScales.axis > 0)
    return "its weights have scales along another dimension than their "
           "output channels";
  f.depth = filter[1] * filter[2] * filter[3];
  Form form{llvm::to_vector(op.getStrides()), llvm::to_vector(op.getPads()),
            llvm::to_vector(op.getDilations()), int64_t(op.getGroups())};
  return replaceByConvolution(op, f, f.input.integers, f.filter.integers,
                              op.getBias(), form);
}

/// Rows of the input by a filter [N, K].
static Reason fuseRows(Operation *op, const Factors &f, Value filter,
                       Value bias) {
  if (f.filterScales.axis > 0)
    return "its weights have scales along another dimension than their "
           "output channels";
  OpBuilder builder(op);
  ArrayRef<int64_t> shape = shapeOf(f.input.integers);
  int64_t depth = shape.back(), units = shapeOf(filter)[0];
  int64_t rows = 1;
  for (int64_t size : shape.drop_back())
    rows *= size;
  Value input =
      makeReshape(builder, op->getLoc(), f.input.integers, {rows, 1, 1, depth});
  Value weights =
      makeReshape(builder, op->getLoc(), filter, {units, 1, 1, depth});
  return replaceByConvolution(op, f, input, weights, bias, Form());
}

static Reason fuseFullyConnected(edge::FullyConnectedOp op) {
  Factors f;
  if (Reason reason = readFactors(op.getInput(), op.getFilter(), f);
      !reason.empty())
    return reason;
  f.depth = shapeOf(op.getFilter())[1];
  return fuseRows(op, f, f.filter.integers, op.getBias());
}

/// A constant matrix [K, N] as [N, K], its scales along dimension 0.
static Value transposeWeights(edge::MatMulOp op, Factors &f) {
  auto constant = f.filter.integers.getDefiningOp<edge::ConstantOp>();
  ArrayRef<int64_t> shape = shapeOf(op.getRhs());
  bool isMatrix =
      llvm::all_of(shape.drop_back(2), [](int64_t size) { return size == 1; });
  if (!constant || !isMatrix ||
      shapeOf(op.getLhs()).size() != shapeOf(op.getResult()).size())
    return nullptr;
  ElementsAttr matrix =
      reshapeConstant(constant.getValue(), shape.take_back(2));
  ElementsAttr moved = matrix ? transposeConstant(matrix, {1, 0}) : nullptr;
  if (!moved)
    return nullptr;
  if (f.filterScales.axis == int64_t(shape.size()) - 1)
    f.filterScales.axis = 0;
  else if (f.filterScales.axis >= 0)
    f.filterScales.axis = 1;
  OpBuilder builder(op);
  return edge::ConstantOp::create(builder, constant.getLoc(), moved.getType(),
                                  moved);
}

/// Less its zero point, in the element type.
static Value centered(OpBuilder &builder, Location loc, Value integers,
                      int64_t zeroPoint, Type element) {
  Value x = makeCast(builder, loc, integers, element);
  if (zeroPoint == 0)
    return x;
  Value zero = element.isF32() ? makeFloats(builder, loc, float(zeroPoint), {})
                               : makeInteger(builder, loc, element, zeroPoint);
  return edge::SubOp::create(builder, loc, x.getType(), x, zero);
}

/// The type in which products of two values of the run are summed up exactly,
/// and that of the sums. Whole numbers below 2^24 are exact in float32, however
/// they are added, and every machine multiplies floats fast.
static std::pair<Type, Type> productTypes(OpBuilder &builder,
                                          const Factors &f) {
  int64_t sums = f.depth * largest(f.inputScales) * largest(f.filterScales);
  if (sums < int64_t(1) << 24)
    return {builder.getF32Type(), builder.getF32Type()};
  return {builder.getI16Type(), builder.getI32Type()};
}

/// A product of two values of the run, both less their zero points.
static Reason fuseBatches(edge::MatMulOp op, const Factors &f) {
  if (!f.filterScales.isWhole())
    return "its second operand has several scales and is no constant matrix";
  if (elementOf(f.input.integers).getIntOrFloatBitWidth() != 8 ||
      elementOf(f.filter.integers).getIntOrFloatBitWidth() != 8)
    return "only products of int8 and uint8 are computed as integers";
  if (Reason reason = checkRange(f, 0); !reason.empty())
    return reason;
  OpBuilder builder(op->getContext());
  builder.setInsertionPointAfter(op);
  auto [factor, sum] = productTypes(builder, f);
  Value lhs = centered(builder, op.getLoc(), f.input.integers,
                       f.inputScales.zeroPoint(), factor),
        rhs = centered(builder, op.getLoc(), f.filter.integers,
                       f.filterScales.zeroPoint(), factor);
  auto type = cast<RankedTensorType>(op.getType()).clone(sum);
  Sums sums;
  sums.words = edge::MatMulOp::create(builder, op.getLoc(), type, lhs, rhs);
  sums.scales = productScales(f);
  replaceReal(builder, op.getResult(), sums);
  return "";
}

static Reason fuseMatMul(edge::MatMulOp op) {
  Factors f;
  if (Reason reason = readFactors(op.getLhs(), op.getRhs(), f); !reason.empty())
    return reason;
  f.depth = shapeOf(op.getLhs()).back();
  Value weights = transposeWeights(op, f);
  if (!weights)
    return fuseBatches(op, f);
  f.filter.integers = weights;
  return fuseRows(op, f, weights, nullptr);
}

Reason edgec::fuseProduct(Operation *op) {
  return llvm::TypeSwitch<Operation *, Reason>(op)
      .Case(fuseConvolution)
      .Case(fuseFullyConnected)
      .Case(fuseMatMul)
      .Default([](Operation *) { return Reason("it has no integer form"); });
}
