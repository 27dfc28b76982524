//===- Indexing.cpp - operators that read and write by index -------------===//
//
// Reads whose indices lie outside take the nearest element, writes are left
// out, as kernels must do.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Indexing.h"
#include "targets/evaluator/Operators.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace edgec;
using namespace edgec::evaluator;

/// Element `from` of `source` becomes element `to` of `target`.
static void copyElement(const HostTensor &source, int64_t from,
                        HostTensor &target, int64_t to) {
  if (source.isFloat())
    target.reals[to] = source.reals[from];
  else
    target.integers[to] = source.integers[from];
}

/// A negative index counts from the end.
static int64_t countFromEnd(int64_t index, int64_t size) {
  return index < 0 ? index + size : index;
}

/// What lies outside even so is clamped.
static int64_t resolveIndex(int64_t index, int64_t size) {
  return std::clamp<int64_t>(countFromEnd(index, size), 0, size - 1);
}

static int64_t elementAt(const HostTensor &tensor, ArrayRef<int64_t> position) {
  return tensor.integers[linearise(position, denseStrides(tensor.shape()))];
}

//===-- reading
//-----------------------------------------------------------===//

/// A tensor whose element at each position is the one of `x` at the position
/// that `source` computes from it.
static HostTensor
read(RankedTensorType type, const HostTensor &x,
     llvm::function_ref<SmallVector<int64_t>(ArrayRef<int64_t>)> source) {
  HostTensor result(type);
  auto strides = denseStrides(x.shape());
  int64_t i = 0;
  forEachPosition(type.getShape(), [&](ArrayRef<int64_t> position) {
    copyElement(x, linearise(source(position), strides), result, i++);
  });
  return result;
}

static HostTensor gather(edge::GatherOp op, const HostTensor &x,
                         const HostTensor &indices) {
  int64_t axis = op.getAxis();
  size_t indexRank = indices.shape().size();
  return read(resultType(op), x, [&](ArrayRef<int64_t> position) {
    int64_t index = elementAt(indices, position.slice(axis, indexRank));
    SmallVector<int64_t> from(position.take_front(axis));
    from.push_back(resolveIndex(index, x.shape()[axis]));
    llvm::append_range(from, position.drop_front(axis + indexRank));
    return from;
  });
}

static HostTensor gatherElements(edge::GatherElementsOp op, const HostTensor &x,
                                 const HostTensor &indices) {
  int64_t axis = op.getAxis();
  return read(resultType(op), x, [&](ArrayRef<int64_t> position) {
    SmallVector<int64_t> from(position);
    from[axis] = resolveIndex(elementAt(indices, position), x.shape()[axis]);
    return from;
  });
}

static HostTensor gatherNd(edge::GatherNdOp op, const HostTensor &x,
                           const HostTensor &indices) {
  int64_t batch = op.getBatchDims(), count = indices.shape().back();
  size_t outer = indices.shape().size() - 1;
  return read(resultType(op), x, [&](ArrayRef<int64_t> position) {
    SmallVector<int64_t> from(position.take_front(batch));
    SmallVector<int64_t> at(position.take_front(outer));
    at.push_back(0);
    for (; at.back() < count; ++at.back())
      from.push_back(
          resolveIndex(elementAt(indices, at), x.shape()[from.size()]));
    llvm::append_range(from, position.drop_front(outer));
    return from;
  });
}

static HostTensor reverseSequence(edge::ReverseSequenceOp op,
                                  const HostTensor &x,
                                  const HostTensor &lengths) {
  int64_t time = op.getTimeAxis();
  return read(resultType(op), x, [&](ArrayRef<int64_t> position) {
    int64_t length = lengths.integers[position[op.getBatchAxis()]];
    length = std::clamp<int64_t>(length, 0, x.shape()[time]);
    SmallVector<int64_t> from(position);
    if (from[time] < length)
      from[time] = length - 1 - from[time];
    return from;
  });
}

static HostTensor trilu(edge::TriluOp op, const HostTensor &x,
                        const HostTensor &diagonal) {
  HostTensor result(resultType(op));
  // Beyond the matrix nothing changes any more, and nothing overflows.
  int64_t bound = int64_t(1) << 41;
  int64_t k = std::clamp(diagonal.integers[0], -bound, bound), i = 0;
  forEachPosition(result.shape(), [&](ArrayRef<int64_t> position) {
    int64_t above = position.back() - position.drop_back().back();
    if (op.getUpper() ? above >= k : above <= k)
      copyElement(x, i, result, i);
    ++i;
  });
  return result;
}

static HostTensor oneHot(edge::OneHotOp op, const HostTensor &indices,
                         const HostTensor &values) {
  HostTensor result(resultType(op));
  int64_t i = 0;
  forEachPosition(result.shape(), [&](ArrayRef<int64_t> position) {
    SmallVector<int64_t> at(position);
    at.erase(at.begin() + op.getAxis());
    int64_t index = countFromEnd(elementAt(indices, at), op.getDepth());
    copyElement(values, index == position[op.getAxis()], result, i++);
  });
  return result;
}

//===-- writing
//-----------------------------------------------------------===//

