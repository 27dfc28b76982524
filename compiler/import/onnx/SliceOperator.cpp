//===- SliceOperator.cpp - Slice ------------------------------------------===//
//
// With constant operands a slice is a box. Otherwise the run says where it
// lies; how large it is the model states, or it follows from ends that are
// computed from the starts:  start = i, end = i + 1.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/ShapeRules.h"
#include "dialects/edge/Dynamic.h"

using namespace edgec;
using namespace edgec::onnx;
using mlir::Value;

namespace {
/// A number of the run as another one plus a constant.
struct Sum {
  Value base;
  int64_t offset = 0;
};
} // namespace

/// Looks through reshapes and additions of constants. `value` has one element.
static Sum decompose(Value value) {
  Sum sum{value};
  while (mlir::Operation *op = sum.base.getDefiningOp()) {
    if (mlir::isa<edge::ReshapeOp>(op)) {
      sum.base = op->getOperand(0);
      continue;
    }
    if (!mlir::isa<edge::AddOp, edge::SubOp>(op))
      break;
    auto constant = op->getOperand(1).getDefiningOp<edge::ConstantOp>();
    auto elements =
        constant
            ? mlir::dyn_cast<mlir::DenseIntElementsAttr>(constant.getValue())
            : nullptr;
    if (!elements || elements.getNumElements() != 1)
      break;
    auto number = (*elements.value_begin<llvm::APInt>()).trySExtValue();
    if (!number || *number > INT32_MAX || *number < -INT32_MAX)
      break;
    sum.offset += mlir::isa<edge::AddOp>(op) ? *number : -*number;
    sum.base = op->getOperand(0);
  }
  return sum;
}

/// The result's shape where the model does not state it: one axis, step 1, and
/// an end that is a fixed distance from the start.
static std::optional<Shape> shapeFromDistance(NodeImport &n) {
  if (n.type(1).getNumElements() != 1 || n.hasInput(4) || n.isRunTime(3) ||
      !n.isRunTime(1) || !n.isRunTime(2))
    return std::nullopt;
  Sum start = decompose(n.operand(1)), end = decompose(n.operand(2));
  int64_t distance = end.offset - start.offset;
  int64_t axis = 0;
  if (n.hasInput(3)) {
    auto axes = n.integers(3, "axes");
    axis = axes && axes->size() == 1 ? n.normalizeAxis(axes->front(), n.rank(0))
                                     : n.rank(0);
  }
  if (n.failed() || start.base != end.base || axis >= n.rank(0) ||
      distance < 1 || distance > n.shape(0)[axis])
    return std::nullopt;
  Shape shape(n.shape(0));
  shape[axis] = distance;
  return shape;
}

static void importRunTimeSlice(NodeImport &n) {
  auto shape = n.declaredShape(0);
  if (!shape)
    shape = shapeFromDistance(n);
  if (!shape && !n.failed())
    shape = n.shapeInsteadOf(n.isRunTime(1) ? 1 : 2, "place of the slice");
  if (!shape)
    return;
  bool fits = int64_t(shape->size()) == n.rank(0);
  for (int64_t d = 0; fits && d < n.rank(0); ++d)
    fits = (*shape)[d] <= n.shape(0)[d];
  if (!fits) {
    n.error() << "a slice of a tensor of shape " << shapeText(n.shape(0))
              << " cannot have the shape " << shapeText(*shape)
              << " that the model states";
    return;
  }
  auto type = n.type(0).clone(*shape);
  if (countElements(*shape) == 0)
    return n.set(0, emptyConstant(type));
  Value x = n.operand(0), starts = n.operand(1),
        axes = n.hasInput(3) ? n.operand(3) : Value(),
        steps = n.hasInput(4) ? n.operand(4) : Value();
  if (n.failed())
    return;
  n.set(0, n.checked(edge::DynamicSliceOp::create(n.builder, n.loc, type, x,
                                                  starts, axes, steps)));
}

void onnx::importSlice(NodeImport &n) {
  for (unsigned i = 1; i < n.inputCount(); ++i)
    if (n.isRunTime(i))
      return importRunTimeSlice(n);
  std::optional<Box> box = readSlice(n);
  if (!box)
    return;
  if (countElements(box->sizes) == 0)
    return n.set(0, emptyConstant(n.type(0).clone(box->sizes)));
  n.set(0, n.make<edge::SliceOp>({n.operand(0)},
                                 {n.attr("offsets", box->offsets),
                                  n.attr("sizes", box->sizes),
                                  n.attr("strides", box->strides)}));
}
