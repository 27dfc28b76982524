//===- ConvolutionOperators.cpp - convolutions and pools of TFLite --------===//
//
// TFLite's layouts are the edge dialect's, [N, H, W, C] and [O, KH, KW, I],
// except for depthwise filters, which are [1, KH, KW, O].
//
//===----------------------------------------------------------------------===//
#include "compiler/import/tflite/Operators.h"
#include "compiler/import/tflite/Windows.h"

using namespace edgec;
using namespace edgec::tflite;
using llvm::ArrayRef;
using mlir::Value;
using schema::Builtin;

bool tflite::padWindow(OperatorImport &n, Window &window,
                       ArrayRef<int64_t> shape, schema::Padding padding) {
  auto isBad = [](int64_t v) { return v < 1 || v > INT32_MAX; };
  if (llvm::any_of(window.strides, isBad) ||
      llvm::any_of(window.dilations, isBad) ||
      llvm::any_of(window.size, isBad)) {
    n.error() << "strides " << shapeText(window.strides) << ", dilations "
              << shapeText(window.dilations) << " and window "
              << shapeText(window.size) << " must be positive";
    return false;
  }
  if (padding != schema::Padding::SAME && padding != schema::Padding::VALID) {
    n.error() << "the padding is neither SAME nor VALID, but " << int(padding)
              << "; the model is damaged, convert or download it again";
    return false;
  }
  constexpr int64_t farthest = 1 << 16;
  for (size_t d = 0; d < window.rank(); ++d) {
    if (window.reach(d) - shape[1 + d] <= farthest)
      continue;
    n.error() << "a window of " << shapeText(window.size)
              << " with the dilations " << shapeText(window.dilations)
              << " reaches more than " << farthest
              << " beyond the input, which is not supported";
    return false;
  }
  for (size_t d = 0; padding == schema::Padding::SAME && d < window.rank();
       ++d) {
    int64_t size = shape[1 + d];
    int64_t outputs = (size - 1) / window.strides[d] + 1;
    int64_t total = std::max<int64_t>(0, (outputs - 1) * window.strides[d] +
                                             window.reach(d) - size);
    window.before[d] = total / 2;
    window.after[d] = total - total / 2;
  }
  return true;
}

bool tflite::checkRank(OperatorImport &n, int64_t rank,
                       std::initializer_list<unsigned> places) {
  for (unsigned i : places) {
    if (n.rank(i) == rank)
      continue;
    n.error() << "input " << i << " of shape " << shapeText(n.shape(i))
              << " should have " << rank << " dimensions";
    return false;
  }
  return true;
}

Value tflite::readBias(OperatorImport &n, unsigned index) {
  if (!n.hasInput(index))
    return nullptr;
  if (n.rank(index) == 1)
    return n.operand(index);
  n.error() << "the bias of shape " << shapeText(n.shape(index))
            << " should have one dimension";
  return nullptr;
}

/// The same of three dimensions.
static Window volumeWindow(const schema::Conv3DOptions &options) {
  Window window = Window::ones(3);
  window.strides = {options.stride_d(), options.stride_h(), options.stride_w()};
  window.dilations = {options.dilation_d(), options.dilation_h(),
                      options.dilation_w()};
  return window;
}

//===-- convolutions
//-------------------------------------------------------===//

/// The rest of a convolution whose filter is [O, spatial..., I].
template <typename OptionsT>
static void finishConv(OperatorImport &n, const OptionsT &options,
                       Window window, Value filter, int64_t groups) {
  if (!filter)
    return n.fail();
  ArrayRef<int64_t> shape = n.shapeOf(filter);
  window.size.assign(shape.begin() + 1, shape.end() - 1);
  if (!padWindow(n, window, n.shape(0), options.padding()))
    return;
  Value bias = readBias(n, 2);
  if (n.failed())
    return;
  Value result = convolve(n, n.operand(0), filter, bias, window, groups);
  n.set(0, n.activate(result, options.activation()));
}

static void importConv2D(OperatorImport &n) {
  const auto &options = n.options<schema::Conv2DOptions>();
  if (!checkRank(n, 4, {0, 1}))
    return;
  int64_t channels = n.shape(0)[3], perGroup = n.shape(1)[3];
  if (perGroup < 1 || channels % perGroup != 0) {
    n.error() << "the input has " << channels
              << " channels, but the filter of shape " << shapeText(n.shape(1))
              << " takes " << perGroup << " per group";
    return;
  }
  finishConv(n, options, planeWindow(options), n.operand(1),
             channels / perGroup);
}

static void importDepthwiseConv2D(OperatorImport &n) {
  const auto &options = n.options<schema::DepthwiseConv2DOptions>();
  if (!checkRank(n, 4, {0, 1}))
    return;
  int64_t channels = n.shape(0)[3], outputs = n.shape(1)[3];
  if (n.shape(1)[0] != 1 || channels < 1 || outputs % channels != 0) {
    n.error() << "the filter of shape " << shapeText(n.shape(1))
              << " does not fit an input of " << channels << " channels";
    return;
  }
  finishConv(n, options, planeWindow(options),
             n.transpose(n.operand(1), {3, 1, 2, 0}), channels);
}

