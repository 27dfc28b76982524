//===- DynamicOperators.cpp - boxes whose place is known at run time ------===//
//
// A box of constant size at a computed place is read by gather_nd and written
// by scatter_nd: the index of each of its elements is a constant plus the
// place.
//   DYNAMIC_UPDATE_SLICE (x, update, start)   =>   edge.scatter_nd
// Trailing dimensions that the box fills stay whole.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/Spatial.h"
#include "compiler/import/tflite/Operators.h"
#include "compiler/import/tflite/ShapeRules.h"
#include "dialects/edge/Indexing.h"
#include "dialects/edge/Selection.h"

using namespace edgec;
using namespace edgec::tflite;
using llvm::ArrayRef;
using mlir::Value;
using schema::Builtin;

/// The leading dimensions along which a box of these sizes can move in a tensor
/// of this shape.
static int64_t movableDimensions(ArrayRef<int64_t> shape,
                                 ArrayRef<int64_t> sizes) {
  int64_t count = shape.size();
  while (count > 1 && shape[count - 1] == sizes[count - 1])
    --count;
  return count;
}

/// Indices [sizes of the movable dimensions..., their number] of the box at
/// `start` ([rank], integers), moved to lie inside as TFLite does.
static Value boxIndices(OperatorImport &n, Value start, ArrayRef<int64_t> shape,
                        ArrayRef<int64_t> sizes) {
  constexpr int64_t maxIndices = 1 << 20;
  int64_t count = movableDimensions(shape, sizes);
  Shape indexShape(sizes.take_front(count));
  indexShape.push_back(count);
  auto elements = countElements(indexShape);
  if (!start || !elements || *elements > maxIndices) {
    n.error() << "a box of shape " << shapeText(sizes)
              << " at a computed place "
              << "has more than " << maxIndices << " indices";
    return nullptr;
  }
  auto type = mlir::RankedTensorType::get(indexShape, n.builder.getI32Type());
  llvm::SmallVector<int32_t> numbers;
  Shape position(count, 0);
  while (int64_t(numbers.size()) < *elements) {
    numbers.append(position.begin(), position.end());
    for (int64_t d = count - 1; d >= 0 && ++position[d] == sizes[d]; --d)
      position[d] = 0;
  }
  Value inBox = edge::ConstantOp::create(
      n.builder, n.loc, type,
      mlir::DenseElementsAttr::get(type, ArrayRef<int32_t>(numbers)));
  auto placeType = mlir::RankedTensorType::get({count}, n.builder.getI32Type());
  llvm::SmallVector<int32_t> last;
  for (int64_t d = 0; d < count; ++d)
    last.push_back(static_cast<int32_t>(shape[d] - sizes[d]));
  Value highest = edge::ConstantOp::create(
      n.builder, n.loc, placeType,
      mlir::DenseElementsAttr::get(placeType, ArrayRef<int32_t>(last)));
  Value place =
      n.cast(sliceAlong(n, start, 0, 0, count), n.builder.getI32Type());
  place = n.make<edge::MinOp>({place, highest});
  place = n.make<edge::MaxOp>({place, n.number(0, n.builder.getI32Type())});
  return n.make<edge::AddOp>({inBox, place});
}

static bool fitsInside(OperatorImport &n, ArrayRef<int64_t> sizes,
                       unsigned start) {
  ArrayRef<int64_t> shape = n.shape(0);
  bool fits = sizes.size() == shape.size() && !shape.empty() &&
              n.type(start).getElementType().isInteger() &&
              n.shape(start) == ArrayRef<int64_t>(int64_t(shape.size()));
  for (size_t d = 0; fits && d < shape.size(); ++d)
    fits = sizes[d] >= 1 && sizes[d] <= shape[d] && shape[d] <= INT32_MAX;
  if (!fits) {
    n.error() << "a box of shape " << shapeText(sizes)
              << " at a place of shape " << shapeText(n.shape(start))
              << " does not fit into " << shapeText(shape);
  }
  return fits;
}

static void importDynamicUpdateSlice(OperatorImport &n) {
  Shape sizes(n.shape(1));
  if (!fitsInside(n, sizes, 2))
    return;
  Value index = boxIndices(n, n.operand(2), n.shape(0), sizes);
  n.set(0, n.make<edge::ScatterNdOp>(
               {n.operand(0), index, n.operand(1)},
               {n.builder.getNamedAttr(
                   "combine", edge::CombineAttr::get(n.builder.getContext(),
                                                     edge::Combine::none))}));
}

