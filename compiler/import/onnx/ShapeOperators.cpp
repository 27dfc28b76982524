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

static void importSlice(NodeImport &n) {
  std::optional<Box> box = readSlice(n);
  if (!box)
    return;
  n.set(0, n.make<edge::SliceOp>({n.operand(0)},
                                 {n.attr("offsets", box->offsets),
                                  n.attr("sizes", box->sizes),
                                  n.attr("strides", box->strides)}));
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

static void importPad(NodeImport &n) {
  llvm::StringRef mode = n.string("mode", "constant");
  if (mode != "constant")
    return importPadByElements(n, mode);
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
      {"Reshape",
       {1, 25},
       1,
       2,
       importReshape,
       evaluateReshape,
       types::anyType,
       "the shape is an attribute before 5; constant"},
      {"Flatten", {1, 25}, 1, 1, importFlatten, nullptr, types::anyType},
      {"Squeeze",
       {1, 25},
       1,
       2,
       importReshape,
       evaluateReshape,
       types::anyType,
       "axes are an attribute before 13; constant"},
      {"Unsqueeze",
       {1, 25},
       1,
       2,
       importReshape,
       evaluateReshape,
       types::anyType,
       "axes are an attribute before 13; constant"},
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
       "starts, ends and axes are attributes before 10, constant since"},
      {"Split",
       {1, 18},
       1,
       2,
       importSplit,
       nullptr,
       types::anyType,
       "sizes are an attribute before 13, constant since; num_outputs since "
       "18"},
      {"Pad",
       {1, 25},
       1,
       4,
       importPad,
       nullptr,
       types::numbers,
       "pads and value are attributes before 11, constant since; computed pads "
       "in modes other than constant need the result's stated shape; axes "
       "since "
       "18"},
      {"Expand",
       {8, 13},
       2,
       2,
       importExpand,
       evaluateExpand,
       types::anyType,
       "the shape is constant"},
  };
  return rows;
}
