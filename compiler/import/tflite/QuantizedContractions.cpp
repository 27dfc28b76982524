//===- QuantizedContractions.cpp - convolutions, products, pools on bytes -===//
//
//   CONV_2D (x: int8, w: int8, b: int32) -> y: int8
//     =>  %s = edge.integer_conv2d %x, %w, %b    sums of i32
//         %r = edge.rescale %s, %m, %e           factor of each channel
//         %y = add zero point, max, min, cast    i8
// as the reference kernels of TensorFlow Lite compute (reference/integer_ops/
// conv.h, depthwise_conv.h, fully_connected.h, pooling.h; reference/conv.h for
// uint8). A sum over a window is a convolution with ones.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/tflite/Operators.h"
#include "compiler/import/tflite/Quantization.h"
#include "compiler/import/tflite/ShapeRules.h"
#include "compiler/import/tflite/Windows.h"
#include "dialects/edge/Integer.h"

using namespace edgec;
using namespace edgec::tflite;
using llvm::ArrayRef;
using mlir::Value;
using schema::Builtin;

namespace {
/// A convolution's scales: input 0, filter 1, result 0.
struct Contraction {
  Quantization input, filter, result;

  ZeroPoints zeroPoints() const {
    return {input.zeroPoint(), filter.zeroPoint()};
  }
};
} // namespace

/// Each channel's factor. With one scale the reference multiplies the scales
/// of input and filter as floats where it has one factor for the whole tensor
/// (GetQuantizedConvolutionMultipler in kernels/kernel_util.cc).
static llvm::SmallVector<double> factors(const Contraction &c,
                                         bool perChannelKernel) {
  double result = c.result.scale();
  if (!c.filter.isPerChannel() && !perChannelKernel)
    return {double(c.input.scale() * c.filter.scale()) / result};
  llvm::SmallVector<double> factors;
  for (float scale : c.filter.scales)
    factors.push_back(double(c.input.scale()) * double(scale) / result);
  return factors;
}

/// False after an error.
static bool checkContraction(OperatorImport &n, const Contraction &c,
                             int64_t channelDimension) {
  if (c.input.element != c.result.element ||
      c.filter.element.getIntOrFloatBitWidth() != 8) {
    n.error() << "input and result should have one type, and weights 8 bits; "
                 "others are not supported yet";
    return false;
  }
  if (c.filter.isPerChannel() &&
      (c.filter.dimension != channelDimension ||
       int64_t(c.filter.scales.size()) != n.shape(1)[channelDimension])) {
    n.error() << "the filter of shape " << shapeText(n.shape(1)) << " has "
              << c.filter.scales.size() << " scales along dimension "
              << c.filter.dimension << ", but should have one for each of its "
              << "output channels, dimension " << channelDimension;
    return false;
  }
  if (llvm::any_of(c.filter.zeroPoints, [&](int64_t point) {
        return point != c.filter.zeroPoint();
      })) {
    n.error() << "the filter's channels have different zero points, which is "
                 "not supported";
    return false;
  }
  return true;
}

static std::optional<Contraction> readContraction(OperatorImport &n,
                                                  int64_t channelDimension) {
  Contraction c{inputQuantization(n, 0),
                inputQuantization(n, 1, /*mayBePerChannel=*/true),
                resultQuantization(n, 0)};
  if (n.failed() || !checkContraction(n, c, channelDimension))
    return std::nullopt;
  return c;
}

/// The sums in 64 bits, as the reference computes them of 16-bit inputs where
/// the bias has as many.
static Value convolveWide(OperatorImport &n, Value x, Value filter, Value bias,
                          const Window &window, int64_t groups,
                          const Contraction &c) {
  mlir::Type wide = n.builder.getI64Type();
  x = n.cast(centered(n, x, c.input.zeroPoint()), wide);
  filter = n.cast(centered(n, filter, c.filter.zeroPoint()), wide);
  return convolve(n, x, filter, bias, window, groups);
}

static bool isWide(Value sums) {
  return sums && OperatorImport::elementOf(sums).isInteger(64);
}

/// Rescales sums of products to the result.
static Value scaleSums(OperatorImport &n, Value sums, const Contraction &c,
                       bool perChannelKernel, schema::Activation activation) {
  Value scaled = rescaleSums(n, sums, factors(c, perChannelKernel));
  return finish(n, scaled, activationBounds(n, c.result, activation), c.result);
}

