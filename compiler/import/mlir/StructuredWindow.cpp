//===- StructuredWindow.cpp - convolutions and pools in linalg ------------===//
//
// Whatever its name and its layouts: an operation whose first input is read at
// stride * position + dilation * tap is a window that slides over one or two
// dimensions. It becomes an NHWC operator between transposes, which cancel with
// those of its neighbours or fold into the weights.
//
//   linalg.conv_2d_nchw_fchw      =>  transpose, edge.conv2d, transpose
//   linalg.pooling_ncw_max        =>  ... edge.max_pool2d on an image of one
//   row
//
//===----------------------------------------------------------------------===//
#include "compiler/import/mlir/StructuredOperators.h"

using namespace edgec;
using namespace edgec::structured;
using llvm::ArrayRef;
using mlir::RankedTensorType;
using mlir::Value;

namespace {
/// A dimension of the input that a window slides over: stride * position +
/// dilation * tap.
struct Slide {
  unsigned position, tap;
  int64_t stride, dilation;
};

/// What the input's dimensions run over: plain loops by their number, windows
/// by that of their position.
struct WindowInput {
  Loops loops;
  llvm::SmallVector<Slide> slides;
};
} // namespace

/// loop * factor
static std::optional<std::pair<unsigned, int64_t>>
scaledLoop(mlir::AffineExpr expr) {
  if (auto dim = mlir::dyn_cast<mlir::AffineDimExpr>(expr))
    return std::make_pair(dim.getPosition(), int64_t(1));
  auto product = mlir::dyn_cast<mlir::AffineBinaryOpExpr>(expr);
  if (!product || product.getKind() != mlir::AffineExprKind::Mul)
    return std::nullopt;
  auto dim = mlir::dyn_cast<mlir::AffineDimExpr>(product.getLHS());
  auto factor = mlir::dyn_cast<mlir::AffineConstantExpr>(product.getRHS());
  if (!dim || !factor || factor.getValue() < 1)
    return std::nullopt;
  return std::make_pair(dim.getPosition(), factor.getValue());
}

static std::optional<WindowInput> readWindow(mlir::AffineMap map,
                                             const Loops &out) {
  WindowInput window;
  for (mlir::AffineExpr expr : map.getResults()) {
    auto sum = mlir::dyn_cast<mlir::AffineBinaryOpExpr>(expr);
    if (!sum) {
      auto dim = mlir::dyn_cast<mlir::AffineDimExpr>(expr);
      if (!dim)
        return std::nullopt;
      window.loops.push_back(dim.getPosition());
      continue;
    }
    if (sum.getKind() != mlir::AffineExprKind::Add)
      return std::nullopt;
    auto a = scaledLoop(sum.getLHS()), b = scaledLoop(sum.getRHS());
    if (!a || !b)
      return std::nullopt;
    if (!llvm::is_contained(out, a->first))
      std::swap(a, b);
    window.loops.push_back(a->first);
    window.slides.push_back({a->first, b->first, a->second, b->second});
  }
  // Each loop may stand in one place only.
  Loops seen(window.loops);
  for (const Slide &slide : window.slides)
    seen.push_back(slide.tap);
  llvm::sort(seen);
  if (std::adjacent_find(seen.begin(), seen.end()) != seen.end())
    return std::nullopt;
  return window;
}

/// Cuts off what no window reaches, so that the operator infers the positions
/// that the loops have.
static Value trimInput(Conversion &c, Value input, const WindowInput &window,
                       ArrayRef<int64_t> sizes) {
  auto type = mlir::cast<RankedTensorType>(input.getType());
  llvm::SmallVector<int64_t> shape(type.getShape());
  for (const Slide &slide : window.slides) {
    size_t d = llvm::find(window.loops, slide.position) - window.loops.begin();
    shape[d] = (sizes[slide.position] - 1) * slide.stride +
               (sizes[slide.tap] - 1) * slide.dilation + 1;
  }
  if (ArrayRef<int64_t>(shape) == type.getShape())
    return input;
  llvm::SmallVector<int64_t> zeros(shape.size(), 0), ones(shape.size(), 1);
  return c.make<edge::SliceOp>({input}, {c.attr("offsets", zeros),
                                         c.attr("sizes", shape),
                                         c.attr("strides", ones)});
}

/// [position, tap] of both image dimensions; one of a single dimension is the
/// width.
template <typename Get>
static llvm::SmallVector<int64_t> perDimension(const WindowInput &window,
                                               Get get) {
  llvm::SmallVector<int64_t> values;
  if (window.slides.size() == 1)
    values.push_back(1);
  for (const Slide &slide : window.slides)
    values.push_back(get(slide));
  return values;
}

static Loops positions(const WindowInput &window, size_t slide) {
  // One-dimensional windows have an image of one row.
  if (window.slides.size() == 1)
    return slide == 0 ? Loops() : Loops{window.slides[0].position};
  return {window.slides[slide].position};
}

static Loops taps(const WindowInput &window, size_t slide) {
  if (window.slides.size() == 1)
    return slide == 0 ? Loops() : Loops{window.slides[0].tap};
  return {window.slides[slide].tap};
}

