//===- CustomOperators.cpp - custom operators that we know ----------------===//
//
// MediaPipe's pools and convolution, and the table. Their options are either a
// FlexBuffers map or the bytes of one of TFLite's C structs, which begin with
//   pools:                   padding, stride w, stride h, window w, window h,
//                            activation
//   transposed convolution:  padding, stride w, stride h
// as int32, padding being 1 for SAME and 2 for VALID.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/tflite/CustomOperators.h"
#include "compiler/import/Spatial.h"
#include "compiler/import/tflite/Operators.h"
#include "compiler/import/tflite/ShapeRules.h"
#include "dialects/edge/Indexing.h"
#include "dialects/edge/Selection.h"
#include <cstring>
#include <limits>

using namespace edgec;
using namespace edgec::tflite;
using llvm::ArrayRef;
using llvm::StringRef;
using mlir::Value;

std::optional<flexbuffers::Map> tflite::readMap(OperatorImport &n) {
  StringRef bytes = n.customOptions();
  const auto *start = reinterpret_cast<const uint8_t *>(bytes.data());
  // The smallest FlexBuffer is a value, its type and its width.
  if (bytes.size() >= 3 && flexbuffers::VerifyBuffer(start, bytes.size())) {
    flexbuffers::Reference root = flexbuffers::GetRoot(start, bytes.size());
    if (root.IsMap())
      return root.AsMap();
  }
  n.error() << "its options are not an intact FlexBuffers map; convert the "
               "model again";
  return std::nullopt;
}

/// The first `count` int32 of the options; none after an error.
static std::optional<llvm::SmallVector<int32_t>> readNumbers(OperatorImport &n,
                                                             unsigned count) {
  StringRef bytes = n.customOptions();
  llvm::SmallVector<int32_t> numbers(count);
  if (bytes.size() < count * sizeof(int32_t)) {
    n.error() << "its options have " << bytes.size() << " bytes, and should "
              << "have " << count * sizeof(int32_t)
              << "; convert the model again";
    return std::nullopt;
  }
  memcpy(numbers.data(), bytes.data(), count * sizeof(int32_t));
  auto isBad = [](int32_t v) { return v < 1 || v > (1 << 16); };
  if (numbers[0] > 2 ||
      llvm::any_of(ArrayRef(numbers).take_front(std::min(count, 5u)), isBad)) {
    n.error() << "its options are damaged: padding should be 1 or 2, strides "
                 "and windows positive; convert the model again";
    return std::nullopt;
  }
  return numbers;
}

static bool isImage(OperatorImport &n, unsigned index) {
  if (n.rank(index) == 4 && n.type(index).getElementType().isF32())
    return true;
  n.error() << "input " << index << " of type " << n.type(index)
            << " should be float32 of 4 dimensions";
  return false;
}

//===-- MediaPipe's operators
//----------------------------------------------===//

/// Operands: input, filter [O, H, W, I], bias. The result is as small as SAME
/// allows.
static void importTransposeConvBias(OperatorImport &n) {
  auto numbers = readNumbers(n, 3);
  if (!numbers || !isImage(n, 0) || !isImage(n, 1))
    return;
  if (n.rank(2) != 1 || n.shape(2)[0] != n.shape(1)[0] ||
      n.shape(0)[3] != n.shape(1)[3]) {
    n.error() << "a filter of shape " << shapeText(n.shape(1))
              << " and a bias of shape " << shapeText(n.shape(2))
              << " do not fit an input of shape " << shapeText(n.shape(0));
    return;
  }
  bool isSame = (*numbers)[0] == 1;
  TransposedWindow window;
  window.strides = {(*numbers)[2], (*numbers)[1]};
  window.dilations = {1, 1};
  for (unsigned d : {0, 1}) {
    int64_t size = n.shape(0)[1 + d], reach = n.shape(1)[1 + d];
    int64_t stride = window.strides[d];
    int64_t cut =
        isSame ? std::max<int64_t>(0, reach - (size - 1) % stride - 1) : 0;
    window.before.push_back(cut / 2);
    window.sizes.push_back(stride * (size - 1) + reach - cut);
  }
  n.set(0, convolveTransposed(n, n.operand(0),
                              n.transpose(n.operand(1), {3, 0, 1, 2}),
                              n.operand(2), window, 1));
}

namespace {
struct Pool {
  bool isSame;
  int64_t stride[2], size[2];
  schema::Activation activation;
};
} // namespace

static std::optional<Pool> readPool(OperatorImport &n) {
  auto numbers = readNumbers(n, 6);
  if (!numbers)
    return std::nullopt;
  const auto &v = *numbers;
  return Pool{v[0] == 1,
              {v[2], v[1]},
              {v[4], v[3]},
              static_cast<schema::Activation>(v[5])};
}