//===-- convolutions
//--------------------------------------------------------===//

template <typename OptionsT>
static void finishConv(OperatorImport &n, const OptionsT &options, Value filter,
                       int64_t groups, int64_t channelDimension) {
  std::optional<Contraction> c = readContraction(n, channelDimension);
  if (!c || !filter)
    return n.fail();
  ArrayRef<int64_t> shape = n.shapeOf(filter);
  Window window = planeWindow(options);
  window.size.assign(shape.begin() + 1, shape.end() - 1);
  if (!padWindow(n, window, n.shape(0), options.padding()))
    return;
  Value bias = readBias(n, 2);
  if (n.failed())
    return;
  Value sums = isWide(bias) ? convolveWide(n, n.operand(0), filter, bias,
                                           window, groups, *c)
                            : convolveIntegers(n, n.operand(0), filter, bias,
                                               window, groups, c->zeroPoints());
  bool perChannelKernel = !c->input.element.isUnsignedInteger();
  n.set(0, scaleSums(n, sums, *c, perChannelKernel, options.activation()));
}

static void importConv2D(OperatorImport &n) {
  if (!checkRank(n, 4, {0, 1}))
    return;
  int64_t channels = n.shape(0)[3], perGroup = n.shape(1)[3];
  if (perGroup < 1 || channels % perGroup != 0) {
    n.error() << "the input has " << channels
              << " channels, but the filter of shape " << shapeText(n.shape(1))
              << " takes " << perGroup << " per group";
    return;
  }
  finishConv(n, n.options<schema::Conv2DOptions>(), n.operand(1),
             channels / perGroup, /*channelDimension=*/0);
}

static void importDepthwiseConv2D(OperatorImport &n) {
  if (!checkRank(n, 4, {0, 1}))
    return;
  int64_t channels = n.shape(0)[3], outputs = n.shape(1)[3];
  if (n.shape(1)[0] != 1 || channels < 1 || outputs % channels != 0) {
    n.error() << "the filter of shape " << shapeText(n.shape(1))
              << " does not fit an input of " << channels << " channels";
    return;
  }
  finishConv(n, n.options<schema::DepthwiseConv2DOptions>(),
             n.transpose(n.operand(1), {3, 1, 2, 0}), channels,
             /*channelDimension=*/3);
}

/// A convolution of images of one pixel, whose filter is one too.
static void importFullyConnected(OperatorImport &n) {
  const auto &options = n.options<schema::FullyConnectedOptions>();
  if (options.weights_format() != 0) {
    n.error() << "shuffled weights are not supported; convert the model with "
                 "weights in the default format";
    return;
  }
  if (!checkRank(n, 2, {1}))
    return;
  int64_t units = n.shape(1)[0], depth = n.shape(1)[1];
  int64_t elements = n.type(0).getNumElements();
  if (depth < 1 || elements % depth != 0 ||
      (options.keep_num_dims() && n.shape(0).back() != depth)) {
    n.error() << "an input of shape " << shapeText(n.shape(0))
              << " does not divide into rows of " << depth;
    return;
  }
  std::optional<Contraction> c = readContraction(n, /*channelDimension=*/0);
  if (!c)
    return;
  Value x = n.reshape(n.operand(0), {elements / depth, depth});
  Value bias;
  if (n.hasInput(2))
    bias = n.reshape(n.operand(2), {n.type(2).getNumElements()});
  if (n.failed())
    return;
  Value sums =
      sumProducts(n, x, n.operand(1), bias, c->zeroPoints(), isWide(bias));
  Value result =
      scaleSums(n, sums, *c, /*perChannelKernel=*/false, options.activation());
  llvm::SmallVector<int64_t> shape = {elements / depth, units};
  if (options.keep_num_dims()) {
    shape.assign(n.shape(0).begin(), n.shape(0).end());
    shape.back() = units;
  }
  n.set(0, n.reshape(result, shape));
}

