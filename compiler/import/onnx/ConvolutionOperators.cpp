//===- ConvolutionOperators.cpp - Conv and ConvTranspose ------------------===//
//
// Windows are channels-last in the edge dialect, so each becomes
//   transpose NCHW -> NHWC, conv2d, transpose NHWC -> NCHW
// and the filter OIHW -> OHWI. The graph stage cancels the transposes between
// neighbours and folds the filter's into the weights. Other numbers of
// dimensions, and the transposed form, are composed
// (compiler/import/Spatial.h).
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Fused.h"
#include "compiler/import/onnx/Operators.h"
#include "compiler/import/onnx/Window.h"

using namespace edgec;
using namespace edgec::onnx;
using llvm::SmallVector;
using mlir::Value;

static bool checkBias(NodeImport &n, unsigned index, int64_t outputs) {
  if (!n.hasInput(index) ||
      (n.rank(index) == 1 && n.shape(index)[0] == outputs))
    return true;
  n.error() << "the bias of shape " << shapeText(n.shape(index))
            << " should have the shape " << outputs;
  return false;
}

std::optional<ConvolutionForm>
onnx::readConvolution(NodeImport &n, unsigned filter, unsigned bias) {
  int64_t rank = n.rank(0);
  int64_t groups = n.integer("group", 1);
  if (n.rank(filter) != rank || rank < 3) {
    n.error() << "the filter of shape " << shapeText(n.shape(filter))
              << " does not fit an input of shape " << shapeText(n.shape(0));
    return std::nullopt;
  }
  int64_t channels = n.shape(0)[1], perGroup = n.shape(filter)[1];
  int64_t outputs = n.shape(filter)[0];
  if (groups < 1 || channels % groups != 0 || channels / groups != perGroup ||
      outputs % groups != 0) {
    n.error() << "the input has " << channels << " channels, but a filter of "
              << "shape " << shapeText(n.shape(filter)) << " in " << groups
              << " groups takes " << perGroup << " per group";
    return std::nullopt;
  }
  std::optional<Window> window = readWindow(n, n.shape(filter).drop_front(2));
  if (!window || !checkBias(n, bias, outputs))
    return std::nullopt;
  return ConvolutionForm{*window, groups};
}

Value onnx::makeConv(NodeImport &n) {
  auto form = readConvolution(n, 1, 2);
  if (!form)
    return nullptr;
  Value result = convolve(
      n, toChannelsLast(n, n.operand(0)), toChannelsLast(n, n.operand(1)),
      n.hasInput(2) ? n.operand(2) : Value(), form->window, form->groups);
  return toChannelsFirst(n, result, n.rank(0));
}

static void importConv(NodeImport &n) { n.set(0, makeConv(n)); }

//===-- ConvTranspose
//------------------------------------------------------===//

/// A list of one number per spatial dimension, in the window's dimensions.
static std::optional<SmallVector<int64_t>>
readSpatial(NodeImport &n, llvm::StringRef name, const Window &window,
            int64_t least, int64_t fill) {
  auto list = n.list(name);
  if (!list)
    return std::nullopt;
  size_t spatialRank = n.rank(0) - 2;
  if (list->size() != spatialRank ||
      llvm::any_of(*list, [&](int64_t v) { return v < least; })) {
    n.error() << "attribute '" << name << "' must be " << spatialRank
              << " integers of at least " << least;
    return std::nullopt;
  }
  SmallVector<int64_t> result(window.rank() - spatialRank, fill);
  llvm::append_range(result, *list);
  return result;
}

/// Sizes and pads by the formulas of ConvTranspose 22. A result larger than
/// what the windows reach is zero at its end.
static std::optional<TransposedWindow> readTransposed(NodeImport &n,
                                                      Window window) {
  SmallVector<int64_t> input = spatialShape(n.shape(0));
  llvm::StringRef automatic = n.string("auto_pad", "NOTSET");
  bool same = automatic.starts_with("SAME_");
  auto padding = readSpatial(n, "output_padding", window, 0, 0);
  auto sizes = readSpatial(n, "output_shape", window, 1, 1);
  if (!same && automatic != "VALID" && automatic != "NOTSET" &&
      !automatic.empty())
    n.error() << "attribute 'auto_pad' is '" << automatic
              << "', but should be NOTSET, SAME_UPPER, SAME_LOWER or VALID";
  if (n.failed())
    return std::nullopt;
  if (automatic == "VALID") {
    llvm::fill(window.before, 0);
    llvm::fill(window.after, 0);
  }
  TransposedWindow result{window.strides, window.dilations, window.before, {}};
  for (size_t d = 0; d < window.rank(); ++d) {
    int64_t whole = window.strides[d] * (input[d] - 1) + window.reach(d) +
                    (padding ? (*padding)[d] : 0);
    if (!sizes && !same) {
      result.sizes.push_back(whole - window.before[d] - window.after[d]);
      continue;
    }
    int64_t size = sizes ? (*sizes)[d] : input[d] * window.strides[d];
    int64_t total = std::max<int64_t>(0, whole - size);
    result.before[d] =
        automatic == "SAME_UPPER" ? total / 2 : total - total / 2;
    result.sizes.push_back(size);
  }
  return result;
}

static void importConvTranspose(NodeImport &n) {
  int64_t rank = n.rank(0);
  int64_t groups = n.integer("group", 1);
  if (n.rank(1) != rank || rank < 3) {
    n.error() << "the filter of shape " << shapeText(n.shape(1))
              << " does not fit an input of shape " << shapeText(n.shape(0));
    return;
  }
  int64_t channels = n.shape(0)[1];
  if (groups < 1 || channels % groups != 0 || n.shape(1)[0] != channels) {
    n.error() << "the input has " << channels << " channels, but a filter of "
              << "shape " << shapeText(n.shape(1)) << " in " << groups
              << " groups takes " << n.shape(1)[0];
    return;
  }
  if (!checkBias(n, 2, n.shape(1)[1] * groups))
    return;
  auto window = readWindowAttributes(n, n.shape(1).drop_front(2));
  auto transposed = window ? readTransposed(n, *window) : std::nullopt;
  if (!transposed)
    return;
  Value filter = n.operand(1);
  if (filter && rank == 3) {
    auto shape = n.shape(1);
    filter = n.reshape(filter, {shape[0], shape[1], 1, shape[2]});
  }
  Value result = convolveTransposed(n, toChannelsLast(n, n.operand(0)), filter,
                                    n.hasInput(2) ? n.operand(2) : Value(),
                                    *transposed, groups);
  n.set(0, toChannelsFirst(n, result, rank));
}

llvm::ArrayRef<Operator> onnx::convolutionOperators() {
  static constexpr Operator rows[] = {
      {"Conv", {1, 22}, 2, 3, importConv, nullptr, types::floats},
      {"ConvTranspose",
       {1, 22},
       2,
       3,
       importConvTranspose,
       nullptr,
       types::floats},
  };
  return rows;
}
