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
  n.set(0, n.make<OpT>(binaryOperands(n)));
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
  Value share = n.scalarLike(sum, 1.0 / n.inputCount());
  n.set(0, n.make<edge::MulOp>({sum, share}));
}

/// 4^0.5 is 2, and must not come out as 1 because its float64 lies an ulp
/// below: what is whole up to the error of edge.pow becomes whole.
static Value roundNearlyWhole(NodeImport &n, Value x) {
  Value whole = n.make<edge::RoundEvenOp>({x});
  Value distance = n.make<edge::AbsOp>({n.make<edge::SubOp>({x, whole})});
  Value magnitude = n.make<edge::AbsOp>({x});
  Value error = n.make<edge::MulOp>({magnitude, n.scalarLike(x, 0x1p-46)});
  Value isClose = n.make<edge::LessEqualOp>({distance, error});
  return n.make<edge::SelectOp>({isClose, whole, x});
}

/// The result is of the base's type. Between floats the exponent takes that
/// type, between integers both are computed in 64 bits, an integer to a real
/// power in float64.
static void importPow(NodeImport &n) {
  auto [base, exponent] = binaryOperands(n);
  if (!base || !exponent)
    return;
  auto elementOf = [](Value value) {
    return mlir::cast<mlir::RankedTensorType>(value.getType()).getElementType();
  };
  mlir::Type result = elementOf(base), wide = result;
  if (elementOf(exponent) != result && !mlir::isa<mlir::FloatType>(result)) {
    bool isReal = mlir::isa<mlir::FloatType>(elementOf(exponent));
    wide = isReal ? mlir::Type(n.builder.getF64Type()) : n.builder.getI64Type();
  }
  Value power =
      n.make<edge::PowOp>({n.cast(base, wide), n.cast(exponent, wide)});
  if (wide.isF64() && wide != result)
    power = roundNearlyWhole(n, power);
  n.set(0, n.cast(power, result));
}

llvm::ArrayRef<Operator> onnx::elementwiseOperators() {
  static constexpr Operator rows[] = {
      {"Abs",
       {1, 13},
       1,
       1,
       importUnary<edge::AbsOp>,
       evaluateAbs,
       types::numbers},
      {"Neg",
       {1, 13},
       1,
       1,
       importUnary<edge::NegOp>,
       evaluateNeg,
       types::numbers},
      {"Exp", {1, 13}, 1, 1, importUnary<edge::ExpOp>, nullptr, types::floats},
      {"Log", {1, 13}, 1, 1, importUnary<edge::LogOp>, nullptr, types::floats},
      {"Sqrt",
       {1, 13},
       1,
       1,
       importUnary<edge::SqrtOp>,
       evaluateSqrt,
       types::floats},
      {"Reciprocal",
       {1, 13},
       1,
       1,
       importUnary<edge::ReciprocalOp>,
       nullptr,
       types::floats},
      {"Floor",
       {1, 13},
       1,
       1,
       importUnary<edge::FloorOp>,
       evaluateFloor,
       types::floats},
      {"Ceil",
       {1, 13},
       1,
       1,
       importUnary<edge::CeilOp>,
       evaluateCeil,
       types::floats},
      {"Round",
       {11, 22},
       1,
       1,
       importUnary<edge::RoundEvenOp>,
       nullptr,
       types::floats},
      {"Sign",
       {9, 13},
       1,
       1,
       importUnary<edge::SignOp>,
       nullptr,
       types::numbers},
      {"Erf", {9, 13}, 1, 1, importUnary<edge::ErfOp>, nullptr, types::floats},
      {"Add",
       {1, 14},
       2,
       2,
       importBinary<edge::AddOp>,
       evaluateAdd,
       types::numbers,
       "before 7 with attributes broadcast and axis"},
      {"Sub",
       {1, 14},
       2,
       2,
       importBinary<edge::SubOp>,
       evaluateSub,
       types::numbers,
       "before 7 with attributes broadcast and axis"},
      {"Mul",
       {1, 14},
       2,
       2,
       importBinary<edge::MulOp>,
       evaluateMul,
       types::numbers,
       "before 7 with attributes broadcast and axis"},
      {"Div",
       {1, 14},
       2,
       2,
       importBinary<edge::DivOp>,
       evaluateDiv,
       types::numbers,
       "before 7 with attributes broadcast and axis"},
      {"Min",
       {1, 13},
       1,
       anyNumber,
       importChain<edge::MinOp>,
       evaluateMin,
       types::numbers},
      {"Max",
       {1, 13},
       1,
       anyNumber,
       importChain<edge::MaxOp>,
       evaluateMax,
       types::numbers},
      {"Sum",
       {1, 13},
       1,
       anyNumber,
       importChain<edge::AddOp>,
       nullptr,
       types::floats},
      {"Mean", {1, 13}, 1, anyNumber, importMean, nullptr, types::floats},
      {"Pow",
       {1, 15},
       2,
       2,
       importPow,
       nullptr,
       types::numbers,
       "before 7 with attributes broadcast and axis; the exponent may be of "
       "another type"},
      {"Sin", {7, 22}, 1, 1, importUnary<edge::SinOp>},
      {"Cos", {7, 22}, 1, 1, importUnary<edge::CosOp>},
      {"Tan", {7, 22}, 1, 1, importUnary<edge::TanOp>},
      {"Asin", {7, 22}, 1, 1, importUnary<edge::AsinOp>},
      {"Acos", {7, 22}, 1, 1, importUnary<edge::AcosOp>},
      {"Atan", {7, 22}, 1, 1, importUnary<edge::AtanOp>},
      {"Sinh", {9, 22}, 1, 1, importUnary<edge::SinhOp>},
      {"Cosh", {9, 22}, 1, 1, importUnary<edge::CoshOp>},
      {"Asinh", {9, 22}, 1, 1, importUnary<edge::AsinhOp>},
      {"Acosh", {9, 22}, 1, 1, importUnary<edge::AcoshOp>},
      {"Atanh", {9, 22}, 1, 1, importUnary<edge::AtanhOp>},
  };
  return rows;
}