/// NaN wherever one of both is.
static double combine(edge::Combine how, double old, double update) {
  bool isNaN = std::isnan(old) || std::isnan(update);
  switch (how) {
  case edge::Combine::none:
    return update;
  case edge::Combine::add:
    return old + update;
  case edge::Combine::mul:
    return old * update;
  case edge::Combine::min:
    return isNaN ? NAN : std::min(old, update);
  case edge::Combine::max:
    return isNaN ? NAN : std::max(old, update);
  }
  llvm_unreachable("all combinations are listed");
}

/// Unsigned arithmetic, which wraps.
static int64_t combine(edge::Combine how, int64_t old, int64_t update,
                       bool isUnsigned64) {
  bool less = isUnsigned64 ? uint64_t(old) < uint64_t(update) : old < update;
  switch (how) {
  case edge::Combine::none:
    return update;
  case edge::Combine::add:
    return int64_t(uint64_t(old) + uint64_t(update));
  case edge::Combine::mul:
    return int64_t(uint64_t(old) * uint64_t(update));
  case edge::Combine::min:
    return less ? old : update;
  case edge::Combine::max:
    return less ? update : old;
  }
  llvm_unreachable("all combinations are listed");
}

/// Floats are rounded after every update, as a tensor in memory is.
static void updateElement(edge::Combine how, HostTensor &result, int64_t to,
                          const HostTensor &updates, int64_t from) {
  Type element = result.elementType();
  if (auto real = dyn_cast<FloatType>(element)) {
    double &target = result.reals[to];
    target = roundTo(real, combine(how, target, updates.reals[from]));
    return;
  }
  int64_t &target = result.integers[to];
  target = wrapTo(element, combine(how, target, updates.integers[from],
                                   element.isUnsignedInteger(64)));
}

/// x as the result's first state; undefined where updates do not combine.
static std::optional<HostTensor> beginScatter(Operation *op, edge::Combine how,
                                              const HostTensor &x) {
  bool defined = how == edge::Combine::none || x.isFloat() ||
                 isa<IntegerType>(x.elementType());
  if (!defined) {
    (void)undefinedOn(op, "quantized");
    return std::nullopt;
  }
  return x;
}

static std::optional<HostTensor> scatterElements(edge::ScatterElementsOp op,
                                                 Operands operands) {
  const HostTensor &x = *operands[0], &indices = *operands[1];
  std::optional<HostTensor> result = beginScatter(op, op.getCombine(), x);
  if (!result)
    return std::nullopt;
  auto strides = denseStrides(x.shape());
  int64_t axis = op.getAxis(), size = x.shape()[axis], i = 0;
  forEachPosition(indices.shape(), [&](ArrayRef<int64_t> position) {
    SmallVector<int64_t> to(position);
    to[axis] = countFromEnd(indices.integers[i], size);
    if (to[axis] >= 0 && to[axis] < size)
      updateElement(op.getCombine(), *result, linearise(to, strides),
                    *operands[2], i);
    ++i;
  });
  return result;
}

static std::optional<HostTensor> scatterNd(edge::ScatterNdOp op,
                                           Operands operands) {
  const HostTensor &x = *operands[0], &indices = *operands[1],
                   &updates = *operands[2];
  std::optional<HostTensor> result = beginScatter(op, op.getCombine(), x);
  if (!result)
    return std::nullopt;
  auto strides = denseStrides(x.shape());
  int64_t count = indices.shape().back(), i = 0;
  size_t outer = indices.shape().size() - 1;
  forEachPosition(updates.shape(), [&](ArrayRef<int64_t> position) {
    SmallVector<int64_t> at(position.take_front(outer)), to;
    at.push_back(0);
    bool isInside = true;
    for (; at.back() < count; ++at.back()) {
      int64_t size = x.shape()[to.size()];
      to.push_back(countFromEnd(elementAt(indices, at), size));
      isInside &= to.back() >= 0 && to.back() < size;
    }
    llvm::append_range(to, position.drop_front(outer));
    if (isInside)
      updateElement(op.getCombine(), *result, linearise(to, strides), updates,
                    i);
    ++i;
  });
  return result;
}

Results edgec::evaluator::evaluateIndexing(Operation *op, Operands operands) {
  auto one = [](std::optional<HostTensor> tensor) -> Results {
    if (!tensor)
      return failure();
    std::vector<HostTensor> results;
    results.push_back(std::move(*tensor));
    return results;
  };
  auto x = [&]() -> const HostTensor & { return *operands[0]; };
  auto y = [&]() -> const HostTensor & { return *operands[1]; };
  return llvm::TypeSwitch<Operation *, Results>(op)
      .Case([&](edge::GatherOp op) { return one(gather(op, x(), y())); })
      .Case([&](edge::GatherElementsOp op) {
        return one(gatherElements(op, x(), y()));
      })
      .Case([&](edge::GatherNdOp op) { return one(gatherNd(op, x(), y())); })
      .Case([&](edge::ReverseSequenceOp op) {
        return one(reverseSequence(op, x(), y()));
      })
      .Case([&](edge::TriluOp op) { return one(trilu(op, x(), y())); })
      .Case([&](edge::OneHotOp op) { return one(oneHot(op, x(), y())); })
      .Case([&](edge::ScatterElementsOp op) {
        return one(scatterElements(op, operands));
      })
      .Case([&](edge::ScatterNdOp op) { return one(scatterNd(op, operands)); })
      .Default(Results());
}
