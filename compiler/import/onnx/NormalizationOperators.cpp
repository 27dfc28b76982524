//===- NormalizationOperators.cpp - batch, layer and instance norm --------===//
//
// Batch normalization has stored statistics and an op of its own, which the
// graph stage folds away. The others compute theirs, from ordinary operators:
//   d = x - mean(x);  y = d / sqrt(mean(d * d) + epsilon) * scale + bias
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Operators.h"

using namespace edgec;
using namespace edgec::onnx;
using mlir::Value;

static void importBatchNormalization(NodeImport &n) {
  n.ignore({"momentum", "spatial"});
  float epsilon = n.real("epsilon", 1e-5F);
  if (n.flag("training_mode", false)) {
    n.error() << "training_mode is not supported; export the model in "
                 "inference mode (model.eval())";
    return;
  }
  for (unsigned i = 1; i < n.node.outputs.size(); ++i) {
    if (n.usesOutput(i)) {
      n.error() << "the training output '" << n.node.outputs[i]
                << "' is not supported; export the model in inference mode "
                   "(model.eval())";
      return;
    }
  }
  if (n.rank(0) < 2) {
    n.error() << "an input of shape " << shapeText(n.shape(0))
              << " has no channels";
    return;
  }
  llvm::SmallVector<Value, 5> operands;
  for (unsigned i = 0; i < 5; ++i) {
    if (i > 0 && n.rank(i) != 1) {
      n.error() << "parameter " << i << " of shape " << shapeText(n.shape(i))
                << " should have the shape " << n.shape(0)[1];
      return;
    }
    operands.push_back(n.operand(i));
  }
  n.set(0, n.make<edge::BatchNormOp>(operands, {n.attr("epsilon", epsilon),
                                                n.attr("axis", int64_t(1))}));
}

namespace {
struct Normalized {
  Value mean, inverseDeviation, result;
};
} // namespace

/// Normalizes operand 0 over the dimensions from `firstAxis` on.
static Normalized normalize(NodeImport &n, int64_t firstAxis) {
  Value x = n.operand(0);
  Value epsilon = n.splat(n.real("epsilon", 1e-5F));
  auto axes = llvm::to_vector(llvm::seq<int64_t>(firstAxis, n.rank(0)));
  mlir::NamedAttribute over[] = {n.attr("axes", axes),
                                 n.attr("keep_dims", true)};
  Normalized made;
  made.mean = n.make<edge::ReduceMeanOp>({x}, over);
  Value centered = n.make<edge::SubOp>({x, made.mean});
  Value squares = n.make<edge::MulOp>({centered, centered});
  Value variance = n.make<edge::ReduceMeanOp>({squares}, over);
  Value positive = n.make<edge::AddOp>({variance, epsilon});
  made.inverseDeviation = n.make<edge::RsqrtOp>({positive});
  made.result = n.make<edge::MulOp>({centered, made.inverseDeviation});
  return made;
}

static void importLayerNormalization(NodeImport &n) {
  // The type of the intermediate results; float32 is ours in any case.
  n.ignore({"stash_type"});
  int64_t axis = n.normalizeAxis(n.integer("axis", -1), n.rank(0));
  Normalized made = normalize(n, axis);
  Value y = n.make<edge::MulOp>({made.result, n.operand(1)});
  if (n.hasInput(2))
    y = n.make<edge::AddOp>({y, n.operand(2)});
  n.set(0, y);
  n.set(1, made.mean);
  n.set(2, made.inverseDeviation);
}

static void importInstanceNormalization(NodeImport &n) {
  int64_t rank = n.rank(0);
  if (rank < 3 || n.rank(1) != 1 || n.rank(2) != 1) {
    n.error() << "an input of shape " << shapeText(n.shape(0))
              << " with scale and bias of shapes " << shapeText(n.shape(1))
              << " and " << shapeText(n.shape(2))
              << " should be [N, C, spatial...], [C] and [C]";
    return;
  }
  llvm::SmallVector<int64_t> perChannel(rank - 1, 1);
  perChannel.front() = n.shape(0)[1];
  Value y = normalize(n, 2).result;
  y = n.make<edge::MulOp>({y, n.reshape(n.operand(1), perChannel)});
  n.set(0, n.make<edge::AddOp>({y, n.reshape(n.operand(2), perChannel)}));
}

llvm::ArrayRef<Operator> onnx::normalizationOperators() {
  static constexpr Operator rows[] = {
      {"BatchNormalization", 1, 5, 5, importBatchNormalization},
      {"InstanceNormalization", 1, 3, 3, importInstanceNormalization},
      {"LayerNormalization", 17, 2, 3, importLayerNormalization},
  };
  return rows;
}
