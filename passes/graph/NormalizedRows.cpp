//===- NormalizedRows.cpp - layer normalizations written out --------------===//
//
// See NormalizedRows.h.
//
//===----------------------------------------------------------------------===//
#include "passes/graph/NormalizedRows.h"
#include "passes/graph/ConstantData.h"

using namespace mlir;
using namespace edgec;

/// What the operator takes the mean of along the last dimension, which stays;
/// null otherwise.
static Value meanOfRows(Value value) {
  auto mean = value.getDefiningOp<edge::ReduceMeanOp>();
  if (!mean || !mean.getKeepDims())
    return nullptr;
  int64_t rank = cast<RankedTensorType>(mean.getX().getType()).getRank();
  return mean.getAxes() == ArrayRef<int64_t>{rank - 1} ? mean.getX() : Value();
}

/// The operand of a sum that is no constant, and the other one as a number.
static std::optional<std::pair<Value, float>> findEpsilon(edge::AddOp sum) {
  for (auto [value, constant] :
       {std::pair<Value, Value>(sum.getLhs(), sum.getRhs()),
        std::pair<Value, Value>(sum.getRhs(), sum.getLhs())}) {
    auto data = ConstantData::get(constant);
    if (!data || !data->isFloat32() || data->getNumElements() != 1)
      continue;
    float epsilon = data->getFloat(0);
    if (epsilon >= 0)
      return std::pair(value, epsilon);
  }
  return std::nullopt;
}

static std::optional<NormalizedRows> findRows(edge::MulOp product,
                                              Value centered, Value factor) {
  auto difference = centered.getDefiningOp<edge::SubOp>();
  auto root = factor.getDefiningOp<edge::RsqrtOp>();
  auto sum = root ? root.getX().getDefiningOp<edge::AddOp>() : nullptr;
  auto found = sum ? findEpsilon(sum) : std::nullopt;
  Value squares = found ? meanOfRows(found->first) : Value();
  auto square = squares ? squares.getDefiningOp<edge::MulOp>() : nullptr;
  if (!difference || !square || square.getLhs() != centered ||
      square.getRhs() != centered)
    return std::nullopt;
  Value x = difference.getLhs();
  auto type = cast<RankedTensorType>(x.getType());
  if (meanOfRows(difference.getRhs()) != x || product.getType() != type ||
      !type.getElementType().isF32())
    return std::nullopt;
  return NormalizedRows{x, found->second};
}

std::optional<NormalizedRows> edgec::findNormalizedRows(edge::MulOp product) {
  Value lhs = product.getLhs(), rhs = product.getRhs();
  auto found = findRows(product, lhs, rhs);
  return found ? found : findRows(product, rhs, lhs);
}
