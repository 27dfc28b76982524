//===- ShapeOperators.cpp - operators that only move elements -------------===//
//
// Shapes are static in the edge dialect, so the operands that hold shapes, axes
// and indices have to be constant; they are after the evaluation of the model's
// shape arithmetic.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Fused.h"
#include "compiler/import/onnx/ShapeRules.h"

using namespace edgec;
using namespace edgec::onnx;
using mlir::Value;

static void importReshape(NodeImport &n) {
  if (auto shape = reshapedShape(n))
    n.set(0, n.reshape(n.operand(0), *shape));
}

static void importFlatten(NodeImport &n) {
  int64_t rank = n.rank(0);
  int64_t axis = n.integer("axis", 1);
  // Flatten alone allows the axis `rank`: everything in the rows.
  if (axis != rank)
    axis = n.normalizeAxis(axis, rank);
  auto rows = countElements(n.shape(0).take_front(axis));
  auto columns = countElements(n.shape(0).drop_front(axis));
  if (!n.failed())
    n.set(0, n.reshape(n.operand(0), {*rows, *columns}));
}

static void importTranspose(NodeImport &n) {
  auto permutation = transposePermutation(n);
  if (!n.failed())
    n.set(0, n.transpose(n.operand(0), permutation));
}

static void importConcat(NodeImport &n) {
  // Required since opset 4.
  int64_t fallback = n.opset < 4 ? 1 : 0;
  int64_t axis = n.normalizeAxis(n.integer("axis", fallback), n.rank(0));
  llvm::SmallVector<Value> operands;
  for (unsigned i = 0; i < n.inputCount(); ++i) {
    if (!n.hasInput(i)) {
      n.error() << "input " << i << " is missing";
      return;
    }
    // Zero-sized pieces add nothing; exporters leave them in caches.
    if (n.type(i).getNumElements() != 0)
      operands.push_back(n.operand(i));
  }
  n.set(0, n.make<edge::ConcatOp>(operands, {n.attr("axis", axis)}));
}

Value onnx::sliceAlong(NodeImport &n, Value x, int64_t axis, int64_t offset,
                       int64_t size) {
  if (!x)
    return nullptr;
  auto type = mlir::cast<mlir::RankedTensorType>(x.getType());
  llvm::SmallVector<int64_t> offsets(type.getRank(), 0), sizes(type.getShape()),
      strides(type.getRank(), 1);
  offsets[axis] = offset;
  sizes[axis] = size;
  return n.make<edge::SliceOp>({x}, {n.attr("offsets", offsets),
                                     n.attr("sizes", sizes),
                                     n.attr("strides", strides)});
}

/// The sizes along `axis` that the model states for the outputs.
static std::optional<llvm::SmallVector<int64_t>> statedSplit(NodeImport &n,
                                                             int64_t axis) {
  llvm::SmallVector<int64_t> sizes;
  for (unsigned i = 0; i < n.node.outputs.size(); ++i) {
    auto shape = n.shapeInsteadOf(1, "split sizes", i);
    if (!shape)
      return std::nullopt;
    if (int64_t(shape->size()) != n.rank(0)) {
      n.error() << "output " << i << " is stated to have " << shape->size()
                << " dimensions, and the input has " << n.rank(0);
      return std::nullopt;
    }
    sizes.push_back((*shape)[axis]);
  }
  return sizes;
}

static void importSplit(NodeImport &n) {
  int64_t axis = n.normalizeAxis(n.integer("axis", 0), n.rank(0));
  auto sizes = n.list("split");
  int64_t outputs = n.node.outputs.size();
  outputs = n.integer("num_outputs", outputs);
  if (n.isRunTime(1))
    sizes = statedSplit(n, axis);
  else if (n.hasInput(1))
    sizes = n.integers(1, "split sizes");
  if (n.failed())
    return;
  int64_t length = n.shape(0)[axis];
  if (!sizes && outputs >= 1) {
    int64_t each = (length - 1) / outputs + 1;
    sizes.emplace();
    for (int64_t at = 0; at < length; at += each)
      sizes->push_back(std::min(each, length - at));
  }
  if (!sizes || sizes->size() != n.node.outputs.size() ||
      llvm::any_of(*sizes, [&](int64_t s) { return s < 0 || s > length; }) ||
      std::accumulate(sizes->begin(), sizes->end(), int64_t(0)) != length) {
    n.error() << "the dimension of size " << length << " does not split into "
              << n.node.outputs.size() << " outputs"
              << (sizes ? " of sizes " + shapeText(*sizes) : std::string());
    return;
  }
  int64_t offset = 0;
  for (auto [index, size] : llvm::enumerate(*sizes)) {
    llvm::SmallVector<int64_t> shape(n.shape(0));
    shape[axis] = size;
    if (countElements(shape) == 0)
      n.set(index, emptyConstant(n.type(0).clone(shape)));
    else
      n.set(index, sliceAlong(n, n.operand(0), axis, offset, size));
    offset += size;
  }
}

