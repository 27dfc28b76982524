//===- ReductionOperators.cpp - ReduceMean and its family -----------------===//
//
// The axes moved from an attribute to an input, in opset 13 for ReduceSum and
// in opset 18 for the others; both are read here, whichever the node has.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Operators.h"
#include <limits>

using namespace edgec;
using namespace edgec::onnx;
using mlir::Value;

namespace {
struct Reduction {
  llvm::SmallVector<int64_t> axes;
  bool keepDims = true;
};
} // namespace

/// None after an error; no axes means that the operand passes unchanged.
static std::optional<Reduction> readReduction(NodeImport &n) {
  Reduction result;
  result.keepDims = n.flag("keepdims", true);
  bool emptyIsNone = n.flag("noop_with_empty_axes", false);
  llvm::SmallVector<int64_t> axes;
  if (auto list = n.list("axes"))
    axes = *list;
  if (n.hasInput(1)) {
    auto list = n.integers(1, "axes");
    if (!list)
      return std::nullopt;
    axes = *list;
  }
  result.axes = n.normalizeAxes(axes, n.rank(0));
  if (axes.empty() && !emptyIsNone)
    result.axes = llvm::to_vector(llvm::seq<int64_t>(0, n.rank(0)));
  if (n.failed())
    return std::nullopt;
  return result;
}

template <typename OpT>
static Value reduce(NodeImport &n, Value x, const Reduction &reduction) {
  if (reduction.axes.empty())
    return x;
  return n.make<OpT>({x}, {n.attr("axes", reduction.axes),
                           n.attr("keep_dims", reduction.keepDims)});
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
  llvm::SmallVector<int64_t> shape;
  for (auto [d, size] : llvm::enumerate(n.shape(0)))
    if (!llvm::is_contained(reduction->axes, int64_t(d)))
      shape.push_back(size);
  n.set(0, n.reshape(result, shape));
}

llvm::ArrayRef<Operator> onnx::reductionOperators() {
  static constexpr Operator rows[] = {
      {"ReduceSum",
       {1, 13},
       1,
       2,
       importReduce<edge::ReduceSumOp>,
       nullptr,
       types::numbers,
       "axes are an attribute before 13, constant since"},
      {"ReduceMean",
       {1, 18},
       1,
       2,
       importReduce<edge::ReduceMeanOp>,
       nullptr,
       types::numbers,
       "axes are an attribute before 18, constant since"},
      {"ReduceMax",
       {1, 20},
       1,
       2,
       importReduce<edge::ReduceMaxOp>,
       nullptr,
       types::anyType,
       "axes are an attribute before 18, constant since"},
      {"ReduceMin",
       {1, 20},
       1,
       2,
       importReduce<edge::ReduceMinOp>,
       nullptr,
       types::anyType,
       "axes are an attribute before 18, constant since"},
      {"ReduceProd",
       {1, 18},
       1,
       2,
       importReduce<edge::ReduceProdOp>,
       evaluateReduceProd,
       types::numbers,
       "axes are an attribute before 18, constant since"},
      {"ReduceL1",
       {1, 18},
       1,
       2,
       importReduceL1,
       nullptr,
       types::numbers,
       "axes are an attribute before 18, constant since"},
      {"ReduceL2",
       {1, 18},
       1,
       2,
       importReduceL2,
       nullptr,
       types::numbers,
       "axes are an attribute before 18, constant since"},
      {"ReduceSumSquare",
       {1, 18},
       1,
       2,
       importReduceSumSquare,
       nullptr,
       types::numbers,
       "axes are an attribute before 18, constant since"},
      {"ReduceLogSumExp",
       {1, 18},
       1,
       2,
       importReduceLogSumExp,
       nullptr,
       types::floats,
       "axes are an attribute before 18, constant since"},
      {"ReduceLogSum",
       {1, 18},
       1,
       2,
       importReduceLogSum,
       nullptr,
       types::floats,
       "axes are an attribute before 18, constant since"},
  };
  return rows;
}
