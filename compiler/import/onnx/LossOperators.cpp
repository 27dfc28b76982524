//===- LossOperators.cpp - losses as a model may report them --------------===//
//
// NegativeLogLikelihoodLoss and SoftmaxCrossEntropyLoss: minus the logarithm of
// the probability of the right class, from
//   picked = log_probabilities[n, target[n, ...], ...]
// weighted by class, with one class that does not count.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Fused.h"
#include "compiler/import/onnx/Operators.h"
#include "dialects/edge/Indexing.h"

using namespace edgec;
using namespace edgec::onnx;
using mlir::Value;

static Value sumAll(NodeImport &n, Value x) {
  auto rank = mlir::cast<mlir::RankedTensorType>(x.getType()).getRank();
  if (rank == 0)
    return x;
  auto axes = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  return n.make<edge::ReduceSumOp>({x}, {n.attr("axes", axes)});
}

/// [N, C, d...] and [N, d...]
static bool checkTargets(NodeImport &n) {
  if (n.rank(0) >= 2) {
    llvm::SmallVector<int64_t> wanted(n.shape(0));
    wanted.erase(wanted.begin() + 1);
    if (n.shape(1) == llvm::ArrayRef<int64_t>(wanted) &&
        (!n.hasInput(2) || n.shape(2) == n.shape(0).slice(1, 1)))
      return true;
  }
  n.error() << "scores of shape " << shapeText(n.shape(0))
            << " and targets of shape " << shapeText(n.shape(1))
            << " should be [N, C, d...] and [N, d...], weights [C]";
  return false;
}

/// The weight of each target; null when all count alike.
static Value readWeights(NodeImport &n, Value ignored, Value like) {
  Value weights;
  if (n.hasInput(2))
    weights = n.make<edge::GatherOp>({n.operand(2), n.operand(1)},
                                     {n.attr("axis", int64_t(0))});
  if (!ignored)
    return weights;
  Value others = weights ? weights : n.scalarLike(like, 1);
  return n.make<edge::SelectOp>({ignored, n.scalarLike(like, 0), others});
}

/// The loss of log probabilities.
static Value makeLoss(NodeImport &n, Value logarithms) {
  llvm::StringRef reduction = n.string("reduction", "mean");
  Value target = n.operand(1);
  if (!logarithms || !target)
    return nullptr;
  llvm::SmallVector<int64_t> shape(n.shape(1));
  shape.insert(shape.begin() + 1, 1);
  Value picked = n.make<edge::GatherElementsOp>(
      {logarithms, n.reshape(target, shape)}, {n.attr("axis", int64_t(1))});
  Value loss = n.make<edge::NegOp>({n.reshape(picked, n.shape(1))});
  Value ignored;
  if (n.hasAttribute("ignore_index")) {
    auto index = static_cast<double>(n.integer("ignore_index", 0));
    ignored = n.make<edge::EqualOp>({target, n.scalarLike(target, index)});
  }
  Value weights = readWeights(n, ignored, loss);
  if (weights)
    loss = n.make<edge::MulOp>({loss, weights});
  // An infinite loss that does not count is 0, not infinity times 0.
  if (ignored)
    loss = n.make<edge::SelectOp>({ignored, n.scalarLike(loss, 0), loss});
  if (!loss || reduction == "none")
    return loss;
  Value sum = sumAll(n, loss);
  if (reduction == "sum")
    return sum;
  if (reduction != "mean") {
    n.error() << "reduction '" << reduction << "' should be none, sum or mean";
    return nullptr;
  }
  Value count = weights ? sumAll(n, n.broadcast(weights, n.shape(1)))
                        : n.scalarLike(sum, double(n.type(1).getNumElements()));
  return n.make<edge::DivOp>({sum, count});
}

static void importNegativeLogLikelihoodLoss(NodeImport &n) {
  if (checkTargets(n))
    n.set(0, makeLoss(n, n.operand(0)));
}

static void importSoftmaxCrossEntropyLoss(NodeImport &n) {
  if (!checkTargets(n))
    return;
  Value logarithms = makeLogSoftmax(n, n.operand(0), 1);
  n.set(0, makeLoss(n, logarithms));
  n.set(1, logarithms);
}

llvm::ArrayRef<Operator> onnx::lossOperators() {
  static constexpr Operator rows[] = {
      {"NegativeLogLikelihoodLoss",
       {12, 22},
       2,
       3,
       importNegativeLogLikelihoodLoss,
       nullptr,
       types::floats},
      {"SoftmaxCrossEntropyLoss",
       {12, 22},
       2,
       3,
       importSoftmaxCrossEntropyLoss,
       nullptr,
       types::floats},
  };
  return rows;
}
