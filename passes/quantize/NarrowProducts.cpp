//===- NarrowProducts.cpp - products of bf16 as they are ------------------===//
//
// A model of bf16 has its products computed in f32 (edge-widen-elements), so
// that constants fold into weights as in other models. Where nothing did, and
// the machine multiplies bf16, they become what they were:
//
//   edge.cast (edge.conv2d (edge.cast %x : bf16 -> f32), %f : f32) : bf16
// becomes
//   edge.conv2d %x, %n                                %n: %f, whose numbers fit
//
// The products are exact either way and their sums f32.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Edge.h"
#include "passes/graph/ConstantData.h"
#include "passes/graph/QuantizedValue.h"
#include "passes/quantize/Passes.h"
#include "passes/schedule/Arithmetic.h"
#include <cstring>

using namespace mlir;

namespace edgec {
#define GEN_PASS_DEF_NARROWPRODUCTS
#include "passes/quantize/Passes.h.inc"
} // namespace edgec

using namespace edgec;

/// The value of bf16 that `value` of f32 is a cast of.
static Value narrowSource(Value value) {
  auto cast = value.getDefiningOp<edge::CastOp>();
  return cast && elementOf(cast.getX()).isBF16() && elementOf(value).isF32()
             ? cast.getX()
             : Value();
}

static uint32_t bitsOf(float number) {
  uint32_t bits;
  std::memcpy(&bits, &number, sizeof bits);
  return bits;
}

/// Whether bf16 holds all numbers of a constant of f32.
static bool isExact(Value value) {
  std::optional<ConstantData> data = ConstantData::get(value);
  if (!data || !data->isFloat32())
    return false;
  int64_t count = data->isSplat() ? 1 : data->getNumElements();
  for (int64_t i = 0; i < count; ++i)
    if (bitsOf(data->getFloat(i)) & 0xffff)
      return false;
  return true;
}

static Value narrowConstant(OpBuilder &builder, Value value) {
  ConstantData data = *ConstantData::get(value);
  auto type = data.getType().clone(builder.getBF16Type());
  auto numbers = makeConstant(type, [&](MutableArrayRef<char> out) {
    for (int64_t i = 0; i < data.getNumElements(); ++i) {
      auto bits = uint16_t(bitsOf(data.getFloat(i)) >> 16);
      std::memcpy(out.data() + i * sizeof bits, &bits, sizeof bits);
    }
  });
  return edge::ConstantOp::create(builder, value.getLoc(), type, numbers);
}

/// The cast to bf16 that all of the product goes to.
static edge::CastOp narrowUse(Operation *product) {
  if (!product->hasOneUse())
    return nullptr;
  auto cast = dyn_cast<edge::CastOp>(*product->user_begin());
  return cast && elementOf(cast).isBF16() ? cast : nullptr;
}

static bool canNarrow(Operation *op) {
  if (!isa<edge::Conv2DOp, edge::MatMulOp, edge::FullyConnectedOp>(op) ||
      !elementOf(op->getResult(0)).isF32() || !narrowUse(op))
    return false;
  Value lhs = op->getOperand(0), rhs = op->getOperand(1);
  return narrowSource(lhs) &&
         ((isa<edge::MatMulOp>(op) && narrowSource(rhs)) || isExact(rhs));
}

static void narrow(Operation *op) {
  OpBuilder builder(op);
  for (unsigned number : {0, 1}) {
    Value wide = op->getOperand(number), source = narrowSource(wide);
    op->setOperand(number, source ? source : narrowConstant(builder, wide));
    if (wide.use_empty())
      wide.getDefiningOp()->erase();
  }
  edge::CastOp use = narrowUse(op);
  op->getResult(0).setType(use.getType());
  use.replaceAllUsesWith(op->getResult(0));
  use.erase();
}

namespace {
struct NarrowProducts : edgec::impl::NarrowProductsBase<NarrowProducts> {
  void runOnOperation() override {
    if (!schedule::multipliesBrainFloats(schedule::getMachine(getOperation())))
      return markAllAnalysesPreserved();
    SmallVector<Operation *> products;
    getOperation().walk([&](Operation *op) {
      if (canNarrow(op))
        products.push_back(op);
    });
    llvm::for_each(products, narrow);
    numProducts += products.size();
  }
};
} // namespace
