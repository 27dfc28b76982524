//===- Move.cpp - operators that only move elements ----------------------===//
//
// Each is told by one question: which element of which operand does the result
// have at this position? They work on every element type, quantized ones
// included, as long as operands and result share it.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Edge.h"
#include "targets/evaluator/Operators.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::evaluator;

namespace {
/// An element of an operand, or the constant that surrounds it.
struct Source {
  const HostTensor *operand;
  int64_t index;
};
} // namespace

/// Fills `result` from the sources of its positions; without an operand the
/// element is `otherwise`.
static HostTensor
gather(RankedTensorType type,
       llvm::function_ref<Source(ArrayRef<int64_t> position)> sourceOf,
       double otherwise = 0.0) {
  HostTensor result(type);
  int64_t i = 0;
  forEachPosition(type.getShape(), [&](ArrayRef<int64_t> position) {
    Source source = sourceOf(position);
    if (result.isFloat()) {
      result.reals[i] =
          source.operand ? source.operand->reals[source.index] : otherwise;
    } else {
      result.integers[i] = source.operand
                               ? source.operand->integers[source.index]
                               : int64_t(otherwise);
    }
    ++i;
  });
  return result;
}

static HostTensor reshape(edge::ReshapeOp op, const HostTensor &x) {
  HostTensor result = x;
  result.type = resultType(op);
  return result;
}

static HostTensor transpose(edge::TransposeOp op, const HostTensor &x) {
  auto own = denseStrides(x.shape());
  SmallVector<int64_t> strides;
  for (int64_t source : op.getPermutation())
    strides.push_back(own[source]);
  return gather(resultType(op), [&](ArrayRef<int64_t> position) {
    return Source{&x, linearise(position, strides)};
  });
}

static HostTensor concat(edge::ConcatOp op, Operands operands) {
  int64_t axis = op.getAxis();
  return gather(resultType(op), [&](ArrayRef<int64_t> position) {
    SmallVector<int64_t> inside(position);
    const HostTensor *const *operand = operands.begin();
    while (inside[axis] >= (*operand)->shape()[axis])
      inside[axis] -= (*operand++)->shape()[axis];
    return Source{*operand,
                  linearise(inside, denseStrides((*operand)->shape()))};
  });
}

static HostTensor slice(edge::SliceOp op, const HostTensor &x) {
  auto strides = denseStrides(x.shape());
  return gather(resultType(op), [&](ArrayRef<int64_t> position) {
    int64_t index = 0;
    for (size_t d = 0; d < position.size(); ++d)
      index +=
          (op.getOffsets()[d] + position[d] * op.getStrides()[d]) * strides[d];
    return Source{&x, index};
  });
}

static HostTensor pad(edge::PadOp op, const HostTensor &x) {
  auto strides = denseStrides(x.shape());
  return gather(
      resultType(op),
      [&](ArrayRef<int64_t> position) {
        int64_t index = 0;
        for (size_t d = 0; d < position.size(); ++d) {
          int64_t inside = position[d] - op.getLow()[d];
          if (inside < 0 || inside >= x.shape()[d])
            return Source{nullptr, 0};
          index += inside * strides[d];
        }
        return Source{&x, index};
      },
      op.getValue().convertToDouble());
}

static HostTensor broadcast(edge::BroadcastOp op, const HostTensor &x) {
  auto strides = broadcastStrides(x.shape(), resultType(op).getShape());
  return gather(resultType(op), [&](ArrayRef<int64_t> position) {
    return Source{&x, linearise(position, strides)};
  });
}

Result edgec::evaluator::evaluateMove(Operation *op, Operands operands) {
  if (!isa<edge::ReshapeOp, edge::TransposeOp, edge::ConcatOp, edge::SliceOp,
           edge::PadOp, edge::BroadcastOp>(op))
    return std::nullopt;
  Type element = resultType(op).getElementType();
  for (const HostTensor *operand : operands)
    if (operand->elementType() != element)
      return undefinedOn(op, "differently quantized");
  const HostTensor &first = *operands[0];
  HostTensor result =
      llvm::TypeSwitch<Operation *, HostTensor>(op)
          .Case([&](edge::ReshapeOp op) { return reshape(op, first); })
          .Case([&](edge::TransposeOp op) { return transpose(op, first); })
          .Case([&](edge::ConcatOp op) { return concat(op, operands); })
          .Case([&](edge::SliceOp op) { return slice(op, first); })
          .Case([&](edge::PadOp op) { return pad(op, first); })
          .Case([&](edge::BroadcastOp op) { return broadcast(op, first); });
  return result;
}
