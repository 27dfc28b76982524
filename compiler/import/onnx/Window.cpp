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
using llvm::StringRef;
using mlir::Value;

/// Copies a list attribute into the last dimensions of `target`.
static void readPair(NodeImport &n, StringRef name, size_t spatialRank,
                     Window::Pair &target) {
  auto list = n.list(name);
  if (!list)
    return;
  if (list->size() != spatialRank ||
      llvm::any_of(*list, [](int64_t v) { return v < 1; })) {
    n.error() << "attribute '" << name << "' must be " << spatialRank
              << " positive integers";
    return;
  }
  for (size_t i = 0; i < spatialRank; ++i)
    target[2 - spatialRank + i] = (*list)[i];
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
  for (size_t i = 0; i < spatialRank; ++i) {
    window.before[2 - spatialRank + i] = (*list)[i];
    window.after[2 - spatialRank + i] = (*list)[spatialRank + i];
  }
}

/// SAME: as many outputs as strides fit, the pads split evenly with the odd one
/// at the end (UPPER) or the start (LOWER).
static void padSame(Window &window, ArrayRef<int64_t> sizes, bool upper) {
  for (unsigned d = 0; d < 2; ++d) {
    int64_t outputs = (sizes[d] - 1) / window.strides[d] + 1;
    int64_t total = std::max<int64_t>(0, (outputs - 1) * window.strides[d] +
                                             window.reach(d) - sizes[d]);
    window.before[d] = upper ? total / 2 : total - total / 2;
    window.after[d] = total - window.before[d];
  }
}

static void roundUp(Window &window, ArrayRef<int64_t> sizes) {
  for (unsigned d = 0; d < 2; ++d) {
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

std::optional<Window>
onnx::readWindow(NodeImport &n, std::optional<ArrayRef<int64_t>> filterSize) {
  int64_t rank = n.rank(0);
  if (rank != 3 && rank != 4) {
    n.error() << "an input of " << rank
              << " dimensions is not supported; only 1-D and 2-D windows "
                 "(3 or 4 dimensions) are";
    return std::nullopt;
  }
  size_t spatialRank = rank - 2;
  Window window;
  llvm::SmallVector<int64_t, 2> sizes(2, 1);
  llvm::copy(n.shape(0).drop_front(2), sizes.end() - spatialRank);
  readPair(n, "kernel_shape", spatialRank, window.size);
  if (filterSize) {
    Window::Pair size = {1, 1};
    llvm::copy(*filterSize, size.end() - spatialRank);
    if (n.hasAttribute("kernel_shape") && size != window.size && !n.failed())
      n.error() << "kernel_shape " << shapeText(window.size)
                << " contradicts the filter's " << shapeText(size);
    window.size = size;
  } else if (!n.hasAttribute("kernel_shape")) {
    n.error() << "attribute 'kernel_shape' is missing";
  }
  readPair(n, "strides", spatialRank, window.strides);
  readPair(n, "dilations", spatialRank, window.dilations);
  readPads(n, spatialRank, window);
  StringRef automatic = n.string("auto_pad", "NOTSET");
  if (automatic == "VALID")
    window.before = window.after = {0, 0};
  else if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER")
    padSame(window, sizes, automatic == "SAME_UPPER");
  else if (automatic != "NOTSET" && !automatic.empty())
    n.error() << "attribute 'auto_pad' is '" << automatic
              << "', but should be NOTSET, SAME_UPPER, SAME_LOWER or VALID";
  if (n.flag("ceil_mode", false) && !automatic.starts_with("SAME"))
    roundUp(window, sizes);
  if (n.failed())
    return std::nullopt;
  return window;
}

Value onnx::toChannelsLast(NodeImport &n, Value value) {
  if (!value)
    return nullptr;
  auto shape = mlir::cast<mlir::RankedTensorType>(value.getType()).getShape();
  if (shape.size() == 3)
    value = n.reshape(value, {shape[0], shape[1], 1, shape[2]});
  return n.transpose(value, {0, 2, 3, 1});
}

Value onnx::toChannelsFirst(NodeImport &n, Value value, int64_t rank) {
  value = n.transpose(value, {0, 3, 1, 2});
  if (!value || rank == 4)
    return value;
  auto shape = mlir::cast<mlir::RankedTensorType>(value.getType()).getShape();
  return n.reshape(value, {shape[0], shape[1], shape[3]});
}
