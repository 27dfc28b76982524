//===- FusedContraction.cpp - FusedConv, FusedGemm, FusedMatMul -----------===//
//
// A convolution or matrix product with the activation that ONNX Runtime fused
// into it, written as two operators again.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Fused.h"

using namespace edgec;
using namespace edgec::onnx;
using mlir::Value;

namespace {
/// An activation by name and up to two parameters.
struct Activation {
  llvm::StringRef name;
  std::optional<float> alpha, beta;
};
} // namespace

static Value activate(NodeImport &n, Value x, const Activation &activation) {
  float alpha = activation.alpha.value_or(0),
        beta = activation.beta.value_or(0);
  llvm::StringRef name = activation.name;
  if (name.empty())
    return x;
  if (name == "Relu")
    return n.make<edge::ReluOp>({x});
  if (name == "Sigmoid")
    return n.make<edge::SigmoidOp>({x});
  if (name == "Tanh")
    return n.make<edge::TanhOp>({x});
  if (name == "LeakyRelu")
    return n.make<edge::LeakyReluOp>(
        {x}, {n.attr("alpha", activation.alpha.value_or(0.01F))});
  if (name == "HardSigmoid") {
    return n.make<edge::HardSigmoidOp>(
        {x}, {n.attr("alpha", activation.alpha.value_or(0.2F)),
              n.attr("beta", activation.beta.value_or(0.5F))});
  }
  if (name == "Clip" && activation.alpha && activation.beta)
    return n.make<edge::ClampOp>(
        {x}, {n.attr("min", std::min(alpha, beta)), n.attr("max", beta)});
  n.error() << "activation '" << name
            << "' is not supported; Relu, Sigmoid, Tanh, LeakyRelu, "
               "HardSigmoid and Clip with two parameters are";
  return nullptr;
}

/// activation(conv(X, W, B) + Z)
void onnx::importFusedConv(NodeImport &n) {
  Activation activation = {n.string("activation", ""), {}, {}};
  if (auto parameters = n.realList("activation_params")) {
    if (!parameters->empty())
      activation.alpha = static_cast<float>((*parameters)[0]);
    if (parameters->size() > 1)
      activation.beta = static_cast<float>((*parameters)[1]);
  }
  Value result = makeConv(n);
  if (n.hasInput(3))
    result = n.make<edge::AddOp>({result, n.operand(3)});
  n.set(0, activate(n, result, activation));
}

void onnx::importFusedGemm(NodeImport &n) {
  Activation activation = {n.string("activation", ""), {}, {}};
  if (n.hasAttribute("activation_alpha"))
    activation.alpha = n.real("activation_alpha", 0);
  if (n.hasAttribute("activation_beta"))
    activation.beta = n.real("activation_beta", 0);
  n.ignore({"activation_gamma"});
  n.set(0, activate(n, makeGemm(n), activation));
}

/// The last two dimensions swapped; or, with `batches`, the first one moved to
/// the place before the last.
static Value rearrange(NodeImport &n, unsigned index, bool swaps,
                       bool batches) {
  int64_t rank = n.rank(index);
  auto order = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  if (rank < 2)
    return n.operand(index);
  if (batches)
    std::rotate(order.begin(), order.begin() + 1, order.end() - 1);
  if (swaps)
    std::swap(order[rank - 2], order[rank - 1]);
  return n.transpose(n.operand(index), order);
}

/// alpha * A' * B'
void onnx::importFusedMatMul(NodeImport &n) {
  Value lhs =
      rearrange(n, 0, n.flag("transA", false), n.flag("transBatchA", false));
  Value rhs =
      rearrange(n, 1, n.flag("transB", false), n.flag("transBatchB", false));
  Value product = makeMatMul(n, lhs, rhs);
  float alpha = n.real("alpha", 1);
  if (alpha != 1)
    product = n.make<edge::MulOp>({product, n.scalarLike(product, alpha)});
  n.set(0, product);
}
