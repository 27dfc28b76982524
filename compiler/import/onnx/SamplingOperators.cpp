//===- SamplingOperators.cpp - values at computed positions ---------------===//
//
// GridSample and DeformConv compute their positions elementwise and sample
// there; AffineGrid is a matrix product with a constant grid.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/Resize.h"
#include "compiler/import/Spatial.h"
#include "compiler/import/onnx/Operators.h"
#include "compiler/import/onnx/Window.h"
#include "dialects/edge/Spatial.h"

using namespace edgec;
using namespace edgec::onnx;
using llvm::SmallVector;
using llvm::StringRef;
using mlir::Value;

/// Larger constant grids are out of proportion to any image.
static constexpr int64_t mostPoints = int64_t(1) << 25;

/// Positions are computed in f32, whatever the image is made of.
static Value toFloat32(NodeImport &n, Value value) {
  if (!value)
    return nullptr;
  auto type = mlir::cast<mlir::RankedTensorType>(value.getType());
  if (type.getElementType().isF32())
    return value;
  return edge::CastOp::create(n.builder, n.loc,
                              type.clone(n.builder.getF32Type()), value);
}

//===-- GridSample
//---------------------------------------------------------===//

/// From [-1, 1] to elements: ((g + 1) * size - 1) / 2, or (g + 1) / 2 * (size -
/// 1) with aligned corners.
static Value toElements(NodeImport &n, Value grid, bool alignCorners) {
  std::vector<float> factors, offsets;
  for (int64_t size : llvm::reverse(n.shape(0).drop_front(2))) {
    factors.push_back(float(alignCorners ? size - 1 : size) / 2);
    offsets.push_back(alignCorners ? 0.0F : -0.5F);
  }
  int64_t count = int64_t(factors.size());
  Value shifted = n.make<edge::AddOp>({grid, n.splat(1.0F)});
  Value scaled = n.make<edge::MulOp>({shifted, floats(n, {count}, factors)});
  return alignCorners
             ? scaled
             : n.make<edge::AddOp>({scaled, floats(n, {count}, offsets)});
}

static StringRef interpolationMode(NodeImport &n) {
  StringRef mode = n.string("mode", n.opset < 20 ? "bilinear" : "linear");
  if (mode == "bilinear")
    return "linear";
  if (mode == "bicubic")
    return "cubic";
  if (mode != "nearest" && mode != "linear" && mode != "cubic")
    n.error() << "attribute 'mode' is '" << mode
              << "', but should be nearest, linear or cubic";
  return mode;
}

static void importGridSample(NodeImport &n) {
  int64_t rank = n.rank(0), spatial = rank - 2;
  StringRef mode = interpolationMode(n);
  StringRef padding = n.string("padding_mode", "zeros");
  bool alignCorners = n.flag("align_corners", false);
  if (padding != "zeros" && padding != "border" && padding != "reflection")
    n.error() << "attribute 'padding_mode' is '" << padding
              << "', but should be zeros, border or reflection";
  if (rank < 3 || rank > 5 || n.rank(1) != rank ||
      n.shape(1).back() != spatial || n.shape(1)[0] != n.shape(0)[0]) {
    n.error() << "a grid of shape " << shapeText(n.shape(1))
              << " does not fit an input of shape " << shapeText(n.shape(0))
              << "; it should be [N, spatial..., " << spatial
              << "], with one to three spatial dimensions";
  }
  if (n.failed())
    return;
  SmallVector<int64_t> result(n.shape(1).drop_back());
  auto points = countElements(n.shape(1).slice(1, spatial));
  Value grid = toElements(n, toFloat32(n, n.operand(1)), alignCorners);
  grid = n.reshape(grid, {result[0], *points, spatial});
  Value image = n.operand(0);
  SmallVector<int64_t> last = {0};
  for (int64_t d = 2; d < rank; ++d)
    last.push_back(d);
  last.push_back(1);
  Value sampled =
      n.make<edge::SampleOp>({n.transpose(image, last), grid},
                             {n.attr("mode", mode), n.attr("padding", padding),
                              n.attr("align_corners", alignCorners)});
  result.push_back(n.shape(0)[1]);
  SmallVector<int64_t> first = {0, rank - 1};
  for (int64_t d = 1; d + 1 < rank; ++d)
    first.push_back(d);
  n.set(0, n.transpose(n.reshape(sampled, result), first));
}

