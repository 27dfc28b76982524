//===- ReductionOperators.cpp - ReduceMean and its family -----------------===//
//
// The axes moved from an attribute to an input, in opset 13 for ReduceSum and
// in opset 18 for the others; both are read here, whichever the node has. Where
// the run decides the axes, every set of them that gives the stated shape is
// reduced, and the run chooses among the results.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Fused.h"
#include "compiler/import/onnx/ShapeRules.h"
#include "dialects/edge/Indexing.h"
#include "llvm/ADT/StringSwitch.h"
#include <limits>

using namespace edgec;
using namespace edgec::onnx;
using mlir::Value;

using Axes = llvm::SmallVector<int64_t>;

namespace {
struct Reduction {
  /// The axes, or where the run decides them, all that they may be: each gives
  /// the shape that the model states.
  std::vector<Axes> candidates;
  bool keepDims = true;
  /// Which candidate it is, in a tensor of one element; null for a single one.
  Value choice;
};
} // namespace

static Shape reducedShape(NodeImport &n, const Axes &axes, bool keepDims) {
  Shape shape;
  for (auto [d, size] : llvm::enumerate(n.shape(0))) {
    if (!llvm::is_contained(axes, int64_t(d)))
      shape.push_back(size);
    else if (keepDims)
      shape.push_back(1);
  }
  return shape;
}

/// All sets of `count` axes after which the shape is the stated one. Of those
/// that differ in dimensions of size 1 only, which a reduction leaves alone,
/// the first.
static std::vector<Axes> consistentAxes(NodeImport &n, int64_t count,
                                        const Shape &stated, bool keepDims) {
  std::vector<Axes> candidates, distinct;
  int64_t rank = n.rank(0);
  for (uint32_t mask = 0; mask < (1U << rank); ++mask) {
    Axes axes, large;
    for (int64_t d = 0; d < rank; ++d) {
      if (mask >> d & 1) {
        axes.push_back(d);
        if (n.shape(0)[d] != 1)
          large.push_back(d);
      }
    }
    if (int64_t(axes.size()) != count ||
        reducedShape(n, axes, keepDims) != stated ||
        llvm::is_contained(distinct, large))
      continue;
    distinct.push_back(large);
    candidates.push_back(axes);
  }
  return candidates;
}

/// Looks the axes up in a table with one dimension per axis: the number of the
/// candidate that they are, 0 for axes that are none.
static Value chooseCandidate(NodeImport &n,
                             const std::vector<Axes> &candidates) {
  int64_t rank = n.rank(0), count = candidates.front().size();
  Shape shape(count, rank);
  std::vector<int64_t> table;
  for (int64_t cell = 0, cells = *countElements(shape); cell < cells; ++cell) {
    Axes axes;
    for (int64_t k = 0, rest = cell; k < count; ++k, rest /= rank)
      axes.insert(axes.begin(), rest % rank);
    llvm::sort(axes);
    auto found = llvm::find(candidates, axes);
    table.push_back(found == candidates.end() ? 0 : found - candidates.begin());
  }
  auto type = mlir::RankedTensorType::get(shape, n.builder.getIntegerType(64));
  Value cells = edge::ConstantOp::create(
      n.builder, n.loc, type,
      mlir::DenseElementsAttr::get(type, llvm::ArrayRef(table)));
  Value axes = n.operand(1);
  for (int64_t k = 0; k < count; ++k) {
    Value axis = sliceAlong(n, axes, 0, k, 1);
    shape.erase(shape.begin());
    cells = n.reshape(
        n.make<edge::GatherOp>({cells, axis}, {n.attr("axis", int64_t(0))}),
        shape);
  }
  return n.reshape(cells, {1});
}

static std::optional<Reduction> readRunTimeReduction(NodeImport &n) {
  constexpr int64_t maxRank = 8;
  constexpr size_t maxCandidates = 16;
  Reduction result;
  result.keepDims = n.flag("keepdims", true);
  // Of use for empty axes only, whose number is known.
  n.ignore({"noop_with_empty_axes"});
  auto stated = n.shapeInsteadOf(1, "axes");
  if (!stated)
    return std::nullopt;
  if (n.rank(0) <= maxRank)
    result.candidates =
        consistentAxes(n, n.type(1).getNumElements(), *stated, result.keepDims);
  if (result.candidates.empty() || result.candidates.size() > maxCandidates) {
    n.error() << result.candidates.size() << " sets of axes reduce the shape "
              << shapeText(n.shape(0)) << " to the stated "
              << shapeText(*stated) << ", and 1 to " << maxCandidates
              << " are supported; make the axes constant";
    return std::nullopt;
  }
  if (result.candidates.size() > 1)
    result.choice = chooseCandidate(n, result.candidates);
  return result;
}

