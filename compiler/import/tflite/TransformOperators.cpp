//===- TransformOperators.cpp - MediaPipe's landmarks and transforms ------===//
//
// A face mesh looks at the eyes and the mouth more closely: landmarks give a
// matrix, the matrix cuts a region out of the features, and the region's own
// landmarks go back through it.
//   Landmarks2TransformMatrix  landmarks [.., 3]         => [1, 4, 4]
//   TransformTensorBilinear    features, matrix          => [1, H, W, C]
//   TransformLandmarks         landmarks, matrix         => landmarks
// Only the first two rows of the matrix are of use, and of those the columns of
// x, y and 1. Source: mediapipe/util/tflite/operations.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/Spatial.h"
#include "compiler/import/tflite/CustomOperators.h"
#include "dialects/edge/Indexing.h"
#include "dialects/edge/Spatial.h"
#include <cmath>

using namespace edgec;
using namespace edgec::tflite;
using llvm::ArrayRef;
using mlir::Value;

static bool isSize(int64_t size) { return size >= 1 && size <= (1 << 16); }

/// Points of two or three numbers through the first two rows of a matrix; the
/// third number stays. Version 1 scales the matrix's last column.
void tflite::importTransformLandmarks(OperatorImport &n) {
  auto options = readMap(n);
  if (!options)
    return;
  int64_t dimensions = (*options)["dimensions"].AsInt32();
  float scale = n.kind.version == 1 ? (*options)["scale"].AsFloat() : 1.0F;
  int64_t elements = n.type(0).getNumElements();
  if (dimensions < 2 || dimensions > 3 || elements % dimensions != 0 ||
      n.type(1).getNumElements() != 16) {
    n.error() << "landmarks of shape " << shapeText(n.shape(0)) << " in "
              << dimensions << " dimensions and a matrix of shape "
              << shapeText(n.shape(1)) << " do not fit together";
    return;
  }
  Value points = n.reshape(n.operand(0), {elements / dimensions, dimensions});
  Value matrix = n.reshape(n.operand(1), {4, 4});
  Value rows = sliceAlong(n, matrix, 0, 0, 2);
  Value linear = sliceAlong(n, rows, 1, 0, 2);
  Value shift = n.reshape(sliceAlong(n, rows, 1, 3, 1), {1, 2});
  Value moved = n.make<edge::MatMulOp>(
      {sliceAlong(n, points, 1, 0, 2), n.transpose(linear, {1, 0})});
  moved = n.make<edge::AddOp>(
      {moved, n.make<edge::MulOp>({shift, n.splat(scale)})});
  if (dimensions == 3)
    moved = n.make<edge::ConcatOp>({moved, sliceAlong(n, points, 1, 2, 1)},
                                   {n.attr("axis", int64_t(1))});
  n.set(0, n.reshape(moved, n.shape(0)));
}

//===-- TransformTensorBilinear ------------------------------------------===//

/// Height and width of the region; none after an error.
static std::optional<std::pair<int64_t, int64_t>>
readRegion(OperatorImport &n) {
  auto options = readMap(n);
  if (!options)
    return std::nullopt;
  std::pair<int64_t, int64_t> region{(*options)["output_height"].AsInt32(),
                                     (*options)["output_width"].AsInt32()};
  if (n.kind.version == 1) {
    flexbuffers::TypedVector size = (*options)["output_size"].AsTypedVector();
    if (size.size() == 2)
      region = {size[0].AsInt32(), size[1].AsInt32()};
    if (std::string mode = (*options)["mode"].AsString().str();
        !mode.empty() && mode != "bilinear") {
      n.error() << "the mode '" << mode << "' should be 'bilinear'";
      return std::nullopt;
    }
  }
  if (isSize(region.first) && isSize(region.second))
    return region;
  n.error() << "its options are damaged: a region of " << region.first << " x "
            << region.second << "; convert the model again";
  return std::nullopt;
}

