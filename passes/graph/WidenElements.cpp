//===- WidenElements.cpp - operators computed in a wider type ------------===//
//
// Sums of products and exponentials of f16 or bf16 are computed in f32: their
// emitters keep sums in registers, or partial results in the result's buffer,
// where 8 or 11 bits are not enough. Integer products whose result is of
// another width are computed in the result's type. The casts join neighbouring
// kernels, and those of constants are folded.
//
//   edge.softmax %x : f16   becomes
//   edge.cast (edge.softmax (edge.cast %x : f16 -> f32)) : f32 -> f16
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Edge.h"
#include "passes/graph/Passes.h"

using namespace mlir;

namespace edgec {
#define GEN_PASS_DEF_WIDENELEMENTS
#include "passes/graph/Passes.h.inc"

static Type elementOf(Type tensor) {
  return cast<RankedTensorType>(tensor).getElementType();
}

static bool isContraction(Operation *op) {
  return isa<edge::Conv2DOp, edge::MatMulOp, edge::FullyConnectedOp>(op);
}

/// The type in which the operator should be computed; null: its own.
static Type wantedElement(Operation *op) {
  if (!isContraction(op) && !isa<edge::SoftmaxOp, edge::BatchNormOp>(op))
    return nullptr;
  Type result = elementOf(op->getResult(0).getType());
  if (result.isF16() || result.isBF16())
    return Float32Type::get(op->getContext());
  bool differs = llvm::any_of(op->getOperandTypes(), [&](Type type) {
    return elementOf(type) != result && isa<IntegerType>(elementOf(type));
  });
  return differs && isContraction(op) && isa<IntegerType>(result) ? result
                                                                  : Type();
}

static Value castTo(OpBuilder &builder, Value value, Type element) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getElementType() == element)
    return value;
  return edge::CastOp::create(builder, value.getLoc(), type.clone(element),
                              value);
}

namespace {
struct WidenElements : impl::WidenElementsBase<WidenElements> {
  void runOnOperation() override {
    getOperation().walk([&](Operation *op) {
      if (!isa_and_nonnull<edge::EdgeDialect>(op->getDialect()))
        return;
      if (Type element = wantedElement(op)) {
        widen(op, element);
        ++numWidened;
      }
    });
  }

  static void widen(Operation *op, Type element) {
    OpBuilder builder(op);
    for (OpOperand &operand : op->getOpOperands())
      operand.set(castTo(builder, operand.get(), element));
    Value result = op->getResult(0);
    auto type = cast<RankedTensorType>(result.getType());
    if (type.getElementType() == element)
      return;
    result.setType(type.clone(element));
    builder.setInsertionPointAfter(op);
    auto back = edge::CastOp::create(builder, op->getLoc(), type, result);
    result.replaceAllUsesExcept(back, back);
  }
};
} // namespace
} // namespace edgec
