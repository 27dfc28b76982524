//===- Dynamic.cpp - operators with offsets of the run --------------------===//
//
// Each element of the result is looked up at the place that the operator's
// documentation names.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Dynamic.h"
#include "targets/evaluator/Operators.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::evaluator;

namespace {
/// What a list of the run says about each dimension.
struct PerDimension {
  std::vector<int64_t> values;

  /// `list`[k] for the dimension that `axes`[k] names, `otherwise` for those
  /// that none does; without axes the k-th dimension.
  PerDimension(int64_t rank, const HostTensor *list, const HostTensor *axes,
               size_t count, int64_t otherwise)
      : values(rank, otherwise) {
    for (size_t k = 0; list && k < count; ++k) {
      int64_t axis = axes ? axes->integers[k] : int64_t(k);
      axis += axis < 0 ? rank : 0;
      if (axis >= 0 && axis < rank)
        values[axis] = list->integers[k];
    }
  }
};
} // namespace

/// Copies the element at `from` of `x` to place `to` of `result`.
static void copyElement(const HostTensor &x, int64_t from, HostTensor &result,
                        int64_t to) {
  if (x.isFloat())
    result.reals[to] = x.reals[from];
  else
    result.integers[to] = x.integers[from];
}

/// Operands by their place among the optional ones.
static const HostTensor *take(bool isPresent, Operands &operands) {
  if (!isPresent)
    return nullptr;
  const HostTensor *first = operands.front();
  operands = operands.drop_front();
  return first;
}

static HostTensor slice(edge::DynamicSliceOp op, Operands operands) {
  const HostTensor &x = *take(true, operands), &starts = *take(true, operands);
  const HostTensor *axes = take(bool(op.getAxes()), operands),
                   *steps = take(bool(op.getSteps()), operands);
  int64_t rank = x.type.getRank();
  size_t count = starts.size();
  PerDimension start(rank, &starts, axes, count, 0),
      step(rank, steps, axes, count, 1);
  HostTensor result(cast<RankedTensorType>(op.getType()));
  SmallVector<int64_t> strides = denseStrides(x.shape());
  int64_t next = 0;
  forEachPosition(result.shape(), [&](ArrayRef<int64_t> position) {
    int64_t from = 0;
    for (int64_t d = 0; d < rank; ++d) {
      int64_t last = x.shape()[d] - 1;
      int64_t first = start.values[d];
      first =
          std::clamp<int64_t>(first < 0 ? first + last + 1 : first, 0, last);
      // Steps as large as a dimension all lead to its end.
      int64_t by = std::clamp(step.values[d], -last - 1, last + 1);
      from +=
          std::clamp<int64_t>(first + position[d] * by, 0, last) * strides[d];
    }
    copyElement(x, from, result, next++);
  });
  return result;
}

/// The place in a dimension of `size` that stands for `position`, which may lie
/// outside; none for the constant.
static std::optional<int64_t> padSource(int64_t position, int64_t size,
                                        edge::PadMode mode) {
  if (position >= 0 && position < size)
    return position;
  auto modulo = [](int64_t a, int64_t b) { return (a % b + b) % b; };
  switch (mode) {
  case edge::PadMode::constant:
    return std::nullopt;
  case edge::PadMode::edge:
    return std::clamp<int64_t>(position, 0, size - 1);
  case edge::PadMode::wrap:
    return modulo(position, size);
  case edge::PadMode::reflect:
    if (size == 1)
      return 0;
    int64_t there = modulo(position, 2 * (size - 1));
    return there < size ? there : 2 * (size - 1) - there;
  }
  return std::nullopt;
}

static HostTensor pad(edge::DynamicPadOp op, Operands operands) {
  const HostTensor &x = *take(true, operands), &pads = *take(true, operands);
  const HostTensor *value = take(bool(op.getValue()), operands),
                   *axes = take(bool(op.getAxes()), operands);
  int64_t rank = x.type.getRank();
  PerDimension low(rank, &pads, axes, pads.size() / 2, 0);
  HostTensor result(cast<RankedTensorType>(op.getType()));
  SmallVector<int64_t> strides = denseStrides(x.shape());
  int64_t next = 0;
  forEachPosition(result.shape(), [&](ArrayRef<int64_t> position) {
    std::optional<int64_t> from = 0;
    for (int64_t d = 0; d < rank && from; ++d) {
      auto place =
          padSource(position[d] - low.values[d], x.shape()[d], op.getMode());
      from = place ? std::optional(*from + *place * strides[d]) : std::nullopt;
    }
    if (from)
      copyElement(x, *from, result, next);
    else if (value)
      copyElement(*value, 0, result, next);
    ++next;
  });
  return result;
}

Result evaluator::evaluateDynamic(Operation *op, Operands operands) {
  if (auto dynamicSlice = dyn_cast<edge::DynamicSliceOp>(op))
    return slice(dynamicSlice, operands);
  if (auto dynamicPad = dyn_cast<edge::DynamicPadOp>(op))
    return pad(dynamicPad, operands);
  return std::nullopt;
}