/// The largest element of each window, and where in the window it was: row *
/// width + column + 0.1, as a float. The window's positions are strided slices
/// of the padded input, searched along a dimension of their own.
static void importMaxPoolWithArgmax(OperatorImport &n) {
  auto pool = readPool(n);
  if (!pool || !isImage(n, 0))
    return;
  if (pool->size[0] * pool->size[1] > 256)
    return void(n.error() << "windows of more than 256 elements are not "
                             "supported");
  ArrayRef<int64_t> shape = n.shape(0);
  Value x = n.operand(0);
  int64_t outputs[2];
  for (unsigned d : {0, 1}) {
    int64_t size = shape[1 + d], stride = pool->stride[d];
    outputs[d] = pool->isSame ? (size - 1) / stride + 1
                              : (size - pool->size[d]) / stride + 1;
    if (size < 1 || (!pool->isSame && size < pool->size[d]))
      return void(n.error() << "the window is larger than the input of shape "
                            << shapeText(shape));
    int64_t needed = (outputs[d] - 1) * stride + pool->size[d];
    int64_t total = std::max<int64_t>(0, needed - size);
    Shape low(4, 0), high(4, 0);
    low[1 + d] = total / 2;
    high[1 + d] = total - total / 2;
    if (total > 0) {
      x = n.make<edge::PadOp>(
          {x}, {n.attr("low", low), n.attr("high", high),
                n.attr("value", std::numeric_limits<float>::lowest())});
    }
  }
  llvm::SmallVector<Value> positions;
  for (int64_t y = 0; y < pool->size[0]; ++y) {
    for (int64_t c = 0; c < pool->size[1]; ++c) {
      Value part = sliceAlong(n, x, 1, y, outputs[0], pool->stride[0]);
      part = sliceAlong(n, part, 2, c, outputs[1], pool->stride[1]);
      positions.push_back(
          n.reshape(part, {1, shape[0], outputs[0], outputs[1], shape[3]}));
    }
  }
  Value all =
      positions.size() == 1
          ? positions[0]
          : n.make<edge::ConcatOp>(positions, {n.attr("axis", int64_t(0))});
  Value largest =
      n.make<edge::ReduceMaxOp>({all}, {n.attr("axes", ArrayRef<int64_t>{0})});
  Value where = n.make<edge::ArgMaxOp>({all}, {n.attr("axis", int64_t(0))});
  n.set(0, n.activate(largest, pool->activation));
  n.set(1, n.make<edge::AddOp>(
               {n.cast(where, n.builder.getF32Type()), n.splat(0.1F)}));
}

/// The way back: each element where the window's index says, zeros elsewhere.
static void importMaxUnpooling(OperatorImport &n) {
  auto pool = readPool(n);
  if (!pool || !isImage(n, 0) || !isImage(n, 1))
    return;
  if (n.shape(0) != n.shape(1) || pool->size[0] != pool->stride[0] ||
      pool->size[1] != pool->stride[1]) {
    n.error() << "only windows that lie side by side are supported, with as "
                 "many indices as elements";
    return;
  }
  ArrayRef<int64_t> s = n.shape(0);
  int64_t height = pool->size[0], width = pool->size[1];
  Value index = n.cast(n.operand(1), n.builder.getI32Type());
  auto values = mlir::RankedTensorType::get({2}, n.builder.getF32Type());
  Value choices = edge::ConstantOp::create(
      n.builder, n.loc, values,
      mlir::DenseElementsAttr::get(values, ArrayRef<float>{0, 1}));
  Value places =
      n.make<edge::OneHotOp>({index, choices}, {n.attr("depth", height * width),
                                                n.attr("axis", int64_t(4))});
  Value spread = n.make<edge::MulOp>(
      {places, n.reshape(n.operand(0), {s[0], s[1], s[2], s[3], 1})});
  spread = n.reshape(spread, {s[0], s[1], s[2], s[3], height, width});
  spread = n.transpose(spread, {0, 1, 4, 2, 5, 3});
  n.set(0, n.reshape(spread, {s[0], s[1] * height, s[2] * width, s[3]}));
}

llvm::ArrayRef<CustomOperator> tflite::customOperators() {
  static constexpr CustomOperator rows[] = {
      {"Convolution2DTransposeBias", 1, 3, 3, importTransposeConvBias},
      {"Landmarks2TransformMatrix", 2, 1, 1, importLandmarksToMatrix},
      {"MaxPoolingWithArgmax2D", 1, 1, 1, importMaxPoolWithArgmax},
      {"MaxUnpooling2D", 1, 2, 2, importMaxUnpooling, types::floats,
       "windows side by side"},
      {"TFLite_Detection_PostProcess", 1, 3, 3, importDetectionPostProcess},
      {"TransformLandmarks", 2, 2, 2, importTransformLandmarks},
      {"TransformTensor", 1, 2, 2, importTransformTensor},
      {"TransformTensorBilinear", 2, 2, 2, importTransformTensor},
  };
  return rows;
}
