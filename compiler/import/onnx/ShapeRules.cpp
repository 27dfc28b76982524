//===- ShapeRules.cpp - what shape operators do to a shape ----------------===//
//
// After the ONNX specification of Reshape 21, Squeeze 21, Unsqueeze 21, Slice
// 13, Pad 25, Expand 13 and Transpose 21, and their older forms, which have
// attributes where there are inputs now.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/ShapeRules.h"

using namespace edgec;
using namespace edgec::onnx;

/// What is input `index` since opset `since`, and an attribute before.
static std::optional<Shape> operandOrList(NodeImport &n, int64_t since,
                                          unsigned index,
                                          llvm::StringRef name) {
  if (n.opset >= since)
    return n.integers(index, name);
  auto list = n.list(name, /*bounded=*/false);
  if (!list && !n.failed())
    n.error() << "attribute '" << name << "' is missing";
  return list;
}

/// 0 copies a dimension (unless allowzero), -1 takes what is left.
static std::optional<Shape> explicitShape(NodeImport &n) {
  bool allowZero = n.flag("allowzero", false);
  auto wanted = operandOrList(n, 5, 1, "shape");
  if (!wanted)
    return std::nullopt;
  int64_t total = n.type(0).getNumElements(), known = 1;
  int64_t *inferred = nullptr;
  for (auto [index, size] : llvm::enumerate(*wanted)) {
    if (size == 0 && !allowZero && int64_t(index) < n.rank(0))
      size = n.shape(0)[index];
    if (size == -1 && !inferred)
      inferred = &size;
    else if (size < 0 || (size > 0 && known > total / size))
      known = -1;
    if (known >= 0 && size >= 0)
      known *= size;
    if (known < 0)
      break;
  }
  if (inferred && known > 0 && total % known == 0)
    *inferred = total / known;
  auto count = known < 0 ? std::nullopt : countElements(*wanted);
  if (count != total) {
    n.error() << "a tensor of shape " << shapeText(n.shape(0))
              << " cannot take the shape " << shapeText(*wanted);
    return std::nullopt;
  }
  return wanted;
}

/// The axes of Squeeze and Unsqueeze, an attribute before opset 13.
static std::optional<Shape> readAxes(NodeImport &n) {
  if (n.hasInput(1))
    return n.integers(1, "axes");
  return n.list("axes");
}

static std::optional<Shape> squeezedShape(NodeImport &n) {
  auto axes = readAxes(n);
  if (n.failed())
    return std::nullopt;
  Shape result;
  Shape dropped = n.normalizeAxes(axes.value_or(Shape()), n.rank(0));
  for (auto [d, size] : llvm::enumerate(n.shape(0))) {
    bool drop = axes ? llvm::is_contained(dropped, int64_t(d)) : size == 1;
    if (!drop)
      result.push_back(size);
    else if (size != 1)
      n.error() << "dimension " << d << " of shape " << shapeText(n.shape(0))
                << " is not 1 and cannot be squeezed";
  }
  if (n.failed())
    return std::nullopt;
  return result;
}

static std::optional<Shape> unsqueezedShape(NodeImport &n) {
  auto axes = readAxes(n);
  if (!axes) {
    if (!n.failed())
      n.error() << "the axes are missing";
    return std::nullopt;
  }
  int64_t rank = n.rank(0) + int64_t(axes->size());
  Shape added = n.normalizeAxes(*axes, rank), result;
  if (n.failed())
    return std::nullopt;
  const int64_t *next = n.shape(0).begin();
  for (int64_t d = 0; d < rank; ++d)
    result.push_back(llvm::is_contained(added, d) ? 1 : *next++);
  return result;
}

/// The sizes that are not 1, in order.
static Shape withoutOnes(llvm::ArrayRef<int64_t> shape) {
  Shape result;
  llvm::copy_if(shape, std::back_inserter(result),
                [](int64_t size) { return size != 1; });
  return result;
}

/// What the model states about the result, where it could be so.
static std::optional<Shape> statedShape(NodeImport &n) {
  bool isReshape = n.node.opType == "Reshape";
  auto shape = n.shapeInsteadOf(1, isReshape ? "shape" : "axes");
  if (!shape)
    return std::nullopt;
  bool fits = countElements(*shape) == n.type(0).getNumElements() &&
              (isReshape || withoutOnes(*shape) == withoutOnes(n.shape(0)));
  if (fits)
    return shape;
  n.error() << "a tensor of shape " << shapeText(n.shape(0))
            << " cannot take the shape " << shapeText(*shape)
            << " that the model states";
  return std::nullopt;
}

std::optional<Shape> onnx::reshapedShape(NodeImport &n) {
  if (n.isRunTime(1)) {
    n.ignore({"allowzero"});
    return statedShape(n);
  }
  if (n.node.opType == "Squeeze")
    return squeezedShape(n);
  if (n.node.opType == "Unsqueeze")
    return unsqueezedShape(n);
  return explicitShape(n);
}

