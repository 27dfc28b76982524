//===- Window.cpp - strides and pads of ONNX conv and pool ----------------===//
//
// The formulas are those of the ONNX specification for Conv 22 and AveragePool
// 22, with the rule (opset 19 and ONNX Runtime) that in ceil mode the last
// window has to start inside the input or its leading pad.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Window.h"

using namespace edgec;
using namespace edgec::onnx;
using llvm::ArrayRef;
using llvm::SmallVector;
using llvm::StringRef;
using mlir::Value;

/// Copies a list attribute into the last dimensions of `target`.
static void readList(NodeImport &n, StringRef name, size_t spatialRank,
                     SmallVector<int64_t> &target) {
  auto list = n.list(name);
  if (!list)
    return;
  if (list->size() != spatialRank ||
      llvm::any_of(*list, [](int64_t v) { return v < 1; })) {
    n.error() << "attribute '" << name << "' must be " << spatialRank
              << " positive integers";
    return;
  }
  llvm::copy(*list, target.end() - spatialRank);
}

static void readPads(NodeImport &n, size_t spatialRank, Window &window) {
  auto list = n.list("pads");
  if (!list)
    return;
  if (list->size() != 2 * spatialRank ||
      llvm::any_of(*list, [](int64_t v) { return v < 0; })) {
    n.error() << "attribute 'pads' must be " << 2 * spatialRank
              << " integers that are not negative";
    return;
  }
  auto first = list->begin(), middle = first + spatialRank;
  std::copy(first, middle, window.before.end() - spatialRank);
  std::copy(middle, list->end(), window.after.end() - spatialRank);
}

/// SAME: as many outputs as strides fit, the pads split evenly with the odd one
/// at the end (UPPER) or the start (LOWER).
static void padSame(Window &window, ArrayRef<int64_t> sizes, bool upper) {
  for (size_t d = 0; d < window.rank(); ++d) {
    int64_t outputs = (sizes[d] - 1) / window.strides[d] + 1;
    int64_t total = std::max<int64_t>(0, (outputs - 1) * window.strides[d] +
                                             window.reach(d) - sizes[d]);
    window.before[d] = upper ? total / 2 : total - total / 2;
    window.after[d] = total - window.before[d];
  }
}

static void roundUp(Window &window, ArrayRef<int64_t> sizes) {
  for (size_t d = 0; d < window.rank(); ++d) {
    int64_t stride = window.strides[d];
    int64_t span = window.before[d] + sizes[d] + window.after[d];
    int64_t rest = span - window.reach(d);
    if (rest < 0 || rest % stride == 0)
      continue;
    int64_t last = (rest / stride + 1) * stride;
    if (last < window.before[d] + sizes[d])
      window.overhang[d] = last + window.reach(d) - span;
  }
}

SmallVector<int64_t> onnx::spatialShape(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> spatial(shape.size() == 3 ? 1 : 0, 1);
  llvm::append_range(spatial, shape.drop_front(2));
  return spatial;
}

std::optional<Window>
onnx::readWindowAttributes(NodeImport &n,
                           std::optional<ArrayRef<int64_t>> filterSize) {
  int64_t rank = n.rank(0);
  if (rank < 3) {
    n.error() << "an input of " << rank
              << " dimensions has none that a window could move along; it "
                 "should be [N, C, spatial...]";
    return std::nullopt;
  }
  size_t spatialRank = rank - 2;
  Window window = Window::ones(std::max<size_t>(2, spatialRank));
  readList(n, "kernel_shape", spatialRank, window.size);
  if (filterSize) {
    SmallVector<int64_t> size(window.rank(), 1);
    llvm::copy(*filterSize, size.end() - spatialRank);
    if (n.hasAttribute("kernel_shape") && size != window.size && !n.failed())
      n.error() << "kernel_shape " << shapeText(window.size)
                << " contradicts the filter's " << shapeText(size);
    window.size = size;
  } else if (!n.hasAttribute("kernel_shape")) {
    n.error() << "attribute 'kernel_shape' is missing";
  }
  readList(n, "strides", spatialRank, window.strides);
  readList(n, "dilations", spatialRank, window.dilations);
  readPads(n, spatialRank, window);
  return n.failed() ? std::nullopt : std::optional(window);
}

std::optional<Window>
onnx::readWindow(NodeImport &n, std::optional<ArrayRef<int64_t>> filterSize) {
  std::optional<Window> window = readWindowAttributes(n, filterSize);
  if (!window)
    return std::nullopt;
  SmallVector<int64_t> sizes = spatialShape(n.shape(0));
  StringRef automatic = n.string("auto_pad", "NOTSET");
  if (automatic == "VALID") {
    llvm::fill(window->before, 0);
    llvm::fill(window->after, 0);
  } else if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
    padSame(*window, sizes, automatic == "SAME_UPPER");
  } else if (automatic != "NOTSET" && !automatic.empty()) {
    n.error() << "attribute 'auto_pad' is '" << automatic
              << "', but should be NOTSET, SAME_UPPER, SAME_LOWER or VALID";
  }
  if (n.flag("ceil_mode", false) && !automatic.starts_with("SAME"))
    roundUp(*window, sizes);
  return n.failed() ? std::nullopt : window;
}

Value onnx::toChannelsLast(NodeImport &n, Value value) {
  if (!value)
    return nullptr;
  auto shape = mlir::cast<mlir::RankedTensorType>(value.getType()).getShape();
  if (shape.size() == 3)
    return n.transpose(n.reshape(value, {shape[0], shape[1], 1, shape[2]}),
                       {0, 2, 3, 1});
  auto permutation = llvm::to_vector(llvm::seq<int64_t>(1, shape.size()));
  permutation[0] = 0;
  for (size_t d = 2; d < shape.size(); ++d)
    permutation[d - 1] = d;
  permutation.push_back(1);
  return n.transpose(value, permutation);
}

Value onnx::toChannelsFirst(NodeImport &n, Value value, int64_t rank) {
  int64_t inner = std::max<int64_t>(rank, 4);
  SmallVector<int64_t> permutation = {0, inner - 1};
  for (int64_t d = 1; d + 1 < inner; ++d)
    permutation.push_back(d);
  value = n.transpose(value, permutation);
  if (!value || rank != 3)
    return value;
  auto shape = mlir::cast<mlir::RankedTensorType>(value.getType()).getShape();
  return n.reshape(value, {shape[0], shape[1], shape[3]});
}
