//===- QuantizedElementwise.cpp - sums, conversions, activations on bytes -===//
//
// As the reference kernels of TensorFlow Lite compute: both operands of a sum
// are brought to one scale in fixed point before it, with 20 bits to spare
// (reference/integer_ops/add.h); conversions from and to floats round halves
// away from zero (reference/quantize.h, dequantize.h, requantize.h).
//
//===----------------------------------------------------------------------===//
#include "compiler/import/tflite/Operators.h"
#include "compiler/import/tflite/Quantization.h"

using namespace edgec;
using namespace edgec::tflite;
using mlir::Value;
using schema::Builtin;

/// False after an error.
static bool checkWidths(OperatorImport &n, const Quantization &lhs,
                        const Quantization &rhs, const Quantization &result) {
  if (n.failed())
    return false;
  if (lhs.element == result.element && rhs.element == result.element &&
      result.element.getIntOrFloatBitWidth() <= 16)
    return true;
  n.error() << "operands and result should have one type of 8 or 16 bits";
  return false;
}

static bool sameScale(const Quantization &a, const Quantization &b) {
  return a.element == b.element && a.scale() == b.scale() &&
         a.zeroPoint() == b.zeroPoint();
}

//===-- sums and products
//--------------------------------------------------===//

template <typename OpT>
static void importSum(OperatorImport &n, schema::Activation activation) {
  Quantization lhs = inputQuantization(n, 0), rhs = inputQuantization(n, 1),
               result = resultQuantization(n, 0);
  if (!checkWidths(n, lhs, rhs, result))
    return;
  int64_t spareBits = result.element.getIntOrFloatBitWidth() == 16 ? 15 : 20;
  double twiceLargest = 2 * double(std::max(lhs.scale(), rhs.scale()));
  auto scaled = [&](unsigned index, const Quantization &q) {
    Value x = centered(n, n.operand(index), q.zeroPoint());
    x = n.make<edge::ShiftLeftOp>({x, integers(n, int32_t(spareBits))});
    return rescale(n, x, double(q.scale()) / twiceLargest);
  };
  Value left = scaled(0, lhs), right = scaled(1, rhs);
  Value sum = n.make<OpT>({left, right});
  double factor =
      twiceLargest / (double(int64_t(1) << spareBits) * double(result.scale()));
  n.set(0, finish(n, rescale(n, sum, factor),
                  activationBounds(n, result, activation), result));
}

static void importAdd(OperatorImport &n) {
  importSum<edge::AddOp>(n, n.options<schema::AddOptions>().activation());
}

static void importSub(OperatorImport &n) {
  importSum<edge::SubOp>(n, n.options<schema::SubOptions>().activation());
}

/// reference/integer_ops/mul.h
static void importMul(OperatorImport &n) {
  Quantization lhs = inputQuantization(n, 0), rhs = inputQuantization(n, 1),
               result = resultQuantization(n, 0);
  if (!checkWidths(n, lhs, rhs, result))
    return;
  Value product =
      n.make<edge::MulOp>({centered(n, n.operand(0), lhs.zeroPoint()),
                           centered(n, n.operand(1), rhs.zeroPoint())});
  double factor =
      double(lhs.scale()) * double(rhs.scale()) / double(result.scale());
  n.set(0, finish(n, rescale(n, product, factor),
                  activationBounds(
                      n, result, n.options<schema::MulOptions>().activation()),
                  result));
}

/// The square of the difference on one scale, whose numbers are shifted so that
/// it fits (micro/kernels/squared_difference.cc).
static void importSquaredDifference(OperatorImport &n) {
  Quantization lhs = inputQuantization(n, 0), rhs = inputQuantization(n, 1),
               result = resultQuantization(n, 0);
  if (!checkWidths(n, lhs, rhs, result))
    return;
  int64_t spareBits = result.element.getIntOrFloatBitWidth() == 16 ? 0 : 7;
  double twiceLargest = 2 * double(std::max(lhs.scale(), rhs.scale()));
  auto scaled = [&](unsigned index, const Quantization &q) {
    Value x = centered(n, n.operand(index), q.zeroPoint());
    x = n.make<edge::ShiftLeftOp>({x, integers(n, int32_t(spareBits))});
    return rescale(n, x, double(q.scale()) / twiceLargest);
  };
  Value difference = n.make<edge::SubOp>({scaled(0, lhs), scaled(1, rhs)});
  Value square = n.make<edge::MulOp>({difference, difference});
  double factor =
      twiceLargest * twiceLargest /
      (double(int64_t(1) << (2 * spareBits)) * double(result.scale()));
  n.set(0, finish(n, rescale(n, square, factor), {result.low, result.high},
                  result));
}

