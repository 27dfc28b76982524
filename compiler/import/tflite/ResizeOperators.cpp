//===- ResizeOperators.cpp - images of another size -----------------------===//
//
// Each dimension on its own: rows, then columns, are resampled by a table that
// is made here (compiler/import/Resize.h). Where a position of the result lies
// in the input depends on two flags, just as in TFLite's kernels.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/Resize.h"
#include "compiler/import/tflite/Operators.h"
#include "compiler/import/tflite/ShapeRules.h"
#include <cmath>

using namespace edgec;
using namespace edgec::tflite;
using mlir::Value;
using schema::Builtin;

namespace {
/// How positions of the result map to the input along one dimension; in
/// float32, so that rounding falls as it does in TFLite.
struct Mapping {
  int64_t from, to;
  bool alignCorners, halfPixels;

  float scale() const {
    if (alignCorners && to > 1)
      return float(from - 1) / float(to - 1);
    return float(from) / float(to);
  }
  /// Where the result's pixel lies between the input's.
  float position(int64_t pixel) const {
    return halfPixels ? (float(pixel) + 0.5F) * scale() - 0.5F
                      : float(pixel) * scale();
  }
  int64_t nearest(int64_t pixel) const {
    float at = (float(pixel) + (halfPixels ? 0.5F : 0.0F)) * scale();
    at = alignCorners ? std::round(at) : std::floor(at);
    return std::clamp<int64_t>(int64_t(at), 0, from - 1);
  }
};
} // namespace

static Value resizeNearest(OperatorImport &n, Value x, int64_t axis,
                           const Mapping &mapping) {
  llvm::SmallVector<int64_t> indices;
  for (int64_t i = 0; i < mapping.to; ++i)
    indices.push_back(mapping.nearest(i));
  return pick(n, x, axis, indices);
}

static Value resizeLinear(OperatorImport &n, Value x, int64_t axis,
                          const Mapping &mapping) {
  llvm::SmallVector<double> positions;
  for (int64_t i = 0; i < mapping.to; ++i)
    positions.push_back(mapping.position(i));
  return resample(n, x, axis,
                  edge::interpolationTable(positions, mapping.from,
                                           1.0 / mapping.scale(), {}));
}

std::optional<Shape> tflite::resizedSize(OperatorImport &n) {
  auto size = n.integers(1, "size");
  if (!size)
    return std::nullopt;
  if (size->size() == 2 && n.rank(0) == 4 &&
      llvm::all_of(*size, [](int64_t s) { return s >= 1 && s <= 1 << 16; }))
    return size;
  n.error() << "an input of shape " << shapeText(n.shape(0))
            << " cannot take the size " << shapeText(*size)
            << "; it should have 4 dimensions, and the size two numbers up "
               "to 65536";
  return std::nullopt;
}

template <typename OptionsT,
          Value resize(OperatorImport &, Value, int64_t, const Mapping &)>
static void importResize(OperatorImport &n) {
  const auto &options = n.options<OptionsT>();
  auto size = resizedSize(n);
  if (!size)
    return;
  Value x = n.operand(0);
  for (int64_t d : {0, 1}) {
    Mapping mapping = {n.shape(0)[1 + d], (*size)[d], options.align_corners(),
                       options.half_pixel_centers()};
    // The same pixels in any case.
    if (mapping.from != mapping.to)
      x = resize(n, x, 1 + d, mapping);
  }
  if (x && x == n.operand(0))
    x = n.make<edge::CopyOp>({x});
  n.set(0, x);
}

llvm::ArrayRef<Operator> tflite::resizeOperators() {
  static constexpr Operator rows[] = {
      {Builtin::RESIZE_BILINEAR, 4, 2, 2,
       importResize<schema::ResizeBilinearOptions, resizeLinear>, types::floats,
       "constant size"},
      {Builtin::RESIZE_NEAREST_NEIGHBOR, 4, 2, 2,
       importResize<schema::ResizeNearestNeighborOptions, resizeNearest>,
       types::any, "constant size"},
  };
  return rows;
}
