//===- ConvolutionOperators.cpp - Conv and the pools ----------------------===//
//
// Windows are NHWC in the edge dialect, so each becomes
//   transpose NCHW -> NHWC, conv2d or pool, transpose NHWC -> NCHW
// and the filter OIHW -> OHWI. The graph stage cancels the transposes between
// neighbours and folds the filter's into the weights.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Operators.h"
#include "compiler/import/onnx/Window.h"

using namespace edgec;
using namespace edgec::onnx;
using mlir::Value;

static void importConv(NodeImport &n) {
  int64_t rank = n.rank(0);
  int64_t groups = n.integer("group", 1);
  if (n.rank(1) != rank || rank < 3) {
    n.error() << "the filter of shape " << shapeText(n.shape(1))
              << " does not fit an input of shape " << shapeText(n.shape(0));
    return;
  }
  int64_t channels = n.shape(0)[1], perGroup = n.shape(1)[1];
  int64_t outputs = n.shape(1)[0];
  if (groups < 1 || channels % groups != 0 || channels / groups != perGroup ||
      outputs % groups != 0) {
    n.error() << "the input has " << channels << " channels, but a filter of "
              << "shape " << shapeText(n.shape(1)) << " in " << groups
              << " groups takes " << perGroup << " per group";
    return;
  }
  std::optional<Window> window = readWindow(n, n.shape(1).drop_front(2));
  if (!window)
    return;
  llvm::SmallVector<Value, 3> operands = {toChannelsLast(n, n.operand(0)),
                                          toChannelsLast(n, n.operand(1))};
  if (n.hasInput(2)) {
    if (n.rank(2) != 1) {
      n.error() << "the bias of shape " << shapeText(n.shape(2))
                << " should have the shape " << outputs;
      return;
    }
    operands.push_back(n.operand(2));
  }
  Value result = n.make<edge::Conv2DOp>(
      operands,
      {n.attr("strides", window->strides), n.attr("pads", window->pads()),
       n.attr("dilations", window->dilations), n.attr("groups", groups)});
  n.set(0, toChannelsFirst(n, result, rank));
}

static void importMaxPool(NodeImport &n) {
  n.ignore({"storage_order"});
  if (n.usesOutput(1)) {
    n.error() << "the output of indices is not supported";
    return;
  }
  std::optional<Window> window = readWindow(n, std::nullopt);
  if (!window)
    return;
  auto pads = window->pads();
  for (unsigned d : {0, 1})
    pads[2 + d] += window->overhang[d];
  Value result = n.make<edge::MaxPool2DOp>(
      {toChannelsLast(n, n.operand(0))},
      {n.attr("window", window->size), n.attr("strides", window->strides),
       n.attr("pads", pads), n.attr("dilations", window->dilations)});
  n.set(0, toChannelsFirst(n, result, n.rank(0)));
}

static void importAveragePool(NodeImport &n) {
  std::optional<Window> window = readWindow(n, std::nullopt);
  bool countPads = n.flag("count_include_pad", false);
  if (!window)
    return;
  if (window->dilations != Window::Pair{1, 1}) {
    n.error() << "dilations other than 1 are not supported";
    return;
  }
  Value result = n.make<edge::AvgPool2DOp>(
      {toChannelsLast(n, n.operand(0))},
      {n.attr("window", window->size), n.attr("strides", window->strides),
       n.attr("pads", window->pads()), n.attr("overhang", window->overhang),
       n.attr("count_include_pad", countPads)});
  n.set(0, toChannelsFirst(n, result, n.rank(0)));
}

/// A pool whose window is the whole map; maps of other than two dimensions are
/// reduced instead.
template <typename PoolT, typename ReduceT>
static void importGlobalPool(NodeImport &n) {
  int64_t rank = n.rank(0);
  if (rank < 3) {
    n.error() << "an input of shape " << shapeText(n.shape(0))
              << " has no spatial dimensions";
    return;
  }
  if (rank == 4) {
    Value result = n.make<PoolT>({toChannelsLast(n, n.operand(0))},
                                 {n.attr("window", n.shape(0).drop_front(2))});
    n.set(0, toChannelsFirst(n, result, rank));
    return;
  }
  auto axes = llvm::to_vector(llvm::seq<int64_t>(2, rank));
  n.set(0, n.make<ReduceT>({n.operand(0)},
                           {n.attr("axes", axes), n.attr("keep_dims", true)}));
}

llvm::ArrayRef<Operator> onnx::convolutionOperators() {
  static constexpr Operator rows[] = {
      {"Conv",
       {1, 22},
       2,
       3,
       importConv,
       nullptr,
       types::floats,
       "1-D and 2-D"},
      {"MaxPool",
       {1, 22},
       1,
       1,
       importMaxPool,
       nullptr,
       types::numbers,
       "1-D and 2-D; no indices"},
      {"AveragePool",
       {1, 22},
       1,
       1,
       importAveragePool,
       nullptr,
       types::floats,
       "1-D and 2-D; no dilations"},
      {"GlobalAveragePool",
       {1, 22},
       1,
       1,
       importGlobalPool<edge::AvgPool2DOp, edge::ReduceMeanOp>,
       nullptr,
       types::floats},
      {"GlobalMaxPool",
       {1, 22},
       1,
       1,
       importGlobalPool<edge::MaxPool2DOp, edge::ReduceMaxOp>,
       nullptr,
       types::floats},
  };
  return rows;
}