/// The filter is [D, H, W, I, O].
static void importConv3D(OperatorImport &n) {
  const auto &options = n.options<schema::Conv3DOptions>();
  if (!checkRank(n, 5, {0, 1}))
    return;
  if (n.shape(0)[4] != n.shape(1)[3]) {
    n.error() << "the input has " << n.shape(0)[4]
              << " channels, but the filter of shape " << shapeText(n.shape(1))
              << " takes " << n.shape(1)[3];
    return;
  }
  finishConv(n, options, volumeWindow(options),
             n.transpose(n.operand(1), {4, 0, 1, 2, 3}), 1);
}

//===-- transposed convolutions
//--------------------------------------------===//

/// The result is what a convolution with this window would have as its input.
std::optional<TransposedWindow>
tflite::transposedWindow(OperatorImport &n, Window window,
                         ArrayRef<int64_t> filter, ArrayRef<int64_t> shape,
                         schema::Padding padding) {
  if (shape.size() != window.rank() + 2 ||
      llvm::any_of(shape, [](int64_t s) { return s < 1 || s > INT32_MAX; }) ||
      filter[0] != n.shape(2).back() || filter[1] != shape.back() ||
      shape.front() != n.shape(2).front()) {
    n.error() << "an input of shape " << shapeText(n.shape(2))
              << " and a filter of shape " << shapeText(n.shape(1))
              << " do not make a result of shape " << shapeText(shape);
    return std::nullopt;
  }
  ArrayRef<int64_t> size = filter.drop_front(2);
  window.size.assign(size.begin(), size.end());
  if (!padWindow(n, window, shape, padding))
    return std::nullopt;
  TransposedWindow transposed;
  transposed.strides = window.strides;
  transposed.dilations = window.dilations;
  transposed.before = window.before;
  transposed.sizes.assign(shape.begin() + 1, shape.end() - 1);
  return transposed;
}

/// Operands: the result's shape, filter, input and bias. `toFilter` brings the
/// filter to [I, O, spatial...].
template <typename OptionsT>
static void finishTransposed(OperatorImport &n, const OptionsT &options,
                             Window window, ArrayRef<int64_t> toFilter) {
  int64_t rank = int64_t(window.rank()) + 2;
  auto shape = n.integers(0, "result's shape");
  if (!shape || !checkRank(n, rank, {1, 2}))
    return;
  Value filter = n.transpose(n.operand(1), toFilter);
  if (!filter)
    return n.fail();
  auto transposed = transposedWindow(n, std::move(window), n.shapeOf(filter),
                                     *shape, options.padding());
  if (!transposed)
    return;
  Value bias = readBias(n, 3);
  if (n.failed())
    return;
  Value result =
      convolveTransposed(n, n.operand(2), filter, bias, *transposed, 1);
  n.set(0, n.activate(result, options.activation()));
}

/// The filter is [O, H, W, I].
static void importTransposeConv(OperatorImport &n) {
  const auto &options = n.options<schema::TransposeConvOptions>();
  Window window = Window::ones(2);
  window.strides = {options.stride_h(), options.stride_w()};
  finishTransposed(n, options, window, {3, 0, 1, 2});
}

/// The filter is [D, H, W, O, I].
static void importConv3DTranspose(OperatorImport &n) {
  const auto &options = n.options<schema::Conv3DOptions>();
  finishTransposed(n, options, volumeWindow(options), {4, 3, 0, 1, 2});
}

//===-- pools
//--------------------------------------------------------------===//

std::optional<Window> tflite::poolWindow(OperatorImport &n) {
  if (!checkRank(n, 4, {0}))
    return std::nullopt;
  const auto &options = n.options<schema::Pool2DOptions>();
  Window window = Window::ones(2);
  window.size = {options.filter_h(), options.filter_w()};
  window.strides = {options.stride_h(), options.stride_w()};
  if (!padWindow(n, window, n.shape(0), options.padding()))
    return std::nullopt;
  return window;
}

static void setPool(OperatorImport &n, Value result) {
  n.set(0, n.activate(result, n.options<schema::Pool2DOptions>().activation()));
}

static void importMaxPool(OperatorImport &n) {
  if (auto window = poolWindow(n))
    setPool(n, poolMaximum(n, n.operand(0), *window));
}

static void importAveragePool(OperatorImport &n) {
  if (auto window = poolWindow(n))
    setPool(n, poolAverage(n, n.operand(0), *window, /*countPads=*/false));
}

/// The root of the mean of squares.
static void importL2Pool(OperatorImport &n) {
  std::optional<Window> window = poolWindow(n);
  if (!window)
    return;
  Value x = n.operand(0);
  Value squares = n.make<edge::MulOp>({x, x});
  Value mean = poolAverage(n, squares, *window, /*countPads=*/false);
  setPool(n, n.make<edge::SqrtOp>({mean}));
}

llvm::ArrayRef<Operator> tflite::convolutionOperators() {
  static constexpr Operator rows[] = {
      {Builtin::CONV_2D, 8, 2, 3, importConv2D},
      {Builtin::DEPTHWISE_CONV_2D, 7, 2, 3, importDepthwiseConv2D},
      {Builtin::TRANSPOSE_CONV, 5, 3, 4, importTransposeConv, types::floats,
       "constant shape"},
      {Builtin::CONV_3D, 1, 2, 3, importConv3D},
      {Builtin::CONV_3D_TRANSPOSE, 1, 3, 4, importConv3DTranspose,
       types::floats, "constant shape"},
      {Builtin::MAX_POOL_2D, 3, 1, 1, importMaxPool},
      {Builtin::AVERAGE_POOL_2D, 3, 1, 1, importAveragePool},
      {Builtin::L2_POOL_2D, 1, 1, 1, importL2Pool},
  };
  return rows;
}
