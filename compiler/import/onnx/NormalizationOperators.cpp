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

static constexpr const char *inferenceAdvice =
    "export the model in inference mode (model.eval())";

/// Whether the node normalizes with stored statistics; an error if it trains.
static bool isInference(NodeImport &n) {
  n.ignore({"momentum"});
  bool trains = n.flag("training_mode", false);
  // Versions 7 to 13 train when their further outputs are used.
  if (n.opset < 7)
    trains = !n.flag("is_test", false);
  if (trains) {
    n.error() << "normalizing with the statistics of the batch, as in "
                 "training, is not supported; "
              << inferenceAdvice;
    return false;
  }
  for (unsigned i = 1; i < n.node.outputs.size(); ++i) {
    if (n.usesOutput(i)) {
      n.error() << "the training output '" << n.node.outputs[i]
                << "' is not supported; " << inferenceAdvice;
      return false;
    }
  }
  return true;
}

/// Statistics per element of the sample, not per channel: their shape is the
/// input's without the batch, and they broadcast over it.
static void normalizePerElement(NodeImport &n, float epsilon) {
  llvm::SmallVector<Value, 5> operands;
  for (unsigned i = 0; i < 5; ++i) {
    if (i > 0 && n.shape(i) != n.shape(0).drop_front()) {
      n.error() << "parameter " << i << " of shape " << shapeText(n.shape(i))
                << " should have the shape "
                << shapeText(n.shape(0).drop_front()) << " with spatial=0";
      return;
    }
    operands.push_back(n.operand(i));
  }
  auto [x, scale, bias, mean, variance] =
      std::tie(operands[0], operands[1], operands[2], operands[3], operands[4]);
  Value centered = n.make<edge::SubOp>({x, mean});
  Value positive = n.make<edge::AddOp>({variance, n.splat(epsilon)});
  Value inverse = n.make<edge::RsqrtOp>({positive});
  Value factor = n.make<edge::MulOp>({inverse, scale});
  Value scaled = n.make<edge::MulOp>({centered, factor});
  n.set(0, n.make<edge::AddOp>({scaled, bias}));
}

static void importBatchNormalization(NodeImport &n) {
  float epsilon = n.real("epsilon", 1e-5F);
  bool perChannel = n.opset >= 9 || n.flag("spatial", true);
  if (!isInference(n))
    return;
  if (n.rank(0) < 2) {
    n.error() << "an input of shape " << shapeText(n.shape(0))
              << " has no channels";
    return;
  }
  if (!perChannel)
    return normalizePerElement(n, epsilon);
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
      {"BatchNormalization",
       {1, 15},
       5,
       5,
       importBatchNormalization,
       nullptr,
       types::floats,
       "inference only: is_test before 7, training_mode since 14; spatial=0 "
       "before 9"},
      {"InstanceNormalization",
       {1, 22},
       3,
       3,
       importInstanceNormalization,
       nullptr,
       types::floats},
      {"LayerNormalization",
       {17, 17},
       2,
       3,
       importLayerNormalization,
       nullptr,
       types::floats},
  };
  return rows;
}