/// None after an error; no axes means that the operand passes unchanged.
static std::optional<Reduction> readReduction(NodeImport &n) {
  if (n.isRunTime(1))
    return readRunTimeReduction(n);
  Reduction result;
  result.keepDims = n.flag("keepdims", true);
  bool emptyIsNone = n.flag("noop_with_empty_axes", false);
  Axes axes;
  if (auto list = n.list("axes"))
    axes = *list;
  if (n.hasInput(1)) {
    auto list = n.integers(1, "axes");
    if (!list)
      return std::nullopt;
    axes = *list;
  }
  Axes normal = n.normalizeAxes(axes, n.rank(0));
  if (axes.empty() && !emptyIsNone)
    normal = llvm::to_vector(llvm::seq<int64_t>(0, n.rank(0)));
  if (n.failed())
    return std::nullopt;
  result.candidates = {normal};
  return result;
}

template <typename OpT>
static Value reduce(NodeImport &n, Value x, const Reduction &reduction) {
  llvm::SmallVector<Value> results;
  for (const Axes &axes : reduction.candidates) {
    results.push_back(
        axes.empty()
            ? x
            : n.make<OpT>({x}, {n.attr("axes", axes),
                                n.attr("keep_dims", reduction.keepDims)}));
  }
  if (results.size() == 1 || n.failed() || !results.front())
    return results.front();
  auto shape =
      mlir::cast<mlir::RankedTensorType>(results.front().getType()).getShape();
  Shape apart(shape);
  apart.insert(apart.begin(), 1);
  for (Value &result : results)
    result = n.reshape(result, apart);
  Value all = n.make<edge::ConcatOp>(results, {n.attr("axis", int64_t(0))});
  return n.reshape(n.make<edge::GatherOp>({all, reduction.choice},
                                          {n.attr("axis", int64_t(0))}),
                   shape);
}

/// What a reduction of no elements gives.
static std::optional<double> neutralElement(llvm::StringRef opType) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  return llvm::StringSwitch<std::optional<double>>(opType)
      .Cases({"ReduceSum", "ReduceL1", "ReduceL2", "ReduceSumSquare"}, 0)
      .Case("ReduceProd", 1)
      .Cases({"ReduceMax", "ReduceLogSum", "ReduceLogSumExp"}, -infinity)
      .Case("ReduceMin", infinity)
      .Case("ReduceMean", std::numeric_limits<double>::quiet_NaN())
      .Default(std::nullopt);
}

/// Of an operand without elements; false if it has some.
static bool reduceNothing(NodeImport &n) {
  if (n.type(0).getNumElements() != 0)
    return false;
  auto reduction = readReduction(n);
  if (!reduction)
    return true;
  Shape shape =
      reducedShape(n, reduction->candidates.front(), reduction->keepDims);
  auto type = n.type(0).clone(shape);
  auto neutral = neutralElement(n.node.opType);
  if (countElements(shape) == 0) {
    n.set(0, emptyConstant(type));
  } else if (neutral && type.getElementType().isF32()) {
    n.set(0, n.splat(static_cast<float>(*neutral), shape));
  } else {
    n.error() << "reducing a tensor of type " << n.type(0)
              << ", which has no elements, is not supported";
  }
  return true;
}

/// Makes an importer answer for operands without elements too.
template <void (*import)(NodeImport &)> static void orNothing(NodeImport &n) {
  if (!reduceNothing(n))
    import(n);
}

template <typename OpT> static void importReduce(NodeImport &n) {
  if (auto reduction = readReduction(n))
    n.set(0, reduce<OpT>(n, n.operand(0), *reduction));
}

static void importReduceL1(NodeImport &n) {
  if (auto reduction = readReduction(n))
    n.set(0, reduce<edge::ReduceSumOp>(n, n.make<edge::AbsOp>({n.operand(0)}),
                                       *reduction));
}

