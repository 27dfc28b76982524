//===- Indexing.cpp - operators that read and write by index -------------===//
//
// Indices that lie outside are brought to the nearest element, as kernels must.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Indexing.h"
#include "targets/evaluator/Operators.h"
#include "llvm/ADT/TypeSwitch.h"

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

/// A negative index counts from the end; what lies outside even so is clamped.
static int64_t resolveIndex(int64_t index, int64_t size) {
  int64_t counted = index < 0 ? index + size : index;
  return std::clamp<int64_t>(counted, 0, size - 1);
}

static HostTensor gather(edge::GatherOp op, const HostTensor &x,
                         const HostTensor &indices) {
  HostTensor result(resultType(op));
  auto strides = denseStrides(x.shape());
  auto indexStrides = denseStrides(indices.shape());
  int64_t axis = op.getAxis(), i = 0;
  size_t indexRank = indices.shape().size();
  forEachPosition(result.shape(), [&](ArrayRef<int64_t> position) {
    int64_t index =
        indices
            .integers[linearise(position.slice(axis, indexRank), indexStrides)];
    SmallVector<int64_t> from(position.take_front(axis));
    from.push_back(resolveIndex(index, x.shape()[axis]));
    llvm::append_range(from, position.drop_front(axis + indexRank));
    copyElement(x, linearise(from, strides), result, i++);
  });
  return result;
}

Results edgec::evaluator::evaluateIndexing(Operation *op, Operands operands) {
  auto one = [](HostTensor tensor) -> Results {
    std::vector<HostTensor> results;
    results.push_back(std::move(tensor));
    return results;
  };
  return llvm::TypeSwitch<Operation *, Results>(op)
      .Case([&](edge::GatherOp gatherOp) {
        return one(gather(gatherOp, *operands[0], *operands[1]));
      })
      .Default(Results());
}
