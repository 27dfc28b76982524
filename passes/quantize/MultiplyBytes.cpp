//===- MultiplyBytes.cpp - products of two quantized values on bytes ------===//
//
// A product of two values of the run is computed on whole numbers in f32, or
// in i16, which every machine multiplies fast. Where the machine adds up
// products of bytes, the kernel puts the second factor in the order that it
// wants in each run, and products become what they were:
//
//   edge.matmul (edge.sub (edge.cast %x : ui8 -> f32), 3.0),
//               (edge.transpose (edge.cast %y : i8 -> f32))
// becomes
//   edge.integer_matmul %x, (edge.transpose %y) {lhs_zero_point = 3}
//
// Sums of f32 are exact as long as they are below 2^24, so nothing changes.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Integer.h"
#include "dialects/edge/Product.h"
#include "mlir/IR/IRMapping.h"
#include "passes/graph/ConstantData.h"
#include "passes/graph/QuantizedValue.h"
#include "passes/kernel/ContractionShape.h"
#include "passes/quantize/Passes.h"
#include "passes/schedule/Arithmetic.h"
#include <cmath>

using namespace mlir;

namespace edgec {
#define GEN_PASS_DEF_MULTIPLYBYTES
#include "passes/quantize/Passes.h.inc"
} // namespace edgec

using namespace edgec;
using kernel::IntegerRange;

namespace {
/// Bytes less their zero point, moved about.
struct Factor {
  Value bytes;
  int64_t zeroPoint = 0;
  /// Operators that only move elements, the last one first.
  SmallVector<Operation *> moves;

  IntegerRange range() const {
    bool isUnsigned = elementOf(bytes).isUnsignedInteger();
    int64_t low = isUnsigned ? 0 : -128;
    return {low - zeroPoint, low + 255 - zeroPoint};
  }
  int64_t largest() const {
    return std::max(std::abs(range().low), std::abs(range().high));
  }
};
} // namespace

static bool isByte(Type element) {
  return element.isSignlessInteger(8) || element.isUnsignedInteger(8);
}

/// The whole number that a constant is in all of its elements.
static std::optional<int64_t> wholeNumber(Value value) {
  DenseElementsAttr dense;
  auto constant = value.getDefiningOp<edge::ConstantOp>();
  if (constant)
    dense = dyn_cast<DenseElementsAttr>(constant.getValue());
  if (!dense || !dense.isSplat())
    return std::nullopt;
  if (isa<IntegerType>(dense.getElementType()))
    return dense.getSplatValue<APInt>().getSExtValue();
  if (!dense.getElementType().isF32())
    return std::nullopt;
  auto number = dense.getSplatValue<float>();
  bool isWhole = std::abs(number) <= 256 && std::nearbyint(number) == number;
  return isWhole ? std::optional(int64_t(number)) : std::nullopt;
}

/// What a factor of a product is made of, if it is bytes.
static std::optional<Factor> factorBehind(Value value) {
  Factor factor;
  auto takeMoves = [&] {
    Operation *op = value.getDefiningOp();
    for (; isa_and_nonnull<edge::TransposeOp, edge::ReshapeOp>(op);
         op = value.getDefiningOp()) {
      factor.moves.push_back(op);
      value = op->getOperand(0);
    }
  };
  takeMoves();
  Operation *op = value.getDefiningOp();
  if (isa_and_nonnull<edge::SubOp, edge::AddOp>(op)) {
    std::optional<int64_t> number = wholeNumber(op->getOperand(1));
    if (!number || shapeOf(op->getOperand(0)) != shapeOf(value))
      return std::nullopt;
    factor.zeroPoint = isa<edge::SubOp>(op) ? *number : -*number;
    value = op->getOperand(0);
    takeMoves();
  }
  auto cast = value.getDefiningOp<edge::CastOp>();
  if (!cast || !isByte(elementOf(cast.getX())))
    return std::nullopt;
  factor.bytes = cast.getX();
  IntegerRange numbers = factor.range();
  bool isOfType = numbers.low <= 0 && numbers.high >= 0;
  return isOfType ? std::optional(factor) : std::nullopt;
}

/// The bytes, moved as their numbers were.
static Value movedBytes(OpBuilder &builder, const Factor &factor) {
  Value value = factor.bytes;
  for (Operation *move : llvm::reverse(factor.moves)) {
    IRMapping mapping;
    mapping.map(move->getOperand(0), value);
    Operation *clone = builder.clone(*move, mapping);
    auto type = cast<RankedTensorType>(clone->getResult(0).getType());
    clone->getResult(0).setType(type.clone(elementOf(factor.bytes)));
    value = clone->getResult(0);
  }
  return value;
}

static bool isExact(edge::MatMulOp op, const Factor &lhs, const Factor &rhs) {
  Type element = elementOf(op.getResult());
  int64_t sums = shapeOf(op.getLhs()).back() * lhs.largest() * rhs.largest();
  return element.isSignlessInteger(32) ||
         (element.isF32() && sums < int64_t(1) << 24);
}

/// Whether the product is faster on bytes: few rows do not pay for the order of
/// the second factor.
static bool isWorthIt(edge::MatMulOp op, const Factor &lhs, const Factor &rhs,
                      schedule::MachineAttr machine) {
  constexpr int64_t leastRows = 4;
  ArrayRef<int64_t> shape = shapeOf(op.getResult());
  return shape.drop_back().back() >= leastRows &&
         kernel::findRunDotUnit(machine, elementOf(lhs.bytes),
                                elementOf(rhs.bytes), rhs.zeroPoint,
                                shapeOf(op.getLhs()).back())
             .has_value();
}

/// Replaces the product if its factors are bytes.
static bool multiplyBytes(edge::MatMulOp op, schedule::MachineAttr machine) {
  std::optional<Factor> lhs = factorBehind(op.getLhs()),
                        rhs = factorBehind(op.getRhs());
  // A constant is packed at compile time, as what it is.
  if (!lhs || !rhs || ConstantData::get(rhs->bytes) ||
      !isExact(op, *lhs, *rhs) || !isWorthIt(op, *lhs, *rhs, machine))
    return false;
  OpBuilder builder(op);
  auto type = cast<RankedTensorType>(op.getType());
  Value sums = edge::IntegerMatMulOp::create(
      builder, op.getLoc(), type.clone(builder.getI32Type()),
      movedBytes(builder, *lhs), movedBytes(builder, *rhs),
      uint64_t(lhs->zeroPoint), uint64_t(rhs->zeroPoint));
  if (type.getElementType().isF32()) {
    // It takes integers as well.
    op.getResult().replaceUsesWithIf(sums, [](OpOperand &use) {
      return isa<edge::RequantizeOp>(use.getOwner()) &&
             use.getOperandNumber() == 0;
    });
    if (!op->use_empty())
      sums = edge::CastOp::create(builder, op.getLoc(), type, sums);
  }
  op.getResult().replaceAllUsesWith(sums);
  op->erase();
  return true;
}

namespace {
struct MultiplyBytes : edgec::impl::MultiplyBytesBase<MultiplyBytes> {
  void runOnOperation() override {
    schedule::MachineAttr machine = schedule::getMachine(getOperation());
    if (!machine)
      return markAllAnalysesPreserved();
    SmallVector<edge::MatMulOp> products;
    getOperation().walk([&](edge::MatMulOp op) { products.push_back(op); });
    for (edge::MatMulOp product : products)
      numProducts += multiplyBytes(product, machine);
  }
};
} // namespace
