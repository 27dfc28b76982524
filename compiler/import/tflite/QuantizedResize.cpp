//===- QuantizedResize.cpp - bilinear resizing of stored integers ---------===//
//
//   RESIZE_BILINEAR (x: int8 [1, H, W, C])
//     =>  edge.resample along W, then along H     on i32, weights of 10 bits
//         add a half, edge.shift_right, cast      i8
// as ResizeBilinearInteger of reference/resize_bilinear.h computes; int16 in 64
// bits. That of uint8 computes in float32: where its fractions have few bits,
// nothing is rounded before the end, and integers give the same; elsewhere the
// four neighbours are added up as floats in its order.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/Resize.h"
#include "compiler/import/tflite/Operators.h"
#include "compiler/import/tflite/Quantization.h"
#include "compiler/import/tflite/ShapeRules.h"
#include "dialects/edge/Spatial.h"
#include <cmath>

using namespace edgec;
using namespace edgec::tflite;
using llvm::SmallVector;
using mlir::Value;
using schema::Builtin;

namespace {
/// How one dimension of an image becomes another.
struct Axis {
  int64_t from, to;
  bool alignCorners, halfPixels;

  bool spansCorners() const { return alignCorners && to > 1; }
};

/// Where one position of the result lies: between two of the input, `fraction`
/// (in some unit) behind the first.
template <typename T> struct Neighbours {
  int64_t lower, upper;
  T fraction;
};
using WholeNeighbours = Neighbours<int64_t>;
using RealNeighbours = Neighbours<float>;
} // namespace

//===-- positions ---------------------------------------------------------===//

/// In units of 2^-10, as the reference rounds them.
static WholeNeighbours wholePosition(const Axis &axis, int64_t at) {
  constexpr int64_t unit = 1 << 10;
  int64_t spare = axis.spansCorners() ? 1 : 0;
  int64_t from = axis.from - spare, to = axis.to - spare;
  int64_t scale = (unit * from + to / 2) / to;
  int64_t place = at * scale;
  if (axis.halfPixels)
    place += scale / 2 - unit / 2;
  int64_t last = axis.from - 1;
  // Rounded scales may lead behind the last element.
  int64_t lower = std::clamp<int64_t>(place / unit, 0, last);
  int64_t upper = std::min((place + unit - 1) / unit, last);
  return {lower, std::max<int64_t>(upper, 0), place - lower * unit};
}

static RealNeighbours realPosition(const Axis &axis, int64_t at) {
  float scale = axis.spansCorners() ? float(axis.from - 1) / float(axis.to - 1)
                                    : float(axis.from) / float(axis.to);
  volatile float product =
      (float(at) + (axis.halfPixels ? 0.5F : 0.0F)) * scale;
  float place = axis.halfPixels ? product - 0.5F : product;
  int64_t last = axis.from - 1;
  int64_t lower = std::clamp<int64_t>(int64_t(std::floor(place)), 0, last);
  int64_t upper = std::min(int64_t(std::ceil(place)), last);
  return {lower, std::max<int64_t>(upper, 0), place - float(lower)};
}

//===-- integers ----------------------------------------------------------===//

/// Sums of neighbours along a dimension with weights that add up to 2^bits.
static Value resampleWhole(OperatorImport &n, Value x, int64_t dimension,
                           int64_t bits,
                           llvm::ArrayRef<WholeNeighbours> positions) {
  if (!x)
    return nullptr;
  int64_t size = n.shapeOf(x)[dimension];
  int64_t taps = std::min<int64_t>(size, 2);
  edge::ResampleTable table{2 + taps, {}};
  for (const WholeNeighbours &at : positions) {
    int64_t first = std::min(at.lower, size - taps);
    SmallVector<float> row(2 + taps, 0.0F);
    row[0] = float(first);
    row[2 + at.lower - first] += float((int64_t(1) << bits) - at.fraction);
    row[2 + at.upper - first] += float(at.fraction);
    table.elements.insert(table.elements.end(), row.begin(), row.end());
  }
  return resample(n, x, dimension, table);
}

/// x / 2^bits to the nearest; halves away from zero, or upwards.
static Value divideByPower(OperatorImport &n, Value x, int64_t bits,
                           bool upwards) {
  if (!x || bits == 0)
    return x;
  mlir::Type element = n.elementOf(x);
  auto constant = [&](int64_t number) {
    return n.number(double(number), element);
  };
  Value half = constant(int64_t(1) << (bits - 1));
  Value sum = n.make<edge::AddOp>({x, half});
  if (!upwards) {
    // -1 where x is not above zero: then halves go down.
    Value less = n.make<edge::SubOp>({x, constant(1)});
    int64_t last = element.getIntOrFloatBitWidth() - 1;
    Value sign = n.make<edge::ShiftRightOp>({less, constant(last)});
    sum = n.make<edge::AddOp>({sum, sign});
  }
  return n.make<edge::ShiftRightOp>({sum, constant(bits)});
}

