//===- ShapeOperators.cpp - operators that only move elements -------------===//
//
// Shapes are static in the edge dialect, so the operands that hold shapes, axes
// and indices have to be constant; they are after the evaluation of the model's
// shape arithmetic.
//
//===----------------------------------------------------------------------===//
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
  int64_t axis = n.normalizeAxis(n.integer("axis", 0), n.rank(0));
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

static void importSlice(NodeImport &n) {
  std::optional<Box> box = readSlice(n);
  if (!box)
    return;
  n.set(0, n.make<edge::SliceOp>({n.operand(0)},
                                 {n.attr("offsets", box->offsets),
                                  n.attr("sizes", box->sizes),
                                  n.attr("strides", box->strides)}));
}

/// The box of size `size` at `offset` along one dimension.
static Value sliceAlong(NodeImport &n, Value x, int64_t axis, int64_t offset,
                        int64_t size) {
  auto type = mlir::cast<mlir::RankedTensorType>(x.getType());
  llvm::SmallVector<int64_t> offsets(type.getRank(), 0), sizes(type.getShape()),
      strides(type.getRank(), 1);
  offsets[axis] = offset;
  sizes[axis] = size;
  return n.make<edge::SliceOp>({x}, {n.attr("offsets", offsets),
                                     n.attr("sizes", sizes),
                                     n.attr("strides", strides)});
}

static void importSplit(NodeImport &n) {
  int64_t axis = n.normalizeAxis(n.integer("axis", 0), n.rank(0));
  auto sizes = n.list("split");
  int64_t outputs = n.node.outputs.size();
  outputs = n.integer("num_outputs", outputs);
  if (n.hasInput(1))
    sizes = n.integers(1, "split sizes");
  Value x = n.operand(0);
  if (!x || n.failed())
    return;
  int64_t length = n.shape(0)[axis];
  if (!sizes && outputs >= 1) {
    int64_t each = (length - 1) / outputs + 1;
    sizes.emplace();
    for (int64_t at = 0; at < length; at += each)
      sizes->push_back(std::min(each, length - at));
  }
  if (!sizes || sizes->size() != n.node.outputs.size() ||
      llvm::any_of(*sizes, [&](int64_t s) { return s < 1 || s > length; }) ||
      std::accumulate(sizes->begin(), sizes->end(), int64_t(0)) != length) {
    n.error() << "the dimension of size " << length << " does not split into "
              << n.node.outputs.size() << " outputs"
              << (sizes ? " of sizes " + shapeText(*sizes) : std::string());
    return;
  }
  int64_t offset = 0;
  for (auto [index, size] : llvm::enumerate(*sizes)) {
    n.set(index, sliceAlong(n, x, axis, offset, size));
    offset += size;
  }
}

/// Of a computed tensor only one element or one run along the axis is taken.
static void importGather(NodeImport &n) {
  auto axis = n.normalizeAxis(n.integer("axis", 0), n.rank(0));
  auto indices = n.numbers(1, "indices");
  if (!indices || n.failed())
    return;
  int64_t length = n.shape(0)[axis];
  llvm::SmallVector<int64_t> positions(indices->integers.begin(),
                                       indices->integers.end());
  for (int64_t &position : positions)
    position += position < 0 ? length : 0;
  bool isRun = !positions.empty() && !indices->isReal();
  for (auto [index, position] : llvm::enumerate(positions))
    isRun &= position == positions.front() + int64_t(index);
  if (!isRun || positions.front() < 0 || positions.back() >= length) {
    n.error() << "gathering anything but one run of constant indices inside "
                 "the dimension of size "
              << length << " is not supported yet";
    return;
  }
  Value run =
      sliceAlong(n, n.operand(0), axis, positions.front(), positions.size());
  llvm::SmallVector<int64_t> shape(n.shape(0));
  shape.erase(shape.begin() + axis);
  shape.insert(shape.begin() + axis, indices->shape.begin(),
               indices->shape.end());
  n.set(0, n.reshape(run, shape));
}

static void importPad(NodeImport &n) {
  std::optional<Padding> padding = readPadding(n);
  if (!padding)
    return;
  Value x = n.operand(0);
  int64_t rank = n.rank(0);
  // Negative pads cut; a slice does that before the rest is padded.
  llvm::SmallVector<int64_t> offsets(rank, 0), sizes(n.shape(0)),
      strides(rank, 1);
  bool cuts = false;
  for (int64_t d = 0; d < rank; ++d) {
    offsets[d] = std::max<int64_t>(0, -padding->low[d]);
    sizes[d] -= offsets[d] + std::max<int64_t>(0, -padding->high[d]);
    cuts |= padding->low[d] < 0 || padding->high[d] < 0;
    padding->low[d] = std::max<int64_t>(0, padding->low[d]);
    padding->high[d] = std::max<int64_t>(0, padding->high[d]);
  }
  if (cuts) {
    x = n.make<edge::SliceOp>({x}, {n.attr("offsets", offsets),
                                    n.attr("sizes", sizes),
                                    n.attr("strides", strides)});
  }
  n.set(0, n.make<edge::PadOp>({x}, {n.attr("low", padding->low),
                                     n.attr("high", padding->high),
                                     n.attr("value", padding->value)}));
}

static void importExpand(NodeImport &n) {
  if (auto shape = expandedShape(n))
    n.set(0, n.broadcast(n.operand(0), *shape));
}

llvm::ArrayRef<Operator> onnx::shapeOperators() {
  static constexpr Operator rows[] = {
      {"Reshape", 1, 2, 2, importReshape, evaluateReshape},
      {"Flatten", 1, 1, 1, importFlatten},
      {"Squeeze", 1, 1, 2, importReshape, evaluateReshape},
      {"Unsqueeze", 1, 1, 2, importReshape, evaluateReshape},
      {"Transpose", 1, 1, 1, importTranspose, evaluateTranspose},
      {"Concat", 1, 1, anyNumber, importConcat, evaluateConcat},
      {"Slice", 1, 3, 5, importSlice, evaluateSlice},
      {"Split", 1, 1, 2, importSplit},
      {"Gather", 1, 2, 2, importGather, evaluateGather},
      {"Pad", 1, 2, 4, importPad},
      {"Expand", 1, 2, 2, importExpand, evaluateExpand},
  };
  return rows;
}