//===-- AffineGrid
//---------------------------------------------------------===//

/// The sizes of the image, from the operand or the stated result.
static std::optional<SmallVector<int64_t>> gridSizes(NodeImport &n,
                                                     int64_t spatial) {
  SmallVector<int64_t> sizes;
  if (n.constant(1)) {
    auto list = n.integers(1, "size");
    if (list && int64_t(list->size()) == spatial + 2)
      sizes.assign(list->begin() + 2, list->end());
  } else if (auto stated = n.declaredShape(0);
             stated && int64_t(stated->size()) == spatial + 2) {
    sizes.assign(stated->begin() + 1, stated->end() - 1);
  }
  auto count = sizes.empty() ? std::nullopt : countElements(sizes);
  if (count && *count > 0 && *count < mostPoints)
    return sizes;
  n.error() << "the size must be constant, or the result's shape stated, of "
            << spatial << " positive spatial dimensions";
  return std::nullopt;
}

static float gridCoordinate(int64_t i, int64_t size, bool alignCorners) {
  if (!alignCorners)
    return float((2.0 * double(i) + 1) / double(size) - 1);
  return size == 1 ? 0.0F : float(2.0 * double(i) / double(size - 1) - 1);
}

static void importAffineGrid(NodeImport &n) {
  int64_t spatial = n.rank(0) == 3 ? n.shape(0)[1] : 0;
  bool alignCorners = n.flag("align_corners", false);
  if (spatial < 2 || spatial > 3 || n.shape(0)[2] != spatial + 1) {
    n.error() << "theta of shape " << shapeText(n.shape(0))
              << " should be [N, 2, 3] or [N, 3, 4]";
    return;
  }
  auto sizes = gridSizes(n, spatial);
  if (!sizes)
    return;
  // Rows of (x, y, [z,] 1).
  int64_t points = *countElements(*sizes);
  std::vector<float> grid;
  for (int64_t p = 0; p < points; ++p) {
    int64_t rest = p;
    for (int64_t size : llvm::reverse(*sizes)) {
      grid.push_back(gridCoordinate(rest % size, size, alignCorners));
      rest /= size;
    }
    grid.push_back(1.0F);
  }
  Value moved = n.make<edge::MatMulOp>(
      {floats(n, {points, spatial + 1}, grid),
       n.transpose(toFloat32(n, n.operand(0)), {0, 2, 1})});
  if (moved && !n.type(0).getElementType().isF32()) {
    auto type = mlir::cast<mlir::RankedTensorType>(moved.getType());
    moved = edge::CastOp::create(n.builder, n.loc,
                                 type.clone(n.type(0).getElementType()), moved);
  }
  SmallVector<int64_t> shape = {n.shape(0)[0]};
  llvm::append_range(shape, *sizes);
  shape.push_back(spatial);
  n.set(0, n.reshape(moved, shape));
}

//===-- DeformConv
//---------------------------------------------------------===//

namespace {
/// The sizes of a deformable convolution.
struct Deformed {
  int64_t images, channels, height, width;
  int64_t groups, offsetGroups, outputs, taps;
  /// of the result
  int64_t rows, columns;

  int64_t pixels() const { return rows * columns; }
};
} // namespace

