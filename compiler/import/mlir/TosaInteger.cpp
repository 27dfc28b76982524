//===- TosaInteger.cpp - TOSA's operators on quantized numbers ------------===//
//
//   tosa.conv2d of i8       =>  edge.integer_conv2d
//   tosa.rescale            =>  edge.rescale, zero points, bounds, edge.cast
//   tosa.clamp of integers  =>  edge.max, edge.min
//   tosa.table of i8        =>  edge.lookup
//
// What has no such form (factors above one, sums of 48 bits, 16-bit scales,
// unsigned readings) goes through linalg, where it is slower but the same.
//
// edge.rescale computes what TOSA's apply_scale_32 does for shifts from 31 on.
// With double rounding TOSA adds 2^(s-1) +- 2^30 by the sign of the value and
// shifts by s once; the operator rounds at 31 bits and then at s - 31, halves
// away from zero. Of a number h = floor((v*m + 2^30) / 2^31) >= 0 both are
// floor((v*m + 2^30 + 2^(s-1)) / 2^s), of h < 0 both have - 2^30; a negative v
// with h = 0 gives 0 both ways.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/mlir/Passes.h"
#include "compiler/import/mlir/TosaOperators.h"
#include "dialects/edge/Integer.h"
#include "mlir/IR/Matchers.h"

using namespace edgec;
using namespace edgec::tosa;
using llvm::ArrayRef;
using llvm::SmallVector;
using mlir::OpBuilder;
using mlir::Operation;
using mlir::RankedTensorType;
using mlir::Type;
using mlir::Value;

static Type elementOf(Value value) {
  return mlir::getElementTypeOrSelf(value.getType());
}

/// A constant's integers, be it TOSA's or ours already; nothing if it is none.
static std::optional<SmallVector<int64_t>> numbersOf(Value value) {
  mlir::DenseIntElementsAttr elements;
  if (!mlir::matchPattern(value, mlir::m_Constant(&elements)))
    return std::nullopt;
  SmallVector<int64_t> numbers;
  for (const llvm::APInt &number : elements.getValues<llvm::APInt>())
    numbers.push_back(number.getSExtValue());
  return numbers;
}

static std::optional<int64_t> numberOf(Value value) {
  auto numbers = numbersOf(value);
  return numbers && numbers->size() == 1 ? std::optional(numbers->front())
                                         : std::nullopt;
}

static Value constant(OpBuilder &builder, Operation *op, Type element,
                      ArrayRef<int64_t> numbers, bool isScalar) {
  auto type = isScalar
                  ? RankedTensorType::get({}, element)
                  : RankedTensorType::get({int64_t(numbers.size())}, element);
  SmallVector<llvm::APInt> values;
  for (int64_t number : numbers)
    values.emplace_back(element.getIntOrFloatBitWidth(), uint64_t(number),
                        /*isSigned=*/true);
  return edge::ConstantOp::create(
      builder, op->getLoc(), type,
      mlir::DenseElementsAttr::get(type, ArrayRef(values)));
}

//===-- convolutions -----------------------------------------------------===//

template <typename OpT> static bool hasIntegerSums(OpT op) {
  return elementOf(op.getInput()).isSignlessInteger(8) &&
         elementOf(op.getWeight()).isSignlessInteger(8) &&
         elementOf(op.getBias()).isSignlessInteger(32) &&
         elementOf(op.getResult()).isSignlessInteger(32) &&
         numberOf(op.getInputZp()) && numberOf(op.getWeightZp());
}

Value tosa::convolveIntegers(Operation *op, OpBuilder &builder,
                             RankedTensorType type, Value filter, Value bias,
                             const ConvolutionWindow &window) {
  int64_t inputZero = *numberOf(op->getOperand(3)),
          filterZero = *numberOf(op->getOperand(4));
  return edge::IntegerConv2DOp::create(
      builder, op->getLoc(), type, op->getOperand(0), filter, bias,
      window.strides, window.pads, window.dilations, window.groups, inputZero,
      filterZero, /*pad_value=*/inputZero);
}

//===-- rescale ----------------------------------------------------------===//

namespace {
/// What of a rescale is known: multipliers and shifts, one or per channel.
struct Scales {
  SmallVector<int64_t> multipliers, shifts;
  int64_t inputZero, resultZero;
};
} // namespace

/// The rescale's numbers, if it has a form in edge.
static std::optional<Scales> readScales(mlir::tosa::RescaleOp op) {
  auto multipliers = numbersOf(op.getMultiplier()),
       shifts = numbersOf(op.getShift());
  auto inputZero = numberOf(op.getInputZp()),
       resultZero = numberOf(op.getOutputZp());
  bool isPlain =
      op.getScale32() && !op.getInputUnsigned() && !op.getOutputUnsigned() &&
      op.getRoundingMode() != mlir::tosa::RoundingMode::INEXACT_ROUND;
  Type from = elementOf(op.getInput()), to = elementOf(op.getResult());
  bool isNarrow = from.isSignlessInteger(8) || from.isSignlessInteger(16);
  if (!multipliers || !shifts || !inputZero || !resultZero || !isPlain ||
      multipliers->size() != shifts->size() ||
      !(isNarrow || from.isSignlessInteger(32)) ||
      !(to.isSignlessInteger(8) || to.isSignlessInteger(16) ||
        to.isSignlessInteger(32)))
    return std::nullopt;
  // Numbers of `bits` bits, less their zero point, may be shifted left by what
  // is free of 32.
  int64_t bits = from.getIntOrFloatBitWidth();
  int64_t least = isNarrow ? 31 - (31 - (bits + 1)) : 31;
  if (llvm::any_of(*shifts, [&](int64_t s) { return s < least || s > 62; }) ||
      llvm::any_of(*multipliers, [](int64_t m) { return m < 0; }))
    return std::nullopt;
  return Scales{*multipliers, *shifts, *inputZero, *resultZero};
}