Value structured::convertConvolution(Conversion &c, mlir::linalg::LinalgOp op) {
  if (!isSumOfProducts(op) || !isFloat32(op))
    return nullptr;
  auto out = plainLoops(op.getMatchingIndexingMap(op.getDpsInitOperand(0)));
  auto filter = plainLoops(op.getMatchingIndexingMap(op.getDpsInputOperand(1)));
  if (!out || !filter)
    return nullptr;
  auto window =
      readWindow(op.getMatchingIndexingMap(op.getDpsInputOperand(0)), *out);
  if (!window || window->slides.empty() || window->slides.size() > 2)
    return nullptr;
  Loops batch, groups, outputs, inputs;
  auto has = [](const Loops &loops, unsigned loop) {
    return llvm::is_contained(loops, loop);
  };
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop) {
    const Slide *slide = llvm::find_if(window->slides, [&](const Slide &s) {
      return s.position == loop || s.tap == loop;
    });
    bool inInput = has(window->loops, loop), inFilter = has(*filter, loop),
         inOut = has(*out, loop);
    if (slide != window->slides.end()) {
      bool isTap = slide->tap == loop;
      if (isTap != inFilter || isTap == inOut)
        return nullptr;
    } else if (inInput && inOut) {
      (inFilter ? groups : batch).push_back(loop);
    } else if (inFilter && inInput != inOut) {
      (inOut ? outputs : inputs).push_back(loop);
    } else {
      return nullptr;
    }
  }
  auto sizes = op.getStaticLoopRanges();
  auto merged = [](Loops first, const Loops &second) {
    llvm::append_range(first, second);
    return first;
  };
  Value input = trimInput(c, op.getDpsInputOperand(0)->get(), *window, sizes);
  input = gatherLoops(c, input, window->loops,
                      {batch, positions(*window, 0), positions(*window, 1),
                       merged(groups, inputs)});
  Value weights = gatherLoops(
      c, op.getDpsInputOperand(1)->get(), *filter,
      {merged(groups, outputs), taps(*window, 0), taps(*window, 1), inputs});
  int64_t groupCount = 1;
  for (unsigned loop : groups)
    groupCount *= sizes[loop];
  Value result = c.make<edge::Conv2DOp>(
      {input, weights},
      {c.attr("strides",
              perDimension(*window, [](const Slide &s) { return s.stride; })),
       c.attr("dilations",
              perDimension(*window, [](const Slide &s) { return s.dilation; })),
       c.attr("groups", groupCount)});
  if (!result)
    return nullptr;
  result = scatterLoops(c, result,
                        {batch, positions(*window, 0), positions(*window, 1),
                         merged(groups, outputs)},
                        *out, sizes);
  return addInit(c, op, "arith.addf", result);
}

/// The largest element or the sum of each window of the first input; further
/// inputs only give the window's size.
Value structured::convertPooling(Conversion &c, mlir::linalg::LinalgOp op) {
  std::optional<Combiner> combiner = findCombiner(op);
  if (!combiner || op.getNumDpsInputs() == 0 || !isFloat32(op))
    return nullptr;
  bool isMax = combiner->name == "arith.maximumf";
  if (!isMax && combiner->name != "arith.addf")
    return nullptr;
  mlir::OpOperand *operand = op.getDpsInputOperand(0);
  if (combiner->element != op.getMatchingBlockArgument(operand))
    return nullptr;
  auto out = plainLoops(op.getMatchingIndexingMap(op.getDpsInitOperand(0)));
  if (!out)
    return nullptr;
  auto window = readWindow(op.getMatchingIndexingMap(operand), *out);
  if (!window || window->slides.empty() || window->slides.size() > 2)
    return nullptr;
  Loops others;
  for (unsigned loop : window->loops) {
    if (!llvm::is_contained(*out, loop))
      return nullptr;
    if (llvm::none_of(window->slides,
                      [&](const Slide &s) { return s.position == loop; }))
      others.push_back(loop);
  }
  if (out->size() != window->loops.size() ||
      op.getNumLoops() != out->size() + window->slides.size())
    return nullptr;
  auto dilations =
      perDimension(*window, [](const Slide &s) { return s.dilation; });
  bool isDilated = llvm::any_of(dilations, [](int64_t d) { return d != 1; });
  if (!isMax && isDilated)
    return nullptr;
  auto sizes = op.getStaticLoopRanges();
  // Channels last: the first of the other dimensions is the batch.
  Loops batch(others), channels;
  if (others.size() > 1) {
    batch = {others.front()};
    channels.assign(others.begin() + 1, others.end());
  }
  llvm::SmallVector<Loops> groups{batch, positions(*window, 0),
                                  positions(*window, 1), channels};
  Value input = trimInput(c, operand->get(), *window, sizes);
  input = gatherLoops(c, input, window->loops, groups);
  auto extents =
      perDimension(*window, [&](const Slide &s) { return sizes[s.tap]; });
  auto strides = perDimension(*window, [](const Slide &s) { return s.stride; });
  Value result;
  if (isMax) {
    result = c.make<edge::MaxPool2DOp>(
        {input}, {c.attr("window", extents), c.attr("strides", strides),
                  c.attr("dilations", dilations)});
  } else {
    result = c.make<edge::AvgPool2DOp>(
        {input}, {c.attr("window", extents), c.attr("strides", strides)});
    result = c.make<edge::MulOp>(
        {result, c.splat(static_cast<float>(extents[0] * extents[1]))});
  }
  if (!result)
    return nullptr;
  return addInit(c, op, combiner->name,
                 scatterLoops(c, result, groups, *out, sizes));
}