static void importExpand(NodeImport &n) {
  if (auto shape = expandedShape(n))
    n.set(0, n.broadcast(n.operand(0), *shape));
}

/// How often each dimension repeats; of run-time repeats what the model states
/// about the result.
static std::optional<llvm::SmallVector<int64_t>> readRepeats(NodeImport &n) {
  if (!n.isRunTime(1)) {
    auto repeats = n.integers(1, "repeats");
    if (repeats && int64_t(repeats->size()) != n.rank(0))
      n.error() << repeats->size() << " repeats are not one for each of "
                << n.rank(0) << " dimensions";
    return n.failed() ? std::nullopt : repeats;
  }
  auto shape = n.shapeInsteadOf(1, "repeats");
  if (!shape)
    return std::nullopt;
  bool fits = int64_t(shape->size()) == n.rank(0);
  for (int64_t d = 0; fits && d < n.rank(0); ++d) {
    fits = n.shape(0)[d] != 0 && (*shape)[d] % n.shape(0)[d] == 0;
    if (fits)
      (*shape)[d] /= n.shape(0)[d];
  }
  if (fits)
    return shape;
  n.error() << "repeating a tensor of shape " << shapeText(n.shape(0))
            << " does not give the shape that the model states";
  return std::nullopt;
}

/// [a, b] -> [1, a, 1, b] -> [r, a, s, b] -> [r * a, s * b]
static void importTile(NodeImport &n) {
  if (n.opset < 6) {
    n.error() << "is a form of opset " << n.opset
              << " that is not supported; convert the model to opset 13";
    return;
  }
  auto repeats = readRepeats(n);
  if (!repeats)
    return;
  llvm::SmallVector<int64_t> apart, repeated, result;
  for (auto [size, times] : llvm::zip_equal(n.shape(0), *repeats)) {
    if (times < 0 || times > INT32_MAX) {
      n.error() << "a dimension cannot repeat " << times << " times";
      return;
    }
    apart.append({1, size});
    repeated.append({times, size});
    if (!countElements(repeated)) {
      n.error() << "the result is too large";
      return;
    }
    result.push_back(times * size);
  }
  if (countElements(result) == 0)
    return n.set(0, emptyConstant(n.type(0).clone(result)));
  n.set(0, n.reshape(n.broadcast(n.reshape(n.operand(0), apart), repeated),
                     result));
}

llvm::ArrayRef<Operator> onnx::shapeOperators() {
  static constexpr Operator rows[] = {
      {"Reshape",
       {1, 25},
       1,
       2,
       importReshape,
       evaluateReshape,
       types::anyType,
       "the shape is an attribute before 5"},
      {"Flatten", {1, 25}, 1, 1, importFlatten, nullptr, types::anyType},
      {"Squeeze",
       {1, 25},
       1,
       2,
       importReshape,
       evaluateReshape,
       types::anyType,
       "axes are an attribute before 13"},
      {"Unsqueeze",
       {1, 25},
       1,
       2,
       importReshape,
       evaluateReshape,
       types::anyType,
       "axes are an attribute before 13"},
      {"Transpose",
       {1, 25},
       1,
       1,
       importTranspose,
       evaluateTranspose,
       types::anyType},
      {"Concat",
       {1, 13},
       1,
       anyNumber,
       importConcat,
       evaluateConcat,
       types::anyType,
       "the axis is 1 by default before 4"},
      {"Slice",
       {1, 13},
       1,
       5,
       importSlice,
       evaluateSlice,
       types::anyType,
       "starts, ends and axes are attributes before 10"},
      {"Split",
       {1, 18},
       1,
       2,
       importSplit,
       nullptr,
       types::anyType,
       "sizes are an attribute before 13; num_outputs since "
       "18"},
      {"Pad",
       {1, 25},
       1,
       4,
       importPad,
       nullptr,
       types::numbers,
       "pads and value are attributes before 11; axes since 18"},
      {"Tile",
       {1, 13},
       2,
       3,
       importTile,
       nullptr,
       types::anyType,
       "not before 6"},
      {"Expand",
       {8, 13},
       2,
       2,
       importExpand,
       evaluateExpand,
       types::anyType,
       ""},
  };
  return rows;
}
