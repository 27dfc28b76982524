//===- ElementwiseOperators.cpp - arithmetic without parameters -----------===//
//
// Unary and binary arithmetic with NumPy's broadcasting. Rows that occur in
// shape arithmetic also name their evaluation on constants.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Operators.h"

using namespace edgec;
using namespace edgec::onnx;
using mlir::Value;

template <typename OpT> static void importUnary(NodeImport &n) {
  n.set(0, n.make<OpT>({n.operand(0)}));
}

template <typename OpT> static void importBinary(NodeImport &n) {
  n.set(0, n.make<OpT>({n.operand(0), n.operand(1)}));
}

/// Min, Max and Sum take any number of operands: ((a op b) op c) op ...
template <typename OpT> static Value makeChain(NodeImport &n) {
  Value result = n.operand(0);
  for (unsigned i = 1; i < n.inputCount(); ++i)
    result = n.hasInput(i) ? n.make<OpT>({result, n.operand(i)}) : nullptr;
  return result;
}

template <typename OpT> static void importChain(NodeImport &n) {
  n.set(0, makeChain<OpT>(n));
}

static void importMean(NodeImport &n) {
  Value sum = makeChain<edge::AddOp>(n);
  Value share = n.splat(1.0F / static_cast<float>(n.inputCount()));
  n.set(0, n.make<edge::MulOp>({sum, share}));
}

/// The exponent may be of another type than the base; a constant one becomes
/// float32.
static void importPow(NodeImport &n) {
  const Constant *exponent = n.constant(1);
  if (!exponent || exponent->type == DataType::Float)
    return importBinary<edge::PowOp>(n);
  std::optional<Numbers> numbers = n.numbers(1, "exponent");
  if (!numbers)
    return;
  Value value = NodeImport::materialize(
      n.builder, n.loc, numbers->cast(DataType::Float).toConstant());
  n.set(0, n.make<edge::PowOp>({n.operand(0), value}));
}

llvm::ArrayRef<Operator> onnx::elementwiseOperators() {
  static constexpr Operator rows[] = {
      {"Abs", 1, 1, 1, importUnary<edge::AbsOp>, evaluateAbs},
      {"Neg", 1, 1, 1, importUnary<edge::NegOp>, evaluateNeg},
      {"Exp", 1, 1, 1, importUnary<edge::ExpOp>},
      {"Log", 1, 1, 1, importUnary<edge::LogOp>},
      {"Sqrt", 1, 1, 1, importUnary<edge::SqrtOp>, evaluateSqrt},
      {"Reciprocal", 1, 1, 1, importUnary<edge::ReciprocalOp>},
      {"Floor", 1, 1, 1, importUnary<edge::FloorOp>, evaluateFloor},
      {"Ceil", 1, 1, 1, importUnary<edge::CeilOp>, evaluateCeil},
      {"Round", 11, 1, 1, importUnary<edge::RoundEvenOp>},
      {"Sign", 1, 1, 1, importUnary<edge::SignOp>},
      {"Erf", 1, 1, 1, importUnary<edge::ErfOp>},
      {"Add", 1, 2, 2, importBinary<edge::AddOp>, evaluateAdd},
      {"Sub", 1, 2, 2, importBinary<edge::SubOp>, evaluateSub},
      {"Mul", 1, 2, 2, importBinary<edge::MulOp>, evaluateMul},
      {"Div", 1, 2, 2, importBinary<edge::DivOp>, evaluateDiv},
      {"Min", 1, 1, anyNumber, importChain<edge::MinOp>, evaluateMin},
      {"Max", 1, 1, anyNumber, importChain<edge::MaxOp>, evaluateMax},
      {"Sum", 1, 1, anyNumber, importChain<edge::AddOp>},
      {"Mean", 1, 1, anyNumber, importMean},
      {"Pow", 1, 2, 2, importPow},
  };
  return rows;
}
