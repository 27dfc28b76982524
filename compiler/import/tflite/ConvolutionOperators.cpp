//===- ConvolutionOperators.cpp - convolutions and pools of TFLite --------===//
//
// TFLite's layouts are the edge dialect's, [N, H, W, C] and [O, KH, KW, I],
// except for depthwise filters, which are [1, KH, KW, O].
//
//===----------------------------------------------------------------------===//
#include "compiler/import/tflite/Operators.h"
#include "compiler/import/tflite/Window.h"

using namespace edgec;
using namespace edgec::tflite;
using llvm::ArrayRef;
using mlir::Value;
using schema::Builtin;

bool tflite::padWindow(OperatorImport &n, Window &window,
                       ArrayRef<int64_t> shape, schema::Padding padding) {
  for (unsigned d : {0, 1}) {
    if (window.strides[d] < 1 || window.dilations[d] < 1 ||
        window.size[d] < 1) {
      n.error() << "strides " << shapeText(window.strides) << ", dilations "
                << shapeText(window.dilations) << " and window "
                << shapeText(window.size) << " must be positive";
      return false;
    }
    if (padding != schema::Padding::SAME)
      continue;
    int64_t size = shape[1 + d];
    int64_t outputs = (size - 1) / window.strides[d] + 1;
    int64_t total = std::max<int64_t>(0, (outputs - 1) * window.strides[d] +
                                             window.reach(d) - size);
    window.before[d] = total / 2;
    window.after[d] = total - total / 2;
  }
  return true;
}

static bool checkRank4(OperatorImport &n, unsigned count) {
  for (unsigned i = 0; i < count; ++i) {
    if (n.rank(i) == 4)
      continue;
    n.error() << "input " << i << " of shape " << shapeText(n.shape(i))
              << " should have 4 dimensions";
    return false;
  }
  return true;
}

/// The rest of a convolution whose filter is [O, KH, KW, I].
template <typename OptionsT>
static void finishConv(OperatorImport &n, const OptionsT &options, Value filter,
                       int64_t groups) {
  if (!filter)
    return;
  ArrayRef<int64_t> filterShape = n.shapeOf(filter);
  Window window;
  window.size = {filterShape[1], filterShape[2]};
  window.strides = {options.stride_h(), options.stride_w()};
  window.dilations = {options.dilation_h(), options.dilation_w()};
  if (!padWindow(n, window, n.shape(0), options.padding()))
    return;
  llvm::SmallVector<Value, 3> operands = {n.operand(0), filter};
  if (n.hasInput(2)) {
    if (n.rank(2) != 1) {
      n.error() << "the bias of shape " << shapeText(n.shape(2))
                << " should have one dimension";
      return;
    }
    operands.push_back(n.operand(2));
  }
  Value result = n.make<edge::Conv2DOp>(
      operands,
      {n.attr("strides", window.strides), n.attr("pads", window.pads()),
       n.attr("dilations", window.dilations), n.attr("groups", groups)});
  n.set(0, n.activate(result, options.activation()));
}

static void importConv2D(OperatorImport &n) {
  if (!checkRank4(n, 2))
    return;
  int64_t channels = n.shape(0)[3], perGroup = n.shape(1)[3];
  if (perGroup < 1 || channels % perGroup != 0) {
    n.error() << "the input has " << channels
              << " channels, but the filter of shape " << shapeText(n.shape(1))
              << " takes " << perGroup << " per group";
    return;
  }
  finishConv(n, n.options<schema::Conv2DOptions>(), n.operand(1),
             channels / perGroup);
}

static void importDepthwiseConv2D(OperatorImport &n) {
  if (!checkRank4(n, 2))
    return;
  int64_t channels = n.shape(0)[3], outputs = n.shape(1)[3];
  if (n.shape(1)[0] != 1 || channels < 1 || outputs % channels != 0) {
    n.error() << "the filter of shape " << shapeText(n.shape(1))
              << " does not fit an input of " << channels << " channels";
    return;
  }
  Value filter = n.transpose(n.operand(1), {3, 1, 2, 0});
  finishConv(n, n.options<schema::DepthwiseConv2DOptions>(), filter, channels);
}

//===-- pools
//--------------------------------------------------------------===//

static std::optional<Window> poolWindow(OperatorImport &n) {
  if (!checkRank4(n, 1))
    return std::nullopt;
  const auto &options = n.options<schema::Pool2DOptions>();
  Window window;
  window.size = {options.filter_h(), options.filter_w()};
  window.strides = {options.stride_h(), options.stride_w()};
  if (!padWindow(n, window, n.shape(0), options.padding()))
    return std::nullopt;
  return window;
}

template <typename PoolT>
static Value makePool(OperatorImport &n, Value x, const Window &window) {
  return n.make<PoolT>({x}, {n.attr("window", window.size),
                             n.attr("strides", window.strides),
                             n.attr("pads", window.pads())});
}

template <typename PoolT> static void importPool(OperatorImport &n) {
  std::optional<Window> window = poolWindow(n);
  if (!window)
    return;
  Value result = makePool<PoolT>(n, n.operand(0), *window);
  n.set(0, n.activate(result, n.options<schema::Pool2DOptions>().activation()));
}

