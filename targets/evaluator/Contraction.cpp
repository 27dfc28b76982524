//===- Contraction.cpp - convolution and matrix products -----------------===//
//
// The sums of products, each written as its operator's documentation writes it.
// The loops run on raw pointers because these operators are nearly all of a
// model's work, and on doubles or integers alike.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Blocks.h"
#include "targets/evaluator/Operators.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::evaluator;

/// What sums of T are computed in: integers wrap, which signed ones may not.
template <typename T>
using Sum = std::conditional_t<std::is_integral_v<T>, uint64_t, T>;

/// The sum of a[i] * b[i * stride].
template <typename T>
static Sum<T> dot(const T *a, const T *b, int64_t count, int64_t stride = 1) {
  Sum<T> sum = 0;
  for (int64_t i = 0; i < count; ++i)
    sum += Sum<T>(a[i]) * Sum<T>(b[i * stride]);
  return sum;
}

template <typename T>
static void convolve(edge::Conv2DOp op, Operands operands, HostTensor &result) {
  const HostTensor &input = *operands[0], &filter = *operands[1];
  const T *bias =
      operands.size() > 2 ? operands[2]->values<T>().data() : nullptr;
  const int64_t height = input.shape()[1], width = input.shape()[2];
  const int64_t channels = input.shape()[3];
  const int64_t filters = filter.shape()[0];
  const int64_t filterHeight = filter.shape()[1],
                filterWidth = filter.shape()[2];
  const int64_t perGroup = filter.shape()[3];
  const int64_t filtersPerGroup = filters / op.getGroups();
  ArrayRef<int64_t> strides = op.getStrides(), pads = op.getPads();
  ArrayRef<int64_t> dilations = op.getDilations();

  // One output: `pixel` points at its image's first element.
  auto outputAt = [&](const T *image, int64_t y, int64_t x, int64_t o) {
    Sum<T> sum = bias ? bias[o] : T(0);
    const int64_t firstChannel = o / filtersPerGroup * perGroup;
    for (int64_t ky = 0; ky < filterHeight; ++ky) {
      const int64_t inputY = y * strides[0] + ky * dilations[0] - pads[0];
      if (inputY < 0 || inputY >= height)
        continue;
      for (int64_t kx = 0; kx < filterWidth; ++kx) {
        const int64_t inputX = x * strides[1] + kx * dilations[1] - pads[1];
        if (inputX < 0 || inputX >= width)
          continue;
        sum += dot(image + (inputY * width + inputX) * channels + firstChannel,
                   filter.values<T>().data() +
                       ((o * filterHeight + ky) * filterWidth + kx) * perGroup,
                   perGroup);
      }
    }
    return T(sum);
  };

  T *out = result.values<T>().data();
  for (int64_t n = 0; n < result.shape()[0]; ++n) {
    const T *image = input.values<T>().data() + n * height * width * channels;
    for (int64_t y = 0; y < result.shape()[1]; ++y) {
      for (int64_t x = 0; x < result.shape()[2]; ++x)
        for (int64_t o = 0; o < filters; ++o)
          *out++ = outputAt(image, y, x, o);
    }
  }
}

template <typename T>
static void multiply(Operands operands, HostTensor &result) {
  const HostTensor &lhs = *operands[0], &rhs = *operands[1];
  const int64_t rows = lhs.shape()[lhs.shape().size() - 2];
  const int64_t depth = lhs.shape().back(), columns = rhs.shape().back();
  ArrayRef<int64_t> batch = result.shape().drop_back(2);
  auto lhsStrides = broadcastStrides(lhs.shape().drop_back(2), batch);
  auto rhsStrides = broadcastStrides(rhs.shape().drop_back(2), batch);
  T *out = result.values<T>().data();
  forEachPosition(batch, [&](ArrayRef<int64_t> position) {
    const T *a =
        lhs.values<T>().data() + linearise(position, lhsStrides) * rows * depth;
    const T *b = rhs.values<T>().data() +
                 linearise(position, rhsStrides) * depth * columns;
    for (int64_t m = 0; m < rows; ++m)
      for (int64_t n = 0; n < columns; ++n)
        *out++ = dot(a + m * depth, b + n, depth, columns);
  });
}

template <typename T>
static void connect(Operands operands, HostTensor &result) {
  const HostTensor &input = *operands[0], &filter = *operands[1];
  const T *bias =
      operands.size() > 2 ? operands[2]->values<T>().data() : nullptr;
  const int64_t units = filter.shape()[0], depth = filter.shape()[1];
  T *out = result.values<T>().data();
  for (int64_t row = 0; row < input.size() / depth; ++row) {
    for (int64_t n = 0; n < units; ++n) {
      *out++ = Sum<T>(bias ? bias[n] : T(0)) +
               dot(input.values<T>().data() + row * depth,
                   filter.values<T>().data() + n * depth, depth);
    }
  }
}

template <typename T>
static void contract(Operation *op, Operands operands, HostTensor &result) {
  if (auto conv = dyn_cast<edge::Conv2DOp>(op))
    return convolve<T>(conv, operands, result);
  if (isa<edge::MatMulOp>(op))
    return multiply<T>(operands, result);
  connect<T>(operands, result);
}

/// Weights that are integers beside data of floats stand for themselves.
static HostTensor asReals(const HostTensor &filter) {
  HostTensor reals(RankedTensorType::get(
      filter.shape(), Float64Type::get(filter.type.getContext())));
  reals.reals.assign(filter.integers.begin(), filter.integers.end());
  return reals;
}

static HostTensor multiplyBlocks(edge::BlockProductOp op, Operands operands) {
  HostTensor result(resultType(op));
  const HostTensor &x = *operands[0], &filter = *operands[1],
                   &scales = *operands[2];
  const int64_t units = filter.shape()[0], depth = filter.shape()[1],
                size = op.blockSize();
  auto out = result.reals.begin();
  for (int64_t row = 0; row < x.size() / depth; ++row) {
    for (int64_t n = 0; n < units; ++n) {
      double sum = 0;
      for (int64_t k = 0; k < depth; ++k) {
        sum += scales.reals[k / size * units + n] * x.reals[row * depth + k] *
               double(filter.integers[n * depth + k]);
      }
      *out++ = sum;
    }
  }
  return result;
}

Result edgec::evaluator::evaluateContraction(Operation *op, Operands operands) {
  if (auto product = dyn_cast<edge::BlockProductOp>(op))
    return multiplyBlocks(product, operands);
  if (!isa<edge::Conv2DOp, edge::MatMulOp, edge::FullyConnectedOp>(op))
    return std::nullopt;
  HostTensor result(resultType(op));
  if (result.isFloat()) {
    SmallVector<const HostTensor *> factors(operands);
    std::optional<HostTensor> filter;
    if (isa<IntegerType>(operands[1]->elementType()))
      factors[1] = &filter.emplace(asReals(*operands[1]));
    contract<double>(op, factors, result);
    return result;
  }
  for (const HostTensor *operand : operands)
    if (!isa<IntegerType>(operand->elementType()))
      return undefinedOn(op, "quantized");
  if (!isa<IntegerType>(result.elementType()))
    return undefinedOn(op, "quantized");
  contract<int64_t>(op, operands, result);
  for (int64_t &value : result.integers)
    value = wrapTo(result.elementType(), value);
  return result;
}
