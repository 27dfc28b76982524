//===- QuantizedNormalizations.cpp - as ONNX Runtime rounds them ----------===//
//
//   normalized(dequantize(%q)) * scale + bias
// becomes
//   edge.layer_norm (dequantize %q), scale, bias
//
// whose sums have the order that ONNX Runtime's kernel has, where a
// quantization behind them would show the last digit: in a deep network one
// byte of a million that differs moves all that follows.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Normalize.h"
#include "passes/graph/ConstantData.h"
#include "passes/graph/NormalizedRows.h"
#include "passes/graph/QuantizedSums.h"

using namespace mlir;
using namespace edgec;

/// The only reader of a value, if it is an OpT.
template <typename OpT> static OpT onlyReader(Value value) {
  return value.hasOneUse() ? dyn_cast<OpT>(*value.user_begin()) : OpT();
}

/// The operator's other operand, if that is one constant number of f32 for each
/// element of a row.
static Value perElement(Operation *op, Value known) {
  Value other = op->getOperand(op->getOperand(0) == known ? 1 : 0);
  auto data = ConstantData::get(other);
  bool fits =
      data && data->isFloat32() && shapeOf(other) == shapeOf(known).take_back();
  return fits ? other : Value();
}

bool edgec::fuseNormalization(edge::RsqrtOp root) {
  // ONNX Runtime computes shorter rows one element at a time.
  constexpr int64_t shortest = 8;
  std::optional<NormalizedRows> rows;
  Value result;
  for (Operation *user : root->getUsers()) {
    auto product = dyn_cast<edge::MulOp>(user);
    rows = product ? findNormalizedRows(product) : std::nullopt;
    if (rows) {
      result = product.getResult();
      break;
    }
  }
  if (!rows || !storedBehind(rows->x) || shapeOf(rows->x).back() < shortest)
    return false;
  auto scaled = onlyReader<edge::MulOp>(result);
  auto sum =
      scaled ? onlyReader<edge::AddOp>(scaled.getResult()) : edge::AddOp();
  Value scale = sum ? perElement(scaled, result) : Value(),
        bias = scale ? perElement(sum, scaled.getResult()) : Value();
  if (!bias || sum.getType() != result.getType())
    return false;
  OpBuilder builder(sum);
  sum.replaceAllUsesWith(
      edge::LayerNormOp::create(builder, sum.getLoc(), sum.getType(), rows->x,
                                scale, bias, llvm::APFloat(rows->epsilon))
          .getResult());
  return true;
}
