//===- PoolOperators.cpp - pools
//-------------------------------------------===//
//
// Channels-last like convolutions. LpPool is composed: the sum of powers is the
// mean over a padded input times the window's size, the root is elementwise.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Operators.h"
#include "compiler/import/onnx/Window.h"
#include "dialects/edge/Indexing.h"
#include "dialects/edge/Spatial.h"

using namespace edgec;
using namespace edgec::onnx;
using llvm::SmallVector;
using mlir::Value;

/// Where the maxima lie in the whole tensor, [N, spatial..., C]: the position
/// in the image, row-major or (storage_order 1) column-major, behind the images
/// of the batches and channels before it.
static Value indicesOfMaxima(NodeImport &n, Value x, const Window &window,
                             bool columnMajor) {
  SmallVector<int64_t> sizes = spatialShape(n.shape(0)), strides(sizes);
  int64_t image = 1;
  for (size_t i = 0; i < sizes.size(); ++i) {
    size_t d = columnMajor ? i : sizes.size() - 1 - i;
    strides[d] = image;
    image *= sizes[d];
  }
  SmallVector<int64_t> pads = window.pads();
  for (size_t d = 0; d < window.rank(); ++d)
    pads[window.rank() + d] += window.overhang[d];
  Value indices = n.make<edge::ArgMaxPoolOp>(
      {x}, {n.attr("window", window.size), n.attr("strides", window.strides),
            n.attr("pads", pads), n.attr("dilations", window.dilations),
            n.attr("index_strides", strides)});
  int64_t batches = n.shape(0)[0], channels = n.shape(0)[1];
  if (!indices || batches * channels == 1)
    return indices;
  if (batches * channels > (int64_t(1) << 24)) {
    n.error() << "indices of " << batches << " batches of " << channels
              << " channels are not supported; at most 2^24 together are";
    return nullptr;
  }
  SmallVector<int64_t> shape(sizes.size() + 2, 1), offsets;
  shape.front() = batches;
  shape.back() = channels;
  for (int64_t i = 0; i < batches * channels; ++i)
    offsets.push_back(i * image);
  auto type = mlir::RankedTensorType::get(shape, n.builder.getIntegerType(64));
  Value constant = edge::ConstantOp::create(
      n.builder, n.loc, type,
      mlir::DenseElementsAttr::get(type, llvm::ArrayRef<int64_t>(offsets)));
  return n.make<edge::AddOp>({indices, constant});
}

static void importMaxPool(NodeImport &n) {
  bool columnMajor = n.flag("storage_order", false);
  std::optional<Window> window = readWindow(n, std::nullopt);
  if (!window)
    return;
  Value x = toChannelsLast(n, n.operand(0));
  n.set(0, toChannelsFirst(n, poolMaximum(n, x, *window), n.rank(0)));
  if (n.usesOutput(1))
    n.set(1, toChannelsFirst(n, indicesOfMaxima(n, x, *window, columnMajor),
                             n.rank(0)));
}

//===-- MaxUnpool
//----------------------------------------------------------===//

/// The sizes that MaxPool would have had, and those that are asked for.
static bool readUnpooled(NodeImport &n, const Window &window,
                         SmallVector<int64_t> &pooled,
                         SmallVector<int64_t> &wanted) {
  pooled.assign(n.shape(0).begin(), n.shape(0).end());
  size_t spatial = pooled.size() - 2, extra = window.rank() - spatial;
  for (size_t d = 0; d < spatial; ++d) {
    size_t w = extra + d;
    pooled[2 + d] = (pooled[2 + d] - 1) * window.strides[w] + window.reach(w) -
                    window.before[w] - window.after[w];
  }
  wanted = pooled;
  if (n.constant(2)) {
    auto list = n.integers(2, "output_shape");
    wanted.assign(list ? list->begin() : wanted.begin(),
                  list ? list->end() : wanted.end());
  } else if (n.hasInput(2)) {
    wanted = n.declaredShape(0).value_or(SmallVector<int64_t>());
  }
  bool fits = wanted.size() == pooled.size();
  for (size_t d = 0; fits && d < wanted.size(); ++d)
    fits = pooled[d] >= 1 && wanted[d] >= pooled[d] && wanted[d] < 1 << 24;
  if (!fits && !n.failed()) {
    n.error() << "the result's shape " << shapeText(wanted)
              << " must be stated by the model and at least "
              << shapeText(pooled);
  }
  return fits;
}

/// Indices count in the tensor that was pooled, as MaxPool gives them.
static void importMaxUnpool(NodeImport &n) {
  if (n.rank(0) < 3 || n.shape(0) != n.shape(1)) {
    n.error() << "input and indices of shapes " << shapeText(n.shape(0))
              << " and " << shapeText(n.shape(1))
              << " should be alike, [N, C, spatial...]";
    return;
  }
  auto window = readWindowAttributes(n, std::nullopt);
  SmallVector<int64_t> pooled, wanted;
  if (!window || !readUnpooled(n, *window, pooled, wanted))
    return;
  auto count = countElements(pooled);
  if (!count) {
    n.error() << "a result of shape " << shapeText(pooled) << " is too large";
    return;
  }
  int64_t updates = n.type(0).getNumElements();
  Value x = n.operand(0), indices = n.operand(1);
  if (!x || !indices)
    return;
  auto type = n.type(0).clone({*count});
  Value zeros = edge::ConstantOp::create(
      n.builder, n.loc, type,
      mlir::DenseElementsAttr::get(
          type, n.builder.getZeroAttr(type.getElementType())));
  Value scattered = n.make<edge::ScatterElementsOp>(
      {zeros, n.reshape(indices, {updates}), n.reshape(x, {updates})},
      {n.attr("axis", int64_t(0)),
       n.builder.getNamedAttr("combine",
                              edge::CombineAttr::get(n.builder.getContext(),
                                                     edge::Combine::none))});
  Value result = n.reshape(scattered, pooled);
  for (size_t d = 2; d < pooled.size(); ++d)
    result = padAlong(n, result, int64_t(d), 0, wanted[d] - pooled[d]);
  n.set(0, result);
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
  return p == 1 ? x : n.make<edge::PowOp>({x, n.scalarLike(x, p)});
}

static Value takeRoot(NodeImport &n, Value sum, float p) {
  if (p == 1)
    return sum;
  return p == 2 ? n.make<edge::SqrtOp>({sum})
                : n.make<edge::PowOp>({sum, n.scalarLike(sum, 1 / p)});
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
  Value sum = n.make<edge::MulOp>({mean, n.scalarLike(mean, double(count))});
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
      {"MaxPool", {1, 22}, 1, 1, importMaxPool, nullptr, types::numbers},
      {"MaxUnpool",
       {9, 22},
       2,
       3,
       importMaxUnpool,
       nullptr,
       types::floats,
       "a computed output_shape needs the result's stated shape"},
      {"AveragePool", {1, 22}, 1, 1, importAveragePool, nullptr, types::floats},
      {"LpPool", {1, 22}, 1, 1, importLpPool, nullptr, types::floats},
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
      {"GlobalLpPool",
       {1, 22},
       1,
       1,
       importGlobalLpPool,
       nullptr,
       types::floats},
  };
  return rows;
}