/// Each element of the region, through the matrix, is a place in the image, and
/// the mean of the four neighbours there; zero outside of the image. Version 1
/// counts from the centre of the first element, version 2 from its corner.
void tflite::importTransformTensor(OperatorImport &n) {
  auto region = readRegion(n);
  if (!region)
    return;
  if (n.rank(0) != 4 || n.shape(0)[0] != 1 ||
      !n.type(0).getElementType().isF32() || n.type(1).getNumElements() != 16) {
    n.error() << "an image of type " << n.type(0) << " and a matrix of shape "
              << shapeText(n.shape(1))
              << " should be float32 [1, height, width, channels] and [4, 4]";
    return;
  }
  auto [height, width] = *region;
  float corner = n.kind.version == 1 ? 0.0F : 0.5F;
  std::vector<float> places;
  for (int64_t y = 0; y < height; ++y)
    for (int64_t x = 0; x < width; ++x)
      places.insert(places.end(), {float(x) + corner, float(y) + corner, 1.0F});
  Value rows = sliceAlong(n, n.reshape(n.operand(1), {4, 4}), 0, 0, 2);
  Value affine = n.make<edge::ConcatOp>(
      {sliceAlong(n, rows, 1, 0, 2), sliceAlong(n, rows, 1, 3, 1)},
      {n.attr("axis", int64_t(1))});
  Value positions = n.make<edge::MatMulOp>(
      {n.constantOf(places, {height * width, 3}), n.transpose(affine, {1, 0})});
  positions = n.make<edge::SubOp>({positions, n.splat(corner)});
  ArrayRef<int64_t> image = n.shape(0);
  Value last = n.constantOf({float(image[2] - 1), float(image[1] - 1)}, {1, 2});
  Value inside =
      n.make<edge::AndOp>({n.make<edge::LessEqualOp>({n.splat(0), positions}),
                           n.make<edge::LessEqualOp>({positions, last})});
  inside = n.make<edge::AndOp>(
      {sliceAlong(n, inside, 1, 0, 1), sliceAlong(n, inside, 1, 1, 1)});
  Value sampled = n.make<edge::SampleOp>(
      {n.operand(0), n.reshape(positions, {1, height * width, 2})},
      {n.attr("mode", llvm::StringRef("linear"))});
  Value result = n.make<edge::SelectOp>(
      {n.reshape(inside, {1, height * width, 1}), sampled, n.splat(0)});
  n.set(0, n.reshape(result, {1, height, width, image[3]}));
}

//===-- Landmarks2TransformMatrix ----------------------------------------===//

namespace {
/// Numbers of the run are tensors [1, 1], columns of points [points, 1].
class LandmarksToMatrix {
public:
  explicit LandmarksToMatrix(OperatorImport &n) : n(n) {}
  void run();

private:
  bool readOptions();
  int64_t size(const flexbuffers::Map &options, const char *name) const {
    return options[name].AsInt32();
  }
  void turn();
  void measure();
  void finish(ArrayRef<Value> numbers);
  void relative();
  void absolute();

  Value add(Value a, Value b) { return n.make<edge::AddOp>({a, b}); }
  Value sub(Value a, Value b) { return n.make<edge::SubOp>({a, b}); }
  Value mul(Value a, Value b) { return n.make<edge::MulOp>({a, b}); }
  Value mul(Value a, double b) { return mul(a, number(b)); }
  Value number(double value) { return n.splat(float(value), {1, 1}); }
  Value column(Value matrix, int64_t index) {
    return sliceAlong(n, matrix, 1, index, 1);
  }
  template <typename OpT> Value over(Value list) {
    Value result = n.make<OpT>({list}, {n.attr("axes", ArrayRef<int64_t>{0})});
    return n.reshape(result, {1, 1});
  }

