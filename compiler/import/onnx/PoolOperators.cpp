//===- PoolOperators.cpp - pools
//-------------------------------------------===//
//
// Channels-last like convolutions. LpPool is composed: the sum of powers is the
// mean over a padded input times the window's size, the root is elementwise.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Operators.h"
#include "compiler/import/onnx/Window.h"

using namespace edgec;
using namespace edgec::onnx;
using llvm::SmallVector;
using mlir::Value;

static void importMaxPool(NodeImport &n) {
  n.ignore({"storage_order"});
  if (n.usesOutput(1)) {
    n.error() << "the output of indices is not supported";
    return;
  }
  std::optional<Window> window = readWindow(n, std::nullopt);
  if (!window)
    return;
  Value result = poolMaximum(n, toChannelsLast(n, n.operand(0)), *window);
  n.set(0, toChannelsFirst(n, result, n.rank(0)));
}

static void importAveragePool(NodeImport &n) {
  std::optional<Window> window = readWindow(n, std::nullopt);
  bool countPads = n.flag("count_include_pad", false);
  if (!window)
    return;
  Value result =
      poolAverage(n, toChannelsLast(n, n.operand(0)), *window, countPads);
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

//===-- powers
//-------------------------------------------------------------===//

/// |x| to the power p, and the p-th root.
static Value raise(NodeImport &n, Value x, float p) {
  if (p == 2)
    return n.make<edge::MulOp>({x, x});
  x = n.make<edge::AbsOp>({x});
  return p == 1 ? x : n.make<edge::PowOp>({x, n.splat(p)});
}

static Value takeRoot(NodeImport &n, Value sum, float p) {
  if (p == 1)
    return sum;
  return p == 2 ? n.make<edge::SqrtOp>({sum})
                : n.make<edge::PowOp>({sum, n.splat(1 / p)});
}

/// An integer since version 2, a real number before.
static float readPower(NodeImport &n) {
  float p = n.opset < 2 ? n.real("p", 2) : float(n.integer("p", 2));
  if (!(p > 0) && !n.failed())
    n.error() << "attribute 'p' must be positive, not " << p;
  return p;
}

static void importLpPool(NodeImport &n) {
  std::optional<Window> window = readWindow(n, std::nullopt);
  float p = readPower(n);
  if (!window || n.failed())
    return;
  Value x = toChannelsLast(n, raise(n, n.operand(0), p));
  int64_t count = 1;
  for (size_t d = 0; d < window->rank(); ++d) {
    x = padAlong(n, x, 1 + int64_t(d), window->before[d],
                 window->after[d] + window->overhang[d]);
    window->before[d] = window->after[d] = window->overhang[d] = 0;
    count *= window->size[d];
  }
  Value mean = poolAverage(n, x, *window, /*countPads=*/false);
  Value sum = n.make<edge::MulOp>({mean, n.splat(float(count))});
  n.set(0, toChannelsFirst(n, takeRoot(n, sum, p), n.rank(0)));
}

static void importGlobalLpPool(NodeImport &n) {
  float p = readPower(n);
  if (n.rank(0) < 3) {
    n.error() << "an input of shape " << shapeText(n.shape(0))
              << " has no spatial dimensions";
    return;
  }
  auto axes = llvm::to_vector(llvm::seq<int64_t>(2, n.rank(0)));
  Value sum = n.make<edge::ReduceSumOp>(
      {raise(n, n.operand(0), p)},
      {n.attr("axes", axes), n.attr("keep_dims", true)});
  n.set(0, takeRoot(n, sum, p));
}

llvm::ArrayRef<Operator> onnx::poolOperators() {
  static constexpr Operator rows[] = {
      {"MaxPool",
       {1, 22},
       1,
       1,
       importMaxPool,
       nullptr,
       types::numbers,
       "no indices"},
      {"AveragePool", {1, 22}, 1, 1, importAveragePool},
      {"LpPool", {1, 22}, 1, 1, importLpPool},
      {"GlobalAveragePool",
       {1, 22},
       1,
       1,
       importGlobalPool<edge::AvgPool2DOp, edge::ReduceMeanOp>},
      {"GlobalMaxPool",
       {1, 22},
       1,
       1,
       importGlobalPool<edge::MaxPool2DOp, edge::ReduceMaxOp>},
      {"GlobalLpPool", {1, 22}, 1, 1, importGlobalLpPool},
  };
  return rows;
}