static Value convertRescale(Operation *op, OpBuilder &builder) {
  auto rescale = mlir::cast<mlir::tosa::RescaleOp>(op);
  Scales scales = *readScales(rescale);
  Type i32 = builder.getI32Type();
  auto result = mlir::cast<RankedTensorType>(rescale.getType());
  RankedTensorType wide = result.clone(i32);
  bool isScalar = scales.shifts.size() == 1;
  auto number = [&](int64_t value) {
    return constant(builder, op, i32, value, /*isScalar=*/true);
  };
  Value x = rescale.getInput();
  if (elementOf(x) != i32)
    x = replacement<edge::CastOp>(builder, op, wide, x);
  if (scales.inputZero != 0)
    x = replacement<edge::SubOp>(builder, op, wide,
                                 {x, number(scales.inputZero)});
  SmallVector<int64_t> left, right;
  for (int64_t shift : scales.shifts) {
    left.push_back(std::max<int64_t>(31 - shift, 0));
    right.push_back(std::max<int64_t>(shift - 31, 0));
  }
  if (llvm::any_of(left, [](int64_t shift) { return shift != 0; }))
    x = replacement<edge::ShiftLeftOp>(
        builder, op, wide, {x, constant(builder, op, i32, left, isScalar)});
  bool isDouble =
      rescale.getRoundingMode() == mlir::tosa::RoundingMode::DOUBLE_ROUND;
  x = edge::RescaleOp::create(
      builder, op->getLoc(), wide, x,
      constant(builder, op, i32, scales.multipliers, isScalar),
      constant(builder, op, i32, right, isScalar),
      isDouble ? edge::Rounding::double_rounding
               : edge::Rounding::single_rounding);
  if (scales.resultZero != 0)
    x = replacement<edge::AddOp>(builder, op, wide,
                                 {x, number(scales.resultZero)});
  if (result.getElementType() == i32)
    return x;
  int64_t most = (int64_t(1) << (result.getElementTypeBitWidth() - 1)) - 1;
  x = replacement<edge::MaxOp>(builder, op, wide, {x, number(-most - 1)});
  x = replacement<edge::MinOp>(builder, op, wide, {x, number(most)});
  return replacement<edge::CastOp>(builder, op, result, x);
}

//===-- bounds and tables ------------------------------------------------===//

static bool isIntegerClamp(mlir::tosa::ClampOp op) {
  return elementOf(op.getInput()).isSignlessInteger() &&
         mlir::isa<mlir::IntegerAttr>(op.getMinVal()) &&
         mlir::isa<mlir::IntegerAttr>(op.getMaxVal());
}

static Value convertClamp(Operation *op, OpBuilder &builder) {
  auto clamp = mlir::cast<mlir::tosa::ClampOp>(op);
  auto bound = [&](mlir::Attribute attribute) {
    return constant(
        builder, op, elementOf(clamp.getInput()),
        mlir::cast<mlir::IntegerAttr>(attribute).getValue().getSExtValue(),
        /*isScalar=*/true);
  };
  Value x =
      replacement<edge::MaxOp>(builder, op, clamp.getType(),
                               {clamp.getInput(), bound(clamp.getMinVal())});
  return replacement<edge::MinOp>(builder, op, clamp.getType(),
                                  {x, bound(clamp.getMaxVal())});
}

static bool isByteTable(mlir::tosa::TableOp op) {
  return elementOf(op.getInput1()).isSignlessInteger(8) &&
         elementOf(op.getTable()).isSignlessInteger(8);
}

static Value convertTable(Operation *op, OpBuilder &builder) {
  auto table = mlir::cast<mlir::tosa::TableOp>(op);
  return replacement<edge::LookupOp>(builder, op, table.getType(),
                                     {table.getInput1(), table.getTable()});
}

//===-- the table --------------------------------------------------------===//

bool edgec::hasIntegerForm(Operation *op) {
  using namespace mlir::tosa;
  if (auto conv = mlir::dyn_cast<Conv2DOp>(op))
    return hasIntegerSums(conv);
  if (auto conv = mlir::dyn_cast<DepthwiseConv2DOp>(op))
    return hasIntegerSums(conv);
  if (auto rescale = mlir::dyn_cast<RescaleOp>(op))
    return readScales(rescale).has_value();
  if (auto clamp = mlir::dyn_cast<ClampOp>(op))
    return isIntegerClamp(clamp);
  if (auto table = mlir::dyn_cast<TableOp>(op))
    return isByteTable(table);
  return false;
}

ArrayRef<TosaOperator> tosa::integerOperators() {
  static constexpr TosaOperator rows[] = {
      {"tosa.clamp", convertClamp},
      {"tosa.rescale", convertRescale},
      {"tosa.table", convertTable},
  };
  return rows;
}