void tflite::importComputedSlice(OperatorImport &n, ArrayRef<int64_t> sizes) {
  if (!fitsInside(n, sizes, 1))
    return;
  Value index = boxIndices(n, n.operand(1), n.shape(0), sizes);
  n.set(0, n.make<edge::GatherNdOp>({n.operand(0), index}));
}

//===-- NON_MAX_SUPPRESSION
//------------------------------------------------===//

/// Operands: boxes [N, 4], scores [N], how many at most, two thresholds and, in
/// version 5, sigma. Results: indices, (scores,) how many; zeros behind them.
static void importNonMaxSuppression(OperatorImport &n) {
  bool hasScores = n.kind.code == Builtin::NON_MAX_SUPPRESSION_V5;
  auto most = n.integer(2, "most boxes");
  auto overlap = n.scalar(3, "overlap threshold");
  auto threshold = n.scalar(4, "score threshold");
  auto sigma = hasScores ? n.scalar(5, "sigma") : std::optional<double>(0);
  if (!most || !overlap || !threshold || !sigma)
    return;
  if (*sigma != 0)
    return void(n.error() << "soft suppression (sigma " << *sigma
                          << ") is not supported, only sigma 0 is");
  if (n.rank(0) != 2 || n.rank(1) != 1 || n.shape(0)[1] != 4 ||
      n.shape(0)[0] != n.shape(1)[0] || *most < 1 || *most > INT32_MAX) {
    n.error() << "boxes and scores of shapes " << shapeText(n.shape(0))
              << " and " << shapeText(n.shape(1))
              << " should be [N, 4] and [N]";
    return;
  }
  int64_t boxes = n.shape(0)[0], bound = std::min(*most, boxes);
  mlir::Type i32 = n.builder.getI32Type(), i64 = n.builder.getI64Type();
  auto results = n.makeAll<edge::NonMaxSuppressionOp>(
      2,
      {n.reshape(n.operand(0), {1, boxes, 4}),
       n.reshape(n.operand(1), {1, 1, boxes}), n.number(double(bound), i64),
       n.splat(float(*overlap)), n.splat(float(*threshold))},
      {n.attr("center", false), n.attr("bound", bound)});
  Value index = sliceAlong(n, results[0], 1, 2, 1);
  if (!index)
    return n.fail();
  index = n.reshape(n.cast(index, i32), {bound});
  if (hasScores) {
    // Rows that do not count have index 0, whose score is not theirs.
    Shape rows = llvm::to_vector(llvm::seq<int64_t>(0, bound));
    auto type = mlir::RankedTensorType::get({bound}, i64);
    Value row = edge::ConstantOp::create(
        n.builder, n.loc, type,
        mlir::DenseElementsAttr::get(type, ArrayRef<int64_t>(rows)));
    Value left = n.make<edge::SubOp>({results[1], row});
    left = n.make<edge::MinOp>({left, n.number(1, i64)});
    left = n.make<edge::MaxOp>({left, n.number(0, i64)});
    Value scores = n.make<edge::GatherOp>({n.operand(1), index},
                                          {n.attr("axis", int64_t(0))});
    scores =
        n.make<edge::MulOp>({scores, n.cast(left, n.builder.getF32Type())});
    n.set(1, padAlong(n, scores, 0, 0, *most - bound));
  }
  n.set(0, padAlong(n, index, 0, 0, *most - bound));
  n.set(hasScores ? 2 : 1, n.cast(results[1], i32));
}

llvm::ArrayRef<Operator> tflite::dynamicOperators() {
  static constexpr Operator rows[] = {
      {Builtin::DYNAMIC_UPDATE_SLICE, 3, 3, 3, importDynamicUpdateSlice,
       types::numbers},
      {Builtin::NON_MAX_SUPPRESSION_V4, 1, 5, 5, importNonMaxSuppression,
       types::floats, "constant thresholds"},
      {Builtin::NON_MAX_SUPPRESSION_V5, 1, 6, 6, importNonMaxSuppression,
       types::floats, "constant thresholds; sigma 0"},
  };
  return rows;
}