static Value sumOfSquares(NodeImport &n) {
  auto reduction = readReduction(n);
  if (!reduction)
    return nullptr;
  Value x = n.operand(0);
  return reduce<edge::ReduceSumOp>(n, n.make<edge::MulOp>({x, x}), *reduction);
}

static void importReduceSumSquare(NodeImport &n) { n.set(0, sumOfSquares(n)); }

static void importReduceL2(NodeImport &n) {
  n.set(0, n.make<edge::SqrtOp>({sumOfSquares(n)}));
}

static void importReduceLogSum(NodeImport &n) {
  if (auto reduction = readReduction(n))
    n.set(0, n.make<edge::LogOp>(
                 {reduce<edge::ReduceSumOp>(n, n.operand(0), *reduction)}));
}

/// m + ln(sum(e^(x - m))), m the largest x, or the nearest finite number: with
/// an infinite m the differences would not be numbers.
static void importReduceLogSumExp(NodeImport &n) {
  auto reduction = readReduction(n);
  if (!reduction)
    return;
  Value x = n.operand(0);
  if (reduction->choice) {
    n.error() << "the axes are known at run time only, and more than one set "
                 "of them gives the shape that the model states; make them "
                 "constant";
    return;
  }
  Reduction kept = *reduction;
  kept.keepDims = true;
  constexpr float finite = std::numeric_limits<float>::max();
  Value largest =
      n.make<edge::ClampOp>({reduce<edge::ReduceMaxOp>(n, x, kept)},
                            {n.attr("min", -finite), n.attr("max", finite)});
  Value powers = n.make<edge::ExpOp>({n.make<edge::SubOp>({x, largest})});
  Value logarithm =
      n.make<edge::LogOp>({reduce<edge::ReduceSumOp>(n, powers, kept)});
  Value result = n.make<edge::AddOp>({logarithm, largest});
  if (!result || reduction->keepDims)
    return n.set(0, result);
  Shape shape =
      reducedShape(n, reduction->candidates.front(), /*keepDims=*/false);
  n.set(0, n.reshape(result, shape));
}

llvm::ArrayRef<Operator> onnx::reductionOperators() {
  static constexpr Operator rows[] = {
      {"ReduceSum",
       {1, 13},
       1,
       2,
       orNothing<importReduce<edge::ReduceSumOp>>,
       nullptr,
       types::numbers,
       "axes are an attribute before 13"},
      {"ReduceMean",
       {1, 18},
       1,
       2,
       orNothing<importReduce<edge::ReduceMeanOp>>,
       nullptr,
       types::numbers,
       "axes are an attribute before 18"},
      {"ReduceMax",
       {1, 20},
       1,
       2,
       orNothing<importReduce<edge::ReduceMaxOp>>,
       nullptr,
       types::anyType,
       "axes are an attribute before 18"},
      {"ReduceMin",
       {1, 20},
       1,
       2,
       orNothing<importReduce<edge::ReduceMinOp>>,
       nullptr,
       types::anyType,
       "axes are an attribute before 18"},
      {"ReduceProd",
       {1, 18},
       1,
       2,
       orNothing<importReduce<edge::ReduceProdOp>>,
       evaluateReduceProd,
       types::numbers,
       "axes are an attribute before 18"},
      {"ReduceL1",
       {1, 18},
       1,
       2,
       orNothing<importReduceL1>,
       nullptr,
       types::numbers,
       "axes are an attribute before 18"},
      {"ReduceL2",
       {1, 18},
       1,
       2,
       orNothing<importReduceL2>,
       nullptr,
       types::numbers,
       "axes are an attribute before 18"},
      {"ReduceSumSquare",
       {1, 18},
       1,
       2,
       orNothing<importReduceSumSquare>,
       nullptr,
       types::numbers,
       "axes are an attribute before 18"},
      {"ReduceLogSumExp",
       {1, 18},
       1,
       2,
       orNothing<importReduceLogSumExp>,
       nullptr,
       types::floats,
       "axes are an attribute before 18"},
      {"ReduceLogSum",
       {1, 18},
       1,
       2,
       orNothing<importReduceLogSum>,
       nullptr,
       types::floats,
       "axes are an attribute before 18"},
  };
  return rows;
}