/// |x| on the input's scale, then on the result's.
static void importAbs(OperatorImport &n) {
  Quantization input = inputQuantization(n, 0),
               result = resultQuantization(n, 0);
  if (!checkWidths(n, input, input, result))
    return;
  Value size =
      n.make<edge::AbsOp>({centered(n, n.operand(0), input.zeroPoint())});
  if (input.scale() != result.scale())
    size = rescale(n, size, double(input.scale() / result.scale()));
  n.set(0, finish(n, size, {result.low, result.high}, result));
}

//===-- comparisons
//-------------------------------------------------------===//

/// Both sides as real numbers with 8 bits after the point
/// (reference/comparisons.h, ComparisonWithScaling).
template <typename OpT, bool exchanged>
static Value compare(OperatorImport &n) {
  constexpr int32_t fractionBits = 8;
  auto side = [&](unsigned index) -> Value {
    Quantization q = inputQuantization(n, index);
    if (n.failed())
      return nullptr;
    if (q.scale() >= 1) {
      n.error() << "input " << index << " has the scale " << q.scale()
                << ", but should have one below 1";
      return nullptr;
    }
    Value x = centered(n, n.operand(index), q.zeroPoint());
    x = n.make<edge::ShiftLeftOp>({x, integers(n, fractionBits)});
    return rescale(n, x, double(q.scale()));
  };
  Value lhs = side(0), rhs = side(1);
  return exchanged ? n.make<OpT>({rhs, lhs}) : n.make<OpT>({lhs, rhs});
}

template <typename OpT, bool exchanged>
static void importComparison(OperatorImport &n) {
  n.set(0, compare<OpT, exchanged>(n));
}

static void importNotEqual(OperatorImport &n) {
  n.set(0, n.make<edge::NotOp>({compare<edge::EqualOp, false>(n)}));
}

//===-- conversions
//--------------------------------------------------------===//

/// The whole number next to x (float), halves away from zero, as i32.
static Value roundAway(OperatorImport &n, Value x) {
  Value size = n.make<edge::AbsOp>({x});
  Value whole = n.make<edge::FloorOp>({size});
  Value isHalf = n.make<edge::LessEqualOp>(
      {n.splat(0.5F), n.make<edge::SubOp>({size, whole})});
  Value up = n.make<edge::AddOp>({whole, n.splat(1.0F)});
  Value rounded = n.make<edge::SelectOp>({isHalf, up, whole});
  Value isNegative = n.make<edge::LessOp>({x, n.splat(0.0F)});
  Value result = n.make<edge::SelectOp>(
      {isNegative, n.make<edge::NegOp>({rounded}), rounded});
  return n.cast(result, n.builder.getI32Type());
}

/// From floats, or from another scale.
static void importQuantize(OperatorImport &n) {
  Quantization result = resultQuantization(n, 0);
  if (n.failed())
    return;
  Bounds bounds{result.low, result.high};
  Value x = n.operand(0);
  if (x && n.elementOf(x).isF32()) {
    Value quotient = n.make<edge::DivOp>({x, n.splat(result.scale())});
    // What is far outside would overflow when the zero point is added.
    mlir::NamedAttribute range[] = {n.attr("min", -65536.0F),
                                    n.attr("max", 65536.0F)};
    quotient = n.make<edge::ClampOp>({quotient}, range);
    return n.set(0, finish(n, roundAway(n, quotient), bounds, result));
  }
  Quantization input = inputQuantization(n, 0);
  if (n.failed())
    return;
  if (input.scale() == result.scale() && input.element != result.element &&
      std::abs(input.zeroPoint() - result.zeroPoint()) == 128) {
    // Between int8 and uint8 of one scale nothing is lost.
    Value moved = centered(n, x, input.zeroPoint() - result.zeroPoint());
    return n.set(0, n.cast(moved, result.element));
  }
  Value sum = centered(n, x, input.zeroPoint());
  double factor = double(input.scale()) / double(result.scale());
  n.set(0, finish(n, rescale(n, sum, factor), bounds, result));
}

static void importDequantize(OperatorImport &n) {
  Quantization input = inputQuantization(n, 0);
  if (n.failed())
    return;
  Value x = centered(n, n.operand(0), input.zeroPoint());
  Value real = n.cast(x, n.builder.getF32Type());
  n.set(0, n.make<edge::MulOp>({real, n.splat(input.scale())}));
}