static std::optional<Deformed> readDeformed(NodeImport &n,
                                            const Window &window) {
  Deformed s = {n.shape(0)[0],
                n.shape(0)[1],
                n.shape(0)[2],
                n.shape(0)[3],
                n.integer("group", 1),
                0,
                n.shape(1)[0],
                window.size[0] * window.size[1],
                0,
                0};
  s.offsetGroups = n.integer("offset_group", 1);
  for (int d : {0, 1}) {
    int64_t rest = n.shape(0)[2 + d] + window.before[d] + window.after[d] -
                   window.reach(d);
    (d == 0 ? s.rows : s.columns) = rest < 0 ? 0 : rest / window.strides[d] + 1;
  }
  if (s.groups < 1 || s.offsetGroups < 1 || s.channels % s.groups != 0 ||
      s.channels % s.offsetGroups != 0 || s.outputs % s.groups != 0 ||
      n.shape(1)[1] != s.channels / s.groups || s.pixels() < 1) {
    n.error() << "a filter of shape " << shapeText(n.shape(1)) << " in "
              << s.groups << " groups and " << s.offsetGroups
              << " offset groups does not fit an input of shape "
              << shapeText(n.shape(0));
    return std::nullopt;
  }
  auto fits = [&](unsigned input, int64_t perTap) {
    SmallVector<int64_t> shape = {s.images, s.offsetGroups * s.taps * perTap,
                                  s.rows, s.columns};
    if (n.shape(input) == llvm::ArrayRef<int64_t>(shape))
      return true;
    n.error() << "input " << input << " of shape " << shapeText(n.shape(input))
              << " should have the shape " << shapeText(shape);
    return false;
  };
  if (!fits(2, 2) || (n.hasInput(4) && !fits(4, 1)))
    return std::nullopt;
  if (s.taps > mostPoints / s.pixels()) {
    n.error() << "a result of " << s.rows << "x" << s.columns << " with "
              << s.taps << " taps is too large";
    return std::nullopt;
  }
  return s;
}

/// [images * offsetGroups, pixels * taps, 2], x before y.
static Value deformedPositions(NodeImport &n, const Deformed &s,
                               const Window &window) {
  std::vector<float> grid;
  for (int64_t pixel = 0; pixel < s.pixels(); ++pixel) {
    for (int64_t tap = 0; tap < s.taps; ++tap) {
      int64_t y = pixel / s.columns * window.strides[0] - window.before[0] +
                  tap / window.size[1] * window.dilations[0];
      int64_t x = pixel % s.columns * window.strides[1] - window.before[1] +
                  tap % window.size[1] * window.dilations[1];
      grid.insert(grid.end(), {float(y), float(x)});
    }
  }
  Value offsets = n.reshape(toFloat32(n, n.operand(2)),
                            {s.images, s.offsetGroups, s.taps, 2, s.pixels()});
  offsets = n.transpose(offsets, {0, 1, 4, 2, 3});
  Value positions =
      n.make<edge::AddOp>({offsets, floats(n, {s.pixels(), s.taps, 2}, grid)});
  positions = sliceAlong(n, positions, 4, 1, 2, -1);
  return n.reshape(positions,
                   {s.images * s.offsetGroups, s.pixels() * s.taps, 2});
}

/// [images, pixels, taps, channels]: what each tap of each result reads.
static Value deformedColumns(NodeImport &n, const Deformed &s,
                             const Window &window) {
  int64_t perGroup = s.channels / s.offsetGroups;
  int64_t slices = s.images * s.offsetGroups;
  Value image = n.reshape(n.operand(0), {slices, perGroup, s.height, s.width});
  Value columns = n.make<edge::SampleOp>(
      {n.transpose(image, {0, 2, 3, 1}), deformedPositions(n, s, window)},
      {n.attr("mode", StringRef("linear"))});
  if (n.hasInput(4)) {
    Value mask = n.reshape(n.operand(4), {slices, s.taps, s.pixels()});
    mask = n.reshape(n.transpose(mask, {0, 2, 1}),
                     {slices, s.pixels() * s.taps, 1});
    columns = n.make<edge::MulOp>({columns, mask});
  }
  columns = n.reshape(columns,
                      {s.images, s.offsetGroups, s.pixels(), s.taps, perGroup});
  return n.reshape(n.transpose(columns, {0, 2, 3, 1, 4}),
                   {s.images, s.pixels(), s.taps, s.channels});
}