  OperatorImport &n;
  int64_t left = 0, right = 0;
  llvm::SmallVector<int64_t> subset;
  double target = 0, scaleX = 1, scaleY = 1, range = 1;
  int64_t inputHeight = 1, inputWidth = 1, outputHeight = 1, outputWidth = 1;
  Value points;
  /// The rotation that makes the line from left to right level.
  Value cosine, sine;
  /// Centre and size of the box around the turned subset.
  Value centreX, centreY, boxWidth, boxHeight;
};
} // namespace

bool LandmarksToMatrix::readOptions() {
  auto options = readMap(n);
  if (!options)
    return false;
  bool isFirst = n.kind.version == 1;
  left = size(*options, "left_rotation_idx");
  right = size(*options, "right_rotation_idx");
  flexbuffers::TypedVector list =
      (*options)[isFirst ? "subset" : "subset_idxs"].AsTypedVector();
  for (size_t i = 0; i < std::min<size_t>(list.size(), 1 << 16); ++i)
    subset.push_back(list[i].AsInt32());
  if (isFirst) {
    flexbuffers::TypedVector input = (*options)["input_hw"].AsTypedVector();
    flexbuffers::TypedVector output = (*options)["output_hw"].AsTypedVector();
    inputHeight = input.size() == 2 ? input[0].AsInt32() : 0;
    inputWidth = input.size() == 2 ? input[1].AsInt32() : 0;
    outputHeight = output.size() == 2 ? output[0].AsInt32() : 0;
    outputWidth = output.size() == 2 ? output[1].AsInt32() : 0;
    range = size(*options, "landmarks_range");
    scaleX = scaleY = (*options)["bbox_size_multiplier"].AsFloat();
  } else {
    outputHeight = size(*options, "output_height");
    outputWidth = size(*options, "output_width");
    target = (*options)["target_rotation_radians"].AsFloat();
    scaleX = (*options)["scale_x"].AsFloat();
    scaleY = (*options)["scale_y"].AsFloat();
  }
  int64_t least = isFirst ? 2 : 1;
  bool isGood = isSize(inputHeight) && isSize(inputWidth) &&
                isSize(outputHeight) && outputHeight >= least &&
                isSize(outputWidth) && outputWidth >= least && range > 0 &&
                scaleX > 0 && scaleY > 0 && std::isfinite(target);
  if (!isGood)
    n.error() << "its options are damaged: sizes, range and scales should be "
                 "positive; convert the model again";
  return isGood;
}

/// Cosine and sine of the turn follow from the line's direction by the sums of
/// angles: no angle is ever computed.
void LandmarksToMatrix::turn() {
  Value line = sub(sliceAlong(n, points, 0, right, 1),
                   sliceAlong(n, points, 0, left, 1));
  Value x = column(line, 0), y = column(line, 1);
  Value length = n.make<edge::SqrtOp>({add(mul(x, x), mul(y, y))});
  Value isPoint = n.make<edge::LessEqualOp>({length, number(0)});
  x = n.make<edge::SelectOp>(
      {isPoint, number(1), n.make<edge::DivOp>({x, length})});
  y = n.make<edge::SelectOp>(
      {isPoint, number(0), n.make<edge::DivOp>({y, length})});
  if (n.kind.version == 1) {
    // The line's slope alone counts, whichever end is the left one.
    Value sign = n.make<edge::SelectOp>(
        {n.make<edge::LessOp>({x, number(0)}), number(-1), number(1)});
    cosine = mul(x, sign);
    sine = mul(y, mul(sign, -1));
    return;
  }
  cosine = add(mul(x, std::cos(target)), mul(y, std::sin(target)));
  sine = sub(mul(x, std::sin(target)), mul(y, std::cos(target)));
}