std::optional<Shape> onnx::expandedShape(NodeImport &n) {
  auto wanted =
      n.isRunTime(1) ? n.shapeInsteadOf(1, "shape") : n.integers(1, "shape");
  if (!wanted)
    return std::nullopt;
  auto shape = edge::broadcastShapes(n.shape(0), *wanted);
  if (mlir::failed(shape) || !countElements(*shape)) {
    n.error() << "a tensor of shape " << shapeText(n.shape(0))
              << " cannot be expanded to " << shapeText(*wanted);
    return std::nullopt;
  }
  return Shape(*shape);
}

Shape onnx::transposePermutation(NodeImport &n) {
  int64_t rank = n.rank(0);
  Shape reversed = llvm::to_vector(llvm::reverse(llvm::seq<int64_t>(0, rank)));
  Shape result = n.list("perm").value_or(reversed);
  Shape sorted = result;
  llvm::sort(sorted);
  if (sorted != llvm::to_vector(llvm::seq<int64_t>(0, rank)))
    n.error() << "'perm' is not a permutation of " << rank << " dimensions";
  return result;
}

/// Start and number of elements of start:end:step over `size` elements, as
/// Python's slices clamp them.
static void clampSlice(int64_t size, int64_t start, int64_t end, int64_t &step,
                       int64_t &offset, int64_t &count) {
  int64_t low = step > 0 ? 0 : -1, high = step > 0 ? size : size - 1;
  // Beyond +-size a step takes one element; the clamp keeps sums in 64 bits.
  step = std::clamp(step, -size - 1, size + 1);
  auto place = [&](int64_t position) {
    position = std::clamp(position, -size - 1, size + 1);
    return std::clamp(position < 0 ? position + size : position, low, high);
  };
  offset = place(start);
  int64_t span = step > 0 ? place(end) - offset : offset - place(end);
  count = span <= 0 ? 0 : (span - 1) / std::abs(step) + 1;
  // A stride is meaningless for one element; keep it inside the dimension.
  if (count <= 1)
    step = 1;
  if (count == 0)
    offset = 0;
}

std::optional<Box> onnx::readSlice(NodeImport &n) {
  int64_t rank = n.rank(0);
  auto starts = operandOrList(n, 10, 1, "starts"),
       ends = operandOrList(n, 10, 2, "ends");
  if (!starts || !ends)
    return std::nullopt;
  Shape axes = llvm::to_vector(llvm::seq<int64_t>(0, starts->size()));
  if (n.opset < 10)
    axes = n.list("axes").value_or(axes);
  Shape steps(starts->size(), 1);
  if (n.hasInput(3))
    axes = n.integers(3, "axes").value_or(Shape());
  if (n.hasInput(4))
    steps = n.integers(4, "steps").value_or(Shape());
  if (n.failed())
    return std::nullopt;
  if (ends->size() != starts->size() || axes.size() != starts->size() ||
      steps.size() != starts->size() || llvm::is_contained(steps, 0)) {
    n.error() << "starts, ends, axes and steps must have one length, and steps "
                 "must not be 0";
    return std::nullopt;
  }
  Box box{Shape(rank, 0), Shape(n.shape(0)), Shape(rank, 1)};
  Shape seen;
  for (auto [i, axis] : llvm::enumerate(axes)) {
    int64_t d = n.normalizeAxis(axis, rank);
    if (llvm::is_contained(seen, d) && !n.failed())
      n.error() << "axis " << d << " is named twice";
    seen.push_back(d);
    if (n.failed())
      return std::nullopt;
    box.strides[d] = steps[i];
    clampSlice(n.shape(0)[d], (*starts)[i], (*ends)[i], box.strides[d],
               box.offsets[d], box.sizes[d]);
  }
  return box;
}

std::optional<Padding> onnx::readPadding(NodeImport &n) {
  int64_t rank = n.rank(0);
  auto pads = operandOrList(n, 11, 1, n.opset < 2 ? "paddings" : "pads");
  Padding result{Shape(rank, 0), Shape(rank, 0), 0};
  if (n.opset < 11)
    result.value = n.real("value", 0);
  if (n.hasInput(2))
    result.value = static_cast<float>(n.scalar(2, "value").value_or(0));
  Shape axes = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  if (n.hasInput(3))
    axes = n.integers(3, "axes").value_or(Shape());
  if (n.failed())
    return std::nullopt;
  if (pads->size() != 2 * axes.size()) {
    n.error() << pads->size() << " pads are not two for each of " << axes.size()
              << " axes";
    return std::nullopt;
  }
  for (auto [i, axis] : llvm::enumerate(axes)) {
    int64_t d = n.normalizeAxis(axis, rank);
    if (n.failed())
      return std::nullopt;
    result.low[d] = (*pads)[i];
    result.high[d] = (*pads)[axes.size() + i];
    constexpr int64_t limit = int64_t(1) << 31;
    if (std::abs(std::clamp(result.low[d], -limit, limit)) == limit ||
        std::abs(std::clamp(result.high[d], -limit, limit)) == limit ||
        n.shape(0)[d] + std::min<int64_t>(0, result.low[d]) +
                std::min<int64_t>(0, result.high[d]) <
            1) {
      n.error() << "pads of " << result.low[d] << " and " << result.high[d]
                << " do not fit the dimension of size " << n.shape(0)[d];
      return std::nullopt;
    }
  }
  return result;
}
