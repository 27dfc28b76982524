//===- BatchNormalization.cpp - normalizing with stored statistics --------===//
//
// An op of its own, which the graph stage folds into its neighbours. Versions
// differ in how they say that a model is not being trained.
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

llvm::ArrayRef<Operator> onnx::batchNormalizationOperators() {
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
  };
  return rows;
}
