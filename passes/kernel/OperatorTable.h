//===- OperatorTable.h - each elementwise operator on one vector -*- C++
//-*-===//
//
// One row per elementwise operator says how it computes a vector: on floats, on
// signed and on unsigned integers. To add an operator, add its row to the table
// in OperatorTable.cpp; it then works behind every anchor, in every layout and
// on every machine.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_OPERATORTABLE_H
#define EDGEC_PASSES_KERNEL_OPERATORTABLE_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/VectorMath.h"

namespace edgec::kernel {

/// What a row of the table works on: vectors in the computed form.
struct VectorOperands {
  mlir::OpBuilder &b;
  mlir::Location loc;
  mlir::Operation *op;
  llvm::ArrayRef<mlir::Value> x;
  MathTarget target;

  /// The elements of the operator's tensors.
  mlir::Type operandElement(unsigned index = 0) const {
    return elementOf(op->getOperand(index).getType());
  }
  mlir::Type resultElement() const {
    return elementOf(op->getResult(0).getType());
  }
  /// A number of the first vector's type.
  mlir::Value constant(float value) const {
    return emitConstant(b, loc, x[0].getType(), value);
  }
  mlir::Value integer(int64_t value) const;
  mlir::Value unary(UnaryMath *f) const { return f(b, loc, x[0], target); }
  template <typename Op> mlir::Value make() const {
    return Op::create(b, loc, x[0], x[1]);
  }
  /// which of two zeros comes out is not said
  template <typename Op> mlir::Value makeZeroUnsigned() const {
    return Op::create(b, loc, x[0], x[1], mlir::arith::FastMathFlags::nsz);
  }
  mlir::Value compare(mlir::arith::CmpIPredicate predicate, mlir::Value lhs,
                      mlir::Value rhs) const {
    return mlir::arith::CmpIOp::create(b, loc, predicate, lhs, rhs);
  }
  mlir::Value compare(mlir::arith::CmpFPredicate predicate, mlir::Value lhs,
                      mlir::Value rhs) const {
    return mlir::arith::CmpFOp::create(b, loc, predicate, lhs, rhs);
  }
  mlir::Value select(mlir::Value condition, mlir::Value yes,
                     mlir::Value no) const {
    return mlir::arith::SelectOp::create(b, loc, condition, yes, no);
  }
  /// min(max(value, low), high); a NaN stays
  mlir::Value clamp(mlir::Value value, float low, float high) const {
    value = emitAtLeast(b, loc, value, constant(low), target);
    return emitAtMost(b, loc, value, constant(high), target);
  }
};

using EmitVector = mlir::Value(const VectorOperands &);

/// How the operator computes a vector of its element types, or null.
EmitVector *findVectorEmitter(mlir::Operation *op);

/// Whether the operator needs a polynomial, which hides its own latencies.
bool isExpensiveOperator(mlir::Operation *op);

//===-- rows on integers (IntegerOperators.cpp) --------------------------===//

EmitVector emitIntegerSign, emitIntegerAbs;
/// Processors trap on x / 0 and on the smallest number by -1. The first has no
/// result (0 here), the second wraps.
EmitVector emitSignedDivision, emitUnsignedDivision;
EmitVector emitSignedRem, emitUnsignedRem, emitFloorMod;
/// What is shifted by the width or more is gone but for its sign.
EmitVector emitShiftLeft, emitSignedShiftRight, emitUnsignedShiftRight;
/// Modulo the width; x^-n truncates as division does.
EmitVector emitIntegerPow;
/// Products of 64 bits, rounded as the operator says.
EmitVector emitRescale;

//===-- conversions (CastOperators.cpp, FloatRequantize.cpp)
//------------------===//

EmitVector emitCast, emitBitcast;
/// Products of float32, rounded by an addition.
EmitVector emitRequantize;

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_OPERATORTABLE_H