void LandmarksToMatrix::measure() {
  auto type = mlir::RankedTensorType::get({int64_t(subset.size())},
                                          n.builder.getI64Type());
  Value indices = edge::ConstantOp::create(
      n.builder, n.loc, type,
      mlir::DenseElementsAttr::get(type, ArrayRef<int64_t>(subset)));
  Value chosen =
      n.make<edge::GatherOp>({points, indices}, {n.attr("axis", int64_t(0))});
  Value x = column(chosen, 0), y = column(chosen, 1);
  Value turnedX = sub(mul(x, cosine), mul(y, sine));
  Value turnedY = add(mul(x, sine), mul(y, cosine));
  Value maxX = over<edge::ReduceMaxOp>(turnedX),
        minX = over<edge::ReduceMinOp>(turnedX),
        maxY = over<edge::ReduceMaxOp>(turnedY),
        minY = over<edge::ReduceMinOp>(turnedY);
  boxWidth = sub(maxX, minX);
  boxHeight = sub(maxY, minY);
  Value middleX = mul(add(maxX, minX), 0.5),
        middleY = mul(add(maxY, minY), 0.5);
  centreX = add(mul(middleX, cosine), mul(middleY, sine));
  centreY = sub(mul(middleY, cosine), mul(middleX, sine));
}

/// Version 1: from elements of the region to [-1, 1], turned, and to elements
/// of the image.
void LandmarksToMatrix::relative() {
  double toX = 2 / double(outputWidth - 1), toY = 2 / double(outputHeight - 1);
  double fromX = double(inputWidth - 1) / 2,
         fromY = double(inputHeight - 1) / 2;
  Value sx = mul(boxWidth, scaleX / range), sy = mul(boxHeight, scaleY / range);
  Value a = mul(cosine, sx), b = mul(sine, sy);
  Value c = mul(mul(sine, -1), sx), d = mul(cosine, sy);
  // The place of the region's first element, and back to counting from 0.
  auto shift = [&](Value centre, Value first, Value second, double from) {
    Value place = sub(mul(centre, 2 / range), add(first, second));
    return mul(place, from);
  };
  finish({mul(a, toX * fromX), mul(b, toY * fromX), shift(centreX, a, b, fromX),
          mul(c, toX * fromY), mul(d, toY * fromY),
          shift(centreY, c, d, fromY)});
}

/// Version 2: landmarks count elements of the image already.
void LandmarksToMatrix::absolute() {
  Value sx = mul(boxWidth, scaleX / double(outputWidth));
  Value sy = mul(boxHeight, scaleY / double(outputHeight));
  Value a = mul(cosine, sx), b = mul(sine, sy);
  Value c = mul(mul(sine, -1), sx), d = mul(cosine, sy);
  double halfWidth = double(outputWidth) / 2,
         halfHeight = double(outputHeight) / 2;
  auto shift = [&](Value centre, Value first, Value second) {
    return sub(centre, add(mul(first, halfWidth), mul(second, halfHeight)));
  };
  finish({a, b, shift(centreX, a, b), c, d, shift(centreY, c, d)});
}

void LandmarksToMatrix::finish(ArrayRef<Value> numbers) {
  Value zero = number(0), one = number(1);
  Value all = n.make<edge::ConcatOp>(
      {numbers[0], numbers[1], zero, numbers[2], numbers[3], numbers[4], zero,
       numbers[5], zero, zero, one, zero, zero, zero, zero, one},
      {n.attr("axis", int64_t(1))});
  n.set(0, n.reshape(all, {1, 4, 4}));
}

void LandmarksToMatrix::run() {
  if (!readOptions())
    return;
  int64_t elements = n.type(0).getNumElements();
  int64_t count = elements / 3;
  auto isOutside = [&](int64_t i) { return i < 0 || i >= count; };
  if (elements % 3 || subset.empty() || isOutside(left) || isOutside(right) ||
      llvm::any_of(subset, isOutside) || !n.type(0).getElementType().isF32()) {
    n.error() << "landmarks of type " << n.type(0)
              << " should be float32 and three numbers for each of those that "
                 "its options name";
    return;
  }
  points = n.reshape(n.operand(0), {count, 3});
  turn();
  measure();
  if (n.kind.version == 1)
    relative();
  else
    absolute();
}

void tflite::importLandmarksToMatrix(OperatorImport &n) {
  LandmarksToMatrix(n).run();
}