//===-- activations
//--------------------------------------------------------===//

/// reference_ops::ReluX and its 8-bit callers (kernels/activations.cc).
static void importRectifier(OperatorImport &n, schema::Activation activation) {
  Quantization input = inputQuantization(n, 0),
               result = resultQuantization(n, 0);
  if (n.failed())
    return;
  Bounds bounds = activationBounds(n, result, activation);
  Value x = n.operand(0);
  if (sameScale(input, result))
    return n.set(0,
                 narrow(n, n.cast(x, n.builder.getI32Type()), bounds, result));
  double factor = double(input.scale()) / double(result.scale());
  n.set(0, finish(n, rescale(n, centered(n, x, input.zeroPoint()), factor),
                  bounds, result));
}

static void importRelu(OperatorImport &n) {
  importRectifier(n, schema::Activation::RELU);
}
static void importRelu6(OperatorImport &n) {
  importRectifier(n, schema::Activation::RELU6);
}
static void importReluN1To1(OperatorImport &n) {
  importRectifier(n, schema::Activation::RELU_N1_TO_1);
}

//===-- moves
//--------------------------------------------------------------===//

/// Operators that only move numbers give what they get.
static void moveInput(OperatorImport &n, unsigned index) {
  for (unsigned i = 0; i < n.resultCount() && !n.failed(); ++i)
    checkSameScale(n, index, i);
  if (!n.failed())
    findOperator(n.kind.code)->import(n);
}

static void importMove(OperatorImport &n) { moveInput(n, 0); }
/// The axis comes first.
static void importSplit(OperatorImport &n) { moveInput(n, 1); }

/// Every operand is on the result's scale.
static void importChoice(OperatorImport &n) {
  for (unsigned i = 0; i < n.inputCount() && !n.failed(); ++i)
    if (!n.hasInput(i) || !n.type(i).getElementType().isInteger(1))
      checkSameScale(n, i, 0);
  if (!n.failed())
    findOperator(n.kind.code)->import(n);
}

/// Variables hold what is stored, a shape does not depend on it; and the order
/// of the integers is that of the real numbers, for operators that give places.
static void importAsIs(OperatorImport &n) {
  findOperator(n.kind.code)->import(n);
}

/// Parts on other scales than the result's are brought to it first, by the
/// float formula of reference_ops::ConcatenationWithScaling.
static void importConcatenation(OperatorImport &n) {
  Quantization result = resultQuantization(n, 0);
  const auto &options = n.options<schema::ConcatenationOptions>();
  int64_t axis = n.normalizeAxis(options.axis(), n.rank(0));
  llvm::SmallVector<Value> parts;
  for (unsigned i = 0; i < n.inputCount(); ++i) {
    if (!n.hasInput(i))
      return void(n.error() << "input " << i << " is missing");
    if (n.type(i).getNumElements() == 0)
      continue;
    Quantization part = inputQuantization(n, i);
    Value x = n.operand(i);
    if (!n.failed() && !sameScale(part, result)) {
      float factor = part.scale() * (1.0F / result.scale());
      float offset = -float(part.zeroPoint()) * factor;
      x = tabulate(n, x, part, result.element, [&](int64_t q) {
        volatile float product = float(q) * factor;
        float real = product + offset;
        return std::clamp(int64_t(std::round(real)) + result.zeroPoint(),
                          result.low, result.high);
      });
    }
    parts.push_back(x);
  }
  if (options.activation() != schema::Activation::NONE)
    n.error() << "a fused activation is not supported on quantized tensors";
  if (n.failed())
    return;
  n.set(0, parts.size() == 1
               ? n.make<edge::CopyOp>({parts[0]})
               : n.make<edge::ConcatOp>(parts, {n.attr("axis", axis)}));
}