/// The operand, its last two dimensions exchanged if asked.
static Value matrices(OperatorImport &n, unsigned index, bool exchanged) {
  Value x = n.operand(index);
  if (!exchanged || !x)
    return x;
  auto permutation = llvm::to_vector(llvm::seq<int64_t>(0, n.rank(index)));
  std::swap(permutation.back(), permutation[permutation.size() - 2]);
  return n.transpose(x, permutation);
}

/// reference/batch_matmul.h: sums of 16-bit numbers are of 64 bits.
static void importBatchMatMul(OperatorImport &n) {
  const auto &options = n.options<schema::BatchMatMulOptions>();
  if (n.rank(0) < 2 || n.rank(1) < 2) {
    n.error() << "operands of shapes " << shapeText(n.shape(0)) << " and "
              << shapeText(n.shape(1)) << " should have at least 2 dimensions";
    return;
  }
  Quantization lhs = inputQuantization(n, 0), rhs = inputQuantization(n, 1),
               result = resultQuantization(n, 0);
  if (n.failed())
    return;
  bool isShort = lhs.element.isSignlessInteger(16);
  if (lhs.element != rhs.element || lhs.element != result.element ||
      !(isShort || lhs.element.isSignlessInteger(8))) {
    n.error() << "operands and result should have one type, int8 or int16";
    return;
  }
  Value left = matrices(n, 0, options.adj_x()),
        right = matrices(n, 1, options.adj_y()), sums;
  if (isShort) {
    mlir::Type wide = n.builder.getI64Type();
    sums = n.make<edge::MatMulOp>(
        {n.cast(centered(n, left, lhs.zeroPoint()), wide),
         n.cast(centered(n, right, rhs.zeroPoint()), wide)});
  } else {
    sums = multiplyBatches(n, left, right, {lhs.zeroPoint(), rhs.zeroPoint()});
  }
  double factor = double(lhs.scale() * rhs.scale()) / double(result.scale());
  n.set(0, finish(n, rescaleSums(n, sums, factor), {result.low, result.high},
                  result));
}

/// Operands: the result's shape (where the file declares it, it may be an input
/// of the model), filter [O, H, W, I], input and bias. The sums
/// are those of a transposed convolution on the numbers less their zero points
/// (reference/integer_ops/transpose_conv.h).
static void importTransposeConv(OperatorImport &n) {
  const auto &options = n.options<schema::TransposeConvOptions>();
  std::optional<Shape> shape;
  if (!n.constant(0))
    shape = staticResultShape(n, 0);
  if (!shape)
    shape = n.integers(0, "result's shape");
  if (!shape || !checkRank(n, 4, {1, 2}))
    return;
  Contraction c{inputQuantization(n, 2),
                inputQuantization(n, 1, /*mayBePerChannel=*/true),
                resultQuantization(n, 0)};
  if (n.failed() || !checkContraction(n, c, /*channelDimension=*/0))
    return;
  Window window = Window::ones(2);
  window.strides = {options.stride_h(), options.stride_w()};
  ArrayRef<int64_t> stored = n.shape(1);
  auto transposed =
      transposedWindow(n, window, {stored[3], stored[0], stored[1], stored[2]},
                       *shape, options.padding());
  if (!transposed)
    return;
  Value bias = readBias(n, 3);
  if (n.failed())
    return;
  bool isShort = c.input.element.getIntOrFloatBitWidth() == 16;
  mlir::Type element = isShort && (!bias || isWide(bias))
                           ? n.builder.getI64Type()
                           : n.builder.getI32Type();
  Value x = n.cast(centered(n, n.operand(2), c.input.zeroPoint()), element);
  Value filter =
      n.cast(centered(n, n.operand(1), c.filter.zeroPoint()), element);
  Value sums = convolveTransposed(n, x, n.transpose(filter, {3, 0, 1, 2}), bias,
                                  *transposed, 1);
  n.set(0,
        scaleSums(n, sums, c, /*perChannelKernel=*/true, options.activation()));
}

//===-- pools
//---------------------------------------------------------------===//

/// Input and result of a pool are on one scale.
static std::optional<Quantization> poolQuantization(OperatorImport &n) {
  Quantization input = inputQuantization(n, 0),
               result = resultQuantization(n, 0);
  if (n.failed())
    return std::nullopt;
  if (input.element != result.element ||
      input.zeroPoint() != result.zeroPoint() ||
      std::abs(input.scale() - result.scale()) > 1e-6F) {
    n.error() << "input and result have different scales, which is not "
                 "supported";
    return std::nullopt;
  }
  return result;
}