/// The root of the mean of squares.
static void importL2Pool(OperatorImport &n) {
  std::optional<Window> window = poolWindow(n);
  if (!window)
    return;
  Value x = n.operand(0);
  Value squares = n.make<edge::MulOp>({x, x});
  Value root =
      n.make<edge::SqrtOp>({makePool<edge::AvgPool2DOp>(n, squares, *window)});
  n.set(0, n.activate(root, n.options<schema::Pool2DOptions>().activation()));
}

//===-- transposed convolution
//---------------------------------------------===//

/// `value` with `stride` - 1 zeros behind each element along H and W, those
/// behind the last element cut off.
static Value spread(OperatorImport &n, Value value, Window::Pair stride) {
  if (!value || stride == Window::Pair{1, 1})
    return value;
  llvm::SmallVector<int64_t> s(n.shapeOf(value));
  value = n.reshape(value, {s[0], s[1], 1, s[2], 1, s[3]});
  value = n.make<edge::PadOp>(
      {value}, {n.attr("low", ArrayRef<int64_t>{0, 0, 0, 0, 0, 0}),
                n.attr("high", ArrayRef<int64_t>{0, 0, stride[0] - 1, 0,
                                                 stride[1] - 1, 0})});
  value = n.reshape(value, {s[0], s[1] * stride[0], s[2] * stride[1], s[3]});
  return n.make<edge::SliceOp>(
      {value},
      {n.attr("offsets", ArrayRef<int64_t>{0, 0, 0, 0}),
       n.attr("sizes", ArrayRef<int64_t>{s[0], (s[1] - 1) * stride[0] + 1,
                                         (s[2] - 1) * stride[1] + 1, s[3]}),
       n.attr("strides", ArrayRef<int64_t>{1, 1, 1, 1})});
}

/// The filter [O, KH, KW, I] turned by half a turn.
static Value flip(OperatorImport &n, Value filter) {
  if (!filter)
    return nullptr;
  llvm::SmallVector<int64_t> s(n.shapeOf(filter));
  return n.make<edge::SliceOp>(
      {filter},
      {n.attr("offsets", ArrayRef<int64_t>{0, s[1] - 1, s[2] - 1, 0}),
       n.attr("sizes", s), n.attr("strides", ArrayRef<int64_t>{1, -1, -1, 1})});
}

/// A transposed convolution is the convolution of the input, spread by the
/// strides, with the filter turned round. Operands: the result's shape, filter,
/// input and bias.
static void importTransposeConv(OperatorImport &n) {
  auto shape = n.integers(0, "result's shape");
  if (!shape)
    return;
  if (shape->size() != 4 || n.rank(1) != 4 || n.rank(2) != 4 ||
      llvm::any_of(*shape, [](int64_t s) { return s < 1 || s > INT32_MAX; })) {
    n.error() << "input and filter should have 4 dimensions, and the result's "
                 "shape 4 positive sizes";
    return;
  }
  const auto &options = n.options<schema::TransposeConvOptions>();
  Window window;
  window.size = {n.shape(1)[1], n.shape(1)[2]};
  window.strides = {options.stride_h(), options.stride_w()};
  if (!padWindow(n, window, *shape, options.padding()))
    return;
  // The forward convolution's leading pad, seen from the other side; behind, as
  // many zeros as the result's size asks for.
  std::array<int64_t, 4> pads;
  for (unsigned d : {0, 1}) {
    int64_t spreadSize = (n.shape(2)[1 + d] - 1) * window.strides[d] + 1;
    pads[d] = window.size[d] - 1 - window.before[d];
    pads[2 + d] = (*shape)[1 + d] - 1 + window.size[d] - spreadSize - pads[d];
    if (pads[d] < 0 || pads[2 + d] < 0) {
      n.error() << "a result of shape " << shapeText(*shape)
                << " does not follow from an input of shape "
                << shapeText(n.shape(2));
      return;
    }
  }
  llvm::SmallVector<Value, 3> operands = {
      spread(n, n.operand(2), window.strides), flip(n, n.operand(1))};
  if (n.hasInput(3))
    operands.push_back(n.operand(3));
  Value result = n.make<edge::Conv2DOp>(operands, {n.attr("pads", pads)});
  n.set(0, n.activate(result, options.activation()));
}

llvm::ArrayRef<Operator> tflite::convolutionOperators() {
  static constexpr Operator rows[] = {
      {Builtin::CONV_2D, 8, 2, 3, importConv2D},
      {Builtin::DEPTHWISE_CONV_2D, 7, 2, 3, importDepthwiseConv2D},
      {Builtin::TRANSPOSE_CONV, 5, 3, 4, importTransposeConv},
      {Builtin::MAX_POOL_2D, 3, 1, 1, importPool<edge::MaxPool2DOp>},
      {Builtin::AVERAGE_POOL_2D, 3, 1, 1, importPool<edge::AvgPool2DOp>},
      {Builtin::L2_POOL_2D, 1, 1, 1, importL2Pool},
  };
  return rows;
}