llvm::ArrayRef<Operator> tflite::quantizedElementwise() {
  static constexpr Operator rows[] = {
      {Builtin::ADD, 5, 2, 2, importAdd, types::bytes},
      {Builtin::SUB, 5, 2, 2, importSub, types::bytes},
      {Builtin::MUL, 7, 2, 2, importMul, types::bytes},
      {Builtin::SQUARED_DIFFERENCE, 2, 2, 2, importSquaredDifference,
       types::shorts},
      {Builtin::ABS, 5, 1, 1, importAbs, types::shorts},
      {Builtin::LESS, 3, 2, 2, importComparison<edge::LessOp, false>,
       types::bytes, "scales below 1"},
      {Builtin::LESS_EQUAL, 2, 2, 2, importComparison<edge::LessEqualOp, false>,
       types::bytes, "scales below 1"},
      {Builtin::GREATER, 2, 2, 2, importComparison<edge::LessOp, true>,
       types::bytes, "scales below 1"},
      {Builtin::GREATER_EQUAL, 3, 2, 2,
       importComparison<edge::LessEqualOp, true>, types::bytes,
       "scales below 1"},
      {Builtin::EQUAL, 4, 2, 2, importComparison<edge::EqualOp, false>,
       types::bytes, "scales below 1"},
      {Builtin::NOT_EQUAL, 3, 2, 2, importNotEqual, types::bytes,
       "scales below 1"},
      {Builtin::MAXIMUM, 4, 2, 2, importChoice, types::shorts, "one scale"},
      {Builtin::MINIMUM, 4, 2, 2, importChoice, types::shorts, "one scale"},
      {Builtin::SELECT, 4, 3, 3, importChoice, types::shorts, "one scale"},
      {Builtin::SELECT_V2, 2, 3, 3, importChoice, types::shorts, "one scale"},
      {Builtin::PACK, 4, 1, anyNumber, importChoice, types::shorts,
       "one scale"},
      {Builtin::REDUCE_MAX, 3, 2, 2, importMove, types::shorts, "one scale"},
      {Builtin::REDUCE_MIN, 3, 2, 2, importMove, types::shorts, "one scale"},
      {Builtin::TILE, 3, 2, 2, importMove, types::shorts},
      {Builtin::BROADCAST_TO, 3, 2, 2, importMove, types::shorts},
      {Builtin::REVERSE_V2, 3, 2, 2, importMove, types::shorts},
      {Builtin::GATHER_ND, 4, 2, 2, importMove, types::shorts},
      {Builtin::DEPTH_TO_SPACE, 2, 1, 1, importMove, types::shorts},
      {Builtin::SPACE_TO_DEPTH, 2, 1, 1, importMove, types::shorts},
      {Builtin::BATCH_TO_SPACE_ND, 4, 3, 3, importMove, types::shorts},
      {Builtin::SPACE_TO_BATCH_ND, 4, 3, 3, importMove, types::shorts},
      {Builtin::QUANTIZE, 3, 1, 1, importQuantize, types::bytes},
      {Builtin::DEQUANTIZE, 6, 1, 1, importDequantize, types::bytes},
      {Builtin::RELU, 3, 1, 1, importRelu, types::bytes},
      {Builtin::RELU6, 3, 1, 1, importRelu6, types::bytes},
      {Builtin::RELU_N1_TO_1, 1, 1, 1, importReluN1To1, types::bytes},
      {Builtin::CONCATENATION, 4, 1, anyNumber, importConcatenation,
       types::bytes},
      {Builtin::RESHAPE, 1, 1, 2, importMove, types::bytes},
      {Builtin::SQUEEZE, 2, 1, 1, importMove, types::bytes},
      {Builtin::EXPAND_DIMS, 1, 2, 2, importMove, types::bytes},
      {Builtin::TRANSPOSE, 6, 2, 2, importMove, types::bytes},
      {Builtin::PAD, 4, 2, 2, importMove, types::bytes},
      {Builtin::PADV2, 4, 3, 3, importMove, types::bytes},
      {Builtin::MIRROR_PAD, 3, 2, 2, importMove, types::bytes},
      {Builtin::SLICE, 6, 3, 3, importMove, types::bytes},
      {Builtin::STRIDED_SLICE, 8, 4, 4, importMove, types::bytes},
      {Builtin::SPLIT, 4, 2, 2, importSplit, types::bytes},
      {Builtin::SPLIT_V, 2, 3, 3, importMove, types::bytes},
      {Builtin::UNPACK, 4, 1, 1, importMove, types::bytes},
      {Builtin::GATHER, 7, 2, 2, importMove, types::bytes},
      {Builtin::RESIZE_NEAREST_NEIGHBOR, 4, 2, 2, importMove, types::bytes},
      {Builtin::READ_VARIABLE, 1, 1, 1, importAsIs, types::bytes,
       "not in branches and loops"},
      {Builtin::ASSIGN_VARIABLE, 1, 2, 2, importAsIs, types::bytes,
       "not in branches and loops"},
      {Builtin::SHAPE, 1, 1, 1, importAsIs, types::bytes},
      {Builtin::ARG_MAX, 3, 2, 2, importAsIs, types::bytes},
      {Builtin::ARG_MIN, 3, 2, 2, importAsIs, types::bytes},
  };
  return rows;
}
