//===- Normalisation.cpp - softmax, normalisation of rows and batches -----===//
//
// Operators that scale elements by statistics, computed here or stored.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Normalize.h"
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

static HostTensor normalize(edge::NormalizeOp op, const HostTensor &x) {
  HostTensor result(resultType(op));
  int64_t length = x.shape().back();
  double epsilon = op.getEpsilon().convertToDouble();
  for (int64_t first = 0, end = int64_t(x.reals.size()); first < end;
       first += length) {
    double sum = 0.0, squares = 0.0;
    for (int64_t i = 0; i < length; ++i)
      sum += x.reals[first + i];
    double mean = sum / double(length);
    for (int64_t i = 0; i < length; ++i)
      squares += (x.reals[first + i] - mean) * (x.reals[first + i] - mean);
    double deviation = std::sqrt(squares / double(length) + epsilon);
    for (int64_t i = 0; i < length; ++i)
      result.reals[first + i] = (x.reals[first + i] - mean) / deviation;
  }
  return result;
}

/// The partial sums of layer_norm in its order, of type T; `add` takes a sum
/// and an element.
template <typename T, typename Add, typename AddRest>
static T sumInEights(ArrayRef<double> row, Add add, AddRest addRest) {
  T partial[8] = {};
  size_t whole = row.size() / 8 * 8;
  for (size_t i = 0; i < whole; ++i)
    partial[i % 8] = add(partial[i % 8], float(row[i]));
  for (size_t apart = 4; apart > 0; apart /= 2)
    for (size_t j = 0; j < apart; ++j)
      partial[j] = partial[j] + partial[j + apart];
  for (size_t i = whole; i < row.size(); ++i)
    partial[0] = addRest(partial[0], float(row[i]));
  return partial[0];
}

/// In float32, as the operator says.
static HostTensor layerNorm(edge::LayerNormOp op, const HostTensor &x,
                            const HostTensor &scale, const HostTensor &bias) {
  HostTensor result(resultType(op));
  auto length = size_t(x.shape().back());
  float epsilon = op.getEpsilon().convertToFloat();
  for (size_t first = 0; first < x.reals.size(); first += length) {
    ArrayRef<double> row = ArrayRef(x.reals).slice(first, length);
    auto addReal = [](double sum, float element) { return sum + element; };
    double total = sumInEights<double>(row, addReal, addReal);
    auto mean = float(total / double(length));
    auto square = sumInEights<float>(
        row,
        [&](float sum, float element) {
          float apart = element - mean;
          return std::fma(apart, apart, sum);
        },
        [&](float sum, float element) {
          float apart = element - mean;
          volatile float product = apart * apart;
          return sum + product;
        });
    volatile float variance = square / float(length);
    float factor = 1 / std::sqrt(variance + epsilon);
    for (size_t i = 0; i < length; ++i) {
      result.reals[first + i] =
          std::fma((float(row[i]) - mean) * factor, float(scale.reals[i]),
                   float(bias.reals[i]));
    }
  }
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
  if (!isa<edge::SoftmaxOp, edge::NormalizeOp, edge::LayerNormOp,
           edge::BatchNormOp>(op))
    return std::nullopt;
  for (const HostTensor *operand : operands)
    if (!operand->isFloat())
      return undefinedOn(op, "integer or quantized");
  if (!resultType(op).getElementType().isFloat())
    return undefinedOn(op, "integer or quantized");
  if (auto softmaxOp = dyn_cast<edge::SoftmaxOp>(op))
    return softmax(softmaxOp, *operands[0]);
  if (auto normalizeOp = dyn_cast<edge::NormalizeOp>(op))
    return normalize(normalizeOp, *operands[0]);
  if (auto layerNormOp = dyn_cast<edge::LayerNormOp>(op))
    return layerNorm(layerNormOp, *operands[0], *operands[1], *operands[2]);
  return batchNorm(cast<edge::BatchNormOp>(op), operands);
}
