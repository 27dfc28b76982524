//===- ElementwiseOperators.cpp - arithmetic on TFLite tensors ------------===//
//
//   ADD (a, b) {RELU} -> y      =>      edge.add, edge.relu
// Operands broadcast as NumPy's. What the edge dialect has no operator for is
// composed: SQUARED_DIFFERENCE, FLOOR_DIV, FLOOR_MOD, ...
//
//===----------------------------------------------------------------------===//
#include "compiler/import/tflite/Operators.h"
#include <cmath>

using namespace edgec;
using namespace edgec::tflite;
using mlir::Value;
using schema::Builtin;

template <typename OpT> static void importUnary(OperatorImport &n) {
  n.set(0, n.make<OpT>({n.operand(0)}));
}

template <typename OpT> static void importBinary(OperatorImport &n) {
  n.set(0, n.make<OpT>({n.operand(0), n.operand(1)}));
}

template <typename OpT, typename OptionsT>
static void importFused(OperatorImport &n) {
  Value result = n.make<OpT>({n.operand(0), n.operand(1)});
  n.set(0, n.activate(result, n.options<OptionsT>().activation()));
}

static void importAddN(OperatorImport &n) {
  Value sum = n.operand(0);
  for (unsigned i = 1; i < n.inputCount(); ++i) {
    if (!n.hasInput(i) || n.shape(i) != n.shape(0)) {
      n.error() << "input " << i << " should have the shape "
                << shapeText(n.shape(0)) << " of the first";
      return;
    }
    sum = n.make<edge::AddOp>({sum, n.operand(i)});
  }
  if (n.inputCount() == 1)
    sum = n.make<edge::CopyOp>({sum});
  n.set(0, sum);
}

static void importSquare(OperatorImport &n) {
  Value x = n.operand(0);
  n.set(0, n.make<edge::MulOp>({x, x}));
}

static void importSquaredDifference(OperatorImport &n) {
  Value difference = n.make<edge::SubOp>({n.operand(0), n.operand(1)});
  n.set(0, n.make<edge::MulOp>({difference, difference}));
}

/// The quotient rounded down; of integers, exact: (a - a mod b) / b.
static void importFloorDiv(OperatorImport &n) {
  Value a = n.operand(0), b = n.operand(1);
  if (mlir::isa<mlir::FloatType>(n.type(0).getElementType())) {
    n.set(0, n.make<edge::FloorOp>({n.make<edge::DivOp>({a, b})}));
    return;
  }
  Value rest = n.make<edge::ModOp>({a, b});
  n.set(0, n.make<edge::DivOp>({n.make<edge::SubOp>({a, rest}), b}));
}

/// Rounds to the 2^bits - 1 steps between `min` and `max`, moved so that 0 is
/// one of them, as training did.
static void importFakeQuant(OperatorImport &n) {
  const auto &options = n.options<schema::FakeQuantOptions>();
  float min = options.min(), max = options.max();
  int bits = options.num_bits() == 0 ? 8 : options.num_bits();
  if (!(min <= 0) || !(max >= 0) || !(min < max) || bits < 2 || bits > 16) {
    n.error() << "the range " << min << " to " << max << " in " << bits
              << " bits should contain 0 and have 2 to 16 bits";
    return;
  }
  float low = options.narrow_range() ? 1.0F : 0.0F;
  float high = float((1 << bits) - 1);
  float scale = (max - min) / (high - low);
  float zero = std::nearbyint(low - min / scale);
  zero = std::min(std::max(zero, low), high);
  Value x = n.make<edge::ClampOp>({n.operand(0)},
                                  {n.attr("min", (low - zero) * scale),
                                   n.attr("max", (high - zero) * scale)});
  Value steps = n.make<edge::MulOp>({x, n.splat(1.0F / scale)});
  Value whole = n.make<edge::RoundEvenOp>({steps});
  n.set(0, n.make<edge::MulOp>({whole, n.splat(scale)}));
}

llvm::ArrayRef<Operator> tflite::elementwiseOperators() {
  static constexpr Operator rows[] = {
      {Builtin::ADD, 5, 2, 2, importFused<edge::AddOp, schema::AddOptions>,
       types::numbers},
      {Builtin::SUB, 5, 2, 2, importFused<edge::SubOp, schema::SubOptions>,
       types::numbers},
      {Builtin::MUL, 7, 2, 2, importFused<edge::MulOp, schema::MulOptions>,
       types::numbers},
      {Builtin::DIV, 2, 2, 2, importFused<edge::DivOp, schema::DivOptions>,
       types::numbers},
      {Builtin::ADD_N, 1, 1, anyNumber, importAddN, types::numbers},
      {Builtin::MAXIMUM, 4, 2, 2, importBinary<edge::MaxOp>, types::numbers},
      {Builtin::MINIMUM, 4, 2, 2, importBinary<edge::MinOp>, types::numbers},
      {Builtin::POW, 1, 2, 2, importBinary<edge::PowOp>, types::numbers},
      {Builtin::SQUARE, 1, 1, 1, importSquare},
      {Builtin::SQUARED_DIFFERENCE, 2, 2, 2, importSquaredDifference,
       types::numbers},
      {Builtin::FLOOR_DIV, 3, 2, 2, importFloorDiv, types::numbers},
      {Builtin::FLOOR_MOD, 2, 2, 2, importBinary<edge::ModOp>, types::numbers},
      {Builtin::ABS, 5, 1, 1, importUnary<edge::AbsOp>, types::numbers},
      {Builtin::NEG, 1, 1, 1, importUnary<edge::NegOp>, types::numbers},
      {Builtin::SIGN, 2, 1, 1, importUnary<edge::SignOp>, types::numbers},
      {Builtin::EXP, 2, 1, 1, importUnary<edge::ExpOp>},
      {Builtin::LOG, 2, 1, 1, importUnary<edge::LogOp>},
      {Builtin::SQRT, 1, 1, 1, importUnary<edge::SqrtOp>},
      {Builtin::RSQRT, 2, 1, 1, importUnary<edge::RsqrtOp>},
      {Builtin::SIN, 1, 1, 1, importUnary<edge::SinOp>},
      {Builtin::COS, 1, 1, 1, importUnary<edge::CosOp>},
      {Builtin::FLOOR, 1, 1, 1, importUnary<edge::FloorOp>},
      {Builtin::CEIL, 1, 1, 1, importUnary<edge::CeilOp>},
      {Builtin::ROUND, 1, 1, 1, importUnary<edge::RoundEvenOp>},
      {Builtin::FAKE_QUANT, 2, 1, 1, importFakeQuant},
  };
  return rows;
}