static void importMaxPool(OperatorImport &n) {
  auto window = poolWindow(n);
  auto result = poolQuantization(n);
  if (!window || !result)
    return;
  Value largest = poolMaximum(n, n.operand(0), *window);
  Bounds bounds = activationBounds(
      n, *result, n.options<schema::Pool2DOptions>().activation());
  if (bounds.low == result->low && bounds.high == result->high)
    return n.set(0, largest);
  n.set(0, narrow(n, n.cast(largest, n.builder.getI32Type()), bounds, *result));
}

/// How many elements of the input lie in each window: [1, OH, OW, 1], or one
/// number where nothing is padded.
static llvm::SmallVector<int32_t> countTaps(const Window &window,
                                            ArrayRef<int64_t> input,
                                            ArrayRef<int64_t> output) {
  auto along = [&](size_t d, int64_t at) {
    int64_t first = at * window.strides[d] - window.before[d];
    return std::min(first + window.size[d], input[1 + d]) -
           std::max<int64_t>(first, 0);
  };
  llvm::SmallVector<int32_t> counts;
  for (int64_t y = 0; y < output[1]; ++y)
    for (int64_t x = 0; x < output[2]; ++x)
      counts.push_back(int32_t(along(0, y) * along(1, x)));
  return counts;
}

/// sums / counts to the nearest, halves away from zero.
static Value divideRounded(OperatorImport &n, Value sums,
                           ArrayRef<int32_t> counts,
                           ArrayRef<int64_t> countShape) {
  llvm::SmallVector<int32_t> halves;
  for (int32_t count : counts)
    halves.push_back(count / 2);
  auto constant = [&](ArrayRef<int32_t> numbers) -> Value {
    if (llvm::all_equal(numbers))
      return integers(n, numbers.front());
    return n.reshape(integers(n, numbers), countShape);
  };
  Value half = constant(halves), zero = integers(n, 0);
  Value isPositive = n.make<edge::LessOp>({zero, sums});
  Value rounded =
      n.make<edge::SelectOp>({isPositive, n.make<edge::AddOp>({sums, half}),
                              n.make<edge::SubOp>({sums, half})});
  return n.make<edge::DivOp>({rounded, constant(counts)});
}

static void importAveragePool(OperatorImport &n) {
  auto window = poolWindow(n);
  auto result = poolQuantization(n);
  if (!window || !result)
    return;
  Value x = n.operand(0);
  int64_t channels = n.shape(0)[3];
  Value ones = n.number(1, n.builder.getI8Type(),
                        {channels, window->size[0], window->size[1], 1});
  Value sums =
      convolveIntegers(n, x, ones, nullptr, *window, channels, ZeroPoints());
  if (!sums)
    return n.fail();
  ArrayRef<int64_t> shape = n.shapeOf(sums);
  Value mean = divideRounded(n, sums, countTaps(*window, n.shape(0), shape),
                             {1, shape[1], shape[2], 1});
  Bounds bounds = activationBounds(
      n, *result, n.options<schema::Pool2DOptions>().activation());
  n.set(0, narrow(n, mean, bounds, *result));
}

llvm::ArrayRef<Operator> tflite::quantizedContractions() {
  static constexpr Operator rows[] = {
      {Builtin::CONV_2D, 8, 2, 3, importConv2D, types::bytes},
      {Builtin::DEPTHWISE_CONV_2D, 7, 2, 3, importDepthwiseConv2D,
       types::bytes},
      {Builtin::FULLY_CONNECTED, 13, 2, 3, importFullyConnected, types::bytes,
       "weights in the default format"},
      {Builtin::BATCH_MATMUL, 4, 2, 2, importBatchMatMul, types::signedShorts},
      {Builtin::TRANSPOSE_CONV, 5, 3, 4, importTransposeConv, types::bytes,
       "constant shape"},
      {Builtin::MAX_POOL_2D, 3, 1, 1, importMaxPool, types::bytes},
      {Builtin::AVERAGE_POOL_2D, 3, 1, 1, importAveragePool, types::bytes},
  };
  return rows;
}
