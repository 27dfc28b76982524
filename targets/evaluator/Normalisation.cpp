//===- Normalisation.cpp - softmax and batch normalisation ---------------===//
//
// Operators that scale elements by statistics, computed here or stored.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Edge.h"
#include "targets/evaluator/Operators.h"
#include <cmath>

using namespace mlir;
using namespace edgec;
using namespace edgec::evaluator;

static HostTensor softmax(edge::SoftmaxOp op, const HostTensor &x) {
  HostTensor result(resultType(op));
  int64_t axis = op.getAxis();
  int64_t length = x.shape()[axis];
  int64_t stride = denseStrides(x.shape())[axis];
  SmallVector<int64_t> others(x.shape());
  others[axis] = 1;
  auto strides = broadcastStrides(x.shape(), x.shape());
  forEachPosition(others, [&](ArrayRef<int64_t> position) {
    int64_t first = linearise(position, strides);
    double largest = x.reals[first], sum = 0.0;
    for (int64_t i = 0; i < length; ++i)
      largest = std::max(largest, x.reals[first + i * stride]);
    for (int64_t i = 0; i < length; ++i)
      sum += std::exp(x.reals[first + i * stride] - largest);
    for (int64_t i = 0; i < length; ++i)
      result.reals[first + i * stride] =
          std::exp(x.reals[first + i * stride] - largest) / sum;
  });
  return result;
}

static HostTensor batchNorm(edge::BatchNormOp op, Operands operands) {
  const HostTensor &x = *operands[0], &scale = *operands[1],
                   &offset = *operands[2], &mean = *operands[3],
                   &variance = *operands[4];
  HostTensor result(resultType(op));
  double epsilon = op.getEpsilon().convertToDouble();
  int64_t i = 0;
  forEachPosition(x.shape(), [&](ArrayRef<int64_t> position) {
    int64_t c = position[op.getAxis()];
    result.reals[i] = (x.reals[i] - mean.reals[c]) /
                          std::sqrt(variance.reals[c] + epsilon) *
                          scale.reals[c] +
                      offset.reals[c];
    ++i;
  });
  return result;
}

Result edgec::evaluator::evaluateNormalisation(Operation *op,
                                               Operands operands) {
  if (!isa<edge::SoftmaxOp, edge::BatchNormOp>(op))
    return std::nullopt;
  for (const HostTensor *operand : operands)
    if (!operand->isFloat())
      return undefinedOn(op, "integer or quantized");
  if (!resultType(op).getElementType().isFloat())
    return undefinedOn(op, "integer or quantized");
  if (auto softmaxOp = dyn_cast<edge::SoftmaxOp>(op))
    return softmax(softmaxOp, *operands[0]);
  return batchNorm(cast<edge::BatchNormOp>(op), operands);
}