/// Both dimensions, with fractions of `bits` bits. The columns come first: rows
/// are longer then, which vectors like.
static Value resizeWhole(OperatorImport &n, Value x, const Axis (&axes)[2],
                         int64_t bits, bool upwards,
                         WholeNeighbours (*position)(const Axis &, int64_t)) {
  mlir::Type element = n.elementOf(x);
  // Of int16 with two fractions of 10 bits.
  bool isWide = element.getIntOrFloatBitWidth() > 8;
  x = n.cast(x, n.builder.getIntegerType(isWide ? 64 : 32));
  for (int64_t d : {1, 0}) {
    SmallVector<WholeNeighbours> positions;
    for (int64_t at = 0; at < axes[d].to; ++at)
      positions.push_back(position(axes[d], at));
    x = resampleWhole(n, x, 1 + d, bits, positions);
  }
  return n.cast(divideByPower(n, x, 2 * bits, upwards), element);
}

//===-- floats ------------------------------------------------------------===//

/// Fractions of at most so many bits leave sums of 8-bit numbers exact.
static constexpr int64_t mostExactBits = 7;

static WholeNeighbours exactPosition(const Axis &axis, int64_t at) {
  RealNeighbours real = realPosition(axis, at);
  return {real.lower, real.upper,
          int64_t(real.fraction * float(1 << mostExactBits))};
}

static bool isExact(const Axis &axis) {
  for (int64_t at = 0; at < axis.to; ++at) {
    float units = realPosition(axis, at).fraction * float(1 << mostExactBits);
    if (units != std::floor(units))
      return false;
  }
  return true;
}

/// Both operands' result, rounded to float32: they are computed with as
/// float64, in which nothing is lost.
template <typename OpT>
static Value inFloats(OperatorImport &n, Value lhs, Value rhs) {
  mlir::Type wide = n.builder.getF64Type();
  Value result = n.make<OpT>({n.cast(lhs, wide), n.cast(rhs, wide)});
  return n.cast(result, n.builder.getF32Type());
}

/// The neighbours above, below, left and right as floats, each times its two
/// fractions, in the reference's order, and cut off to integers.
static Value resizeReal(OperatorImport &n, Value x, const Axis (&axes)[2]) {
  mlir::Type element = n.elementOf(x);
  SmallVector<int64_t> places[2][2];
  Value fractions[2][2];
  for (int64_t d : {0, 1}) {
    SmallVector<float> far, near;
    for (int64_t at = 0; at < axes[d].to; ++at) {
      RealNeighbours place = realPosition(axes[d], at);
      places[d][0].push_back(place.lower);
      places[d][1].push_back(place.upper);
      far.push_back(place.fraction);
      near.push_back(1.0F - place.fraction);
    }
    int64_t behind = d == 0 ? 3 : 2;
    SmallVector<int64_t> shape(behind, 1);
    shape[0] = axes[d].to;
    fractions[d][0] = floats(n, shape, near);
    fractions[d][1] = floats(n, shape, far);
  }
  Value sum;
  for (int64_t right : {0, 1}) {
    for (int64_t below : {0, 1}) {
      Value corner =
          pick(n, pick(n, x, 1, places[0][below]), 2, places[1][right]);
      corner = n.cast(corner, n.builder.getF32Type());
      corner = inFloats<edge::MulOp>(n, corner, fractions[0][below]);
      corner = inFloats<edge::MulOp>(n, corner, fractions[1][right]);
      sum = sum ? inFloats<edge::AddOp>(n, sum, corner) : corner;
    }
  }
  sum = inFloats<edge::AddOp>(n, sum, n.splat(0.5F));
  return n.cast(n.cast(sum, n.builder.getI32Type()), element);
}

//===-- the operator ------------------------------------------------------===//

static void importResizeBilinear(OperatorImport &n) {
  const auto &options = n.options<schema::ResizeBilinearOptions>();
  auto size = resizedSize(n);
  if (!size || !checkSameScale(n, 0, 0))
    return;
  Axis axes[2];
  for (int64_t d : {0, 1})
    axes[d] = {n.shape(0)[1 + d], (*size)[d], options.align_corners(),
               options.half_pixel_centers()};
  Value x = n.operand(0);
  if (!x || n.type(0).getNumElements() == 0)
    return n.fail();
  bool upwards = requantizeFlavour(n) == Requantize::singleRounding;
  if (!n.elementOf(x).isUnsignedInteger())
    return n.set(0, resizeWhole(n, x, axes, 10, upwards, wholePosition));
  if (isExact(axes[0]) && isExact(axes[1]))
    return n.set(0, resizeWhole(n, x, axes, mostExactBits, /*upwards=*/true,
                                exactPosition));
  n.set(0, resizeReal(n, x, axes));
}

llvm::ArrayRef<Operator> tflite::quantizedResizes() {
  static constexpr Operator rows[] = {
      {Builtin::RESIZE_BILINEAR, 4, 2, 2, importResizeBilinear, types::shorts,
       "constant size"},
  };
  return rows;
}
