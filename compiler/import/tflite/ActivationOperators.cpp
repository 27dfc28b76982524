//===- ActivationOperators.cpp - activations of TFLite models -------------===//
#include "compiler/import/tflite/Operators.h"

using namespace edgec;
using namespace edgec::tflite;
using mlir::Value;
using schema::Builtin;

template <typename OpT> static void importActivation(OperatorImport &n) {
  n.set(0, n.make<OpT>({n.operand(0)}));
}

static void importClamp(OperatorImport &n, float low, float high) {
  n.set(0, n.make<edge::ClampOp>({n.operand(0)},
                                 {n.attr("min", low), n.attr("max", high)}));
}

static void importRelu6(OperatorImport &n) { importClamp(n, 0, 6); }
static void importReluN1To1(OperatorImport &n) { importClamp(n, -1, 1); }
static void importRelu0To1(OperatorImport &n) { importClamp(n, 0, 1); }

static void importLeakyRelu(OperatorImport &n) {
  auto alpha =
      n.attr("alpha",
             n.finite(n.options<schema::LeakyReluOptions>().alpha(), "alpha"));
  n.set(0, n.make<edge::LeakyReluOp>({n.operand(0)}, {alpha}));
}

static void importGelu(OperatorImport &n) {
  bool approximate = n.options<schema::GeluOptions>().approximate();
  n.set(0, n.make<edge::GeluOp>(
               {n.operand(0)},
               {n.attr("approximate",
                       llvm::StringRef(approximate ? "tanh" : "none"))}));
}

/// x for x >= 0, else the slope of its channel times x.
static void importPrelu(OperatorImport &n) {
  Value x = n.operand(0);
  Value positive = n.make<edge::ReluOp>({x});
  Value negative = n.make<edge::MinOp>({x, n.splat(0.0F)});
  Value scaled = n.make<edge::MulOp>({negative, n.operand(1)});
  n.set(0, n.make<edge::AddOp>({positive, scaled}));
}

llvm::ArrayRef<Operator> tflite::activationOperators() {
  static constexpr Operator rows[] = {
      {Builtin::RELU, 3, 1, 1, importActivation<edge::ReluOp>},
      {Builtin::RELU6, 3, 1, 1, importRelu6},
      {Builtin::RELU_N1_TO_1, 1, 1, 1, importReluN1To1},
      {Builtin::RELU_0_TO_1, 1, 1, 1, importRelu0To1},
      {Builtin::LOGISTIC, 3, 1, 1, importActivation<edge::SigmoidOp>},
      {Builtin::TANH, 3, 1, 1, importActivation<edge::TanhOp>},
      {Builtin::HARD_SWISH, 1, 1, 1, importActivation<edge::HardSwishOp>},
      {Builtin::ELU, 1, 1, 1, importActivation<edge::EluOp>},
      {Builtin::LEAKY_RELU, 2, 1, 1, importLeakyRelu},
      {Builtin::PRELU, 1, 2, 2, importPrelu},
      {Builtin::GELU, 2, 1, 1, importGelu},
  };
  return rows;
}