/// A convolution over the sampled taps instead of the image.
static void importDeformConv(NodeImport &n) {
  if (n.rank(0) != 4 || n.rank(1) != 4 || n.rank(2) != 4 ||
      (n.hasInput(4) && n.rank(4) != 4)) {
    n.error() << "only images are supported: input, filter, offset and mask "
                 "should have 4 dimensions";
    return;
  }
  auto window = readWindowAttributes(n, n.shape(1).drop_front(2));
  auto s = window ? readDeformed(n, *window) : std::nullopt;
  if (!s)
    return;
  if (n.hasInput(3) && (n.rank(3) != 1 || n.shape(3)[0] != s->outputs)) {
    n.error() << "the bias of shape " << shapeText(n.shape(3))
              << " should have the shape " << s->outputs;
    return;
  }
  Window taps = Window::ones(2);
  taps.size = {1, s->taps};
  Value filter = n.reshape(toChannelsLast(n, n.operand(1)),
                           {s->outputs, 1, s->taps, s->channels / s->groups});
  Value result =
      convolve(n, deformedColumns(n, *s, *window), filter,
               n.hasInput(3) ? n.operand(3) : Value(), taps, s->groups);
  result = n.reshape(result, {s->images, s->rows, s->columns, s->outputs});
  n.set(0, toChannelsFirst(n, result, 4));
}

//===-- RoiAlign
//-----------------------------------------------------------===//

static void importRoiAlign(NodeImport &n) {
  if (n.rank(0) != 4 || n.rank(1) != 2 || n.rank(2) != 1) {
    n.error() << "input, rois and batch_indices should have 4, 2 and 1 "
                 "dimensions";
    return;
  }
  StringRef mode = n.string("mode", "avg");
  StringRef coordinates =
      n.opset < 16 ? "output_half_pixel"
                   : n.string("coordinate_transformation_mode", "half_pixel");
  if ((mode != "avg" && mode != "max") ||
      (coordinates != "half_pixel" && coordinates != "output_half_pixel")) {
    n.error() << "mode '" << mode << "' and coordinate_transformation_mode '"
              << coordinates
              << "' should be avg or max, half_pixel or output_half_pixel";
    return;
  }
  llvm::SmallVector<int64_t> size = {n.integer("output_height", 1),
                                     n.integer("output_width", 1)};
  Value result = n.make<edge::RoiAlignOp>(
      {toChannelsLast(n, n.operand(0)), toFloat32(n, n.operand(1)),
       n.operand(2)},
      {n.attr("output_size", size),
       n.attr("mode", StringRef(mode == "avg" ? "average" : "max")),
       n.attr("sampling_ratio", n.integer("sampling_ratio", 0)),
       n.attr("spatial_scale", n.real("spatial_scale", 1)),
       n.attr("half_pixel", coordinates == "half_pixel")});
  n.set(0, toChannelsFirst(n, result, 4));
}

llvm::ArrayRef<Operator> onnx::samplingOperators() {
  static constexpr Operator rows[] = {
      {"GridSample",
       {16, 22},
       2,
       2,
       importGridSample,
       nullptr,
       types::floats,
       "one to three spatial dimensions"},
      {"AffineGrid",
       {20},
       2,
       2,
       importAffineGrid,
       nullptr,
       types::floats,
       "a computed size needs the result's stated shape"},
      {"DeformConv",
       {19, 22},
       3,
       5,
       importDeformConv,
       nullptr,
       types::floats,
       "images only"},
      {"RoiAlign", {10, 22}, 3, 3, importRoiAlign},
  };
  return rows;
}
